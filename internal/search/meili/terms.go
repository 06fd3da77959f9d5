package meili

import (
	"math"
	"slices"

	"github.com/parvis-opendata/parvis/internal/search"
)

// tiers are scores that all terms of a training must reach, best first: a training is
// ranked by the worst found of its terms. The last one is that of any way.
var tiers = []float64{100, 96, 90, 80, 64, 40}

// widest is the tier of all that is found at all.
const widest = 40

// found keeps what has all the words, as they are or by their stem in fields where that
// scores at least so much. Words that say nothing are not asked for.
func found(words []string, whole, stem search.Scores, least float64, s *search.Settings) condition {
	var list []condition
	for _, w := range words {
		if !s.Stops(w) {
			list = append(list, in(tokens, variants(w, whole, stem, least)...))
		}
	}
	if len(list) == 0 {
		return never
	}
	return all(list...)
}

// variants are the tokens of a word and of its stem.
func variants(w string, whole, stem search.Scores, least float64) []string {
	if len(w) > longest {
		return nil
	}
	var list []string
	base := search.Stem(w)
	for i := range fields {
		if whole[i] >= least {
			list = append(list, exact(i, w))
		}
		if stem[i] < least {
			continue
		}
		list = append(list, root(i, base))
		if search.Stem(base) == base { // words that are their own stem have no token as such
			list = append(list, exact(i, base))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// started keeps what has a word that begins so.
func started(w string, least float64) condition {
	if len(w) > longest {
		return never
	}
	list := []condition{}
	for i := range fields {
		if search.Begun[i] >= least {
			list = append(list, begins(tokens, exact(i, w)))
		}
	}
	return one(list...)
}

// term keeps what has a term: by its words, by synonyms, or by the beginning of the last
// word.
func term(t search.Term, least float64, s *search.Settings) condition {
	list := []condition{found(t.Words, search.AsIs, search.ByStem, least, s)}
	for _, alternative := range t.Alternatives {
		list = append(list, found(alternative, search.Scores{}, search.BySense, least, s))
	}
	if len(t.Words) == 1 && t.Last && len(t.Words[0]) >= 2 {
		list = append(list, started(t.Words[0], least))
	}
	return one(list...)
}

// code keeps what has a code, or a word with digits, exactly.
func code(word string) condition {
	list := []condition{in(codes, word)}
	if len(word) <= longest {
		var words []string
		for i := range fields {
			words = append(words, exact(i, word))
		}
		list = append(list, in(tokens, words...))
	}
	return one(list...)
}

// within keeps what is in a zone.
func within(z search.Zone) condition {
	return one(in(search.Departement, z.Departements...), in(search.Region, z.Regions...))
}

// known is a term that the catalogue has, and how much it tells.
type known struct {
	search.Term

	weight float64
}

// weigh says how much a term tells that so many trainings have: a trade or a skill, which
// has synonyms, the most, then a rare word; a single letter or digit little.
func weigh(t search.Term, trainings int64) known {
	switch {
	case len(t.Words) == 1 && len(t.Words[0]) == 1:
		return known{t, 0.2}
	case t.Alternatives != nil:
		return known{t, 2}
	}
	return known{t, 1 + 1/math.Log2(2+float64(trainings))}
}
