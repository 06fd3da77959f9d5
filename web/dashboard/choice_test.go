package dashboard_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/parvis-opendata/parvis/web/ask"
	"github.com/parvis-opendata/parvis/web/dashboard"
)

func number(x float64) json.Number { return json.Number(strconv.FormatFloat(x, 'f', -1, 64)) }

// choose chooses on a dashboard that has the région 84, the domain 'A "b" \c', and periods.
func choose(t testing.TB, d *dashboard.Dashboard, query string, periods []string) (dashboard.Choice, error) {
	t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	answers := make([][]ask.Row, len(d.Options()))
	for i := range d.Filters {
		answers[i] = []ask.Row{{"valeur": "84", "nom": "Auvergne-Rhône-Alpes"}, {"valeur": `A "b" \c`, "nom": `A "b" \c`}, {"valeur": nil}}
	}
	for _, p := range periods {
		answers[len(answers)-1] = append(answers[len(answers)-1], ask.Row{"periode": p})
	}
	return d.Choose(values, answers)
}

func months(n int) []string {
	var all []string
	for i := range n {
		all = append(all, strconv.Itoa(2024+i/12)+"-"+strconv.Itoa(100 + i%12 + 1)[1:])
	}
	return all
}

// TestEveryQuestionCompiles: of every figure and number of every dashboard, for every sort of
// choice.
func TestEveryQuestionCompiles(t *testing.T) {
	all := load(t)
	for _, d := range dashboard.All {
		periods := months(14)
		if d.Name == "usagers" {
			periods = []string{"2026-T1", "2026-T2"}
		}
		if d.Periods.Table == "" {
			periods = nil
		}
		for _, q := range d.Options() {
			compile(t, all, q)
		}
		queries := []string{"", "region=84"}
		for _, f := range d.Filters {
			queries = append(queries, f.Name+"="+url.QueryEscape(`A "b" \c`))
		}
		for _, query := range queries {
			c, err := choose(t, d, query, periods)
			if err != nil {
				t.Fatal(err)
			}
			for _, k := range d.Keys {
				compile(t, all, k.Ask(c))
			}
			for _, f := range d.Shown(c) {
				questions := f.Ask(c)
				for _, q := range questions {
					compile(t, all, q)
				}
				if drawn := f.Draw(c, make([][]ask.Row, len(questions))); !strings.HasPrefix(drawn.Chart.Table().Caption, strings.SplitN(f.Title, ",", 2)[0]) {
					t.Errorf("%s/%s is called %q", d.Name, f.Name, drawn.Chart.Table().Caption)
				}
			}
		}
	}
}

// TestChoiceOfPeriods: the first and the last are in order, those before are as many and end
// just before, and the address says all that does not go without saying.
func TestChoiceOfPeriods(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		periods := months(rapid.IntRange(0, 40).Draw(r, "periods"))
		v := url.Values{}
		for _, name := range []string{"debut", "fin"} {
			if len(periods) > 0 && rapid.Bool().Draw(r, "given") {
				v.Set(name, rapid.SampledFrom(periods).Draw(r, name))
			}
		}
		c, err := choose(t, dashboard.Purchases, v.Encode(), periods)
		if err != nil {
			r.Fatalf("%v", err)
		}
		shown := c.Shown()
		if len(periods) == 0 {
			if len(shown) != 0 || c.Span() != "" || len(c.Values()) != 0 {
				r.Fatalf("periods of none: %v", shown)
			}
			return
		}
		if len(shown) == 0 || shown[0] != c.From || shown[len(shown)-1] != c.To || !slices.IsSorted(shown) {
			r.Fatalf("%v from %s to %s", shown, c.From, c.To)
		}
		if before, ok := c.Before(); ok {
			if b := before.Shown(); len(b) != len(shown) || slices.Index(periods, b[len(b)-1])+1 != slices.Index(periods, shown[0]) {
				r.Fatalf("%v before %v", b, shown)
			}
		} else if slices.Index(periods, shown[0]) >= len(shown) {
			r.Fatalf("nothing before %v", shown)
		}
		again, err := choose(t, dashboard.Purchases, c.Values().Encode(), periods)
		if err != nil || again.From != c.From || again.To != c.To || again.Values().Encode() != c.Values().Encode() {
			r.Fatalf("%v: %s – %s is not %s – %s (%v)", c.Values(), again.From, again.To, c.From, c.To, err)
		}
	})
}

// TestUnknownValuesAreRefused by the name of their parameter.
func TestUnknownValuesAreRefused(t *testing.T) {
	for query, name := range map[string]string{"region=99": "region", "domaine=%22": "domaine", "debut=2020-01": "debut", "fin=x": "fin", "region=" + strings.Repeat("8", 600): "region"} {
		var unknown *dashboard.UnknownError
		if _, err := choose(t, dashboard.Purchases, query, months(3)); !errors.As(err, &unknown) || unknown.Name != name {
			t.Errorf("%s: %v", query, err)
		}
	}
}

// TestSecretIsSaid: a figure of secret rows says how many there are, and draws none as zero.
func TestSecretIsSaid(t *testing.T) {
	c, err := choose(t, dashboard.Purchases, "", months(2))
	if err != nil {
		t.Fatal(err)
	}
	f, _ := dashboard.Purchases.Figure("dossiers")
	drawn := f.Draw(c, [][]ask.Row{{
		{"date_validation": "2024-01", "total": number(1500), "n": number(1300), "k": number(10)}, {"date_validation": "2024-02", "total": nil, "n": number(1), "k": number(0)},
	}})
	rows := drawn.Chart.Table().Rows
	if len(drawn.Notes) != 1 || !strings.Contains(drawn.Notes[0], "Au moins : 1\u202f291 des 1\u202f301 lignes") || rows[0][1] != "1\u202f500" || rows[1][1] != "secret" {
		t.Errorf("%v %v", drawn.Notes, rows)
	}
}

// TestMeanDurationIsOfWhatIsKnown: the mean may be secret where the number of files is not.
func TestMeanDurationIsOfWhatIsKnown(t *testing.T) {
	c, err := choose(t, dashboard.Purchases, "region=84", months(2))
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range dashboard.Purchases.Keys {
		if q := k.Ask(c); strings.Contains(q.Select, "duree_moyenne") && !slices.Contains(q.Where, "duree_moyenne is not null") {
			t.Errorf("%+v", q)
		}
	}
}

// TestRegionsAreOfTheTableOfRegions unless a domain is chosen, of which there is none.
func TestRegionsAreOfTheTableOfRegions(t *testing.T) {
	f, _ := dashboard.Purchases.Figure("regions")
	for query, table := range map[string]string{"": "moncompteformation_formations_engagees_region", "domaine=" + url.QueryEscape(`A "b" \c`): "moncompteformation_formations_engagees_domaine_region"} {
		c, err := choose(t, dashboard.Purchases, query, months(2))
		if err != nil {
			t.Fatal(err)
		}
		if q := f.Ask(c)[0]; q.Table != table {
			t.Errorf("%q asks %s", query, q.Table)
		}
	}
}

// TestPartsOfFundersAreOfWhatIsTold: where rows are secret, nothing is no zero, and it is said
// how much is known.
func TestPartsOfFundersAreOfWhatIsTold(t *testing.T) {
	c, err := choose(t, dashboard.Purchases, "region=84", months(2))
	if err != nil {
		t.Fatal(err)
	}
	f, _ := dashboard.Purchases.Figure("financeurs")
	row := ask.Row{"part_france_competences": number(2000), "part_titulaire": number(500), "part_etat": number(0), "engage": number(10000), "n": number(12), "k": number(1)}
	drawn := f.Draw(c, [][]ask.Row{{row}})
	if rows := drawn.Chart.Table().Rows; rows[2][1] != "secret" || rows[0][1] != "2\u202f000\u00a0€" {
		t.Errorf("%v", rows)
	}
	if !strings.Contains(drawn.Notes[0], "2\u202f500\u00a0€ des 10\u202f000\u00a0€ engagés (25\u00a0%)") {
		t.Errorf("%q", drawn.Notes)
	}
	row["k"] = number(12)
	if drawn = f.Draw(c, [][]ask.Row{{row}}); drawn.Chart.Table().Rows[2][1] != "0\u00a0€" || len(drawn.Notes) != 1 {
		t.Errorf("%v %q", drawn.Chart.Table().Rows, drawn.Notes)
	}
}

// TestRankingsStopAtWhatIsSecret: those that follow may be anything, and none stands for them.
func TestRankingsStopAtWhatIsSecret(t *testing.T) {
	c, err := choose(t, dashboard.Purchases, "region=84", months(2))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"domaines", "certifications"} {
		f, _ := dashboard.Purchases.Figure(name)
		rows := make([]ask.Row, 15)
		for i := range rows {
			rows[i] = ask.Row{"domaine_formation_nsf": "x", "intitule_certification": "x", "n": number(2), "k": number(0)}
		}
		if drawn := f.Draw(c, [][]ask.Row{rows}); len(drawn.Chart.Table().Rows) != 15 {
			t.Errorf("%s: all are secret, and %d shown", name, len(drawn.Chart.Table().Rows))
		}
		rows[0]["total"], rows[0]["k"] = number(9), number(1)
		drawn := f.Draw(c, [][]ask.Row{rows})
		if got := drawn.Chart.Table().Rows; len(got) != 1 || got[0][1] != "9" || !slices.Contains(drawn.Notes, "Les autres sont secrets, ou sans dossier.") {
			t.Errorf("%s: %v %q", name, got, drawn.Notes)
		}
	}
}

// TestDomainsAreOfTheTableOfCertifications in the whole of France, where the least of them is
// secret, and this is said to be not all.
func TestDomainsAreOfTheTableOfCertifications(t *testing.T) {
	const table = "moncompteformation_formations_engagees_certification"
	c, err := choose(t, dashboard.Purchases, "domaine="+url.QueryEscape(`A "b" \c`), months(2))
	if err != nil {
		t.Fatal(err)
	}
	k := dashboard.Purchases.Keys[0]
	if q := k.Ask(c); q.Table != table || !k.Least(c) {
		t.Errorf("%+v", q)
	}
	for _, name := range []string{"dossiers", "montants"} {
		f, _ := dashboard.Purchases.Figure(name)
		drawn := f.Draw(c, [][]ask.Row{{{"date_validation": "2024-01", "total": number(4), "n": number(1), "k": number(1)}}})
		if rows := drawn.Chart.Table().Rows; len(rows) != 2 || rows[1][1] != "secret" {
			t.Errorf("%s: a month without a row is %v", name, rows)
		}
		if f.Ask(c)[0].Table != table || len(drawn.Notes) != 1 || !strings.HasPrefix(drawn.Notes[0], "Au moins : une certification") {
			t.Errorf("%s: %+v %q", name, f.Ask(c), drawn.Notes)
		}
	}
	everywhere, err := choose(t, dashboard.Purchases, "", months(2))
	if err != nil {
		t.Fatal(err)
	}
	f, _ := dashboard.Purchases.Figure("domaines")
	if q := f.Ask(everywhere)[0]; q.Table != table || k.Least(everywhere) {
		t.Errorf("%+v", q)
	}
}
