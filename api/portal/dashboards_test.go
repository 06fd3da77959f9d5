package portal_test

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/web/ask"
	"github.com/parvis-opendata/parvis/web/dashboard"
)

// choices are what readers choose on each dashboard.
var choices = map[string][]string{
	"offre":       {"", "region=84", "referentiel=RNCP", "region=11&referentiel=RS"},
	"engagements": {"", "region=84", "debut=2026-01&fin=2026-03", "region=00", "domaine=Langues vivantes, civilisations étrangères et régionales"},
	"usagers":     {"", "region=84", "debut=2026-T1&fin=2026-T1"},
}

// at writes parameters as an address.
func at(path, query string) string {
	v, _ := url.ParseQuery(query)
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

var (
	figurePattern = regexp.MustCompile(`(?s)<figure class="figure[^"]*" id="([^"]+)".*?</figure>`)
	rowPattern    = regexp.MustCompile(`(?s)<tr><th scope="row">(.*?)</th>(.*?)</tr>`)
	cellPattern   = regexp.MustCompile(`(?s)<td>(.*?)</td>`)
	apiPattern    = regexp.MustCompile(`href="[./]*(api/explore/[^"]+/records\?[^"]+)"`)
)

// TestFiguresAreWhatTheAPIAnswers follows the link of each figure to the API, and looks for
// each of its numbers in the figure's table, and for each number of the table in it.
func TestFiguresAreWhatTheAPIAnswers(t *testing.T) {
	d := open(t)
	for name, queries := range choices {
		for _, query := range queries {
			page := d.page(t, at("/tableaux-de-bord/"+name, query))
			figures := figurePattern.FindAllStringSubmatch(page, -1)
			if len(figures) < 4 {
				t.Errorf("%s?%s has %d figures", name, query, len(figures))
			}
			for _, f := range figures {
				links := apiPattern.FindAllStringSubmatch(f[0], -1)
				if len(links) != 1 { // a ratio of two answers; see below
					continue
				}
				rows := d.rows(t, "/"+html.UnescapeString(links[0][1]))
				compare(t, name+"?"+query+"#"+f[1], numbersOf(rows), shownIn(f[0]))
			}
		}
	}
}

// TestNumbersAreWhatTheAPIAnswers asks the API the questions of the numbers at the head of
// each dashboard.
func TestNumbersAreWhatTheAPIAnswers(t *testing.T) {
	d := open(t)
	for _, one := range dashboard.All {
		for _, query := range choices[one.Name] {
			values, err := url.ParseQuery(query)
			check(t, err)
			c, err := one.Choose(values, d.askAll(t, one.Options()))
			check(t, err)
			page := d.page(t, at("/tableaux-de-bord/"+one.Name, query))
			head, _, _ := strings.Cut(page, "<figure")
			plain := strings.NewReplacer("\u202f", "", "\u00a0", "").Replace(head)
			for _, k := range one.Keys {
				row := d.askAll(t, []ask.Question{k.Ask(c)})[0][0]
				for _, n := range k.Numbers {
					want := "secret"
					if x, ok := row.Number(n.Column); ok && x < 1e6 {
						want = whole(x) + n.Unit
					} else if ok {
						want = strings.TrimSuffix(strings.Replace(strconv.FormatFloat(x/1e6, 'f', 1, 64), ".", ",", 1), ",0") + "M" + n.Unit
					}
					if !strings.Contains(plain, "<dt>"+n.Label+"</dt><dd><strong>"+want+"</strong>") {
						t.Errorf("%s?%s: %s is not %s", one.Name, query, n.Label, want)
					}
				}
			}
		}
	}
}

// askAll asks the API some questions.
func (d *desk) askAll(t *testing.T, questions []ask.Question) [][]ask.Row {
	t.Helper()
	var all [][]ask.Row
	for _, q := range questions {
		var rows []ask.Row
		for _, row := range d.rows(t, q.Records("/")) {
			rows = append(rows, row)
		}
		all = append(all, rows)
	}
	return all
}

// rows asks the API.
func (d *desk) rows(t *testing.T, address string) []map[string]any {
	t.Helper()
	var body struct {
		Results []map[string]any `json:"results"`
	}
	decoder := json.NewDecoder(strings.NewReader(d.page(t, address)))
	decoder.UseNumber()
	check(t, decoder.Decode(&body))
	return body.Results
}

// numbersOf are the figures of an answer, as they read in French to the unit, but for what
// counts rows.
func numbersOf(rows []map[string]any) []string {
	var all []string
	for _, row := range rows {
		for name, v := range row {
			n, is := v.(json.Number)
			if !is || name == "n" || name == "k" || name == "nb" || strings.HasPrefix(name, "annee") {
				if v == nil && name != "n" && name != "k" {
					all = append(all, "secret")
				}
				continue
			}
			x, err := n.Float64()
			if x == 0 && row["n"] != row["k"] { // nothing, but for what is secret
				all = append(all, "secret")
				continue
			}
			if err == nil && name != "engage" {
				all = append(all, whole(x))
			}
		}
	}
	return all
}

// whole writes a number without decimals, as strconv rounds it.
func whole(x float64) string {
	return strconv.FormatFloat(x, 'f', 0, 64)
}

// shownIn are the figures of the table of a figure.
func shownIn(figure string) []string {
	var all []string
	for _, row := range rowPattern.FindAllStringSubmatch(figure, -1) {
		for _, cell := range cellPattern.FindAllStringSubmatch(row[2], -1) {
			text := strings.NewReplacer("\u202f", "", "\u00a0", "", "€", "", "h", "").Replace(html.UnescapeString(cell[1]))
			if _, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64); err == nil || text == "secret" {
				all = append(all, text)
			}
		}
	}
	return all
}

func compare(t *testing.T, what string, answered, shown []string) {
	t.Helper()
	if len(answered) == 0 {
		return
	}
	for _, n := range shown {
		if !slices.Contains(answered, n) {
			t.Errorf("%s shows %s, which is not in the answer %v", what, n, answered[:min(len(answered), 12)])
			return
		}
	}
	if len(shown) == 0 {
		t.Errorf("%s shows nothing of %v", what, answered)
	}
	for _, n := range answered {
		if !slices.Contains(shown, n) && n != "secret" {
			t.Errorf("%s: the answer has %s, which is not among %v", what, n, shown[:min(len(shown), 12)])
			return
		}
	}
}

// TestDashboardsKeepChoicesInTheirAddress: forms lead to the short address, and unknown
// values are refused by name.
func TestDashboardsKeepChoicesInTheirAddress(t *testing.T) {
	d := open(t)
	for from, to := range map[string]string{
		"/tableaux-de-bord/offre?region=84&domaine=&niveau=":              "offre?region=84",
		"/tableaux-de-bord/offre?region=":                                 "offre",
		"/tableaux-de-bord/engagements?debut=2026-03&fin=2026-01":         "engagements?debut=2026-01&fin=2026-03",
		"/tableaux-de-bord/engagements?region=&debut=2025-11&fin=2026-10": "engagements",
	} {
		a := d.get(t, from)
		if a.StatusCode != http.StatusFound || a.Header.Get("Location") != to {
			t.Errorf("%s leads to %d %s, want %s", from, a.StatusCode, a.Header.Get("Location"), to)
		}
	}
	for _, wrong := range []string{"/tableaux-de-bord/offre?region=999", "/tableaux-de-bord/usagers?debut=2026-10", "/embed/tableaux-de-bord/offre?theme=rose", "/tableaux-de-bord/engagements?domaine=%22+or+1%3D1"} {
		a := d.get(t, wrong)
		if a.StatusCode != http.StatusBadRequest || !strings.Contains(a.body, "Le paramètre «") {
			t.Errorf("%s: %d %s", wrong, a.StatusCode, a.body[:200])
		}
	}
	for _, none := range []string{"/tableaux-de-bord/rien", "/tableaux-de-bord/offre/rien.svg", "/tableaux-de-bord/offre/prix.gif", "/tableaux-de-bord/offre/prix", "/embed/tableaux-de-bord/offre/rien", "/oembed?url=x", "/oembed?url=https://example.org/tableaux-de-bord/offre"} {
		if a := d.get(t, none); a.StatusCode != http.StatusNotFound || strings.Contains(a.body, "<html") == strings.HasPrefix(none, "/oembed") {
			t.Errorf("%s: %d", none, a.StatusCode)
		}
	}
}

// TestComposedFigures composes many figures, of every table.
func TestComposedFigures(t *testing.T) {
	d := open(t)
	for _, one := range d.all {
		for _, table := range one.Tables {
			for _, by := range table.Facets {
				page := d.page(t, "/tableaux-de-bord/"+d.get(t, "/tableaux-de-bord/"+dashboard.OwnName+"?table="+table.ID+"&par="+by).Header.Get("Location"))
				if !strings.Contains(page, `value="`+by+`" selected`) || !strings.Contains(page, `value="`+table.ID+`" selected`) {
					t.Errorf("%s by %s is not what is shown", table.ID, by)
				}
				f := figurePattern.FindStringSubmatch(page)
				link := apiPattern.FindStringSubmatch(f[0])
				compare(t, table.ID+" by "+by, numbersOf(d.rows(t, "/"+html.UnescapeString(link[1]))), shownIn(f[0]))
			}
		}
	}
}

// TestComposedPagesAreSharedByTheirFigure: the title, and that of the card, say what is shown.
func TestComposedPagesAreSharedByTheirFigure(t *testing.T) {
	d := open(t)
	page := d.page(t, "/tableaux-de-bord/sur-mesure?calcul=somme&forme=barres&mesure=nb_dossiers&par=genre&table=moncompteformation_usagers_france")
	for _, start := range []string{"<title>", `<meta property="og:title" content="`} {
		if !strings.Contains(page, start+"Nombre de dossiers par genre\u00a0· T") {
			t.Errorf("%s does not say what is shown", start)
		}
	}
}

// TestEmbedsMayBeFramed: other sites may show embeds, and nothing else.
func TestEmbedsMayBeFramed(t *testing.T) {
	d := open(t)
	for address, framed := range map[string]bool{
		"/": false, "/tableaux-de-bord": false, "/tableaux-de-bord/offre": false, "/recherche": false, "/mentions-legales": false,
		"/embed/tableaux-de-bord/offre": true, "/embed/tableaux-de-bord/offre/prix": true, "/embed/tableaux-de-bord/usagers/ages?region=84&theme=sombre": true,
		"/embed/tableaux-de-bord/" + dashboard.OwnName + "/" + dashboard.OwnFigure: true,
	} {
		a := d.get(t, address)
		policy := a.Header.Get("Content-Security-Policy")
		if a.StatusCode != http.StatusOK || strings.Contains(policy, "frame-ancestors *") != framed || strings.Contains(policy, "unsafe") || !strings.Contains(a.body, "Données fictives") {
			t.Errorf("%s: %d %s", address, a.StatusCode, policy)
		}
	}
}

// TestImages downloads every figure as an image, and the one that stands for the page.
func TestImages(t *testing.T) {
	d := open(t)
	for _, one := range dashboard.All {
		for _, f := range append([]string{"apercu"}, names(one)...) {
			if f != "apercu" {
				a := d.get(t, "/tableaux-de-bord/"+one.Name+"/"+f+".svg")
				if a.StatusCode != http.StatusOK || !strings.HasPrefix(a.body, "<?xml") || !strings.Contains(a.body, "Données fictives") || a.Header.Get("Content-Type") != "image/svg+xml" {
					t.Errorf("%s/%s.svg: %d", one.Name, f, a.StatusCode)
				}
			}
			a := d.get(t, "/tableaux-de-bord/"+one.Name+"/"+f+".png")
			if a.StatusCode != http.StatusOK || !strings.HasPrefix(a.body, "\x89PNG") || a.Header.Get("ETag") == "" {
				t.Errorf("%s/%s.png: %d", one.Name, f, a.StatusCode)
			}
		}
	}
}

func names(d *dashboard.Dashboard) []string {
	var all []string
	for _, f := range d.Figures {
		all = append(all, f.Name)
	}
	return all
}

// TestOEmbed asks for the code of a figure as another site does that was given its address.
func TestOEmbed(t *testing.T) {
	d := open(t)
	page := d.page(t, "/tableaux-de-bord/usagers?region=84")
	link := regexp.MustCompile(`<link rel="alternate" type="application/json\+oembed"[^>]* href="([^"]+)"`).FindStringSubmatch(page)
	if link == nil {
		t.Fatal("no discovery")
	}
	var body struct {
		Type, Version, HTML string
		Width               int
	}
	check(t, json.Unmarshal([]byte(d.page(t, strings.TrimPrefix(html.UnescapeString(link[1]), d.URL)+"&maxwidth=400")), &body))
	src := regexp.MustCompile(`src="([^"]+)"`).FindStringSubmatch(body.HTML)
	if body.Type != "rich" || body.Version != "1.0" || body.Width != 400 || src == nil {
		t.Fatalf("%+v", body)
	}
	if shown := d.page(t, strings.TrimPrefix(html.UnescapeString(src[1]), d.URL)); !strings.Contains(shown, "Auvergne-Rhône-Alpes") {
		t.Error("the choice is lost")
	}
	if xml := d.page(t, "/oembed?format=xml&url="+url.QueryEscape(d.URL+"/tableaux-de-bord/offre#prix")); !strings.HasPrefix(xml, "<?xml") || !strings.Contains(xml, "/embed/tableaux-de-bord/offre/prix") {
		t.Error(xml)
	}
}
