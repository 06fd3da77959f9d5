package search

import (
	"html"
	"strings"
)

// Highlighter marks in texts the words that a query was found by. Its zero value marks
// none.
type Highlighter struct {
	stems    map[string]bool
	prefixes []string
}

// Mark makes the highlighter mark the words of a stem.
func (h *Highlighter) Mark(stem string) {
	if h.stems == nil {
		h.stems = map[string]bool{}
	}
	h.stems[stem] = true
}

// MarkPrefix makes it mark the words that begin so.
func (h *Highlighter) MarkPrefix(prefix string) { h.prefixes = append(h.prefixes, prefix) }

// Fields returns the texts of a document that have marked words, by name of the field.
func (h *Highlighter) Fields(d *Document) map[string]string {
	marked := map[string]string{}
	for name, text := range map[string]string{
		"intitule_formation": d.Title, "intitule_certification": d.Certification, "nom_of": d.Provider,
		"libelle_code_formacode_principal": d.Formacode,
	} {
		if html, ok := h.text(text); ok {
			marked[name] = html
		}
	}
	return marked
}

// text returns a text as HTML with the marked words in <em>; false if there is none.
func (h *Highlighter) text(text string) (string, bool) {
	var b strings.Builder
	at, found := 0, false
	for _, t := range Tokens(text) {
		if !h.marks(t.Text) {
			continue
		}
		found = true
		b.WriteString(html.EscapeString(text[at:t.Start]))
		b.WriteString("<em>")
		b.WriteString(html.EscapeString(text[t.Start:t.End]))
		b.WriteString("</em>")
		at = t.End
	}
	b.WriteString(html.EscapeString(text[at:]))
	return b.String(), found
}

func (h *Highlighter) marks(word string) bool {
	if h.stems[Stem(word)] {
		return true
	}
	for _, p := range h.prefixes {
		if strings.HasPrefix(word, p) {
			return true
		}
	}
	return false
}
