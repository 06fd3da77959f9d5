package searchtest

import (
	"slices"
	"testing"

	"github.com/parvis-opendata/parvis/internal/search"
)

// testFind checks that a facet which is filtered by still counts what else there is.
func testFind(t *testing.T, x search.Index) {
	find := func(q search.Query) search.Answer {
		a, err := search.Find(t.Context(), x, q)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	count := func(a search.Answer, facet, value string) int {
		for _, c := range a.Facets[facet] {
			if c.Value == value {
				return c.Count
			}
		}
		return 0
	}
	a := find(search.Query{Text: "cap", Filters: search.Filters{Any: map[string][]string{search.Departement: {"69"}}}})
	if a.Total != 2 || len(a.Hits) != 2 || len(a.Facets) != len(search.Facets) {
		t.Errorf("%d found, %v", a.Total, a.Facets)
	}
	if count(a, search.Departement, "69") != 2 || count(a, search.Departement, "75") != 1 || count(a, search.Region, "84") != 2 || count(a, search.Region, "11") != 0 {
		t.Errorf("%v", a.Facets)
	}
	a = find(search.Query{Filters: search.Filters{Any: map[string][]string{search.Level: {"5"}}}})
	if want := (search.Count{Value: "5", Label: level5, Count: 3}); a.Total != 3 || !slices.Contains(a.Facets[search.Level], want) || count(a, search.Level, "3") != 6 {
		t.Errorf("%d found, levels %v", a.Total, a.Facets[search.Level])
	}
	a = find(search.Query{Text: "xyzzyqwkj"})
	for _, facet := range search.Facets {
		if counts, ok := a.Facets[facet]; !ok || counts == nil || len(counts) > 0 {
			t.Errorf("nothing found, %s %v", facet, counts)
		}
	}
}
