package problem

import (
	"fmt"
	"io/fs"
	"slices"
)

// equations are sums of cells. Members of equation e are
// members[end[e−1]:end[e]].
type equations struct {
	total   []int32
	end     []int
	members []int32
	// first is by cell the last equation of which it is the total, before is by
	// equation the one before it with the same total; −1 ends the list.
	first, before []int32
}

// buildProblem makes the equations and checks that they hold.
func (r *reader) buildProblem(fs.FS) error {
	for number, t := range r.tables {
		if !t.detail {
			r.implyZeros(t, int32(number))
		}
	}
	if r.faults.count() > 0 {
		return nil
	}
	e := &equations{first: make([]int32, len(r.cells.key))}
	for i := range e.first {
		e.first[i] = -1
	}
	for number, t := range r.tables {
		for _, i := range t.cells {
			r.cells.stamp[i] = int32(number)
		}
		uneven := &uneven{}
		for _, dim := range t.dims {
			d := r.dims[dim]
			if d.flat {
				r.sum(e, t, int32(number), dim, nil, uneven)
			}
			for _, g := range d.groupings {
				r.sum(e, t, int32(number), dim, g, uneven)
			}
		}
		if uneven.totals > 0 {
			r.notef("%s: the frequency of %d totals is not the sum of their members (first: %s); contributors are taken to be different in each member", t.file, uneven.totals, uneven.example)
		}
	}
	r.equations = e
	return nil
}

// uneven counts totals whose contributors are not those of their members.
type uneven struct {
	totals  int
	example string
}

// above returns the code above another in a grouping, −1 if there is none. Without a
// grouping it is the total.
func above(g *grouping, code uint32) int32 {
	switch {
	case code == total:
		return noParent
	case g == nil:
		return total
	default:
		return g.parent[code]
	}
}

// implyZeros gives a cell to each combination that a table lacks although it has
// members of it that are not known to be zero. The combination is zero.
func (r *reader) implyZeros(t *table, number int32) {
	for _, i := range t.cells {
		r.cells.stamp[i] = number
	}
	groupings := func(d *dimension) []*grouping {
		if d.flat {
			return []*grouping{nil}
		}
		return d.groupings
	}
	have := len(t.cells)
	for _, dim := range t.dims {
		for _, g := range groupings(r.dims[dim]) {
			for _, i := range t.cells[:have] {
				p := above(g, r.layout.code(r.cells.key[i], dim))
				if p == noParent || r.known(i) {
					continue
				}
				j, found := r.cells.add(r.layout.with(r.cells.key[i], dim, uint32(p)), number, 0)
				if found && r.cells.in(j, number) {
					continue
				}
				if !found {
					r.cells.implied[j] = true
				} else if !r.cells.zero(j) {
					first := r.tables[r.cells.table[j]].file
					r.faults.addf(place{file: t.file}, "there is no row for %s, which makes it zero, and it is %s in %s; add the row", r.combination(t, r.cells.key[j]), decimal{r.cells.value[j], r.places}, first)
				}
				r.cells.stamp[j] = number
				t.cells = append(t.cells, j)
			}
		}
	}
}

// known reports whether every reader knows a cell to be zero.
func (r *reader) known(i int32) bool {
	return r.cells.zero(i) && (r.Zeros == zerosKnown || r.cells.implied[i])
}

// sum adds the equations of one table, dimension and grouping: for each combination
// whose code has others below it, the total and its members.
func (r *reader) sum(e *equations, t *table, number int32, dim int, g *grouping, u *uneven) {
	// down: by code, whether the table has any code below it.
	down := make([]bool, len(r.dims[dim].codes))
	end := make([]int32, len(r.cells.key)+1)
	parent := make([]int32, len(t.cells))
	for k, i := range t.cells {
		parent[k] = -1
		key := r.cells.key[i]
		p := above(g, r.layout.code(key, dim))
		if p == noParent {
			continue
		}
		down[p] = true
		if j, found := r.cells.index[r.layout.with(key, dim, uint32(p))]; found && r.cells.in(j, number) {
			parent[k] = j
			end[j+1]++
		}
	}
	for j := range r.cells.key {
		end[j+1] += end[j]
	}
	list := make([]int32, end[len(end)-1])
	at := slices.Clone(end)
	for k, j := range parent {
		if j >= 0 {
			list[at[j]] = t.cells[k]
			at[j]++
		}
	}
	for _, i := range t.cells {
		members := list[end[i]:end[i+1]]
		if len(members) == 0 && !down[r.layout.code(r.cells.key[i], dim)] {
			continue
		}
		slices.Sort(members)
		if r.adds(t, dim, i, members, u) && !r.allKnown(i, members) {
			e.add(i, members)
		}
	}
}

// adds checks that a total is the sum of its members.
func (r *reader) adds(t *table, dim int, i int32, members []int32, u *uneven) bool {
	c := r.cells
	var value, count int64
	for _, m := range members {
		count += c.count[m]
		if value += c.value[m]; size(value) > 1<<62 {
			break
		}
	}
	if value == c.value[i] {
		if count != c.count[i] && !c.implied[i] {
			if u.totals++; u.totals == 1 {
				u.example = fmt.Sprintf("%s has %d, its members in %s have %d", r.combination(t, c.key[i]), c.count[i], r.dims[dim].name, count)
			}
		}
		return true
	}
	if r.faults.full() {
		r.faults.found.More++
		return false
	}
	at, name, sum := place{file: t.file, column: r.Value}, r.combination(t, c.key[i]), decimal{value, r.places}
	row := slices.Index(t.cell, i)
	if row < 0 {
		r.faults.addf(at, "there is no row for %s, which makes it zero, and its members in %s add up to %s; add the row", name, r.dims[dim].name, sum)
		return false
	}
	at.line = int(t.line[row])
	r.faults.addf(at, "%s is %s, and its members in %s add up to %s; correct the figures, or add the rows that are missing", name, decimal{c.value[i], r.places}, r.dims[dim].name, sum)
	return false
}

// allKnown reports whether an equation says nothing: all its cells are known zeros.
func (r *reader) allKnown(i int32, members []int32) bool {
	return r.known(i) && !slices.ContainsFunc(members, func(m int32) bool { return !r.known(m) })
}

// add records an equation unless it is there already. Members are sorted.
func (e *equations) add(total int32, members []int32) {
	for i := e.first[total]; i >= 0; i = e.before[i] {
		if slices.Equal(e.list(i), members) {
			return
		}
	}
	e.before = append(e.before, e.first[total])
	e.first[total] = int32(len(e.total))
	e.total = append(e.total, total)
	e.members = append(e.members, members...)
	e.end = append(e.end, len(e.members))
}

// list returns the members of an equation.
func (e *equations) list(i int32) []int32 {
	start := 0
	if i > 0 {
		start = e.end[i-1]
	}
	return e.members[start:e.end[i]:e.end[i]]
}
