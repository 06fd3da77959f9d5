package outsider

import "slices"

// attack works out what follows from what is printed: bounds, then equations, then
// bounds again, until neither says anything new.
func (s *system) attack() {
	for s.propagate(); s.failure == ""; {
		if !s.solve() || !s.propagate() {
			return
		}
	}
}

// pattern is equations over the same unknowns, for quantities that can be solved
// together.
type pattern struct {
	quantities []int
	groups     []*sumGroup
	unknown    []bool // by cell
}

// solve solves the equations of the quantities that add up, and tells whether any
// unknown was determined. Hours are known within bounds only, and are left out.
func (s *system) solve() bool {
	moved := false
	for _, p := range s.patterns() {
		moved = s.solvePattern(p) || moved
	}
	return moved
}

func (s *system) patterns() []*pattern {
	var all []*pattern
	for q := range s.layout.quantities {
		if q == persons || q == hours {
			continue
		}
		one := &pattern{quantities: []int{q}, unknown: make([]bool, len(s.cells))}
		for _, g := range s.sums {
			if slices.Contains(g.quantities, q) {
				one.groups = append(one.groups, g)
				s.markUnknown(g, q, one.unknown)
			}
		}
		if !slices.Contains(one.unknown, true) {
			continue
		}
		if i := slices.IndexFunc(all, one.alike); i >= 0 {
			all[i].quantities = append(all[i].quantities, q)
		} else {
			all = append(all, one)
		}
	}
	return all
}

func (p *pattern) alike(o *pattern) bool {
	return slices.Equal(p.groups, o.groups) && slices.Equal(p.unknown, o.unknown)
}

func (s *system) markUnknown(g *sumGroup, q int, unknown []bool) {
	for _, list := range [][]int32{g.totals, g.parts} {
		for _, id := range list {
			unknown[id] = !s.fixed(q, id)
		}
	}
}

// solvePattern solves the equations of a pattern and takes what is determined for known.
func (s *system) solvePattern(p *pattern) bool {
	columns, cells := make([]int32, len(s.cells)), []int32(nil)
	for id, unknown := range p.unknown {
		columns[id] = none
		if unknown {
			columns[id], cells = int32(len(cells)), append(cells, int32(id))
		}
	}
	e := newEliminator(len(cells))
	for _, g := range p.groups {
		for i, total := range g.totals {
			s.equation(e, p, columns, total, g.of(i))
		}
	}
	values, determined := e.solve()
	if e.contradictory {
		s.failf("the equations of %s", s.layout.quantities[p.quantities[0]].field)
		return false
	}
	moved := false
	for c, id := range cells {
		for side, q := range p.quantities {
			if determined[c] {
				v := fromMod(values[c][side])
				moved = s.narrow(q, id, v, v) || moved
			}
		}
	}
	return moved
}

// equation gives an equation of a pattern to the eliminator, if it has unknowns.
func (s *system) equation(e *eliminator, p *pattern, columns []int32, total int32, parts []int32) {
	var plus []int32
	for _, part := range parts {
		if columns[part] != none {
			plus = append(plus, columns[part])
		}
	}
	if len(plus) == 0 && columns[total] == none {
		return
	}
	right := make([]uint64, len(p.quantities))
	for side, q := range p.quantities {
		var sum int64
		if columns[total] == none {
			sum = s.lo[q][s.at(q, total)]
		}
		for _, part := range parts {
			if columns[part] == none {
				sum -= s.lo[q][s.at(q, part)]
			}
		}
		right[side] = toMod(sum)
	}
	e.add(plus, columns[total], right)
}
