package odsql

import (
	"slices"
	"sort"
	"strings"
)

// Vocabulary knows the distinct tokens of the text columns of a table.
type Vocabulary interface {
	// Match returns the tokens of a column that a folded term stands for: those within
	// distance edits of it and, with prefix, those that begin with it. The result is
	// sorted, and cut at [MaxMatches]. ok is false if the column is not known.
	Match(column, term string, distance int, prefix bool) (tokens []string, ok bool)
}

// MaxMatches is how many tokens one term of a search stands for at most.
const MaxMatches = 1000

// NewVocabulary makes a vocabulary from the distinct tokens of each column, as [Fold]
// cuts them, in any order. It sorts the slices that it is given, and keeps them.
func NewVocabulary(tokens map[string][]string) Vocabulary {
	for _, list := range tokens {
		slices.Sort(list)
	}
	return words(tokens)
}

// words are the sorted tokens of each column.
type words map[string][]string

// maxFuzzy is the longest term, in bytes, that finds tokens with other spellings: longer
// than any word, and short enough that the distances cost little memory.
const maxFuzzy = 64

// Match implements Vocabulary. Nearer tokens come first when there are too many.
func (w words) Match(column, term string, distance int, prefix bool) ([]string, bool) {
	list, ok := w[column]
	if !ok || term == "" {
		return nil, ok
	}
	if len(term) > maxFuzzy {
		distance = 0
	}
	var found []string
	if prefix {
		found = append(found, begins(list, term)...)
	} else if i := sort.SearchStrings(list, term); i < len(list) && list[i] == term {
		found = append(found, term)
	}
	for d := 1; d <= distance && len(found) < MaxMatches; d++ {
		found = append(found, near(list, term, d)...)
	}
	found = found[:min(len(found), MaxMatches)]
	slices.Sort(found)
	return slices.Compact(found), true
}

// begins returns the part of a sorted list that begins with a term.
func begins(list []string, term string) []string {
	from := sort.SearchStrings(list, term)
	n := sort.Search(len(list)-from, func(i int) bool { return !strings.HasPrefix(list[from+i], term) })
	return list[from : from+min(n, MaxMatches)]
}

// near returns the tokens of a sorted list within distance edits of a term: insertions,
// deletions and replacements of bytes (folded tokens are nearly all ASCII).
//
// It keeps the table of distances of the token before, one row per byte, and begins
// after the bytes that the next one shares with it. When a row is above distance
// throughout, the tokens that share those bytes are left out at once.
func near(list []string, term string, distance int) []string {
	width := len(term) + 1
	rows := make([]int, width, 64*width)
	for j := range rows {
		rows[j] = j
	}
	var found []string
	before := ""
	for i := 0; i < len(list); {
		token := list[i]
		at := shared(before, token)
		for ; at < len(token); at++ {
			rows = append(rows[:(at+1)*width], make([]int, width)...)
			if advance(rows[at*width:], term, token[at]) > distance {
				break
			}
		}
		if at < len(token) {
			before = token[:at]
			i = skip(list, i, token[:at+1])
			continue
		}
		if rows[at*width+width-1] <= distance {
			found = append(found, token)
		}
		before = token
		i++
	}
	return found
}

// advance fills the second row of a table of distances from the first, for one more
// byte, and returns the least of the row.
func advance(rows []int, term string, b byte) int {
	width := len(term) + 1
	above, row := rows[:width], rows[width:2*width]
	row[0] = above[0] + 1
	least := row[0]
	for j := 1; j < width; j++ {
		cost := above[j-1]
		if term[j-1] != b {
			cost++
		}
		row[j] = min(cost, above[j]+1, row[j-1]+1)
		least = min(least, row[j])
	}
	return least
}

// shared returns how many bytes two texts have in common at their beginning.
func shared(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// skip returns the first index after i of a token that does not begin so.
func skip(list []string, i int, beginning string) int {
	// Few tokens share a beginning as a rule: look a little ahead before halving.
	for step := 1; ; step *= 2 {
		if i+step >= len(list) || !strings.HasPrefix(list[i+step], beginning) {
			end := min(i+step, len(list))
			return i + 1 + sort.Search(end-i-1, func(k int) bool { return !strings.HasPrefix(list[i+1+k], beginning) })
		}
	}
}
