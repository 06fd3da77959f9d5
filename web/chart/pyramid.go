package chart

import "math"

// Pyramid sets two series against each other, such as women and men, by bars that leave a
// spine of labels on either side.
type Pyramid struct {
	Figure
	// Label heads the labels in the table, such as «Tranche d'âge».
	Label  string
	Labels []string
	// Left and Right have their figures in the order of labels, from above. One below zero
	// has no bar.
	Left, Right Series
}

// Table is the twin of the chart.
func (p Pyramid) Table() Table { return p.matrix(p.Label, p.Labels, p.both()) }

func (p Pyramid) both() []Series { return []Series{p.Left, p.Right} }

// side is one half of a pyramid.
type side struct {
	series  Series
	x       float64 // of the spine
	towards float64 // -1 to the left, 1 to the right
	anchor  anchor
	paint   paint
}

func (p Pyramid) draw(s *scene) {
	y := p.top(s)
	if p.empty(s, len(p.Labels) == 0) {
		return
	}
	values := all(p.Labels, p.both())
	spine, end := 0.0, 0.0
	for _, l := range p.Labels {
		spine = max(spine, width(l, small, false))
	}
	for _, v := range values {
		end = max(end, width(p.brief(v), small, true))
	}
	spine = min(spine, s.w*.3)
	room := max((s.w-spine)/2-10-end-8, 4)
	_, high := withZero(values)
	sides := []side{{p.Left, s.w/2 - spine/2 - 10, -1, atEnd, series(0)}, {p.Right, s.w/2 + spine/2 + 10, 1, atStart, series(1)}}
	for _, d := range sides {
		m := s.text(d.x, y+13, cut(d.series.Name, medium, (s.w-spine)/2-10, true)).strong().titled(d.series.Name)
		m.anchor = d.anchor
	}
	y += 24
	for i, label := range p.Labels {
		lines := wrap(label, small, spine, 2, false)
		row := max(float64(len(lines))*15+2, 20)
		for n, l := range lines {
			s.text(s.w/2, y+row/2+4.3+15*(float64(n)-float64(len(lines)-1)/2), l).middle().titled(label).size = small
		}
		for _, d := range sides {
			p.bar(s, d, i, y+row/2, room, high)
		}
		y += row + 6
	}
	s.reach(y)
	s.notes(values)
}

// bar draws one figure of a side, about a level.
func (p Pyramid) bar(s *scene, d side, i int, level, room, high float64) {
	const thick = 20.0
	v, long, fill := d.series.at(i), 0.0, d.paint
	switch {
	case v.secret():
		long, fill = min(stub, room), hatchPaint
	case v.known() && v.number > 0:
		long = max(room*v.number/high, 1)
	}
	title := p.Labels[i] + ", " + d.series.Name + " : " + p.exact(v)
	if long > 0 {
		s.rect(min(d.x, d.x+d.towards*long), level-thick/2, long, thick, fill).titled(title)
	}
	s.line(edgePaint, 1, point{d.x, level - thick/2 - 1}, point{d.x, level + thick/2 + 1})
	if width(p.brief(v), small, true)+6 > s.w/2-math.Abs(s.w/2-d.x)-long {
		return
	}
	m := s.text(d.x+d.towards*(long+6), level+4.3, p.brief(v)).titled(title)
	m.size, m.anchor, m.bold = small, d.anchor, v.known()
	if !v.known() {
		m.fill = quietPaint
	}
}
