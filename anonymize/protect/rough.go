package protect

import (
	"cmp"
	"slices"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// rough makes a mask of a large problem in near-linear time: equations are patched one
// by one, then each secret is proven to be free to move, by a walk over hidden variables
// or over some that it hides; then what a lone contributor learns is mended likewise, and
// what no proof needs is given back.
type rough struct {
	*patcher
	rooms    []kind
	walkers  []*walker   // by kind
	crew     [][]*walker // the same for each thread
	needs    []need
	witness  [][]int32 // by need: the secondaries that its move uses; nil: it has none
	users    [][]int32 // by variable: needs whose moves use it, some of them once
	base     [][]int32 // by kind and variable: the need that it can move, or by its level
	tried    map[string]bool
	searched map[int32]bool // needs that the search for moves has had
	usual    []float64      // price, but while it is varied
	r        random
	work     int            // steps walked
	clean    bool           // an attack finds nothing
	joined   map[int32]bool // hidden for what no equation says by itself
}

// kind are measures in which the same variables can fall.
type kind struct {
	measure int     // one of them
	unit    int64   // what a move is at least
	room    []int64 // how far a variable can fall
	secret  []bool
	level   []tabular.Level
	levels  bool // any is above zero
}

// rungs are how hard a walk tries, one after the other.
var rungs = []walk{
	{steps: 30, length: 14, wide: 4}, {steps: 100, length: 16, wide: 6}, {steps: 300, length: 20, wide: 8, climbs: 4},
	{steps: 300, length: 24, wide: 6, tries: 10, climbs: 8},
}

// dearer are the walks that may hide more and more.
var dearer = []walk{
	{steps: 300, length: 14, wide: 8, budget: 1.3}, {steps: 1000, length: 20, wide: 8, budget: 1.3},
	{steps: 1000, length: 20, wide: 8, budget: 2.6}, {steps: 3000, length: 24, wide: 8, budget: 4.5},
	{steps: 1000, length: 30, wide: 8, budget: 9, tries: 20},
	{steps: 2000, length: 50, wide: 12, budget: 20, tries: 20},
}

// dearest are walks for protection levels, where partners must be large enough.
var dearest = []walk{
	{steps: 2000, length: 30, wide: 12, budget: 40, tries: 10, climbs: 4}, {steps: 2000, length: 30, wide: 12, budget: 100, tries: 10, climbs: 4},
	{steps: 2000, length: 30, wide: 12, budget: 300, tries: 10, climbs: 4},
}

func newRough(s *system) *rough {
	r := &rough{patcher: newPatcher(s), users: make([][]int32, len(s.cells)), tried: map[string]bool{}, joined: map[int32]bool{}, searched: map[int32]bool{}}
	r.usual, r.r = slices.Clone(r.price), random{state: 1}
	r.rooms = s.kinds()
	r.walkers = r.newWalkers()
	return r
}

// newWalkers are a walker for each kind of room.
func (r *rough) newWalkers() (list []*walker) {
	for k := range r.rooms {
		list = append(list, newWalker(r.system, r.unknown, r.hidden, &r.rooms[k], r.price))
	}
	return list
}

// kinds are the rooms of the measures, but those that follow from others.
func (s *system) kinds() (list []kind) {
	n := len(s.cells)
	for k, m := range s.problem.Measures {
		if m.Distinct {
			continue
		}
		unit := int64(1)
		if m.Whole {
			unit = s.unit(k)
		}
		x := kind{measure: k, unit: unit, room: make([]int64, n), secret: make([]bool, n), level: make([]tabular.Level, n)}
		for v := range int32(n) {
			x.room[v], x.secret[v], x.level[v] = s.value(k, v)-s.floor(k), s.secret(k, v), s.level(k, v)
			x.levels = x.levels || x.level[v] != tabular.Level{}
		}
		list = append(list, x)
	}
	for i := 0; i < len(list); i++ {
		for j := range list {
			if i != j && list[j].implies(&list[i]) {
				list = slices.Delete(list, i, i+1)
				i--
				break
			}
		}
	}
	return list
}

// implies reports whether what is proven in one kind is in another.
func (k *kind) implies(other *kind) bool {
	for v := range k.room {
		if k.room[v] >= k.unit && other.room[v] < other.unit || other.secret[v] && !k.secret[v] {
			return false
		}
	}
	return !other.levels
}

// attacks is how often at most a rough mask is attacked and mended.
const attacks = 12

// make makes the mask.
func (r *rough) make() {
	r.patch()
	for k := range r.rooms {
		r.base = append(r.base, slices.Repeat([]int32{none}, len(r.cells)))
		for v := range int32(len(r.cells)) {
			if r.rooms[k].secret[v] {
				r.base[k][v] = int32(len(r.needs))
				r.add(need{column: v, measure: k, level: r.rooms[k].level[v]})
			}
		}
	}
	r.mend()
}

// mend attacks the mask and mends it until an attack finds nothing.
func (r *rough) mend() {
	for range attacks {
		r.prove(r.open())
		r.search()
		r.prune()
		if r.clean = r.learn(); r.clean {
			return
		}
	}
}

// left are the needs that it found no way to meet.
func (r *rough) left() (list []need) {
	for _, i := range r.open() {
		list = append(list, r.needs[i])
	}
	return list
}

// open are the needs that are not met.
func (r *rough) open() (list []int32) {
	for i := range r.needs {
		if r.witness[i] == nil {
			list = append(list, int32(i))
		}
	}
	return list
}

// search meets needs for which no walk is found by the search for moves in the equations
// around.
func (r *rough) search() {
	open := r.open()
	open = slices.DeleteFunc(open, func(i int32) bool { return r.searched[i] })
	if len(open) == 0 {
		return
	}
	exact := *r.system
	exact.hidden = r.hidden
	m := &masking{system: &exact, masks: 1, bounded: true}
	var from, of []int32
	for _, i := range open {
		r.searched[i] = true
		from = append(from, r.needs[i].column)
		for _, n := range r.exactly(i) {
			m.needs, of = append(m.needs, n), append(of, i)
		}
	}
	const rows, each = 1500, 300
	f := m.searchIn(r.around(from, rows+each*len(from)))
	f.levels.far = len(reach) - 1 // what is near must do
	unmet := map[int32]bool{}
	for _, k := range f.start(1) {
		unmet[of[k]] = true
	}
	used := map[int32][]int32{}
	for k, i := range of {
		used[i] = append(used[i], f.witness[k]...)
	}
	for _, i := range open {
		if !unmet[i] {
			slices.Sort(used[i])
			r.support(i, append([]int32{}, slices.Compact(used[i])...))
		}
	}
	for _, v := range f.secondaries() {
		r.hide(v)
	}
	r.patch()
}

// exactly is a need as the search for moves has it.
func (r *rough) exactly(i int32) []need {
	n := r.needs[i]
	n.measure = r.rooms[n.measure].measure
	if n.level != (tabular.Level{}) {
		return r.shifts(n.measure, n.column)
	}
	n.moves = true
	return []need{n}
}

// around are the equations nearest to some variables, about so many.
func (r *rough) around(from []int32, limit int) (list []row) {
	inside, seen := make([]bool, len(r.equations)), make([]bool, len(r.cells))
	count := 0
	queue := slices.Clone(from)
	for n := 0; n < len(queue) && count < limit; n++ {
		for _, i := range r.of[queue[n]] {
			if inside[i] {
				continue
			}
			inside[i], count = true, count+1
			for _, v := range append([]int32{r.equations[i].total}, r.equations[i].members...) {
				if !seen[v] {
					seen[v], queue = true, append(queue, v)
				}
			}
		}
	}
	within := func(v int32) bool {
		return !slices.ContainsFunc(r.of[v], func(i int32) bool { return !inside[i] })
	}
	for i, x := range r.rows(within) {
		if inside[i] {
			list = append(list, x)
		}
	}
	return list
}

func (r *rough) add(n need) {
	r.needs, r.witness = append(r.needs, n), append(r.witness, nil)
}

// learn attacks the mask and takes up what it finds; it reports whether that is nothing.
func (r *rough) learn() bool {
	a := newAttacker(r.system, r.hidden)
	idle := r.idle(a)
	for _, n := range a.needs(r.tried) {
		switch {
		case n.choices != nil:
			r.join(n.choices)
		case len(n.avoid) == 0 && !n.moves:
			continue // a secret that has no move
		default:
			r.tried[n.key()] = true
			for k := range r.rooms {
				r.add(need{column: n.column, avoid: n.avoid, measure: k})
			}
		}
		idle = false
	}
	r.patch()
	return idle
}

// idle publishes secondaries that follow from what is published, and reports whether
// there are none.
func (r *rough) idle(a *attacker) bool {
	idle := true
	for v := range int32(len(r.cells)) {
		if r.hidden[v] && !r.system.hidden[v] && a.determined(v) {
			r.show(v)
			r.price[v] *= 2
			r.usual[v] = r.price[v]
			idle = false
		}
	}
	return idle
}

// join hides the cheapest of several variables.
func (r *rough) join(choices []int32) {
	best := none
	for _, v := range choices {
		if !r.hidden[v] && (best < 0 || r.price[v] < r.price[best]) {
			best = v
		}
	}
	if best >= 0 {
		r.hide(best)
		r.joined[best] = true
	}
}

// scarce: where more than one need in so many has no move over hidden variables that is
// found soon, it is not worth the time to look longer.
const scarce = 10

// prove finds moves for needs.
func (r *rough) prove(needs []int32) {
	for _, b := range rungs {
		open := 0
		for _, i := range needs {
			if r.witness[i] == nil {
				open++
			}
		}
		if b.tries > 0 && open > len(needs)/scarce && open > chunk {
			break // so few are hidden that more must be
		}
		for round := range slices.Chunk(needs, chunks*chunk) {
			r.round(round, b)
		}
	}
	for n, b := range slices.Concat(dearer, dearest) {
		for _, i := range needs {
			if r.witness[i] == nil && (n < len(dearer) || r.needs[i].level != tabular.Level{}) {
				r.pay(i, b)
			}
		}
	}
}

// try looks for a move for a need.
func (r *rough) try(i int32, b walk) bool {
	n := &r.needs[i]
	w := r.walkers[n.measure]
	m := w.meet(n, b)
	r.work += w.walked
	if m.moved == nil {
		return false
	}
	r.settle(i, m)
	return true
}

// settle notes a move for a need, and for the secrets that move along far enough.
func (r *rough) settle(i int32, m motion) {
	used := []int32{}
	for _, v := range m.moved {
		if !r.system.hidden[v] {
			used = append(used, v)
		}
	}
	r.support(i, used)
	for _, v := range m.moved {
		if j := r.base[r.needs[i].measure][v]; j >= 0 && r.witness[j] == nil && m.reaches(r.needs[j].level) {
			r.support(j, used)
		}
	}
}

func (r *rough) support(i int32, used []int32) {
	r.note(change{variable: none, need: i, witness: r.witness[i]})
	r.witness[i] = used
	for _, v := range used {
		r.users[v] = append(r.users[v], i)
	}
}

// pay looks for a move that hides variables, for a need.
func (r *rough) pay(i int32, b walk) {
	if !r.try(i, b) {
		return
	}
	for _, v := range r.witness[i] {
		r.hide(v)
	}
	r.patch()
}

// prune publishes secondaries that are not needed, the dearest first.
func (r *rough) prune() {
	var list []int32
	for v, h := range r.hidden {
		if h && !r.system.hidden[v] && !r.joined[int32(v)] {
			list = append(list, int32(v))
		}
	}
	r.spareAll(list)
}

// spareAll publishes those of some secondaries that are not needed, the dearest first.
func (r *rough) spareAll(list []int32) {
	slices.SortStableFunc(list, func(a, b int32) int { return cmp.Compare(r.price[b], r.price[a]) })
	for _, v := range list {
		r.spare(v)
	}
	for _, i := range r.queue {
		r.queued[i] = false
	}
	r.queue = r.queue[:0]
}

// usersOf are the needs whose moves use a secondary.
func (r *rough) usersOf(v int32) []int32 {
	users := r.users[v][:0]
	for _, i := range r.users[v] {
		if slices.Contains(r.witness[i], v) {
			users = append(users, i)
		}
	}
	slices.Sort(users)
	r.users[v] = slices.Compact(users)
	return r.users[v]
}

// spare publishes a secondary if no equation lacks it and the moves that use it have
// others in their place.
func (r *rough) spare(v int32) {
	const most = 30
	users := slices.Clone(r.usersOf(v))
	if len(users) > most {
		return
	}
	r.show(v)
	old := make([][]int32, 0, len(users))
	ok := !slices.ContainsFunc(r.of[v], func(i int32) bool { return r.lacks(i, none) })
	for _, i := range users {
		old = append(old, r.witness[i])
		r.support(i, nil)
	}
	for k := 0; ok && k < len(users); k++ {
		ok = r.witness[users[k]] != nil || r.try(users[k], rungs[1])
	}
	if !ok {
		r.hide(v)
		for k, i := range users {
			r.support(i, old[k])
		}
	}
}
