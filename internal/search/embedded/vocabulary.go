package embedded

import (
	"cmp"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/parvis-opendata/parvis/internal/search"
)

// vocabulary is the words of an index, in order.
type vocabulary struct {
	words []string
	count []int32 // of trainings
	stems map[string]bool
}

// near is a word of the vocabulary that looks like one of a query.
type near struct {
	word     string
	distance int
	count    int32
}

func newVocabulary(counts map[string]int32) *vocabulary {
	v := &vocabulary{words: slices.Sorted(maps.Keys(counts)), stems: map[string]bool{}}
	for _, w := range v.words {
		v.count = append(v.count, counts[w])
		v.stems[search.Stem(w)] = true
	}
	return v
}

// knows returns how many trainings have the word as it is.
func (v *vocabulary) knows(word string) int32 {
	if i, ok := slices.BinarySearch(v.words, word); ok {
		return v.count[i]
	}
	return 0
}

// after returns the index of the first word that is not before prefix nor begins with it.
func (v *vocabulary) after(from int, prefix string) int {
	return from + sort.Search(len(v.words)-from, func(i int) bool {
		w := v.words[from+i]
		return w > prefix && !strings.HasPrefix(w, prefix)
	})
}

// beginning returns at most n words that begin with prefix, the most frequent first.
func (v *vocabulary) beginning(prefix string, n int) []near {
	from, _ := slices.BinarySearch(v.words, prefix)
	var all []near
	for i := from; i < len(v.words) && strings.HasPrefix(v.words[i], prefix); i++ {
		all = append(all, near{v.words[i], 0, v.count[i]})
	}
	return best(all, n)
}

// similar returns at most n words at a distance of at most most edits of word, the nearest
// first; when begun, also those of which only the beginning is.
func (v *vocabulary) similar(word string, most, n int, begun bool) []near {
	if most == 0 {
		return nil
	}
	var all []near
	m := search.NewMeasure(word)
	given := ""
	for i := 0; i < len(v.words); {
		w := v.words[i]
		shared := common(given, w)
		m.Cut(shared)
		distance, dead := most+1, 0
		for j := shared; j < len(w); j++ {
			if m.Add(w[j]) > most {
				dead = j + 1
				break
			}
		}
		if dead > 0 {
			given = w[:dead]
		} else {
			given, distance = w, m.Distance()
		}
		if begun && distance > most {
			distance = beginDistance(word, w, most)
		}
		if distance <= most {
			all = append(all, near{w, distance, v.count[i]})
		}
		if dead > 0 && !begun {
			i = v.after(i, w[:dead])
		} else {
			i++
		}
	}
	return best(all, n)
}

// beginDistance is the least distance of word to a beginning of w that is about as long.
func beginDistance(word, w string, most int) int {
	least := most + 1
	for n := len(word) - most; n <= len(word)+most && n < len(w); n++ {
		if n > 0 && w[0] == word[0] {
			least = min(least, search.Distant(word, w[:n], most))
		}
	}
	return least
}

// best keeps the n nearest, then most frequent, words.
func best(all []near, n int) []near {
	slices.SortStableFunc(all, func(a, b near) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(b.count, a.count))
	})
	return all[:min(n, len(all))]
}

// common is the length of what two words begin with.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// split returns the two words that one is made of, if both are known.
func (v *vocabulary) split(word string) (a, b string, ok bool) {
	most := int32(0)
	for i := 3; i <= len(word)-3; i++ {
		if n := min(v.knows(word[:i]), v.knows(word[i:])); n > most {
			a, b, most = word[:i], word[i:], n
		}
	}
	return a, b, most > 0
}
