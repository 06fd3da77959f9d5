package embedded

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/numeric"
	bsearch "github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/query"
	index "github.com/blevesearch/bleve_index_api"

	"github.com/parvis-opendata/parvis/internal/search"
)

// columns are the facets and numbers of all trainings, in memory by the number that Bleve
// gives a training. Bleve itself would read them from its file for each training found.
type columns struct {
	facets  map[string]*facet
	numbers map[string][]float64 // not a number where there is none
}

// facet has the values of a training from one end to the next.
type facet struct {
	values []string
	known  map[string]uint16
	ends   []uint32
	of     []uint16
}

var numbers = []string{price, hours, sessions}

// readColumns reads the columns of an index that never changes.
func readColumns(b bleve.Index) (_ *columns, err error) {
	c := &columns{facets: map[string]*facet{}, numbers: map[string][]float64{}}
	for _, name := range search.Facets {
		c.facets[name] = &facet{known: map[string]uint16{}}
	}
	advanced, err := b.Advanced()
	if err != nil {
		return nil, err
	}
	reader, err := advanced.Reader()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	values, err := reader.DocValueReader(slices.Concat(search.Facets, numbers))
	if err != nil {
		return nil, err
	}
	ids, err := reader.DocIDReaderAll()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, ids.Close()) }()
	for n := uint64(0); ; n++ {
		id, err := ids.Next()
		if err != nil || id == nil {
			return c, err
		}
		if id.Value() != n {
			return nil, fmt.Errorf("training %d has the number %d", n, id.Value())
		}
		for _, name := range numbers {
			c.numbers[name] = append(c.numbers[name], math.NaN())
		}
		if err := values.VisitDocValues(id, c.read); err != nil {
			return nil, err
		}
		for _, f := range c.facets {
			f.ends = append(f.ends, uint32(len(f.of)))
		}
	}
}

// read reads a value of the last training.
func (c *columns) read(field string, term []byte) {
	if f, ok := c.facets[field]; ok {
		f.add(string(term))
		return
	}
	if valid, shift := numeric.ValidPrefixCodedTermBytes(term); !valid || shift != 0 {
		return // a coarser form of the number
	}
	if n, err := numeric.PrefixCoded(term).Int64(); err == nil {
		all := c.numbers[field]
		all[len(all)-1] = numeric.Int64ToFloat64(n)
	}
}

// add adds a value. There are few: more than their numbers can tell apart are left out.
func (f *facet) add(value string) {
	n, ok := f.known[value]
	if !ok {
		if value == "" || len(f.values) > math.MaxUint16 {
			return
		}
		n = uint16(len(f.values))
		f.known[value], f.values = n, append(f.values, value)
	}
	f.of = append(f.of, n)
}

// tally counts the values of facets over the trainings found.
type tally struct {
	names  []string
	facets []*facet
	counts [][]int
}

func (c *columns) tally(names []string) *tally {
	t := &tally{names: names}
	for _, name := range names {
		f := c.facets[name]
		t.facets, t.counts = append(t.facets, f), append(t.counts, make([]int, len(f.values)))
	}
	return t
}

func (t *tally) add(training uint64) {
	for i, f := range t.facets {
		from := uint32(0)
		if training > 0 {
			from = f.ends[training-1]
		}
		for _, value := range f.of[from:f.ends[training]] {
			t.counts[i][value]++
		}
	}
}

// result are the counts of each facet, the greatest first.
func (t *tally) result(label func(facet, value string) string) map[string][]search.Count {
	all := map[string][]search.Count{}
	for i, name := range t.names {
		counts := []search.Count{}
		for value, n := range t.counts[i] {
			if text := t.facets[i].values[value]; n > 0 {
				counts = append(counts, search.Count{Value: text, Label: label(name, text), Count: n})
			}
		}
		slices.SortFunc(counts, func(a, b search.Count) int {
			if a.Count != b.Count {
				return b.Count - a.Count
			}
			return strings.Compare(a.Value, b.Value)
		})
		all[name] = counts
	}
	return all
}

// counted is a query whose finds are counted.
type counted struct {
	query.Query

	tally *tally
}

// Searcher implements query.Query.
func (q counted) Searcher(ctx context.Context, i index.IndexReader, m mapping.IndexMapping, o bsearch.SearcherOptions) (bsearch.Searcher, error) {
	s, err := q.Query.Searcher(ctx, i, m, o)
	if err != nil {
		return nil, err
	}
	return counting{s, q.tally}, nil
}

type counting struct {
	bsearch.Searcher

	tally *tally
}

// Next implements search.Searcher. It is asked for each find once.
func (s counting) Next(ctx *bsearch.SearchContext) (*bsearch.DocumentMatch, error) {
	d, err := s.Searcher.Next(ctx)
	if d != nil {
		s.tally.add(d.IndexInternalID.Value())
	}
	return d, err
}

// byNumber sorts by a number; trainings without one come last.
type byNumber struct {
	values []float64
	down   bool
}

// Value implements search.SearchSort: texts in the order of the numbers.
func (s *byNumber) Value(d *bsearch.DocumentMatch) string {
	v := s.values[d.IndexInternalID.Value()]
	switch {
	case !math.IsNaN(v):
	case s.down:
		return ""
	default:
		return "\xff\xff\xff\xff\xff\xff\xff\xff\xff"
	}
	var text [8]byte
	binary.BigEndian.PutUint64(text[:], uint64(numeric.Float64ToInt64(v))^1<<63)
	return string(text[:])
}

// UpdateVisitor implements search.SearchSort.
func (s *byNumber) UpdateVisitor(string, []byte) {}

// DecodeValue implements search.SearchSort.
func (s *byNumber) DecodeValue(value string) string { return value }

// Descending implements search.SearchSort.
func (s *byNumber) Descending() bool { return s.down }

// RequiresDocID implements search.SearchSort.
func (s *byNumber) RequiresDocID() bool { return false }

// RequiresScoring implements search.SearchSort.
func (s *byNumber) RequiresScoring() bool { return false }

// RequiresFields implements search.SearchSort: it reads no file.
func (s *byNumber) RequiresFields() []string { return nil }

// Reverse implements search.SearchSort.
func (s *byNumber) Reverse() { s.down = !s.down }

// Copy implements search.SearchSort.
func (s *byNumber) Copy() bsearch.SearchSort {
	other := *s
	return &other
}
