package outsider

import (
	"slices"

	"github.com/parvis-opendata/parvis/datasets"
)

// sumGroup is equations of one shape: each of some totals is the sum of its parts, in
// some quantities.
type sumGroup struct {
	quantities []int // those that add up
	persons    bool  // the largest part ≤ the total ≤ the sum of the parts
	totals     []int32
	start      []int32 // of the parts of each total, and one past the last
	parts      []int32
}

// of returns the parts of the i-th total.
func (g *sumGroup) of(i int) []int32 { return g.parts[g.start[i]:g.start[i+1]] }

// equate writes down the equations of the system.
func (s *system) equate() {
	for _, sum := range s.layout.dataset.Sums {
		for _, total := range s.instances {
			if parts := s.instance(sum.Parts, total.period); total.ID == sum.Total && parts != nil {
				s.equateSum(sum, total, parts)
			}
		}
	}
	for _, in := range s.instances {
		if in.summed {
			s.equateYear(in)
		}
	}
}

// equateSum writes down the equations between two tables.
func (s *system) equateSum(sum datasets.Sum, total, parts *instance) {
	w := s.way(sum, total, parts)
	g := &sumGroup{persons: total.fields[persons] && parts.fields[persons]}
	for q := range s.layout.quantities {
		if q != persons && total.fields[q] && parts.fields[q] {
			g.quantities = append(g.quantities, q)
		}
	}
	members := map[int32][]int32{}
	for k, id := range parts.cells {
		if !w.isPart(k) {
			continue
		}
		t := w.of(k)
		if i := slices.Index(t[:len(total.dimensions)], none); i >= 0 {
			s.failf("nothing says where %s belongs in %s", s.describe(id), total.ID)
			return
		}
		if to := total.find(t); to != none {
			members[to] = append(members[to], id)
		} else {
			s.forbid(id)
		}
	}
	for k, id := range total.cells {
		if len(w.margin) == 0 || !w.isPart(k) {
			g.totals = append(g.totals, id)
		}
	}
	s.group(g, members)
}

// forbid takes a cell to be zero: the total to which it would belong cannot be.
func (s *system) forbid(id int32) {
	for q := range s.layout.quantities {
		if s.at(q, id) != none {
			s.narrow(q, id, 0, 0)
		}
	}
}

// group completes and keeps a group, in the order of the cells.
func (s *system) group(g *sumGroup, members map[int32][]int32) {
	slices.Sort(g.totals)
	for _, id := range g.totals {
		g.start = append(g.start, int32(len(g.parts)))
		slices.Sort(members[id])
		g.parts = append(g.parts, members[id]...)
	}
	g.start = append(g.start, int32(len(g.parts)))
	s.sums = append(s.sums, g)
}

// equateYear writes down that files and amounts of a year are the sums of its months,
// where all twelve are published.
func (s *system) equateYear(year *instance) {
	g := &sumGroup{quantities: []int{files, amount}}
	members := map[int32][]int32{}
	for k, id := range year.cells {
		if parts := s.monthsOf(year, k); len(parts) == 12 {
			g.totals = append(g.totals, id)
			members[id] = parts
		}
	}
	s.group(g, members)
}

// monthsOf returns the monthly cells that a yearly cell adds up.
func (s *system) monthsOf(year *instance, k key) []int32 {
	var parts []int32
	for _, in := range s.instances {
		if in.Period.Unit != datasets.UnitMonth {
			continue
		}
		of, all := emptyKey, true
		for i, dimension := range year.dimensions {
			margin := year.Margin[dimension] != "" && s.dimension(dimension).names[k[i]] == year.Margin[dimension]
			p := in.position(dimension)
			all = all && margin == (p < 0)
			if p >= 0 {
				of[p] = k[i]
			}
		}
		if id := in.find(of); all && id != none {
			parts = append(parts, id)
		}
	}
	return parts
}

// monthsFixed tells whether the months that a yearly figure adds up are all known
// without it: its own value then says nothing more.
func (s *system) monthsFixed(id int32, q int) bool {
	c := s.cells[id]
	parts := s.monthsOf(s.instances[c.instance], c.key)
	for _, part := range parts {
		if !s.fixed(q, part) {
			return false
		}
	}
	return len(parts) == 12
}
