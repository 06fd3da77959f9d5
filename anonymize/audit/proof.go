package audit

import (
	"slices"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// secret is one measure of a sensitive cell.
type secret struct {
	unknown int32
	measure int
	level   tabular.Level
}

// prover collects what verified witnesses say.
type prover struct {
	s       *system
	a       attacker
	b       *bounds
	c       *checker
	reached [][]span // measure → unknown
	proven  [][]bool
	sparse  *system // without the rows that follow from others; for additive measures
	near    *neighbourhood
	ways    [][]way // by measure
	sheet   *sheet  // for one goroutine
	workers []*prover
}

// span is how far from the true value verified tables move a figure, in whole units,
// down ≤ 0 ≤ up, and whether they move it at all.
type span struct {
	down, up int64
	moved    bool
}

// claim is what one verified witness says of one figure.
type claim struct {
	measure int
	unknown int32
	span
}

// level is the protection level of a figure.
func level(c *tabular.Cell, measure int) tabular.Level {
	if c.Levels == nil {
		return tabular.Level{}
	}
	return c.Levels[measure]
}

// misses says whether an interval that reaches the lower end of a level or not, and the
// upper end or not, is too narrow.
func misses(l tabular.Level, down, up bool) bool {
	if l.Either {
		return !down && !up
	}
	return !down || !up
}

// enough says whether a figure that moves so far is protected.
func (p span) enough(l tabular.Level) bool {
	return p.moved && !misses(l, p.down <= -l.Down, p.up >= l.Up)
}

// loose says whether any move will do.
func loose(l tabular.Level) bool {
	return l.Up|l.Down == 0 || l.Either && (l.Up == 0 || l.Down == 0)
}

// need is how far up (sign 1) or down (−1) a verified table has to move a secret; 0 if
// it need not.
func (x secret) need(sign, step int64) int64 {
	switch {
	case loose(x.level):
		return step
	case sign < 0:
		return x.level.Down
	}
	return x.level.Up
}

// newProver has no proofs yet.
func newProver(s *system, a attacker, b *bounds, c *checker, threads int) *prover {
	p := &prover{s: s, a: a, b: b, c: c, sparse: s, sheet: newSheet(s), workers: make([]*prover, threads), reached: make([][]span, len(a.p.Measures)), proven: make([][]bool, len(a.p.Measures))}
	for m := range p.reached {
		p.reached[m], p.proven[m] = make([]span, len(s.cells)), make([]bool, len(s.cells))
	}
	return p
}

// worker is the same prover for one goroutine. Workers only read what is shared.
func (p *prover) worker(n int) *prover {
	if p.workers[n] == nil {
		w := *p
		w.c, w.near, w.sheet = p.c.fork(), newNeighbourhood(p.sparse), newSheet(p.s)
		p.workers[n] = &w
	}
	return p.workers[n]
}

// accept notes claims.
func (p *prover) accept(claims []claim) {
	for _, c := range claims {
		r := &p.reached[c.measure][c.unknown]
		r.down, r.up, r.moved = min(r.down, c.down), max(r.up, c.up), r.moved || c.moved
		if !p.proven[c.measure][c.unknown] {
			p.proven[c.measure][c.unknown] = r.enough(level(&p.a.p.Cells[p.s.cells[c.unknown]], c.measure))
		}
	}
}

// open are the secrets that are not proven.
func (p *prover) open(secrets []secret) []secret {
	var left []secret
	for _, x := range secrets {
		if !p.proven[x.measure][x.unknown] {
			left = append(left, x)
		}
	}
	return left
}

const (
	// batch is how many secrets one goroutine tries before results are shared.
	batch = 256
	// batches is how many batches are tried at once, whatever the number of threads.
	batches = 16
)

// circuits tries to prove secrets by circuits. It returns those that are left. Only the
// first efforts are made for those where a few are enough.
func (p *prover) circuits(secrets []secret, threads int, few func(x secret) bool) (left []secret) {
	searches := make([]*search, threads)
	for m := range p.a.p.Measures {
		p.ways = append(p.ways, p.b.ways(m))
	}
	for worker := range searches {
		searches[worker] = newSearch(p.sparse)
	}
	for turn := 0; turn < turns && len(secrets) > 0; turn++ {
		if turn == fewTurns {
			left = slices.Clone(secrets)
			secrets = slices.DeleteFunc(secrets, few)
		}
		for _, f := range searches {
			f.effort = newEffort(turn)
		}
		now := secrets
		if turn >= fewTurns {
			now = inTurn(secrets, turn)
		}
		p.pass(now, searches)
		secrets = p.open(secrets)
	}
	if left == nil {
		left = secrets
	}
	return p.open(left)
}

// inTurn are secrets, one measure of each cell: what moves it mostly moves the others too.
func inTurn(secrets []secret, turn int) []secret {
	var now []secret
	for n := 0; n < len(secrets); {
		m := n
		for m < len(secrets) && secrets[m].unknown == secrets[n].unknown {
			m++
		}
		now = append(now, secrets[n+turn%(m-n)])
		n = m
	}
	return now
}

// pass tries all secrets with one effort.
func (p *prover) pass(secrets []secret, searches []*search) {
	for len(secrets) > 0 {
		var now []secret
		for len(secrets) > 0 && len(now) < batch*batches {
			if x := secrets[0]; !p.proven[x.measure][x.unknown] {
				now = append(now, x)
			}
			secrets = secrets[1:]
		}
		found := make([][]claim, batches)
		parallel(len(searches), batches, func(worker, n int) {
			a, b := n*len(now)/batches, (n+1)*len(now)/batches
			found[n] = p.worker(worker).batch(searches[worker], now[a:b])
		})
		for _, c := range found {
			p.accept(c)
		}
	}
}

// batch tries some secrets one after the other.
func (p *prover) batch(f *search, secrets []secret) []claim {
	var all []claim
	mine := map[figure]span{}
	for _, x := range secrets {
		key := figure{x.unknown, x.measure}
		if mine[key].enough(x.level) {
			continue
		}
		ways := [2]int64{1, -1}
		if x.level.Either && x.level.Down < x.level.Up {
			ways = [2]int64{-1, 1} // the nearer end first
		}
		for _, sign := range ways {
			step := p.a.step(x.measure)
			need := x.need(sign, step)
			f.measure, f.ways = x.measure, p.ways[x.measure]
			if need == 0 || mine[key].enough(x.level) || !f.climb(x.unknown, sign, need, step) {
				continue
			}
			for _, c := range p.spread(f.moves(), x, f.turn > 0) {
				r := mine[figure{c.unknown, c.measure}]
				mine[figure{c.unknown, c.measure}] = span{min(r.down, c.down), max(r.up, c.up), true}
				all = append(all, c)
			}
		}
	}
	return all
}

// spread claims moves of one measure that were found for a secret, the other way too where
// it has a level, and tries them, both ways, on the other measures, as far as the levels of
// the same cell ask there.
func (p *prover) spread(moves []move, x secret, thorough bool) []claim {
	all := p.claims(1, moves, thorough)
	if len(moves) == 0 {
		return all
	}
	if !loose(x.level) {
		back := slices.Clone(moves)
		for n := range back {
			back[n].by = -back[n].by
		}
		all = append(all, p.claims(1, back, thorough)...)
	}
	moves = slices.DeleteFunc(slices.Clone(moves), func(m move) bool { return m.measure != x.measure })
	unit := common(moves)
	for m := range p.a.p.Measures {
		if m == x.measure || p.a.p.Measures[m].Distinct {
			continue
		}
		step := p.a.step(m)
		far := step
		if l := level(&p.a.p.Cells[p.s.cells[x.unknown]], m); l.Either {
			far = max(far, min(l.Down, l.Up))
		} else {
			far = max(far, l.Down, l.Up)
		}
		for _, sign := range [2]int64{1, -1} {
			some := p.claims(1, scaled(moves, m, sign*far, unit), false)
			if some == nil && far > step {
				some = p.claims(1, scaled(moves, m, sign*step, unit), false)
			}
			all = append(all, some...)
		}
	}
	return all
}

// common is the greatest common divisor of some moves.
func common(moves []move) int64 {
	unit := int64(0)
	for _, x := range moves {
		for a := abs(x.by); a != 0; {
			unit, a = a, unit%a
		}
	}
	return unit
}

// scaled are moves in a measure, by so much for each unit.
func scaled(moves []move, measure int, far, unit int64) []move {
	all := make([]move, len(moves))
	for n, x := range moves {
		all[n] = move{figure{x.number, measure}, x.by / unit * far}
	}
	return all
}
