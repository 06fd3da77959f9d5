package chart

import (
	"slices"
	"strings"
)

// Lines shows one or several series over the same periods.
type Lines struct {
	Figure
	// Label heads the periods in the table, such as «Mois».
	Label   string
	Periods []string
	Series  []Series
}

// Table is the twin of the chart.
func (l Lines) Table() Table { return l.matrix(l.Label, l.Periods, l.Series) }

func (l Lines) draw(s *scene) {
	y := l.top(s)
	if l.empty(s, len(l.Series) == 0 || len(l.Periods) == 0) {
		return
	}
	low, high, _ := extent(all(l.Periods, l.Series))
	if low > 0 && low < .7*high || low == high {
		low = min(low, 0)
	}
	high = max(high, low)
	direct := s.w >= broad && len(l.Series) <= kinds && (len(l.Series) == 1 || l.names() <= s.w*.33)
	right := 26.0
	switch {
	case direct && len(l.Series) > 1:
		right = l.names() + 18
	case direct:
		right = l.last() + 24
	case len(l.Series) > 1:
		y = s.legend(0, y, s.w, l.keys())
	}
	p := l.plot(s, y, right, l.axis(low, high, 5), l.Periods)
	l.veil(s, p)
	for n := range l.Series {
		l.trace(s, p, n)
	}
	if direct {
		l.ends(s, p, right)
	}
	s.notes(all(l.Periods, l.Series))
}

func (l Lines) keys() []key {
	keys := make([]key, len(l.Series))
	for n, r := range l.Series {
		keys[n] = key{label: r.Name, line: series(n), dash: dash(n)}
	}
	return keys
}

// last is how wide the figure at the end of the only line is.
func (l Lines) last() float64 {
	return width(l.brief(l.Series[0].at(len(l.Periods)-1)), medium, true)
}

// names is how wide the labels at the ends of lines are.
func (l Lines) names() float64 {
	widest := 60.0
	for _, r := range l.Series {
		widest = max(widest, width(r.Name, medium, true))
	}
	return widest
}

// veil hatches the periods in which something is secret.
func (l Lines) veil(s *scene, p plot) {
	for i, period := range l.Periods {
		var names []string
		for _, r := range l.Series {
			if r.at(i).secret() {
				names = append(names, r.Name)
			}
		}
		if len(names) > 0 {
			s.rect(p.middle(i)-p.slot()/2, p.y, p.slot(), p.h, hatchPaint).titled(period + " : " + secretWord + " (" + strings.Join(names, ", ") + ")")
		}
	}
}

// trace draws a line, broken where there is no figure.
func (l Lines) trace(s *scene, p plot, n int) {
	var run []point
	r := l.Series[n]
	end := func() {
		if len(run) > 1 {
			s.line(series(n), 2.5, run...).titled(r.Name).dash = dash(n)
		} else if len(run) == 1 {
			s.dot(run[0], 4, series(n)).titled(r.Name)
		}
		run = nil
	}
	for i := range l.Periods {
		if v := r.at(i); v.known() {
			run = append(run, point{p.middle(i), p.level(v.number)})
		} else {
			end()
		}
	}
	end()
	for i, period := range l.Periods {
		if v := r.at(i); v.known() && p.slot() >= 14 {
			s.dot(point{p.middle(i), p.level(v.number)}, 3, series(n)).titled(r.Name + ", " + period + " : " + l.exact(v))
		}
	}
}

// tag is the name of a line at its end.
type tag struct {
	n, last int
	y       float64
}

// ends writes names and last figures where lines end, one under the other.
func (l Lines) ends(s *scene, p plot, right float64) {
	high := 34.0
	if len(l.Series) == 1 {
		high = 17
	}
	tags := make([]tag, len(l.Series))
	for n, r := range l.Series {
		tags[n] = tag{n, -1, p.y + p.h}
		for i := range l.Periods {
			if v := r.at(i); v.known() {
				tags[n].last, tags[n].y = i, p.level(v.number)
			}
		}
	}
	slices.SortStableFunc(tags, func(a, b tag) int { return int(10 * (a.y - b.y)) })
	spread(tags, high, p.y+high/2-6, max(p.y+p.h-high/2+16, p.y+high*float64(len(tags))))
	for _, t := range tags {
		l.end(s, p, right, t)
	}
}

// spread moves tags so far apart that they do not overlap, between two levels.
func spread(tags []tag, high, top, bottom float64) {
	floor := bottom
	for i := len(tags) - 1; i >= 0; i-- {
		tags[i].y = min(tags[i].y, floor)
		floor = tags[i].y - high
	}
	ceiling := top
	for i := range tags {
		tags[i].y = max(tags[i].y, ceiling)
		ceiling = tags[i].y + high
	}
}

func (l Lines) end(s *scene, p plot, right float64, t tag) {
	r, x := l.Series[t.n], p.x+p.w+10
	figure := absentWord
	if v := r.at(len(l.Periods) - 1); v.secret() || v.known() {
		figure = l.brief(v)
	}
	base := t.y + 4.5
	if len(l.Series) > 1 {
		if t.last >= 0 {
			from := point{p.middle(t.last), p.level(r.at(t.last).number)}
			s.line(series(t.n), 1.5, point{from.x + 6, from.y}, point{x - 4, t.y - 4})
		}
		s.text(x, t.y, cut(r.Name, medium, right-12, true)).strong().titled(r.Name)
		base = t.y + 16
	}
	m := s.text(x, base, cut(figure, medium, right-12, len(l.Series) == 1))
	m.bold = len(l.Series) == 1
	s.reach(base + 6)
}
