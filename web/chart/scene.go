package chart

// point is a place in a scene, in CSS pixels from the upper left corner.
type point struct{ x, y float64 }

// shape is the kind of a mark.
type shape int

const (
	lines shape = iota // open, along rings
	area               // closed, inside rings
	dot                // around the only point, of radius size
	words              // from the only point, the base line
)

// anchor is which end of a text is at its point.
type anchor string

const (
	atStart  anchor = ""
	atMiddle anchor = "middle"
	atEnd    anchor = "end"
)

// mark is a thing that is drawn.
type mark struct {
	shape  shape
	rings  [][]point
	size   float64 // of a dot, its radius; of words, their height
	fill   paint
	stroke paint
	thick  float64
	dash   []float64
	text   string
	anchor anchor
	bold   bool
	title  string
}

// scene is what is drawn, in order.
type scene struct {
	w, h  float64
	marks []*mark
}

// reach makes the scene at least so high.
func (s *scene) reach(y float64) { s.h = max(s.h, y) }

func (s *scene) add(m *mark) *mark {
	s.marks = append(s.marks, m)
	return m
}

func (s *scene) rect(x, y, w, h float64, fill paint) *mark {
	return s.area(fill, []point{{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}})
}

func (s *scene) area(fill paint, rings ...[]point) *mark {
	return s.add(&mark{shape: area, rings: rings, fill: fill})
}

func (s *scene) line(stroke paint, thick float64, points ...point) *mark {
	return s.add(&mark{shape: lines, rings: [][]point{points}, stroke: stroke, thick: thick})
}

func (s *scene) dot(at point, radius float64, fill paint) *mark {
	return s.add(&mark{shape: dot, rings: [][]point{{at}}, size: radius, fill: fill})
}

// text adds words; none, if they are none.
func (s *scene) text(x, y float64, text string) *mark {
	m := &mark{shape: words, rings: [][]point{{{x, y}}}, size: medium, fill: inkPaint, text: text}
	if text == "" {
		return m
	}
	return s.add(m)
}

func (m *mark) end() *mark { m.anchor = atEnd; return m }

func (m *mark) middle() *mark { m.anchor = atMiddle; return m }

// quietly is how what is beside the data is written.
func (m *mark) quietly() *mark { m.size, m.fill = small, quietPaint; return m }

func (m *mark) strong() *mark { m.bold = true; return m }

func (m *mark) titled(text string) *mark { m.title = text; return m }

func (m *mark) outlined(stroke paint, thick float64) *mark {
	m.stroke, m.thick = stroke, thick
	return m
}

// place moves and enlarges what another scene has into this one.
func (s *scene) place(other *scene, dx, dy, scale float64) {
	for _, m := range other.marks {
		for _, ring := range m.rings {
			for i, p := range ring {
				ring[i] = point{p.x*scale + dx, p.y*scale + dy}
			}
		}
		m.size, m.thick = m.size*scale, m.thick*scale
		for i := range m.dash {
			m.dash[i] *= scale
		}
		s.add(m)
	}
	s.reach(other.h*scale + dy)
}

// bounds is the box of a mark, as wide as its text may be.
func (m *mark) bounds() (low, high point) {
	low, high = m.rings[0][0], m.rings[0][0]
	for _, ring := range m.rings {
		for _, p := range ring {
			low, high = point{min(low.x, p.x), min(low.y, p.y)}, point{max(high.x, p.x), max(high.y, p.y)}
		}
	}
	switch m.shape {
	case dot:
		return point{low.x - m.size, low.y - m.size}, point{high.x + m.size, high.y + m.size}
	case words:
		return m.box(low)
	default:
		return low, high
	}
}

func (m *mark) box(at point) (low, high point) {
	w := width(m.text, m.size, m.bold)
	left := map[anchor]float64{atStart: 0, atMiddle: w / 2, atEnd: w}[m.anchor]
	return point{at.x - left, at.y - m.size*.8}, point{at.x - left + w, at.y + m.size*.25}
}
