package dashboard_test

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/odsql"
	"github.com/parvis-opendata/parvis/web/ask"
	"github.com/parvis-opendata/parvis/web/dashboard"
)

func load(t testing.TB) []datasets.Dataset {
	t.Helper()
	all, err := datasets.Load()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// compile has the compiler of the query API read a question, and fails if it is refused.
func compile(t interface {
	Helper()
	Fatalf(string, ...any)
}, all []datasets.Dataset, q ask.Question,
) {
	t.Helper()
	for _, d := range all {
		for _, table := range d.Tables {
			if table.ID != q.Table {
				continue
			}
			schema, err := odsql.NewSchema(d, table.ID)
			if err != nil {
				t.Fatalf("%v", err)
			}
			schema.Relation = "t"
			_, err = odsql.Compile(schema, odsql.Request{Select: q.Select, GroupBy: q.GroupBy, OrderBy: q.OrderBy, Where: q.Where, Now: time.Unix(0, 0)}, odsql.NewVocabulary(nil))
			if err != nil {
				t.Fatalf("%+v: %v", q, err)
			}
			return
		}
	}
	t.Fatalf("no table %s", q.Table)
}

// odd are values that nobody would choose.
var odd = []string{"", "'", `"`, `\`, `" or 1=1 or "`, "é", "\x00", "2025", "-1", "1e9", "99999999999999999999", "FR", "00", strings.Repeat("x", 400), "Artisans commerçants chefs d'entreprise"}

// oddly are parameters: those of forms, with values that fit and values that do not.
func oddly(all []datasets.Dataset) *rapid.Generator[url.Values] {
	values := map[string][]string{"table": {"rien"}, "mesure": {"rien"}, "calcul": {"rien", "ponderee", "somme", "moyenne", "mediane", "minimum", "maximum", "distincts"}, "par": {"rien"}, "forme": {"rien", "barres", "colonnes", "courbe", "carte"}}
	for _, d := range all {
		for _, t := range d.Tables {
			values["table"] = append(values["table"], t.ID)
			for _, f := range t.Fields {
				values["mesure"], values["par"] = append(values["mesure"], f.Name), append(values["par"], f.Name)
				values["f."+f.Name] = append(odd, f.Enum...)
			}
		}
	}
	return rapid.Custom(func(t *rapid.T) url.Values {
		v := url.Values{}
		for _, name := range []string{"table", "mesure", "calcul", "par", "forme"} {
			if rapid.Bool().Draw(t, "given") {
				v.Set(name, rapid.SampledFrom(values[name]).Draw(t, name))
			}
		}
		for _, f := range dashboard.Compose(all, v).Filters {
			if rapid.IntRange(0, 3).Draw(t, "filtered") == 0 {
				v.Set(f.Name, rapid.SampledFrom(values[f.Name]).Draw(t, f.Name))
			}
		}
		return v
	})
}

// answersTo makes answers to the questions for what can be chosen: the given values among
// them if few, so that they can be, or too many to list.
func answersTo(t *rapid.T, d *dashboard.Dashboard, given url.Values, periods []string) [][]ask.Row {
	var answers [][]ask.Row
	for _, f := range d.Filters {
		rows := []ask.Row{{"valeur": given.Get(f.Name)}}
		if rapid.Bool().Draw(t, "many") {
			rows = make([]ask.Row, dashboard.MaxOptions+1)
		}
		answers = append(answers, rows)
	}
	if d.Periods.Table != "" {
		var rows []ask.Row
		for _, p := range periods {
			rows = append(rows, ask.Row{"periode": p})
		}
		answers = append(answers, rows)
	}
	return answers
}

// TestComposeAsksWhatCanBeAnswered: whatever is in the address, no question is made that the
// query API refuses, and the short address says the same figure.
func TestComposeAsksWhatCanBeAnswered(t *testing.T) {
	all := load(t)
	rapid.Check(t, func(t *rapid.T) {
		given := oddly(all).Draw(t, "parameters")
		d := dashboard.Compose(all, given)
		for _, q := range d.Options() {
			compile(t, all, q)
		}
		periods := map[datasets.Unit][]string{datasets.UnitMonth: {"2025-11", "2025-12", "2026-01"}, datasets.UnitQuarter: {"2025-T4", "2026-T1"}, datasets.UnitYear: {"2024", "2025"}}[unitOf(all, d.Fixed.Get("table"))]
		answers := answersTo(t, d.Dashboard, given, periods)
		c, err := d.Choose(given, answers)
		var unknown *dashboard.UnknownError
		if errors.As(err, &unknown) {
			return
		}
		for _, f := range d.Shown(c) {
			questions := f.Ask(c)
			for _, q := range questions {
				compile(t, all, q)
			}
			drawn := f.Draw(c, make([][]ask.Row, len(questions)))
			if table := drawn.Chart.Table(); table.Caption == "" {
				t.Fatalf("a figure without a title: %v", given)
			}
		}
		again := dashboard.Compose(all, c.Values())
		if !slices.Equal(titles(again), titles(d)) || again.Fixed.Encode() != d.Fixed.Encode() {
			t.Fatalf("%v is another figure than %v", c.Values(), given)
		}
	})
}

func titles(d dashboard.Composed) []string {
	var all []string
	for _, f := range d.Figures {
		all = append(all, f.Title)
	}
	return all
}

func unitOf(all []datasets.Dataset, table string) datasets.Unit {
	for _, d := range all {
		for _, t := range d.Tables {
			if t.ID == table && t.Period != nil {
				return t.Period.Unit
			}
		}
	}
	return ""
}

// composed makes the figure of an address, of given answers, with periods.
func composed(t *testing.T, query string, periods []string, rows []ask.Row) dashboard.Drawn {
	t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	d := dashboard.Compose(load(t), values)
	answers := make([][]ask.Row, len(d.Options()))
	if d.Periods.Table == "" {
		periods = nil
	}
	for _, p := range periods {
		answers[len(answers)-1] = append(answers[len(answers)-1], ask.Row{"periode": p})
	}
	c, err := d.Choose(values, answers)
	if err != nil {
		t.Fatal(err)
	}
	return d.Figures[0].Draw(c, [][]ask.Row{rows})
}

// TestComposedFiguresSayWhatTheyLeaveOut: what is secret, what counts twice, what a mean is of,
// and the time.
func TestComposedFiguresSayWhatTheyLeaveOut(t *testing.T) {
	months := []string{"2026-01", "2026-02", "2026-03"}
	full, partial := []ask.Row{{"n": number(2), "k": number(2), "valeur": number(9)}}, []ask.Row{{"n": number(20), "k": number(3), "valeur": number(9)}}
	const region = "table=moncompteformation_formations_engagees_region&par=region_lieu_formation"
	for _, one := range []struct {
		query string
		rows  []ask.Row
		says  string
		not   string
	}{
		{region, full, "Nombre de dossiers par région du lieu de formation\u00a0· janv. 2026 – mars 2026", "Au moins"},
		{region, partial, "Au moins : 17 des 20 lignes", ""},
		{region + "&debut=2026-02&fin=2026-02", full, "formation\u00a0· févr. 2026", "janv."},
		{region + "&calcul=mediane", partial, "Sur les seules lignes publiées : 17 des 20 lignes", "Au moins"},
		{region + "&mesure=prix_moyen", full, "chacune compte pour ses dossiers", "Au moins"},
		{region + "&mesure=prix_moyen&calcul=moyenne", full, "Chaque ligne de la table compte autant", "pour ses dossiers"},
		{region + "&mesure=nb_titulaires", full, "y compte plusieurs fois", ""},
		{"table=moncompteformation_formations_engagees&par=region_lieu_formation", full, "Au moins : la table n'a pas de ligne pour tout ce qui est secret", ""},
		{"table=moncompteformation_formations_engagees_certification&par=domaine_formation_nsf", full, "Au moins : la table n'a pas", ""},
		{"table=moncompteformation_formations_engagees&par=region_lieu_formation&mesure=duree_moyenne", full, "Sur les seules lignes publiées : la table n'a pas de ligne", ""},
		{"table=moncompteformation_catalogueformation&mesure=siret", full, "Nombre d'organismes par", "Au moins"},
		{region, []ask.Row{{"n": number(2), "k": number(1)}}, "Au moins : 1 des 2 lignes lues dans la table est vide", ""},
	} {
		drawn := composed(t, one.query, months, one.rows)
		text := drawn.Chart.Table().Caption + " " + strings.Join(drawn.Notes, " ")
		if !strings.Contains(text, one.says) || one.not != "" && strings.Contains(text, one.not) {
			t.Errorf("%s: %q", one.query, text)
		}
	}
}

// TestComposedTimeHasNoGap: a period of which a table has no row is shown, as secret.
func TestComposedTimeHasNoGap(t *testing.T) {
	rows := []ask.Row{{"date_validation": "2026-01", "valeur": number(4)}, {"date_validation": "2026-03", "valeur": number(6)}}
	for _, kind := range []string{"colonnes", "courbe"} {
		table := composed(t, "table=moncompteformation_formations_engagees&par=date_validation&forme="+kind, []string{"2026-01", "2026-02", "2026-03"}, rows).Chart.Table()
		if len(table.Rows) != 3 || table.Rows[1][1] != "secret" {
			t.Errorf("%s: %v", kind, table.Rows)
		}
	}
}

// TestTheCatalogueIsCountedInWords: trainings come first.
func TestTheCatalogueIsCountedInWords(t *testing.T) {
	table := composed(t, "table=moncompteformation_catalogueformation", nil, []ask.Row{{"valeur": number(4)}}).Chart.Table()
	if !strings.HasPrefix(table.Caption, "Nombre de formations par ") || table.Header[1] != "formations" {
		t.Errorf("%+v", table)
	}
}

// TestMeansAreWeighted: the mean price of several rows is what their files cost by what they
// are, and not the mean of the means.
func TestMeansAreWeighted(t *testing.T) {
	all := load(t)
	for measure, want := range map[string]string{
		"prix_moyen":    "sum(montant_engage) / sum(nb_dossiers) as valeur",
		"duree_moyenne": "sum(duree_moyenne * nb_dossiers_a_duree_connue) / sum(nb_dossiers_a_duree_connue) as valeur",
	} {
		d := dashboard.Compose(all, url.Values{"table": {"moncompteformation_formations_engagees_region"}, "mesure": {measure}})
		c, err := d.Choose(url.Values{}, make([][]ask.Row, len(d.Options())))
		if err != nil {
			t.Fatal(err)
		}
		q := d.Figures[0].Ask(c)[0]
		compile(t, all, q)
		if !strings.Contains(q.Select, want) || !slices.Contains(q.Where, measure+" is not null") {
			t.Errorf("%s: %+v", measure, q)
		}
	}
}
