package search

// Edits returns how many wrong letters a word of a query may have.
func Edits(word string) int {
	switch n := len(word); {
	case n < 4:
		return 0
	case n < 8:
		return 1
	default:
		return 2
	}
}

// Distant returns how many letters must be added, left out, replaced or swapped with
// their neighbour to make b of a; most+1 when it is more than most.
func Distant(a, b string, most int) int {
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	w := NewMeasure(a)
	for i := range len(b) {
		if w.Add(b[i]) > most {
			return most + 1
		}
	}
	return min(w.Distance(), most+1)
}

// Measure compares a word with others that are given letter by letter, and taken back
// letter by letter, so that words with a beginning in common share its cost. The words are
// folded: letters are bytes, and a word in another script is measured by its bytes.
type Measure struct {
	word  string
	given []byte
	rows  [][]int // one per letter given, and one for none
}

// NewMeasure compares with a word.
func NewMeasure(word string) *Measure {
	m := &Measure{word: word}
	first := make([]int, len(word)+1)
	for i := range first {
		first[i] = i
	}
	m.rows = append(m.rows, first)
	return m
}

// Add gives one more letter and returns the least distance that any word that begins
// with those given can have.
func (m *Measure) Add(letter byte) int {
	n := len(m.given)
	m.given = append(m.given, letter)
	if len(m.rows) < n+2 {
		m.rows = append(m.rows, make([]int, len(m.word)+1))
	}
	above, row := m.rows[n], m.rows[n+1]
	row[0] = n + 1
	least := row[0]
	for j := 1; j <= len(m.word); j++ {
		cost := 1
		if m.word[j-1] == letter {
			cost = 0
		}
		d := min(above[j]+1, row[j-1]+1, above[j-1]+cost)
		if n > 0 && j > 1 && m.word[j-1] == m.given[n-1] && m.word[j-2] == letter {
			d = min(d, m.rows[n-1][j-2]+1)
		}
		row[j] = d
		least = min(least, d)
	}
	return least
}

// Cut takes back letters until n are left.
func (m *Measure) Cut(n int) { m.given = m.given[:min(n, len(m.given))] }

// Distance is that of the letters given.
func (m *Measure) Distance() int { return m.rows[len(m.given)][len(m.word)] }
