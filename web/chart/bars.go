package chart

// Bars ranks figures, in the order given, by bars that start at zero.
type Bars struct {
	Figure
	// Label heads the labels in the table, such as «Certification».
	Label  string
	Points []Point
}

// Table is the twin of the chart.
func (b Bars) Table() Table { return b.points(b.Label, b.Points) }

// broad is the width from which labels stand beside what they name.
const broad = 480.0

// stub is the length of the mark of a secret; it says nothing of what it hides.
const stub = 34.0

func (b Bars) draw(s *scene) {
	y := b.top(s)
	if b.empty(s, len(b.Points) == 0) {
		return
	}
	g := b.grid(s)
	for _, p := range b.Points {
		y = b.bar(s, y, g, p)
	}
	if g.beside {
		s.line(edgePaint, 1, point{g.zero(), b.first()}, point{g.zero(), y - 4})
	}
	s.reach(y)
	s.notes(values(b.Points))
}

func (b Bars) first() float64 {
	if b.sign() || b.Unit == "" {
		return 2
	}
	return 20
}

// rows is how bars lie beside or under their labels.
type rows struct {
	names, x, w float64 // width of the labels; where bars are
	low, high   float64
	beside      bool
}

func (r rows) zero() float64 { return r.at(0) }

func (r rows) at(x float64) float64 {
	if r.high <= r.low {
		return r.x
	}
	return r.x + r.w*(x-r.low)/(r.high-r.low)
}

func (b Bars) grid(s *scene) rows {
	g := rows{names: s.w, beside: s.w >= broad}
	end := 0.0
	for _, p := range b.Points {
		end = max(end, width(b.brief(p.Value), medium, true))
	}
	if g.beside {
		g.names = 0
		for _, p := range b.Points {
			g.names = max(g.names, width(p.Label, medium, false))
		}
		g.names = min(g.names, s.w*.42)
		g.x = g.names + 12
	}
	g.x++
	g.w = s.w - g.x - end - 8
	g.low, g.high = withZero(values(b.Points))
	return g
}

// label writes that of a row whose mark is so thick, and returns where the mark and the next
// row begin.
func (r rows) label(s *scene, y, thick float64, text string) (mark, next float64) {
	lines := wrap(text, medium, r.names, 2, false)
	high := float64(len(lines)) * 17
	x, anchor := 0.0, atStart
	mark, next = y+high+1, y+high+thick+13
	if r.beside {
		row := max(high, thick)
		x, anchor, mark, next = r.names, atEnd, y+(row-thick)/2, y+row+9
		y += (row - high) / 2
	}
	for i, l := range lines {
		s.text(x, y+13+float64(i)*17, l).titled(text).anchor = anchor
	}
	return mark, next
}

// bar draws one row and returns where the next begins.
func (b Bars) bar(s *scene, y float64, g rows, p Point) float64 {
	thick := 14.0
	if g.beside {
		thick = 20
	}
	bar, next := g.label(s, y, thick, p.Label)
	b.length(s, bar, thick, g, p.Value, p.Label+" : "+b.exact(p.Value))
	if !g.beside {
		s.line(edgePaint, 1, point{g.zero(), bar - 1}, point{g.zero(), bar + thick + 1})
	}
	return next
}

func (b Bars) length(s *scene, y, thick float64, g rows, v Value, title string) {
	end := g.zero()
	switch {
	case v.secret():
		x := g.zero()
		if x+stub > g.x+g.w { // there is room on the other side only
			x = max(x-stub, g.x)
		}
		s.rect(x, y, min(stub, g.w), thick, hatchPaint).titled(title)
		end = max(end, x+min(stub, g.w))
	case v.known():
		from, to := g.zero(), g.at(v.number)
		if from > to {
			from, to = to, from
		}
		if to > from {
			s.rect(from, y, max(to-from, 1), thick, series(0)).titled(title)
		}
		end = max(to, from)
	}
	text := s.text(end+6, y+thick/2+4.7, b.brief(v)).titled(title)
	text.bold = v.known()
	if !v.known() {
		text.fill = quietPaint
	}
}
