package chart

import (
	"fmt"
	"math"
	"testing"
)

func TestNumbers(t *testing.T) {
	count, money, part := Figure{Unit: "entrées"}, Figure{Unit: "€", Decimals: 2}, Figure{Unit: "%", Decimals: 1}
	for _, c := range []struct{ got, want string }{
		{count.exact(Known(1234567)), "1\u202f234\u202f567"},
		{count.exact(Known(-0.2)), "0"},
		{count.exact(Known(-12)), "−12"},
		{count.exact(Secret()), "secret"},
		{count.exact(Absent()), "n.d."},
		{money.exact(Known(990.5)), "990,50\u00a0€"},
		{part.exact(Known(12.34)), "12,3\u00a0%"},
		{count.brief(Known(48213)), "48\u202f213"},
		{count.brief(Known(159300)), "159\u00a0k"},
		{count.brief(Known(999_960)), "1\u00a0M"},
		{money.brief(Known(12_345_678)), "12,3\u00a0M€"},
		{money.brief(Known(1_452_000)), "1,45\u00a0M€"},
		{money.brief(Known(1490.25)), "1\u202f490\u00a0€"},
		{money.brief(Known(2.5e9)), "2,5\u00a0Md€"},
		{part.brief(Known(123456)), "123\u00a0k\u00a0%"},
		{count.tick(12500, 20000, 2500), "12,5\u00a0k"},
		{count.tick(0, 20000, 2500), "0"},
		{money.tick(.5, 1, .5), "0,5\u00a0€"},
		{count.exact(Known(math.NaN())), "n.d."},
		{count.exact(Known(1e16)), "n.d."},
		{Month(2026, 1), "janv. 2026"},
		{Month(2026, 8), "août 2026"},
		{Quarter(2025, 3), "T3 2025"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestAxes(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		decimals  int
		want      string
	}{
		{0, 159000, 0, "[0 50000 100000 150000 200000]"},
		{0, 1, 0, "[0 1]"},
		{0, 0, 0, "[0 1]"},
		{-30, 95, 0, "[-50 0 50 100]"},
		{0, .8, 2, "[0 0.2 0.4 0.6000000000000001 0.8]"},
	} {
		if got := fmt.Sprint((Figure{Decimals: c.decimals}).axis(c.low, c.high, 4).ticks()); got != c.want {
			t.Errorf("from %g to %g: %s, want %s", c.low, c.high, got, c.want)
		}
	}
}

func TestClasses(t *testing.T) {
	for _, c := range []struct {
		values []Value
		want   string
	}{
		{nil, "[]"},
		{figures(-1, -1), "[]"},
		{figures(5, 5, 5), "[]"},
		{figures(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), "[3 5 7 9]"},
		{figures(0, 0, 0, 0, 0, 0, 0, 0, 12, 5000), "[12 5000]"},
		{figures(1012, 2517, 3098, 41212, 52345), "[2500 3100 52000]"},
	} {
		if got := fmt.Sprint(limits(c.values)); got != c.want {
			t.Errorf("%v, want %v", got, c.want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		most  float64
		lines int
		want  string
	}{
		{"", 100, 2, "[]"},
		{"Langues", 100, 2, `["Langues"]`},
		{"Provence-Alpes-Côte d'Azur", 110, 3, `["Provence-" "Alpes-Côte" "d'Azur"]`},
		{"Titre professionnel Secrétaire assistant", 130, 2, `["Titre professionnel" "Secrétaire assis…"]`},
	} {
		if got := fmt.Sprintf("%q", wrap(c.text, 13.5, c.most, c.lines, false)); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

func TestAtlas(t *testing.T) {
	a := france()
	if len(a.outlines) != 96 {
		t.Errorf("%d outlines, want 96", len(a.outlines))
	}
	for _, o := range a.outlines {
		if a.names[o.code] == "" || len(o.rings) == 0 {
			t.Errorf("outline %q has no name or no ring", o.code)
		}
	}
	for _, bad := range []string{"<svg", `<svg><path id="a" d="m x,1"/></svg>`, `<svg><path id="a" d="m 1"/></svg>`, `<svg><path id="a" d="1,1"/></svg>`} {
		if _, err := readAtlas([]byte(bad), nameFile); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
	if _, err := readAtlas(outlineFile, []byte("{")); err == nil {
		t.Error("bad names were read")
	}
}
