package texts

import (
	"slices"
	"strings"
)

// The marks that stand in a published text for what was removed.
const (
	MarkEmail = "[courriel retiré]"
	MarkPhone = "[téléphone retiré]"
	MarkNIR   = "[NIR retiré]"
	MarkIBAN  = "[IBAN retiré]"
	MarkName  = "[nom retiré]"
)

// Kind says what a piece of personal data is.
type Kind uint8

// The kinds of personal data found in a free text.
const (
	Email Kind = iota
	Phone
	NIR
	IBAN
)

// String returns the name of the kind, as reports print it.
func (k Kind) String() string {
	return [...]string{"email", "phone", "nir", "iban"}[k]
}

func (k Kind) mark() string {
	return [...]string{MarkEmail, MarkPhone, MarkNIR, MarkIBAN}[k]
}

// Removals counts what was taken out of texts.
type Removals struct {
	Emails, Phones, NIRs, IBANs int
}

// Add adds the counts of s to r.
func (r *Removals) Add(s Removals) {
	r.Emails += s.Emails
	r.Phones += s.Phones
	r.NIRs += s.NIRs
	r.IBANs += s.IBANs
}

// Total returns the number of pieces of all kinds.
func (r Removals) Total() int { return r.Emails + r.Phones + r.NIRs + r.IBANs }

func (r *Removals) count(k Kind) {
	switch k {
	case Email:
		r.Emails++
	case Phone:
		r.Phones++
	case NIR:
		r.NIRs++
	case IBAN:
		r.IBANs++
	}
}

// Scrub takes e-mail addresses, telephone numbers, NIR and IBAN out of a free
// text and puts a French mark in the place of each.
//
// Inputs: text, of any length; bytes that are not UTF-8 are kept.
//
// Result: the text with its marks, and how many pieces of each kind were
// removed. A text with nothing to remove is returned as it is, without
// allocation. Scrub of its own result changes nothing, and [Suspects] finds
// nothing in it.
//
// Notes: time is linear in the length of the text. Service numbers (08…) are
// removed like others, short numbers (3646, 15, 112) are kept. A URL is kept,
// unless it holds an e-mail address or is a WhatsApp link. A NIR with a wrong
// key is removed where words introduce it or it is grouped as on the card.
func Scrub(text string) (string, Removals) {
	var r Removals
	for mayHold(text) {
		found := find(text)
		if len(found) == 0 {
			break
		}
		// A mark can free a number that its neighbour had made part of a
		// list, so the text is read again. Such chains are short.
		text = replace(text, found, &r)
	}
	return text, r
}

// span is a piece of a text to remove: bytes start to end.
type span struct {
	start, end int
	kind       Kind
}

// find returns the pieces to remove, in order, none overlapping.
func find(text string) []span {
	v := fold(text)
	v.findEmails()
	v.findIBANs()
	v.zeroes()
	v.findNumbers()
	return v.spans()
}

func replace(text string, found []span, r *Removals) string {
	var b strings.Builder
	b.Grow(len(text) + 8*len(found))
	at := 0
	for _, s := range found {
		b.WriteString(text[at:s.start])
		b.WriteString(s.kind.mark())
		r.count(s.kind)
		at = s.end
	}
	b.WriteString(text[at:])
	return b.String()
}

func sortSpans(s []span) {
	slices.SortFunc(s, func(a, b span) int { return a.start - b.start })
}
