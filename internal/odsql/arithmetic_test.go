package odsql_test

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/parvis-opendata/parvis/internal/odsql"
)

// term is an expression with its exact value, nil if it has none.
type term struct {
	text  string
	value *big.Rat
}

// drawTerm makes an expression over the row b, whose n is 2 and whose prix is 20.20.
func drawTerm(t *rapid.T, depth int) term {
	kind := rapid.IntRange(0, 9).Draw(t, "kind")
	if depth == 0 {
		kind %= 5
	}
	switch kind {
	case 0:
		return term{"n", big.NewRat(2, 1)}
	case 1:
		return term{"prix", big.NewRat(2020, 100)}
	case 2:
		x := rapid.IntRange(0, 300).Draw(t, "whole")
		return term{strconv.Itoa(x), big.NewRat(int64(x), 1)}
	case 3:
		x := rapid.IntRange(0, 3000).Draw(t, "cents")
		return term{strconv.FormatFloat(float64(x)/100, 'f', 2, 64), big.NewRat(int64(x), 100)}
	case 4:
		inner := drawTerm(t, 0)
		return term{"(-" + inner.text + ")", new(big.Rat).Neg(inner.value)}
	}
	left, right := drawTerm(t, depth-1), drawTerm(t, depth-1)
	operator := rapid.SampledFrom([]string{"+", "-", "*", "/"}).Draw(t, "operator")
	value := new(big.Rat)
	switch {
	case left.value == nil || right.value == nil, operator == "/" && right.value.Sign() == 0:
		value = nil
	case operator == "+":
		value.Add(left.value, right.value)
	case operator == "-":
		value.Sub(left.value, right.value)
	case operator == "*":
		value.Mul(left.value, right.value)
	default:
		value.Quo(left.value, right.value)
	}
	return term{"(" + left.text + operator + right.text + ")", value}
}

// TestArithmeticIsThatOfDecimals compares computed values with exact ones: what is the
// nearest floating point number to a decimal comes out as that decimal, quotients excepted.
func TestArithmeticIsThatOfDecimals(t *testing.T) {
	db := open(t)
	rapid.Check(t, func(rt *rapid.T) {
		x := drawTerm(rt, 3)
		q := compile(t, odsql.Request{Select: x.text + " as x", Where: []string{`id="b"`}})
		got := run(t, db, q.All(), 1)[0]
		if x.value == nil {
			if got != "∅" {
				rt.Fatalf("%s: %s, want null", x.text, got)
			}
			return
		}
		want, _ := x.value.Float64()
		f, err := strconv.ParseFloat(got, 64)
		if err != nil || math.Abs(f-want) > 1e-9*math.Max(1, math.Abs(want)) {
			rt.Fatalf("%s: %s, want %v", x.text, got, want)
		}
		if n, ok := new(big.Int).SetString(new(big.Rat).Mul(x.value, big.NewRat(100, 1)).RatString(), 10); ok && n.IsInt64() && len(x.text) < 16 && !strings.Contains(x.text, "/") && f != want {
			rt.Fatalf("%s: %v, want exactly %v", x.text, f, want)
		}
	})
}

// TestSumsOfEurosAreExact: the total of prices is that of their cents.
func TestSumsOfEurosAreExact(t *testing.T) {
	db := open(t)
	rapid.Check(t, func(rt *rapid.T) {
		cents := rapid.SliceOfN(rapid.Int64Range(0, 1e12), 1, 6).Draw(rt, "cents")
		if err := db.Exec(t.Context(), "DELETE FROM formations"); err != nil {
			t.Fatal(err)
		}
		total := int64(0)
		for i, c := range cents {
			if err := db.Exec(t.Context(), "INSERT INTO formations (id, prix) VALUES (?, CAST(? AS DECIMAL(18,0)) / 100)", strconv.Itoa(i), c); err != nil {
				t.Fatal(err)
			}
			total += c
		}
		for expression, factor := range map[string]int64{"sum(prix)": 1, "sum(prix*2)": 2, "sum(prix+prix)": 2, "sum(ifnull(prix, 0))": 1, "2*sum(prix)": 2} {
			q := compile(t, odsql.Request{Select: expression + " as s"})
			got := run(t, db, q.All(), 1)[0]
			f, err := strconv.ParseFloat(got, 64)
			if want := float64(factor*total) / 100; err != nil || f != want {
				rt.Fatalf("%s of %v: %s, want %v", expression, cents, got, want)
			}
		}
	})
}
