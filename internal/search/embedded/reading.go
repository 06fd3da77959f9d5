package embedded

import (
	"math"

	"github.com/blevesearch/bleve/v2/search/query"

	"github.com/parvis-opendata/parvis/internal/search"
)

// How much of a plan is asked for.
const (
	strict   = iota // all; typing errors only in words that nothing has
	tolerant        // typing errors in every word
	anywhere        // places and distance only count
	partly          // all words but one
	easiest         // half of the words
)

var fields = []string{title, certification, provider, domain}

// Scores of what looks like a word, of its stem; bare of none.
var (
	mistyped  = search.Scores{50, 45, 40, 25}
	byMistake = search.Scores{46, 41, 36, 22}
	bare      = search.Scores{}
)

// Most words that a word of a query stands for.
const (
	mostBegun   = 60
	mostSimilar = 12
)

// reading is a plan in the words of an index.
type reading struct {
	*Index

	ease      int
	alone     bool          // nothing but places or codes is asked for
	needed    []query.Query // codes and places
	terms     []query.Query
	weights   []float64     // of the terms, when not all of them are found
	unknown   int           // terms that nothing has or looks like: left out beside others
	wanted    []query.Query // what only counts
	highlight search.Highlighter
}

// reading makes queries of a plan.
func (x *Index) reading(p search.Plan, ease int) *reading {
	r := &reading{Index: x, ease: ease, alone: len(p.Terms) == 0 || len(p.Terms) == 1 && p.Terms[0].Code}
	for _, t := range x.joined(p.Terms) {
		if t.Code {
			r.code(t.Words[0])
		} else {
			r.term(t)
		}
	}
	for _, w := range p.Places {
		r.place(w.Zone, w.Words, p.Distance != nil || ease >= anywhere)
	}
	if p.Distance != nil {
		r.near(r.all(p.Distance, search.Named, search.Named), scored{term(search.Distance, "true"), search.DistanceScore}, ease >= anywhere)
	}
	return r
}

// without is what of the plan the trainings found need not have.
func (r *reading) without(p search.Plan) string {
	switch {
	case r.unknown > 0, r.ease >= partly && len(r.terms) > 1:
		return search.WithoutWords
	case r.ease >= anywhere && len(p.Places)+len(p.Distance) > 0:
		return search.WithoutPlaces
	}
	return ""
}

// clauses are what must be found.
func (r *reading) clauses() []query.Query {
	all := append([]query.Query{}, r.needed...)
	n := len(r.terms)
	if r.unknown > 0 && (n == 0 || r.ease == strict) {
		return []query.Query{query.NewMatchNoneQuery()}
	}
	least := n
	switch r.ease {
	case partly:
		least = n - 1
	case easiest:
		least = (n + 1) / 2
	}
	if n > 0 && least < n {
		all = append(all, some{queries: r.weighted(), least: max(least, 1), sum: true})
	} else {
		all = append(all, r.terms...)
	}
	for _, w := range r.wanted {
		all = append(all, optional(w))
	}
	return all
}

// weighted are the terms by their weights.
func (r *reading) weighted() []query.Query {
	var all []query.Query
	for i, q := range r.terms {
		all = append(all, weighted{q, r.weights[i]})
	}
	return all
}

// weight says how much a term tells: a trade or a skill, which has synonyms, the most, then
// a rare word; a single letter or digit little.
func (r *reading) weight(t search.Term) float64 {
	if len(t.Words) == 1 && len(t.Words[0]) == 1 {
		return 0.2
	}
	if t.Alternatives != nil {
		return 2
	}
	rarest := int32(math.MaxInt32)
	for _, w := range t.Words {
		if n := r.vocabulary.knows(w); n > 0 {
			rarest = min(rarest, n)
		}
	}
	return 1 + 1/math.Log2(2+float64(rarest))
}

// joined makes one term of two words that the catalogue writes as one.
func (x *Index) joined(terms []search.Term) []search.Term {
	var all []search.Term
	for _, t := range terms {
		if n := len(all); n > 0 && x.single(t) && x.single(all[n-1]) {
			a, b := all[n-1].Words[0], t.Words[0]
			if x.vocabulary.knows(a+b) > 0 && (x.vocabulary.knows(a) == 0 || x.vocabulary.knows(b) == 0) {
				all[n-1] = search.Term{Words: []string{a + b}, Last: t.Last}
				continue
			}
		}
		all = append(all, t)
	}
	return all
}

func (x *Index) single(t search.Term) bool {
	return !t.Code && len(t.Words) == 1 && t.Alternatives == nil
}

// code adds a code, or a word with digits, found exactly; a post code that is none of
// the codes is a place.
func (r *reading) code(word string) {
	queries := []query.Query{scored{term(codes, word), search.CodeScore}}
	for i, f := range fields {
		queries = append(queries, scored{term(f, exact(word)), search.AsIs[i]})
	}
	if departements := r.settings.Postcode(word); r.ease >= anywhere && departements != nil {
		r.place(search.Zone{Departements: departements}, nil, r.ease > anywhere)
		return
	}
	r.highlight.Mark(word)
	r.needed = append(r.needed, anyOf(queries...))
}

// place adds a place, or its words; what is in its région counts too when it is no
// condition.
func (r *reading) place(z search.Zone, words []string, optional bool) {
	in := anywhereIn(search.Departement, z.Departements)
	in = append(in, anywhereIn(search.Region, z.Regions)...)
	var q query.Query = scored{query.NewDisjunctionQuery(in), search.PlaceScore}
	if around := anywhereIn(search.Region, r.settings.Around(z)); optional && len(around) > 0 {
		q = anyOf(q, scored{query.NewDisjunctionQuery(around), search.AroundScore})
	}
	r.near(r.all(words, search.AsIs, search.ByStem), q, optional)
}

func anywhereIn(facet string, values []string) []query.Query {
	var queries []query.Query
	for _, v := range values {
		queries = append(queries, term(facet, v))
	}
	return queries
}

// near adds what is found by a query or by its words (nil if nothing has them), as a
// condition or not.
func (r *reading) near(words, q query.Query, optional bool) {
	if words != nil {
		q = anyOf(q, words)
	}
	if optional && !r.alone {
		r.wanted = append(r.wanted, q)
	} else {
		r.needed = append(r.needed, q)
	}
}

// term adds a term.
func (r *reading) term(t search.Term) {
	var queries []query.Query
	for _, alternative := range t.Alternatives {
		if q := r.all(alternative, search.BySense, search.BySense); q != nil {
			queries = append(queries, q)
		}
	}
	if len(t.Words) > 1 {
		if q := r.all(t.Words, search.AsIs, search.ByStem); q != nil {
			queries = append(queries, q)
		}
	} else {
		queries = append(queries, r.word(t)...)
	}
	if len(queries) > 0 {
		r.terms, r.weights = append(r.terms, anyOf(queries...)), append(r.weights, r.weight(t))
		return
	}
	if zone, ok := r.settings.NearPlace(t.Words[0]); ok && len(t.Words) == 1 {
		r.alone = r.alone || len(r.terms) == 0
		r.place(zone, nil, r.ease >= anywhere)
		return
	}
	r.unknown++
}

// all finds what has all the words; nil if nothing has.
func (r *reading) all(words []string, whole, stem search.Scores) query.Query {
	if len(words) == 0 {
		return nil
	}
	var queries []query.Query
	for _, w := range words {
		if !r.vocabulary.stems[search.Stem(w)] {
			return nil
		}
		queries = append(queries, anyOf(r.found(w, whole, stem, float64(len(words)))...))
	}
	for _, w := range words {
		r.highlight.Mark(search.Stem(w))
	}
	if len(queries) == 1 {
		return queries[0]
	}
	return every(queries)
}

// found finds a word in each field as it is and by its stem, at the scores shared by
// several words.
func (r *reading) found(w string, whole, stem search.Scores, share float64) []query.Query {
	var queries []query.Query
	for i, f := range fields {
		if whole[i] > stem[i] {
			queries = append(queries, scored{term(f, exact(w)), whole[i] / share})
		}
		if stem[i] > 0 {
			queries = append(queries, scored{term(f, search.Stem(w)), stem[i] / share})
		}
	}
	return queries
}

// word finds a single word: as it is, by its stem, by what begins with it, by what looks
// like it.
func (r *reading) word(t search.Term) []query.Query {
	w := t.Words[0]
	known := r.vocabulary.stems[search.Stem(w)]
	var queries []query.Query
	if known {
		queries = append(queries, r.found(w, search.AsIs, search.ByStem, 1)...)
		r.highlight.Mark(search.Stem(w))
	}
	if t.Last && len(w) >= 2 || !known && len(w) >= 3 {
		queries = append(queries, r.beginning(w)...)
	}
	if (len(queries) > 0 || t.Alternatives != nil) && r.ease == strict {
		return queries
	}
	queries = append(queries, r.similar(t)...)
	if a, b, ok := r.vocabulary.split(w); len(queries) == 0 && ok {
		queries = append(queries, r.all([]string{a, b}, search.ByStem, search.ByStem))
	}
	return queries
}

// beginning finds the words that begin with one.
func (r *reading) beginning(w string) []query.Query {
	near := r.vocabulary.beginning(w, mostBegun)
	if len(near) == 0 {
		return nil
	}
	r.highlight.MarkPrefix(w)
	return oneOf(near, search.Begun)
}

// similar finds the words that look like one, among those of the catalogue and those that
// have synonyms.
func (r *reading) similar(t search.Term) []query.Query {
	w := t.Words[0]
	near, keys := r.vocabulary.similar(w, search.Edits(w), mostSimilar, false), r.settings.NearKeys(w, 2)
	if len(near)+len(keys) == 0 && t.Last {
		near = r.vocabulary.similar(w, search.Edits(w), mostSimilar, true)
	}
	for _, n := range near {
		r.highlight.Mark(search.Stem(n.word))
	}
	if r.ease == strict && len(near) > 0 {
		near = nearest(near)
	}
	queries := oneOf(near, mistyped)
	for _, n := range near {
		queries = append(queries, r.found(n.word, bare, byMistake, 1)...)
	}
	for _, key := range keys {
		for _, alternative := range r.settings.Synonyms[key] {
			if q := r.all(alternative, byMistake, byMistake); q != nil {
				queries = append(queries, q)
			}
		}
	}
	return queries
}

// nearest keeps the words with the fewest errors.
func nearest(all []near) []near {
	for i, n := range all {
		if n.distance > all[0].distance {
			return all[:i]
		}
	}
	return all
}

// oneOf finds one of several words in each field.
func oneOf(near []near, scores search.Scores) []query.Query {
	if len(near) == 0 {
		return nil
	}
	var queries []query.Query
	for i, f := range fields {
		var terms []query.Query
		for _, n := range near {
			terms = append(terms, term(f, exact(n.word)))
		}
		queries = append(queries, scored{query.NewDisjunctionQuery(terms), scores[i]})
	}
	return queries
}
