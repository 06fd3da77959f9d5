package odsql_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/internal/odsql"
)

// answer is the names of the columns, then the rows.
func answer(t *testing.T, r odsql.Request) []string {
	t.Helper()
	db := open(t)
	q := compile(t, r)
	names := make([]string, len(q.Columns))
	for i, c := range q.Columns {
		names[i] = c.Name
	}
	rows := run(t, db, q.All(), len(q.Columns))
	if n := run(t, db, q.Count(), 1); n[0] != show(len(rows)) {
		t.Errorf("%+v: count %s, %d rows", r, n[0], len(rows))
	}
	return append([]string{strings.Join(names, "|")}, rows...)
}

func TestSelectShowsFieldsAndExpressions(t *testing.T) {
	only := []string{`id = "b"`}
	for name, c := range map[string]struct {
		r    odsql.Request
		want []string
	}{
		"fields and aliases": {odsql.Request{Select: "nom_region, ID, region as r", Where: only}, []string{"region|id|r", "Bretagne|b|Bretagne"}},
		"a field twice":      {odsql.Request{Select: "id, id, *, exclude(c*), exclude(i*), exclude(t*)", Where: only}, []string{"region|n|prix|jour|mois|ouvert|lieu", "Bretagne|2|20.2|2024-01-01|2024-01|false|A/B"}},
		"exclude alone":      {odsql.Request{Select: "exclude(t*), exclude(i*),exclude(contenu),exclude(ouvert)", Where: only}, []string{"region|code|n|prix|jour|mois|lieu", "Bretagne|2A|2|20.2|2024-01-01|2024-01|A/B"}},
		"include":            {odsql.Request{Select: "include(c*), include(n)", Where: only}, []string{"code|contenu|n", "2A|Le pain|2"}},
		"arithmetic":         {odsql.Request{Select: "n*2 as d, prix+0.1, prix*n, n/4, -n, 1+1, n / 0", Where: only}, []string{"d|prix+0.1|prix*n|n/4|-n|1+1|n / 0", "4|20.3|40.4|0.5|-2|2|∅"}},
		"constants":          {odsql.Request{Select: `"x" as x, 1.5, true, null, date'2024-03' as d`, Where: only}, []string{`x|1.5|true|null|d`, "x|1.5|true|∅|2024-03-01"}},
		"functions of text":  {odsql.Request{Select: "length(titre), lower(titre), json_format(titre, 'bad') as j", Where: only}, []string{"length(titre)|lower(titre)|j", "19|boulanger pâtissier|bad"}},
		"parts of dates":     {odsql.Request{Select: "year(jour), month(mois), day(mois), hour(instant), minute(instant), second(instant)", Where: []string{`id="c"`}}, []string{"year(jour)|month(mois)|day(mois)|hour(instant)|minute(instant)|second(instant)", "2024|3|1|8|2|0"}},
		"ifnull":             {odsql.Request{Select: "ifnull(region, 'aucune') as r, ifnull(n, 0) as n0, ifnull(prix, 1.5) as p, ifnull(mois, date'2000') as m, ifnull(jour, '2000-01-02') as j", Where: []string{`id="e"`}}, []string{"r|n0|p|m|j", "aucune|0|1.5|2000-01|2000-01-02"}},
		"now":                {odsql.Request{Select: "now() as a", Where: only}, []string{"a", "2021-05-06 12:34:55.4505"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, answer(t, c.r)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestColumnsSayWhatTheyHold(t *testing.T) {
	q := compile(t, odsql.Request{Select: "nom_region, region as r, n, prix, prix*2 as x, jour, mois, instant, tags, json_format(titre) as j, length(titre)"})
	want := []odsql.Column{
		{Name: "region", Label: "nom_region", Type: odsql.Text, Field: "region"},
		{Name: "r", Label: "r", Type: odsql.Text},
		{Name: "n", Label: "n", Type: odsql.Int, Field: "n"},
		{Name: "prix", Label: "prix", Type: odsql.Decimal, Field: "prix"},
		{Name: "x", Label: "x", Type: odsql.Double},
		{Name: "jour", Label: "jour", Type: odsql.Date, Field: "jour"},
		{Name: "mois", Label: "mois", Type: odsql.Month, Field: "mois"},
		{Name: "instant", Label: "instant", Type: odsql.DateTime, Field: "instant"},
		{Name: "tags", Label: "tags", Type: odsql.Text, Multivalued: true, Field: "tags"},
		{Name: "j", Label: "j", Type: odsql.Text, JSON: true},
		{Name: "length(titre)", Label: "length(titre)", Type: odsql.Int},
	}
	if diff := cmp.Diff(want, q.Columns); diff != "" {
		t.Error(diff)
	}
}

func TestAggregates(t *testing.T) {
	for name, c := range map[string]struct {
		r    odsql.Request
		want []string
	}{
		"of all rows":        {odsql.Request{Select: "count(*), count(n) as c, sum(n), avg(n), min(n), max(n), median(n), sum(prix) as s"}, []string{"count(*)|c|sum(n)|avg(n)|min(n)|max(n)|median(n)|s", "6|5|35|7|-3|20|2|1035.85"}},
		"count distinct":     {odsql.Request{Select: "count(distinct region) as r, count(distinct ifnull(region,'?')) as s"}, []string{"r|s", "3|4"}},
		"percentile":         {odsql.Request{Select: "percentile(n, 50) as a, percentile(n, 0) as b, percentile(n, 100) as c, percentile(prix, 25) as d"}, []string{"a|b|c|d", "2|-3|20|5.55"}},
		"dates":              {odsql.Request{Select: "min(jour), max(mois), avg(jour), max(instant)", Where: []string{"jour = date'2024-03'"}}, []string{"min(jour)|max(mois)|avg(jour)|max(instant)", "2024-03-15|2024-03|2024-03-23|2024-03-31 22:59:59"}},
		"computed":           {odsql.Request{Select: "sum(prix)/count(prix) as m, sum(prix*2) as d, avg(n*2) as a, sum(n+1) as i", Where: []string{"n > 0"}}, []string{"m|d|a|i", "257.575|2060.6|19|42"}},
		"no row":             {odsql.Request{Select: "count(*), sum(n), avg(prix), median(n)", Where: []string{"n = 99"}}, []string{"count(*)|sum(n)|avg(prix)|median(n)", "0|∅|∅|∅"}},
		"by field":           {odsql.Request{GroupBy: "region", Select: "count(*) as nb, sum(prix) as total"}, []string{"region|nb|total", "Bretagne|2|30.3", "Normandie|2|1000", "Rhône|1|5.55", "∅|1|∅"}},
		"keys only":          {odsql.Request{GroupBy: "nom_region as r, ouvert"}, []string{"r|ouvert", "Bretagne|false", "Bretagne|true", "Normandie|true", "Normandie|∅", "Rhône|false", "∅|∅"}},
		"named key":          {odsql.Request{GroupBy: "region", Select: "count(*), region as r"}, []string{"count(*)|r", "2|Bretagne", "2|Normandie", "1|Rhône", "1|∅"}},
		"by date function":   {odsql.Request{GroupBy: "year(jour)", Select: "year(jour) as annee, count(*) as n", OrderBy: "n desc"}, []string{"annee|n", "2024|3", "2023|1", "2026|1", "∅|1"}},
		"by alias":           {odsql.Request{GroupBy: "year(jour) as annee", Select: "annee, annee+1 as suivante, count(*)", OrderBy: "-annee"}, []string{"annee|suivante|count(*)", "2026|2027|1", "2024|2025|3", "2023|2024|1", "∅|∅|1"}},
		"by format":          {odsql.Request{GroupBy: "date_format(mois, 'MMMM YYYY') as m", Select: "count(*)", Where: []string{"n>0"}}, []string{"m|count(*)", "décembre 2023|1", "janvier 2024|1", "mars 2024|2"}},
		"by ifnull, lower":   {odsql.Request{GroupBy: "ifnull(region, 'Aucune') as r, lower(region)", Select: "count(*)", Where: []string{"n is null"}}, []string{"r|lower(region)|count(*)", "Aucune|∅|1"}},
		"order by aggregate": {odsql.Request{GroupBy: "region", OrderBy: "count(*) desc, avg(n) desc, region", Select: "avg(n)"}, []string{"region|avg(n)", "Normandie|17.5", "Bretagne|1.5", "Rhône|-3", "∅|∅"}},
		"order by alias":     {odsql.Request{GroupBy: "region", OrderBy: "total DESC", Select: "sum(n) as total"}, []string{"region|total", "Normandie|35", "Bretagne|3", "Rhône|-3", "∅|∅"}},
		"star and group":     {odsql.Request{GroupBy: "ouvert", Select: "*, count(*)"}, []string{"ouvert|count(*)", "false|2", "true|2", "∅|2"}},
		"constant":           {odsql.Request{GroupBy: "region", Select: "1 as un, count(*)", Where: []string{`n=2`}}, []string{"region|un|count(*)", "Bretagne|1|1"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, answer(t, c.r)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// ranges are range() expressions with their groups.
var ranges = map[string][]string{
	"range(n, *, 2, 15, *)":                        {"[*, 2[|2", "[2, 15[|1", "[15, *[|2", "∅|1"},
	"range(n, [*, 2, 15, *])":                      {"[*, 2[|2", "[2, 15[|1", "[15, *[|2", "∅|1"},
	"range(n, ]2, 15[)":                            {"[*, 2[|2", "[2, 15[|1", "[15, *[|2", "∅|1"},
	"range(n, 1, 2, 16)":                           {"[1, 2[|1", "[2, 16[|2", "∅|1"},
	"range(n, 1.5, *)":                             {"[1.5, *[|3", "∅|1"},
	"range(prix, [*, 500, 1000, *])":               {"[*, 500.0[|4", "[1000.0, *[|1", "∅|1"},
	"range(n, 10)":                                 {"[-10, 0[|1", "[0, 10[|2", "[10, 20[|1", "[20, 30[|1", "∅|1"},
	"range(prix, 10)":                              {"[0.0, 10.0[|2", "[10.0, 20.0[|1", "[20.0, 30.0[|1", "[1000.0, 1010.0[|1", "∅|1"},
	"range(n, 0.5)":                                {"[-3.0, -2.5[|1", "[1.0, 1.5[|1", "[2.0, 2.5[|1", "[15.0, 15.5[|1", "[20.0, 20.5[|1", "∅|1"},
	"range(jour, *, date'2024', date'2024-03-31')": {"[*, 2024-01-01T00:00:00.000Z[|1", "[2024-01-01T00:00:00.000Z, 2024-03-31T00:00:00.000Z[|2", "∅|1"},
	"range(mois, *, date'2024-03', *)":             {"[*, 2024-03-01T00:00:00.000Z[|2", "[2024-03-01T00:00:00.000Z, *[|3", "∅|1"},
	"range(jour, 1 year)":                          {"[2023-01-01T00:00:00.000Z, 2024-01-01T00:00:00.000Z[|1", "[2024-01-01T00:00:00.000Z, 2025-01-01T00:00:00.000Z[|3", "[2026-01-01T00:00:00.000Z, 2027-01-01T00:00:00.000Z[|1", "∅|1"},
	"range(mois, 1q)":                              {"[2023-10-01T00:00:00.000Z, 2024-01-01T00:00:00.000Z[|1", "[2024-01-01T00:00:00.000Z, 2024-04-01T00:00:00.000Z[|3", "[2026-07-01T00:00:00.000Z, 2026-10-01T00:00:00.000Z[|1", "∅|1"},
	"range(jour, 1M)":                              {"[2023-12-01T00:00:00.000Z, 2024-01-01T00:00:00.000Z[|1", "[2024-01-01T00:00:00.000Z, 2024-02-01T00:00:00.000Z[|1", "[2024-03-01T00:00:00.000Z, 2024-04-01T00:00:00.000Z[|2", "[2026-08-01T00:00:00.000Z, 2026-09-01T00:00:00.000Z[|1", "∅|1"},
	"range(jour, 2 days)":                          {"[2023-12-31T00:00:00.000Z, 2024-01-02T00:00:00.000Z[|2", "[2024-03-14T00:00:00.000Z, 2024-03-16T00:00:00.000Z[|1", "[2024-03-30T00:00:00.000Z, 2024-04-01T00:00:00.000Z[|1", "[2026-08-29T00:00:00.000Z, 2026-08-31T00:00:00.000Z[|1", "∅|1"},
	"range(instant, 12 hour)":                      {"[2023-12-31T12:00:00.000Z, 2024-01-01T00:00:00.000Z[|1", "[2024-01-01T00:00:00.000Z, 2024-01-01T12:00:00.000Z[|1", "[2024-03-15T00:00:00.000Z, 2024-03-15T12:00:00.000Z[|1", "[2024-03-31T12:00:00.000Z, 2024-04-01T00:00:00.000Z[|1", "[2026-08-29T00:00:00.000Z, 2026-08-29T12:00:00.000Z[|1", "∅|1"},
}

func TestRanges(t *testing.T) {
	for by, want := range ranges {
		got := answer(t, odsql.Request{GroupBy: by + " as r", Select: "count(*)"})[1:]
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", by, diff)
		}
	}
	// The range may be selected too, and combined with other groups.
	got := answer(t, odsql.Request{GroupBy: "range(n, *, 2, *), region", Select: "range(n,*,2,*), count(*)", OrderBy: "range(n, *, 2, *) desc", Where: []string{"n>0"}})
	want := []string{"region|range(n,*,2,*)|count(*)", "Bretagne|[2, *[|1", "Normandie|[2, *[|2", "Bretagne|[*, 2[|1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
