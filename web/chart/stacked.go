package chart

import "math"

// Stacked shows what totals are made of.
type Stacked struct {
	Figure
	// Label heads the labels in the table, such as «Tranche d'âge».
	Label  string
	Labels []string
	// Parts are what is stacked, at most six; the figures of each are in the order of labels.
	// One below zero is in the table only, as if it were absent.
	Parts []Series
	// Share draws each row as a whole, in hundredths. Where a part is secret or absent there
	// is no whole, and so no share.
	Share bool
	// Upright stacks columns, for time; otherwise bars.
	Upright bool
}

// Table is the twin of the chart: the figures, whether or not shares are drawn.
func (k Stacked) Table() Table { return k.matrix(k.Label, k.Labels, k.Parts) }

func (k Stacked) draw(s *scene) {
	top := k.Figure
	if k.Share {
		top.Unit, top.Decimals = "%", 0
	}
	y := top.top(s)
	if k.empty(s, len(k.Labels) == 0 || len(k.Parts) == 0) {
		return
	}
	keys := make([]key, len(k.Parts))
	for n, p := range k.Parts {
		keys[n] = key{label: p.Name, fill: series(n)}
	}
	y = s.legend(0, y, s.w, keys) + 8
	if k.Upright {
		k.columns(s, y, top)
	} else {
		k.bars(s, y, top)
	}
	s.notes(all(k.Labels, k.Parts))
}

// stack is what a label is made of.
type stack struct {
	title  []string
	parts  []float64 // lengths, in the unit of the axis; zero of what is not known
	total  float64
	hidden bool // a part is secret
	lacks  bool // a part is absent
	none   bool // all is zero, so there are no shares
}

func (k Stacked) stack(i int) stack {
	var t stack
	for _, p := range k.Parts {
		v := p.at(i)
		t.hidden = t.hidden || v.secret()
		t.lacks = t.lacks || v.state == absent || v.number < 0
		t.parts = append(t.parts, max(v.number, 0))
		t.total += max(v.number, 0)
		t.title = append(t.title, k.Labels[i]+", "+p.Name+" : "+k.exact(v))
	}
	t.none = t.total == 0 && !t.hidden && !t.lacks
	if k.Share {
		for n := range t.parts {
			if t.hidden || t.lacks || t.total == 0 {
				t.parts[n] = 0
			} else {
				t.parts[n] *= 100 / t.total
			}
		}
		t.total = 100
	}
	return t
}

// most is the greatest of the totals.
func (k Stacked) most() float64 {
	most := 0.0
	for i := range k.Labels {
		most = max(most, k.stack(i).total)
	}
	return most
}

// sum is what is said behind a stack: its total, unless a part of it is no figure.
func (k Stacked) sum(t stack) string {
	switch {
	case t.hidden:
		return secretWord
	case t.lacks:
		return absentWord
	case t.none:
		return k.exact(Known(0))
	case k.Share:
		return ""
	}
	return k.brief(Known(t.total))
}

func (k Stacked) bars(s *scene, y float64, f Figure) {
	b := Bars{Figure: k.Figure}
	for i, label := range k.Labels {
		point := Point{Label: label, Value: Known(k.stack(i).total)}
		b.Points = append(b.Points, point)
	}
	g := b.grid(s)
	extra := width(secretWord, medium, true) + stub
	if k.Share {
		extra = 2
	}
	g.low, g.high, g.w = 0, k.most(), s.w-g.x-max(extra, s.w-g.x-g.w)
	if k.Share {
		g.w = s.w - g.x - 2
	}
	start := y
	for i, label := range k.Labels {
		bar, next := g.label(s, y, lying, label)
		k.row(s, g, bar, k.stack(i), f)
		y = next
	}
	if g.beside {
		s.line(edgePaint, 1, point{g.x, start - 2}, point{g.x, y - 6})
	}
	s.reach(y)
}

// lying is how thick a stack is that lies.
const lying = 22.0

// row draws the parts of a stack that lies.
func (k Stacked) row(s *scene, g rows, y float64, t stack, f Figure) {
	const thick = lying
	x := g.x
	for n, part := range t.parts {
		w := g.at(part) - g.x
		if w <= 0 {
			continue
		}
		s.rect(x, y, w, thick, series(n)).outlined(sheetPaint, 1).titled(t.title[n])
		text := k.inside(f, part)
		if width(text, small, true)+8 <= w {
			m := s.text(x+w/2, y+15.5, text).middle().titled(t.title[n])
			m.size, m.fill = small, series(n).on()
		}
		x += w
	}
	switch {
	case t.hidden && k.Share:
		s.rect(g.x, y, g.w, thick, hatchPaint)
		s.rect(g.x+6, y+2, width(secretWord, small, true)+8, thick-4, sheetPaint)
		s.text(g.x+10, y+15.5, secretWord).quietly()
	case k.Share:
		s.text(g.x+6, y+15.5, k.sum(t)).quietly()
	case t.hidden:
		s.rect(x, y, stub-8, thick, hatchPaint)
		s.text(x+stub-4, y+15.5, secretWord).quietly()
	default:
		m := s.text(x+6, y+15.7, k.sum(t))
		m.bold = !t.lacks
	}
}

// inside is the figure on a part.
func (k Stacked) inside(f Figure, part float64) string {
	if k.Share {
		return f.exact(Known(math.Round(part)))
	}
	return k.brief(Known(part))
}

func (k Stacked) columns(s *scene, y float64, f Figure) {
	p := f.plot(s, y+12, 0, f.axis(0, k.most(), 5), k.Labels)
	w := min(p.slot()*.72, 64)
	for i := range k.Labels {
		t := k.stack(i)
		x, top := p.middle(i)-w/2, p.level(0)
		for n, part := range t.parts {
			h := p.level(0) - p.level(part)
			if h <= 0 {
				continue
			}
			top -= h
			s.rect(x, top, w, h, series(n)).outlined(sheetPaint, 1).titled(t.title[n])
		}
		k.cap(s, p, i, top, w, t)
	}
	s.line(edgePaint, 1, point{p.x, p.level(0)}, point{p.x + p.w, p.level(0)})
}

// cap marks, above a column, that a part of it is no figure.
func (k Stacked) cap(s *scene, p plot, i int, top, w float64, t stack) {
	const high = 10.0
	title := k.Labels[i] + " : " + k.sum(t)
	switch {
	case t.hidden && k.Share:
		s.rect(p.middle(i)-w/2, p.y, w, p.h, hatchPaint).titled(title)
	case t.hidden:
		s.rect(p.middle(i)-w/2, top-high, w, high, hatchPaint).titled(title)
	default:
		text := k.sum(t)
		if width(text, small, true)+2 <= p.slot() {
			m := s.text(p.middle(i), top-5, text).middle().titled(title)
			m.size, m.bold = small, !t.lacks
		}
	}
}
