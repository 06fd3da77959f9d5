package odsql_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/parvis-opendata/parvis/internal/odsql"
)

// fact is a row of the fixture, as the test's own evaluator sees it; nil is null.
type fact struct {
	id           string
	region, code *string
	n            *float64
	jour, mois   *time.Time
	tags         []string
}

func ptr[T any](v T) *T { return &v }

func day(y, m, d int) *time.Time {
	return ptr(time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC))
}

var facts = []fact{
	{"a", ptr("Bretagne"), ptr("01"), ptr(1.0), day(2023, 12, 31), day(2023, 12, 1), []string{"x", "y"}},
	{"b", ptr("Bretagne"), ptr("2A"), ptr(2.0), day(2024, 1, 1), day(2024, 1, 1), []string{"y"}},
	{"c", ptr("Normandie"), ptr("37674"), ptr(15.0), day(2024, 3, 15), day(2024, 3, 1), nil},
	{"d", ptr("Normandie"), ptr("97"), ptr(20.0), day(2024, 3, 31), day(2024, 3, 1), []string{"z"}},
	{"e", nil, ptr("974"), nil, nil, nil, nil},
	{"f", ptr("Rhône"), nil, ptr(-3.0), day(2026, 8, 29), day(2026, 8, 1), []string{}},
}

// clause is a condition with what it means.
type clause struct {
	text  string
	holds func(fact) bool
}

var operators = []string{"=", "!=", "<", ">", "<=", ">="}

// ordered tells what an operator says of a comparison.
func ordered(operator string, comparison int) bool {
	switch operator {
	case "=":
		return comparison == 0
	case "!=":
		return comparison != 0
	case "<":
		return comparison < 0
	case ">":
		return comparison > 0
	case "<=":
		return comparison <= 0
	}
	return comparison >= 0
}

func drawNumber(t *rapid.T) clause {
	operator := rapid.SampledFrom(operators).Draw(t, "operator")
	x := float64(rapid.IntRange(-8, 44).Draw(t, "x")) / 2
	return clause{fmt.Sprintf("n %s %v", operator, x), func(f fact) bool {
		return f.n != nil && ordered(operator, int(2**f.n)-int(2*x))
	}}
}

func drawText(t *rapid.T) clause {
	operator := rapid.SampledFrom(operators).Draw(t, "operator")
	x := rapid.SampledFrom([]string{"Bretagne", "Normandie", "Rhône", "bretagne", "", "O'", "\"\\"}).Draw(t, "x")
	return clause{"region " + operator + " " + odsql.Quote(x), func(f fact) bool {
		return f.region != nil && ordered(operator, strings.Compare(*f.region, x))
	}}
}

// drawDate compares a date or month with a literal of some precision, on either side.
func drawDate(t *rapid.T) clause {
	operator := rapid.SampledFrom(operators).Draw(t, "operator")
	from := time.Date(2023, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 100).Draw(t, "day"))
	layout, to := "2006-01-02", from.AddDate(0, 0, 1)
	switch rapid.IntRange(0, 2).Draw(t, "precision") {
	case 0:
		from = time.Date(from.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
		layout, to = "2006", from.AddDate(1, 0, 0)
	case 1:
		from = time.Date(from.Year(), from.Month(), 1, 0, 0, 0, 0, time.UTC)
		layout, to = "2006/01", from.AddDate(0, 1, 0)
	}
	month := rapid.Bool().Draw(t, "month")
	name := map[bool]string{false: "jour", true: "mois"}[month]
	literal := "date'" + from.Format(layout) + "'"
	text := name + operator + literal
	if rapid.Bool().Draw(t, "mirrored") {
		text = literal + strings.NewReplacer("<", ">", ">", "<").Replace(operator) + name
	}
	return clause{text, func(f fact) bool {
		v := f.jour
		if month {
			v = f.mois
		}
		if v == nil {
			return false
		}
		comparison := 0
		if v.Before(from) {
			comparison = -1
		} else if !v.Before(to) {
			comparison = 1
		}
		return ordered(operator, comparison)
	}}
}

func drawList(t *rapid.T) clause {
	codes := rapid.SliceOfN(rapid.SampledFrom([]string{"01", "37674", "97", "1", "974"}), 1, 4).Draw(t, "codes")
	return clause{"code IN (" + strings.Join(codes, ",") + ")", func(f fact) bool {
		return f.code != nil && slices.Contains(codes, *f.code)
	}}
}

func drawRange(t *rapid.T) clause {
	low, high := rapid.IntRange(-4, 21).Draw(t, "low"), rapid.IntRange(-4, 21).Draw(t, "high")
	open, shut := rapid.SampledFrom([]string{"[", "]"}).Draw(t, "open"), rapid.SampledFrom([]string{"[", "]"}).Draw(t, "shut")
	return clause{fmt.Sprintf("n IN %s%d..%d%s", open, low, high, shut), func(f fact) bool {
		if f.n == nil {
			return false
		}
		x := int(*f.n)
		return (x > low || x == low && open == "[") && (x < high || x == high && shut == "]")
	}}
}

func drawOther(t *rapid.T) clause {
	return rapid.SampledFrom([]clause{
		{"region IS NULL", func(f fact) bool { return f.region == nil }},
		{"code is not null", func(f fact) bool { return f.code != nil }},
		{`"y" IN tags`, func(f fact) bool { return slices.Contains(f.tags, "y") }},
		{`tags != "y"`, func(f fact) bool { return f.tags != nil && !slices.Contains(f.tags, "y") }},
		{`startswith(code, "97")`, func(f fact) bool { return f.code != nil && strings.HasPrefix(*f.code, "97") }},
		{`length(code)=2`, func(f fact) bool { return f.code != nil && len(*f.code) == 2 }},
		{`n = null`, func(fact) bool { return false }},
		{`ifnull(n, 7) > 6`, func(f fact) bool { return f.n == nil || *f.n > 6 }},
		{`month(mois) = 3`, func(f fact) bool { return f.mois != nil && f.mois.Month() == 3 }},
		{`region LIKE "normandie"`, func(f fact) bool { return f.region != nil && *f.region == "Normandie" }},
	}).Draw(t, "condition")
}

// drawClause makes a condition of at most some depth.
func drawClause(t *rapid.T, depth int) clause {
	kind := rapid.IntRange(0, 8).Draw(t, "kind")
	if depth == 0 {
		kind = 3 + kind%6
	}
	switch kind {
	case 0:
		inner := drawClause(t, depth-1)
		return clause{"NOT (" + inner.text + ")", func(f fact) bool { return !inner.holds(f) }}
	case 1, 2:
		left, right := drawClause(t, depth-1), drawClause(t, depth-1)
		if kind == 1 {
			return clause{"(" + left.text + ") AND (" + right.text + ")", func(f fact) bool { return left.holds(f) && right.holds(f) }}
		}
		return clause{"(" + left.text + " or " + right.text + ")", func(f fact) bool { return left.holds(f) || right.holds(f) }}
	case 3:
		return drawNumber(t)
	case 4:
		return drawText(t)
	case 5:
		return drawDate(t)
	case 6:
		return drawList(t)
	case 7:
		return drawRange(t)
	}
	return drawOther(t)
}

// TestConditionsMeanWhatTheySay compares compiled conditions with an evaluator that
// shares nothing with the package.
func TestConditionsMeanWhatTheySay(t *testing.T) {
	db := open(t)
	rapid.Check(t, func(rt *rapid.T) {
		c := drawClause(rt, 4)
		want := ""
		for _, f := range facts {
			if c.holds(f) {
				want += f.id
			}
		}
		if got := ids(t, db, odsql.Request{Where: []string{c.text}}); got != want {
			rt.Fatalf("%s: %q, want %q", c.text, got, want)
		}
	})
}
