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

// loose is how much wider than the Go fonts those of readers' systems may be.
const loose = 1.13

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
	return w * size * loose
}

// cut shortens a text that is too wide, and says so by an ellipsis.
func cut(text string, size, most float64, bold bool) string {
	if width(text, size, bold) <= most {
		return text
	}
	runes := []rune(text)
	for n := len(runes) - 1; n > 0; n-- {
		short := strings.TrimRight(string(runes[:n]), " ,;:") + "…"
		if width(short, size, bold) <= most {
			return short
		}
	}
	return ""
}

// wrap breaks a text into at most so many lines; the last is cut if there is more.
func wrap(text string, size, most float64, lines int, bold bool) []string {
	var out []string
	words := strings.Fields(text)
	for len(words) > 0 {
		if len(out) == lines-1 {
			return append(out, cut(strings.Join(words, " "), size, most, bold))
		}
		n := 1
		for n < len(words) && width(strings.Join(words[:n+1], " "), size, bold) <= most {
			n++
		}
		out = append(out, cut(strings.Join(words[:n], " "), size, most, bold))
		words = words[n:]
	}
	return out
}
