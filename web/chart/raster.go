package chart

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"strconv"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// density is how many dots an image has for a CSS pixel.
const density = 2

// PNG draws a chart for a file as SVG does, at two dots a pixel.
//
// Inputs: width in CSS pixels, 240 to 4000, others are turned into that.
//
// Errors: the image is too large to be encoded.
func PNG(c Chart, width int) ([]byte, error) {
	return framed(c, width).png(density)
}

func (s *scene) png(scale float64) ([]byte, error) {
	var out bytes.Buffer
	if err := png.Encode(&out, s.image(scale)); err != nil {
		return nil, fmt.Errorf("encode the image of a chart: %w", err)
	}
	return out.Bytes(), nil
}

func (s *scene) image(scale float64) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, int(math.Ceil(s.w*scale)), int(math.Ceil(s.h*scale))))
	draw.Draw(img, img.Bounds(), image.NewUniform(colour(sheetPaint)), image.Point{}, draw.Src)
	b := brush{img, scale}
	for _, m := range s.marks {
		b.mark(m)
	}
	return img
}

// colour is that of files.
func colour(p paint) color.RGBA {
	n, err := strconv.ParseUint(light[p][1:], 16, 32)
	if err != nil {
		panic(err) // the palette is part of the program; a test reads all of it
	}
	return color.RGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 255}
}

// hatched is the pattern of what is secret: bars from lower left to upper right.
type hatched struct {
	color color.RGBA
	scale float64
}

func (h hatched) ColorModel() color.Model { return color.RGBAModel }

func (h hatched) Bounds() image.Rectangle { return image.Rect(-1e9, -1e9, 1e9, 1e9) }

func (h hatched) At(x, y int) color.Color {
	period := 6 * h.scale
	at := math.Mod(float64(x+y), period)
	// Along a row a bar is as wide as the line of the SVG, whose slope is one.
	cover := min(max(1.7*h.scale/2+.5-math.Abs(at-period/2), 0), 1)
	a := uint8(255 * cover)
	return color.RGBA{uint8(float64(h.color.R) * cover), uint8(float64(h.color.G) * cover), uint8(float64(h.color.B) * cover), a}
}

// brush paints marks on an image.
type brush struct {
	img   *image.RGBA
	scale float64
}

func (b brush) source(p paint) image.Image {
	if p == hatchPaint {
		return hatched{colour(p), b.scale}
	}
	return image.NewUniform(colour(p))
}

func (b brush) mark(m *mark) {
	switch m.shape {
	case words:
		b.words(m)
		return
	case dot:
		b.fill([][]point{circle(m.rings[0][0], m.size)}, m.fill)
		return
	case area:
		b.fill(m.rings, m.fill)
	case lines:
	}
	if m.stroke != noPaint {
		for _, ring := range m.rings {
			b.fill(stroked(ring, m), m.stroke)
		}
	}
}

// fill paints what is inside of rings, in pixels of the scene.
func (b brush) fill(rings [][]point, p paint) {
	if p == noPaint || len(rings) == 0 {
		return
	}
	low, high := (&mark{rings: rings}).bounds()
	r := image.Rect(int(math.Floor(low.x*b.scale)), int(math.Floor(low.y*b.scale)), int(math.Ceil(high.x*b.scale)), int(math.Ceil(high.y*b.scale)))
	r = r.Intersect(b.img.Bounds())
	if r.Empty() {
		return
	}
	z := vector.NewRasterizer(r.Dx(), r.Dy())
	for _, ring := range rings {
		for i, q := range ring {
			x, y := float32(q.x*b.scale-float64(r.Min.X)), float32(q.y*b.scale-float64(r.Min.Y))
			if i == 0 {
				z.MoveTo(x, y)
			} else {
				z.LineTo(x, y)
			}
		}
		z.ClosePath()
	}
	z.Draw(b.img, r, b.source(p), r.Min)
}

// circle is a ring around a point.
func circle(at point, radius float64) []point {
	const corners = 24
	ring := make([]point, corners)
	for i := range ring {
		a := 2 * math.Pi * float64(i) / corners
		ring[i] = point{at.x + radius*math.Cos(a), at.y + radius*math.Sin(a)}
	}
	return ring
}

// stroked is the outline of a line: boxes along its parts, round where they meet.
func stroked(ring []point, m *mark) [][]point {
	if m.shape == area {
		ring = append(append([]point(nil), ring...), ring[0])
	}
	var out [][]point
	for _, part := range dashed(ring, m.dash) {
		for i := 1; i < len(part); i++ {
			a, c := part[i-1], part[i]
			long := math.Hypot(c.x-a.x, c.y-a.y)
			if long == 0 {
				continue
			}
			dx, dy := (c.x-a.x)/long*m.thick/2, (c.y-a.y)/long*m.thick/2
			// The same way round as circles, so that what overlaps adds up.
			out = append(out, []point{{a.x + dy, a.y - dx}, {c.x + dy, c.y - dx}, {c.x - dy, c.y + dx}, {a.x - dy, a.y + dx}})
			if m.thick > 1 && len(m.dash) == 0 {
				out = append(out, circle(a, m.thick/2), circle(c, m.thick/2))
			}
		}
	}
	return out
}

// dashed cuts a line into its dashes.
func dashed(ring []point, dash []float64) [][]point {
	if len(dash) == 0 || len(ring) < 2 {
		return [][]point{ring}
	}
	var out [][]point
	current := []point{ring[0]}
	n, left := 0, dash[0]
	for i := 1; i < len(ring); i++ {
		a, c := ring[i-1], ring[i]
		long := math.Hypot(c.x-a.x, c.y-a.y)
		done := 0.0
		for long-done > left {
			done += left
			q := point{a.x + (c.x-a.x)*done/long, a.y + (c.y-a.y)*done/long}
			if n%2 == 0 {
				out = append(out, append(current, q))
			}
			current = []point{q}
			n++
			left = dash[n%len(dash)]
		}
		left -= long - done
		current = append(current, c)
	}
	if n%2 == 0 {
		out = append(out, current)
	}
	return out
}

// words paints text by the outlines of its characters.
func (b brush) words(m *mark) {
	f := faceOf(m.bold)
	long := 0.0
	for _, r := range m.text {
		long += f.advance(r) * m.size
	}
	at := -map[anchor]float64{atStart: 0, atMiddle: long / 2, atEnd: long}[m.anchor]
	var buffer sfnt.Buffer
	for _, r := range m.text {
		var rings [][]point
		glyph, err := f.font.GlyphIndex(&buffer, r)
		if err == nil && f.drawn(r) {
			rings = glyphRings(f.font, &buffer, glyph, m.size)
		}
		for _, ring := range rings {
			for i, p := range ring {
				ring[i] = point{m.rings[0][0].x + at + p.x, m.rings[0][0].y + p.y}
			}
		}
		b.fill(rings, m.fill)
		at += f.advance(r) * m.size
	}
}

// drawn reports whether a character has an outline; the narrow space has none in the font.
func (f face) drawn(r rune) bool { return r != '\u202f' }

// glyphRings are the outlines of a character at a size, curves as short lines.
func glyphRings(f *sfnt.Font, buffer *sfnt.Buffer, glyph sfnt.GlyphIndex, size float64) [][]point {
	const unit = 256 // outlines are read at this size, so that rounding does not show
	segments, err := f.LoadGlyph(buffer, glyph, fixed.I(unit), nil)
	if err != nil {
		return nil
	}
	var rings [][]point
	to := func(p fixed.Point26_6) point {
		return point{float64(p.X) / 64 * size / unit, float64(p.Y) / 64 * size / unit}
	}
	for _, s := range segments {
		if s.Op == sfnt.SegmentOpMoveTo {
			rings = append(rings, []point{to(s.Args[0])})
			continue
		}
		ring := &rings[len(rings)-1]
		from := (*ring)[len(*ring)-1]
		*ring = append(*ring, curve(from, to(s.Args[0]), to(s.Args[1]), to(s.Args[2]), s.Op)...)
	}
	return rings
}

// curve is a line or Bézier curve from a point, by points on it.
func curve(p, a, b, c point, op sfnt.SegmentOp) []point {
	const parts = 6
	var out []point
	for i := 1; i <= parts; i++ {
		t := float64(i) / parts
		u := 1 - t
		switch op {
		case sfnt.SegmentOpQuadTo:
			out = append(out, point{u*u*p.x + 2*u*t*a.x + t*t*b.x, u*u*p.y + 2*u*t*a.y + t*t*b.y})
		case sfnt.SegmentOpCubeTo:
			out = append(out, point{
				u*u*u*p.x + 3*u*u*t*a.x + 3*u*t*t*b.x + t*t*t*c.x,
				u*u*u*p.y + 3*u*u*t*a.y + 3*u*t*t*b.y + t*t*t*c.y,
			})
		default:
			return []point{a}
		}
	}
	return out
}
