package api_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/parvis-opendata/parvis/web/webtest"
)

// shownAt is the address that the browser shows, from its path on.
func shownAt(t *testing.T, b *webtest.Browser) string {
	t.Helper()
	u, err := url.Parse(webtest.Value[string](b, "location.href"))
	if err != nil {
		t.Fatal(err)
	}
	return u.RequestURI()
}

// quiet checks that the browser has nothing to complain of.
func quiet(t *testing.T, b *webtest.Browser) {
	t.Helper()
	if all := b.Complaints(); len(all) > 0 {
		t.Errorf("the browser complains: %v", all)
	}
}

// reader is a server with a browser before it.
func reader(t *testing.T) (*webtest.Browser, *httptest.Server) {
	t.Helper()
	b := webtest.Open(t)
	s := newSearching(t, engines(t)["embedded"])
	return b, s.Server
}

// TestSearchInABrowser searches, filters and sorts as a reader does, without a script.
func TestSearchInABrowser(t *testing.T) {
	b, s := reader(t)
	b.WithoutScripts()
	b.Size(1440, 900)
	b.Do(chromedp.Navigate(s.URL + "/recherche"))
	if n := webtest.Value[int](b, "document.querySelectorAll('.hits > li').length"); n != 15 {
		t.Errorf("%d trainings", n)
	}
	b.Follow(chromedp.SendKeys(chromedp.CSS("#q"), "boulangere"+kb.Enter))
	if got := shownAt(t, b); got != "/recherche?q=boulangere" {
		t.Errorf("searching leads to %s", got)
	}
	if marked := webtest.Value[string](b, "document.querySelector('.hits mark').textContent"); !strings.Contains(marked, "oulang") {
		t.Errorf("marked is %q", marked)
	}
	b.Do(chromedp.Click(chromedp.CSS(`input[name=region][value="84"]`)))
	b.Follow(chromedp.Click(chromedp.CSS(".apply button")))
	if got := shownAt(t, b); got != "/recherche?q=boulangere&region=84" {
		t.Errorf("a filter leads to %s", got)
	}
	if n := webtest.Value[int](b, "document.querySelectorAll('input[name=region]').length"); n < 2 {
		t.Error("no other region can be chosen any more")
	}
	b.Do(chromedp.SetValue(chromedp.CSS("#sort"), "prix"))
	b.Follow(chromedp.Click(chromedp.CSS(".sort button")))
	if got := shownAt(t, b); got != "/recherche?q=boulangere&region=84&sort=prix" {
		t.Errorf("sorting leads to %s", got)
	}
	b.Follow(chromedp.Click(chromedp.CSS(".chips a")))
	if got := shownAt(t, b); got != "/recherche?q=boulangere&sort=prix" {
		t.Errorf("taking the filter away leads to %s", got)
	}
	b.Do(chromedp.Navigate(s.URL + "/recherche?q=boulangere&region=84")) // as somebody else who was given the address
	if checked := webtest.Value[bool](b, `document.querySelector('input[name=region][value="84"]').checked`); !checked {
		t.Error("the address does not keep the filter")
	}
	quiet(t, b)
}

// TestPageFits looks at the page in windows of several widths, in both colour schemes.
func TestPageFits(t *testing.T) {
	b, s := reader(t)
	for _, width := range []int64{360, 768, 1440} {
		for _, path := range []string{"/recherche", "/recherche?q=cap&niveau=3&prix_max=9000", "/recherche?q=xyzzyqwkj", "/recherche?page=0"} {
			b.Size(width, 900)
			b.Do(chromedp.Navigate(s.URL + path))
			if beyond := webtest.Value[int](b, "document.documentElement.scrollWidth - innerWidth"); beyond > 0 {
				t.Errorf("%s at %d pixels: %d are beyond the edge", path, width, beyond)
			}
			if small := webtest.Value[[]string](b, tooSmall); len(small) > 0 {
				t.Errorf("%s at %d pixels: too small to be touched: %v", path, width, small)
			}
		}
		b.Do(chromedp.Navigate(s.URL + "/recherche"))
		filters := `document.querySelector("input[name=region]").checkVisibility({contentVisibilityAuto: true})`
		if open := webtest.Value[bool](b, filters); open != (width >= 896) {
			t.Errorf("filters at %d pixels are open: %t", width, open)
		}
	}
	b.Complaints() // of the page that there is not
	light := webtest.Value[string](b, "getComputedStyle(document.body.parentElement).backgroundColor")
	b.Media("", "dark")
	if dark := webtest.Value[string](b, "getComputedStyle(document.body.parentElement).backgroundColor"); dark == light {
		t.Errorf("the background is %s in the dark too", dark)
	}
	b.Media("print", "light")
	if webtest.Value[bool](b, `document.querySelector(".columns > aside").checkVisibility()`) {
		t.Error("filters are printed")
	}
	quiet(t, b)
}

// tooSmall lists links and controls, out of running text, that are less than 24 pixels high.
const tooSmall = `[...document.querySelectorAll("a, button, input, select, summary")]
	.filter(e => e.checkVisibility({contentVisibilityAuto: true}) && !e.matches(".skip, p a, li a, dd a, input[type=checkbox]") && e.getBoundingClientRect().height < 24)
	.map(e => e.outerHTML.slice(0, 80))`

// TestPageByKeyboard goes through the page as one does who has no mouse.
func TestPageByKeyboard(t *testing.T) {
	b, s := reader(t)
	b.Size(360, 800)
	b.Do(chromedp.Navigate(s.URL+"/recherche"), chromedp.KeyEvent(kb.Tab))
	if focused := webtest.Value[string](b, "document.activeElement.textContent"); focused != "Aller au contenu" {
		t.Errorf("first is %q", focused)
	}
	b.Do(chromedp.KeyEvent(kb.Enter), chromedp.KeyEvent(kb.Tab))
	if focused := webtest.Value[string](b, "document.activeElement.id"); focused != "q" {
		t.Errorf("after the link to the content comes %q", focused)
	}
	b.Do(chromedp.Focus(chromedp.CSS(".filters > summary")), chromedp.KeyEvent(kb.Enter))
	if !webtest.Value[bool](b, `document.querySelector("input[name=region]").checkVisibility({contentVisibilityAuto: true})`) {
		t.Error("the filters do not open")
	}
	headings := webtest.Value[[]string](b, `[...document.querySelectorAll("h1, h2, h3")].filter(e => e.checkVisibility()).map(e => e.tagName).slice(0, 3)`)
	if strings.Join(headings, " ") != "H1 H2 H3" {
		t.Errorf("headings are %v", headings)
	}
	unnamed := webtest.Value[[]string](b, `[...document.querySelectorAll("input, select")].filter(e => !e.labels.length).map(e => e.outerHTML)`)
	if len(unnamed) > 0 {
		t.Errorf("without a label are %v", unnamed)
	}
	quiet(t, b)
}

// until waits until an expression is true on the page.
func (r readerOf) until(expression string) {
	r.t.Helper()
	for deadline := time.Now().Add(time.Minute); !webtest.Value[bool](r.Browser, expression); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("%s does not come true at %s", expression, shownAt(r.t, r.Browser))
		}
	}
}

// readerOf is a browser that runs scripts.
type readerOf struct {
	*webtest.Browser

	t *testing.T
}

// TestSearchWhileOneTypes: results come by themselves, at addresses that can be shared.
func TestSearchWhileOneTypes(t *testing.T) {
	b, s := reader(t)
	r := readerOf{b, t}
	for _, width := range []int64{360, 768, 1440} {
		b.Size(width, 900)
		b.Do(chromedp.Navigate(s.URL + "/recherche"))
		b.Do(chromedp.SendKeys(chromedp.CSS("#q"), "boulangere"))
		r.until(`location.search === "?q=boulangere" && document.querySelector("#trouve").textContent.includes("boulangere")`)
		if webtest.Value[string](b, "document.activeElement.id") != "q" || webtest.Value[string](b, "document.querySelector('#annonce').textContent") != webtest.Value[string](b, "document.querySelector('#trouve').textContent") {
			t.Errorf("at %d pixels the field has lost the focus, or nothing is announced", width)
		}
		if title := webtest.Value[string](b, "document.title"); !strings.HasPrefix(title, "boulangere") {
			t.Errorf("the title is %q", title)
		}
		webtest.Value[bool](b, `document.querySelector(".filters").open = true`)
		b.Do(chromedp.Focus(chromedp.CSS(`input[name=region][value="84"]`)), chromedp.KeyEvent(" "))
		r.until(`location.search === "?q=boulangere&region=84" && document.querySelectorAll(".chips li").length === 2`)
		if focused := webtest.Value[string](b, "document.activeElement.name + document.activeElement.value + document.activeElement.checked"); focused != "region84true" {
			t.Errorf("at %d pixels the focus is on %s", width, focused)
		}
		here := webtest.Value[string](b, "document.querySelector('.results').textContent")
		b.Do(chromedp.Navigate(s.URL + shownAt(t, b)))
		if there := webtest.Value[string](b, "document.querySelector('.results').textContent"); here != there {
			t.Errorf("at %d pixels the address shows something else:\n%s\n%s", width, here, there)
		}
		if beyond := webtest.Value[int](b, "document.documentElement.scrollWidth - innerWidth"); beyond > 0 {
			t.Errorf("at %d pixels %d are beyond the edge", width, beyond)
		}
	}
	b.Do(chromedp.NavigateBack())
	r.until(`location.search === "?q=boulangere" && document.querySelectorAll(".chips li").length === 0`)
	b.Do(chromedp.SendKeys(chromedp.CSS("#q"), " zzzzzz"))
	r.until(`document.querySelector("#trouve").textContent.startsWith("Aucune")`)
	quiet(t, b)
}

// TestCompletionsByKeyboard goes through the completions without a mouse.
func TestCompletionsByKeyboard(t *testing.T) {
	b, s := reader(t)
	r := readerOf{b, t}
	b.Size(768, 900)
	b.Do(chromedp.Navigate(s.URL+"/recherche"), chromedp.SendKeys(chromedp.CSS("#q"), "boul"))
	r.until(`document.querySelector("#q").getAttribute("aria-expanded") === "true"`)
	roles := webtest.Value[[]string](b, `[q.getAttribute("role"), q.getAttribute("aria-autocomplete"), document.getElementById(q.getAttribute("aria-controls")).getAttribute("role"), document.querySelector("#q-liste li").getAttribute("role")]`)
	if strings.Join(roles, " ") != "combobox list listbox option" {
		t.Errorf("roles are %v", roles)
	}
	b.Do(chromedp.KeyEvent(kb.ArrowDown))
	const active = `document.getElementById(q.getAttribute("aria-activedescendant") ?? "")`
	if got := webtest.Value[string](b, active+`.textContent + " " + q.value + " " + `+active+`.getAttribute("aria-selected")`); got != "CAP - Boulanger CAP - Boulanger true" {
		t.Errorf("the arrow leads to %q", got)
	}
	b.Do(chromedp.KeyEvent(kb.ArrowUp))
	if got := webtest.Value[string](b, "q.value"); got != "boul" || webtest.Value[bool](b, `q.hasAttribute("aria-activedescendant")`) {
		t.Errorf("back in the field is %q", got)
	}
	b.Do(chromedp.KeyEvent(kb.Escape))
	if webtest.Value[string](b, `q.getAttribute("aria-expanded") + q.value + document.querySelector("#q-liste").hidden`) != "falseboultrue" {
		t.Error("Escape does not close the list, or takes the word away")
	}
	b.Do(chromedp.KeyEvent(kb.ArrowDown))
	r.until(`q.getAttribute("aria-expanded") === "true"`)
	b.Do(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.Enter))
	r.until(`location.search === "?q=CAP+-+Boulanger" && q.getAttribute("aria-expanded") === "false"`)
	if webtest.Value[string](b, "document.activeElement.id") != "q" {
		t.Error("the field has lost the focus")
	}
	b.Do(chromedp.Focus(chromedp.CSS(".skip")), chromedp.KeyEvent(kb.Enter))
	if got := shownAt(t, b); got != "/recherche?q=CAP+-+Boulanger" || webtest.Value[string](b, "location.hash") != "#contenu" {
		t.Errorf("the link to the content leads to %s", got)
	}
	quiet(t, b)
}

// TestCompletionsOnTheFirstPage: its field completes as that of the search, and leads there.
func TestCompletionsOnTheFirstPage(t *testing.T) {
	b, s := reader(t)
	r := readerOf{b, t}
	b.Size(768, 900)
	b.Do(chromedp.Navigate(s.URL+"/"), chromedp.SendKeys(chromedp.CSS("#q"), "boul"))
	r.until(`document.querySelector("#q").getAttribute("aria-expanded") === "true"`)
	for _, v := range webtest.Axe(b) {
		t.Error(v)
	}
	b.Do(chromedp.KeyEvent(kb.ArrowDown))
	b.Follow(chromedp.KeyEvent(kb.Enter))
	if got := shownAt(t, b); got != "/recherche?q=CAP+-+Boulanger" {
		t.Errorf("a completion leads to %s", got)
	}
	b.Do(chromedp.Navigate(s.URL+"/"), chromedp.SendKeys(chromedp.CSS("#q"), "boul"))
	r.until(`document.querySelector("#q").getAttribute("aria-expanded") === "true"`)
	b.Follow(chromedp.Click(chromedp.CSS("#q-liste li")))
	if got := shownAt(t, b); got != "/recherche?q=CAP+-+Boulanger" {
		t.Errorf("a completion that is clicked leads to %s", got)
	}
	quiet(t, b)
}
