package web_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/web"
	"github.com/parvis-opendata/parvis/web/ask"
)

const purchases = "moncompteformation_formations_engagees"

func dataset(t *testing.T, id string) datasets.Dataset {
	t.Helper()
	all, err := datasets.Load()
	if err != nil {
		t.Fatal(err)
	}
	d, ok := datasets.Find(all, id)
	if !ok {
		t.Fatal(id)
	}
	return d
}

func TestNextUpdateIsAsTheFrequencyTells(t *testing.T) {
	for _, c := range []struct{ frequency, checked, want string }{
		{"daily", "2026-11-30T23:30:00Z", "le 2 décembre 2026"}, // in Paris it is the 1st already
		{"daily", "2026-12-31T04:15:00Z", "le 1er janvier 2027"},
		{"monthly", "2026-12-02T04:30:00Z", "au début du mois de janvier"},
		{"monthly", "2026-03-02T04:30:00Z", "au début du mois d'avril"},
		{"quarterly", "2026-10-03T04:45:00Z", "au début du mois de janvier"},
		{"quarterly", "2026-03-31T04:45:00Z", "au début du mois d'avril"},
		{"quarterly", "2026-04-03T04:45:00Z", "au début du mois de juillet"},
		{"sometimes", "2026-04-03T04:45:00Z", ""},
	} {
		at, err := time.Parse(time.RFC3339, c.checked)
		if err != nil {
			t.Fatal(err)
		}
		o := web.Offer{Dataset: datasets.Dataset{Frequency: c.frequency}, Served: true, CheckedAt: at}
		if got := o.Next(); got != c.want {
			t.Errorf("%s after %s: %q, want %q", c.frequency, c.checked, got, c.want)
		}
	}
	if got := (web.Offer{Dataset: datasets.Dataset{Frequency: "daily"}}).Next(); got != "" {
		t.Errorf("without a release: %q", got)
	}
}

func TestChangesAreToldInWords(t *testing.T) {
	for text, want := range map[string]string{
		`{"tables":[{"added":12}]}`: "première publication",
		`{"previous":"R","tables":[{"added":1},{"added":1500,"removed":1,"changed":2}]}`:                       "1\u202f501\u00a0lignes ajoutées, 1\u00a0ligne retirée, 2\u00a0lignes modifiées",
		`{"previous":"R","tables":[{"fields_added":["a"]},{"fields_added":["a","b"],"fields_removed":["c"]}]}`: "champs ajoutés : a, b, champs retirés : c",
		`{"previous":"R","tables":[{}]}`: "les mêmes lignes",
	} {
		var c web.Changes
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			t.Fatal(err)
		}
		if got := c.String(); got != want {
			t.Errorf("%s: %q", text, got)
		}
	}
}

func TestViewAsksWhatTheAPIUnderstands(t *testing.T) {
	d := dataset(t, purchases)
	v, err := web.ReadView(d, url.Values{"table": {purchases + "_region"}, "tri": {"-nb_dossiers"}, "annee_de_validation": {"2026"}, "region_lieu_formation": {`a"b\`}, "modalite_presence": {"x"}})
	if err != nil {
		t.Fatal(err)
	}
	q := v.Rows()
	if q.Table != purchases+"_region" || q.OrderBy != "nb_dossiers desc" || fmt.Sprint(q.Where) != `[annee_de_validation = 2026 region_lieu_formation = "a\"b\\"]` {
		t.Errorf("%+v", q)
	}
	if got := v.Values().Encode(); got != "annee_de_validation=2026&region_lieu_formation=a%22b%5C&table="+purchases+"_region&tri=-nb_dossiers" {
		t.Error(got)
	}
	if q := v.Facet("annee_de_validation"); q.GroupBy != "annee_de_validation" || len(q.Where) > 0 {
		t.Errorf("the values of a facet depend on those chosen: %+v", q)
	}
}

// TestCellsTellSecretFromUnknown: of a dataset that counts persons, an empty measure is
// secret; of others, and of what is no measure, it is not given.
func TestCellsTellSecretFromUnknown(t *testing.T) {
	d := dataset(t, purchases)
	view, err := web.ReadView(d, url.Values{})
	if err != nil {
		t.Fatal(err)
	}
	thirty := 30
	page, err := site(t).Dataset(web.Frame{Base: "https://x.fr", Path: "/jeux-de-donnees/" + purchases, Root: "../"}, web.Dataset{
		Offer: web.Offer{Dataset: d, Served: true, Release: "R2", CheckedAt: time.Now(), DateExtract: "2026-11-02"}, View: view,
		Counts: map[string]web.Count{purchases: {Rows: 1, Masked: &thirty}}, Periods: []string{"2026-01", "2026-10"},
		Preview: &web.Preview{Release: "R1", Total: 1, Rows: []ask.Row{{"intitule_certification": "<i>", "annee_de_validation": json.Number("2026"), "montant_engage": json.Number("1234.50")}}},
		Files:   []web.File{{Name: purchases + ".csv", Bytes: 1_234_567, SHA256: "abc"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	has(t, string(page), `<td class="n silent">secret</td>`, `<td class="silent">non renseigné</td>`, `<td class="n">1`+"\u202f"+`234,50</td>`, "<td>2026</td>", "&lt;i&gt;", "!<i>",
		"d&#39;environ 30\u00a0% des dossiers", "viennent encore de <code>R1</code>", "1,2\u00a0Mo", "janvier 2026 – octobre 2026", `"temporalCoverage":"2026-01-01/2026-10-31"`,
		"Cette table est plus récente que la publication en service")
}

func TestFeedEscapesWhatItIsGiven(t *testing.T) {
	at := time.Date(2026, 11, 22, 4, 18, 0, 0, time.UTC)
	text, err := web.Feed("https://x.fr", "A & B", "", []web.Event{{Dataset: "d", Title: "<t>", Release: web.Release{ID: "R", PublishedAt: at, Note: "]]> & <b>", DateExtract: "2026-11-22"}}})
	if err != nil {
		t.Fatal(err)
	}
	has(t, string(text), `<?xml version="1.0" encoding="UTF-8"?>`, "A &amp; B", "&lt;t&gt;", "2026-11-22T04:18:00Z", "!<b>")
	if err := xml.Unmarshal(text, new(struct{})); err != nil {
		t.Error(err)
	}
	if text, err = web.Feed("https://x.fr", "A", "", nil); err != nil || !strings.Contains(string(text), "<updated>1970-01-01T00:00:00Z</updated>") {
		t.Error(err, string(text))
	}
}

func TestRobotsAreToldBelowTheAddressOfTheService(t *testing.T) {
	has(t, string(web.Robots("https://x.fr/donnees")), "Disallow: /donnees/api/\n", "Sitemap: https://x.fr/donnees/sitemap.xml\n")
}

// TestReportsHaveCharts: of what is masked by table and period, of the rules that were broken
// most, and of what was withheld; a share that is not told is no zero.
func TestReportsHaveCharts(t *testing.T) {
	d := dataset(t, purchases)
	view, err := web.ReadView(d, url.Values{})
	if err != nil {
		t.Fatal(err)
	}
	var quality web.Quality
	var disclosure web.Disclosure
	var rules []string
	for i := range 14 {
		rules = append(rules, fmt.Sprintf(`{"title":"Règle %d","records":%d}`, i, 100+i))
	}
	for text, into := range map[string]any{
		`{"input":[{"entity":"dossiers","quarantined":1,"rules":[{"title":"Clé <absente>","records":1500},{"title":"Jamais","records":0}]},{"entity":"sessions","rules":[` + strings.Join(rules, ",") + `]}],
		  "tables":[{"id":"` + purchases + `_region","fill_rates":[{"field":"nb_dossiers","percent":99.5},{"field":"part_titulaire","percent":11.5}]}]}`: &quality,
		`{"tables":[{"id":"` + purchases + `","part_masquee_dossiers":49,"periods":[{"period":"2026-01","part_masquee_dossiers":46},{"period":"2026-02","part_masquee_dossiers":null}]},
		  {"id":"` + purchases + `_region"}],"withheld":{"nirs":50}}`: &disclosure,
	} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
	}
	page, err := site(t).Dataset(web.Frame{Base: "https://x.fr", Path: "/jeux-de-donnees/" + purchases, Root: "../"}, web.Dataset{
		Offer: web.Offer{Dataset: d, Served: true, Release: "R2"}, View: view, Quality: &quality, Disclosure: &disclosure, Counts: map[string]web.Count{purchases + "_region": {Rows: 418, Masked: new(int)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	has(t, string(page), `<figure class="figure wide" id="regles-enfreintes"`, `<th scope="row">Clé &lt;absente&gt; (dossiers)</th><td>1`+"\u202f"+"500</td>", "Les 12 premières de 15", "!Jamais (dossiers)", "!Règle 2 (",
		`id="part-masquee"`, "<td>49\u00a0%</td>", "<td>n.d.</td>", `id="part-masquee-periodes"`, `<th scope="row">févr. 2026</th><td>n.d.</td>`, `id="retraits"`, `<th scope="row">NIR</th><td>50</td>`,
		"sauf ce que paie chaque financeur.", "n'est donné que pour 11,5\u00a0% des lignes", "!<td>0\u00a0%</td>")
}
