package api_test

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/publisher/release"
)

const (
	public      = "https://donnees.example.fr"
	datasetPage = "/jeux-de-donnees/" + catalogue
)

// page reads an answer as a page, and checks what all pages have.
func (a answer) page(t testing.TB, status int) string {
	t.Helper()
	if a.StatusCode != status || a.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("%d %s: %s", a.StatusCode, a.Header.Get("Content-Type"), a.body)
	}
	if policy := a.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self'") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
	return string(a.body)
}

// look asks for what is for people, or crawlers, which the contract says nothing of.
func (b *bench) look(t testing.TB, path string, headers ...string) answer {
	t.Helper()
	a, err := b.send(t, http.MethodGet, path, headers...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// says checks that a text has some others, and has not those that begin with "!".
func says(t testing.TB, text string, others ...string) {
	t.Helper()
	for _, other := range others {
		without, not := strings.CutPrefix(other, "!")
		if strings.Contains(text, without) == not {
			t.Errorf("%q is there: %t", without, not)
		}
	}
}

func TestDatasetThatWasNotPublishedHasItsPage(t *testing.T) {
	b := newBench(t)
	page := b.look(t, datasetPage).page(t, http.StatusOK)
	says(t, page, "n'a pas de publication en service", "Rien n'a encore été publié", "49 champs", "numero_formation", `rel="canonical" href="`+public+datasetPage+`"`,
		"!Télécharger", "!ld+json", "!>Aperçu<", "!latest/")
	says(t, b.look(t, "/jeux-de-donnees").page(t, http.StatusOK), "aucune publication en service", `href="jeux-de-donnees/`+catalogue+`"`)
}

// TestDatasetPageTellsTheHistory: what is served, kept, withdrawn and why, with notes.
func TestDatasetPageTellsTheHistory(t *testing.T) {
	b := newBench(t)
	first := b.publish(t, "2026-11-19", func(m *release.Manifest) { m.Note = "Erratum : <b>deux</b> régions étaient inversées." })
	second := b.publish(t, "2026-11-20")
	third := b.publish(t, "2026-11-21", func(m *release.Manifest) { m.Note = "Une note." })
	page := b.look(t, datasetPage).page(t, http.StatusOK)
	says(t, page, first.id, second.id, "Erratum : &lt;b&gt;deux&lt;/b&gt;", "Note de l'éditeur&nbsp;:</strong> Une note.", "en service", "conservée", "!retirée", "attendue le 23 novembre 2026",
		"2\u202f000\u00a0lignes", `href="../datasets/`+catalogue+`/releases/latest/`+csvName+`"`, public+path("latest", csvName), public+path(third.id, csvName),
		strings.Trim(third.tags[csvName], `"`), "extrait du 21 novembre 2026", "l'aperçu vient dans quelques instants", "!<script>")
	if _, _, err := b.archive.Withdraw(t.Context(), catalogue, third.id, `une erreur "grave" <script>`, b.clock.Now()); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(time.Minute)
	page = b.look(t, datasetPage).page(t, http.StatusOK)
	says(t, page, "Retirée le 22 novembre 2026. Motif&nbsp;: une erreur &#34;grave&#34; &lt;script&gt;", public+path(second.id, csvName), "!"+path(third.id, csvName), "!<script>")
	for _, id := range []string{second.id, first.id} {
		if _, _, err := b.archive.Withdraw(t.Context(), catalogue, id, "un risque", b.clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	b.clock.advance(time.Minute)
	page = b.look(t, datasetPage).page(t, http.StatusOK)
	says(t, page, "La dernière publication a été retirée", "aucune autre n'est en service", "!latest/", "!en service</span>", third.id)
}

func TestLongHistoryIsCut(t *testing.T) {
	b := newBench(t)
	var old made
	for i := range 20 {
		old = b.publish(t, fmt.Sprintf("2026-10-%02d", i+1), func(m *release.Manifest) {
			if i == 1 {
				m.Note = "Une ancienne note."
			}
		})
	}
	page := b.look(t, datasetPage).page(t, http.StatusOK)
	says(t, page, "Une ancienne note.", "Et 7&nbsp;publications de plus", old.id, "!"+release.ID(time.Date(2026, 10, 1, 4, 15, 0, 0, time.UTC), "xxxxxxxx")[:16])
	if n := strings.Count(page, `class="tag`); n != 13 {
		t.Errorf("%d releases", n)
	}
}

func TestAddressesOfDatasetPages(t *testing.T) {
	b := newBench(t)
	b.publish(t, "2026-11-21")
	b.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for address, want := range map[string]string{
		"/jeux-de-donnees/moncompteformation_usagers_region": "301 moncompteformation_usagers#moncompteformation_usagers_region",
		datasetPage + "?table=&tri=&nom_region=":             "302 " + catalogue,
		datasetPage + "?utm_source=x":                        "302 " + catalogue,
		datasetPage + "?table=" + catalogue + "&tri=siret":   "302 " + catalogue + "?tri=siret",
		datasetPage + "?nom_region=Corse&annee=2024":         "302 " + catalogue + "?nom_region=Corse",
		"/jeux-de-donnees/moncompteformation_usagers?table=moncompteformation_usagers_france&tri=code_departement": "302 moncompteformation_usagers?table=moncompteformation_usagers_france",
	} {
		if a := b.look(t, address); fmt.Sprint(a.StatusCode, " ", a.Header.Get("Location")) != want {
			t.Errorf("%s: %d %s", address, a.StatusCode, a.Header.Get("Location"))
		}
	}
	for address, status := range map[string]int{
		datasetPage + "?tri=siret": 200, datasetPage + "?nom_region=Corse&tri=-siret": 200,
		"/jeux-de-donnees/inconnu": 404, "/jeux-de-donnees/..%2f..%2fetc": 404, "/jeux-de-donnees/%3Cscript%3E": 404, "/jeux-de-donnees/%ff": 404,
		datasetPage + "?table=<script>": 400, datasetPage + "?tri=rien": 400, datasetPage + "?tri=-": 400, datasetPage + "?nom_region=" + strings.Repeat("a", 201): 400, datasetPage + "?nom_region=%ff": 400,
		"/jeux-de-donnees/moncompteformation_usagers?annee=1%20or%201=1": 400, "/sitemaps/rien.xml": 404,
		"/jeux-de-donnees/moncompteformation_formations_engagees?date_validation=mars": 400, "/jeux-de-donnees/moncompteformation_formations_engagees?date_validation=2026-13": 400,
		"/jeux-de-donnees/moncompteformation_formations_engagees?date_validation=2026-03": 200, "/sitemaps/formations.xml?apres=%ff": 400,
	} {
		says(t, b.look(t, strings.ReplaceAll(address, "<", "%3C")).page(t, status), "!<script>")
	}
}

func TestDatasetPageIsKept(t *testing.T) {
	b := newBench(t)
	b.publish(t, "2026-11-20")
	a := b.look(t, datasetPage)
	tag := a.Header.Get("ETag")
	before := b.store.opens.Load()
	if again := b.look(t, datasetPage, "If-None-Match: "+tag); again.StatusCode != http.StatusNotModified {
		t.Errorf("%d, want 304", again.StatusCode)
	}
	if again := b.look(t, datasetPage); string(again.body) != string(a.body) {
		t.Error("another page")
	}
	if read := b.store.opens.Load() - before; read > 0 {
		t.Errorf("%d objects were read again", read)
	}
	b.publish(t, "2026-11-21")
	b.clock.advance(time.Minute)
	if again := b.look(t, datasetPage, "If-None-Match: "+tag); again.StatusCode != http.StatusOK {
		t.Errorf("%d after another publication", again.StatusCode)
	}
}

// feed is an Atom feed, as far as the tests look at it.
type feed struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string   `xml:"id"`
	Updated string   `xml:"updated"`
	Author  string   `xml:"author>name"`
	Links   []struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	} `xml:"link"`
	Entries []struct {
		ID       string `xml:"id"`
		Title    string `xml:"title"`
		Updated  string `xml:"updated"`
		Content  string `xml:"content"`
		Category struct {
			Term string `xml:"term,attr"`
		} `xml:"category"`
		Links []struct {
			Rel  string `xml:"rel,attr"`
			Href string `xml:"href,attr"`
		} `xml:"link"`
	} `xml:"entry"`
}

func (b *bench) feed(t testing.TB) feed {
	t.Helper()
	a := b.get(t, "/atom.xml")
	if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "application/atom+xml; charset=utf-8" {
		t.Fatalf("%d %s", a.StatusCode, a.Header.Get("Content-Type"))
	}
	var f feed
	if err := xml.Unmarshal(a.body, &f); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
	if f.ID != public+"/atom.xml" || f.Author == "" || len(f.Links) == 0 || f.Links[0].Rel != "self" {
		t.Errorf("%+v", f)
	}
	last, seen := f.Updated, map[string]bool{}
	if _, err := time.Parse(time.RFC3339, last); err != nil {
		t.Error(err)
	}
	for _, e := range f.Entries {
		if e.Updated > last || seen[e.ID] || e.Title == "" || !strings.HasPrefix(e.ID, public+"/") || len(e.Links) == 0 || e.Links[0].Rel != "alternate" {
			t.Errorf("after %s: %+v", last, e)
		}
		for _, l := range e.Links {
			if len(seen) > 2 { // the others are alike
				break
			}
			if there := b.look(t, strings.TrimPrefix(l.Href, public)); there.StatusCode != http.StatusOK {
				t.Errorf("%s: %d", l.Href, there.StatusCode)
			}
		}
		last, seen[e.ID] = e.Updated, true
	}
	return f
}

func TestFeedAnnouncesReleases(t *testing.T) {
	b := newBench(t)
	if f := b.feed(t); len(f.Entries) != 0 {
		t.Errorf("%+v", f)
	}
	b.publish(t, "2026-11-20", func(m *release.Manifest) { m.Note = "Erratum : <b> & \u00e9." })
	withdrawn := b.publish(t, "2026-11-21")
	if _, _, err := b.archive.Withdraw(t.Context(), catalogue, withdrawn.id, "une <erreur> & un risque", b.clock.Now()); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(time.Minute)
	f := b.feed(t)
	if len(f.Entries) != 2 || f.Updated != f.Entries[0].Updated || f.Updated != "2026-11-22T06:00:00Z" {
		t.Fatalf("%+v", f)
	}
	gone, note := f.Entries[0], f.Entries[1]
	if !strings.Contains(gone.Title, "retrait de la publication du 21 novembre 2026") || !strings.HasSuffix(gone.Content, "Motif : une <erreur> & un risque") ||
		gone.Category.Term != catalogue || gone.ID != public+root+"/releases/"+withdrawn.id+"#retrait" {
		t.Errorf("%+v", gone)
	}
	if !strings.Contains(note.Content, "Note : Erratum : <b> & é.") || !strings.Contains(note.Title, "note") {
		t.Errorf("%+v", note)
	}
	b.store.down.Store(true)
	b.clock.advance(time.Hour)
	b.get(t, "/atom.xml").problem(t, http.StatusServiceUnavailable)
}

func TestFeedHasTheLatestFifty(t *testing.T) {
	b := newBench(t)
	for i := range 55 {
		b.publish(t, time.Date(2026, 8, 1+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
	}
	f := b.feed(t)
	if len(f.Entries) != 50 || !strings.Contains(f.Entries[0].Title, "24 septembre 2026") {
		t.Errorf("%d entries, %s", len(f.Entries), f.Entries[0].Title)
	}
}

func TestCrawlersAreToldWhatThereIs(t *testing.T) {
	b := newBench(t)
	b.publish(t, "2026-11-21")
	robots := b.look(t, "/robots.txt")
	if robots.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%v", robots.Header)
	}
	says(t, string(robots.body), "Disallow: /api/\n", "Disallow: /recherche?\n", "\nSitemap: "+public+"/sitemap.xml\n", "!Disallow: /\n")
	var index struct {
		Places []string `xml:"sitemap>loc"`
	}
	if err := xml.Unmarshal(b.look(t, "/sitemap.xml").body, &index); err != nil || len(index.Places) != 1 { // no catalogue to ask
		t.Fatal(err, index)
	}
	var pages struct {
		Places []struct {
			Loc     string `xml:"loc"`
			Changed string `xml:"lastmod"`
		} `xml:"url"`
	}
	if err := xml.Unmarshal(b.look(t, strings.TrimPrefix(index.Places[0], public)).body, &pages); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, p := range pages.Places {
		found[strings.TrimPrefix(p.Loc, public)] = p.Changed
	}
	for path, changed := range map[string]string{"/": "", "/jeux-de-donnees": "", datasetPage: "2026-11-21", "/mentions-legales": ""} {
		if at, ok := found[path]; !ok || at != changed {
			t.Errorf("%s: %q, %t", path, at, ok)
		}
	}
	if _, ok := found["/tableaux-de-bord/usagers"]; ok {
		t.Error("a dashboard is listed, which needs tables")
	}
	b.look(t, "/sitemaps/formations.xml").page(t, http.StatusServiceUnavailable)
}
