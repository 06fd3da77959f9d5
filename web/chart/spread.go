package chart

// Spread shows how figures such as prices lie: from the least to the greatest, the half in
// the middle, and the median.
type Spread struct {
	Figure
	// Label heads the labels in the table, such as «Certification».
	Label string
	Rows  []Range
}

// Range is how the figures of a label lie, in rising order. Where one of the five is not
// known, none is drawn.
type Range struct {
	Label                         string
	Least, Low, Median, High, Top Value
}

func (r Range) values() []Value { return []Value{r.Least, r.Low, r.Median, r.High, r.Top} }

// state is known if all are, secret if one is.
func (r Range) state() Value {
	lowest := r.Median
	for _, v := range r.values() {
		if v.secret() {
			return v
		}
		if !v.known() {
			lowest = v
		}
	}
	return lowest
}

// Table is the twin of the chart.
func (p Spread) Table() Table {
	t := p.table(p.Label, "Minimum", "Premier quartile", "Médiane", "Troisième quartile", "Maximum")
	for _, r := range p.Rows {
		row := []string{r.Label}
		for _, v := range r.values() {
			row = append(row, p.exact(v))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (p Spread) draw(s *scene) {
	y := p.top(s)
	if p.empty(s, len(p.Rows) == 0) {
		return
	}
	y = s.legend(0, y, s.w, []key{
		{label: "du minimum au maximum", line: edgePaint},
		{label: "la moitié du milieu, du premier au troisième quartile", fill: "c1"},
		{label: "médiane, dont le chiffre suit", fill: inkPaint},
	}) + 8
	g, a := p.scale(s)
	for _, r := range p.Rows {
		y = p.strip(s, y, g, a, r)
	}
	for _, t := range p.marks(a, g) {
		m := s.text(g.at(t), y+14, p.tick(t, a.high, a.step)).quietly().middle()
		if half := width(m.text, small, false) / 2; m.rings[0][0].x+half > s.w {
			m.rings[0][0].x = s.w - half
		}
	}
	s.reach(y + 20)
	p.remarks(s)
}

func (p Spread) remarks(s *scene) {
	all := make([]Value, len(p.Rows))
	for i, r := range p.Rows {
		all[i] = r.state()
	}
	s.notes(all)
}

func (p Spread) scale(s *scene) (rows, axis) {
	g := rows{names: s.w, beside: s.w >= broad}
	var all []Value
	for _, r := range p.Rows {
		if r.state().known() {
			all = append(all, r.values()...)
		}
		g.x = max(g.x, width(r.Label, medium, false))
	}
	if g.beside {
		g.names = min(g.x, s.w*.38)
		g.x = g.names + 14
	} else {
		g.x = 0
	}
	low, high := withZero(all)
	a := p.axis(low, high, 5)
	first := width(p.tick(a.low, a.high, a.step), small, false) / 2
	last := width(p.tick(a.high, a.high, a.step), small, false) / 2
	g.x += first
	for _, r := range p.Rows {
		last = max(last, width(p.brief(r.Median), medium, true)+10)
	}
	g.w = s.w - g.x - last
	g.low, g.high = a.low, a.high
	return g, a
}

// marks are the numbers of an axis that have room.
func (p Spread) marks(a axis, g rows) []float64 {
	widest := 0.0
	for _, t := range a.ticks() {
		widest = max(widest, width(p.tick(t, a.high, a.step), small, false))
	}
	all := a.ticks()
	every := 1
	for widest+10 > g.w*float64(every)/float64(max(len(all)-1, 1)) && every < len(all) {
		every++
	}
	var out []float64
	for i := 0; i < len(all); i += every {
		out = append(out, all[i])
	}
	return out
}

// rules draws the lines behind a strip.
func (p Spread) rules(s *scene, g rows, a axis, from, to float64) {
	for _, t := range p.marks(a, g) {
		s.line(gridPaint, 1, point{g.at(t), from}, point{g.at(t), to})
	}
}

// strip draws one row and returns where the next begins.
func (p Spread) strip(s *scene, y float64, g rows, a axis, r Range) float64 {
	const thick = 24.0
	mark, next := g.label(s, y, thick, r.Label)
	if g.beside {
		p.rules(s, g, a, y, next)
	} else {
		p.rules(s, g, a, mark, mark+thick)
	}
	mid := mark + thick/2
	state := r.state()
	if !state.known() {
		at := g.x
		if state.secret() {
			s.rect(at, mid-7, stub, 14, hatchPaint)
			at += stub
		}
		s.text(at+6, mid+4.5, p.exact(state)).quietly()
		return next
	}
	title := r.Label + " : de " + p.exact(r.Least) + " à " + p.exact(r.Top) + ", médiane " + p.exact(r.Median)
	s.line(edgePaint, 2, point{g.at(r.Least.number), mid}, point{g.at(r.Top.number), mid}).titled(title)
	s.rect(g.at(r.Low.number), mid-7, max(g.at(r.High.number)-g.at(r.Low.number), 1), 14, series(0)).titled(title)
	m := g.at(r.Median.number)
	s.rect(m-2.5, mid-10, 5, 20, inkPaint).outlined(sheetPaint, 1).titled(title)
	s.text(g.at(r.Top.number)+8, mid+4.7, p.brief(r.Median)).strong().titled(title)
	return next
}
