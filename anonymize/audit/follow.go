package audit

import (
	"iter"
	"maps"
	"slices"
)

// claims verifies moves and returns what they prove, or nil. Other measures follow in one
// of several ways, in all of them if the search is thorough.
func (p *prover) claims(q int64, moves []move, thorough bool) []claim {
	for all := range p.followed(q, moves, thorough) {
		if p.c.check(witness{q: q, tables: [2][]move{nil, all}}) == nil {
			return p.said(q, all)
		}
	}
	return nil
}

// said is what moves of a verified witness prove.
func (p *prover) said(q int64, moves []move) []claim {
	all := make([]claim, 0, len(moves))
	for _, m := range moves {
		by := m.by / q
		all = append(all, claim{m.measure, p.s.number[m.number], span{min(by, 0), max(by, 0), true}})
	}
	return all
}

// followers is the number of unknowns of a part up to which all of them may follow.
const followers = 1000

// followed are the moves with those of the measures that a moved measure bounds, in several
// ways. Figures that add up stay, or move along. Those that do not move as little as they
// must, along with the measure, or as much as they can where those that moved, or all
// around, may become larger.
func (p *prover) followed(q int64, moves []move, thorough bool) iter.Seq[[]move] {
	return func(yield func([]move) bool) {
		for _, some := range p.joined(moves) {
			if !yield(p.follow(q, some, false)) {
				return
			}
			if len(p.b.below[moves[0].measure]) == 0 {
				continue
			}
			if !yield(p.follow(q, some, true)) {
				return
			}
			if !thorough {
				continue
			}
			for _, others := range [][]int32{nil, p.around(moves)} {
				if all := p.fit(q, some, others); all != nil && !yield(all) {
					return
				}
			}
		}
	}
}

// joined are the moves without and with those of each measure that adds up and that the
// first one bounds, unless they are given.
func (p *prover) joined(moves []move) [][]move {
	if len(moves) == 0 {
		return nil
	}
	all, first := [][]move{moves}, moves[0].measure
	for _, k := range p.b.below[first] {
		if p.a.p.Measures[k].Distinct || slices.ContainsFunc(moves, func(m move) bool { return m.measure == k }) {
			continue
		}
		with := slices.Clone(moves)
		for _, m := range moves {
			if m.measure == first {
				with = append(with, move{figure{m.number, k}, m.by})
			}
		}
		all = append(all, with)
	}
	return all
}

// around are the unknowns of a small part, or those that share a row with one that moves.
func (p *prover) around(moves []move) []int32 {
	part := p.s.parts[p.s.place[p.s.number[moves[0].number]]].unknowns
	if len(part) <= followers {
		return part
	}
	var all []int32
	for _, m := range moves {
		rows, _ := p.s.along.line(p.s.number[m.number])
		for _, r := range rows {
			if at, _ := p.s.across.line(r); m.measure == moves[0].measure && len(all) < followers {
				all = append(all, at...)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// follow adds moves of the measures that do not add up and that a moved measure bounds.
func (p *prover) follow(q int64, moves []move, along bool) []move {
	all := moves
	for _, m := range moves {
		u := p.s.number[m.number]
		values := p.a.p.Cells[m.number].Values
		for _, k := range p.b.below[m.measure] {
			if !p.a.p.Measures[k].Distinct {
				continue
			}
			v := values[k] * q
			if along {
				v += m.by
				if lo := p.b.lo[k][u]; lo != -unbounded {
					v = max(v, lo*q)
				}
				if hi := p.b.hi[k][u]; hi != unbounded {
					v = min(v, hi*q)
				}
			}
			v = min(v, values[m.measure]*q+m.by)
			if by := v - values[k]*q; by != 0 {
				all = append(all[:len(all):len(all)], move{figure{m.number, k}, by})
			}
		}
	}
	return all
}

// fit adds moves of the measures that do not add up and that a moved measure bounds: the
// greatest figures that are possible if those of the moved cells, and of some others, may
// be as large as their bounds. It returns nil where there are none.
func (p *prover) fit(q int64, moves []move, others []int32) []move {
	by := make(map[int32]int64, len(moves))
	for _, m := range moves {
		if m.measure == moves[0].measure {
			by[m.number] = m.by
		}
	}
	all := moves
	for _, k := range p.b.below[moves[0].measure] {
		if !p.a.p.Measures[k].Distinct {
			continue
		}
		t := tally{p: p, measure: k, q: q, at: map[int32]int64{}}
		raise := func(u int32) {
			c := p.s.cells[u]
			v := p.a.p.Cells[c].Values[moves[0].measure]*q + by[c]
			if hi := p.b.hi[k][u]; hi != unbounded {
				v = min(v, hi*q)
			}
			t.set(u, v-modulo(v, q*p.b.step[k]))
		}
		for _, m := range moves {
			raise(p.s.number[m.number])
		}
		for _, u := range others {
			raise(u)
		}
		if !t.lower() {
			return nil
		}
		all = append(all[:len(all):len(all)], t.moves()...)
	}
	return all
}

// tally is a table of a measure that does not add up, in units of 1/q, that differs from
// the true one in a few cells.
type tally struct {
	p       *prover
	measure int
	q       int64
	at      map[int32]int64 // unknown → figure
	rows    []int32         // to be looked at
}

// figure is that of a cell.
func (t *tally) figure(cell int32) int64 {
	if u := t.p.s.number[cell]; u >= 0 {
		if v, ok := t.at[u]; ok {
			return v
		}
	}
	return t.p.a.p.Cells[cell].Values[t.measure] * t.q
}

// set changes a figure.
func (t *tally) set(u int32, v int64) {
	t.at[u] = v
	rows, _ := t.p.s.along.line(u)
	t.rows = append(t.rows, rows...)
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
		e := &t.p.a.p.Equations[t.p.s.rows[t.rows[len(t.rows)-1]]]
		t.rows = t.rows[:len(t.rows)-1]
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
	all := make([]move, 0, len(t.at))
	for _, u := range slices.Sorted(maps.Keys(t.at)) {
		if by := t.at[u] - t.p.b.value[t.measure][u]*t.q; by != 0 {
			all = append(all, move{figure{t.p.s.cells[u], t.measure}, by})
		}
	}
	return all
}
