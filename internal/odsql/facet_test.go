package odsql_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/odsql"
)

// values runs a facet and writes its tree: name=count, with + for refined and - for
// excluded, what is below in brackets, and /total where the level was cut.
func values(t *testing.T, db *engine.DB, f odsql.Facet) string {
	t.Helper()
	var rows []odsql.FacetRow
	err := db.Each(context.Background(), f.Statement.SQL, func(scan func(...any) error) error {
		var r odsql.FacetRow
		err := scan(&r.Parent, &r.Name, &r.Path, &r.Count, &r.State, &r.Total)
		rows = append(rows, r)
		return err
	}, f.Statement.Args...)
	if err != nil {
		t.Fatalf("%v\n%s", err, f.Statement.SQL)
	}
	tree, total := f.Tree(rows)
	return level(tree, total)
}

func level(tree []odsql.FacetValue, total int64) string {
	var all []string
	for _, v := range tree {
		text := fmt.Sprintf("%s%s=%d", map[string]string{"refined": "+", "excluded": "-"}[v.State], v.Name, v.Count)
		if v.Facets != nil {
			text += "[" + level(v.Facets, v.Total) + "]"
		}
		all = append(all, text)
	}
	text := strings.Join(all, " ")
	if int(total) != len(tree) {
		text += fmt.Sprintf(" /%d", total)
	}
	return text
}

func TestFacetsCountRowsByValue(t *testing.T) {
	db := open(t)
	for name, c := range map[string]struct {
		spec string
		r    odsql.Request
		want string
	}{
		"by count, then name":             {"region", odsql.Request{}, "Bretagne=2 Normandie=2 Rhône=1"},
		"under a condition":               {"nom_region", odsql.Request{Where: []string{"n > 1"}}, "Normandie=2 Bretagne=1"},
		"its refinement restricts":        {"region", odsql.Request{Refine: []string{"region:Bretagne"}}, "+Bretagne=2"},
		"of a field that is not declared": {"id", odsql.Request{Refine: []string{"id:e", "titre:Permis B"}}, "+e=1"},
		"unless disjunctive":              {`facet(name="region", disjunctive=true)`, odsql.Request{Refine: []string{"region:Bretagne", "region:Rhône"}}, "+Bretagne=2 Normandie=2 +Rhône=1"},
		"others restrict":                 {"region", odsql.Request{Refine: []string{"jour:2024"}}, "Normandie=2 Bretagne=1"},
		"excluded values are told":        {"region", odsql.Request{Exclude: []string{"region:Bretagne"}}, "-Bretagne=2 Normandie=2 Rhône=1"},
		"by name":                         {"facet(name='region', sort=alphanum)", odsql.Request{}, "Bretagne=2 Normandie=2 Rhône=1"},
		"by name, downwards":              {"facet(name='region', sort=-alphanum)", odsql.Request{}, "Rhône=1 Normandie=2 Bretagne=2"},
		"by count, upwards":               {`facet(name="region", sort="count")`, odsql.Request{}, "Rhône=1 Bretagne=2 Normandie=2"},
		"by number":                       {`facet(name="n", sort=num)`, odsql.Request{}, "-3=1 1=1 2=1 15=1 20=1"},
		"by number, downwards":            {`facet(name="code", sort=-num)`, odsql.Request{}, "37674=1 974=1 97=1 01=1 2A=1"},
		"cut, and it says so":             {`facet(name="region", limit=1)`, odsql.Request{}, "Bretagne=2 /3"},
		"numbers":                         {"n", odsql.Request{Refine: []string{"n:15"}}, "+15=1"},
		"decimals in other words":         {`facet(name="prix",disjunctive=true)`, odsql.Request{Refine: []string{"prix:20.2"}}, "0.00=1 10.10=1 1000.00=1 +20.20=1 5.55=1"},
		"decimals":                        {`facet(name="prix",disjunctive=true)`, odsql.Request{Refine: []string{"prix:20.20"}}, "0.00=1 10.10=1 1000.00=1 +20.20=1 5.55=1"},
		"booleans":                        {"ouvert", odsql.Request{}, "false=2 true=2"},
		"years of dates":                  {"jour", odsql.Request{}, "2023=1 2024=3 2026=1"},
		"months of a refined year":        {"jour", odsql.Request{Refine: []string{"jour:2024"}}, "+2024=3[01=1 03=2]"},
		"days of a refined month":         {"facet(name=jour, disjunctive=true)", odsql.Request{Refine: []string{"jour:2024/03"}}, "2023=1 +2024=3[01=1 +03=2[15=1 31=1]] 2026=1"},
		"a refined day":                   {"jour", odsql.Request{Refine: []string{"jour:2024/03/15"}}, "+2024=1[+03=1[+15=1]]"},
		"months":                          {"mois", odsql.Request{Refine: []string{"mois:2024-03"}}, "+2024=2[+03=2]"},
		"datetimes":                       {"instant", odsql.Request{}, "2023=1 2024=3 2026=1"},
		"multivalued":                     {"tags", odsql.Request{}, "y=2 x=1 z=1"},
		"text as it is":                   {"lieu", odsql.Request{}, "A/B=1 A/B/C=1 A/D=1 E=1 E/F=1"},
		"hierarchy":                       {`facet(name="lieu", hierarchical=true)`, odsql.Request{}, "A=3 E=2"},
		"hierarchy, refined":              {`facet(name="lieu", hierarchical=true, separator="/")`, odsql.Request{Refine: []string{"lieu:A/B"}}, "+A=2[+B=2[C=1]]"},
		"hierarchy, disjunctive":          {`facet(name="lieu", hierarchical=true, disjunctive=true)`, odsql.Request{Refine: []string{"lieu:A"}}, "+A=3[B=2 D=1] E=2"},
		"a date excluded":                 {"jour", odsql.Request{Exclude: []string{"jour:2024"}}, "2023=1 -2024=3 2026=1"},
		"nothing left":                    {"region", odsql.Request{Where: []string{"n=99"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			facets, err := compile(t, c.r).Facets([]string{c.spec})
			if err != nil {
				t.Fatal(err)
			}
			if got := values(t, db, facets[0]); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestDisjunctionOfOneFacetHoldsForTheOthers(t *testing.T) {
	db := open(t)
	q := compile(t, odsql.Request{Refine: []string{"region:Bretagne", "region:Rhône"}})
	facets, err := q.Facets([]string{"ouvert", `facet(name="region", disjunctive=true)`})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := values(t, db, facets[0]), "false=2 true=1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAllFacetsOfTheSchemaByDefault(t *testing.T) {
	facets, err := compile(t, odsql.Request{}).Facets(nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range facets {
		names = append(names, f.Name)
	}
	if diff := cmp.Diff(fixtureSchema().FacetNames(), names); diff != "" {
		t.Error(diff)
	}
}

func TestDeclaredDisjunctiveFacetsJoinWithOr(t *testing.T) {
	db := open(t)
	s := fixtureSchema()
	s.Fields[1].Disjunctive = true
	q, err := odsql.Compile(s, odsql.Request{Select: "id", Refine: []string{"region:Bretagne", "region:Rhône"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(run(t, db, q.All(), 1), ""); got != "abf" {
		t.Errorf("got %s", got)
	}
}
