package meili

import (
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/internal/search"
)

// TestRequestsAreBounded: whatever a question is, it costs the server little more than
// others.
func TestRequestsAreBounded(t *testing.T) {
	for _, text := range []string{
		"boulanger", "cap boulanger lyon", "développeur web à distance lyon bretagne", strings.Repeat("lyon paris marseille ", 30),
		"a distance lyon paris marseille bretagne nantes web excel word anglais vente paie cap bts", "aaaa bbbb cccc dddd eeee ffff gggg hhhh iiii jjjj kkkk llll",
		"anglais espagnol vente paie excel web lyon paris 69003 75001 à distance", strings.Repeat("RNCP37674 ", 40),
	} {
		r := read(search.Defaults(), search.Defaults().Parse(text))
		for _, missing := range []int64{0, 1} {
			counts := make([]int64, perDoubt*len(r.terms))
			for i := range counts {
				counts[i] = int64(i+1) * missing
			}
			probes := 0
			for i, a := range append([]ask{r.strict()}, r.eased(r.sort(counts))...) {
				probes += len(r.wide(a))
				if n := len(r.parts(a)); n > 2*mostParts {
					t.Errorf("%.40q makes %d requests, %d", text, n, i)
				}
			}
			if probes > 2*mostParts {
				t.Errorf("%.40q asks for %d things", text, probes)
			}
		}
	}
}

func TestConditions(t *testing.T) {
	s := search.Defaults()
	for _, c := range []struct {
		got  condition
		want string
	}{
		{in(codes, `a"b\c`, strings.Repeat("x", longestCode+1)), `codes IN ["a\"b\\c"]`},
		{in(codes), string(never)},
		{all("", never, "x"), string(never)},
		{all("", ""), ""},
		{all("x", "", "y"), "(x AND y)"},
		{one("x", never), "x"},
		{one("x", ""), ""},
		{one(never), string(never)},
		{found([]string{"boulangerie"}, search.AsIs, search.ByStem, 100, s), `mots IN ["i=boulangerie"]`},
		{found([]string{"boulangerie"}, search.AsIs, search.ByStem, 96, s), `mots IN ["i=boulanger", "i=boulangerie", "i~boulanger"]`},
		{found([]string{"gestion", "de", "projet"}, search.AsIs, search.ByStem, 100, s), `(mots IN ["i=gestion"] AND mots IN ["i=projet"])`},
		{found([]string{strings.Repeat("x", longest+1)}, search.AsIs, search.ByStem, 1, s), string(never)},
		{started("bou", 64), `(mots STARTS WITH "i=bou" OR mots STARTS WITH "c=bou")`},
	} {
		if string(c.got) != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}
