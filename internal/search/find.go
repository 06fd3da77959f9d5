package search

import (
	"context"
	"maps"
	"slices"
)

// Find answers a query with every facet, each counted as if it had no filter of its own,
// so that one sees what else can be chosen. Levels that have a digit are counted under it.
//
// Errors: those of the index.
func Find(ctx context.Context, x Index, q Query) (Answer, error) {
	q.Facets = Facets
	a, err := x.Search(ctx, q)
	if err != nil {
		return Answer{}, err
	}
	facets := map[string][]Count{}
	for _, facet := range Facets {
		counts := a.Facets[facet]
		if len(q.Filters.Any[facet]) > 0 {
			if counts, err = without(ctx, x, q, facet); err != nil {
				return Answer{}, err
			}
		}
		facets[facet] = append([]Count{}, counts...)
	}
	facets[Level] = byDigit(facets[Level])
	a.Facets = facets
	return a, nil
}

// without counts a facet when its own filter is left out.
func without(ctx context.Context, x Index, q Query, facet string) ([]Count, error) {
	q.Filters.Any = maps.Clone(q.Filters.Any)
	delete(q.Filters.Any, facet)
	q.Facets, q.Page, q.PerPage = []string{facet}, 1, 1
	a, err := x.Search(ctx, q)
	return a.Facets[facet], err
}

// byDigit gives levels their digit as value; those of one digit are one.
func byDigit(counts []Count) []Count {
	all := []Count{}
	for _, c := range counts {
		if digit := LevelNumber(c.Value); digit != "" {
			c.Value = digit
		}
		if i := slices.IndexFunc(all, func(other Count) bool { return other.Value == c.Value }); i >= 0 {
			all[i].Count += c.Count
			continue
		}
		all = append(all, c)
	}
	slices.SortStableFunc(all, func(a, b Count) int { return b.Count - a.Count })
	return all
}
