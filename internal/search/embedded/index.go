package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/blevesearch/bleve/v2"
	bsearch "github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/query"

	"github.com/parvis-opendata/parvis/internal/search"
)

// Index is an index of Bleve. It implements search.Index.
type Index struct {
	bleve       bleve.Index
	dir         string
	settings    *search.Settings
	vocabulary  *vocabulary
	keys        *vocabulary
	completions []completion
	columns     *columns
}

// Close implements search.Index: it removes the files.
func (x *Index) Close() error { return errors.Join(x.bleve.Close(), os.RemoveAll(x.dir)) }

// Search implements search.Index. When nothing has all that is asked for, less is asked
// for, step by step.
func (x *Index) Search(ctx context.Context, q search.Query) (search.Answer, error) {
	if err := q.Check(); err != nil {
		return search.Answer{}, err
	}
	plan := x.settings.Parse(q.Text)
	for ease := strict; ; ease++ {
		r := x.reading(plan, ease)
		a, err := x.run(ctx, r, q)
		if err != nil || a.Total > 0 || ease == easiest {
			return a, err
		}
	}
}

// run asks Bleve.
func (x *Index) run(ctx context.Context, r *reading, q search.Query) (search.Answer, error) {
	t := x.columns.tally(q.Facets)
	found := counted{every(append(r.clauses(), filters(q.Filters))), t}
	request := bleve.NewSearchRequestOptions(found, q.PerPage, (q.Page-1)*q.PerPage, false)
	request.Fields = []string{stored}
	request.Sort = x.order(q.Sort)
	result, err := x.bleve.SearchInContext(ctx, request)
	if err != nil {
		return search.Answer{}, fmt.Errorf("search: %w", err)
	}
	a := search.Answer{Total: int(result.Total), Hits: []search.Hit{}, Facets: t.result(x.settings.Label)}
	for _, h := range result.Hits {
		text, _ := h.Fields[stored].(string)
		d, err := search.Decode([]byte(text))
		if err != nil {
			return search.Answer{}, fmt.Errorf("search: %w", err)
		}
		a.Hits = append(a.Hits, search.Hit{Document: d, Highlight: r.highlight.Fields(&d)})
	}
	return a, nil
}

// order sorts by what is asked for, then by relevance, then by sessions.
func (x *Index) order(by string) bsearch.SortOrder {
	field := func(name string, down bool) bsearch.SearchSort { return &byNumber{x.columns.numbers[name], down} }
	rest := bsearch.SortOrder{&bsearch.SortScore{Desc: true}, field(sessions, true)}
	name, down := strings.CutPrefix(by, "-")
	if name == "" {
		return rest
	}
	return append(bsearch.SortOrder{field(name, down)}, rest...)
}

// filters finds what the filters keep.
func filters(f search.Filters) query.Query {
	all := []query.Query{query.NewMatchAllQuery()}
	for name, values := range f.Any {
		var terms []query.Query
		for _, v := range values {
			terms = append(terms, term(name, v))
			if name == search.Level && len(v) == 1 {
				terms = append(terms, term(level, v))
			}
		}
		if len(values) > 0 {
			all = append(all, query.NewDisjunctionQuery(terms))
		}
	}
	for field, most := range map[string]*float64{price: f.PriceMax, hours: f.HoursMax} {
		if most != nil {
			inclusive := true
			within := query.NewNumericRangeInclusiveQuery(nil, most, nil, &inclusive)
			within.SetField(field)
			all = append(all, within)
		}
	}
	if len(all) > 1 {
		all = all[1:]
	}
	return scored{query.NewConjunctionQuery(all), 0}
}

func term(field, value string) query.Query {
	q := query.NewTermQuery(value)
	q.SetField(field)
	return q
}

// Suggest implements search.Index.
func (x *Index) Suggest(ctx context.Context, typed string, n int) ([]string, error) {
	if len(typed) > search.MaxText {
		typed = typed[:search.MaxText]
	}
	words := strings.Fields(search.Fold(typed))
	if len(words) == 0 {
		return []string{}, ctx.Err()
	}
	words = words[:min(len(words), search.MaxTerms)]
	found := x.complete(words, n)
	if len(found) > 0 {
		return found, ctx.Err()
	}
	for i, w := range words {
		if near := x.vocabulary.similar(w, search.Edits(w), 1, true); len(near) > 0 && x.vocabulary.knows(w) == 0 {
			words[i] = near[0].word
		}
	}
	return x.complete(words, n), ctx.Err()
}

// complete returns the completions in which each word begins one.
func (x *Index) complete(words []string, n int) []string {
	found := []string{}
	for _, c := range x.completions {
		if len(found) == n {
			break
		}
		missing := slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(c.folded, " "+w) })
		if !missing {
			found = append(found, c.text)
		}
	}
	return found
}
