package search

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
)

// Limits of a query. What is longer is cut, not refused: the words that count come first.
const (
	MaxText    = 400 // bytes
	MaxTerms   = 12
	MaxPerPage = 100
	MaxHits    = 1000 // that pages reach
)

// Kinds of errors.
var (
	// ErrQuery: the query cannot be answered whatever the index.
	ErrQuery = errors.New("the search cannot be answered")
	// ErrUnavailable: the engine cannot be reached, or does not answer; ask again.
	ErrUnavailable = errors.New("the search engine does not answer")
)

// Sorts of an answer; the empty one is by relevance, then by number of sessions.
const (
	ByRelevance = ""
	ByPrice     = "prix"
	ByPriceDown = "-prix"
	ByHours     = "heures"
	ByHoursDown = "-heures"
	BySessions  = "-sessions"
)

// Facets that can be asked for, which are filters too.
const (
	Departement   = "departement"
	Region        = "region"
	Level         = "niveau"
	Register      = "referentiel"
	NSF           = "nsf"
	Distance      = "a_distance"
	Accreditation = "habilitation"
)

// Facets are all that can be asked for.
var Facets = []string{Departement, Region, Level, Register, NSF, Distance, Accreditation}

// Query is a question. Page is from 1.
type Query struct {
	Text          string
	Filters       Filters
	Facets        []string
	Sort          string
	Page, PerPage int
}

// Filters narrow the answer; within one, any of the values will do. The zero value
// keeps all.
type Filters struct {
	// Any maps the name of a facet to values: codes, for the level also its digit, for
	// the distance "true" or "false".
	Any map[string][]string
	// PriceMax (euros) and HoursMax keep what costs or lasts at most that; what has no
	// known price or hours is left out.
	PriceMax, HoursMax *float64
}

// Answer is what was found.
type Answer struct {
	Total  int
	Hits   []Hit
	Facets map[string][]Count
}

// Hit is a training, with the fields in which words were found: their text as HTML, with
// the words in <em>.
type Hit struct {
	Document

	Highlight map[string]string `json:"_highlight"`
}

// Count is how many of the trainings found have a value of a facet.
type Count struct {
	Value string `json:"value"`
	Label string `json:"label"`
	Count int    `json:"count"`
}

// Index answers queries about one release. It is safe for concurrent use.
type Index interface {
	// Search answers a query that [Query.Check] accepts. Errors: [ErrQuery],
	// [ErrUnavailable]; those of ctx.
	Search(ctx context.Context, q Query) (Answer, error)
	// Suggest returns at most n completions of what is typed, the most offered first.
	// Errors: [ErrUnavailable]; those of ctx.
	Suggest(ctx context.Context, typed string, n int) ([]string, error)
	// Close frees the index. Nobody may be using it.
	Close() error
}

// Engine makes indexes.
type Engine interface {
	// Build makes the index of the documents under a name that no other has. When it
	// fails nothing is left behind. Errors: those of the documents, of ctx, of the store.
	Build(ctx context.Context, name string, documents iter.Seq2[Document, error]) (Index, error)
}

// Check completes a query, and refuses one that makes no sense.
//
// Errors: [ErrQuery], saying what to change.
func (q *Query) Check() error {
	if q.Page == 0 {
		q.Page = 1
	}
	if q.PerPage == 0 {
		q.PerPage = 20
	}
	switch {
	case q.Page < 1:
		return fmt.Errorf("%w: pages are numbered from 1", ErrQuery)
	case q.PerPage < 1 || q.PerPage > MaxPerPage:
		return fmt.Errorf("%w: a page has from 1 to %d trainings", ErrQuery, MaxPerPage)
	case q.Page > MaxHits/q.PerPage:
		return fmt.Errorf("%w: only the first %d trainings can be paged through; narrow the search", ErrQuery, MaxHits)
	}
	switch q.Sort {
	case ByRelevance, ByPrice, ByPriceDown, ByHours, ByHoursDown, BySessions:
	default:
		return fmt.Errorf("%w: sort %q is unknown", ErrQuery, q.Sort)
	}
	for _, f := range q.Facets {
		if !slices.Contains(Facets, f) {
			return fmt.Errorf("%w: facet %q is unknown", ErrQuery, f)
		}
	}
	for f := range q.Filters.Any {
		if !slices.Contains(Facets, f) {
			return fmt.Errorf("%w: filter %q is unknown", ErrQuery, f)
		}
	}
	return nil
}
