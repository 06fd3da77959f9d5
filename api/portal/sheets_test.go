package portal_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/web"
	"github.com/parvis-opendata/parvis/web/ask"
)

// do sends a request, following no redirection.
func (d *desk) do(t testing.TB, method, address string, headers ...string) answer {
	t.Helper()
	client := *d.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	r, err := http.NewRequestWithContext(t.Context(), method, d.URL+address, http.NoBody)
	check(t, err)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	resp, err := client.Do(r)
	check(t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	check(t, err)
	return answer{resp, string(body)}
}

// ask reads an address.
func (d *desk) ask(t testing.TB, address string, headers ...string) answer {
	t.Helper()
	return d.do(t, http.MethodGet, address, headers...)
}

// asked asks a question of a page over HTTP, as whoever follows its address does.
func (d *desk) asked(t *testing.T, q ask.Question) []ask.Row {
	t.Helper()
	a := d.ask(t, q.Records("/"))
	if a.StatusCode != http.StatusOK {
		t.Fatalf("%+v: %d %s", q, a.StatusCode, a.body)
	}
	var body struct{ Results json.RawMessage }
	check(t, json.Unmarshal([]byte(a.body), &body))
	rows, err := ask.Read(body.Results)
	check(t, err)
	return rows
}

func (d *desk) askedAll(t *testing.T, questions map[string]ask.Question) map[string][]ask.Row {
	t.Helper()
	all := map[string][]ask.Row{}
	for name, q := range questions {
		all[name] = d.asked(t, q)
	}
	return all
}

// sheet asks for a page that there is.
func (d *desk) sheet(t *testing.T, path string) answer {
	t.Helper()
	a := d.ask(t, path)
	if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "text/html; charset=utf-8" || a.Header.Get("Content-Security-Policy") != web.Policy || a.Header.Get("ETag") == "" {
		t.Fatalf("%s: %d %v", path, a.StatusCode, a.Header)
	}
	return a
}

func (d *desk) frame(path string) web.Frame {
	return web.Frame{Root: "../", Base: d.URL, Path: path, Here: web.HereSearch, Notice: datasets.Notice(true)}
}

// release is the one that a table is answered from.
func (d *desk) release(t *testing.T, table string) string {
	t.Helper()
	return d.ask(t, ask.Question{Table: table, Limit: 1}.Records("/")).Header.Get("X-Release")
}

// dig follows keys and indexes into JSON.
func dig(t *testing.T, text string, steps ...any) any {
	t.Helper()
	var v any
	check(t, json.Unmarshal([]byte(text), &v))
	for _, s := range steps {
		switch s := s.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[s]
		case int:
			l, _ := v.([]any)
			v = l[s]
		}
	}
	return v
}

func site(t *testing.T) *web.Site {
	t.Helper()
	s, err := web.New()
	check(t, err)
	return s
}

// trainings are the numbers of all trainings of the shop.
func (d *desk) trainings(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, row := range d.asked(t, ask.Question{Table: catalogue, Select: "numero_formation", GroupBy: "numero_formation", Limit: -1}) {
		all = append(all, row.Text("numero_formation"))
	}
	return all
}

// TestPageOfATrainingSaysWhatTheAPISays: the page is that of the answers to its questions
// over HTTP, to the byte.
func TestPageOfATrainingSaysWhatTheAPISays(t *testing.T) {
	d := open(t)
	for _, numero := range d.trainings(t)[:4] {
		path := "/formations/" + url.PathEscape(numero)
		a := d.sheet(t, path)
		rows := d.asked(t, web.TrainingQuestion(numero))
		answers := d.askedAll(t, web.TrainingQuestions(rows[0]))
		want, err := site(t).Training(d.frame(path), web.Training{Row: rows[0], Answers: answers, Release: d.release(t, catalogue)})
		check(t, err)
		if diff := cmp.Diff(string(want), a.body); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
		if a.Header.Get("X-Release") != d.release(t, catalogue) {
			t.Errorf("%v", a.Header)
		}
		d.course(t, a.body, rows[0], answers["ensemble"][0])
		if again := d.ask(t, path, "If-None-Match: "+a.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
			t.Errorf("%s: %d", path, again.StatusCode)
		}
	}
}

var courseData = regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`)

// course reads what a page tells machines.
func (d *desk) course(t *testing.T, page string, row, sum ask.Row) {
	t.Helper()
	found := courseData.FindStringSubmatch(page)
	if found == nil {
		t.Fatal("no data for machines")
	}
	price, _ := sum.Number("prix_min")
	if c := found[1]; dig(t, c, "@type") != "Course" || dig(t, c, "name") != row.Text("intitule_formation") || dig(t, c, "offers", "lowPrice") != price ||
		dig(t, c, "url") != d.URL+"/formations/"+url.PathEscape(row.Text("numero_formation")) || dig(t, c, "hasCourseInstance", 0, "@type") != "CourseInstance" {
		t.Errorf("%s", c)
	}
}

// TestPageOfACertificationSaysWhatTheAPISays, of its offer and of its purchases.
func TestPageOfACertificationSaysWhatTheAPISays(t *testing.T) {
	d := open(t)
	var codes []string
	for _, row := range d.asked(t, ask.Question{Table: catalogue, Select: "code_rncp, code_inventaire, code_certifinfo", GroupBy: "code_rncp, code_inventaire, code_certifinfo", OrderBy: "count(*) desc", Limit: 5}) {
		for _, code := range []string{"RNCP" + row.Text("code_rncp"), "RS" + row.Text("code_inventaire"), row.Text("code_certifinfo"), "CI" + row.Text("code_certifinfo")} {
			if !strings.HasSuffix(code, "-1") {
				codes = append(codes, code)
			}
		}
	}
	if len(codes) < 5 {
		t.Fatal(codes)
	}
	bought, secret := false, false
	for _, text := range codes {
		a := d.sheet(t, "/certifications/"+text)
		code, _ := web.ReadCode(text)
		c := web.Certification{Code: code, Answers: d.askedAll(t, web.OfferQuestions(code)), Release: d.release(t, catalogue), Purchases: d.release(t, web.Purchases)}
		maps.Copy(c.Answers, d.askedAll(t, web.DemandQuestions(code)))
		if latest := c.Answers["achetée"]; len(latest) > 0 {
			bought = true
			c.Month = latest[0].Text("date_validation")
			c.Regions = d.asked(t, web.RegionQuestion(code, c.Month))
		}
		want, err := site(t).Certification(d.frame("/certifications/"+code.String()), c)
		check(t, err)
		if diff := cmp.Diff(string(want), a.body); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
		secret = secret || strings.Contains(a.body, "<td>secret</td>")
		if lower := d.sheet(t, "/certifications/"+strings.ToLower(text)); lower.body != a.body {
			t.Errorf("%s is another in lower case", text)
		}
	}
	if !bought || !secret {
		t.Errorf("a certification was bought: %t, and has a secret: %t", bought, secret)
	}
}

// hrefs are the addresses in a page that are answered by the service.
var hrefs = regexp.MustCompile(`href="(\.\./(?:api|recherche|formations|certifications)[^"]*)"`)

// TestLinksOfPagesLead: what a page says that can be read elsewhere can be.
func TestLinksOfPagesLead(t *testing.T) {
	d := open(t)
	for _, path := range []string{"/formations/" + url.PathEscape(d.trainings(t)[0]), "/certifications/RS6151"} {
		seen := map[string]bool{}
		for _, m := range hrefs.FindAllStringSubmatch(d.sheet(t, path).body, -1) {
			link := strings.NewReplacer("&amp;", "&", "&#43;", "+", "&#39;", "'").Replace(strings.TrimPrefix(m[1], ".."))
			if seen[link] {
				continue
			}
			seen[link] = true
			if a := d.ask(t, link); a.StatusCode != http.StatusOK {
				t.Errorf("%s leads to %s: %d %s", path, link, a.StatusCode, a.body)
			}
		}
		if len(seen) < 5 {
			t.Errorf("%s leads to %v", path, seen)
		}
	}
}

func TestPagesOfNothing(t *testing.T) {
	d := open(t)
	known := d.trainings(t)[0]
	for path, say := range map[string]string{
		"/formations/inconnue": "sortie", "/formations/" + known + `%22%20or%20%221%22%3D%221`: "sortie", "/formations/%22%20OR%20true": "sortie", "/formations/a%2Fb": "sortie", "/formations/%00": "sortie",
		"/formations/%5C": "sortie", "/formations/" + strings.Repeat("9", 3000): "sortie", "/formations/%3Cscript%3Ealert(1)%3C%2Fscript%3E": "sortie",
		"/certifications/RNCP1": "RNCP37674", "/certifications/" + `RS6151%22%20or%201%3D1`: "RNCP37674", "/certifications/-1": "RNCP37674", "/certifications/RNCP-1": "RNCP37674", "/certifications/": "",
		"/certifications/RS": "RNCP37674", "/certifications/%22": "RNCP37674", "/certifications/RS6151%0A": "RNCP37674", "/certifications/9999999999999999999": "RNCP37674", "/certifications/ RS6151": "",
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			a := d.do(t, method, strings.ReplaceAll(path, " ", "%20"), "Accept: text/html")
			if a.StatusCode != http.StatusNotFound || a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("ETag") != "" || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
				t.Errorf("%s %.80s: %d %v", method, path, a.StatusCode, a.Header)
			}
			if method == http.MethodGet && (!strings.Contains(a.body, say) || strings.Contains(a.body, "<script>")) {
				t.Errorf("%.80s: %s", path, a.body)
			}
		}
	}
}

// found are the numbers of the trainings that a search finds, and how many these are: more
// than it names, perhaps.
func (d *desk) found(t *testing.T, query string) (numbers []string, total int) {
	t.Helper()
	for page := 1; page <= search.MaxHits/100; page++ {
		var body struct {
			Total int
			Hits  []struct {
				Numero string `json:"numero_formation"`
			}
		}
		check(t, json.Unmarshal([]byte(d.ask(t, fmt.Sprintf("/api/v1/search?per_page=100&page=%d&%s", page, query)).body), &body))
		for _, h := range body.Hits {
			numbers = append(numbers, h.Numero)
		}
		if total = body.Total; len(body.Hits) < 100 {
			break
		}
	}
	slices.Sort(numbers)
	return numbers, total
}

// TestWhatWasFoundAsAFile: a file has all rows of the trainings found, and no other.
func TestWhatWasFoundAsAFile(t *testing.T) {
	d := open(t)
	for _, query := range []string{"q=anglais", "q=RS6151", "region=84", "q=web&departement=75", "q=xyzzyqwkj", "prix_max=700&a_distance=true"} {
		found, total := d.found(t, query)
		if total > search.MaxHits {
			t.Fatalf("%s finds %d", query, total)
		}
		a := d.ask(t, "/recherche/export.csv?"+query)
		rows := table(t, a)
		if a.Header.Get("X-Release") != d.release(t, catalogue) || a.Header.Get("Content-Disposition") != `attachment; filename="formations-trouvees.csv"` || a.Trailer.Get("X-Total-Rows") != fmt.Sprint(len(rows)-1) {
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
		if again := d.ask(t, "/recherche/export.csv?sort=prix&page=2&"+query, "If-None-Match: "+a.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
			t.Errorf("%s: %d", query, again.StatusCode)
		}
		book := d.ask(t, "/recherche/export.xlsx?"+query)
		f, err := excelize.OpenReader(strings.NewReader(book.body))
		check(t, err)
		cells, err := f.GetRows(f.GetSheetName(0))
		check(t, err)
		if len(cells) != len(rows) || book.Header.Get("ETag") == a.Header.Get("ETag") {
			t.Errorf("%s: %d rows in the workbook, %d as CSV", query, len(cells), len(rows))
		}
		check(t, f.Close())
		if head := d.do(t, http.MethodHead, "/recherche/export.csv?"+query); head.StatusCode != http.StatusOK || len(head.body) > 0 {
			t.Errorf("HEAD: %d", head.StatusCode)
		}
	}
	for _, query := range []string{"region=ara", "prix_max=cher", "niveau=9"} {
		if a := d.ask(t, "/recherche/export.csv?"+query); a.StatusCode != http.StatusBadRequest || a.Header.Get("Content-Disposition") != "" {
			t.Errorf("%s: %d %v", query, a.StatusCode, a.Header)
		}
	}
	if a := d.ask(t, "/recherche/export.pdf"); a.StatusCode != http.StatusNotFound {
		t.Error(a.StatusCode)
	}
}

// table reads a file with semicolons.
func table(t *testing.T, a answer) [][]string {
	t.Helper()
	if a.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\ufeff")))
	r.Comma = ';'
	rows, err := r.ReadAll()
	check(t, err)
	return rows
}

// TestFiltersAsConditions: rows that the conditions of filters keep are of the trainings
// that the filters find.
func TestFiltersAsConditions(t *testing.T) {
	d := open(t)
	for query, exact := range map[string]bool{
		"": true, "region=84": true, "region=84&region=11": true, "departement=75": true, "niveau=5": true, "referentiel=RS": true, "nsf=136": true, "nsf=326&nsf=136&referentiel=RNCP": true,
		"habilitation=sans objet": true, "a_distance=true": true, "a_distance=true&a_distance=false": true, "prix_max=800.5": true, "heures_max=700": true, "niveau=5&prix_max=900": true,
		"a_distance=false": false, "departement=75&prix_max=900": false, "region=11&a_distance=true": false, "prix_max=900&heures_max=700": false,
	} {
		values, err := url.ParseQuery(query)
		check(t, err)
		q, err := search.Read(values)
		check(t, err)
		where, got := web.Conditions(q.Filters)
		if got != exact {
			t.Errorf("%s: exact is %t", query, got)
		}
		if !exact {
			continue
		}
		var kept []string
		for _, row := range d.asked(t, ask.Question{Table: catalogue, Select: "numero_formation", GroupBy: "numero_formation", Where: where, Limit: -1}) {
			kept = append(kept, row.Text("numero_formation"))
		}
		slices.Sort(kept)
		found, total := d.found(t, values.Encode())
		if diff := cmp.Diff(found, kept); len(kept) != total || total <= search.MaxHits && diff != "" {
			t.Errorf("%s: %d of %d: %s", query, len(kept), total, diff)
		}
	}
}
