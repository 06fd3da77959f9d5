package odsql

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// bound is a bound of a range, as it is compared and as the key of a group shows it.
type bound struct {
	open   bool // *
	number float64
	period *period
	shown  string
}

// rangeOf checks range(field, …): bounds, or a width.
func (b *binder) rangeOf(n *node) (group, error) {
	if len(n.kids) < 2 {
		return group{}, b.wrong(n, "écrivez range(champ, *, 10, 20, *), range(champ, 5) ou range(date, 1 month).")
	}
	v, err := b.expression(n.kids[0])
	if err != nil {
		return group{}, err
	}
	if v.null || !v.numeric() && !v.temporal() || v.aggregate {
		return group{}, b.wrong(n.kids[0], "range() ne porte que sur un nombre ou une date, et « %s » est de type %s.", shorten(b.raw(n.kids[0])), v.describe())
	}
	rest := n.kids[1:]
	if len(rest) == 1 {
		switch {
		case rest[0].op == opInterval && v.temporal():
			return b.steps(v, rest[0])
		case rest[0].op == opNumber && v.numeric():
			return b.widths(v, rest[0])
		case rest[0].op == opNumber:
			return group{}, b.wrong(rest[0], "la largeur d'un intervalle de dates a une unité : range(date, 1 month).")
		}
	}
	bounds, err := b.bounds(v, rest)
	if err != nil {
		return group{}, err
	}
	return b.brackets(v, bounds), nil
}

// bounds reads the bounds of static ranges. Brackets may stand around them; one that
// opens outwards is a bound without limit.
func (b *binder) bounds(v value, nodes []*node) ([]bound, error) {
	var all []bound
	for i, k := range nodes {
		last := i == len(nodes)-1
		switch {
		case k.op == opBracket && i != 0 && !last:
			return nil, b.unexpected(k.start, k.text, "une borne")
		case k.op == opBracket && (i == 0 && k.text == "]" || last && k.text == "["):
			all = append(all, bound{open: true, shown: "*"})
		case k.op == opBracket:
		case k.op == opStar:
			all = append(all, bound{open: true, shown: "*"})
		default:
			one, err := b.bound(v, k)
			if err != nil {
				return nil, err
			}
			all = append(all, one)
		}
	}
	if len(all) < 2 || len(all) > maxChain {
		return nil, b.wrong(nodes[0], "range() attend de deux à %d bornes.", maxChain)
	}
	for i := range all {
		if all[i].open && i != 0 && i != len(all)-1 || i > 0 && !all[i].open && !all[i-1].open && !all[i-1].before(all[i]) {
			return nil, b.wrong(nodes[0], "les bornes de range() vont en croissant, et * n'est que la première ou la dernière.")
		}
	}
	if len(all) == 2 && all[0].open && all[1].open {
		return nil, b.wrong(nodes[0], "range() attend au moins une borne qui n'est pas *.")
	}
	return all, nil
}

func (x bound) before(y bound) bool {
	if x.period != nil && y.period != nil {
		return x.period.from.Before(y.period.from)
	}
	return x.number < y.number
}

// bound reads one bound.
func (b *binder) bound(v value, n *node) (bound, error) {
	if v.temporal() && (n.op == opDate || n.op == opText) {
		if p, ok := parsePeriod(n.text); ok {
			return bound{period: &p, shown: p.utc(p.from, b.zoneOf(v)).Format("2006-01-02T15:04:05.000Z")}, nil
		}
	}
	if v.numeric() && n.op == opNumber {
		if x, err := strconv.ParseFloat(n.text, 64); err == nil {
			return bound{number: x, shown: showNumber(x, v.typ == Int && !strings.Contains(n.text, "."))}, nil
		}
	}
	want := "un nombre"
	if v.temporal() {
		want = "une date, par exemple date'2024-03'"
	}
	return bound{}, b.unexpected(n.start, b.raw(n), want)
}

// zoneOf is the zone in which bounds of a date are read: days have none.
func (b *binder) zoneOf(v value) *time.Location {
	if v.typ == DateTime {
		return b.zone
	}
	return time.UTC
}

// showNumber writes a bound: whole as it is, else with a decimal part.
func showNumber(x float64, whole bool) string {
	if whole {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	text := strconv.FormatFloat(x, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// brackets makes the groups between bounds: the lower one is in, the upper one is not.
// Rows outside of all are left out, those without value are a group.
func (b *binder) brackets(v value, bounds []bound) group {
	var cases, labels []fragment
	for i := range len(bounds) - 1 {
		low, high := bounds[i], bounds[i+1]
		var in []fragment
		if !low.open {
			in = append(in, b.beyond(v, low, true))
		}
		if !high.open {
			in = append(in, b.beyond(v, high, false))
		}
		index := strconv.Itoa(i)
		cases = append(cases, sqlf("WHEN @ THEN "+index, allOf(in)))
		labels = append(labels, sqlf("WHEN "+index+" THEN CAST(? AS VARCHAR)", "["+low.shown+", "+high.shown+"["))
	}
	g := group{key: sqlf("CASE @ END", list(" ", cases...))}
	g.typ, g.cast = Text, "BIGINT"
	g.keep = sqlf("(@ IS NULL OR @ IS NOT NULL)", v.sql, g.key)
	g.shown = func(ref fragment) fragment { return sqlf("CASE @ @ END", ref, list(" ", labels...)) }
	return g
}

// beyond writes that a value is at a bound or later, or that it is before.
func (b *binder) beyond(v value, x bound, later bool) fragment {
	if x.period != nil {
		return b.side(v, *x.period, x.period.from, later)
	}
	if later {
		return sqlf("(@ >= CAST(? AS DOUBLE))", v.sql, x.number)
	}
	return sqlf("(@ < CAST(? AS DOUBLE))", v.sql, x.number)
}

// widths makes groups of equal widths of a number.
func (b *binder) widths(v value, n *node) (group, error) {
	width, err := strconv.ParseFloat(n.text, 64)
	if err != nil || width <= 0 || math.IsInf(width, 0) {
		return group{}, b.wrong(n, "la largeur d'un intervalle est un nombre positif.")
	}
	_, decimals, _ := strings.Cut(n.text, ".")
	whole := v.typ == Int && decimals == ""
	scale := strconv.Itoa(min(len(decimals), 9))
	at := func(ref fragment, next int) fragment {
		x := sqlf("round((CAST(@ AS DOUBLE) + "+strconv.Itoa(next)+") * ?, "+scale+")", ref, width)
		if whole {
			x = sqlf("TRY_CAST(@ AS BIGINT)", x)
		}
		return sqlf("CAST(@ AS VARCHAR)", x)
	}
	g := group{key: sqlf("TRY_CAST(floor(@ / ?) AS BIGINT)", double(v), width)}
	g.typ, g.cast = Text, "BIGINT"
	g.shown = func(ref fragment) fragment {
		return sqlf("('[' || @ || ', ' || @ || '[')", at(ref, 0), at(ref, 1))
	}
	return g, nil
}

// unit is a unit of time: fixed ones have a length, the others a name and what to add
// to the beginning of one for that of the next.
type unit struct {
	length     time.Duration
	trunc, add string
}

// unitOf returns the unit of a name; m are minutes, M months.
func unitOf(name string) (unit, bool) {
	for _, u := range []struct {
		names string
		unit  unit
	}{
		{"ms millisecond milliseconds", unit{length: time.Millisecond}},
		{"s second seconds", unit{length: time.Second}},
		{"m minute minutes", unit{length: time.Minute}},
		{"h hour hours", unit{length: time.Hour}},
		{"d day days", unit{length: 24 * time.Hour}},
		{"w week weeks", unit{trunc: "week", add: "INTERVAL 7 DAY"}},
		{"M month months", unit{trunc: "month", add: "INTERVAL 1 MONTH"}},
		{"q quarter quarters", unit{trunc: "quarter", add: "INTERVAL 3 MONTH"}},
		{"y year years", unit{trunc: "year", add: "INTERVAL 1 YEAR"}},
	} {
		for known := range strings.FieldsSeq(u.names) {
			if name == known || len(known) > 2 && strings.EqualFold(name, known) {
				return u.unit, true
			}
		}
	}
	return unit{}, false
}

// steps makes groups of equal widths of a date.
func (b *binder) steps(v value, n *node) (group, error) {
	u, ok := unitOf(n.text)
	if !ok {
		return group{}, b.wrong(n, "« %s » n'est pas une unité de temps ; les unités sont ms, s, m (minute), h, d, w, M (mois), q, y, ou leur nom anglais entier.", shorten(n.text))
	}
	count, err := strconv.ParseInt(n.kids[0].text, 10, 32)
	if err != nil || count < 1 {
		return group{}, b.wrong(n, "la largeur d'un intervalle de dates est un nombre entier positif.")
	}
	g := group{}
	g.typ, g.cast = Text, "TIMESTAMP"
	var next func(ref fragment) fragment
	if u.trunc != "" {
		if count != 1 {
			return group{}, b.wrong(n, "les semaines, mois, trimestres et années ne se groupent que par un : 1 %s.", u.trunc)
		}
		g.key = sqlf("CAST(date_trunc('"+u.trunc+"', @) AS TIMESTAMP)", b.wall(v))
		next = func(ref fragment) fragment { return sqlf("(@ + "+u.add+")", ref) }
	} else {
		if count > int64(100*365*24*time.Hour/u.length) {
			return group{}, b.wrong(n, "la largeur d'un intervalle de dates est de cent ans au plus.")
		}
		width := count * u.length.Microseconds()
		at := sqlf("epoch_us(@)", b.wall(v))
		g.key = sqlf("make_timestamp(@ - ((@ % ?) + ?) % ?)", at, at, width, width, width)
		next = func(ref fragment) fragment { return sqlf("make_timestamp(epoch_us(@) + ?)", ref, width) }
	}
	show := func(at fragment) fragment {
		if v.typ == DateTime && b.zone.String() != "UTC" {
			at = sqlf("timezone('UTC', timezone(?, @))", b.zone.String(), at)
		}
		return sqlf("strftime(@, '%Y-%m-%dT%H:%M:%S.%gZ')", at)
	}
	g.shown = func(ref fragment) fragment {
		return sqlf("('[' || @ || ', ' || @ || '[')", show(ref), show(next(ref)))
	}
	return g, nil
}
