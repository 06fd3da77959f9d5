package protect

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// need is one thing that the mask must achieve: a circuit through a column that
// avoids others; or a circuit through any one of several columns, when one more of
// them must be hidden.
type need struct {
	column  int32
	avoid   []int32
	choices []int32 // if not nil, instead of column
	// shift is by how much the column must be able to move, if it is not zero, in
	// the units of a measure; all others must stay within their bounds.
	shift   int64
	measure int
	// moves: the column must be able to move by one, or a little, in the measure.
	moves bool
	// level: the column must be able to move by it, in the measure (walks alone look at
	// it).
	level tabular.Level
}

// key is the same for needs that are the same.
func (n *need) key() string { return fmt.Sprint(*n) }

// search looks for a cheap set of secondary columns that meets all needs.
type search struct {
	m       *matrix
	market  market
	paths   *circuits
	levels  *levels
	cuts    *cuts     // nil where no levels matter
	moves   []*moves  // by measure; nil where bounds do not matter
	price   []float64 // of hiding a column, > 0; +Inf: not possible
	hidden  []bool    // hidden in any case
	chosen  []bool    // secondaries
	needs   []need
	witness [][]int32 // secondaries that the circuit of a need uses; nil: it has none
	users   [][]int32 // needs whose circuit uses a column
	spent   float64
	// thorough: a dear circuit is compared with what a linear program finds.
	thorough bool
	journal  journal
	r        random
}

// journal is what has changed, so that it can be undone.
type journal struct {
	needs   []int32
	witness [][]int32
	columns []int32
}

func newSearch(m *matrix, price []float64, hidden []bool, needs []need, seed uint64) *search {
	n := len(m.columns)
	s := &search{
		m: m, price: price, hidden: hidden, chosen: make([]bool, n),
		needs: needs, witness: make([][]int32, len(needs)), users: make([][]int32, n), r: random{state: seed},
	}
	s.market = market{free: slices.Clone(hidden), price: slices.Clone(price)}
	s.paths = newCircuits(m, &s.market)
	return s
}

// choose hides or publishes a secondary.
func (s *search) choose(c int32, yes bool) {
	if s.chosen[c] == yes {
		return
	}
	s.chosen[c], s.market.free[c] = yes, yes || s.hidden[c]
	if yes {
		s.spent += s.price[c]
	} else {
		s.spent -= s.price[c]
	}
	if s.cuts != nil {
		s.cuts.turn(c, yes)
	}
	s.journal.columns = append(s.journal.columns, c)
}

// support gives a need another witness.
func (s *search) support(i int32, witness []int32) {
	s.journal.needs = append(s.journal.needs, i)
	s.journal.witness = append(s.journal.witness, s.witness[i])
	for _, c := range s.witness[i] {
		u := s.users[c]
		k := slices.Index(u, i)
		u[k] = u[len(u)-1]
		s.users[c] = u[:len(u)-1]
	}
	s.witness[i] = witness
	for _, c := range witness {
		s.users[c] = append(s.users[c], i)
	}
}

// forget makes the present state the one to go back to.
func (s *search) forget() {
	s.journal.needs, s.journal.witness, s.journal.columns = s.journal.needs[:0], s.journal.witness[:0], s.journal.columns[:0]
}

// undo goes back to when the journal had so many entries.
func (s *search) undo(needs, columns int) {
	for i := len(s.journal.needs) - 1; i >= needs; i-- {
		s.support(s.journal.needs[i], s.journal.witness[i])
	}
	for i := len(s.journal.columns) - 1; i >= columns; i-- {
		c := s.journal.columns[i]
		s.choose(c, !s.chosen[c])
	}
	s.journal.needs, s.journal.witness, s.journal.columns = s.journal.needs[:needs], s.journal.witness[:needs], s.journal.columns[:columns]
}

// meet finds a circuit for a need and hides what it uses.
func (s *search) meet(i int32) bool {
	circuit, found := s.circuit(&s.needs[i])
	if !found {
		return false
	}
	witness := []int32{}
	for _, c := range circuit {
		if !s.hidden[c] {
			witness = append(witness, c)
			s.choose(c, true)
		}
	}
	s.support(i, witness)
	return true
}

func (s *search) circuit(n *need) ([]int32, bool) {
	switch {
	case n.shift != 0:
		return s.levels.through(n.column, n.avoid, n.measure, float64(n.shift))
	case n.moves:
		return s.move(n)
	case n.choices != nil:
		return s.cheapest(n.choices)
	default:
		return s.through(n.column, n.avoid)
	}
}

// through finds a circuit; if the search by rows finds none, a linear program does if
// there is one.
func (s *search) through(column int32, avoid []int32) ([]int32, bool) {
	if s.market.frugal {
		circuit, found := s.paths.through(column, avoid, 1)
		if !found && s.cuts != nil {
			return s.levels.through(column, avoid, len(s.levels.room)-1, 1)
		}
		return circuit, found
	}
	circuit, found := s.paths.through(column, avoid, len(reach)-1)
	if !found || s.thorough && s.bill(circuit) > dear {
		other, better := s.levels.through(column, avoid, len(s.levels.room)-1, 1)
		if better && (!found || s.bill(other) < s.bill(circuit)) {
			return other, true
		}
	}
	return circuit, found
}

// dear is a circuit of about three secondaries or more: another may be cheaper.
const dear = 2.5

// bill is what a circuit pays for all its columns but the first.
func (s *search) bill(circuit []int32) (sum float64) {
	for _, c := range circuit[1:] {
		sum += s.market.cost(c)
	}
	return sum
}

// move finds a move; if the search by rows finds none, a linear program may.
func (s *search) move(n *need) ([]int32, bool) {
	if s.moves[n.measure] == nil { // nothing is at its bound: any circuit is a move
		return s.through(n.column, n.avoid)
	}
	far := len(reach) - 1
	if s.market.frugal {
		far = 1
	}
	m, found := s.moves[n.measure].through(n.column, n.avoid, far)
	if found || s.market.frugal {
		return m.columns, found
	}
	up, rises := s.levels.through(n.column, n.avoid, n.measure, s.moves[n.measure].unit)
	if rises {
		return up, true
	}
	return s.levels.through(n.column, n.avoid, n.measure, -s.moves[n.measure].unit)
}

// cheapest finds the cheapest circuit through any of several columns. It looks farther
// only where nothing is found near.
func (s *search) cheapest(columns []int32) ([]int32, bool) {
	const enough = 64
	list := slices.Clone(columns)
	slices.SortStableFunc(list, func(a, b int32) int { return cmp.Compare(s.market.cost(a), s.market.cost(b)) })
	for far := range reach {
		if s.market.frugal && far > 1 {
			break
		}
		if best := s.cheapestNear(list[:min(len(list), enough)], far); best != nil {
			return best, true
		}
	}
	if s.market.frugal {
		return nil, false
	}
	for _, c := range list {
		if circuit, found := s.levels.through(c, nil, len(s.levels.room)-1, 1); found {
			return circuit, true
		}
	}
	return nil, false
}

func (s *search) cheapestNear(columns []int32, far int) (best []int32) {
	bestCost := math.Inf(1)
	for _, c := range columns {
		own := s.market.cost(c)
		if own >= bestCost {
			break
		}
		if s.market.frugal && !s.market.free[c] {
			continue
		}
		circuit, found := s.paths.within(c, nil, far, bestCost-own)
		if cost := own; found {
			if cost += s.bill(circuit); cost < bestCost {
				best, bestCost = circuit, cost
			}
		}
	}
	return best
}

// drop publishes a secondary and gives the needs that are no longer met.
func (s *search) drop(c int32) []int32 {
	broken := slices.Clone(s.users[c])
	slices.Sort(broken)
	for _, i := range broken {
		s.support(i, nil)
	}
	s.choose(c, false)
	return broken
}

// prune publishes secondaries that no need needs, the dearest first.
func (s *search) prune(list []int32) {
	slices.SortStableFunc(list, func(a, b int32) int { return cmp.Compare(s.price[b], s.price[a]) })
	s.market.frugal = true
	for _, c := range list {
		if s.chosen[c] && (s.cuts == nil || !s.cuts.needs(c)) {
			s.spare(c)
		}
	}
	s.market.frugal = false
}

// spare publishes a secondary if its needs can be met without it.
func (s *search) spare(c int32) {
	needs, columns := len(s.journal.needs), len(s.journal.columns)
	for _, i := range s.drop(c) {
		if !s.meet(i) {
			s.undo(needs, columns)
			return
		}
	}
}

func (s *search) secondaries() []int32 {
	var list []int32
	for c, x := range s.chosen {
		if x {
			list = append(list, int32(c))
		}
	}
	return list
}

// fill meets the needs that are not met, in random order, and gives those that it
// cannot.
func (s *search) fill(list []int32) (unmet []int32) {
	s.shuffle(list)
	for _, i := range list {
		if s.witness[i] == nil && !s.meet(i) {
			unmet = append(unmet, i)
		}
	}
	return unmet
}

func (s *search) shuffle(list []int32) {
	for i := len(list) - 1; i > 0; i-- {
		j := s.r.below(i + 1)
		list[i], list[j] = list[j], list[i]
	}
}

// start meets all needs, several times in another order, and keeps the cheapest mask.
func (s *search) start(times int) (unmet []int32) {
	all := make([]int32, len(s.needs))
	for i := range all {
		all[i] = int32(i)
	}
	var best *state
	for i := range times {
		left := s.fill(all)
		if len(s.journal.columns) > 0 {
			s.prune(s.changed())
		}
		if best == nil || len(left) < len(unmet) || len(left) == len(unmet) && s.spent < best.spent {
			best, unmet = s.state(), left
		}
		if i < times-1 {
			s.undo(0, 0)
		}
	}
	s.restore(best)
	return unmet
}

// state is a mask with what supports it.
type state struct {
	spent   float64
	chosen  []bool
	witness [][]int32
}

func (s *search) state() *state {
	return &state{spent: s.spent, chosen: slices.Clone(s.chosen), witness: slices.Clone(s.witness)}
}

func (s *search) restore(x *state) {
	for i, w := range x.witness {
		s.support(int32(i), w)
	}
	for c, yes := range x.chosen {
		s.choose(int32(c), yes)
	}
	s.forget()
}

// bout bounds a search for a better mask.
type bout struct {
	rounds, work int
	begin, end   float64 // what dearer masks are gone on from, in mean secondaries
}

// improve takes away some secondaries near one another and rebuilds, over and over. A
// mask that is a little dearer than the best is gone on from, less and less so (Dueck,
// New optimization heuristics, Journal of Computational Physics 104, 1993). It ends
// after so many rounds, or so much work.
func (s *search) improve(b bout) {
	list := s.secondaries()
	if len(list) == 0 {
		return
	}
	best := s.state()
	mean := s.spent / float64(len(list))
	begin := s.work()
	for round := 0; round < b.rounds && s.work()-begin < b.work; round++ {
		first := list[s.r.below(len(list))]
		if !s.chosen[first] {
			if list = s.secondaries(); len(list) == 0 {
				break
			}
			continue
		}
		gone := max(float64(round)/float64(b.rounds), float64(s.work()-begin)/float64(b.work))
		most := best.spent + mean*(b.begin+(b.end-b.begin)*gone)
		s.remake(s.neighbours(first, 2+s.r.below(8)), most+2*mean)
		if s.spent > most {
			s.undo(0, 0)
		}
		s.forget()
		if s.spent < best.spent-1e-9 {
			best = s.state()
		}
	}
	s.restore(best)
}

// remake rebuilds without some secondaries, by the cuts more often than not if they matter.
func (s *search) remake(removed []int32, limit float64) {
	if s.cuts != nil && s.r.below(4) > 0 {
		s.recover(removed, limit)
	} else {
		s.rebuild(removed)
	}
}

// work is about how many entries of the matrix searches and programs have looked at.
func (s *search) work() int {
	sum := s.paths.work + s.levels.work
	if s.cuts != nil {
		sum += s.cuts.work
	}
	return sum
}

// rebuild takes secondaries away and meets the needs again; if it cannot, nothing
// changes.
func (s *search) rebuild(removed []int32) {
	var broken []int32
	for _, c := range removed {
		broken = append(broken, s.drop(c)...)
	}
	varied := s.vary(removed)
	unmet := s.fill(broken)
	for _, c := range varied {
		s.market.price[c] = s.price[c]
	}
	if len(unmet) > 0 {
		s.undo(0, 0)
		return
	}
	s.prune(s.changed())
}

// changed are the secondaries that this round has chosen or leant on.
func (s *search) changed() []int32 {
	list := slices.Clone(s.journal.columns)
	for _, i := range s.journal.needs {
		list = append(list, s.witness[i]...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// neighbours are n secondaries near a first one: those that serve the same needs,
// and those in the same equations.
func (s *search) neighbours(first int32, n int) []int32 {
	seen := map[int32]bool{first: true}
	list := []int32{first}
	for i := 0; i < len(list) && len(list) < n; i++ {
		var found []int32
		add := func(c int32) {
			if s.chosen[c] && !seen[c] {
				seen[c] = true
				found = append(found, c)
			}
		}
		for _, k := range s.users[list[i]] {
			for _, c := range s.witness[k] {
				add(c)
			}
		}
		s.around(list[i], func(c int32) {
			add(c)
			if s.hidden[c] {
				s.around(c, add)
			}
		})
		s.shuffle(found)
		list = append(list, found...)
	}
	return list[:min(n, len(list))]
}

// around visits the columns that share an equation with one.
func (s *search) around(c int32, visit func(int32)) {
	for _, x := range s.m.columns[c] {
		for _, y := range s.m.rows[x.row] {
			visit(y.column)
		}
	}
}

// vary makes prices around what was removed differ for a while, so that it is
// rebuilt in another way.
func (s *search) vary(removed []int32) (varied []int32) {
	scale := 2.5 * float64(s.r.below(1024)) / 1024
	for _, c := range removed {
		s.around(c, func(near int32) {
			s.around(near, func(c int32) {
				if s.market.price[c] == s.price[c] {
					s.market.price[c] *= 1 + scale*float64(1+s.r.below(1024))/1024
					varied = append(varied, c)
				}
			})
		})
	}
	return varied
}
