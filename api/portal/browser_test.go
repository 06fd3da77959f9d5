package portal_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/parvis-opendata/parvis/web/webtest"
)

// pages are one of each kind.
var pages = []string{
	"/", "/recherche", "/recherche?q=anglais&region=84", "/tableaux-de-bord", "/tableaux-de-bord/offre", "/tableaux-de-bord/engagements?region=84", "/tableaux-de-bord/usagers",
	"/tableaux-de-bord/sur-mesure?calcul=somme&forme=barres&mesure=nb_dossiers&par=genre&table=moncompteformation_usagers_france",
	"/embed/tableaux-de-bord/usagers", "/embed/tableaux-de-bord/offre/prix?theme=sombre",
	"/jeux-de-donnees", "/jeux-de-donnees/" + catalogue, "/jeux-de-donnees/moncompteformation_usagers?annee=2026&table=moncompteformation_usagers_region",
	"/certifications/RS6151", "/certifications/rncp28048", "/formations/inconnue",
	"/mentions-legales", "/donnees-personnelles", "/accessibilite", "/rien",
}

// tooSmall lists links and controls, out of running text, that are less than 24 pixels high.
const tooSmall = `[...document.querySelectorAll("a, button, input, select, summary")]
	.filter(e => e.checkVisibility({contentVisibilityAuto: true}) && !e.matches(".skip, p a, li a, dd a, td a, footer a, input[type=checkbox]") && e.getBoundingClientRect().height < 24)
	.map(e => e.outerHTML.slice(0, 80))`

// crushed lists texts that have so little room that their words break.
const crushed = `[...document.querySelectorAll("dd, dt, p, li, figcaption")]
	.filter(e => e.checkVisibility({contentVisibilityAuto: true}) && !e.closest("nav") && e.getBoundingClientRect().width < 48 && e.getBoundingClientRect().height > 64)
	.map(e => e.textContent.slice(0, 80))`

// shifted is how far the content of the page has moved since it was first seen.
const shifted = `new Promise(done => { let sum = 0; new PerformanceObserver(l => { for (const e of l.getEntries()) sum += e.value; }).observe({type: "layout-shift", buffered: true}); setTimeout(() => done(sum), 150); })`

// complaints are what the browser complains of, but for a page that is not there.
func complaints(b *webtest.Browser, page string) []string {
	var all []string
	for _, c := range b.Complaints() {
		if page != "/rien" && page != "/formations/inconnue" || !strings.Contains(c, "404") {
			all = append(all, c)
		}
	}
	return all
}

// TestPagesInABrowser opens a page of each kind in windows of several widths, with scripts
// and without, light and dark, and has axe-core judge it.
func TestPagesInABrowser(t *testing.T) {
	d := open(t)
	b := webtest.Open(t)
	for _, page := range append(pages, "/formations/"+url.PathEscape(d.trainings(t)[0])) {
		for _, width := range []int64{360, 768, 1440} {
			b.Size(width, 900)
			b.Do(chromedp.Navigate(d.URL + page))
			if beyond := webtest.Value[int](b, "document.documentElement.scrollWidth - innerWidth"); beyond > 0 {
				t.Errorf("%s at %d pixels: %d are beyond the edge", page, width, beyond)
			}
			if small := webtest.Value[[]string](b, tooSmall); len(small) > 0 {
				t.Errorf("%s at %d pixels: too small to be touched: %v", page, width, small)
			}
			if broken := webtest.Value[[]string](b, crushed); len(broken) > 0 {
				t.Errorf("%s at %d pixels: crushed: %v", page, width, broken)
			}
			if moved := webtest.Await[float64](b, shifted); moved > 0.01 {
				t.Errorf("%s at %d pixels: the layout shifts by %g", page, width, moved)
			}
		}
		for _, scheme := range []string{"light", "dark"} {
			b.Media("", scheme)
			for _, v := range webtest.Axe(b) {
				t.Errorf("%s (%s): %s", page, scheme, v)
			}
		}
		b.Media("", "light")
		if all := complaints(b, page); len(all) > 0 {
			t.Errorf("%s: the browser complains: %v", page, all)
		}
	}
}

// TestDashboardWithoutScripts filters a dashboard, and opens the numbers of a figure.
func TestDashboardWithoutScripts(t *testing.T) {
	d := open(t)
	b := webtest.Open(t)
	b.WithoutScripts()
	b.Size(1440, 900)
	b.Do(chromedp.Navigate(d.URL + "/tableaux-de-bord/usagers"))
	b.Do(chromedp.SetValue(chromedp.CSS("select[name=region]"), "84"))
	b.Follow(chromedp.Click(chromedp.CSS(".choose button")))
	if at := webtest.Value[string](b, "location.search"); at != "?region=84" {
		t.Errorf("the address says %q", at)
	}
	if h := webtest.Value[string](b, "document.querySelector('.board h2').textContent"); !strings.HasPrefix(h, "Auvergne-Rhône-Alpes") {
		t.Errorf("shown is %q", h)
	}
	b.Do(chromedp.Click(chromedp.CSS("#ages .twin summary")))
	if n := webtest.Value[int](b, "[...document.querySelectorAll('#ages tbody tr')].filter(e => e.checkVisibility()).length"); n != 7 {
		t.Errorf("%d rows are shown", n)
	}
	b.Media("print", "light")
	if webtest.Value[bool](b, "document.querySelector('.choose').checkVisibility()") {
		t.Error("the form is printed")
	}
	if all := b.Complaints(); len(all) > 0 {
		t.Errorf("the browser complains: %v", all)
	}
}

// TestDashboardWithScripts filters as soon as a choice is made.
func TestDashboardWithScripts(t *testing.T) {
	d := open(t)
	b := webtest.Open(t)
	b.Size(1440, 900)
	b.Do(chromedp.Navigate(d.URL + "/tableaux-de-bord/offre"))
	b.Follow(chromedp.SetValue(chromedp.CSS("select[name=referentiel]"), "RS"))
	if at := webtest.Value[string](b, "location.search"); at != "?referentiel=RS" {
		t.Errorf("the address says %q", at)
	}
}

// TestEmbedInAnotherSite copies the code of a figure into a page of another origin: the frame
// is shown there, as high as its content; a page that is no embed is not.
func TestEmbedInAnotherSite(t *testing.T) {
	d := open(t)
	b := webtest.Open(t)
	b.Size(900, 900)
	b.Do(chromedp.Navigate(d.URL + "/tableaux-de-bord/usagers"))
	code := webtest.Value[string](b, "document.querySelector('#trimestres-code').textContent")
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.Path == "/page" {
			_, _ = fmt.Fprintf(w, `<!doctype html><title>x</title><iframe src="%s/tableaux-de-bord/usagers"></iframe>`, d.URL)
			return
		}
		_, _ = fmt.Fprintf(w, `<!doctype html><html lang="fr"><title>Un autre site</title><body style="margin:0">%s`, code)
	}))
	defer other.Close()
	u, err := url.Parse(other.URL)
	check(t, err)
	b.Complaints()
	b.Do(chromedp.Navigate("http://localhost:" + u.Port() + "/")) // another site, not just another port
	height := webtest.Await[int](b, `new Promise(done => { const look = n => { const h = +document.querySelector("iframe").height; h !== 620 || n > 100 ? done(h) : setTimeout(look, 50, n + 1) }; look(0) })`)
	if height < 250 || height == 620 || height > 1200 {
		t.Errorf("the frame is %d pixels high", height)
	}
	if all := b.Complaints(); len(all) > 0 {
		t.Errorf("the browser complains: %v", all)
	}
	b.Do(chromedp.Navigate("http://localhost:" + u.Port() + "/page"))
	if all := strings.Join(b.Complaints(), " "); !strings.Contains(all, "frame-ancestors") {
		t.Errorf("a page was framed: %s", all)
	}
}

// TestFirstPageIsSmall weighs the first page with all that it loads.
func TestFirstPageIsSmall(t *testing.T) {
	d := open(t)
	b := webtest.Open(t)
	b.Do(chromedp.Navigate(d.URL + "/"))
	bytes := webtest.Value[int](b, `performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation")).reduce((n, e) => n + e.decodedBodySize, 0)`)
	if bytes < 5_000 || bytes > 100_000 {
		t.Errorf("%d bytes", bytes)
	}
	if from := webtest.Value[int](b, `performance.getEntriesByType("resource").filter(e => new URL(e.name).origin !== location.origin).length`); from > 0 {
		t.Errorf("%d resources come from elsewhere", from)
	}
}

// TestDashboardByKeyboard: arrows pass over choices without leaving the page; the button sends
// them.
func TestDashboardByKeyboard(t *testing.T) {
	d := open(t)
	b := webtest.Open(t)
	b.Size(1440, 900)
	b.Do(chromedp.Navigate(d.URL+"/tableaux-de-bord/offre"), chromedp.Focus(chromedp.CSS("select[name=referentiel]")), chromedp.KeyEvent(kb.ArrowDown))
	b.Do(chromedp.SetValue(chromedp.CSS("select[name=referentiel]"), "RS"))
	if at := webtest.Value[string](b, "location.search + document.activeElement.name"); at != "referentiel" {
		t.Errorf("an arrow leads to %q", at)
	}
	b.Do(chromedp.Focus(chromedp.CSS(".choose button")))
	b.Follow(chromedp.KeyEvent(kb.Enter))
	if at := webtest.Value[string](b, "location.search"); at != "?referentiel=RS" {
		t.Errorf("the button leads to %q", at)
	}
}
