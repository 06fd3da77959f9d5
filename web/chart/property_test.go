package chart

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// value draws any: secret, absent, zero, small, huge, below zero.
func value(least float64) *rapid.Generator[Value] {
	return rapid.Custom(func(t *rapid.T) Value {
		switch rapid.IntRange(0, 6).Draw(t, "kind") {
		case 0:
			return Secret()
		case 1:
			return Absent()
		case 2:
			return Known(0)
		case 3:
			return Known(rapid.Float64Range(max(least, -1e15), 1e15).Draw(t, "huge"))
		case 4:
			return Known(rapid.Float64Range(0, 1e-9).Draw(t, "tiny"))
		default:
			return Known(rapid.Float64Range(max(least, -1000), 1e6).Draw(t, "number"))
		}
	})
}

func label() *rapid.Generator[string] {
	return rapid.OneOf(rapid.String(), rapid.StringMatching(`[A-Za-zéÉ' ,-]{0,90}`), rapid.SampledFrom([]string{"", "janv. 2026", "T3 2025", "2026", "<script>&\"'", "mot-très-long-sans-espace-" + strings.Repeat("x", 80)}))
}

func figure() *rapid.Generator[Figure] {
	return rapid.Custom(func(t *rapid.T) Figure {
		return Figure{label().Draw(t, "title"), label().Draw(t, "description"), rapid.SampledFrom([]string{"", "€", "%", "h", "entrées en formation"}).Draw(t, "unit"),
			rapid.IntRange(-1, 8).Draw(t, "decimals"), label().Draw(t, "note"), label().Draw(t, "source")}
	})
}

// manySeries draws series, and as many labels as any has values, or not.
func manySeries(t *rapid.T, least float64) (labels []string, all []Series) {
	labels = rapid.SliceOfN(label(), 0, 40).Draw(t, "labels")
	for range rapid.IntRange(0, 9).Draw(t, "series") {
		all = append(all, Series{label().Draw(t, "name"), rapid.SliceOfN(value(least), 0, 40).Draw(t, "values")})
	}
	return labels, all
}

// anything draws a chart of any kind.
func anything(t *rapid.T) Chart {
	f := figure().Draw(t, "figure")
	points := func() []Point {
		var out []Point
		for _, l := range rapid.SliceOfN(label(), 0, 30).Draw(t, "labels") {
			out = append(out, Point{l, value(-1e15).Draw(t, "value")})
		}
		return out
	}
	switch rapid.IntRange(0, 7).Draw(t, "chart") {
	case 0:
		return Bars{f, "Libellé", points()}
	case 1:
		return Columns{f, "Période", points()}
	case 2:
		labels, all := manySeries(t, -1e15)
		return Lines{f, "Période", labels, all}
	case 3:
		labels, all := manySeries(t, -5)
		return Stacked{f, "Libellé", labels, all, rapid.Bool().Draw(t, "share"), rapid.Bool().Draw(t, "upright")}
	case 4:
		var areas []Area
		for range rapid.IntRange(0, 20).Draw(t, "areas") {
			areas = append(areas, Area{Name: label().Draw(t, "name"), Code: rapid.SampledFrom([]string{"01", "2A", "75", "971", "975", "<b>", "zzzzzzzzzzzzz"}).Draw(t, "code"), Value: value(-1e15).Draw(t, "value")})
		}
		return Departements{f, areas}
	case 5:
		labels, all := manySeries(t, -1e15)
		all = append(all, Series{}, Series{})
		return Pyramid{f, "Âge", labels, all[0], all[1]}
	case 6:
		var rows []Range
		for _, l := range rapid.SliceOfN(label(), 0, 12).Draw(t, "labels") {
			v := rapid.SliceOfN(value(-1e15), 5, 5).Draw(t, "values")
			rows = append(rows, Range{l, v[0], v[1], v[2], v[3], v[4]})
		}
		return Spread{f, "Libellé", rows}
	default:
		labels, all := manySeries(t, -1e15)
		return Matrix{f, "Libellé", labels, all}
	}
}

func TestAnythingIsDrawnInsideAndWellFormed(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		check(tb{t, r}, anything(r), rapid.IntRange(-5, 1600).Draw(r, "width"))
	})
}

// tb fails within a property.
type tb struct {
	testing.TB
	r *rapid.T
}

func (t tb) Helper()                      {}
func (t tb) Errorf(f string, args ...any) { t.r.Errorf(f, args...) }
func (t tb) Fatalf(f string, args ...any) { t.r.Fatalf(f, args...) }

// TestNoTotalOrShareBesideASecret: either could be turned into the secret, beside a total
// that is published elsewhere.
func TestNoTotalOrShareBesideASecret(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		// No sum of the two is on an axis.
		a, b := float64(rapid.IntRange(10, 99).Draw(r, "a")*100+37), float64(rapid.IntRange(10, 99).Draw(r, "b")*100+11)
		parts := []Series{{"Un", []Value{Known(a)}}, {"Deux", []Value{Known(b)}}, {"Trois", []Value{Secret()}}}
		for _, share := range []bool{false, true} {
			for _, upright := range []bool{false, true} {
				c := Stacked{Figure: Figure{Unit: "€"}, Labels: []string{"Tous"}, Parts: parts, Share: share, Upright: upright}
				text := string(Inline(c, "a", 1200))
				if total := c.exact(Known(a + b)); strings.Contains(text, total) {
					r.Errorf("total %s is said", total)
				}
				if !strings.Contains(text, secretWord) {
					r.Error("nothing is said of the secret")
				}
				painted := 0
				for _, m := range body(c, 1200).marks {
					if m.fill == series(0) {
						painted++
					}
				}
				if share && painted != 1 {
					r.Error("a share is drawn, not in the legend only")
				}
			}
		}
	})
}

// TestTablesHaveAllData: each value is in the table as it is, and no other number is.
func TestTablesHaveAllData(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f := figure().Draw(r, "figure")
		labels, all := manySeries(r, -1e15)
		charts := []Chart{Lines{f, "P", labels, all}, Matrix{f, "P", labels, all}, Stacked{Figure: f, Label: "P", Labels: labels, Parts: all}}
		if len(all) == 2 {
			charts = append(charts, Pyramid{f, "P", labels, all[0], all[1]})
		}
		for _, c := range charts {
			table := c.Table()
			if len(table.Rows) != len(labels) {
				r.Fatalf("%d rows for %d labels", len(table.Rows), len(labels))
			}
			for i, row := range table.Rows {
				want := []string{labels[i]}
				for _, s := range all {
					want = append(want, f.exact(s.at(i)))
				}
				if fmt.Sprint(row) != fmt.Sprint(want) {
					r.Errorf("row %v, want %v", row, want)
				}
			}
		}
	})
}

// TestASecretHasOneFace: a secret holds no number, and none is written for it.
func TestASecretHasOneFace(t *testing.T) {
	if Secret() != (Value{state: secret}) || Secret().known() || Secret().number != 0 {
		t.Error("a secret holds a number")
	}
	c := Columns{Figure{Title: "t"}, "P", []Point{{"a", Secret()}, {"b", Secret()}}}
	for _, m := range body(c, 600).marks {
		if strings.ContainsAny(m.text, "123456789") {
			t.Errorf("%q is written where all is secret", m.text)
		}
	}
}

// TestLinesAreBroken: no line joins the figures around a secret or what is absent.
func TestLinesAreBroken(t *testing.T) {
	c := Lines{Figure{}, "P", []string{"a", "b", "c", "d", "e", "f", "g"}, []Series{{"S", []Value{Known(1), Known(2), Secret(), Known(4), Absent(), Known(6), Known(7)}}}}
	var runs []int
	dots := 0
	for _, m := range body(c, 700).marks {
		switch {
		case m.shape == lines && m.stroke == series(0):
			runs = append(runs, len(m.rings[0]))
		case m.shape == dot:
			dots++
		}
	}
	if fmt.Sprint(runs) != "[2 2]" || dots < 5 {
		t.Errorf("lines of %v points and %d dots, want two lines of two, and a dot for each", runs, dots)
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"", "<script>alert(1)</script>", "\"'&]]>", "\x00\xff\u202e", strings.Repeat("é", 500), "a-b-c--", "\ufffe"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		fig := Figure{a, b, a, 1, b, a}
		points := []Point{{a, Known(3)}, {b, Secret()}, {"c", Absent()}}
		series := []Series{{a, values(points)}, {b, values(points)}}
		for _, c := range []Chart{
			Bars{fig, b, points}, Columns{fig, a, points}, Lines{fig, a, []string{a, b}, series}, Matrix{fig, a, []string{a, b}, series},
			Stacked{Figure: fig, Label: b, Labels: []string{b, a}, Parts: series}, Pyramid{fig, a, []string{a, b}, series[0], series[1]}, Spread{fig, a, []Range{{a, Known(1), Known(2), Known(3), Known(4), Known(5)}}},
		} {
			check(t, c, Narrow, Wide)
			if text := string(Inline(c, a, Wide)); !utf8.ValidString(text) || strings.Contains(text, "<script") {
				t.Errorf("%q", text)
			}
		}
	})
}
