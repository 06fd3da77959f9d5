package meili

import (
	"github.com/meilisearch/meilisearch-go"

	"github.com/parvis-opendata/parvis/internal/search"
)

// mostValues is how many values of a facet are counted.
const mostValues = 1000

// settings are those of an index of trainings. Words with digits have no typing errors: a
// code that looks like another is another.
func settings(s *search.Settings) *meilisearch.Settings {
	return &meilisearch.Settings{
		RankingRules:         []string{"sort", "words", "typo", "proximity", "attribute", "exactness", sessions + ":desc"},
		SearchableAttributes: append(fields[:], everywhere),
		DisplayedAttributes:  []string{stored},
		SortableAttributes:   []string{price, hours, sessions},
		StopWords:            s.StopWords(),
		SearchCutoffMs:       searchTimeout.Milliseconds(), // a search that is cut short has no order
		ProximityPrecision:   meilisearch.ByAttribute,
		TypoTolerance:        typos(),
		Faceting:             &meilisearch.Faceting{MaxValuesPerFacet: mostValues, SortFacetValuesBy: map[string]meilisearch.SortFacetType{"*": meilisearch.SortFacetTypeCount}},
		Pagination:           &meilisearch.Pagination{MaxTotalHits: search.MaxHits},
	}
}

// typos allows the errors of search.Edits.
func typos() *meilisearch.TypoTolerance {
	return &meilisearch.TypoTolerance{
		Enabled: true, MinWordSizeForTypos: meilisearch.MinWordSizeForTypos{OneTypo: 4, TwoTypos: 8},
		DisableOnAttributes: []string{everywhere}, DisableOnNumbers: true,
	}
}

// rule says what an attribute is filtered by.
type rule struct {
	Patterns []string `json:"attributePatterns"`
	Features struct {
		FacetSearch bool `json:"facetSearch"`
		Filter      struct {
			Equality   bool `json:"equality"`
			Comparison bool `json:"comparison"`
		} `json:"filter"`
	} `json:"features"`
}

// filterable are the attributes of filters and facets: texts by equality, numbers by
// comparison.
func filterable() []any {
	equal := rule{Patterns: append([]string{tokens, codes, level}, search.Facets...)}
	equal.Features.Filter.Equality = true
	compared := rule{Patterns: []string{price, hours}}
	compared.Features.Filter.Comparison = true
	return []any{equal, compared}
}

// completionSettings are those of an index of completions.
func completionSettings() *meilisearch.Settings {
	return &meilisearch.Settings{
		RankingRules:         []string{"sort", "words", "typo", sessions + ":desc"},
		SearchableAttributes: []string{title},
		SortableAttributes:   []string{sessions},
		TypoTolerance:        typos(),
	}
}
