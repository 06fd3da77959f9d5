package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/web"
)

func site(t testing.TB) *web.Site {
	t.Helper()
	s, err := web.New()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func render(t testing.TB, f web.Frame, p web.Search) string {
	t.Helper()
	page, err := site(t).Search(f, p)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

func number(x float64) *float64 { return &x }

// training is one with everything.
func training() search.Hit {
	return search.Hit{
		Document: search.Document{
			Numero: "00040001000013_WEB-01", Title: "Devenir développeur <b>web</b>", Siret: "00040001000013", Provider: "ATELIER & CO", Register: "RNCP", RNCP: "37674",
			Certification: "Développeur web", Level: "NIVEAU 5 (BTS, DEUST...)", Formacode: "Programmation", Accreditation: "habilité", Sessions: 1200, DistanceSessions: 4,
			PriceMin: number(990.5), PriceMax: number(12490), HoursMin: number(35), HoursMax: number(35),
			Places: []search.Place{{Departement: "69", DepartementName: "Rhône", Region: "84", RegionName: "Auvergne-Rhône-Alpes"}, {Departement: "2A", DepartementName: "Corse-du-Sud", Region: "94", RegionName: "Corse"}},
		},
		Highlight: map[string]string{"intitule_formation": "Devenir <em>développeur</em> &lt;b&gt;web&lt;/b&gt;"},
	}
}

func query(text string) search.Query { return search.Query{Text: text, Page: 1, PerPage: 20} }

// has checks that a page has some texts, and has not those that begin with "!".
func has(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		without, not := strings.CutPrefix(text, "!")
		if strings.Contains(page, without) == not {
			t.Errorf("the page has %q: %t", without, not)
		}
	}
}

func TestTrainingIsShown(t *testing.T) {
	h := training()
	page := render(t, web.Frame{}, web.Search{Query: query("developeur"), Answer: search.Answer{Total: 1, Hits: []search.Hit{h}}, Release: "R1", Since: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)})
	has(t, page,
		"Devenir <mark>développeur</mark> &lt;b&gt;web&lt;/b&gt;", "ATELIER &amp; CO", "000\u202f400\u202f010\u202f00013", `href="https://www.francecompetences.fr/recherche/rncp/37674/"`,
		"de 990,50 à 12\u202f490\u00a0€", "35\u00a0h", "1\u202f200, dont 4 à distance", "Rhône (69), Corse-du-Sud (2A)", "Niveau 5", "À distance", "Habilité par le certificateur",
		"1\u00a0formation", "R1", "1er février 2026", `<h3><a href="formations/00040001000013_WEB-01">`, `href="certifications/RNCP37674"`, `href="recherche/export.csv?q=developeur"`, `href="recherche/export.xlsx?q=developeur"`, "<title>developeur – Recherche · Parvis</title>", `name="robots" content="noindex"`, "!Par exemple",
	)
	h = search.Hit{Document: search.Document{Siret: "00040001000013", Certification: "Titre", Accreditation: "sans objet", Sessions: 1, DistanceSessions: 1}}
	page = render(t, web.Frame{Notice: "Données fictives : rien n'est vrai."}, web.Search{Query: query(""), Answer: search.Answer{Total: 1, Hits: []search.Hit{h}}})
	has(t, page, "Nom non publié (personne physique)", "Titre</a></h3>", "!certifications/", "non renseigné", "à distance ou partout en France", "1, à distance", "!francecompetences", "!habilité", "Données fictives", "Par exemple", "!noindex")
}

// TestMarksCannotCarryMarkup: whatever an engine gives as marked text is text.
func TestMarksCannotCarryMarkup(t *testing.T) {
	h := training()
	for _, marked := range []string{"<script>x</script>", `<em onclick="x">a</em>`, "<em>a", "a</em>", "<em><img src=x></em>", "&lt;script&gt;", "<em></em>"} {
		h.Highlight["intitule_formation"] = marked
		page := render(t, web.Frame{}, web.Search{Query: query("a"), Answer: search.Answer{Total: 1, Hits: []search.Hit{h}}})
		has(t, page, "!<script>", "!<img src=x", "!<em")
	}
}

func TestFiltersAndTheirAddresses(t *testing.T) {
	q := query("dév & co")
	q.Filters = search.Filters{Any: map[string][]string{search.Region: {"11", "84"}, search.Level: {"5"}, search.Departement: {"48"}}, PriceMax: number(1500.5)}
	q.Sort, q.Page = search.ByPrice, 2
	regions := []search.Count{{Value: "93", Label: "Provence-Alpes-Côte d'Azur", Count: 1234}, {Value: "84", Label: "Auvergne-Rhône-Alpes", Count: 3}}
	page := render(t, web.Frame{}, web.Search{Query: q, Answer: search.Answer{Total: 45, Hits: []search.Hit{training()}, Facets: map[string][]search.Count{search.Region: regions}}})
	has(t, page,
		`value="93"> <span>Provence-Alpes-Côte d&#39;Azur</span> <span class="count">1`+"\u202f"+`234</span>`,
		`value="84" checked`, `value="11" checked> <span>Île-de-France</span> <span class="count">0</span>`, "Lozère (48)", "Niveau 5",
		"Jusqu&#39;à 1\u202f500,50\u00a0€", `name="prix_max" type="number" min="0" step="any" inputmode="decimal" value="1500.50"`,
		`<option value="prix" selected>`,
		// without one of them, from the first page
		`href="recherche?departement=48&amp;niveau=5&amp;prix_max=1500.5&amp;q=d%C3%A9v&#43;%26&#43;co&amp;region=84&amp;sort=prix"`,
		`rel="prev"`, `rel="next"`, `aria-current="page" aria-label="Page 2"`, "Formations 21 à 21 sur 45",
	)
	if strings.Index(page, `value="84" checked`) > strings.Index(page, `value="93"`) {
		t.Error("what is chosen does not come first")
	}
}

func TestPaging(t *testing.T) {
	page := func(n, perPage, total int) string {
		q := query("")
		q.Page, q.PerPage = n, perPage
		return render(t, web.Frame{}, web.Search{Query: q, Answer: search.Answer{Total: total, Hits: []search.Hit{training()}}})
	}
	has(t, page(1, 20, 20), `!class="pages"`)
	has(t, page(1, 20, 21), `!rel="prev"`, `rel="next"`, "page=2", "!page=3")
	has(t, page(50, 20, 5000), "page=48", "page=49", `!rel="next"`, "!page=51", "Seules les 1\u202f000 premières", "…")
	has(t, page(33, 30, 5000), "!page=34", `!rel="next"`) // page 34 would reach beyond
}

func TestNothingFound(t *testing.T) {
	q := query("xyzzy")
	q.Filters.Any = map[string][]string{search.Region: {"84"}}
	has(t, render(t, web.Frame{}, web.Search{Query: q}), "Aucune formation trouvée", `href="recherche?q=xyzzy"`, `href="recherche?region=84"`, "!<ol")
	has(t, render(t, web.Frame{}, web.Search{Query: query("xyzzy")}), "Aucune formation trouvée", "!sans aucun filtre", "Un code")
	q = query("")
	q.Page = 9
	has(t, render(t, web.Frame{}, web.Search{Query: q, Answer: search.Answer{Total: 5}}), "au-delà de la dernière")
}

func TestProblemsAreTold(t *testing.T) {
	page := render(t, web.Frame{}, web.Search{Query: query("pain"), Problem: &web.Problem{Status: http.StatusServiceUnavailable, Title: "Pas prête", Detail: "Elle vient."}})
	has(t, page, "Pas prête", "Elle vient.", "Réessayer", `href="recherche?q=pain"`, `value="pain"`, "!Aucune formation", "!<ol", "noindex")
	page = render(t, web.Frame{}, web.Search{Query: query("pain"), Problem: &web.Problem{Status: http.StatusInternalServerError, Title: "Erreur", Detail: "De notre côté.", RequestID: "abc-1"}})
	has(t, page, "abc-1")
	page = render(t, web.Frame{}, web.Search{Query: query("pain"), Problem: &web.Problem{Status: http.StatusBadRequest, Title: "Refusé", Detail: "Le prix n'est pas un nombre."}})
	has(t, page, "!Réessayer", "Recommencer")
}

var forbidden = regexp.MustCompile(`<script>|<script [^s]|<style|style=|javascript:| on[a-z]+=|src="http|href="http[^"]*\.css`)

// TestPagesNeedNoWeakerPolicy: nothing in them is inline, or from elsewhere.
func TestPagesNeedNoWeakerPolicy(t *testing.T) {
	page := render(t, web.Frame{Root: "../"}, web.Search{Query: query("a"), Answer: search.Answer{Total: 100, Hits: []search.Hit{training()}}})
	if bad := forbidden.FindString(page); bad != "" {
		t.Errorf("the page has %q", bad)
	}
	s := site(t)
	loaded := regexp.MustCompile(`(?:href|src)="\.\./static/([^"?]+)\?v=([0-9a-f]+)"`).FindAllStringSubmatch(page, -1)
	if len(loaded) < 2 {
		t.Errorf("loaded are %v", loaded)
	}
	for _, m := range loaded {
		if a := s.Assets()[m[1]]; a.Version != m[2] || len(a.Bytes) == 0 || a.MediaType == "" {
			t.Errorf("%s: %s of version %s", m[1], a.MediaType, a.Version)
		}
	}
	for name, a := range s.Assets() {
		if strings.Contains(string(a.Bytes), "url(http") || strings.Contains(string(a.Bytes), "@import") {
			t.Errorf("%s loads from elsewhere", name)
		}
	}
	if n := len(page) + len(s.Assets()["parvis.css"].Bytes); n > 100_000 {
		t.Errorf("%d bytes", n)
	}
}

// TestStylesheetSaysThingsOnce: where two parts of the stylesheet have the same selector, one
// changes pages that the other is for.
func TestStylesheetSaysThingsOnce(t *testing.T) {
	css := string(site(t).Assets()["parvis.css"].Bytes)
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^([.a-z][^{}@\n]*) \{`).FindAllStringSubmatch(css, -1) {
		if seen[m[1]] {
			t.Errorf("%s is there twice", m[1])
		}
		seen[m[1]] = true
	}
}
