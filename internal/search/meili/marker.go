package meili

import (
	"github.com/parvis-opendata/parvis/internal/search"
)

// marker marks the words by which trainings are found.
type marker struct {
	search.Highlighter

	guessed []string
	begun   bool
}

// marker marks what an ask finds.
func (r *reading) marker(a ask) *marker {
	m := &marker{guessed: a.guessed, begun: a.begun}
	for _, c := range r.codes {
		m.Mark(c)
	}
	for _, t := range a.terms {
		m.term(t.Term)
	}
	for _, g := range r.guesses(a) {
		for _, keys := range g.keys {
			for _, t := range keys {
				m.term(t)
			}
		}
	}
	return m
}

// term marks the words of a term and of its synonyms.
func (m *marker) term(t search.Term) {
	for _, words := range append([][]string{t.Words}, t.Alternatives...) {
		for _, w := range words {
			m.Mark(search.Stem(w))
		}
	}
	if len(t.Words) == 1 && t.Last && len(t.Words[0]) >= 2 {
		m.MarkPrefix(t.Words[0])
	}
}

// fields returns the marked texts of a document. Meilisearch does not say which words look
// like those that nothing has: they are compared again.
func (m *marker) fields(d *search.Document) map[string]string {
	for _, texts := range texts(d) {
		for _, text := range texts {
			for _, t := range search.Tokens(text) {
				if m.like(t.Text) {
					m.Mark(search.Stem(t.Text))
				}
			}
		}
	}
	return m.Fields(d)
}

// like reports whether a word looks like one of the unknown words.
func (m *marker) like(word string) bool {
	for i, w := range m.guessed {
		most := search.Edits(w)
		if search.Distant(w, word, most) <= most {
			return true
		}
		if i == len(m.guessed)-1 && m.begun && len(word) > len(w) && search.Distant(w, word[:len(w)], most) <= most {
			return true
		}
	}
	return false
}
