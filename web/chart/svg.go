package chart

import (
	"bytes"
	"encoding/xml"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// Widths of figures in CSS pixels: that of a phone, that of a page, and that of a file.
const (
	Narrow = 300
	Half   = 520 // of a screen
	Wide   = 680
	File   = 900
)

// Inline draws a chart for a page: classes in place of colours, and no visible title or
// source, which the page has.
//
// Inputs: prefix begins the ids of the figure and must be of its own on the page; width in
// CSS pixels, 240 to 4000, others are turned into that.
//
// Result: an svg element whose text is escaped.
func Inline(c Chart, prefix string, width int) template.HTML {
	s := body(c, width)
	w := writer{prefix: identifier(prefix), inline: true}
	w.document(s, c.about(), "chart")
	return template.HTML(w.out.String()) //nolint:gosec // all text was escaped by the writer
}

// Both draws a chart for a page twice, for phones and, in that many pixels, for screens; the
// stylesheet shows one.
func Both(c Chart, prefix string, wide int) template.HTML {
	small, large := writer{prefix: identifier(prefix) + "-n", inline: true}, writer{prefix: identifier(prefix) + "-w", inline: true}
	small.document(body(c, Narrow), c.about(), "chart chart-narrow")
	large.document(body(c, wide), c.about(), "chart chart-wide")
	return template.HTML(small.out.String() + "\n" + large.out.String()) //nolint:gosec // all text was escaped by the writer
}

// SVG draws a chart for a file: with its own colours, title and source.
//
// Inputs: width in CSS pixels, 240 to 4000, others are turned into that.
func SVG(c Chart, width int) []byte {
	w := writer{prefix: "figure"}
	w.document(framed(c, width), c.about(), "")
	return append([]byte(`<?xml version="1.0" encoding="UTF-8"?>`+"\n"), append(w.out.Bytes(), '\n')...)
}

func body(c Chart, width int) *scene {
	s := &scene{w: float64(min(max(width, 240), 4000))}
	c.draw(s)
	s.h = math.Ceil(s.h + 2)
	return s
}

// framed is a chart with its title, above, and its source, below.
func framed(c Chart, width int) *scene {
	const pad = 24
	f := c.about()
	s := &scene{w: float64(min(max(width, 240+2*pad), 4000))}
	s.rect(0, 0, s.w, 0, sheetPaint) // as high as the figure will be, below
	y := pad + 4.0
	for _, l := range wrap(f.Title, 19, s.w-2*pad, 3, true) {
		m := s.text(pad, y+14, l).strong()
		m.size = 19
		y += 25
	}
	s.place(body(c, width-2*pad), pad, y+6, 1)
	if f.Source != "" {
		f.Source = "Source : " + f.Source
	}
	for _, text := range []string{f.Note, f.Source} {
		if text == "" {
			continue
		}
		y = s.h + 12
		for _, l := range wrap(text, small, s.w-2*pad, 6, false) {
			s.text(pad, y+12, l).quietly()
			y += 16
		}
		s.reach(y)
	}
	s.h = math.Ceil(s.h + pad - 4)
	s.marks[0].rings[0] = []point{{0, 0}, {s.w, 0}, {s.w, s.h}, {0, s.h}}
	return s
}

// identifier makes a prefix of ids from a text.
func identifier(text string) string {
	return "c-" + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-':
			return r
		}
		return '-'
	}, text)
}

// writer writes a scene as SVG.
type writer struct {
	out    bytes.Buffer
	prefix string
	inline bool
}

func (w *writer) put(parts ...string) {
	for _, p := range parts {
		w.out.WriteString(p)
	}
}

// escape writes text: what XML cannot have is replaced.
func (w *writer) escape(text string) {
	_ = xml.EscapeText(&w.out, []byte(text)) // a buffer takes everything
}

func (w *writer) element(name, id, text string) {
	w.put("<", name)
	if id != "" {
		w.put(` id="`, w.prefix, "-", id, `"`)
	}
	w.put(">")
	w.escape(text)
	w.put("</", name, ">")
}

func (w *writer) document(s *scene, f Figure, class string) {
	width, height := num(s.w), num(s.h)
	w.put(`<svg xmlns="http://www.w3.org/2000/svg"`)
	if class != "" {
		w.put(` class="`, class, `"`)
	}
	w.put(` viewBox="0 0 `, width, " ", height, `" width="`, width, `" height="`, height, `" role="img" aria-labelledby="`, w.prefix, `-title `, w.prefix, `-desc"`)
	if w.inline {
		w.put(` fill="currentColor">`)
	} else {
		w.put(` font-family="Arial, Helvetica, 'Liberation Sans', sans-serif">`)
	}
	w.element("title", "title", f.Title)
	w.element("desc", "desc", f.Description)
	w.put("\n")
	if s.uses(hatchPaint) {
		w.put(`<defs><pattern id="`, w.prefix, `-hatch" width="6" height="6" patternUnits="userSpaceOnUse"><path d="M-1,1l2,-2M0,6l6,-6M5,7l2,-2" fill="none"`)
		w.paint("stroke", hatchPaint, true)
		w.put(` stroke-width="1.2"/></pattern></defs>`, "\n")
	}
	for _, m := range s.marks {
		w.mark(m)
		w.put("\n")
	}
	w.put("</svg>")
}

func (s *scene) uses(p paint) bool {
	for _, m := range s.marks {
		if m.fill == p {
			return true
		}
	}
	return false
}

// paint writes a fill or stroke as the colour of a file.
func (w *writer) paint(attribute string, p paint, line bool) {
	switch {
	case p == noPaint:
		w.put(" ", attribute, `="none"`)
	case p == hatchPaint && !line:
		w.put(" ", attribute, `="url(#`, w.prefix, `-hatch)"`)
	case w.inline && line:
		w.put(` class="s-`, string(p), `"`)
	case !w.inline:
		w.put(" ", attribute, `="`, light[p], `"`)
	}
}

// paints writes both paints of a mark; in pages they are classes.
func (w *writer) paints(m *mark) {
	if !w.inline {
		w.paint("fill", m.fill, false)
		if m.stroke != noPaint {
			w.paint("stroke", m.stroke, true)
		}
		return
	}
	var classes []string
	if m.fill == noPaint || m.fill == hatchPaint {
		w.paint("fill", m.fill, false)
	} else if m.fill != inkPaint {
		classes = append(classes, "f-"+string(m.fill))
	}
	if m.stroke != noPaint {
		classes = append(classes, "s-"+string(m.stroke))
	}
	if len(classes) > 0 {
		w.put(` class="`, strings.Join(classes, " "), `"`)
	}
}

var names = map[shape]string{lines: "path", area: "path", dot: "circle", words: "text"}

func (w *writer) mark(m *mark) {
	w.put("<", names[m.shape])
	at := m.rings[0][0]
	switch m.shape {
	case words:
		w.words(m, at)
	case dot:
		w.put(` cx="`, num(at.x), `" cy="`, num(at.y), `" r="`, num(m.size), `"`)
	default:
		w.put(` d="`, path(m.rings, m.shape == area), `"`)
	}
	w.paints(m)
	if m.thick > 0 {
		w.put(` stroke-width="`, num(m.thick), `"`)
		if m.shape == lines && m.thick > 1 && len(m.dash) == 0 {
			w.put(` stroke-linejoin="round" stroke-linecap="round"`)
		}
	}
	for i, d := range m.dash {
		w.put([]string{` stroke-dasharray="`, " "}[min(i, 1)], num(d))
	}
	if len(m.dash) > 0 {
		w.put(`"`)
	}
	if m.title == "" && m.text == "" {
		w.put("/>")
		return
	}
	w.put(">")
	if m.title != "" && m.title != m.text {
		w.element("title", "", m.title)
	}
	w.escape(m.text)
	w.put("</", names[m.shape], ">")
}

func (w *writer) words(m *mark, at point) {
	w.put(` x="`, num(at.x), `" y="`, num(at.y), `" font-size="`, num(m.size), `"`)
	if m.anchor != atStart {
		w.put(` text-anchor="`, string(m.anchor), `"`)
	}
	if m.bold {
		w.put(` font-weight="600"`)
	}
}

// path writes rings, each from its first point by steps.
func path(rings [][]point, closed bool) string {
	var b strings.Builder
	for _, ring := range rings {
		var x, y float64
		for i, p := range ring {
			px, py := tenth(p.x), tenth(p.y)
			if i == 0 {
				b.WriteString("M" + num(px) + "," + num(py))
			} else {
				b.WriteString("l" + num(px-x) + "," + num(py-y))
			}
			x, y = px, py
		}
		if closed {
			b.WriteByte('z')
		}
	}
	return b.String()
}

func tenth(x float64) float64 { return math.Round(x*10) / 10 }

// num writes a length with at most one decimal.
func num(x float64) string {
	tenths := int64(math.Round(x * 10))
	text := strconv.FormatInt(tenths/10, 10)
	if tenths%10 == 0 {
		return text
	}
	if tenths < 0 && tenths > -10 {
		text = "-0"
	}
	return text + "." + strconv.FormatInt(max(tenths%10, -tenths%10), 10)
}
