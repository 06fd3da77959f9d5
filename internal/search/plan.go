package search

import (
	"regexp"
	"strings"
	"unicode"
)

// Plan is what a text asks for. An engine finds the trainings that have every term, are in
// every place and, if asked, can be followed at a distance; a place and the distance are
// also found by their words, since a provider may be called after a town.
type Plan struct {
	Terms    []Term
	Places   []Where
	Distance []string // the words that ask for a distance; nil if none do
}

// Term is what the query says in one or several words.
type Term struct {
	Words        []string   // as written, folded
	Alternatives [][]string // by synonyms
	Code         bool       // found exactly or not at all
	Last         bool       // may be the beginning of a word
}

// Where is a place that the query names.
type Where struct {
	Zone

	Words []string
}

// codes are what is never a word with a typing error. Digits may come in groups.
var (
	registerCode = regexp.MustCompile(`(?i)\b(rncp|rs)[\s:n°-]*(\d{2,6})\b`)
	namedCode    = regexp.MustCompile(`(?i)\b(?:nsf|rome|formacode|certif[\s-]?info|siret|siren)[\s:n°-]*([a-z]?\d{3,})\b`)
	groupedSiret = regexp.MustCompile(`\b\d{3}[\s.]?\d{3}[\s.]?\d{3}([\s.]?\d{5})?\b`)
	numero       = regexp.MustCompile(`\b\d{14}_\S+`)
)

// Parse finds out what a text asks for.
func (s *Settings) Parse(text string) Plan {
	if len(text) > MaxText {
		text = text[:MaxText]
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) { // the blanks of a pasted text, which the expressions below do not know
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, " "))
	var p Plan
	text = p.take(numero, text, strings.ToLower)
	text = p.take(registerCode, text, func(code string) string {
		m := registerCode.FindStringSubmatch(code)
		return strings.ToLower(m[1] + m[2])
	})
	text = p.take(namedCode, text, func(code string) string {
		return strings.ToLower(namedCode.FindStringSubmatch(code)[1])
	})
	text = p.take(groupedSiret, text, strings.NewReplacer(" ", "", ".", "").Replace)
	words := spoken(strings.Fields(Fold(text)))
	for i := 0; i < len(words) && len(p.Terms)+len(p.Places) < MaxTerms; {
		i += s.next(&p, words[i:])
	}
	if n := len(p.Terms); n > 0 && len(words) > 0 && !strings.HasSuffix(text, " ") {
		t := &p.Terms[n-1]
		t.Last = !t.Code && t.Words[len(t.Words)-1] == words[len(words)-1]
	}
	return p
}

// spoken leaves out the l and d that stand for l' and d', as in "val d oise".
func spoken(words []string) []string {
	var kept []string
	for i, w := range words {
		if (w == "l" || w == "d") && i+1 < len(words) && strings.ContainsAny(words[i+1][:1], "aeiouyh") {
			continue
		}
		kept = append(kept, w)
	}
	return kept
}

// take makes terms of the codes of a form and takes them out of the text.
func (p *Plan) take(form *regexp.Regexp, text string, clean func(string) string) string {
	return form.ReplaceAllStringFunc(text, func(code string) string {
		if len(p.Terms) < MaxTerms {
			p.Terms = append(p.Terms, Term{Words: []string{clean(code)}, Code: true})
		}
		return " "
	})
}

// next adds what the words begin with, and returns how many words that takes.
func (s *Settings) next(p *Plan, words []string) int {
	for n := min(s.longest, len(words)); n > 0; n-- {
		phrase := strings.Join(words[:n], " ")
		if s.distance[phrase] {
			p.Distance = words[:n]
			return n
		}
		if alternatives, ok := s.alternatives(phrase); ok {
			p.Terms = append(p.Terms, Term{Words: words[:n], Alternatives: alternatives})
			return n
		}
		if zone, ok := s.places[placeName(phrase)]; ok && (n > 1 || !s.stops[phrase]) {
			p.Places = append(p.Places, Where{Zone: zone, Words: words[:n]})
			return n + district(phrase, words[n:])
		}
	}
	s.word(p, words[0])
	return 1
}

// word adds a single word.
func (s *Settings) word(p *Plan, word string) {
	code := strings.ToUpper(word)
	switch {
	case s.stops[word]:
	case s.regions[code] != "":
		p.Places = append(p.Places, Where{Zone: Zone{Departements: []string{code}}, Words: []string{word}})
	case len(word) >= 3 && strings.ContainsAny(word, "0123456789"):
		p.Terms = append(p.Terms, Term{Words: []string{word}, Code: true})
	default:
		p.Terms = append(p.Terms, Term{Words: []string{word}})
	}
}

// ordinal is the number of a district.
var ordinal = regexp.MustCompile(`^(1|2|3|4|5|6|7|8|9|1\d|20)(e|er|eme)?$`)

// district returns how many words after the name of a town say which of its districts.
func district(town string, words []string) int {
	if len(words) == 0 || !ordinal.MatchString(words[0]) {
		return 0
	}
	if town == "paris" || town == "lyon" || town == "marseille" {
		return 1
	}
	return 0
}
