package audit

import (
	"container/heap"
	"slices"
)

// pivot says that the value of a column follows from those of the entries:
// x = Σ factor·entry. Entries are columns that are pivots of later steps, or free.
type pivot struct {
	column     int32
	start, end int32 // into elimination.entries and factors
}

// elimination solves the equations of one part modulo a prime.
type elimination struct {
	f       field
	columns int
	zero    []bool // columns that are determined already
	pivots  []pivot
	entries []int32
	factors []uint64
	pivoted []bool
	used    []bool // rows that gave a pivot; the others follow from them
}

// eliminate brings the equations of a part into triangular form. Columns for which
// known is true count as known values.
//
// Order: rows with one unknown and columns in one row, from the outside in, which
// makes no entry; then, always, a column in one row if there is one, else the
// shortest row and its rarest column. Ties go to the smaller number.
func eliminate(s *system, k part, f field, known func(u int32) bool) *elimination {
	e := &elimination{f: f, columns: len(k.unknowns)}
	e.zero, e.pivoted = make([]bool, e.columns), make([]bool, e.columns)
	e.used = make([]bool, len(k.rows))
	alive := e.peel(s, k, known)
	c := newCore(e, s, k, alive)
	c.run()
	return e
}

// peeling is what is left of a part while its outside is taken off.
type peeling struct {
	s        *system
	k        part
	row, col []int32 // entries left in each row and column; −1 when it is gone
	rows     []int32 // rows with one entry, to be looked at
	cols     []int32 // columns with one entry, to be looked at
}

// peel takes off rows and columns with one entry until there are none. It returns
// which rows are left.
func (e *elimination) peel(s *system, k part, known func(u int32) bool) []bool {
	p := &peeling{s: s, k: k, row: make([]int32, len(k.rows)), col: make([]int32, len(k.unknowns))}
	for i, r := range k.rows {
		p.row[i] = s.across.start[r+1] - s.across.start[r]
	}
	for i, u := range k.unknowns {
		p.col[i] = s.along.start[u+1] - s.along.start[u]
	}
	if known != nil {
		for i, u := range k.unknowns {
			if known(u) {
				e.zero[i] = true
				p.dropColumn(int32(i))
			}
		}
	}
	for i, n := range p.row {
		if n == 1 {
			p.rows = append(p.rows, int32(i))
		}
	}
	for i, n := range p.col {
		if n == 1 {
			p.cols = append(p.cols, int32(i))
		}
	}
	for len(p.rows)+len(p.cols) > 0 {
		if n := len(p.rows); n > 0 {
			i := p.rows[n-1]
			p.rows = p.rows[:n-1]
			if p.row[i] == 1 {
				c := p.only(i)
				e.used[i] = true
				e.zero[c] = true
				p.dropColumn(c)
			}
			continue
		}
		i := p.cols[len(p.cols)-1]
		p.cols = p.cols[:len(p.cols)-1]
		if p.col[i] == 1 {
			e.takeColumn(p, i)
		}
	}
	alive := make([]bool, len(p.row))
	for i, n := range p.row {
		alive[i] = n > 0
	}
	return alive
}

// only is the one column left in a row.
func (p *peeling) only(row int32) int32 {
	at, _ := p.s.across.line(p.k.rows[row])
	for _, u := range at {
		if c := p.s.local[u]; p.col[c] >= 0 {
			return c
		}
	}
	return -1
}

// dropColumn takes a column out of all rows.
func (p *peeling) dropColumn(c int32) {
	if p.col[c] < 0 {
		return
	}
	p.col[c] = -1
	at, _ := p.s.along.line(p.k.unknowns[c])
	for _, r := range at {
		i := p.s.lrow[r]
		if p.row[i] > 0 {
			p.row[i]--
			if p.row[i] == 1 {
				p.rows = append(p.rows, i)
			}
		}
	}
}

// takeColumn makes a column that is in one row only a pivot, and takes the row away.
func (e *elimination) takeColumn(p *peeling, c int32) {
	rows, signs := p.s.along.line(p.k.unknowns[c])
	for n, r := range rows {
		i := p.s.lrow[r]
		if p.row[i] <= 0 {
			continue
		}
		p.col[c], p.row[i] = -1, -1
		e.used[i] = true
		start := int32(len(e.entries))
		at, sign := p.s.across.line(r)
		for m, u := range at {
			d := p.s.local[u]
			if p.col[d] < 0 {
				continue
			}
			e.entries = append(e.entries, d)
			e.factors = append(e.factors, e.f.signed(-sign[m]*signs[n]))
			p.col[d]--
			if p.col[d] == 1 {
				p.cols = append(p.cols, d)
			}
		}
		e.pivoted[c] = true
		e.pivots = append(e.pivots, pivot{c, start, int32(len(e.entries))})
		return
	}
}

// core is the part that has two entries at least in every row and column, as it is
// being eliminated.
type core struct {
	e       *elimination
	rows    []map[int32]uint64
	count   []int32   // rows that have the column
	where   [][]int32 // rows that have, or had, the column
	queue   shortest
	singles []int32 // columns that came to be in one row
}

// newCore copies what peeling left.
func newCore(e *elimination, s *system, k part, alive []bool) *core {
	c := &core{e: e, rows: make([]map[int32]uint64, len(k.rows)), count: make([]int32, e.columns), where: make([][]int32, e.columns)}
	for i, r := range k.rows {
		if !alive[i] {
			continue
		}
		at, sign := s.across.line(r)
		c.rows[i] = make(map[int32]uint64, len(at))
		for n, u := range at {
			d := s.local[u]
			if e.zero[d] || e.pivoted[d] {
				continue
			}
			c.rows[i][d] = e.f.signed(sign[n])
			c.count[d]++
			c.where[d] = append(c.where[d], int32(i))
		}
		c.queue = append(c.queue, rowLength{int32(len(c.rows[i])), int32(i)})
	}
	heap.Init(&c.queue)
	return c
}

// run eliminates until no row is left.
func (c *core) run() {
	for {
		if n := len(c.singles); n > 0 {
			d := c.singles[n-1]
			c.singles = c.singles[:n-1]
			if c.count[d] == 1 && !c.e.pivoted[d] {
				c.step(c.holder(d), d)
			}
			continue
		}
		if len(c.queue) == 0 {
			return
		}
		top := heap.Pop(&c.queue).(rowLength)
		row := c.rows[top.row]
		if row == nil || len(row) != int(top.length) {
			continue
		}
		if len(row) == 0 {
			c.rows[top.row] = nil
			continue
		}
		best := int32(-1)
		for d := range row {
			if best < 0 || c.count[d] < c.count[best] || c.count[d] == c.count[best] && d < best {
				best = d
			}
		}
		c.step(top.row, best)
	}
}

// holder is a row that has the column.
func (c *core) holder(d int32) int32 {
	for _, i := range c.where[d] {
		if c.rows[i] != nil {
			if _, ok := c.rows[i][d]; ok {
				return i
			}
		}
	}
	return -1
}

// step makes column d the pivot of row i and takes it out of the other rows.
func (c *core) step(i, d int32) {
	e, f, row := c.e, c.e.f, c.rows[i]
	e.used[i] = true
	c.rows[i] = nil
	start := int32(len(e.entries))
	inverse := f.negative(f.inverse(row[d]))
	for m := range row {
		if m != d {
			e.entries = append(e.entries, m)
		}
		c.count[m]--
	}
	entries := e.entries[start:]
	slices.Sort(entries)
	for _, m := range entries {
		e.factors = append(e.factors, f.mul(row[m], inverse))
	}
	factors := e.factors[start:]
	for _, t := range c.where[d] {
		if c.rows[t] == nil {
			continue
		}
		if v, ok := c.rows[t][d]; ok {
			c.substitute(t, d, v, entries, factors)
		}
	}
	for _, m := range entries {
		if c.count[m] == 1 {
			c.singles = append(c.singles, m)
		}
	}
	e.pivoted[d] = true
	c.where[d] = nil
	e.pivots = append(e.pivots, pivot{d, start, int32(len(e.entries))})
}

// substitute replaces column d, which row t has v times, by its entries.
func (c *core) substitute(t, d int32, v uint64, entries []int32, factors []uint64) {
	f, row := c.e.f, c.rows[t]
	delete(row, d)
	c.count[d]--
	for n, m := range entries {
		old, had := row[m]
		x := f.add(old, f.mul(v, factors[n]))
		switch {
		case x == 0:
			delete(row, m)
			c.count[m]--
		case had:
			row[m] = x
		default:
			row[m] = x
			c.count[m]++
			c.where[m] = append(c.where[m], t)
		}
	}
	heap.Push(&c.queue, rowLength{int32(len(row)), t})
}

// vector is a random vector of the null space: free columns are random, the others
// follow.
func (e *elimination) vector(d *dice) []uint64 {
	x := make([]uint64, e.columns)
	for i := range x {
		if !e.zero[i] && !e.pivoted[i] {
			x[i] = d.element(e.f)
		}
	}
	for n := len(e.pivots) - 1; n >= 0; n-- {
		p := e.pivots[n]
		var sum uint64
		for m := p.start; m < p.end; m++ {
			if v := x[e.entries[m]]; v != 0 {
				sum = e.f.add(sum, e.f.mul(v, e.factors[m]))
			}
		}
		x[p.column] = sum
	}
	return x
}

// rowLength is a row with its number of entries when it was queued.
type rowLength struct{ length, row int32 }

// shortest is a heap of rows, the shortest first.
type shortest []rowLength

func (q shortest) Len() int      { return len(q) }
func (q shortest) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q shortest) Less(i, j int) bool {
	if q[i].length != q[j].length {
		return q[i].length < q[j].length
	}
	return q[i].row < q[j].row
}

// Push and Pop are for container/heap.
func (q *shortest) Push(x any) { *q = append(*q, x.(rowLength)) }

// Pop takes the last.
func (q *shortest) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}
