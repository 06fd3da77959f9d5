package meili

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/meilisearch/meilisearch-go"

	"github.com/parvis-opendata/parvis/internal/search"
)

// Index is the index of a release on the server. It implements search.Index.
type Index struct {
	engine           *Engine
	uid, completions string
	settings         *search.Settings
}

// Close implements search.Index. The index stays on the server, for others and for a
// rollback; [Engine.Prune] removes it.
func (x *Index) Close() error { return nil }

// Search implements search.Index. What is found as it is written takes one request; else
// one asks which words the catalogue has, one which of the easier questions have an
// answer, and one for that.
func (x *Index) Search(ctx context.Context, q search.Query) (search.Answer, error) {
	if err := q.Check(); err != nil {
		return search.Answer{}, err
	}
	ctx, cancel := bounded(ctx, x.engine.timeout)
	defer cancel()
	a, err := x.search(ctx, q)
	if err != nil {
		return search.Answer{}, fmt.Errorf("search: %w", x.engine.failed(ctx, err))
	}
	return a, nil
}

func (x *Index) search(ctx context.Context, q search.Query) (search.Answer, error) {
	r := read(x.settings, x.settings.Parse(q.Text))
	a, err := x.run(ctx, r, r.strict(), q)
	if err != nil || a.Total > 0 || len(r.plan.Terms) == 0 {
		return a, err
	}
	counts, err := x.counted(ctx, r.doubts())
	if err != nil {
		return a, err
	}
	has, unknown := r.sort(counts)
	asks := r.eased(has, unknown)
	first, err := x.first(ctx, r, asks, filters(q.Filters))
	if err != nil || first < 0 {
		return a, err
	}
	if a, err = x.run(ctx, r, asks[first], q); err == nil && a.Total > 0 {
		a.Without = r.without(asks[first], len(has)+len(unknown))
	}
	return a, err
}

// run asks for the trainings of a page.
func (x *Index) run(ctx context.Context, r *reading, a ask, q search.Query) (search.Answer, error) {
	answer := search.Answer{Hits: []search.Hit{}, Facets: map[string][]search.Count{}}
	for _, f := range q.Facets {
		answer.Facets[f] = []search.Count{}
	}
	parts := r.parts(a)
	if len(parts) == 0 || filters(q.Filters) == never {
		return answer, nil
	}
	request := &meilisearch.MultiSearchRequest{Federation: &meilisearch.MultiSearchFederation{
		Limit: int64(q.PerPage), Offset: int64((q.Page - 1) * q.PerPage),
	}}
	if len(q.Facets) > 0 {
		request.Federation.FacetsByIndex = map[string][]string{x.uid: q.Facets}
		request.Federation.MergeFacets = &meilisearch.MultiSearchFederationMergeFacets{MaxValuesPerFacet: mostValues}
	}
	for _, p := range parts {
		s := x.request(p, filters(q.Filters))
		s.Sort = order(q.Sort)
		s.FederationOptions = &meilisearch.SearchFederationOptions{Weight: p.weight / 100}
		request.Queries = append(request.Queries, s)
	}
	response, err := x.engine.client.MultiSearchWithContext(ctx, request)
	if err != nil {
		return answer, err
	}
	answer.Total = int(response.EstimatedTotalHits)
	return answer, x.fill(&answer, r, a, response)
}

// request is a request of Meilisearch for a part.
func (x *Index) request(p part, filter condition) *meilisearch.SearchRequest {
	s := &meilisearch.SearchRequest{
		IndexUID: x.uid, Query: p.words, MatchingStrategy: meilisearch.All, AttributesToRetrieve: []string{stored},
		AttributesToSearchOn: fields[:],
	}
	if c := all(p.filter, filter); c != "" {
		s.Filter = string(c)
	}
	if p.words == "" { // every training has this one, so all have one score
		s.Query, s.AttributesToSearchOn = everywhere+" ", []string{everywhere}
	}
	return s
}

// order sorts by what is asked for; then the settings do, by relevance, then sessions.
func order(by string) []string {
	switch name, down := strings.CutPrefix(by, "-"); {
	case name == "":
		return nil
	case down:
		return []string{name + ":desc"}
	default:
		return []string{name + ":asc"}
	}
}

// fill reads the trainings and the counts of a response.
func (x *Index) fill(a *search.Answer, r *reading, asked ask, response *meilisearch.MultiSearchResponse) error {
	marker := r.marker(asked)
	for _, hit := range response.Hits {
		d, err := document(hit)
		if err != nil {
			return err
		}
		a.Hits = append(a.Hits, search.Hit{Document: d, Highlight: marker.fields(&d)})
	}
	for name := range a.Facets {
		var counts map[string]int
		if text := response.FacetDistribution[name]; text != nil {
			if err := json.Unmarshal(text, &counts); err != nil {
				return err
			}
		}
		a.Facets[name] = x.counts(name, counts)
	}
	return nil
}

// document reads the document that a hit has as a text.
func document(hit meilisearch.Hit) (search.Document, error) {
	var text string
	if err := json.Unmarshal(hit[stored], &text); err != nil {
		return search.Document{}, err
	}
	return search.Decode([]byte(text))
}

// counts are the values of a facet, the most frequent first.
func (x *Index) counts(facet string, counts map[string]int) []search.Count {
	list := []search.Count{}
	for value, n := range counts {
		list = append(list, search.Count{Value: value, Label: x.settings.Label(facet, value), Count: n})
	}
	slices.SortFunc(list, func(a, b search.Count) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	return list
}

// counted returns how many trainings each of the conditions keeps.
func (x *Index) counted(ctx context.Context, conditions []condition) ([]int64, error) {
	parts := make([][]part, len(conditions))
	for i, c := range conditions {
		parts[i] = add(nil, part{filter: c})
	}
	return x.most(ctx, parts, "")
}

// first returns which of the asks is the first with an answer, -1 for none.
func (x *Index) first(ctx context.Context, r *reading, asks []ask, filter condition) (int, error) {
	if filter == never {
		return -1, nil
	}
	parts := make([][]part, len(asks))
	for i, a := range asks {
		parts[i] = r.wide(a)
	}
	counts, err := x.most(ctx, parts, filter)
	return slices.IndexFunc(counts, func(n int64) bool { return n > 0 }), err
}

// most returns, by one request, how many trainings the widest part keeps of each of
// several lists.
func (x *Index) most(ctx context.Context, lists [][]part, filter condition) ([]int64, error) {
	request := &meilisearch.MultiSearchRequest{}
	var of []int
	for i, parts := range lists {
		for _, p := range parts {
			s := x.request(p, filter)
			s.Limit = 1
			request.Queries = append(request.Queries, s)
			of = append(of, i)
		}
	}
	counts := make([]int64, len(lists))
	if len(of) == 0 {
		return counts, nil
	}
	response, err := x.engine.client.MultiSearchWithContext(ctx, request)
	if err != nil {
		return nil, err
	}
	for i, result := range response.Results {
		counts[of[i]] = max(counts[of[i]], result.EstimatedTotalHits)
	}
	return counts, nil
}
