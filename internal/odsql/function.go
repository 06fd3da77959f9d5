package odsql

import (
	"slices"
	"strings"
)

// functionNames are the functions of the language.
var functionNames = []string{
	"avg", "bbox", "count", "date_format", "day", "disjoint", "distance", "envelope", "geo_cluster", "geometry", "hour", "ifnull",
	"in_bbox", "intersects", "json_format", "length", "lower", "max", "median", "min", "minute", "month", "now", "percentile",
	"polygon", "random", "range", "search", "second", "startswith", "suggest", "sum", "within", "within_distance", "year",
}

// call checks a function that gives a value.
func (b *binder) call(n *node) (value, error) {
	switch n.text {
	case "length", "lower":
		return b.ofText(n)
	case "ifnull":
		return b.ifNull(n)
	case "json_format":
		return b.jsonFormat(n)
	case "now":
		return b.nowFunction(n)
	case "year", "month", "day", "hour", "minute", "second":
		return b.datePart(n)
	case "date_format":
		return b.dateFormat(n)
	case "count":
		return b.count(n)
	case "avg", "sum", "min", "max", "median", "percentile":
		return b.aggregateOf(n)
	case "range":
		g, err := b.rangeOf(n)
		if err != nil {
			return value{}, err
		}
		if !slices.ContainsFunc(b.groups, func(other group) bool { return other.key.same(g.key) }) {
			return value{}, b.wrong(n, "range() ne s'emploie que dans group_by, et dans select s'il y est aussi.")
		}
		return value{sql: g.key}, nil
	}
	return value{}, b.misplaced(n)
}

// misplaced makes the error of a function that gives no value here.
func (b *binder) misplaced(n *node) error {
	switch n.text {
	case "search", "suggest", "startswith":
		return b.wrong(n, "%s() est une condition : elle ne s'emploie que dans where.", n.text)
	case "random":
		return b.wrong(n, "random() ne s'emploie que dans order_by, comme expression entière, avec une graine : random(1).")
	case "include", "exclude":
		return b.wrong(n, "%s() ne s'emploie que dans select, sans alias.", n.text)
	case "upper":
		return b.wrong(n, "upper() n'existe pas ; comparez lower(champ) à un texte en minuscules.")
	}
	if geographic[n.text] {
		return b.geography(n)
	}
	message := "la fonction « " + shorten(n.text) + " » n'existe pas."
	if known := closestFunction(n.text); known != "" {
		message += " Vouliez-vous dire : " + known + "() ?"
	}
	return b.wrong(n, "%s", message)
}

// closestFunction returns the function that was perhaps meant.
func closestFunction(name string) string {
	best, least := "", 1+len(name)/3
	if len(name) > 40 {
		return best
	}
	for _, known := range functionNames {
		if d := distance(name, known); d < least || len(name) > 2 && strings.HasPrefix(known, name) && best == "" {
			best, least = known, d
		}
	}
	return best
}

// arity fails unless a function has this many arguments.
func (b *binder) arity(n *node, least, most int, usage string) error {
	if len(n.kids) < least || len(n.kids) > most {
		return b.wrong(n, "nombre d'arguments inattendu ; écrivez %s.", usage)
	}
	return nil
}

// ofText checks length and lower.
func (b *binder) ofText(n *node) (value, error) {
	if err := b.arity(n, 1, 1, n.text+"(texte)"); err != nil {
		return value{}, err
	}
	v, err := b.bind(n.kids[0])
	if err != nil {
		return value{}, err
	}
	if !v.text() {
		return value{}, b.wrong(n.kids[0], "%s() ne porte que sur du texte, et « %s » est de type %s.", n.text, shorten(b.raw(n.kids[0])), v.describe())
	}
	if n.text == "lower" {
		return value{typ: Text, sql: sqlf("lower(@)", v.sql)}.combine(v), nil
	}
	return value{typ: Int, sql: sqlf("length(@)", v.sql)}.combine(v), nil
}

// ifNull checks ifnull: the second where the first is null.
func (b *binder) ifNull(n *node) (value, error) {
	if err := b.arity(n, 2, 2, "ifnull(expression, autre)"); err != nil {
		return value{}, err
	}
	first, err := b.bind(n.kids[0])
	if err != nil {
		return value{}, err
	}
	second, err := b.bind(n.kids[1])
	if err != nil {
		return value{}, err
	}
	for i, v := range []value{first, second} {
		if v.multivalued() {
			return value{}, b.wrong(n.kids[i], "ifnull() ne porte pas sur un champ multivalué (%s).", v.describe())
		}
	}
	switch {
	case second.null:
		return value{typ: first.typ, null: first.null, sql: first.sql, scale: first.scale}.combine(first), nil
	case first.null:
		return value{typ: second.typ, sql: second.sql, scale: second.scale}.combine(second), nil
	}
	second = b.adapt(first, second)
	v := value{typ: first.typ, scale: max(first.scale, second.scale)}.combine(first, second)
	if first.scale == unknownScale || second.scale == unknownScale {
		v.scale = unknownScale
	}
	switch {
	case first.temporal() && second.period != nil:
		second.sql = b.literalAs(first.typ, *second.period)
	case first.typ == second.typ:
	case first.numeric() && second.numeric():
		v.typ, first.sql, second.sql = Double, double(first), double(second)
	default:
		return value{}, b.wrong(n, "les deux arguments de ifnull() sont de types différents : %s et %s.", first.describe(), second.describe())
	}
	v.sql = sqlf("coalesce(@, @)", first.sql, second.sql)
	return v, nil
}

// literalAs writes the beginning of a date literal in a type of date.
func (b *binder) literalAs(t Type, p period) fragment {
	from := p.wall(p.from, b.zone)
	switch t {
	case Month:
		return sqlf("CAST(? AS VARCHAR)", from.Format("2006-01"))
	case Date:
		return sqlf("CAST(? AS DATE)", from.Format("2006-01-02"))
	default:
		return sqlf("CAST(? AS TIMESTAMP)", timestamp(p.utc(p.from, b.zone)))
	}
}

// jsonFormat checks json_format: a text that is JSON as it is, else the fallback.
func (b *binder) jsonFormat(n *node) (value, error) {
	if err := b.arity(n, 1, 2, "json_format(champ) ou json_format(champ, \"texte\")"); err != nil {
		return value{}, err
	}
	v, err := b.bind(n.kids[0])
	if err != nil {
		return value{}, err
	}
	if !v.text() {
		return value{}, b.wrong(n.kids[0], "json_format() ne porte que sur du texte, et « %s » est de type %s.", shorten(b.raw(n.kids[0])), v.describe())
	}
	result := value{typ: Text, json: true, sql: v.sql}.combine(v)
	if len(n.kids) == 2 {
		fallback := n.kids[1]
		if fallback.op != opText && fallback.op != opNull {
			return value{}, b.unexpected(fallback.start, b.raw(fallback), "un texte entre guillemets ou NULL")
		}
		other := fragment{sql: "NULL"}
		if fallback.op == opText {
			other = sqlf("CAST(? AS VARCHAR)", fallback.text)
		}
		result.sql = sqlf("CASE WHEN @ IS NULL OR json_valid(@) THEN @ ELSE @ END", v.sql, v.sql, v.sql, other)
	}
	return result, nil
}
