package texts

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// WithholdName removes the names of one natural person from a free text.
//
// Inputs: text, of any length; names, as registers give them: legal name
// ("DUPONT MARIE") and trade name ("Marie Dupont Formation"), in any case,
// with or without accents and civility.
//
// Result: the text with "[nom retiré]" for each occurrence, civility included,
// and their number. Found are the full name in either order, one of its words
// after a civility ("Mme Dupont") or an initial ("M. Dupont", "Dupont M."), and
// the surname alone with a capital when the name is that and known given names.
// Case, accents, hyphens, apostrophes and blanks make no difference.
//
// Notes: a trade name of one word goes only where it has a capital, since it may
// be a word of every day. A given name alone stays, and so does a surname that is a common
// word ("Petit", "Page") unless a given name or a civility stands next to it; a
// surname of a name that has other words ("Dupont Paris"), nicknames and
// misspellings stay too. A name made of common words only is left in small
// letters ("bien être"). Time is linear in the length of the text.
func WithholdName(text string, names ...string) (string, int) {
	p := newPerson(names)
	total := 0
	for len(p.whole)+len(p.parts) > 0 {
		next, n := p.withhold(text)
		if n == 0 {
			break
		}
		text, total = next, total+n
	}
	return text, total
}

// person is what is looked for, in folded letters without blanks.
type person struct {
	whole   map[string]bool // the full name in either order; true if all its words are common
	parts   map[string]bool // its words, which need a civility or an initial
	alone   map[string]bool // surnames that need neither
	first   map[string]bool // the first two letters of all these
	initial map[string]bool // initials of its words, and M for Monsieur
	longest int
}

func newPerson(names []string) person {
	p := person{whole: map[string]bool{}, parts: map[string]bool{}, alone: map[string]bool{}, first: map[string]bool{}, initial: map[string]bool{"m": true}}
	for _, name := range names {
		p.add(ownWords(name))
		p.addVerbatim(words(name))
	}
	for _, m := range []map[string]bool{p.whole, p.parts, p.alone} {
		for s := range m {
			p.first[s[:min(2, len(s))]] = true
			p.first[s[:1]] = true // for a word of one letter
			p.longest = max(p.longest, len(s))
		}
	}
	return p
}

// ownWords returns the words of a name but civilities and forms of business.
func ownWords(name string) []string {
	var out []string
	for _, w := range words(name) {
		if !civility[w.folded] && !business[w.folded] && len(out) < 8 {
			out = append(out, w.folded)
		}
	}
	return out
}

func (p *person) add(w []string) {
	for i := range w {
		if len(w[i]) < 2 || particle[w[i]] {
			continue
		}
		p.parts[w[i]] = true
		p.initial[w[i][:1]] = true
		for j := i; j > 0 && particle[w[j-1]]; j-- {
			p.parts[strings.Join(w[j-1:i+1], "")] = true
		}
	}
	if weighty(w) < 2 {
		return
	}
	// Every cut makes a surname and given names, either way round.
	for cut := 1; cut < len(w); cut++ {
		p.addPair(w[:cut], w[cut:])
		p.addPair(w[cut:], w[:cut])
	}
	p.addAlone(w)
}

// addVerbatim adds a name as it is registered, forms of business included: the
// trade name of a person points to that person too.
func (p *person) addVerbatim(all []word) {
	var folded []string
	usual := true
	for _, w := range all {
		folded = append(folded, w.folded)
		usual = usual && (common[w.folded] || particle[w.folded] || business[w.folded] || civility[w.folded])
	}
	joined := strings.Join(folded, "")
	switch {
	case len(folded) == 1 && len(joined) >= 4 && !usual && !givenName[joined]:
		p.alone[joined] = true
	case len(folded) > 1 && weighty(folded) > 0:
		if _, known := p.whole[joined]; !known {
			p.whole[joined] = usual
		}
	}
}

// addPair adds a surname with each run of given names, in both orders.
func (p *person) addPair(surname, given []string) {
	if weighty(surname) == 0 {
		return
	}
	for i := range given {
		for j := i + 1; j <= len(given); j++ {
			if weighty(given[i:j]) == 0 {
				continue
			}
			s, g := strings.Join(surname, ""), strings.Join(given[i:j], "")
			usual := ordinary(surname) && ordinary(given[i:j])
			p.whole[s+g], p.whole[g+s] = usual, usual
		}
	}
}

// addAlone adds the one word of a name that is neither a given name nor common.
func (p *person) addAlone(w []string) {
	surname, given := "", 0
	for _, x := range w {
		switch {
		case particle[x]:
		case givenName[x]:
			given++
		case surname != "" || common[x] || len(x) < 4:
			return
		default:
			surname = x
		}
	}
	if surname != "" && given > 0 {
		p.alone[surname] = true
		for i := slices.Index(w, surname); i > 0 && particle[w[i-1]]; i-- {
			p.alone[strings.Join(w[i-1:slices.Index(w, surname)+1], "")] = true
		}
	}
}

// weighty counts the words that are neither particles nor initials.
func weighty(w []string) int {
	n := 0
	for _, x := range w {
		if len(x) > 1 && !particle[x] {
			n++
		}
	}
	return n
}

func ordinary(w []string) bool {
	for _, x := range w {
		if !common[x] && !particle[x] {
			return false
		}
	}
	return true
}

// withhold replaces what one reading of the text finds.
func (p person) withhold(text string) (string, int) {
	ws := words(text)
	var b strings.Builder
	at, n := 0, 0
	for i := 0; i < len(ws); {
		from, to := p.match(text, ws, i)
		if to == 0 || ws[from].start < at {
			i++
			continue
		}
		b.WriteString(text[at:ws[from].start])
		b.WriteString(MarkName)
		at, n, i = ws[to-1].end, n+1, to
	}
	if n == 0 {
		return text, 0
	}
	b.WriteString(text[at:])
	return b.String(), n
}

// match returns the words, from and up to, of the occurrence whose name
// begins with word i; to is 0 if there is none.
func (p person) match(text string, ws []word, i int) (from, to int) {
	f := ws[i].folded
	if !p.first[f[:min(2, len(f))]] {
		return 0, 0
	}
	from = p.introducedFrom(text, ws, i)
	joined := ""
	for j := i; j < len(ws) && (j == i || joins(text, ws[j-1], ws[j])); j++ {
		if joined += ws[j].folded; len(joined) > p.longest {
			break
		}
		if p.holds(text, ws, i, j, joined, from) {
			to = j + 1
		}
	}
	if to == 0 {
		return 0, 0
	}
	return from, to
}

// holds reports whether words i to j, joined, are to be removed.
func (p person) holds(text string, ws []word, i, j int, joined string, from int) bool {
	some, all := capitals(text, ws[i:j+1])
	if usual, ok := p.whole[joined]; ok && (!usual || all || from < i) && (j > i || len(joined) >= 7) {
		return true
	}
	if p.parts[joined] && (from < i || p.initialFollows(text, ws, j) && some) {
		return true
	}
	return p.alone[joined] && some
}

// capitals reports whether some and whether all words but particles have a capital.
func capitals(text string, ws []word) (some, all bool) {
	all = true
	for _, w := range ws {
		up := unicode.IsUpper(firstRune(text[w.start:]))
		some = some || up
		all = all && (up || particle[w.folded])
	}
	return some, all
}

// introducedFrom returns the index of the civility or initial before word i, else i.
func (p person) introducedFrom(text string, ws []word, i int) int {
	from := i
	for from > 0 && p.introduces(text, ws[from-1], ws[from]) {
		from--
	}
	return from
}

// introduces reports whether a is a civility, or one of the initials with its
// point, before b.
func (p person) introduces(text string, a, b word) bool {
	between := text[a.end:b.start]
	if len(between) > 4 || strings.ContainsAny(between, "\n") {
		return false
	}
	blank := strings.TrimFunc(between, unicode.IsSpace)
	if civility[a.folded] && len(a.folded) > 1 {
		return blank == "" || blank == "."
	}
	return p.initial[a.folded] && unicode.IsUpper(firstRune(text[a.start:])) && (blank == "." || blank == ".-")
}

// initialFollows reports whether one of the initials, with its point, comes after word j.
func (p person) initialFollows(text string, ws []word, j int) bool {
	if j+1 >= len(ws) || !p.initial[ws[j+1].folded] || !joins(text, ws[j], ws[j+1]) {
		return false
	}
	return unicode.IsUpper(firstRune(text[ws[j+1].start:])) && strings.HasPrefix(text[ws[j+1].end:], ".")
}

// joins reports whether only a blank, line end, hyphen, apostrophe or the like is
// between words.
func joins(text string, a, b word) bool {
	between := text[a.end:b.start]
	if len(between) > 5 {
		return false
	}
	for _, r := range between {
		if r == '\n' || unicode.In(r, unicode.Zs, unicode.Pd, unicode.Cf, unicode.Mn) || strings.ContainsRune("'’.,_\t", r) {
			continue
		}
		return false
	}
	return true
}

// word is a run of letters and digits of a text.
type word struct {
	start, end int
	folded     string // lower case, without accents
}

// words returns the words of a text, but not those of marks.
func words(text string) []word {
	var out []word
	start := -1
	closeAt := func(end int) {
		if start >= 0 {
			if f := foldWord(text[start:end]); f != "" {
				out = append(out, word{start, end, f})
			}
		}
		start = -1
	}
	skip := 0
	for i, r := range text {
		if i < skip {
			continue
		}
		if r == '[' {
			skip = i + markLength(text[i:])
		}
		inside := unicode.IsLetter(r) || unicode.IsDigit(r) || start >= 0 && unicode.In(r, unicode.Mn, unicode.Cf)
		if !inside {
			closeAt(i)
		} else if start < 0 {
			start = i
		}
	}
	closeAt(len(text))
	return out
}

// foldWord returns the letters and digits of a word, lower case, without accents.
func foldWord(s string) string {
	ascii := true
	for i := range len(s) {
		ascii = ascii && s[i] < 0x80
	}
	if ascii {
		return strings.ToLower(s)
	}
	s = strings.NewReplacer("œ", "oe", "æ", "ae", "ß", "ss", "ø", "o").Replace(strings.ToLower(s))
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Mn, unicode.Cf) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(s))
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}
