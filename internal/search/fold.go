package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/parvis-opendata/parvis/internal/letters"
)

// Token is a word of a text: letters and digits, in lower case and without accents.
type Token struct {
	Text       string
	Start, End int  // bytes of the text
	Joined     bool // a hyphen or an apostrophe is all that stands between it and the token before
}

// elided are the words that lose their vowel before another.
var elided = map[string]bool{"l": true, "d": true, "j": true, "m": true, "t": true, "s": true, "n": true, "c": true, "qu": true, "jusqu": true, "lorsqu": true, "puisqu": true}

// Tokens returns the words of a text in order. What is elided (l', d', qu'…) is left out.
func Tokens(text string) []Token {
	var all []Token
	var word strings.Builder
	start, joined := -1, false
	end := func(at int, next rune) {
		if start < 0 {
			return
		}
		t := Token{Text: word.String(), Start: start, End: at, Joined: joined}
		word.Reset()
		start = -1
		apostrophe := next == '\'' || next == '’' || next == 'ʼ'
		joined = apostrophe || next == '-' || next == '‐' || next == '‑'
		if apostrophe && elided[t.Text] {
			joined = false
			return
		}
		all = append(all, t)
	}
	for i, r := range text {
		if unicode.Is(unicode.Mn, r) { // an accent of its own
			continue
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			if start < 0 {
				joined = false
			}
			end(i, r)
			continue
		}
		if start < 0 {
			start = i
		}
		r = unicode.ToLower(r)
		if f, ok := letters.Plain(r); ok {
			word.WriteString(f)
		} else if r != utf8.RuneError {
			word.WriteRune(r)
		}
	}
	end(len(text), 0)
	return all
}

// Words returns the words of a text, and those that hyphens join also as one: of
// "micro-entreprise" micro, entreprise and microentreprise.
func Words(text string) []string {
	var words []string
	var parts []string
	flush := func() {
		if len(parts) > 1 {
			words = append(words, strings.Join(parts, ""))
		}
		parts = parts[:0]
	}
	for _, t := range Tokens(text) {
		if !t.Joined {
			flush()
		}
		parts = append(parts, t.Text)
		words = append(words, t.Text)
	}
	flush()
	return words
}

// Fold returns the words of a text with single spaces between them.
func Fold(text string) string {
	var b strings.Builder
	for _, t := range Tokens(text) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(t.Text)
	}
	return b.String()
}
