package odsql

import (
	"strconv"
)

// allowed fails where there can be no aggregate.
func (b *binder) allowed(n *node) error {
	if !b.aggregates {
		return b.wrong(n, "%s() est un agrégat : il ne s'emploie que dans select, et dans order_by avec group_by ; « HAVING » n'existe pas.", n.text)
	}
	if b.inside {
		return b.wrong(n, "un agrégat ne contient pas d'autre agrégat.")
	}
	return nil
}

// argument checks the argument of an aggregate.
func (b *binder) argument(n, argument *node) (value, error) {
	if err := b.allowed(n); err != nil {
		return value{}, err
	}
	b.inside = true
	v, err := b.bind(argument)
	b.inside = false
	if err == nil && v.aggregate {
		err = b.wrong(n, "un agrégat ne contient pas d'autre agrégat.")
	}
	return v, err
}

// count checks count(*), count(x) and count(distinct x).
func (b *binder) count(n *node) (value, error) {
	if err := b.arity(n, 1, 1, "count(*), count(champ) ou count(distinct champ)"); err != nil {
		return value{}, err
	}
	result := value{typ: Int, aggregate: true}
	if n.kids[0].op == opStar {
		if n.flag {
			return value{}, b.unexpected(n.kids[0].start, "*", "un champ")
		}
		result.sql = fragment{sql: "count(*)"}
		return result, b.allowed(n)
	}
	v, err := b.argument(n, n.kids[0])
	if err != nil {
		return value{}, err
	}
	result.sql = sqlf("count(@)", v.sql)
	if n.flag {
		result.sql = sqlf("count(DISTINCT @)", v.sql)
	}
	return result, nil
}

// exact is the type in which computed numbers are added up: sums of floating point
// would depend on the order of the rows.
const exact = "TRY_CAST(@ AS DECIMAL(30,6))"

// aggregateOf checks the aggregates of numbers and dates.
func (b *binder) aggregateOf(n *node) (value, error) {
	most := 1
	if n.text == "percentile" {
		most = 2
	}
	if err := b.arity(n, most, most, map[int]string{1: n.text + "(champ)", 2: "percentile(champ, 50)"}[most]); err != nil {
		return value{}, err
	}
	v, err := b.argument(n, n.kids[0])
	if err != nil {
		return value{}, err
	}
	dates := n.text == "min" || n.text == "max" || n.text == "avg"
	if !v.numeric() && (!v.temporal() || !dates) {
		wanted := "des nombres"
		if dates {
			wanted += " ou des dates"
		}
		return value{}, b.wrong(n.kids[0], "%s() ne porte que sur %s, et « %s » est de type %s.", n.text, wanted, shorten(b.raw(n.kids[0])), v.describe())
	}
	result := value{typ: Double, aggregate: true, scale: unknownScale}
	switch n.text {
	case "min", "max":
		result.typ, result.scale, result.sql = v.typ, v.scale, sqlf(n.text+"(@)", v.sql)
	case "avg":
		return b.average(v, result), nil
	case "sum":
		return total(v, result), nil
	case "median":
		result.sql = sqlf("quantile_cont(@, 0.5)", double(v))
	default:
		share, err := b.share(n.kids[1])
		if err != nil {
			return value{}, err
		}
		result.sql = sqlf("quantile_cont(@, ?)", double(v), share)
	}
	return result, nil
}

// share reads the percentage of percentile() as a share.
func (b *binder) share(n *node) (float64, error) {
	if n.op != opNumber {
		return 0, b.unexpected(n.start, b.raw(n), "un nombre de 0 à 100")
	}
	x, err := strconv.ParseFloat(n.text, 64)
	if err != nil || x < 0 || x > 100 {
		return 0, b.wrong(n, "le centile va de 0 à 100, et « %s » est hors de ces bornes.", shorten(n.text))
	}
	return x / 100, nil
}

func (b *binder) average(v, result value) value {
	switch {
	case v.typ == Double:
		result.sql = sqlf("avg("+exact+")", v.sql)
	case v.numeric():
		result.sql = sqlf("avg(@)", v.sql)
	default:
		instant := v.sql
		if v.typ != DateTime {
			instant = b.wall(v)
		}
		result.typ, result.sql = DateTime, sqlf("make_timestamp(CAST(avg(epoch_us(@)) AS BIGINT))", instant)
	}
	return result
}

func total(v, result value) value {
	switch v.typ {
	case Int:
		result.typ, result.scale, result.sql = Int, 0, sqlf("TRY_CAST(sum(@) AS BIGINT)", v.sql)
	case Decimal:
		result.typ, result.scale, result.sql = Decimal, v.scale, sqlf("sum(@)", v.sql)
	default:
		result.scale, result.sql = v.scale, sqlf("CAST(sum("+exact+") AS DOUBLE)", v.sql)
		if v.scale != unknownScale { // the engine's conversion is off by the last bit
			result.sql = sqlf("round(@, "+strconv.Itoa(v.scale)+")", result.sql)
		}
	}
	return result
}
