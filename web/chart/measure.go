package chart

import (
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// Sizes of text, in CSS pixels. None is below 12.
const (
	small  = 12.0
	medium = 13.5
)

// How much wider than the Go fonts those of readers' systems may be: DejaVu, mostly.
const (
	loose     = 1.15
	looseBold = 1.2
)

// face is a font with the advances of its characters, in parts of the size.
type face struct {
	font     *sfnt.Font
	advances map[rune]float64
}

var faces = sync.OnceValue(func() [2]face {
	return [2]face{newFace(goregular.TTF), newFace(gobold.TTF)}
})

// newFace reads a font that is part of the program and so is well formed, as tests show.
func newFace(ttf []byte) face {
	f, err := sfnt.Parse(ttf)
	if err != nil {
		panic(err)
	}
	a := face{f, map[rune]float64{}}
	var buffer sfnt.Buffer
	for r := rune(' '); r < 0x2300; r++ {
		glyph, err := f.GlyphIndex(&buffer, r)
		if err != nil || glyph == 0 {
			continue
		}
		if w, err := f.GlyphAdvance(&buffer, glyph, fixed.I(1000), font.HintingNone); err == nil {
			a.advances[r] = float64(w) / 64 / 1000
		}
	}
	a.advances['\u202f'] = .2
	return a
}

func faceOf(bold bool) face {
	if bold {
		return faces()[1]
	}
	return faces()[0]
}

// advance is the width of a character in parts of the size.
func (f face) advance(r rune) float64 {
	if w, ok := f.advances[r]; ok {
		return w
	}
	return 1
}

// width is how wide a text may be, in pixels, whatever the reader's font.
func width(text string, size float64, bold bool) float64 {
	f, w := faceOf(bold), 0.0
	for _, r := range text {
		w += f.advance(r)
	}
	if bold {
		return w * size * looseBold
	}
	return w * size * loose
}

// hair is what sums of widths may differ by.
const hair = .01

// cut shortens a text that is too wide, and says so by an ellipsis.
func cut(text string, size, most float64, bold bool) string {
	if width(text, size, bold) <= most+hair {
		return text
	}
	w, end := width("…", size, bold), 0
	for i, r := range text {
		if w > most {
			break
		}
		end = i
		w += width(string(r), size, bold)
	}
	if end == 0 {
		return ""
	}
	return strings.TrimRight(text[:end], " ,;:") + "…"
}

// wrap breaks a text, between words and after hyphens, into at most so many lines; the last
// is cut if there is more.
func wrap(text string, size, most float64, lines int, bold bool) []string {
	var out []string
	words := tokens(text)
	for len(words) > 0 {
		n := len(words)
		if len(out) < lines-1 {
			n = fitting(words, size, most, bold)
		}
		out = append(out, cut(joined(words[:n]), size, most, bold))
		words = words[n:]
	}
	return out
}

// fitting is how many words there is room for in a line, at least one.
func fitting(words []string, size, most float64, bold bool) int {
	w := 0.0
	for n, word := range words {
		if w+width(strings.TrimSuffix(word, " "), size, bold) > most+hair && n > 0 {
			return n
		}
		w += width(word, size, bold)
	}
	return len(words)
}

// tokens are the parts of a text that a line may end with: words with the space behind
// them, and what is before a hyphen.
func tokens(text string) []string {
	var out []string
	for _, word := range strings.Fields(text) {
		for i := strings.IndexByte(word, '-'); i > 1 && i < len(word)-2; i = strings.IndexByte(word, '-') {
			out = append(out, word[:i+1])
			word = word[i+1:]
		}
		out = append(out, word+" ")
	}
	return out
}

func joined(words []string) string { return strings.TrimSuffix(strings.Join(words, ""), " ") }

// fits reports whether a name stands in three lines without being cut.
func fits(name string, w float64) bool {
	whole := strings.Join(strings.Fields(name), "")
	return strings.ReplaceAll(strings.Join(wrap(name, small, w, 3, false), ""), " ", "") == whole
}
