package protect

import (
	"cmp"
	"slices"
)

// entry is a coefficient of an equation.
type entry struct {
	column int32
	value  uint64
}

// row is an equation that is sparse: entries by ascending column, none zero.
type row []entry

func (r row) find(column int32) (uint64, bool) {
	i, found := slices.BinarySearchFunc(r, column, func(e entry, c int32) int { return cmp.Compare(e.column, c) })
	if !found {
		return 0, false
	}
	return r[i].value, true
}

// pivot is a column that one equation gives in terms of columns eliminated later or
// never.
type pivot struct {
	column int32
	row    row
}

// elimination brings equations to echelon form on chosen columns.
type elimination struct {
	rows    []row
	columns [][]int32 // rows of a column, among them some that have lost it
	degree  []int32   // rows of a column
	chosen  []bool    // columns to eliminate
	live    []int32   // chosen columns of a row; −1 once the row is used
	single  []int32   // chosen columns of degree one, to look at
	byLive  [][]int32 // rows by the number of their chosen columns, with stale entries
	pivots  []pivot
}

// eliminate removes the chosen columns from the equations. Columns of degree one come
// first, since they bring no fill-in; then the shortest row and in it the rarest
// column.
//
// Inputs: rows, which it consumes; the number of columns; the columns to eliminate.
//
// Result: the pivots in the order of elimination, and the rows that are left, in
// which no chosen column stands.
//
// Notes: deterministic. Near-linear on tables; cubic at worst.
func eliminate(rows []row, columns int, chosen []bool) ([]pivot, []row) {
	e := &elimination{
		rows: rows, columns: incidence(rows, columns), degree: make([]int32, columns),
		chosen: chosen, live: make([]int32, len(rows)), byLive: make([][]int32, 64),
	}
	for c, list := range e.columns {
		e.degree[c] = int32(len(list))
	}
	for c := range int32(columns) {
		if chosen[c] && e.degree[c] == 1 {
			e.single = append(e.single, c)
		}
	}
	for r := range rows {
		for _, x := range rows[r] {
			if chosen[x.column] {
				e.live[r]++
			}
		}
		e.file(int32(r))
	}
	e.run()
	left := make([]row, 0, len(rows)-len(e.pivots))
	for r, content := range e.rows {
		if e.live[r] >= 0 && len(content) > 0 {
			left = append(left, content)
		}
	}
	return e.pivots, left
}

func incidence(rows []row, columns int) [][]int32 {
	count := make([]int32, columns)
	total := 0
	for _, r := range rows {
		for _, x := range r {
			count[x.column]++
		}
		total += len(r)
	}
	space := make([]int32, total)
	lists := make([][]int32, columns)
	for c, n := range count {
		lists[c], space = space[:0:n], space[n:]
	}
	for i, r := range rows {
		for _, x := range r {
			lists[x.column] = append(lists[x.column], int32(i))
		}
	}
	return lists
}

// file puts a row on the shelf of its number of chosen columns.
func (e *elimination) file(r int32) {
	if n := e.live[r]; n > 0 {
		shelf := min(int(n), len(e.byLive)-1)
		e.byLive[shelf] = append(e.byLive[shelf], r)
	}
}

func (e *elimination) run() {
	for {
		if n := len(e.single); n > 0 {
			c := e.single[n-1]
			e.single = e.single[:n-1]
			if e.chosen[c] && e.degree[c] == 1 {
				e.use(e.onlyRow(c), c)
			}
			continue
		}
		r, found := e.shortest()
		if !found {
			return
		}
		e.use(r, e.rarest(r))
	}
}

// onlyRow is the row that a column of degree one stands in.
func (e *elimination) onlyRow(c int32) int32 {
	for _, r := range e.columns[c] {
		if e.live[r] >= 0 {
			if _, found := e.rows[r].find(c); found {
				return r
			}
		}
	}
	panic("a column of degree one stands in no row")
}

// shortest is the row with the fewest chosen columns, one at least.
func (e *elimination) shortest() (int32, bool) {
	last := len(e.byLive) - 1
	for n := 1; n < last; n++ {
		for len(e.byLive[n]) > 0 {
			r := e.byLive[n][len(e.byLive[n])-1]
			e.byLive[n] = e.byLive[n][:len(e.byLive[n])-1]
			if e.live[r] == int32(n) {
				return r, true
			}
		}
	}
	// The last shelf holds all the longer rows: take the shortest of them and drop
	// what is stale.
	best, kept := int32(-1), e.byLive[last][:0]
	for _, r := range e.byLive[last] {
		if e.live[r] < int32(last) || best >= 0 && r == best {
			continue
		}
		kept = append(kept, r)
		if best < 0 || e.live[r] < e.live[best] {
			best = r
		}
	}
	e.byLive[last] = kept
	return best, best >= 0
}

// rarest is the chosen column of a row that stands in the fewest others.
func (e *elimination) rarest(r int32) int32 {
	best := int32(-1)
	for _, x := range e.rows[r] {
		if e.chosen[x.column] && (best < 0 || e.degree[x.column] < e.degree[best]) {
			best = x.column
		}
	}
	return best
}

// use takes a row as the equation of a column and removes the column from the others.
func (e *elimination) use(r, c int32) {
	content := e.rows[r]
	e.live[r] = -1
	value, _ := content.find(c)
	inverse := inverseMod(value)
	for _, x := range content {
		e.lose(x.column)
	}
	if e.degree[c] > 0 {
		for _, other := range e.columns[c] {
			if e.live[other] < 0 {
				continue
			}
			if v, found := e.rows[other].find(c); found {
				e.subtract(other, content, mulMod(v, inverse))
			}
		}
	}
	e.columns[c] = nil
	e.pivots = append(e.pivots, pivot{column: c, row: content})
}

// lose notes that a column has left a row.
func (e *elimination) lose(c int32) {
	e.degree[c]--
	if e.chosen[c] && e.degree[c] == 1 {
		e.single = append(e.single, c)
	}
}

// subtract takes factor times a row from another.
func (e *elimination) subtract(target int32, from row, factor uint64) {
	old, minus := e.rows[target], negMod(factor)
	sum := make(row, 0, len(old)+len(from))
	i, j := 0, 0
	for i < len(old) || j < len(from) {
		switch {
		case j == len(from) || i < len(old) && old[i].column < from[j].column:
			sum = append(sum, old[i])
			i++
		case i == len(old) || from[j].column < old[i].column:
			c := from[j].column
			sum = append(sum, entry{column: c, value: mulMod(minus, from[j].value)})
			e.columns[c] = append(e.columns[c], target)
			e.degree[c]++
			if e.chosen[c] {
				e.live[target]++
			}
			j++
		default:
			v := addMod(old[i].value, mulMod(minus, from[j].value))
			if v != 0 {
				sum = append(sum, entry{column: old[i].column, value: v})
			} else {
				e.lose(old[i].column)
				if e.chosen[old[i].column] {
					e.live[target]--
				}
			}
			i++
			j++
		}
	}
	e.rows[target] = sum
	e.file(target)
}

// nullVector is a vector that satisfies the equations of the pivots: random in the
// columns that are free, solved for in the others.
func nullVector(pivots []pivot, columns int, chosen []bool, r *random) []uint64 {
	v := make([]uint64, columns)
	for c := range v {
		if chosen[c] {
			v[c] = r.element()
		}
	}
	for i := len(pivots) - 1; i >= 0; i-- {
		p := pivots[i]
		sum, own := uint64(0), uint64(0)
		for _, x := range p.row {
			if x.column == p.column {
				own = x.value
			} else if chosen[x.column] {
				sum = addMod(sum, mulMod(x.value, v[x.column]))
			}
		}
		v[p.column] = mulMod(negMod(sum), inverseMod(own))
	}
	return v
}
