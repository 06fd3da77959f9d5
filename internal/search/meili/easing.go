package meili

import (
	"slices"

	"github.com/parvis-opendata/parvis/internal/search"
)

// doubts are what has to be known of the words before less is asked for, as conditions:
// whether the catalogue has each term, each beginning, and each two words written as one.
func (r *reading) doubts() []condition {
	var list []condition
	for i, t := range r.terms {
		list = append(list, term(t, widest, r.settings), opening(t), r.pair(i))
	}
	return list
}

// perDoubt is how many conditions there are for each term.
const perDoubt = 3

// opening keeps what has a word that begins with a single one that is not the last.
func opening(t search.Term) condition {
	if len(t.Words) > 1 || t.Last || len(t.Words[0]) < 3 {
		return never
	}
	return started(t.Words[0], widest)
}

// pair keeps what has a term and the one before it written as one.
func (r *reading) pair(i int) condition {
	if i == 0 || !single(r.terms[i]) || !single(r.terms[i-1]) {
		return never
	}
	return term(search.Term{Words: []string{r.terms[i-1].Words[0] + r.terms[i].Words[0]}}, widest, r.settings)
}

func single(t search.Term) bool { return len(t.Words) == 1 && t.Alternatives == nil }

// sort tells the terms that the catalogue has from the words that it does not, by how many
// trainings have what was doubted.
func (r *reading) sort(counts []int64) (has []known, unknown []string) {
	missing, taken := false, false // the term before; it is part of a joined one
	for i, t := range r.terms {
		exact, begun, joined := counts[i*perDoubt], counts[i*perDoubt+1], counts[i*perDoubt+2]
		if joined > 0 && !taken && (exact == 0 || missing) {
			has, unknown = r.join(i, has, unknown, missing, joined)
			missing, taken = false, true
			continue
		}
		missing, taken = exact+begun == 0, false
		switch {
		case exact > 0:
			has = append(has, weigh(t, exact))
		case begun > 0:
			has = append(has, weigh(search.Term{Words: t.Words, Last: true}, begun))
		case len(t.Words) == 1:
			unknown = append(unknown, t.Words[0])
		}
	}
	return has, unknown
}

// join puts two words that the catalogue writes as one in the place of the first.
func (r *reading) join(i int, has []known, unknown []string, missing bool, trainings int64) ([]known, []string) {
	if missing {
		unknown = unknown[:len(unknown)-1]
	} else {
		has = has[:len(has)-1]
	}
	t := search.Term{Words: []string{r.terms[i-1].Words[0] + r.terms[i].Words[0]}, Last: r.terms[i].Last}
	return append(has, weigh(t, trainings)), unknown
}

// eased are what is asked for, in turn, when nothing is found as it is written.
func (r *reading) eased(has []known, unknown []string) []ask {
	n := len(has)
	unknown = unknown[:min(len(unknown), mostChosen)]
	begun := len(unknown) > 0 && r.last() == unknown[len(unknown)-1]
	guessing := ask{terms: has, least: n, guessed: unknown, begun: begun}
	var list []ask
	if len(unknown) == 0 {
		list = append(list, r.doubted(has))
	} else {
		list = append(list, guessing)
		list = append(list, r.misplaced(has, unknown)...)
		list = append(list, r.fewer(guessing)...)
	}
	guessing.free, guessing.posts = true, postPlace
	list = append(append(list, guessing), r.fewer(guessing)...)
	list = append(list, ask{terms: has, least: n, free: true, posts: postFree})
	if n > 1 {
		list = append(list, ask{terms: has, least: min(n, mostChosen) - 1, free: true, posts: postFree})
		list = append(list, ask{terms: has, least: (min(n, mostChosen) + 1) / 2, free: true, posts: postFree})
	}
	return slices.DeleteFunc(list, func(a ask) bool { return len(a.terms)+len(a.guessed)+len(a.near) == 0 && len(r.terms) > 0 })
}

// without is what the trainings of an ask need not have, of so many terms and of the places.
func (r *reading) without(a ask, terms int) string {
	switch {
	case a.least+len(a.guessed)+len(a.near) < terms:
		return search.WithoutWords
	case a.free && len(r.plan.Places)+len(r.plan.Distance)+len(a.near) > 0:
		return search.WithoutPlaces
	}
	return ""
}

// fewer leaves out what may be in the query for nothing: the known words, if only the
// others look like a trade or a skill; unknown words.
func (r *reading) fewer(a ask) []ask {
	var list []ask
	told := slices.ContainsFunc(a.terms, func(t known) bool { return t.Alternatives != nil })
	guessed := slices.ContainsFunc(a.guessed, func(w string) bool { return r.nearKeys(w) != nil })
	if guessed && !told && len(a.terms) > 0 {
		other := a
		other.terms, other.least = nil, 0
		list = append(list, other)
	}
	if len(a.guessed) > 1 {
		for i := range a.guessed {
			other := a
			other.guessed, other.begun = a.guessed[i:i+1], a.begun && i == len(a.guessed)-1
			list = append(list, other)
		}
	}
	a.guessed, a.begun = nil, false
	return append(list, a)
}

// last is the last word if it may be only begun.
func (r *reading) last() string {
	if n := len(r.terms); n > 0 && r.terms[n-1].Last && len(r.terms[n-1].Words) == 1 {
		return r.terms[n-1].Words[0]
	}
	return ""
}

// doubted asks for typing errors in every word that has no synonyms.
func (r *reading) doubted(has []known) ask {
	var a ask
	for _, t := range has {
		if single(t.Term) {
			a.guessed = append(a.guessed, t.Words[0])
		} else {
			a.terms = append(a.terms, t)
		}
	}
	a.least = len(a.terms)
	return a
}

// misplaced asks for a word to be the name of a place.
func (r *reading) misplaced(has []known, unknown []string) []ask {
	var list []ask
	for i, w := range unknown {
		if zone, ok := r.settings.NearPlace(w); ok {
			rest := slices.Delete(slices.Clone(unknown), i, i+1)
			a := ask{terms: has, least: len(has), guessed: rest, near: []search.Zone{zone}}
			list = append(list, a)
			a.free = true
			list = append(list, a)
		}
	}
	return list
}
