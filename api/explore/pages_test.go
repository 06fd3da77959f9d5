package explore_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	finding "github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/web"
	webask "github.com/parvis-opendata/parvis/web/ask"
	"github.com/parvis-opendata/parvis/web/webtest"
)

// asked asks a question of a page over HTTP, as whoever follows its address does.
func (s *shop) asked(t *testing.T, q webask.Question) []webask.Row {
	t.Helper()
	a := s.get(t, q.Records("/"))
	if a.StatusCode != http.StatusOK {
		t.Fatalf("%+v: %d %s", q, a.StatusCode, a.body)
	}
	var body struct{ Results json.RawMessage }
	check(t, json.Unmarshal(a.body, &body))
	rows, err := webask.Read(body.Results)
	check(t, err)
	return rows
}

func (s *shop) askedAll(t *testing.T, questions map[string]webask.Question) map[string][]webask.Row {
	t.Helper()
	all := map[string][]webask.Row{}
	for name, q := range questions {
		all[name] = s.asked(t, q)
	}
	return all
}

// page asks for a page that there is.
func (s *shop) page(t *testing.T, path string) answer {
	t.Helper()
	a := s.get(t, path)
	if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "text/html; charset=utf-8" || a.Header.Get("Content-Security-Policy") != web.Policy || a.Header.Get("ETag") == "" {
		t.Fatalf("%s: %d %v", path, a.StatusCode, a.Header)
	}
	return a
}

func frame(path string) web.Frame {
	return web.Frame{Root: "../", Base: public, Path: path, Here: web.HereSearch}
}

func site(t *testing.T) *web.Site {
	t.Helper()
	s, err := web.New()
	check(t, err)
	return s
}

// trainings are the numbers of all trainings of the shop.
func (s *shop) trainings(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, row := range s.asked(t, webask.Question{Table: catalogue, Select: "numero_formation", GroupBy: "numero_formation", Limit: -1}) {
		all = append(all, row.Text("numero_formation"))
	}
	return all
}

// TestPageOfATrainingSaysWhatTheAPISays: the page is that of the answers to its questions
// over HTTP, to the byte.
func TestPageOfATrainingSaysWhatTheAPISays(t *testing.T) {
	s := open(t)
	for _, numero := range s.trainings(t)[:4] {
		path := "/formations/" + url.PathEscape(numero)
		a := s.page(t, path)
		rows := s.asked(t, web.TrainingQuestion(numero))
		want, err := site(t).Training(frame(path), web.Training{Row: rows[0], Answers: s.askedAll(t, web.TrainingQuestions(rows[0])), Release: s.served(t, catalogue).Release})
		check(t, err)
		if diff := cmp.Diff(string(want), string(a.body)); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
		if a.Header.Get("X-Release") != s.served(t, catalogue).Release {
			t.Errorf("%v", a.Header)
		}
		course(t, a.body, rows[0])
		if again := s.get(t, path, "If-None-Match: "+a.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
			t.Errorf("%s: %d", path, again.StatusCode)
		}
	}
}

var courseData = regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`)

// course reads what a page tells machines.
func course(t *testing.T, page []byte, row webask.Row) {
	t.Helper()
	found := courseData.FindSubmatch(page)
	if found == nil {
		t.Fatal("no data for machines")
	}
	c := decode(t, found[1])
	price, _ := row.Number("frais_ttc_tot_min")
	if at(c, "@type") != "Course" || at(c, "name") != row.Text("intitule_formation") || at(c, "provider", "name") != row.Text("nom_of") || at(c, "offers", "lowPrice") != price ||
		at(c, "url") != public+"/formations/"+url.PathEscape(row.Text("numero_formation")) || at(c, "hasCourseInstance", 0, "@type") != "CourseInstance" {
		t.Errorf("%s", found[1])
	}
}

// TestPageOfACertificationSaysWhatTheAPISays, of its offer and of its purchases.
func TestPageOfACertificationSaysWhatTheAPISays(t *testing.T) {
	s := open(t)
	var codes []string
	for _, row := range s.asked(t, webask.Question{Table: catalogue, Select: "code_rncp, code_inventaire, code_certifinfo", GroupBy: "code_rncp, code_inventaire, code_certifinfo"}) {
		for _, code := range []string{"RNCP" + row.Text("code_rncp"), "RS" + row.Text("code_inventaire"), row.Text("code_certifinfo"), "CI" + row.Text("code_certifinfo")} {
			if !strings.HasSuffix(code, "-1") {
				codes = append(codes, code)
			}
		}
	}
	if len(codes) < 5 {
		t.Fatal(codes)
	}
	bought := false
	for _, text := range codes {
		a := s.page(t, "/certifications/"+text)
		code, _ := web.ReadCode(text)
		c := web.Certification{Code: code, Answers: s.askedAll(t, web.OfferQuestions(code)), Release: s.served(t, catalogue).Release, Purchases: s.served(t, engagees).Release}
		maps.Copy(c.Answers, s.askedAll(t, web.DemandQuestions(code)))
		if latest := c.Answers["achetée"]; len(latest) > 0 {
			bought = true
			c.Month = latest[0].Text("date_validation")
			c.Regions = s.asked(t, web.RegionQuestion(code, c.Month))
		}
		want, err := site(t).Certification(frame("/certifications/"+code.String()), c)
		check(t, err)
		if diff := cmp.Diff(string(want), string(a.body)); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
		if lower := s.page(t, "/certifications/"+strings.ToLower(text)); string(lower.body) != string(a.body) {
			t.Errorf("%s is another in lower case", text)
		}
	}
	if !bought {
		t.Error("no certification was bought")
	}
}

// hrefs are the addresses in a page that are answered by the service.
var hrefs = regexp.MustCompile(`href="(\.\./(?:api|recherche|formations|certifications)[^"]*)"`)

// TestLinksOfPagesLead: what a page says that can be read elsewhere can be.
func TestLinksOfPagesLead(t *testing.T) {
	s := open(t)
	for _, path := range []string{"/formations/" + url.PathEscape(s.trainings(t)[0]), "/certifications/RS6151"} {
		seen := map[string]bool{}
		for _, m := range hrefs.FindAllStringSubmatch(string(s.page(t, path).body), -1) {
			link := strings.NewReplacer("&amp;", "&", "&#43;", "+", "&#39;", "'").Replace(strings.TrimPrefix(m[1], ".."))
			if seen[link] {
				continue
			}
			seen[link] = true
			if a := s.get(t, link); a.StatusCode != http.StatusOK {
				t.Errorf("%s leads to %s: %d %s", path, link, a.StatusCode, a.body)
			}
		}
		if len(seen) < 5 {
			t.Errorf("%s leads to %v", path, seen)
		}
	}
}

func TestPagesOfNothing(t *testing.T) {
	s := open(t)
	known := s.trainings(t)[0]
	for path, say := range map[string]string{
		"/formations/inconnue": "sortie", "/formations/" + known + `%22%20or%20%221%22%3D%221`: "sortie", "/formations/%22%20OR%20true": "sortie", "/formations/a%2Fb": "sortie", "/formations/%00": "sortie",
		"/formations/%5C": "sortie", "/formations/" + strings.Repeat("9", 3000): "sortie", "/formations/%3Cscript%3Ealert(1)%3C%2Fscript%3E": "sortie",
		"/certifications/RNCP1": "RNCP37674", "/certifications/" + `RS6151%22%20or%201%3D1`: "RNCP37674", "/certifications/-1": "RNCP37674", "/certifications/RNCP-1": "RNCP37674", "/certifications/": "",
		"/certifications/RS": "RNCP37674", "/certifications/%22": "RNCP37674", "/certifications/RS6151%0A": "RNCP37674", "/certifications/9999999999999999999": "RNCP37674", "/certifications/ RS6151": "",
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			a := do(t, s.Server, method, strings.ReplaceAll(path, " ", "%20"), "Accept: text/html")
			if a.StatusCode != http.StatusNotFound || a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("ETag") != "" || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
				t.Errorf("%s %.80s: %d %v", method, path, a.StatusCode, a.Header)
			}
			if method == http.MethodGet && (!strings.Contains(string(a.body), say) || strings.Contains(string(a.body), "<script>")) {
				t.Errorf("%.80s: %s", path, a.body)
			}
		}
	}
}

// found are the numbers of the trainings that a search finds.
func (s *shop) found(t *testing.T, query string) []string {
	t.Helper()
	var all []string
	hits, _ := at(s.get(t, "/api/v1/search?per_page=100&"+query).json(t), "hits").([]any)
	for _, h := range hits {
		all = append(all, fmt.Sprint(at(h, "numero_formation")))
	}
	slices.Sort(all)
	return all
}

// TestWhatWasFoundAsAFile: a file has all rows of the trainings found, and no other.
func TestWhatWasFoundAsAFile(t *testing.T) {
	s := open(t)
	for _, query := range []string{"", "q=anglais", "q=RS6151", "region=84", "q=web&departement=75", "q=xyzzyqwkj", "prix_max=700&a_distance=true"} {
		found := s.found(t, query)
		a := s.get(t, "/recherche/export.csv?"+query)
		rows := sheet(t, a)
		if a.Header.Get("X-Release") != s.served(t, catalogue).Release || a.Header.Get("Content-Disposition") != `attachment; filename="formations-trouvees.csv"` || a.Trailer.Get("X-Total-Rows") != fmt.Sprint(len(rows)-1) {
			t.Errorf("%s: %v %v", query, a.Header, a.Trailer)
		}
		column := slices.Index(rows[0], "numero_formation")
		var got []string
		for _, r := range rows[1:] {
			got = append(got, r[column])
		}
		if diff := cmp.Diff(found, slices.Compact(slices.Sorted(slices.Values(got)))); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
		if again := s.get(t, "/recherche/export.csv?sort=prix&page=2&"+query, "If-None-Match: "+a.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
			t.Errorf("%s: %d", query, again.StatusCode)
		}
		book := s.get(t, "/recherche/export.xlsx?"+query)
		f, err := excelize.OpenReader(strings.NewReader(string(book.body)))
		check(t, err)
		cells, err := f.GetRows(f.GetSheetName(0))
		check(t, err)
		if len(cells) != len(rows) || book.Header.Get("ETag") == a.Header.Get("ETag") {
			t.Errorf("%s: %d rows in the workbook, %d as CSV", query, len(cells), len(rows))
		}
		check(t, f.Close())
		if head := do(t, s.Server, http.MethodHead, "/recherche/export.csv?"+query); head.StatusCode != http.StatusOK || len(head.body) > 0 {
			t.Errorf("HEAD: %d", head.StatusCode)
		}
	}
	for _, query := range []string{"region=ara", "prix_max=cher", "niveau=9"} {
		if a := s.get(t, "/recherche/export.csv?"+query); a.StatusCode != http.StatusBadRequest || a.Header.Get("Content-Disposition") != "" {
			t.Errorf("%s: %d %v", query, a.StatusCode, a.Header)
		}
	}
	if a := s.get(t, "/recherche/export.pdf"); a.StatusCode != http.StatusNotFound {
		t.Error(a.StatusCode)
	}
}

// sheet reads a file with semicolons.
func sheet(t *testing.T, a answer) [][]string {
	t.Helper()
	if a.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(a.body), "\ufeff")))
	r.Comma = ';'
	rows, err := r.ReadAll()
	check(t, err)
	return rows
}

// TestFiltersAsConditions: rows that the conditions of filters keep are of the trainings
// that the filters find.
func TestFiltersAsConditions(t *testing.T) {
	s := open(t)
	for query, exact := range map[string]bool{
		"": true, "region=84": true, "region=84&region=11": true, "departement=75": true, "niveau=5": true, "referentiel=RS": true, "nsf=136": true, "nsf=326&nsf=136&referentiel=RNCP": true,
		"habilitation=sans objet": true, "a_distance=true": true, "a_distance=true&a_distance=false": true, "prix_max=800.5": true, "heures_max=700": true, "niveau=5&prix_max=900": true,
		"a_distance=false": false, "departement=75&prix_max=900": false, "region=11&a_distance=true": false, "prix_max=900&heures_max=700": false,
	} {
		values, err := url.ParseQuery(query)
		check(t, err)
		q, err := finding.Read(values)
		check(t, err)
		where, got := web.Conditions(q.Filters)
		if got != exact {
			t.Errorf("%s: exact is %t", query, got)
		}
		if !exact {
			continue
		}
		var kept []string
		for _, row := range s.asked(t, webask.Question{Table: catalogue, Select: "numero_formation", GroupBy: "numero_formation", Where: where, Limit: -1}) {
			kept = append(kept, row.Text("numero_formation"))
		}
		slices.Sort(kept)
		if diff := cmp.Diff(s.found(t, values.Encode()), kept); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
}

// small lists links and controls, out of running text, that are less than 24 pixels high.
const small = `[...document.querySelectorAll("a, button, input, select, summary")]
	.filter(e => e.checkVisibility({contentVisibilityAuto: true}) && !e.matches(".skip, p a, li a, dd a, th a, svg a") && e.getBoundingClientRect().height < 24)
	.map(e => e.outerHTML.slice(0, 80))`

// TestPagesInABrowser looks at pages in windows of several widths, with and without
// scripts.
func TestPagesInABrowser(t *testing.T) {
	b := webtest.Open(t)
	s := open(t)
	paths := []string{"/formations/" + url.PathEscape(s.trainings(t)[0]), "/certifications/RS6151", "/certifications/RNCP900001"}
	look := func() {
		t.Helper()
		for _, width := range []int64{360, 768, 1440} {
			b.Size(width, 900)
			for _, path := range paths {
				b.Do(chromedp.Navigate(s.URL + path))
				if beyond := webtest.Value[int](b, "document.documentElement.scrollWidth - innerWidth"); beyond > 0 {
					t.Errorf("%s at %d pixels: %d are beyond the edge", path, width, beyond)
				}
				if all := webtest.Value[[]string](b, small); len(all) > 0 {
					t.Errorf("%s at %d pixels: too small to be touched: %v", path, width, all)
				}
				headings := webtest.Value[[]string](b, `[...document.querySelectorAll("main :is(h1, h2, h3)")].map(e => e.tagName)`)
				if headings[0] != "H1" || slices.Contains(headings[1:], "H1") || headings[1] != "H2" {
					t.Errorf("%s: headings are %v", path, headings)
				}
				if twice := webtest.Value[[]string](b, `[...document.querySelectorAll("[id]")].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i)`); len(twice) > 0 {
					t.Errorf("%s: there twice are %v", path, twice)
				}
			}
		}
		if all := b.Complaints(); len(all) > 0 {
			t.Errorf("the browser complains: %v", all)
		}
	}
	look()
	b.WithoutScripts()
	look()
	b.Media("print", "light")
	b.Do(chromedp.Navigate(s.URL + paths[1]))
	if webtest.Value[bool](b, `document.querySelector(".twin > summary").checkVisibility()`) {
		t.Error("a switch is printed")
	}
}
