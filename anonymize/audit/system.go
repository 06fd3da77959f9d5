package audit

import "github.com/parvis-opendata/parvis/anonymize/tabular"

// system is what an attacker works on: the equations restricted to what he does not
// know. Unknowns and rows are numbered in the order of the cells and equations.
type system struct {
	cells  []int32 // unknown → cell
	number []int32 // cell → unknown, or −1
	rows   []int32 // row → equation
	across lists   // row → unknowns
	along  lists   // unknown → rows
	parts  []part
	place  []int32 // unknown → its part
	local  []int32 // unknown → its index in the part
	lrow   []int32 // row → its index in the part
}

// lists are the entries of a sparse matrix in one direction: of line i, at[start[i]]
// to at[start[i+1]−1], with their signs (+1 a total, −1 a member).
type lists struct {
	start []int32
	at    []int32
	sign  []int8
}

// line is the entries of line i.
func (l lists) line(i int32) ([]int32, []int8) {
	a, b := l.start[i], l.start[i+1]
	return l.at[a:b], l.sign[a:b]
}

// part is a connected component, unknowns and rows ascending. No equation joins
// unknowns of two parts.
type part struct {
	unknowns []int32
	rows     []int32
}

// unknown says whether the attacker has to work the cell out.
func unknown(c *tabular.Cell, hidden bool) bool {
	return !c.Known && (hidden || c.Unprinted)
}

// newSystem restricts the equations of p to the unknown cells.
func newSystem(p *tabular.Problem, hidden []bool) *system {
	s := &system{number: make([]int32, len(p.Cells))}
	for i := range p.Cells {
		s.number[i] = -1
		if unknown(&p.Cells[i], hidden[i]) {
			s.number[i] = int32(len(s.cells))
			s.cells = append(s.cells, int32(i))
		}
	}
	s.across.start = append(s.across.start, 0)
	for i := range p.Equations {
		before := len(s.across.at)
		s.enter(p.Equations[i].Total, 1)
		for _, m := range p.Equations[i].Members {
			s.enter(m, -1)
		}
		if len(s.across.at) > before {
			s.rows = append(s.rows, int32(i))
			s.across.start = append(s.across.start, int32(len(s.across.at)))
		}
	}
	s.along = s.across.transpose(len(s.cells))
	s.split()
	return s
}

// enter adds a cell to the row being made, if it is unknown.
func (s *system) enter(cell int32, sign int8) {
	if u := s.number[cell]; u >= 0 {
		s.across.at = append(s.across.at, u)
		s.across.sign = append(s.across.sign, sign)
	}
}

// transpose turns lists of rows into lists of n columns.
func (l lists) transpose(n int) lists {
	t := lists{start: make([]int32, n+1), at: make([]int32, len(l.at)), sign: make([]int8, len(l.at))}
	for _, c := range l.at {
		t.start[c+1]++
	}
	for i := range n {
		t.start[i+1] += t.start[i]
	}
	next := append([]int32(nil), t.start[:n]...)
	for r := range int32(len(l.start) - 1) {
		at, sign := l.line(r)
		for k, c := range at {
			t.at[next[c]], t.sign[next[c]] = r, sign[k]
			next[c]++
		}
	}
	return t
}

// split finds the connected components, in the order of their first unknowns.
func (s *system) split() {
	s.place = make([]int32, len(s.cells))
	for i := range s.place {
		s.place[i] = -1
	}
	home := make([]int32, len(s.rows))
	for i := range home {
		home[i] = -1
	}
	var queue []int32
	for u := range int32(len(s.cells)) {
		if s.place[u] >= 0 {
			continue
		}
		k := int32(len(s.parts))
		s.parts = append(s.parts, part{})
		s.place[u] = k
		for queue = append(queue[:0], u); len(queue) > 0; {
			v := queue[len(queue)-1]
			queue = queue[:len(queue)-1]
			rows, _ := s.along.line(v)
			for _, r := range rows {
				if home[r] >= 0 {
					continue
				}
				home[r] = k
				at, _ := s.across.line(r)
				for _, w := range at {
					if s.place[w] < 0 {
						s.place[w] = k
						queue = append(queue, w)
					}
				}
			}
		}
	}
	s.local = make([]int32, len(s.cells))
	for u, k := range s.place {
		s.local[u] = int32(len(s.parts[k].unknowns))
		s.parts[k].unknowns = append(s.parts[k].unknowns, int32(u))
	}
	s.lrow = make([]int32, len(s.rows))
	for r, k := range home {
		s.lrow[r] = int32(len(s.parts[k].rows))
		s.parts[k].rows = append(s.parts[k].rows, int32(r))
	}
}

// without is the system with empty rows where keep is false.
func (s *system) without(keep []bool) *system {
	n := *s
	n.across = lists{start: make([]int32, 1, len(s.across.start))}
	for r := range int32(len(s.rows)) {
		if keep[r] {
			at, sign := s.across.line(r)
			n.across.at, n.across.sign = append(n.across.at, at...), append(n.across.sign, sign...)
		}
		n.across.start = append(n.across.start, int32(len(n.across.at)))
	}
	n.along = n.across.transpose(len(s.cells))
	return &n
}
