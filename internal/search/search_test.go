package search_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/internal/search"
)

func TestFold(t *testing.T) {
	for text, want := range map[string]string{
		"L'Œuvre d’été À LYON": "oeuvre ete a lyon", "e\u0301te\u0301": "ete", "Conducteur(trice)": "conducteur trice", "H0B0 - 69003": "h0b0 69003", "": "", "…": "",
		"aujourd'hui": "aujourd hui", "Kovač ŁÓDŹ": "kovac lodz",
	} {
		if got := search.Fold(text); got != want {
			t.Errorf("%q folds to %q, want %q", text, got, want)
		}
	}
}

func TestWordsJoinHyphens(t *testing.T) {
	got := search.Words("Gérer sa micro-entreprise, bien-être au quotidien")
	want := strings.Fields("gerer sa micro entreprise microentreprise bien etre bienetre au quotidien")
	if !slices.Equal(got, want) {
		t.Errorf("words %v, want %v", got, want)
	}
}

func TestStemsOfOneFamily(t *testing.T) {
	for _, family := range []string{
		"boulanger boulangere boulangeres boulangers boulangerie boulangeries", "coiffeur coiffeuse coiffeuses", "conducteur conductrice conducteurs",
		"technicien technicienne", "patissier patissiere", "commercial commerciaux commerciale", "employe employee employes employees", "tableau tableaux",
		"developpeur developpeuse", "sportif sportive sportives", "professionnel professionnelle", "secretaire secretaires", "plombier plomberie",
	} {
		words := strings.Fields(family)
		for _, w := range words[1:] {
			if search.Stem(w) != search.Stem(words[0]) {
				t.Errorf("%s is %s, %s is %s", words[0], search.Stem(words[0]), w, search.Stem(w))
			}
		}
	}
	for _, pair := range []string{"cap bts", "paie paix", "vente ventilation", "anglais anglet", "cours courses", "rs6151 rs6152"} {
		a, b, _ := strings.Cut(pair, " ")
		if search.Stem(a) == search.Stem(b) {
			t.Errorf("%s and %s are both %s", a, b, search.Stem(a))
		}
	}
}

func TestDistant(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"excel", "exel", 1}, {"tableur", "tabluer", 1}, {"ab", "ba", 1}, {"web", "web", 0}, {"boulanger", "boulenjer", 2}, {"abcdef", "xyz", 3}, {"", "ab", 2}, {"abcd", "bcde", 2}} {
		if got := search.Distant(c.a, c.b, 2); got != c.want {
			t.Errorf("%s to %s is %d, want %d", c.a, c.b, got, c.want)
		}
		if got := search.Distant(c.b, c.a, 2); got != c.want {
			t.Errorf("%s to %s is %d, want %d", c.b, c.a, got, c.want)
		}
	}
}

func TestPlan(t *testing.T) {
	for _, c := range []struct {
		text, words, places, distance string
		codes                         bool
	}{
		{"cap boulanger lyon", "cap boulanger", "69", "", false},
		{"toeic à distance", "toeic", "", "a distance", false},
		{"permis b paris 15e", "permis b", "75", "", false},
		{"anglais val d'oise", "anglais", "95", "", false},
		{"anglais val d oise", "anglais", "95", "", false},
		{"anglais St Étienne", "anglais", "42", "", false},
		{"anglais 2a", "anglais", "2A", "", false},
		{"RNCP n° 37674", "rncp37674", "", "", true},
		{"000 400 002 00010", "00040000200010", "", "", true},
		{"000\u00a0400\u202f002\u00a000010", "00040000200010", "", "", true},
		{"RNCP\u00a037674", "rncp37674", "", "", true},
		{"00040000200010_Per-1", "00040000200010_per-1", "", "", true},
		{"une formation pour le cpf", "", "", "", false},
	} {
		p := search.Defaults().Parse(c.text)
		var words, places []string
		for _, term := range p.Terms {
			words = append(words, term.Words...)
			if term.Code != c.codes {
				t.Errorf("%q: %v is a code: %v", c.text, term.Words, term.Code)
			}
		}
		for _, place := range p.Places {
			places = append(places, place.Departements...)
		}
		if strings.Join(words, " ") != c.words || strings.Join(places, " ") != c.places || strings.Join(p.Distance, " ") != c.distance {
			t.Errorf("%q: words %v, places %v, distance %v", c.text, words, places, p.Distance)
		}
	}
}

func TestPlacesHaveRegions(t *testing.T) {
	s := search.Defaults()
	for name, want := range map[string]string{"69": "Rhône", "2A": "Corse-du-Sud", "974": "La Réunion"} {
		if got := s.Label(search.Departement, name); got != want {
			t.Errorf("%s is %s", name, got)
		}
	}
	if got := s.Around(search.Zone{Departements: []string{"69", "38", "13"}}); !slices.Equal(got, []string{"84", "93"}) {
		t.Errorf("around: %v", got)
	}
	for code, want := range map[string]string{"69003": "69", "97400": "974", "20000": "2A 2B", "99000": "", "6900": ""} {
		if got := strings.Join(s.Postcode(code), " "); got != want {
			t.Errorf("%s is in %q", code, got)
		}
	}
}

// lines are rows of the catalogue in memory: texts and numbers by column, "" for null.
type lines struct {
	rows []map[int]string
	i    int
	err  error
}

func (l *lines) Next() bool               { l.i++; return l.i <= len(l.rows) }
func (l *lines) Null(column int) bool     { return l.rows[l.i-1][column] == "" }
func (l *lines) String(column int) string { return l.rows[l.i-1][column] }
func (l *lines) Int(column int) int64     { return int64(len(l.rows[l.i-1][column])) }
func (l *lines) Float(column int) float64 { return float64(len(l.rows[l.i-1][column])) }
func (l *lines) Err() error               { return l.err }
func (l *lines) Close() error             { return nil }

// columnsBeforeCounts is how many columns of text there are.
const columnsBeforeCounts = 32

func TestDocumentsJoinTheRowsOfATraining(t *testing.T) {
	n := columnsBeforeCounts
	row := func(number, departement, price string) map[int]string {
		return map[int]string{0: number, 5: "-1", 6: "6151", 12: departement, 13: "nom", n: "x", n + 1: "xx", n + 2: "", n + 5: price, n + 6: price}
	}
	rows := &lines{rows: []map[int]string{row("a", "69", "xxx"), row("a", "75", "x"), row("b", "", "")}}
	var got []search.Document
	for d, err := range search.Documents(t.Context(), func(context.Context, string, ...any) (*lines, error) { return rows, nil }, "catalogue") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, d)
	}
	if len(got) != 2 || len(got[0].Places) != 2 || len(got[1].Places) != 0 {
		t.Fatalf("read %+v", got)
	}
	a, b := got[0], got[1]
	if a.Sessions != 4 || a.Actions != 2 || *a.PriceMin != 1 || *a.PriceMax != 3 || a.RNCP != "" || a.RS != "6151" || a.HoursMin != nil {
		t.Errorf("joined %+v", a)
	}
	if b.PriceMin != nil || b.Places == nil || b.Formacodes == nil {
		t.Errorf("alone %+v", b)
	}
	if !slices.Equal(a.Codes(), []string{"a", "6151", "rs6151"}) {
		t.Errorf("codes %v", a.Codes())
	}
}

func TestDocumentsEndWithTheErrorOfTheRows(t *testing.T) {
	broken := errors.New("broken")
	rows := &lines{rows: []map[int]string{{0: "a"}}, err: broken}
	var last error
	for _, err := range search.Documents(t.Context(), func(context.Context, string, ...any) (*lines, error) { return rows, nil }, "catalogue") {
		last = err
	}
	if !errors.Is(last, broken) {
		t.Errorf("ended with %v", last)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"boulangere cap lyon", "RNCP37674", "000 400 002 00010", "\xff\x00", "l'd'n'", "paris 15e", "e\u0301"} {
		f.Add(text)
	}
	s := search.Defaults()
	f.Fuzz(func(t *testing.T, text string) {
		p := s.Parse(text)
		if len(p.Terms)+len(p.Places) > search.MaxTerms+1 {
			t.Errorf("%d terms and %d places", len(p.Terms), len(p.Places))
		}
		for _, term := range p.Terms {
			if len(term.Words) == 0 || slices.Contains(term.Words, "") {
				t.Errorf("empty term in %+v", p)
			}
		}
		for _, token := range search.Tokens(text) {
			if token.Start >= token.End || token.End > len(text) {
				t.Errorf("token %+v of %d bytes", token, len(text))
			}
		}
	})
}
