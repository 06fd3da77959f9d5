package chart

// Columns shows figures over time, by columns that stand on zero.
type Columns struct {
	Figure
	// Label heads the labels in the table, such as «Trimestre».
	Label  string
	Points []Point
}

// Table is the twin of the chart.
func (c Columns) Table() Table { return c.points(c.Label, c.Points) }

func (c Columns) draw(s *scene) {
	y := c.top(s)
	if c.empty(s, len(c.Points) == 0) {
		return
	}
	labels := make([]string, len(c.Points))
	widest := 0.0
	for i, p := range c.Points {
		labels[i] = p.Label
		widest = max(widest, width(c.brief(p.Value), small, true))
	}
	low, high := withZero(values(c.Points))
	told := widest+4 <= s.w/float64(len(labels))
	var p plot
	if told {
		p = bare(s, y+10, axis{low, max(high, low+1), 1}, labels)
	} else {
		p = c.plot(s, y+10, 0, c.axis(low, high, 5), labels)
	}
	for i, point := range c.Points {
		c.column(s, p, i, point, told)
	}
	s.notes(values(c.Points))
}

// column draws that of a slot; told, with its figure above.
func (c Columns) column(s *scene, p plot, i int, point Point, told bool) {
	w := min(p.slot()*.72, 64)
	x := p.middle(i) - w/2
	title := point.Label + " : " + c.exact(point.Value)
	top := p.level(0)
	switch {
	case point.Value.secret():
		if p.level(0)-stub >= p.y { // otherwise there is room below only
			top -= stub
		}
		s.rect(x, top, w, stub, hatchPaint).titled(title)
	case point.Value.known():
		from, to := p.level(point.Value.number), p.level(0)
		if from > to {
			from, to = to, from
		}
		if to > from {
			s.rect(x, from, w, max(to-from, 1), series(0)).titled(title)
		}
		top = from
	}
	if told || point.Value.state == absent && width(absentWord, small, false) <= p.slot() {
		text := s.text(p.middle(i), top-5, c.brief(point.Value)).middle().titled(title)
		text.size, text.bold = small, point.Value.known()
		if !point.Value.known() {
			text.fill = quietPaint
		}
	}
}
