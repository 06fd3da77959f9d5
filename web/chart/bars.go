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
	s.line(edgePaint, 1, point{g.zero(), b.first()}, point{g.zero(), y - 4})
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

// bar draws one row and returns where the next begins.
func (b Bars) bar(s *scene, y float64, g rows, p Point) float64 {
	label := wrap(p.Label, medium, g.names, 2, false)
	high := float64(len(label)) * 17
	bar, thick := y+high+1, 14.0
	title := p.Label + " : " + b.exact(p.Value)
	if g.beside {
		thick = 20
		row := max(high, thick)
		for i, l := range label {
			s.text(g.names, y+(row-high)/2+13+float64(i)*17, l).end().titled(p.Label)
		}
		bar = y + (row-thick)/2
		high = row - thick
		y -= high / 2
	} else {
		for i, l := range label {
			s.text(0, y+13+float64(i)*17, l).titled(p.Label)
		}
	}
	b.length(s, bar, thick, g, p.Value, title)
	gap := 12.0
	if g.beside {
		return bar + thick + high/2 + 9
	}
	return bar + thick + gap
}

func (b Bars) length(s *scene, y, thick float64, g rows, v Value, title string) {
	end := g.zero()
	switch {
	case v.secret():
		s.rect(g.zero(), y, min(stub, g.w), thick, hatchPaint).titled(title)
		end += min(stub, g.w)
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
