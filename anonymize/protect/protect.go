package protect

import (
	"maps"
	"slices"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// Effort is how long to look for a mask that hides less.
type Effort int

// Normal finds a good mask at once; High takes many times as long for a better one;
// Quick keeps the first, without the secondaries that it turns out not to need, made in
// the rough where protection levels are asked for too.
const (
	Normal Effort = iota
	High
	Quick
)

// Options say how to protect.
type Options struct {
	Effort Effort
	// ZerosKnown: a reader knows each zero, hence that counts that are hidden are one
	// at least.
	ZerosKnown bool
}

// Mask says which cells are not published.
type Mask struct {
	// Hidden has one entry per cell of the problem.
	Hidden []bool
	// Unmet is the number of secrets for which no protection was found; the mask then
	// fails its audit.
	Unmet int
}

// turns bounds how often a mask is attacked and mended.
const turns = 40

// Protect chooses the cells to hide besides those that are sensitive by themselves, so
// that no secret of the kinds that package audit looks for can be computed from what
// is left.
//
// Inputs: a problem whose equations add up; cells that are sensitive, with their
// levels.
//
// Result: the mask. The same problem gives the same mask, on every machine and with any
// number of threads. High effort gives the cheaper of the mask of normal effort and of what
// it finds itself.
//
// Source: the model of Fischetti and Salazar, Solving the cell suppression problem on
// tabular data with linear constraints, Management Science 47, 2001; matroids in place
// of linear programs where a secret must only not be determined.
//
// Notes: a mask is found by heuristics and is not the smallest. Time grows about
// linearly with the cells if no level is above zero. A figure that is zero in one measure
// of a secret, and not in all, is not protected in that measure.
func Protect(p *tabular.Problem, o Options) Mask {
	s := newSystem(p, o.ZerosKnown)
	s.setPrices()
	best := s.first(o)
	if o.Effort == High {
		if x := best.further(s); x.better(best) {
			best = x
		}
	}
	return Mask{Hidden: best.printed, Unmet: best.unmet}
}

// first is the best of one mask or several, with normal effort at most.
func (s *system) first(o Options) (best *masking) {
	if o.Effort == High {
		o.Effort = Normal
	}
	seeds := 1
	if len(s.cells) < small && o.Effort != Quick && len(s.levelNeeds()) > 0 {
		seeds = 6
	}
	for seed := range seeds {
		m := &masking{system: s, options: o, hidden: slices.Clone(s.hidden), seed: uint64(seed + 1), masks: seeds}
		m.run()
		m.print(s)
		if best == nil || m.better(best) {
			best = m
		}
	}
	return best
}

// further is a mask that more effort makes of one, or afresh.
func (m *masking) further(s *system) *masking {
	x := &masking{system: s, options: m.options, hidden: slices.Clone(s.hidden), seed: m.seed, masks: 1}
	x.options.Effort = High
	if len(s.levelNeeds()) > 0 {
		x.needs, x.witness, x.hopeless = slices.Clone(m.needs), slices.Clone(m.witness), maps.Clone(m.hopeless)
		x.known = slices.Clone(m.known)
		x.bounded, x.unmet = m.bounded, m.unmet
		copy(x.hidden, m.hidden)
		x.settle()
	} else {
		x.run()
	}
	x.print(s)
	return x
}

// better reports whether a mask leaves fewer secrets unprotected than another, or is
// cheaper.
func (m *masking) better(other *masking) bool {
	return m.unmet < other.unmet || m.unmet == other.unmet && m.loss < other.loss
}

// small is the number of variables below which several masks are made and the best is
// kept.
const small = 500

func (m *masking) run() {
	needs := m.levelNeeds()
	if len(needs) == 0 || m.options.Effort == Quick {
		m.roughly()
		return
	}
	m.needs, m.bounded = needs, true
	m.settle()
}

// settle mends the mask until no variable lacks a move.
func (m *masking) settle() {
	m.mend()
	for range turns { // mending for one may leave another without
		if !m.move() {
			return
		}
		m.mend()
	}
}

// roughly makes the mask in the rough, and mends what is left.
func (m *masking) roughly() {
	r := newRough(m.system)
	r.make()
	best := slices.Clone(r.hidden)
	spent, clean, left := r.spent, r.clean, r.left()
	if rounds, steps := m.rounds(len(r.secondaries())); rounds > 0 {
		r.improve(rounds, steps)
		r.mend()
	}
	if r.clean && len(r.left()) <= len(left) && (r.spent < spent || !clean) {
		best, clean, left = r.hidden, r.clean, r.left()
	}
	m.hidden = best
	if len(left) == 0 && clean {
		return
	}
	exact := *m.system
	exact.hidden = best
	m.system = &exact
	m.mend()
	if len(left) > 0 && m.move() {
		m.mend()
	}
	m.unmet += len(slices.DeleteFunc(left, func(n need) bool { return n.level == tabular.Level{} }))
}

// mend attacks the mask and meets the needs that it finds, until it finds none; then it
// looks for a better mask, and attacks that.
func (m *masking) mend() {
	const polishes = 4
	polished := 0
	for turn := 0; ; turn++ {
		more := m.attack()
		if turn == turns {
			m.unmet = len(m.hopeless) + len(more)
			return
		}
		m.needs = append(m.needs, more...)
		switch {
		case len(more) == 0 && (polished > 0 || len(m.needs) == 0):
			return
		case len(more) == 0 || polished > 0 && polished < polishes:
			m.solve(1 << (2 * polished))
			polished++
		default:
			m.solve(0)
		}
	}
}

// attack gives the needs that are not met, but those that nothing meets.
func (m *masking) attack() []need {
	more := newAttacker(m.system, m.hidden).needs(m.hopeless)
	m.bounded = m.bounded || slices.ContainsFunc(more, func(n need) bool { return n.moves })
	return more
}

// giveUp forgets needs that nothing meets.
func (m *masking) giveUp(unmet []int32) {
	lost := map[int32]bool{}
	for _, i := range unmet {
		lost[i] = true
		if m.hopeless == nil {
			m.hopeless = map[string]bool{}
		}
		m.hopeless[m.needs[i].key()] = true
	}
	m.unmet = len(m.hopeless)
	needs, witness := m.needs[:0], m.witness[:0]
	for i := range m.needs {
		if !lost[int32(i)] {
			needs, witness = append(needs, m.needs[i]), append(witness, m.witness[i])
		}
	}
	m.needs, m.witness = needs, witness
}

// move adds the needs of variables for which no move is found, because they or others
// are at their bounds, and reports whether there are any.
func (m *masking) move() bool {
	found := false
	for k := range m.problem.Measures {
		room, unit := m.room(k)
		if room == nil {
			continue
		}
		rows := newMatrix(m.rows(func(int32) bool { return true }), len(m.cells))
		prices := &market{free: m.hidden, price: m.cost}
		near := newCircuits(rows, prices)
		all := newMoves(rows, prices, near, room, unit)
		programs := newLevels(rows, prices, near, m.rooms(true))
		stuck := m.stuck(room)
		secret := func(v int32) bool { return stuck[v] && m.secret(k, v) }
		if len(all.unproven(secret, programs, k)) == 0 {
			continue
		}
		// From here on each variable that needs a secondary to move has that need.
		prices.free = m.system.hidden
		for _, v := range all.unproven(secret, programs, k) {
			m.needs = append(m.needs, need{column: v, measure: k, moves: true})
		}
		found = true
	}
	m.bounded = m.bounded || found
	return found
}

// stuck are the variables that could not be told from one value if those at their bounds
// were known, and those themselves: only they may lack a move.
func (m *masking) stuck(room []int64) []bool {
	off := make([]bool, len(m.hidden))
	for v := range off {
		off[v] = m.hidden[v] && room[v] > 0
	}
	a := newAttacker(m.system, off)
	stuck := make([]bool, len(m.hidden))
	for v := range stuck {
		stuck[v] = m.hidden[v] && a.determined(int32(v))
	}
	return stuck
}

// masking is a mask in the making.
type masking struct {
	*system
	options Options
	needs   []need
	hidden  []bool
	witness [][]int32 // by need, as far as they were met: what its circuit uses
	seed    uint64
	masks   int // that are made, to keep the best
	unmet   int
	// hopeless are the needs that nothing meets, by their keys.
	hopeless map[string]bool
	bounded  bool // it matters how far variables can move

	known   []cut
	printed []bool  // the mask by cells
	loss    float64 // the price of its secondaries
}

// solve hides secondaries so that all needs are met; with a divisor of the effort, it
// goes on to look for fewer.
func (m *masking) solve(divisor int) {
	f := m.search()
	first := m.witness == nil
	for i, w := range m.witness {
		for _, c := range w {
			f.choose(c, true)
		}
		f.support(int32(i), w)
	}
	f.forget()
	f.thorough = first && len(f.m.rows) <= whole
	times := 1
	if f.thorough && len(m.needs) < 1000 && m.options.Effort != Quick {
		times = 4
	}
	unmet := f.start(times)
	f.thorough = false
	if divisor > 0 {
		rounds, work := m.effort(len(f.secondaries()))
		b := bout{rounds: rounds / divisor, work: work / divisor / (m.masks * m.masks), begin: 0.5}
		if m.options.Effort == High {
			m.together(f, b)
		} else {
			f.improve(b)
		}
	}
	m.witness = f.witness
	if f.cuts != nil {
		m.known = f.cuts.list
	}
	m.hidden = slices.Clone(m.system.hidden)
	for c, x := range f.chosen {
		m.hidden[c] = m.hidden[c] || x
	}
	m.giveUp(unmet)
}

// search sets up the equations that the needs are about. Hidden columns that no need
// names are eliminated first, unless it matters how far they can move.
func (m *masking) search() *search {
	n := len(m.cells)
	contracted := slices.Clone(m.system.hidden)
	for _, k := range m.needs {
		if k.choices == nil {
			contracted[k.column] = false
		}
		for _, c := range k.avoid {
			contracted[c] = false
		}
	}
	rows := m.rows(func(int32) bool { return true })
	if !m.bounded {
		_, rows = eliminate(rows, n, contracted)
	}
	return m.searchIn(rows)
}

// searchIn sets up a search in some rows.
func (m *masking) searchIn(rows []row) *search {
	f := newSearch(newMatrix(rows, len(m.cells)), m.cost, m.system.hidden, m.needs, m.seed)
	f.levels = newLevels(f.m, &f.market, f.paths, m.rooms(m.bounded))
	if m.bounded {
		f.cuts = newCuts(m.system.hidden)
		for _, x := range m.known {
			f.cuts.add(x.under(f.chosen))
		}
		f.levels.cuts = f.cuts
		for k := range m.problem.Measures {
			if room, unit := m.room(k); room != nil {
				f.moves = append(f.moves, newMoves(f.m, &f.market, f.paths, room, unit))
			} else {
				f.moves = append(f.moves, nil)
			}
		}
	}
	return f
}

// many secondaries are not worth the time to look for a few fewer, at normal effort.
const many = 3000

// effort is how many attempts at a better mask are made, and how much work they may be.
// No clock decides: the mask is the same everywhere.
func (m *masking) effort(secondaries int) (rounds, work int) {
	if m.options.Effort == High {
		return 100*secondaries + 10000, min(4_000_000*len(m.cells), 6_000_000_000)
	}
	if secondaries > many || m.options.Effort == Quick {
		return 0, 0
	}
	return min(10*secondaries+1200, 3000), 600_000_000
}

// rounds is how often a rough mask is torn down and rebuilt in part, and how many steps
// of walks that may take.
func (m *masking) rounds(secondaries int) (rounds, steps int) {
	rounds, steps = 40*secondaries+4000, 6_000_000
	switch {
	case m.options.Effort == High:
		return 50 * rounds, 50 * steps
	case secondaries > many || m.options.Effort == Quick:
		return 0, 0
	}
	return rounds, steps
}

// unprinted reports whether no table has a cell of a variable.
func (s *system) unprinted(v int32) bool {
	return slices.ContainsFunc(s.cells[v], func(c int32) bool { return s.problem.Cells[c].Unprinted })
}

// print makes the mask by cells. What is hidden for the sake of others and follows from what
// is published all the same is given back: it protects nothing.
func (m *masking) print(s *system) {
	a := newAttacker(m.system, m.hidden)
	m.printed, m.loss = make([]bool, len(m.problem.Cells)), 0
	hidden := make([]bool, len(m.hidden))
	for v := range int32(len(hidden)) {
		hidden[v] = m.hidden[v] && (a.unknown(v) || m.unprinted(v))
		if hidden[v] && !s.hidden[v] {
			m.loss += s.cost[v]
		}
	}
	for c, v := range m.variable {
		if v >= 0 {
			m.printed[c] = hidden[v]
		} else {
			m.printed[c] = m.problem.Cells[c].Sensitive
		}
	}
}
