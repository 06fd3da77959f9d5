package embedded

import (
	"context"

	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/query"
	"github.com/blevesearch/bleve/v2/search/searcher"
	index "github.com/blevesearch/bleve_index_api"
)

// scored finds what a query finds, all with one score.
type scored struct {
	query.Query

	score float64
}

// Searcher implements query.Query. Without scores of its own Bleve joins lists of
// trainings as bitmaps.
func (q scored) Searcher(ctx context.Context, i index.IndexReader, m mapping.IndexMapping, o search.SearcherOptions) (search.Searcher, error) {
	o.Score = "none"
	s, err := q.Query.Searcher(ctx, i, m, o)
	if err != nil {
		return nil, err
	}
	return constant{s, q.score}, nil
}

type constant struct {
	search.Searcher

	score float64
}

func (s constant) set(d *search.DocumentMatch, err error) (*search.DocumentMatch, error) {
	if d != nil {
		d.Score = s.score
	}
	return d, err
}

// Next implements search.Searcher.
func (s constant) Next(ctx *search.SearchContext) (*search.DocumentMatch, error) {
	return s.set(s.Searcher.Next(ctx))
}

// Advance implements search.Searcher.
func (s constant) Advance(ctx *search.SearchContext, id index.IndexInternalID) (*search.DocumentMatch, error) {
	return s.set(s.Searcher.Advance(ctx, id))
}

// weighted multiplies the scores of a query.
type weighted struct {
	query.Query

	factor float64
}

// Searcher implements query.Query.
func (q weighted) Searcher(ctx context.Context, i index.IndexReader, m mapping.IndexMapping, o search.SearcherOptions) (search.Searcher, error) {
	s, err := q.Query.Searcher(ctx, i, m, o)
	if err != nil {
		return nil, err
	}
	return multiplied{s, q.factor}, nil
}

type multiplied struct {
	search.Searcher

	factor float64
}

// Next implements search.Searcher.
func (s multiplied) Next(ctx *search.SearchContext) (*search.DocumentMatch, error) {
	d, err := s.Searcher.Next(ctx)
	if d != nil {
		d.Score *= s.factor
	}
	return d, err
}

// Advance implements search.Searcher.
func (s multiplied) Advance(ctx *search.SearchContext, id index.IndexInternalID) (*search.DocumentMatch, error) {
	d, err := s.Searcher.Advance(ctx, id)
	if d != nil {
		d.Score *= s.factor
	}
	return d, err
}

// every finds what all queries find; the score is their sum.
type every []query.Query

// Searcher implements query.Query.
func (q every) Searcher(ctx context.Context, i index.IndexReader, m mapping.IndexMapping, o search.SearcherOptions) (search.Searcher, error) {
	o.Score = ""
	all, err := searchers(ctx, q, i, m, o)
	if err != nil {
		return nil, err
	}
	return searcher.NewConjunctionSearcher(ctx, i, all, o)
}

// some finds what at least least of the queries find. The score is the best of theirs, or
// their sum.
type some struct {
	queries []query.Query
	least   int
	sum     bool
}

// anyOf finds what one of the queries finds; the score is the best.
func anyOf(queries ...query.Query) query.Query {
	if len(queries) == 1 {
		return queries[0]
	}
	return some{queries: queries, least: 1}
}

// optional finds everything; what q finds has its score.
func optional(q query.Query) query.Query {
	return anyOf(scored{query.NewMatchAllQuery(), 0}, q)
}

// Searcher implements query.Query.
func (q some) Searcher(ctx context.Context, i index.IndexReader, m mapping.IndexMapping, o search.SearcherOptions) (search.Searcher, error) {
	o.Score = ""
	all, err := searchers(ctx, q.queries, i, m, o)
	if err != nil {
		return nil, err
	}
	return &merger{searchers: all, least: q.least, sum: q.sum}, nil
}

// searchers makes the searchers of queries, all or none.
func searchers(ctx context.Context, queries []query.Query, i index.IndexReader, m mapping.IndexMapping, o search.SearcherOptions) ([]search.Searcher, error) {
	var all []search.Searcher
	for _, q := range queries {
		s, err := q.Searcher(ctx, i, m, o)
		if err != nil {
			for _, opened := range all {
				_ = opened.Close()
			}
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// merger goes through the trainings that several searchers find, in their order.
type merger struct {
	searchers []search.Searcher
	current   []*search.DocumentMatch // of each searcher, nil at its end
	least     int
	sum       bool
}

// start reads the first of each searcher.
func (s *merger) start(ctx *search.SearchContext) error {
	if s.current != nil {
		return nil
	}
	s.current = make([]*search.DocumentMatch, len(s.searchers))
	for i := range s.searchers {
		if err := s.step(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

func (s *merger) step(ctx *search.SearchContext, i int) (err error) {
	s.current[i], err = s.searchers[i].Next(ctx)
	return err
}

// Next implements search.Searcher.
func (s *merger) Next(ctx *search.SearchContext) (*search.DocumentMatch, error) {
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	for {
		first := s.first()
		if first == nil {
			return nil, nil
		}
		found, n, err := s.join(ctx, first)
		if err != nil {
			return nil, err
		}
		if n >= s.least {
			return found, nil
		}
		ctx.DocumentMatchPool.Put(found)
	}
}

// first is the current match that comes first.
func (s *merger) first() *search.DocumentMatch {
	var first *search.DocumentMatch
	for _, d := range s.current {
		if d != nil && (first == nil || d.IndexInternalID.Compare(first.IndexInternalID) < 0) {
			first = d
		}
	}
	return first
}

// join steps over a match in every searcher that has it, and returns it with its score
// and how many have it.
func (s *merger) join(ctx *search.SearchContext, first *search.DocumentMatch) (*search.DocumentMatch, int, error) {
	n, score := 0, 0.0
	for i, d := range s.current {
		if d == nil || d != first && !d.IndexInternalID.Equals(first.IndexInternalID) {
			continue
		}
		n++
		switch {
		case s.sum:
			score += d.Score
		case d.Score > score:
			score = d.Score
		}
		if err := s.step(ctx, i); err != nil {
			return nil, 0, err
		}
		if d != first {
			ctx.DocumentMatchPool.Put(d)
		}
	}
	first.Score = score
	return first, n, nil
}

// Advance implements search.Searcher.
func (s *merger) Advance(ctx *search.SearchContext, id index.IndexInternalID) (*search.DocumentMatch, error) {
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	for i, d := range s.current {
		if d == nil || d.IndexInternalID.Compare(id) >= 0 {
			continue
		}
		ctx.DocumentMatchPool.Put(d)
		var err error
		if s.current[i], err = s.searchers[i].Advance(ctx, id); err != nil {
			return nil, err
		}
	}
	return s.Next(ctx)
}

// Close implements search.Searcher.
func (s *merger) Close() (err error) {
	for _, one := range s.searchers {
		if closed := one.Close(); err == nil {
			err = closed
		}
	}
	return err
}

// Weight implements search.Searcher.
func (s *merger) Weight() float64 { return 1 }

// SetQueryNorm implements search.Searcher.
func (s *merger) SetQueryNorm(float64) {}

// Count implements search.Searcher: at most so many.
func (s *merger) Count() (n uint64) {
	for _, one := range s.searchers {
		n += one.Count()
	}
	return n
}

// Min implements search.Searcher.
func (s *merger) Min() int { return s.least }

// Size implements search.Searcher.
func (s *merger) Size() (n int) {
	for _, one := range s.searchers {
		n += one.Size()
	}
	return n
}

// DocumentMatchPoolSize implements search.Searcher.
func (s *merger) DocumentMatchPoolSize() (n int) {
	for _, one := range s.searchers {
		n += one.DocumentMatchPoolSize() + 1
	}
	return n
}
