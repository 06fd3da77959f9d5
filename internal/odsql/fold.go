package odsql

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/parvis-opendata/parvis/internal/letters"
)

// Fold cuts a text into tokens, runs of letters and digits, and returns them in
// lower case, without accents, separated by one space. Markup is cut like any text.
func Fold(text string) string {
	b := make([]byte, 0, len(text))
	inside, gap := false, false
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			i++
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
				gap = inside
				continue
			}
			if gap {
				b, gap = append(b, ' '), false
			}
			b, inside = append(b, c), true
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			gap = inside
			continue
		}
		if gap {
			b, gap = append(b, ' '), false
		}
		b, inside = appendFolded(b, r), true
	}
	return string(b)
}

// Tokens cuts a text into its folded tokens.
func Tokens(text string) []string { return strings.Fields(Fold(text)) }

func appendFolded(b []byte, r rune) []byte {
	r = unicode.ToLower(r)
	if base, ok := letters.Plain(r); ok {
		return append(b, base...)
	}
	return utf8.AppendRune(b, r)
}
