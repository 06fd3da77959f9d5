package chart

import (
	"math"
	"strconv"
)

// Matrix shows figures by two things, such as domain and région, as a table whose cells are
// the darker the more.
type Matrix struct {
	Figure
	// Label heads the labels in the table, such as «Domaine».
	Label  string
	Labels []string
	// Columns have the figures, each in the order of labels.
	Columns []Series
}

// Table is the twin of the chart.
func (m Matrix) Table() Table { return m.matrix(m.Label, m.Labels, m.Columns) }

// cells is how a matrix lies.
type cells struct {
	names, w float64 // widths of the labels and of a cell
	numbered bool    // columns have numbers, which a legend explains
	told     bool    // cells have their figures
}

const cellHeight = 30.0

func (m Matrix) draw(s *scene) {
	y := m.top(s)
	if m.empty(s, len(m.Labels) == 0 || len(m.Columns) == 0) {
		return
	}
	c := m.lay(s)
	y = m.heads(s, y, c)
	values := all(m.Labels, m.Columns)
	shade := shades{limits(values)}
	for i, label := range m.Labels {
		rows := wrap(label, small, c.names, 2, false)
		for j, l := range rows {
			s.text(c.names, y+cellHeight/2+4-float64(len(rows)-1)*7+float64(j)*14, l).end().titled(label).size = small
		}
		for n := range m.Columns {
			m.cell(s, c, shade, c.names+10+c.w*float64(n), y, i, n)
		}
		y += cellHeight
	}
	s.reach(y)
	keys := shade.keys(m.Figure, values)
	y = s.legend(0, y+8, s.w, keys)
	s.reach(y)
	if c.told {
		s.notes(values)
		return
	}
	s.legend(0, y, s.w, missing(values))
}

func (m Matrix) lay(s *scene) cells {
	c := cells{}
	for _, l := range m.Labels {
		c.names = max(c.names, width(l, small, false))
	}
	c.names = min(c.names, s.w*.38)
	c.w = math.Floor(min((s.w-c.names-10)/float64(len(m.Columns)), 120)*10) / 10
	widest, figure := 0.0, 0.0
	for _, r := range m.Columns {
		for _, l := range wrap(r.Name, small, c.w-1, 3, false) {
			widest = max(widest, width(l, small, false))
		}
		c.numbered = c.numbered || !fits(r.Name, c.w-1)
		for i := range m.Labels {
			figure = max(figure, width(m.brief(r.at(i)), small, false))
		}
	}
	c.told = figure+6 <= c.w
	return c
}

// heads writes the names of columns, or numbers that a legend explains, and returns where
// the cells begin.
func (m Matrix) heads(s *scene, y float64, c cells) float64 {
	x := c.names + 10
	if c.numbered {
		keys := make([]key, len(m.Columns))
		for n, r := range m.Columns {
			keys[n] = key{label: r.Name, word: strconv.Itoa(n + 1)}
		}
		y = s.legend(0, y, s.w, keys) + 6
		for n, r := range m.Columns {
			s.text(x+c.w*(float64(n)+.5), y+12, cut(strconv.Itoa(n+1), small, c.w, true)).middle().quietly().strong().titled(r.Name)
		}
		return y + 19
	}
	high := 1
	for _, r := range m.Columns {
		high = max(high, len(wrap(r.Name, small, c.w-1, 3, false)))
	}
	for n, r := range m.Columns {
		lines := wrap(r.Name, small, c.w-1, 3, false)
		for j, l := range lines {
			s.text(x+c.w*(float64(n)+.5), y+12+float64(high-len(lines)+j)*15, l).middle().quietly().titled(r.Name)
		}
	}
	return y + 15*float64(high) + 4
}

func (m Matrix) cell(s *scene, c cells, shade shades, x, y float64, i, n int) {
	v := m.Columns[n].at(i)
	title := m.Labels[i] + ", " + m.Columns[n].Name + " : " + m.exact(v)
	p := shade.paint(v)
	s.rect(x, y, c.w, cellHeight, p).outlined(sheetPaint, 1.5).titled(title)
	if !c.told || v.secret() {
		return
	}
	t := s.text(x+c.w/2, y+cellHeight/2+4.3, cut(m.brief(v), small, c.w, false)).middle().quietly().titled(title)
	if v.known() {
		t.fill = p.on()
	}
}
