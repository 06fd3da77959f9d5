package audit

import "slices"

const (
	// rounds is how many paths one search may join.
	rounds = 64
	// climbs is how many circuits one search may add up.
	climbs = 16
	// maxHalvings is how often one search may go on with circuits half as far, and less.
	maxHalvings = 4
	// dearest is the largest cost of one path.
	dearest = 48
)

// search looks for sparse integer vectors that keep every equation and stay within
// the bounds of one measure. A cell that moves leaves imbalances in its equations; a
// shortest path of moves carries an imbalance to one of the opposite sign, until none
// is left.
type search struct {
	s       *system
	room    []room // unknown → how far it may move, of the measure, in the way tried
	ways    []way
	way     int
	measure int
	unit    int64

	start   int32      // the unknown that must move
	sign    int64      // and where to
	by      []int64    // unknown → by how much it moves, in units
	base    [2][]int64 // way → unknown → by how much earlier circuits moved it
	based   []int32
	climbed bool // whether there were earlier circuits
	moved   []int32
	off     []int32 // row → imbalance, in units
	unequal []int32 // rows that had an imbalance
	effort
	budget int
	dear   []uint8 // unknown → what moving it costs besides; nil: nothing

	mark    []uint32 // state → search that reached it
	epoch   uint32
	cost    []uint8
	from    []arrow // state → how it was reached
	buckets [dearest + 1][]int32
}

// room is by how much an unknown may move: down ≤ 0 ≤ up.
type room struct{ down, up int64 }

// rooms are the intervals of a measure around the true values.
func (b *bounds) rooms(measure int) []room {
	all := make([]room, len(b.s.cells))
	for u, c := range b.s.cells {
		all[u] = room{-unbounded, unbounded}
		v := b.a.p.Cells[c].Values[measure]
		if lo := b.lo[measure][u]; lo != -unbounded {
			all[u].down = lo - v
		}
		if hi := b.hi[measure][u]; hi != unbounded {
			all[u].up = hi - v
		}
	}
	return all
}

// arrow is the move that led to a state, from another one.
type arrow struct {
	before  int32 // state, or −1
	unknown int32
	by      int8
}

// effort is how a search is done: how many moves it may look at, what each imbalance
// costs that a path leaves behind, where it begins to look, and whether it may undo
// moves. Imbalances are taken in their order, or the last first where turn is odd.
type effort struct {
	arcs, penalty, turn int
	undo                bool
}

// turns is how many efforts there are. What one does not find another may.
// After the first few, nothing is tried that need not be proven.
const turns, fewTurns = 28, 2

// newEffort is the effort of a turn.
func newEffort(turn int) effort {
	penalties := [...]int{4, 2, 8, 1, 3, 6, 4, 2, 6}
	arcs := 10000
	if turn == 0 {
		arcs = 4000
	}
	return effort{arcs, penalties[turn%len(penalties)], turn, turn%5 == 4}
}

// newSearch makes a search to be used many times, by one goroutine.
func newSearch(s *system) *search {
	states := 2*len(s.rows) + 1
	return &search{
		s: s, by: make([]int64, len(s.cells)), base: [2][]int64{make([]int64, len(s.cells)), make([]int64, len(s.cells))}, off: make([]int32, len(s.rows)),
		mark: make([]uint32, states), cost: make([]uint8, states), from: make([]arrow, states),
	}
}

// reset forgets the moves of the last search.
func (f *search) reset() {
	for _, u := range f.moved {
		f.by[u] = 0
	}
	for _, r := range f.unequal {
		f.off[r] = 0
	}
	f.moved, f.unequal = f.moved[:0], f.unequal[:0]
}

// may says whether an unknown can move by one more unit.
func (f *search) may(u int32, by int64) bool {
	if u == f.start && by != f.sign {
		return false
	}
	if !f.undo && f.by[u]*by < 0 {
		return false
	}
	d := (f.by[u] + by) * f.unit
	if f.climbed {
		d += f.base[f.way][u]
	}
	return d >= f.room[u].down && d <= f.room[u].up
}

// move moves an unknown by one unit and enters the imbalances.
func (f *search) move(u int32, by int64) {
	if f.by[u] == 0 {
		f.moved = append(f.moved, u)
	}
	f.by[u] += by
	rows, sign := f.s.along.line(u)
	for n, r := range rows {
		if f.off[r] == 0 {
			f.unequal = append(f.unequal, r)
		}
		f.off[r] += int32(sign[n]) * int32(by)
	}
}

// circuit moves an unknown by one unit up or down, and others so that all equations
// hold. The moves are in f.moved and f.by.
func (f *search) circuit(u int32, sign int64) bool {
	f.reset()
	f.start, f.sign, f.budget = u, sign, f.arcs
	if !f.may(u, sign) {
		return false
	}
	f.move(u, sign)
	done := 0
	for range rounds {
		for done < len(f.unequal) && f.off[f.unequal[done]] == 0 {
			done++
		}
		if done == len(f.unequal) {
			return f.by[u] != 0
		}
		next := done
		if f.turn%2 == 1 {
			next = len(f.unequal) - 1
			for f.off[f.unequal[next]] == 0 {
				next--
			}
		}
		if !f.carry(f.unequal[next]) {
			return false
		}
	}
	return false
}

// carry removes one unit of the imbalance of a row along a cheapest path.
func (f *search) carry(row int32) bool {
	f.epoch++
	for i := range f.buckets {
		f.buckets[i] = f.buckets[i][:0]
	}
	sign := int32(0)
	if f.off[row] > 0 {
		sign = 1
	}
	f.reach(2*row+sign, 0, arrow{before: -1})
	for cost := range f.buckets {
		for n := 0; n < len(f.buckets[cost]); n++ { //nolint:intrange // the bucket grows
			state := f.buckets[cost][n]
			if int(f.cost[state]) != cost {
				continue
			}
			if state == f.goal() {
				return f.apply(f.from[state])
			}
			if last, ok := f.expand(state, cost); ok {
				return f.apply(last)
			}
			if f.budget < 0 {
				return false
			}
		}
	}
	return false
}

// reach notes a state that can be reached at a cost.
func (f *search) reach(state int32, cost int, how arrow) {
	if cost > dearest || f.mark[state] == f.epoch && int(f.cost[state]) <= cost {
		return
	}
	f.mark[state], f.cost[state], f.from[state] = f.epoch, uint8(cost), how
	f.buckets[cost] = append(f.buckets[cost], state)
}

// expand looks at all moves that cancel the imbalance of a state. A state is 2·row,
// plus one if the imbalance is positive.
func (f *search) expand(state int32, cost int) (arrow, bool) {
	row, want := state/2, int64(1-2*(state%2))
	at, sign := f.s.across.line(row)
	f.budget -= len(at)
	begin := f.begin(row, len(at))
	for n := range at {
		if n += begin; n >= len(at) {
			n -= len(at)
		}
		u := at[n]
		by := want * int64(sign[n])
		if !f.may(u, by) {
			continue
		}
		how := arrow{state, u, int8(by)}
		rows, signs := f.s.along.line(u)
		open := 0
		for m, r := range rows {
			if r != row && !f.cancels(r, int64(signs[m])*by) {
				open++
			}
		}
		if open == 0 {
			if f.extra(u) == 0 {
				return how, true
			}
			f.reach(f.goal(), cost+1+f.extra(u), how)
		}
		for m, r := range rows {
			if e := int64(signs[m]) * by; r != row && !f.cancels(r, e) {
				next := 2 * r
				if e > 0 {
					next++
				}
				f.reach(next, cost+1+f.penalty*(open-1)+f.extra(u), how)
			}
		}
	}
	return arrow{}, false
}

// begin is the entry of a row, of n, that is looked at first.
func (f *search) begin(row int32, n int) int {
	if f.turn == 0 {
		return 0
	}
	d := dice(uint64(row)<<8 | uint64(f.turn))
	return int(d.next() % uint64(n))
}

// goal is the state in which no imbalance is left.
func (f *search) goal() int32 { return int32(len(f.mark) - 1) }

// extra is what moving an unknown costs besides.
func (f *search) extra(u int32) int {
	if f.dear == nil {
		return 0
	}
	return int(f.dear[u])
}

// cancels says whether an imbalance e meets one of the opposite sign in a row.
func (f *search) cancels(row int32, e int64) bool {
	return int64(f.off[row])*e < 0
}

// apply makes the moves of a path, the last first.
func (f *search) apply(last arrow) bool {
	for range 4 * dearest {
		if !f.may(last.unknown, int64(last.by)) {
			return false
		}
		f.move(last.unknown, int64(last.by))
		if last = f.from[last.before]; last.before < 0 {
			return true
		}
	}
	return false
}

// climb moves an unknown by need at least, up or down, by one circuit or several. The
// moves are in f.based and f.base.
func (f *search) climb(u int32, sign, need, step int64) bool {
	for _, v := range f.based {
		f.base[0][v], f.base[1][v] = 0, 0
	}
	f.based, f.climbed = f.based[:0], false
	left := (need + step - 1) / step
	for unit, tries, failed := left, 0, 0; unit > 0 && tries < climbs; tries++ {
		f.unit = unit * step
		if !f.either(u, sign) {
			if failed++; failed > f.turn%maxHalvings {
				return false
			}
			unit /= 2
			continue
		}
		for _, v := range f.moved {
			if f.by[v] != 0 {
				f.based = append(f.based, v)
				f.base[f.way][v] += f.by[v] * f.unit
				f.by[v] = 0
			}
		}
		f.climbed = true
		left -= unit
		if left <= 0 {
			return true
		}
		unit = min(unit, left)
	}
	return false
}

// either tries a circuit in all ways.
func (f *search) either(u int32, sign int64) bool {
	for n := range f.ways {
		f.way = (n + f.turn) % len(f.ways)
		f.room = f.ways[f.way].room
		if f.circuit(u, sign) {
			return true
		}
	}
	return false
}

// moves is what climb found, of the measure and of that which moves along.
func (f *search) moves() []move {
	slices.Sort(f.based)
	f.based = slices.Compact(f.based)
	var all, along []move
	with := f.ways[len(f.ways)-1]
	for _, u := range f.based {
		if by := f.base[0][u] + f.base[1][u]; by != 0 {
			all = append(all, move{figure{f.s.cells[u], f.measure}, by})
		}
		if by := f.base[1][u]; by != 0 {
			along = append(along, move{figure{f.s.cells[u], with.along}, by})
		}
	}
	return with.together(all, along)
}
