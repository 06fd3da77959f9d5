package texts

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bytes of a view for what has no ASCII look.
const (
	otherLetter = 0x80 // a letter of another script
	otherSign   = 0x81
	ourMark     = 0x82 // a mark that Scrub put there
	phoneSign   = 0x83 // ☎ and the like
	taken       = 0x84 // part of something found
)

// view is a text folded for reading: one byte a character, lower case, without
// accents, every digit, blank and hyphen in its ASCII form, invisible
// characters left out. What is found is written over by taken.
type view struct {
	src   string
	b     []byte
	off   []int32 // off[i] is where b[i] begins in src; nil if the same
	found []found
}

// found is a piece in view positions.
type found struct {
	start, end int
	kind       Kind
}

func fold(src string) *view {
	v := &view{src: src}
	i := 0
	for i < len(src) && src[i] < utf8.RuneSelf && asciiFold[src[i]] != dropped && src[i] != '[' {
		i++
	}
	v.b = make([]byte, 0, len(src))
	for _, c := range []byte(src[:i]) {
		v.b = append(v.b, asciiFold[c])
	}
	if i == len(src) {
		return v
	}
	v.off = make([]int32, i, len(src)+1)
	for j := range v.off {
		v.off[j] = int32(j)
	}
	v.foldRest(i)
	return v
}

func (v *view) foldRest(i int) {
	b, off, src := v.b, v.off, v.src
	for i < len(src) {
		c, size := src[i], 1
		switch {
		case c == '[' && markLength(src[i:]) > 0:
			c, size = ourMark, markLength(src[i:])
		case c < utf8.RuneSelf:
			c = asciiFold[c]
		default:
			var r rune
			r, size = utf8.DecodeRuneInString(src[i:])
			c = foldRune(r, src[i:i+size])
		}
		if c != dropped {
			b, off = append(b, c), append(off, int32(i))
		}
		i += size
	}
	v.b, v.off = b, off
}

// markLength returns the length of the mark that s begins with, else 0.
func markLength(s string) int {
	if len(s) < len(MarkNIR) {
		return 0
	}
	for _, m := range [...]string{MarkEmail, MarkPhone, MarkNIR, MarkIBAN, MarkName} {
		if strings.HasPrefix(s, m) {
			return len(m)
		}
	}
	return 0
}

const dropped = 0

// asciiFold folds ASCII: lower case, one kind of blank and of line break,
// control characters dropped.
var asciiFold = func() (t [utf8.RuneSelf]byte) {
	for c := range t {
		t[c] = byte(c)
		switch {
		case c >= 'A' && c <= 'Z':
			t[c] = byte(c) + 'a' - 'A'
		case c == '\t':
			t[c] = ' '
		case c >= '\n' && c <= '\r':
			t[c] = '\n'
		case c < ' ' || c == 0x7f:
			t[c] = dropped
		}
	}
	return t
}()

// foldRune folds a character outside ASCII; s is its bytes.
func foldRune(r rune, s string) byte {
	switch {
	case r == 'é' || r == 'è' || r == 'ê' || r == 'ë' || r == 'É' || r == 'È':
		return 'e'
	case r == 'à' || r == 'â' || r == 'À':
		return 'a'
	case r == 'ç' || r == 'Ç':
		return 'c'
	case r == '’' || r == '‘' || r == 'ʼ':
		return '\''
	case r == '€' || r == '«' || r == '»' || r == '…' || r == '•' || r == utf8.RuneError:
		return otherSign
	case r == '·' || r == '‧' || r == '∙' || r == '⋅':
		return '.'
	case r == '−' || unicode.Is(unicode.Pd, r):
		return '-'
	case r == '\u2028' || r == '\u2029' || r == '\u0085':
		return '\n'
	case r == '☎' || r == '☏' || r == '✆' || r == '📞' || r == '📱' || r == '📲' || r == '🕿':
		return phoneSign
	case unicode.Is(unicode.Zs, r):
		return ' '
	case unicode.In(r, unicode.Cf, unicode.Cc, unicode.Mn, unicode.Me):
		return dropped
	}
	return foldByTable(r, s)
}

func foldByTable(r rune, s string) byte {
	base := byte(0)
	if d := norm.NFKD.PropertiesString(s).Decomposition(); len(d) > 0 && d[0] < utf8.RuneSelf && asciiFold[d[0]] != dropped {
		rest, _ := utf8.DecodeRune(d[1:])
		if len(d) == 1 || unicode.Is(unicode.Mn, rest) {
			base = asciiFold[d[0]]
		}
	}
	switch {
	case unicode.IsDigit(r):
		return digitOf(r, base)
	case base != 0 && !isDigit(base): // "²" is no digit of a number
		return base
	case unicode.IsLetter(r):
		return otherLetter
	}
	return otherSign
}

// digitOf returns the ASCII form of a decimal digit. Blocks of digits begin at
// a code that ends in 0 or in 6.
func digitOf(r rune, base byte) byte {
	if isDigit(base) {
		return base
	}
	low := r & 0xf
	if low >= 6 && !unicode.IsDigit(r-low) {
		low -= 6
	}
	return '0' + byte(min(low, 9))
}

// take records b[start:end] as found.
func (v *view) take(start, end int, k Kind) {
	v.found = append(v.found, found{start, end, k})
	for i := start; i < end; i++ {
		v.b[i] = taken
	}
}

// raw returns the byte of src where b[i] begins.
func (v *view) raw(i int) byte { return v.src[v.offset(i)] }

func (v *view) offset(i int) int {
	switch {
	case i >= len(v.b):
		return len(v.src)
	case v.off == nil:
		return i
	}
	return int(v.off[i])
}

// at returns b[i], or a line break outside the text.
func (v *view) at(i int) byte {
	if i < 0 || i >= len(v.b) {
		return '\n'
	}
	return v.b[i]
}

// has reports whether b[i:] begins with s.
func (v *view) has(i int, s string) bool {
	return i >= 0 && i+len(s) <= len(v.b) && string(v.b[i:i+len(s)]) == s
}

// blanks returns the position after at most n blanks from i.
func (v *view) blanks(i, n int) int {
	for ; n > 0 && v.at(i) == ' '; n-- {
		i++
	}
	return i
}

// blanksBack returns the position before at most n blanks that end at i.
func (v *view) blanksBack(i, n int) int {
	for ; n > 0 && v.at(i-1) == ' '; n-- {
		i--
	}
	return i
}

// spans returns what was found, in the order of the text.
func (v *view) spans() []span {
	out := make([]span, 0, len(v.found))
	for _, f := range v.found {
		out = append(out, span{v.offset(f.start), v.offset(f.end), f.kind})
	}
	sortSpans(out)
	return out
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c == otherLetter }
func isWord(c byte) bool   { return isLetter(c) || isDigit(c) }
