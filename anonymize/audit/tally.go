package audit

import "slices"

// tally is a table of a measure that does not add up, in units of 1/q, that differs from
// the true one in a few cells.
type tally struct {
	p       *prover
	measure int
	q       int64
	*sheet
}

// sheet is the figures that differ, and what remains to be looked at.
type sheet struct {
	value  []int64 // by unknown
	has    []bool
	list   []int32 // unknowns that have a value
	rows   []int32 // to be looked at
	queued []bool  // by row
}

// newSheet is empty.
func newSheet(s *system) *sheet {
	return &sheet{value: make([]int64, len(s.cells)), has: make([]bool, len(s.cells)), queued: make([]bool, len(s.rows))}
}

// clear empties a sheet.
func (s *sheet) clear() {
	for _, u := range s.list {
		s.has[u] = false
	}
	s.list = s.list[:0]
	s.settled()
}

// settled says that nothing remains to be looked at.
func (s *sheet) settled() {
	for _, r := range s.rows {
		s.queued[r] = false
	}
	s.rows = s.rows[:0]
}

// figure is that of a cell.
func (t *tally) figure(cell int32) int64 {
	if u := t.p.s.number[cell]; u >= 0 && t.has[u] {
		return t.value[u]
	}
	return t.p.a.p.Cells[cell].Values[t.measure] * t.q
}

// set changes a figure.
func (t *tally) set(u int32, v int64) {
	if !t.has[u] {
		t.has[u], t.list = true, append(t.list, u)
	}
	t.value[u] = v
	rows, _ := t.p.s.along.line(u)
	for _, r := range rows {
		if !t.queued[r] {
			t.queued[r], t.rows = true, append(t.rows, r)
		}
	}
}

// reduce makes a figure smaller, if it may be so small.
func (t *tally) reduce(cell int32, v int64) bool {
	u := t.p.s.number[cell]
	if u < 0 {
		return false
	}
	if lo := t.p.b.lo[t.measure][u]; lo != -unbounded && v < lo*t.q {
		return false
	}
	t.set(u, v)
	return true
}

// lower makes figures smaller until no member is above its total and no total above the
// sum; false if a known figure or a bound is in the way.
func (t *tally) lower() bool {
	for len(t.rows) > 0 {
		r := t.rows[len(t.rows)-1]
		t.rows, t.queued[r] = t.rows[:len(t.rows)-1], false
		e := &t.p.a.p.Equations[t.p.s.rows[r]]
		total, sum := t.figure(e.Total), int64(0)
		for _, m := range e.Members {
			if t.figure(m) > total && !t.reduce(m, total) {
				return false
			}
			sum += t.figure(m)
		}
		if total > sum && !t.reduce(e.Total, sum) {
			return false
		}
	}
	return true
}

// moves are those of the table.
func (t *tally) moves() []move {
	all := make([]move, 0, len(t.list))
	slices.Sort(t.list)
	for _, u := range t.list {
		if by := t.value[u] - t.p.b.value[t.measure][u]*t.q; by != 0 {
			all = append(all, move{figure{t.p.s.cells[u], t.measure}, by})
		}
	}
	return all
}
