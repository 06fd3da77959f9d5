package protect

import "slices"

// walker finds moves by depth first search: a column moves by one, and as long as an
// equation is out of balance, one of its columns evens it. The shortest equation comes
// first, since it leaves the least choice; in it the column that evens most others.
//
// Unlike moves it needs neither neighbourhoods nor roots, finds what is near in some
// microseconds, and gives up on what is not.
type walker struct {
	*system
	unknown [][]int32 // by equation: its hidden variables, the total among them
	hidden  []bool
	room    []int64 // how far a variable can fall
	unit    int64   // what a move by a little is
	price   []float64

	shift   int64   // what each variable moves by
	either  bool    // each must be able to move either way
	base    []int64 // what earlier moves of the same search have moved it by
	steps   int     // that are left
	walked  int     // in the last search
	flow    []int8
	uneven  []int8
	broken  []int32 // equations that are out of balance
	moved   []int32
	signs   []int8  // where those that moved went
	avoided []int32 // stamp
	stamp   int32
	options []option // stack
	r       random
}

// option is a variable that may even an equation.
type option struct {
	variable int32
	by       int8
	score    float64
}

// walk bounds a search.
type walk struct {
	steps  int     // variables moved, those taken back among them
	length int     // of the move
	wide   int     // variables tried for one equation
	budget float64 // for variables that are not hidden
	tries  int     // in another order each; 0: one, in the order of the variables
	climbs int     // moves that may be added up, besides the first, where one falls short
}

func newWalker(s *system, unknown [][]int32, hidden []bool, k *kind, price []float64) *walker {
	return &walker{
		system: s, unknown: unknown, hidden: hidden, room: k.room, unit: k.unit, price: price, base: make([]int64, len(s.cells)),
		flow: make([]int8, len(s.cells)), uneven: make([]int8, len(s.equations)), avoided: make([]int32, len(s.cells)),
	}
}

// through finds a move of a variable, by a little, that avoids others.
//
// Result: the variables that move, the wanted one first, or nil. The slice is used
// again by the next search.
func (w *walker) through(v int32, avoid []int32, bounds walk) []int32 {
	w.begin(v, avoid)
	for range max(bounds.tries, 1) {
		for _, by := range [2]int8{1, -1} {
			if moved := w.once(v, by, bounds); moved != nil {
				return moved
			}
		}
	}
	return nil
}

// begin begins a search.
func (w *walker) begin(v int32, avoid []int32) {
	w.stamp++
	for _, x := range avoid {
		w.avoided[x] = w.stamp
	}
	w.r, w.walked = random{state: uint64(v)}, 0
	w.shift, w.either = w.unit, false
}

// falls reports whether a variable can fall as far as the others move.
func (w *walker) falls(v int32) bool { return w.room[v]+w.base[v] >= w.shift }

// once tries one direction.
func (w *walker) once(v int32, by int8, bounds walk) []int32 {
	if (by < 0 || w.either) && !w.falls(v) {
		return nil
	}
	w.steps = bounds.steps
	w.moved, w.options = w.moved[:0], w.options[:0]
	w.apply(v, by)
	found := w.even(bounds)
	w.walked += 1 + bounds.steps - w.steps
	w.signs = w.signs[:0]
	for _, x := range w.moved {
		w.signs = append(w.signs, w.flow[x])
		w.flow[x] = 0
	}
	for _, i := range w.broken {
		w.uneven[i] = 0
	}
	w.broken = w.broken[:0]
	if !found {
		return nil
	}
	return w.moved
}

// apply moves a variable.
func (w *walker) apply(v int32, by int8) {
	w.flow[v] += by
	if by == w.flow[v] {
		w.moved = append(w.moved, v)
	} else {
		w.moved = w.moved[:len(w.moved)-1]
	}
	for _, i := range w.of[v] {
		d := by
		if w.equations[i].total == v {
			d = -by
		}
		was := w.uneven[i]
		w.uneven[i] += d
		switch {
		case was == 0:
			w.broken = append(w.broken, i)
		case w.uneven[i] == 0:
			k := slices.Index(w.broken, i)
			w.broken[k] = w.broken[len(w.broken)-1]
			w.broken = w.broken[:len(w.broken)-1]
		}
	}
}

// even brings all equations into balance, or leaves everything as it was.
func (w *walker) even(b walk) bool {
	if len(w.broken) == 0 {
		return true
	}
	if len(w.moved)+len(w.broken)/3 >= b.length {
		return false
	}
	first := w.broken[0]
	for _, i := range w.broken[1:] {
		if n, m := len(w.unknown[i]), len(w.unknown[first]); n < m || n == m && i < first {
			first = i
		}
	}
	begin := len(w.options)
	w.list(first, b)
	end := len(w.options)
	for k := begin; k < end; k++ {
		if w.steps--; w.steps < 0 {
			break
		}
		o := w.options[k]
		rest := b
		if !w.hidden[o.variable] {
			rest.budget -= w.price[o.variable]
		}
		w.apply(o.variable, o.by)
		if w.even(rest) {
			return true
		}
		w.apply(o.variable, -o.by)
	}
	w.options = w.options[:begin]
	return false
}

// list puts the best options for an equation on the stack.
func (w *walker) list(i int32, b walk) {
	begin := len(w.options)
	e := &w.equations[i]
	consider := func(v int32) {
		if w.flow[v] != 0 || w.avoided[v] == w.stamp {
			return
		}
		o := option{variable: v, by: 1}
		if w.uneven[i] > 0 != (e.total == v) {
			o.by = -1
		}
		if (o.by < 0 || w.either) && !w.falls(v) {
			return
		}
		if !w.hidden[v] {
			if w.price[v] > b.budget {
				return
			}
			o.score = 2 * w.price[v]
		}
		o.score += w.change(v, o.by)
		if b.tries > 0 {
			o.score += float64(w.r.below(1024)) / 512
		}
		w.insert(begin, b.wide, o)
	}
	if b.budget <= 0 {
		for _, v := range w.unknown[i] {
			consider(v)
		}
		return
	}
	consider(e.total)
	for _, v := range e.members {
		consider(v)
	}
}

// change is by how much imbalance grows.
func (w *walker) change(v int32, by int8) (sum float64) {
	for _, i := range w.of[v] {
		d := by
		if w.equations[i].total == v {
			d = -by
		}
		if w.uneven[i]*d < 0 {
			sum--
		} else {
			sum++
		}
	}
	return sum
}

// insert keeps the options from begin on in order, and no more of them than wide.
func (w *walker) insert(begin, wide int, o option) {
	k := len(w.options)
	for k > begin && w.options[k-1].score > o.score {
		k--
	}
	if k-begin >= wide {
		return
	}
	w.options = slices.Insert(w.options, k, o)
	w.options = w.options[:min(len(w.options), begin+wide)]
}
