package meili

import (
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/internal/search"
)

// part is a request: what it keeps, the words that Meilisearch looks for with typing
// errors, and how much it counts beside the others.
type part struct {
	filter condition
	words  string
	weight float64
}

// ask is how much of a plan is asked for.
type ask struct {
	terms   []known       // found as they are
	least   int           // how many of them are needed
	guessed []string      // words that nothing has, found by those that look like them
	begun   bool          // the last of these may be only begun
	free    bool          // places and the distance only count
	posts   post          // what a post code is
	near    []search.Zone // places that are named with a typing error
}

// post says what a number is that may be a post code.
type post int

const (
	postCode  post = iota // a code like others
	postPlace             // a place to be in
	postFree              // a place that only counts
)

// reading is a plan in the words of an index.
type reading struct {
	settings *search.Settings
	plan     search.Plan
	alone    bool // nothing but places or codes is asked for
	codes    []string
	terms    []search.Term
	near     map[string][]search.Term // words with synonyms that look like a word
}

func read(s *search.Settings, p search.Plan) *reading {
	r := &reading{settings: s, plan: p, near: map[string][]search.Term{}, alone: len(p.Terms) == 0 || len(p.Terms) == 1 && p.Terms[0].Code}
	for _, t := range p.Terms {
		if t.Code {
			r.codes = append(r.codes, t.Words[0])
		} else {
			r.terms = append(r.terms, t)
		}
	}
	return r
}

// strict asks for everything as it is written.
func (r *reading) strict() ask {
	a := ask{least: len(r.terms)}
	for _, t := range r.terms {
		a.terms = append(a.terms, known{Term: t})
	}
	return a
}

// parts are the requests for what is asked.
func (r *reading) parts(a ask) []part {
	needed, wishes := r.around(a)
	ways := len(choices(a.terms, a.least)) * len(r.guesses(a))
	if ways*len(wishes) > mostParts {
		wishes = []wish{wishes[0], wishes[len(wishes)-1]}
	}
	tiers := r.tiers(a, len(wishes))
	if ways*len(wishes)*len(tiers) > mostParts {
		tiers = []float64{widest}
	}
	var list []part
	for _, tier := range tiers {
		for _, p := range r.tier(a, needed, tier) {
			for _, w := range wishes {
				list = add(list, part{all(p.filter, w.filter), p.words, p.weight + w.bonus})
			}
		}
	}
	return list
}

// wide are the requests that together keep all that is asked for.
func (r *reading) wide(a ask) []part {
	needed, _ := r.around(a)
	return r.tier(a, needed, widest)
}

// tier are the requests for what reaches a score.
func (r *reading) tier(a ask, needed condition, score float64) []part {
	var list []part
	for _, choice := range choices(a.terms, a.least) {
		c := []condition{needed}
		for _, t := range choice.terms {
			c = append(c, term(t.Term, score, r.settings))
		}
		for _, g := range r.guesses(a) {
			list = add(list, part{all(append(slices.Clone(c), g.keep(score, r.settings))...), g.words, choice.share * g.share * score})
		}
	}
	return list
}

// mostParts is from how many requests on finer differences are not made.
const mostParts = 60

// add adds a request, unless it keeps nothing, or one before it keeps the same.
func add(list []part, p part) []part {
	same := func(o part) bool { return o.filter == p.filter && o.words == p.words && o.weight >= p.weight }
	if p.filter == never || slices.ContainsFunc(list, same) {
		return list
	}
	return append(list, p)
}

// tiers are those that are told apart: fewer where there are many requests.
func (r *reading) tiers(a ask, wishes int) []float64 {
	switch {
	case len(a.terms)+len(a.guessed) == 0:
		return []float64{widest}
	case a.least < len(a.terms) && len(a.terms) > 3, len(a.guessed) > 0:
		return []float64{90, widest}
	case a.least < len(a.terms):
		return []float64{96, 80, widest}
	case wishes > 3:
		return []float64{96, 80, widest}
	case wishes > 1:
		return []float64{100, 96, 80, widest}
	}
	return tiers
}

// choice is some of the terms, and how much of what all tell they tell.
type choice struct {
	terms []known
	share float64
}

// mostChosen is how many terms there are at most when only some of them are needed.
const mostChosen = 6

// choices are the ways to take so many of the terms.
func choices(terms []known, least int) []choice {
	if least >= len(terms) {
		return []choice{{terms, 1}}
	}
	terms = terms[:min(len(terms), mostChosen)]
	whole := 0.0
	for _, t := range terms {
		whole += t.weight
	}
	var list []choice
	for set := range 1 << len(terms) {
		var c choice
		for i, t := range terms {
			if set>>i&1 == 1 {
				c.terms = append(c.terms, t)
				c.share += t.weight / whole
			}
		}
		if len(c.terms) == least {
			list = append(list, c)
		}
	}
	return list
}

// guess is a way to find words that nothing has.
type guess struct {
	words string          // left to Meilisearch
	keys  [][]search.Term // words that have synonyms, of which one each is meant
	share float64
}

// keep keeps what has one of each of the words with synonyms.
func (g guess) keep(tier float64, s *search.Settings) condition {
	var list []condition
	for _, keys := range g.keys {
		var ways []condition
		for _, t := range keys {
			ways = append(ways, term(t, tier, s))
		}
		list = append(list, one(ways...))
	}
	return all(list...)
}

// nearKeys are the words with synonyms that look like a word.
func (r *reading) nearKeys(word string) []search.Term {
	terms, ok := r.near[word]
	if !ok {
		for _, near := range r.settings.NearKeys(word, 2) {
			terms = append(terms, search.Term{Words: []string{near}, Alternatives: r.settings.Synonyms[near]})
		}
		r.near[word] = terms
	}
	return terms
}

// guesses are the ways to find the unknown words: by words that look like them; by the
// beginning of such words; by synonyms of words that look like them.
func (r *reading) guesses(a ask) []guess {
	if len(a.guessed) == 0 {
		return []guess{{share: 1}}
	}
	// Meilisearch takes a last word without a blank after it for a beginning.
	list := []guess{{words: strings.Join(a.guessed, " ") + " ", share: 1}}
	if a.begun {
		list = append(list, guess{words: strings.Join(a.guessed, " "), share: 0.6})
	}
	var keys [][]search.Term
	var rest []string
	for _, w := range a.guessed {
		if terms := r.nearKeys(w); terms != nil {
			keys = append(keys, terms)
		} else {
			rest = append(rest, w+" ")
		}
	}
	if keys != nil {
		list = append(list, guess{words: strings.Join(rest, ""), keys: keys, share: 0.5})
	}
	return list
}
