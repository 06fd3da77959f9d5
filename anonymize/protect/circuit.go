package protect

import (
	"math"
	"slices"
)

// circuits finds cheap circuits: sets of columns that balance one another, so that
// an attacker cannot tell their values.
//
// Rows are settled by ascending cost of the columns that take up an imbalance in
// them; a column takes up the imbalance of its last row once its others are settled
// (Knuth, A generalization of Dijkstra's algorithm, Information Processing Letters 6,
// 1977). Rows that others imply need no column: they are the roots, where settling
// starts, and are chosen as near to the wanted column as they can be. Each circuit
// is computed through before it is given. A circuit that exists can be missed, when
// its rows cannot be settled one by one.
type circuits struct {
	*matrix
	*market
	dependent *matrix
	known     [len(reach)]map[int32]*neighbourhood

	kept    int // rows of the neighbourhoods that are kept
	work    int // entries looked at so far
	stamp   int32
	near    []int32 // stamp of the rows of the neighbourhood
	settled []int32 // stamp of the settled rows
	by      []int32 // column that takes up the imbalance of a row; −1 for a root
	open    []int32 // unsettled rows of a column
	opened  []int32 // stamp of open
	sum     []float64
	order   []int32 // settled rows in order
	queue   queue

	avoided  []int32 // stamp
	flow     []uint64
	uneven   []uint64
	touched  []int32
	visiting []int32 // stamp
	position []int32 // place of a visited row
}

// reach are the numbers of rows that a search looks at, one after the other.
var reach = [...]int{40, 120, 600, 3000, math.MaxInt}

// mostKept bounds the neighbourhoods that are kept, in rows of four bytes.
const mostKept = 30_000_000

// neighbourhood are the rows nearest to a column, and those of them that the others
// imply.
type neighbourhood struct{ rows, roots []int32 }

func newCircuits(m *matrix, prices *market) *circuits {
	r, c := len(m.rows), len(m.columns)
	s := &circuits{
		matrix: m, market: prices, dependent: m.dependencies(),
		near: make([]int32, r), settled: make([]int32, r), by: make([]int32, r),
		open: make([]int32, c), opened: make([]int32, c), sum: make([]float64, c), avoided: make([]int32, c),
		flow: make([]uint64, c), uneven: make([]uint64, r), visiting: make([]int32, r), position: make([]int32, r),
	}
	for i := range s.known {
		s.known[i] = map[int32]*neighbourhood{}
	}
	return s
}

// through finds a cheap circuit that passes through a column and avoids others,
// looking no farther than reach[far].
//
// Result: its columns, the wanted one first, and whether one was found.
func (s *circuits) through(column int32, avoid []int32, far int) ([]int32, bool) {
	for i := 0; i <= far; i++ {
		if used, found := s.within(column, avoid, i, math.Inf(1)); found {
			return used, true
		}
		if len(s.columns[column]) == 0 || len(s.neighbourhood(column, i).rows) < reach[i] {
			break // there is nothing farther
		}
	}
	return nil, false
}

// within finds a cheap circuit in one neighbourhood, if there is one for less than a
// bound.
func (s *circuits) within(column int32, avoid []int32, far int, bound float64) ([]int32, bool) {
	if len(s.columns[column]) == 0 {
		return []int32{column}, true // in no equation: nothing tells its value
	}
	if !s.settle(column, avoid, s.neighbourhood(column, far), bound) {
		return nil, false
	}
	return s.balance(column)
}

// neighbourhood gives the rows nearest to a column.
func (s *circuits) neighbourhood(column int32, far int) *neighbourhood {
	if n := s.known[far][column]; n != nil {
		return n
	}
	s.stamp++
	n := &neighbourhood{}
	add := func(c int32) {
		for _, y := range s.columns[c] {
			if s.visiting[y.row] != s.stamp {
				s.visiting[y.row], s.position[y.row] = s.stamp, int32(len(n.rows))
				n.rows = append(n.rows, y.row)
			}
		}
	}
	add(column)
	for i := 0; i < len(n.rows) && len(n.rows) < reach[far]; i++ {
		for _, x := range s.rows[n.rows[i]] {
			add(x.column)
		}
	}
	n.roots = s.roots(n.rows)
	if s.kept += len(n.rows) + len(n.roots); s.kept > mostKept {
		for i := range s.known {
			s.known[i] = map[int32]*neighbourhood{}
		}
		s.kept = 0
	}
	s.known[far][column] = n
	return n
}

// roots chooses among visited rows some that the others imply, the first ones first:
// the leading places of the dependencies in echelon form.
func (s *circuits) roots(rows []int32) []int32 {
	leading := map[int32]row{}
	at := map[int32]bool{}
	for _, r := range rows {
		for _, x := range s.dependent.columns[r] {
			if at[x.row] {
				continue
			}
			at[x.row] = true
			way := s.placed(s.dependent.rows[x.row])
			for len(way) > 0 {
				other, taken := leading[way[0].column]
				if !taken {
					leading[way[0].column] = way
					break
				}
				way = way.less(other, mulMod(way[0].value, inverseMod(other[0].value)))
			}
		}
	}
	roots := make([]int32, 0, len(leading))
	for place, r := range rows {
		if _, found := leading[int32(place)]; found {
			roots = append(roots, r)
		}
	}
	return roots
}

// placed is a dependency by the places of the visited rows.
func (s *circuits) placed(way row) row {
	list := make(row, 0, len(way))
	for _, x := range way {
		if s.visiting[x.column] == s.stamp {
			list = append(list, entry{column: s.position[x.column], value: x.value})
		}
	}
	slices.SortFunc(list, func(a, b entry) int { return int(a.column - b.column) })
	return list
}

// settle settles rows of a neighbourhood until those of the column are, and reports
// whether they are.
func (s *circuits) settle(column int32, avoid []int32, n *neighbourhood, bound float64) bool {
	s.stamp++
	for _, r := range n.rows {
		s.near[r] = s.stamp
	}
	for _, c := range avoid {
		s.avoided[c] = s.stamp
	}
	s.avoided[column] = s.stamp
	s.order, s.queue = s.order[:0], s.queue[:0]
	for _, r := range n.roots {
		s.queue.push(settling{row: r, column: -1})
	}
	missing := len(s.columns[column])
	for len(s.queue) > 0 && missing > 0 {
		x := s.queue.pop()
		if s.settled[x.row] == s.stamp {
			continue
		}
		if x.cost >= bound {
			return false
		}
		s.settled[x.row], s.by[x.row] = s.stamp, x.column
		s.order = append(s.order, x.row)
		for _, y := range s.columns[column] {
			if y.row == x.row {
				missing--
			}
		}
		s.work += len(s.rows[x.row])
		for _, y := range s.rows[x.row] {
			if (s.free[y.column] || !s.frugal) && s.avoided[y.column] != s.stamp {
				s.advance(y.column, x.cost)
			}
		}
	}
	return missing == 0
}

// advance notes that one more row of a column is settled.
func (s *circuits) advance(c int32, cost float64) {
	if s.opened[c] != s.stamp {
		s.opened[c], s.open[c], s.sum[c] = s.stamp, int32(len(s.columns[c])), s.cost(c)
	}
	s.open[c]--
	s.sum[c] += cost
	if s.open[c] != 1 {
		return
	}
	for _, z := range s.columns[c] {
		if s.settled[z.row] != s.stamp && s.near[z.row] == s.stamp {
			s.queue.push(settling{cost: s.sum[c], row: z.row, column: c})
		}
	}
}

// balance computes the circuit through: the column by one, and for each row that it
// puts out of balance, from the last settled to the first, the column that evens it.
func (s *circuits) balance(column int32) ([]int32, bool) {
	used := []int32{column}
	s.touched = s.touched[:0]
	s.apply(column, 1)
	for _, r := range slices.Backward(s.order) {
		c := s.by[r]
		if c < 0 || s.uneven[r] == 0 {
			continue
		}
		var own uint64
		for _, x := range s.columns[c] {
			if x.row == r {
				own = x.value
			}
		}
		f := mulMod(negMod(s.uneven[r]), inverseMod(own))
		if s.flow[c] == 0 {
			used = append(used, c)
		}
		s.flow[c] = addMod(s.flow[c], f)
		s.apply(c, f)
	}
	even := true
	for _, r := range s.touched {
		even = even && s.uneven[r] == 0
		s.uneven[r] = 0
	}
	kept := used[:1]
	for _, c := range used[1:] {
		if s.flow[c] != 0 {
			kept = append(kept, c)
		}
		s.flow[c] = 0
	}
	return kept, even
}

func (s *circuits) apply(c int32, f uint64) {
	for _, x := range s.columns[c] {
		if s.uneven[x.row] == 0 {
			s.touched = append(s.touched, x.row)
		}
		s.uneven[x.row] = addMod(s.uneven[x.row], mulMod(f, x.value))
	}
}
