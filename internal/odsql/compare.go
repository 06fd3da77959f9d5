package odsql

import (
	"fmt"
	"strconv"
	"time"
)

// mirrored are the comparisons with their sides exchanged.
var mirrored = map[string]string{"=": "=", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}

// compare writes a comparison of two expressions.
func (b *binder) compare(n *node) (fragment, error) {
	left, err := b.bind(n.kids[0])
	if err != nil {
		return never, err
	}
	right, err := b.bind(n.kids[1])
	if err != nil {
		return never, err
	}
	operator := n.text
	if left.lit != nil && right.lit == nil {
		left, right, operator = right, left, mirrored[operator]
	}
	return b.relate(n, operator, left, right)
}

// relate writes a comparison of two values; a literal is on the right. What it writes
// may be null where the comparison is false.
func (b *binder) relate(n *node, operator string, left, right value) (fragment, error) {
	if left.null || right.null {
		return never, nil
	}
	right = b.adapt(left, right)
	equality := operator == "=" || operator == "!="
	plain := fragment{sql: " " + operator + " "}
	switch {
	case left.multivalued() && right.text() && right.lit != nil && equality:
		in := sqlf("list_contains(@, @)", left.sql, right.sql)
		if operator == "!=" {
			in = sqlf("(NOT @)", in)
		}
		return in, nil
	case left.temporal() && right.period != nil:
		if left.lit == nil {
			return b.during(operator, left, *right.period), nil
		}
		return sqlf("(@@@)", b.wall(left), plain, b.wall(right)), nil
	case left.temporal() && right.temporal():
		return sqlf("(@@@)", b.wall(left), plain, b.wall(right)), nil
	case left.numeric() && right.numeric(), left.text() && right.text(), left.typ == Bool && right.typ == Bool && equality:
		return sqlf("(@@@)", left.sql, plain, right.sql), nil
	}
	return never, b.mismatch(n, left, right)
}

// adapt reads a literal as the type of what it is compared with: a number, for a code, as
// the text that it is written as.
func (b *binder) adapt(left, right value) value {
	if right.lit == nil {
		return right
	}
	switch {
	case right.lit.op == opNumber && left.field != nil && left.field.Code && left.typ == Text:
		return value{typ: Text, sql: sqlf("CAST(? AS VARCHAR)", right.lit.text), lit: right.lit}
	case right.lit.op == opNumber && (left.typ == Decimal || left.typ == Double) && right.typ == Int:
		x, err := strconv.ParseFloat(right.lit.text, 64)
		if err == nil {
			right.sql = sqlf("CAST(? AS DOUBLE)", x)
		}
	case right.lit.op == opText && left.temporal():
		if p, ok := parsePeriod(right.lit.text); ok {
			return b.constant(right.lit, p)
		}
	}
	return right
}

// mismatch makes the error of a comparison between two types.
func (b *binder) mismatch(n *node, left, right value) error {
	advice := ""
	switch {
	case left.typ == Text && right.typ == Int, left.typ == Text && right.typ == Double:
		advice = " Mettez la valeur entre guillemets."
	case left.numeric() && right.typ == Text && right.lit != nil:
		advice = " Écrivez le nombre sans guillemets."
	case left.temporal():
		advice = " Écrivez une date, par exemple date'2024' ou date'2024-03-31', ou comparez year(champ) à un nombre."
	}
	what := "l'expression"
	if left.field != nil {
		what = fmt.Sprintf("le champ « %s »", left.field.Name)
	}
	e := b.fail(CodeTypes, n.start, b.raw(n), "%s (%s) ne se compare pas ainsi à une valeur de type %s.%s", what, left.describe(), right.describe(), advice)
	e.Expected = left.describe()
	return e
}

// during compares a date with a period, the whole of which the literal covers.
func (b *binder) during(operator string, v value, p period) fragment {
	from, to := p.from, p.to
	since := func(t time.Time) fragment { return b.side(v, p, t, true) }
	before := func(t time.Time) fragment { return b.side(v, p, t, false) }
	switch operator {
	case "=":
		return sqlf("(@ AND @)", since(from), before(to))
	case "!=":
		return sqlf("(@ OR @)", before(from), since(to))
	case ">":
		return since(to)
	case ">=":
		return since(from)
	case "<":
		return before(from)
	default:
		return before(to)
	}
}

// side writes that a date is at a bound or later, or that it is before.
func (b *binder) side(v value, p period, bound time.Time, later bool) fragment {
	operator := fragment{sql: " < "}
	if later {
		operator.sql = " >= "
	}
	if v.typ == DateTime {
		return sqlf("(@@CAST(? AS TIMESTAMP))", v.sql, operator, timestamp(p.utc(bound, b.zone)))
	}
	t := p.wall(bound, b.zone)
	switch {
	case v.typ == Date && midnight(t):
		return sqlf("(@@CAST(? AS DATE))", v.sql, operator, t.Format(time.DateOnly))
	case v.typ == Date:
		return sqlf("(CAST(@ AS TIMESTAMP)@CAST(? AS TIMESTAMP))", v.sql, operator, timestamp(t))
	}
	// A month is its first day: it is at the bound or later if it is a later month, or
	// the same one when the bound is that day.
	switch first := t.Day() == 1 && midnight(t); {
	case !first && later:
		operator.sql = " > "
	case !first:
		operator.sql = " <= "
	}
	return sqlf("(@@CAST(? AS VARCHAR))", v.sql, operator, t.Format("2006-01"))
}

// among writes that a value is one of a list.
func (b *binder) among(n *node) (fragment, error) {
	left, err := b.bind(n.kids[0])
	if err != nil {
		return never, err
	}
	var plain, other []fragment
	for _, k := range n.kids[1:] {
		right, err := b.bind(k)
		if err != nil {
			return never, err
		}
		f, err := b.relate(n, "=", left, right)
		if err != nil {
			return never, err
		}
		right = b.adapt(left, right)
		if right.null || right.period != nil || left.multivalued() {
			other = append(other, f)
		} else {
			plain = append(plain, right.sql)
		}
	}
	if len(plain) > 0 {
		other = append(other, sqlf("(@ IN (@))", left.sql, list(", ", plain...)))
	}
	return anyOf(other), nil
}

// between writes that a value is in a range.
func (b *binder) between(n *node) (fragment, error) {
	var v [3]value
	for i := range v {
		var err error
		if v[i], err = b.bind(n.kids[i]); err != nil {
			return never, err
		}
	}
	low, high := ">=", "<="
	if n.text[0] == ']' {
		low = ">"
	}
	if n.text[1] == '[' {
		high = "<"
	}
	from, err := b.relate(n, low, v[0], v[1])
	if err != nil {
		return never, err
	}
	to, err := b.relate(n, high, v[0], v[2])
	return allOf([]fragment{from, to}), err
}
