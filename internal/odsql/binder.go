package odsql

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// binder checks the trees of one request against the schema and writes them as SQL.
type binder struct {
	schema *Schema
	words  Vocabulary
	lang   string
	zone   *time.Location
	now    time.Time
	// instant tells that now() was read.
	instant bool
	clause
	// groups are the expressions of group_by.
	groups []group
	// names are the aliases that the clause may use.
	names map[string]value
	// aggregates are allowed in the clause; inside tells when one is being read.
	aggregates, inside bool
	// conditions counts those of the whole request.
	conditions int
}

// group is one expression of group_by. It is computed as a column of the rows, which
// the rest of the statement refers to.
type group struct {
	value
	// name is its key in the answer; aliased tells that the request gave it.
	name    string
	aliased bool
	// key is the expression over a row; keep, if there is one, a condition on the rows
	// that are in a group at all.
	key, keep fragment
	// shown writes what the answer has from the column that holds the key; nil when that
	// is the key itself.
	shown func(ref fragment) fragment
}

// raw returns the source of a node.
func (b *binder) raw(n *node) string { return b.src[n.start:n.end] }

// wrong makes an ODSQLError about a node.
func (b *binder) wrong(n *node, format string, args ...any) error {
	return b.fail(CodeQuery, n.start, b.raw(n), format, args...)
}

// bind checks an expression that gives a value.
func (b *binder) bind(n *node) (value, error) {
	v, err := b.expression(n)
	if err != nil || b.inside {
		return v, err
	}
	for _, g := range b.groups {
		if g.key.same(v.sql) {
			return g.value, nil
		}
	}
	return v, nil
}

func (b *binder) expression(n *node) (value, error) {
	switch n.op {
	case opName:
		return b.name(n)
	case opText:
		return value{typ: Text, sql: sqlf("CAST(? AS VARCHAR)", n.text), lit: n}, nil
	case opNumber:
		return b.number(n)
	case opDate:
		p, ok := parsePeriod(n.text)
		if !ok {
			return value{}, b.wrong(n, "« %s » n'est pas une date ; écrivez date'2024', date'2024-03', date'2024-03-31' ou date'2024-03-31T08:00'.", shorten(n.text))
		}
		return b.constant(n, p), nil
	case opBool:
		if n.flag {
			return value{typ: Bool, sql: always, lit: n}, nil
		}
		return value{typ: Bool, sql: never, lit: n}, nil
	case opNull:
		return value{null: true, sql: fragment{sql: "NULL"}, lit: n}, nil
	case opSum, opProduct:
		return b.arithmetic(n)
	case opMinus:
		zero := &node{op: opNumber, text: "0", start: n.start, end: n.start}
		return b.arithmetic(join(opSum, "-", zero, n.kids[0]))
	case opCall:
		return b.call(n)
	case opGeometry:
		return value{}, b.wrong(n, "une géométrie ne s'emploie que dans une fonction géographique.")
	case opStar, opBracket, opInterval:
		return value{}, b.unexpected(n.start, b.raw(n), "un champ, une valeur ou une fonction")
	default:
		return value{}, b.wrong(n, "une condition ne s'emploie que dans where.")
	}
}

// name finds what a name means here: an alias of the request or a field.
func (b *binder) name(n *node) (value, error) {
	if v, ok := b.names[n.text]; ok {
		return v, nil
	}
	f, ok := b.schema.find(n.text)
	if !ok {
		return value{}, b.wrong(n, "%s", b.schema.unknown(n.text))
	}
	return fieldValue(f), nil
}

func fieldValue(f *Field) value {
	v := value{typ: f.Type, sql: ident(f.Name), field: f, loose: f}
	if f.Type == Decimal {
		v.scale = 2
	}
	if f.Type == Double {
		v.scale = unknownScale
	}
	return v
}

// number reads a number: whole ones as integers if they are not too large.
func (b *binder) number(n *node) (value, error) {
	if i, err := strconv.ParseInt(n.text, 10, 64); err == nil && i > -1<<53 && i < 1<<53 {
		return value{typ: Int, sql: sqlf("CAST(? AS BIGINT)", i), lit: n}, nil
	}
	x, err := strconv.ParseFloat(n.text, 64)
	if err != nil || math.IsInf(x, 0) {
		return value{}, b.wrong(n, "ce nombre est trop grand.")
	}
	_, decimals, _ := strings.Cut(n.text, ".")
	return value{typ: Double, sql: sqlf("CAST(? AS DOUBLE)", x), lit: n, scale: len(decimals)}, nil
}

// constant makes the value of a date literal: its beginning.
func (b *binder) constant(n *node, p period) value {
	v := value{typ: DateTime, sql: sqlf("CAST(? AS TIMESTAMP)", timestamp(p.utc(p.from, b.zone))), lit: n, period: &p}
	if !p.fixed && midnight(p.from) && midnight(p.to) {
		v.typ, v.sql = Date, sqlf("CAST(? AS DATE)", p.from.Format(time.DateOnly))
	}
	return v
}

// maxScale is how many digits after the point computed numbers keep.
const maxScale = 6

// arithmetic computes in floating point and rounds to the digits that the result can
// have, so that sums of euros are exact.
func (b *binder) arithmetic(n *node) (value, error) {
	left, err := b.bind(n.kids[0])
	if err != nil {
		return value{}, err
	}
	right, err := b.bind(n.kids[1])
	if err != nil {
		return value{}, err
	}
	for i, v := range []value{left, right} {
		if !v.numeric() && !v.null {
			return value{}, b.wrong(n.kids[i], "« %s » ne porte que sur des nombres, et « %s » est de type %s.", n.text, shorten(b.raw(n.kids[i])), v.describe())
		}
	}
	scale := max(left.scale, right.scale)
	if n.text == "*" {
		scale = left.scale + right.scale
	}
	if n.text == "/" || left.scale == unknownScale || right.scale == unknownScale || scale > maxScale {
		scale = unknownScale
	}
	format := map[string]string{
		"+": "(@ + @)", "-": "(@ - @)", "*": "(@ * @)", "/": "(@ / nullif(@, 0))",
	}[n.text]
	v := value{typ: Double, sql: sqlf(format, double(left), double(right)), scale: scale}
	switch {
	case scale == 0 && left.typ == Int && right.typ == Int:
		v.typ, v.sql = Int, sqlf("TRY_CAST(@ AS BIGINT)", v.sql)
	case scale > 0:
		v.sql = sqlf("round(@, "+strconv.Itoa(scale)+")", v.sql)
	}
	return v.combine(left, right), nil
}

// double writes a number as floating point.
func double(v value) fragment { return sqlf("CAST(@ AS DOUBLE)", v.sql) }

// wall writes a date as the timestamp that a clock of the zone shows.
func (b *binder) wall(v value) fragment {
	switch {
	case v.typ == Month:
		return sqlf("CAST(TRY_CAST(@ || '-01' AS DATE) AS TIMESTAMP)", v.sql)
	case v.typ == DateTime && b.zone.String() != "UTC":
		return sqlf("timezone(?, timezone('UTC', CAST(@ AS TIMESTAMP)))", b.zone.String(), v.sql)
	}
	return sqlf("CAST(@ AS TIMESTAMP)", v.sql)
}
