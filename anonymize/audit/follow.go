package audit

import (
	"iter"
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
		var around []int32
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
			if all := p.fit(q, some, nil); all != nil && !yield(all) {
				return
			}
			if around == nil {
				around = p.around(moves)
			}
			if all := p.fit(q, some, around); all != nil && !yield(all) {
				return
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
	all := slices.Clone(moves)
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
				all = append(all, move{figure{m.number, k}, by})
			}
		}
	}
	return all
}

// fit adds moves of the measures that do not add up and that a moved measure bounds: the
// greatest figures that are possible if those of the moved cells, and of some others, may
// be as large as their bounds. It returns nil where there are none.
func (p *prover) fit(q int64, moves []move, others []int32) []move {
	first := moves[0].measure
	all := moves
	for _, k := range p.b.below[first] {
		if !p.a.p.Measures[k].Distinct {
			continue
		}
		t := tally{p, k, q, p.sheet}
		t.clear()
		raise := func(u int32, by int64) {
			v := p.b.value[first][u]*q + by
			if hi := p.b.hi[k][u]; hi != unbounded {
				v = min(v, hi*q)
			}
			if v -= modulo(v, q*p.b.step[k]); by != 0 || v > p.b.value[k][u]*q {
				t.set(u, v)
			}
		}
		for _, u := range others {
			raise(u, 0)
		}
		for _, m := range moves {
			if m.measure == first {
				raise(p.s.number[m.number], m.by)
			}
		}
		if !t.lower() {
			return nil
		}
		all = append(all[:len(all):len(all)], t.moves()...)
	}
	return all
}
