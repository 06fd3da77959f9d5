package searchtest

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/parvis-opendata/parvis/internal/search"
)

// shop is a training made by hand.
func shop(n int, title, certification, provider, register, code, level, departement, region string, price, hours float64, sessions, distance int64) search.Document {
	siret := fmt.Sprintf("000400%08d", n)
	d := search.Document{
		Numero: siret + "_F-" + strconv.Itoa(n), Title: title, Siret: siret, Provider: provider, Register: register,
		Certifinfo: strconv.Itoa(80000 + n), Certification: certification, Level: level, Formacodes: []string{}, Romes: []string{},
		NSF: []string{"221"}, Domains: []string{"Agro-alimentaire, alimentation, cuisine"}, Accreditation: "sans objet",
		Actions: 1, Sessions: sessions, DistanceSessions: distance, PriceMin: &price, PriceMax: &price, HoursMin: &hours, HoursMax: &hours,
		Places: []search.Place{},
	}
	if register == "RS" {
		d.RS = code
	} else {
		d.RNCP = code
	}
	if departement != "" {
		d.Places = append(d.Places, search.Place{
			Departement: departement, DepartementName: search.Defaults().Label(search.Departement, departement),
			Region: region, RegionName: search.Defaults().Label(search.Region, region),
		})
	}
	return d
}

const (
	level3 = "NIVEAU 3 (CAP, BEP)"
	level5 = "NIVEAU 5 (BTS, DEUST...)"
)

// Shelf is the catalogue of the suite.
func Shelf() []search.Document {
	return []search.Document{
		shop(1, "CAP Boulanger", "CAP - Boulanger", "Atelier du Pain", "RNCP", "37537", level3, "69", "84", 4200, 400, 3, 0),
		shop(2, "Métiers de la boulangerie", "CAP - Boulanger", "Fournil École", "RNCP", "37537", level3, "75", "11", 3900, 380, 8, 0),
		shop(3, "CAP Pâtissier", "CAP - Pâtissier", "Atelier du Pain", "RNCP", "35316", level3, "69", "84", 4500, 420, 2, 0),
		shop(4, "Développeur web et web mobile", "TP - Développeur web et web mobile", "Numérys", "RNCP", "37674", level5, "", "", 6000, 700, 5, 5),
		shop(5, "Devenir développeuse web", "TP - Développeur web et web mobile", "Campus Codélia", "RNCP", "37674", level5, "33", "75", 5500, 650, 9, 0),
		shop(6, "Utiliser un tableur", "Utiliser un tableur dans un contexte professionnel", "Numérys", "RS", "6151", "", "", "", 500, 14, 12, 12),
		shop(7, "Anglais professionnel", "TOEIC", "Langues & Co", "RS", "6452", "", "13", "93", 900, 30, 7, 2),
		shop(8, "Permis de conduire catégorie B", "Permis de conduire catégorie B", "Auto-École du Port", "", "", "", "13", "93", 1300, 20, 30, 0),
		shop(9, "Créer et gérer sa micro-entreprise", "Créer sa micro-entreprise", "Élan", "RS", "5637", "", "2A", "94", 1000, 21, 4, 4),
		shop(10, "Conduire un élévateur", "Conduite en sécurité de chariots élévateurs", "Sécuria", "RS", "6118", "", "59", "32", 700, 21, 6, 0),
		shop(11, "Secrétaire médicale", "Secrétaire assistant médico-social", "Sanitas", "RNCP", "36805", level5, "974", "04", 3000, 300, 1, 0),
		shop(12, "Métiers de l’œnologie <initiation>", "Déguster et conseiller les vins", "Cave & Coteaux", "RS", "5487", "", "33", "75", 1100, 28, 2, 0),
		shop(13, "Coiffure : coupe & couleur", "CAP - Métiers de la coiffure", "Lyon Beauté", "RNCP", "34670", level3, "38", "84", 5200, 500, 3, 0),
		shop(14, "Vente et relation client", "TP - Conseiller de vente", "Comptoir", "RNCP", "37098", level3, "44", "52", 3500, 350, 5, 0),
		shop(15, "Maçonnerie", "TP - Maçon", "Bâti", "RNCP", "36441", level3, "67", "44", 3600, 360, 2, 0),
	}
}

// found are queries that must find trainings of the shelf, the first of them first.
var found = []struct {
	name, text string
	want       []int
}{
	{"accents left out", "patissier", []int{3}},
	{"accents added", "bôulàngér", []int{1, 2}},
	{"accents of their own", "pa\u0302tissier", []int{3}},
	{"ligature", "oenologie", []int{12}},
	{"case", "DÉVELOPPEUR WEB", []int{4, 5}},
	{"letter missing", "boulager", []int{1, 2}},
	{"letter added", "developppeur", []int{4}},
	{"letters swapped", "tabluer", []int{6}},
	{"two letters wrong", "devlopeur web", []int{4}},
	{"plural", "tableurs", []int{6}},
	{"irregular plural", "conseillers", []int{14}},
	{"plural in the title", "chariot", []int{10}},
	{"feminine", "boulangère", []int{2, 1}},
	{"feminine in -euse", "développeuse", []int{5, 4}},
	{"trade", "boulangerie", []int{2, 1}},
	{"verb", "conduite", []int{10}},
	{"compound in one", "microentreprise", []int{9}},
	{"compound in two", "micro entreprise", []int{9}},
	{"compound with hyphen", "auto-école", []int{8}},
	{"two words run together", "tableurcontexte", []int{6}},
	{"elision", "d'œnologie", []int{12}},
	{"code of the RNCP", "RNCP37674", []int{5, 4}},
	{"code with space", "rncp 37674", []int{5, 4}},
	{"code alone", "37674", []int{5, 4}},
	{"code of the RS", "RS6151", []int{6}},
	{"SIRET", "00040000000009", []int{9}},
	{"SIRET in groups", "000 400 000 00009", []int{9}},
	{"number of the training", "00040000000009_F-9", []int{9}},
	{"Certif Info", "80011", []int{11}},
	{"prefix", "secré", []int{11}},
	{"provider", "codelia", []int{5}},
	{"synonym", "excel", []int{6}},
	{"synonym with an error", "exel", []int{6}},
	{"abbreviation", "dev web", []int{5, 4}},
	{"words that all share", "formation pour devenir maçon", []int{15}},
	{"commune", "cap boulanger lyon", []int{1}},
	{"département", "développeur gironde", []int{5}},
	{"région", "cap bretagne vente pays de la loire", []int{14}},
	{"number of a département", "boulanger 75", []int{2}},
	{"post code", "boulanger 69003", []int{1}},
	{"commune with an error", "permis b marseile", []int{8}},
	{"place that names a provider", "coiffure lyon", []int{13}},
	{"place where there is none", "boulanger brest", []int{1, 2}},
	{"at a distance", "développeur à distance", []int{4}},
	{"a word too many", "excel tosa", []int{6}},
}

// Run passes the suite on an engine.
func Run(t *testing.T, e search.Engine) {
	x, err := e.Build(t.Context(), "suite", sequence(Shelf()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, c := range found {
		t.Run(c.name, func(t *testing.T) { first(t, x, search.Query{Text: c.text}, c.want...) })
	}
	for name, test := range map[string]func(*testing.T, search.Index){
		"nothing": testNothing, "everything": testEverything, "filters": testFilters, "facets": testFacets, "sorts": testSorts,
		"pages": testPages, "highlights": testHighlights, "hostile": testHostile, "refused": testRefused, "suggestions": testSuggest,
		"cancelled": testCancelled, "whole documents": testWhole,
		"many at once": testTogether, "facets beside filters": testFind,
	} {
		t.Run(name, func(t *testing.T) { test(t, x) })
	}
	t.Run("documents that cannot be read", func(t *testing.T) { testBroken(t, e) })
	t.Run("no document", func(t *testing.T) { testEmpty(t, e) })
}

func sequence(all []search.Document) iter.Seq2[search.Document, error] {
	return func(yield func(search.Document, error) bool) {
		for _, d := range all {
			if !yield(d, nil) {
				return
			}
		}
	}
}

// ask searches and must not fail.
func ask(t *testing.T, x search.Index, q search.Query) search.Answer {
	t.Helper()
	a, err := x.Search(t.Context(), q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	return a
}

// numbers are the trainings found, as numbered on the shelf.
func numbers(a search.Answer) []int {
	all := []int{}
	for _, h := range a.Hits {
		_, n, _ := strings.Cut(h.Numero, "_F-")
		var i int
		_, _ = fmt.Sscan(n, &i)
		all = append(all, i)
	}
	return all
}

// first checks what is found first, in that order.
func first(t *testing.T, x search.Index, q search.Query, want ...int) {
	t.Helper()
	got := numbers(ask(t, x, q))
	if len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
		t.Errorf("%q finds %v, want first %v", q.Text, got, want)
	}
}

// exactly checks what is found, in any order.
func exactly(t *testing.T, x search.Index, q search.Query, want ...int) {
	t.Helper()
	a := ask(t, x, q)
	got := numbers(a)
	slices.Sort(got)
	if !slices.Equal(got, want) || a.Total != len(want) {
		t.Errorf("%q with %+v finds %v of %d, want %v", q.Text, q.Filters, got, a.Total, want)
	}
}

func testNothing(t *testing.T, x search.Index) {
	for _, text := range []string{"xyzzyqwkj", "RNCP99999", "RNCP37675", "37675", "brest", "00040000000099", "qwx zzzyk"} {
		a := ask(t, x, search.Query{Text: text, Facets: search.Facets})
		if a.Total != 0 || a.Hits == nil || len(a.Hits) != 0 {
			t.Errorf("%q finds %v", text, numbers(a))
		}
	}
}

func testEverything(t *testing.T, x search.Index) {
	for _, text := range []string{"", "   ", "?!…", "formation", "une formation pour le CPF"} {
		a := ask(t, x, search.Query{Text: text})
		if a.Total != len(Shelf()) {
			t.Errorf("%q finds %d", text, a.Total)
		}
		if got := numbers(a); got[0] != 8 || got[1] != 6 {
			t.Errorf("%q is not in the order of sessions: %v", text, got)
		}
	}
}

func testFilters(t *testing.T, x search.Index) {
	only := func(facet string, values ...string) search.Filters {
		return search.Filters{Any: map[string][]string{facet: values}}
	}
	price, hours := 700.0, 20.0
	for _, c := range []struct {
		text    string
		filters search.Filters
		want    []int
	}{
		{"", only(search.Departement, "69"), []int{1, 3}},
		{"", only(search.Departement, "69", "2A"), []int{1, 3, 9}},
		{"boulanger", only(search.Departement, "69"), []int{1}},
		{"", only(search.Region, "84"), []int{1, 3, 13}},
		{"", only(search.Level, level5), []int{4, 5, 11}},
		{"", only(search.Level, "5"), []int{4, 5, 11}},
		{"", only(search.Distance, "true"), []int{4, 6, 7, 9}},
		{"", only(search.Register, "RS"), []int{6, 7, 9, 10, 12}},
		{"", only(search.NSF, "999"), []int{}},
		{"", search.Filters{PriceMax: &price}, []int{6, 10}},
		{"", search.Filters{HoursMax: &hours}, []int{6, 8}},
		{"", search.Filters{Any: map[string][]string{search.Register: {"RS"}, search.Distance: {"false"}}, PriceMax: &price}, []int{10}},
	} {
		exactly(t, x, search.Query{Text: c.text, Filters: c.filters, PerPage: 100}, c.want...)
	}
}

func testFacets(t *testing.T, x search.Index) {
	a := ask(t, x, search.Query{Text: "cap", Facets: []string{search.Departement, search.Distance}})
	if len(a.Facets) != 2 {
		t.Errorf("facets %v", a.Facets)
	}
	want := []search.Count{{Value: "69", Label: "Rhône", Count: 2}, {Value: "38", Label: "Isère", Count: 1}, {Value: "75", Label: "Paris", Count: 1}}
	if got := a.Facets[search.Departement]; !slices.Equal(got, want) {
		t.Errorf("départements %v, want %v", got, want)
	}
	if got := a.Facets[search.Distance]; len(got) != 1 || got[0].Value != "false" || got[0].Count != 4 {
		t.Errorf("distance %v", got)
	}
	a = ask(t, x, search.Query{Text: "cap", Facets: []string{search.Level}, Filters: search.Filters{Any: map[string][]string{search.Departement: {"69"}}}})
	if got := a.Facets[search.Level]; len(got) != 1 || got[0].Count != 2 || got[0].Value != level3 {
		t.Errorf("levels under a filter %v", got)
	}
}

func testSorts(t *testing.T, x search.Index) {
	for by, want := range map[string][]int{
		search.ByPrice: {6, 10, 7}, search.ByPriceDown: {4, 5, 13}, search.ByHours: {6, 8}, search.ByHoursDown: {4, 5, 13}, search.BySessions: {8, 6, 5},
	} {
		first(t, x, search.Query{Sort: by}, want...)
	}
}

func testPages(t *testing.T, x search.Index) {
	var all []int
	for page := 1; page <= 4; page++ {
		a := ask(t, x, search.Query{Page: page, PerPage: 4})
		if a.Total != len(Shelf()) {
			t.Errorf("page %d has total %d", page, a.Total)
		}
		all = append(all, numbers(a)...)
	}
	slices.Sort(all)
	if len(all) != len(Shelf()) || len(slices.Compact(all)) != len(Shelf()) {
		t.Errorf("pages have %v", all)
	}
	if a := ask(t, x, search.Query{Page: 9, PerPage: 4}); len(a.Hits) != 0 || a.Total != len(Shelf()) {
		t.Errorf("page after the last has %d of %d", len(a.Hits), a.Total)
	}
}

func testHighlights(t *testing.T, x search.Index) {
	for _, c := range []struct{ text, field, want string }{
		{"cap boulangere", "intitule_formation", "<em>CAP</em> <em>Boulanger</em>"},
		{"oenologi", "intitule_formation", "Métiers de l’<em>œnologie</em> &lt;initiation&gt;"},
		{"codelia", "nom_of", "Campus <em>Codélia</em>"},
		{"tabluer", "intitule_formation", "Utiliser un <em>tableur</em>"},
		{"excel", "intitule_certification", "Utiliser un <em>tableur</em> dans un contexte professionnel"},
	} {
		a := ask(t, x, search.Query{Text: c.text})
		if len(a.Hits) == 0 || a.Hits[0].Highlight[c.field] != c.want {
			t.Errorf("%q: %v, want %s", c.text, a.Hits, c.want)
		}
	}
	if a := ask(t, x, search.Query{}); len(a.Hits[0].Highlight) != 0 {
		t.Errorf("marked without a word: %v", a.Hits[0].Highlight)
	}
}

func testHostile(t *testing.T, x search.Index) {
	for _, text := range []string{
		strings.Repeat("boulanger ", 10_000), strings.Repeat("a", 100_000), strings.Repeat("é", 50_000), "\x00\xff\xfe", "'; DROP TABLE catalogue; --",
		`intitule:"x" AND (NOT *) OR /.*/ ~9^9`, "<script>alert(1)</script>", "*", "+++---", "🧁 boulanger", "пекарь", "面包师", "a\u0301\u0301\u0301\u0301",
		strings.Repeat("lyon paris marseille ", 30), strings.Repeat("RNCP37674 ", 40), "-1", "1e309", "NaN", "%00", "../../etc/passwd", "\u202eregnaluob",
	} {
		a := ask(t, x, search.Query{Text: text, Facets: search.Facets})
		if a.Total < len(a.Hits) {
			t.Errorf("%.40q: %d hits of %d", text, len(a.Hits), a.Total)
		}
		for _, h := range a.Hits {
			for _, html := range h.Highlight {
				if strings.Contains(strings.ToLower(html), "<script") {
					t.Errorf("%.40q: %s", text, html)
				}
			}
		}
		if _, err := x.Suggest(t.Context(), text, 5); err != nil {
			t.Errorf("suggest %.40q: %v", text, err)
		}
	}
	first(t, x, search.Query{Text: "🧁 boulanger"}, 1)
}

func testRefused(t *testing.T, x search.Index) {
	for _, q := range []search.Query{
		{Page: -1}, {PerPage: -1}, {PerPage: search.MaxPerPage + 1}, {Page: 1 << 40, PerPage: 100}, {Page: search.MaxHits/10 + 1, PerPage: 10},
		{Sort: "intitule"}, {Facets: []string{"document"}}, {Filters: search.Filters{Any: map[string][]string{"codes": {"37674"}}}},
	} {
		if _, err := x.Search(t.Context(), q); !isQuery(err) {
			t.Errorf("%+v: %v", q, err)
		}
	}
}

func testSuggest(t *testing.T, x search.Index) {
	for typed, want := range map[string]string{
		"boul": "CAP - Boulanger", "PATI": "CAP - Pâtissier", "web dév": "TP - Développeur web et web mobile", "numer": "Numérys", "boulnger": "CAP - Boulanger",
	} {
		got, err := x.Suggest(t.Context(), typed, 3)
		if err != nil || len(got) == 0 || got[0] != want || len(got) > 3 {
			t.Errorf("%q suggests %v, %v; want %s", typed, got, err, want)
		}
	}
	for _, typed := range []string{"", "xyzzyqwkj"} {
		if got, err := x.Suggest(t.Context(), typed, 3); err != nil || got == nil || len(got) != 0 {
			t.Errorf("%q suggests %v, %v", typed, got, err)
		}
	}
}

func testTogether(t *testing.T, x search.Index) {
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for _, c := range found {
				a, err := x.Search(t.Context(), search.Query{Text: c.text, Facets: search.Facets})
				if got := numbers(a); err != nil || len(got) < len(c.want) || !slices.Equal(got[:len(c.want)], c.want) {
					t.Errorf("%q beside others finds %v, %v", c.text, got, err)
				}
			}
		})
	}
	all.Wait()
}

func testCancelled(t *testing.T, x search.Index) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := x.Search(ctx, search.Query{Text: "boulanger"}); err == nil {
		t.Error("a search whose caller has gone succeeds")
	}
}
