package protect

import (
	"slices"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// system is a problem reduced to its unknowns. Cells that are equal whatever their
// values (an equation with one member) are one variable; known cells are gone.
type system struct {
	problem *tabular.Problem
	// zerosKnown: see Options.
	zerosKnown bool
	variable   []int32    // variable of a cell, −1 for a known one
	cells      [][]int32  // cells of a variable, ascending
	equations  []equation // distinct
	of         [][]int32  // equations of a variable
	sensitive  []bool
	private    []bool // sensitive for its own sake
	hidden     []bool // hidden whatever we decide: sensitive, or in no table
	cost       []float64
	lone       [][]holder // by variable: who is alone behind it
}

// equation says that a total is the sum of members; all are variables.
type equation struct {
	total   int32
	members []int32
}

func newSystem(p *tabular.Problem, zerosKnown bool) *system {
	s := &system{problem: p, zerosKnown: zerosKnown}
	s.merge()
	n := len(s.cells)
	s.sensitive, s.private, s.hidden, s.cost = make([]bool, n), make([]bool, n), make([]bool, n), make([]float64, n)
	for v, cells := range s.cells {
		for _, c := range cells {
			cell := &p.Cells[c]
			s.sensitive[v] = s.sensitive[v] || cell.Sensitive
			s.private[v] = s.private[v] || cell.Sensitive && !cell.Secondary
			s.hidden[v] = s.hidden[v] || cell.Sensitive || cell.Unprinted
		}
	}
	s.lone = make([][]holder, n)
	for v := range s.lone {
		s.lone[v] = s.aloneBehind(int32(v))
	}
	s.reduce()
	return s
}

// merge makes one variable of cells that equations with a single member equate.
func (s *system) merge() {
	p := s.problem
	parent := make([]int32, len(p.Cells))
	for i := range parent {
		parent[i] = int32(i)
	}
	find := func(c int32) int32 {
		for parent[c] != c {
			parent[c] = parent[parent[c]]
			c = parent[c]
		}
		return c
	}
	for _, e := range p.Equations {
		if a, b, ok := s.equated(e); ok {
			a, b = find(a), find(b)
			parent[max(a, b)] = min(a, b)
		}
	}
	// A total and a member that are the same would leave the other members no total.
	for _, e := range p.Equations {
		if _, _, ok := s.equated(e); !ok && slices.ContainsFunc(e.Members, func(m int32) bool { return find(m) == find(e.Total) }) {
			s.separate(parent, find(e.Total), find)
		}
	}
	s.variable = make([]int32, len(p.Cells))
	for c := range p.Cells {
		switch root := find(int32(c)); {
		case p.Cells[c].Known:
			s.variable[c] = -1
		case root == int32(c):
			s.variable[c] = int32(len(s.cells))
			s.cells = append(s.cells, []int32{int32(c)})
		default:
			v := s.variable[root]
			s.variable[c] = v
			s.cells[v] = append(s.cells[v], int32(c))
		}
	}
}

// separate undoes a group.
func (s *system) separate(parent []int32, group int32, find func(int32) int32) {
	var list []int32
	for c := range parent {
		if find(int32(c)) == group {
			list = append(list, int32(c))
		}
	}
	for _, c := range list {
		parent[c] = c
	}
}

// equated are the two cells that an equation makes one, if it does.
func (s *system) equated(e tabular.Equation) (int32, int32, bool) {
	only := int32(-1)
	for _, m := range e.Members {
		if s.problem.Cells[m].Known {
			continue
		}
		if only >= 0 {
			return 0, 0, false
		}
		only = m
	}
	if only < 0 || s.problem.Cells[e.Total].Known {
		return 0, 0, false
	}
	return only, e.Total, true
}

// reduce writes the equations in variables and drops those that say nothing more.
func (s *system) reduce() {
	seen := map[string]bool{}
	var key []byte
	for _, e := range s.problem.Equations {
		total := s.variable[e.Total]
		members := make([]int32, 0, len(e.Members))
		for _, m := range e.Members {
			if v := s.variable[m]; v >= 0 {
				members = append(members, v)
			}
		}
		if total < 0 || len(members) == 0 || len(members) == 1 && members[0] == total {
			continue
		}
		slices.Sort(members)
		key = key[:0]
		for _, v := range append([]int32{total}, members...) {
			key = append(key, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
		}
		if !seen[string(key)] {
			seen[string(key)] = true
			s.equations = append(s.equations, equation{total: total, members: members})
		}
	}
	s.of = make([][]int32, len(s.cells))
	for i, e := range s.equations {
		s.of[e.total] = append(s.of[e.total], int32(i))
		for _, m := range e.members {
			s.of[m] = append(s.of[m], int32(i))
		}
	}
}

// rows are the equations with the columns that are chosen, one row for each; it may be
// empty.
func (s *system) rows(chosen func(v int32) bool) []row {
	rows := make([]row, 0, len(s.equations))
	for _, e := range s.equations {
		var r row
		placed := false
		for _, m := range e.members {
			if !placed && e.total < m {
				placed = true
				if chosen(e.total) {
					r = append(r, entry{column: e.total, value: modulus - 1})
				}
			}
			if chosen(m) {
				r = append(r, entry{column: m, value: 1})
			}
		}
		if !placed && chosen(e.total) {
			r = append(r, entry{column: e.total, value: modulus - 1})
		}
		rows = append(rows, r)
	}
	return rows
}
