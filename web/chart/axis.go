package chart

import (
	"math"
	"strings"
)

// axis is a stretch of numbers with ticks at round ones.
type axis struct{ low, high, step float64 }

// axis covers a stretch with about n steps. The least step is that of the decimals.
func (f Figure) axis(low, high float64, n int) axis {
	least := math.Pow10(-min(max(f.Decimals, 0), 6))
	high = max(high, low+least)
	step := round125((high - low) / float64(n))
	step = max(step, least)
	low = math.Floor(low/step+1e-9) * step
	return axis{low, max(math.Ceil(high/step-1e-9)*step, low+step), step}
}

// round125 is the least of 1, 2 and 5 times a power of ten that is no less than x.
func round125(x float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 5} {
		if x <= m*power*(1+1e-9) {
			return m * power
		}
	}
	return 10 * power
}

func (a axis) ticks() []float64 {
	n := int(math.Round((a.high - a.low) / a.step))
	all := make([]float64, n+1)
	for i := range all {
		all[i] = a.step * (math.Round(a.low/a.step) + float64(i))
	}
	return all
}

// part is where a number lies between low, 0, and high, 1.
func (a axis) part(x float64) float64 { return (x - a.low) / (a.high - a.low) }

// plot is an area with a vertical axis and slots side by side.
type plot struct {
	axis
	x, y, w, h float64
	labels     []string
}

// plot draws the lines and numbers of an axis and the labels of slots; right is left free
// beside it.
func (f Figure) plot(s *scene, y, right float64, a axis, labels []string) plot {
	p := plot{axis: a, y: y + 6, h: tall(s.w), labels: labels}
	great := max(math.Abs(a.low), math.Abs(a.high))
	widest := 0.0
	for _, t := range a.ticks() {
		widest = max(widest, width(f.tick(t, great, a.step), small, false))
	}
	p.x = widest + 8
	p.w = s.w - p.x - right
	for _, t := range a.ticks() {
		at := p.level(t)
		paint := gridPaint
		if t == 0 || t == a.low {
			paint = edgePaint
		}
		s.line(paint, 1, point{p.x, at}, point{p.x + p.w, at})
		s.text(p.x-8, at+4, f.tick(t, great, a.step)).quietly().end()
	}
	s.reach(p.y + p.h)
	p.slots(s)
	return p
}

// bare is a plot whose figures stand beside their marks: a base line, and no axis.
func bare(s *scene, y float64, a axis, labels []string) plot {
	p := plot{axis: a, y: y + 6, w: s.w, h: tall(s.w) - 20, labels: labels}
	s.line(edgePaint, 1, point{0, p.level(0)}, point{s.w, p.level(0)})
	s.reach(p.y + p.h)
	p.slots(s)
	return p
}

// tall is the height of a plot in a figure of some width.
func tall(w float64) float64 { return min(max(w*.38, 170), 300) }

func (p plot) level(x float64) float64 { return p.y + p.h*(1-p.part(x)) }

func (p plot) slot() float64 { return p.w / float64(max(len(p.labels), 1)) }

// middle is that of slot i.
func (p plot) middle(i int) float64 { return p.x + p.slot()*(float64(i)+.5) }

// slots writes the labels of slots: as many as there is room for, a year only where it
// changes.
func (p plot) slots(s *scene) {
	if len(p.labels) == 0 {
		return
	}
	every, from := p.every()
	if every > 1 && p.wrapped(s) {
		return
	}
	year := ""
	for i := from; i < len(p.labels); i += every {
		name, y := splitYear(p.labels[i])
		p.under(s, i, 0, cut(name, small, p.slot()*float64(every)-4, false))
		if every > 1 {
			s.line(edgePaint, 1, point{p.middle(i), p.y + p.h}, point{p.middle(i), p.y + p.h + 4})
		}
		if y != "" && y != year {
			p.under(s, i, 1, y)
			year = y
		}
	}
}

// under writes a line of text under a slot, moved so far that it is inside the figure.
func (p plot) under(s *scene, i, line int, text string) {
	half := width(text, small, false) / 2
	base := p.y + p.h + 18 + 15*float64(line)
	s.text(max(min(p.middle(i), s.w-half), half), base, text).quietly().middle().titled(p.labels[i])
	s.reach(base + 4)
}

// wrapped writes labels that are no periods below each other's words, if all fit in.
func (p plot) wrapped(s *scene) bool {
	all := make([][]string, len(p.labels))
	for i, l := range p.labels {
		if _, year := splitYear(l); year != "" || !fits(l, p.slot()-4) {
			return false
		}
		all[i] = wrap(l, small, p.slot()-4, 3, false)
	}
	for i, lines := range all {
		for n, l := range lines {
			p.under(s, i, n, l)
		}
	}
	return true
}

// every is the number of slots from one label to the next, and the first that has one. A
// year, where it can, starts with a label.
func (p plot) every() (every, from int) {
	widest := 0.0
	for _, l := range p.labels {
		name, y := splitYear(l)
		widest = max(widest, width(name, small, false), width(y, small, false))
	}
	widest = min(widest, p.w/2)
	for _, every = range []int{1, 2, 3, 4, 6, 12, 24, 60, 120, len(p.labels)} {
		if float64(every)*p.slot() >= widest+6 {
			break
		}
	}
	for i, l := range p.labels {
		if name, year := splitYear(l); year != "" && (name == "janv." || name == "T1") && every > 1 {
			return every, i % every
		}
	}
	return every, 0
}

// splitYear parts a label from the year behind it.
func splitYear(label string) (name, year string) {
	i := strings.LastIndexByte(label, ' ')
	if i <= 0 || len(label)-i != 5 || strings.Trim(label[i+1:], "0123456789") != "" {
		return label, ""
	}
	return label[:i], label[i+1:]
}
