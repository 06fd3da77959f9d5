package meili

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/meilisearch/meilisearch-go"

	"github.com/parvis-opendata/parvis/internal/search"
)

// Suggest implements search.Index. One request asks for what has words that begin so, and
// for what looks like that.
func (x *Index) Suggest(ctx context.Context, typed string, n int) ([]string, error) {
	ctx, cancel := bounded(ctx, x.engine.timeout)
	defer cancel()
	found, err := x.suggest(ctx, typed, n)
	if err != nil {
		return nil, fmt.Errorf("suggest: %w", x.engine.failed(ctx, err))
	}
	return found, nil
}

func (x *Index) suggest(ctx context.Context, typed string, n int) ([]string, error) {
	if len(typed) > search.MaxText {
		typed = typed[:search.MaxText]
	}
	words := strings.Fields(search.Fold(typed))
	words = words[:min(len(words), search.MaxTerms)]
	if len(words) == 0 || n < 1 {
		return []string{}, ctx.Err()
	}
	var begun []condition
	for _, w := range words {
		if len(w) > longest {
			return []string{}, nil
		}
		begun = append(begun, begins(tokens, w))
	}
	ask := func(q string, c condition) *meilisearch.SearchRequest {
		s := &meilisearch.SearchRequest{IndexUID: x.completions, Query: q, MatchingStrategy: meilisearch.All, Limit: int64(n), AttributesToRetrieve: []string{stored}}
		if c != "" {
			s.Filter = string(c)
		}
		return s
	}
	response, err := x.engine.client.MultiSearchWithContext(ctx, &meilisearch.MultiSearchRequest{
		Queries: []*meilisearch.SearchRequest{ask("", all(begun...)), ask(strings.Join(words, " "), "")},
	})
	if err != nil {
		return nil, err
	}
	for _, result := range response.Results {
		if len(result.Hits) > 0 {
			return completions(result.Hits)
		}
	}
	return []string{}, nil
}

// completions are the texts of hits.
func completions(hits meilisearch.Hits) ([]string, error) {
	list := []string{}
	for _, hit := range hits {
		var text string
		if err := json.Unmarshal(hit[stored], &text); err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	return list, nil
}
