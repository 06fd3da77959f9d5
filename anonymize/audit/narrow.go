package audit

import (
	"math"
	"slices"

	"github.com/parvis-opendata/parvis/anonymize/simplex"
)

// sizes are the numbers of unknowns of the regions in which a secret without a circuit
// is tried, one after the other. Then comes the whole component. In large ones, the rest
// is left out once some in a row were tried for nothing: they are tried again in larger
// ones, and where those fail, the mask does.
var sizes = []int{100, 400, 1600, 6400}

// large is the number of unknowns from which on a program takes long.
const large = 1000

// programs tries to prove secrets by linear programming in growing regions. It returns
// those that are left.
func (p *prover) programs(secrets []secret, threads int) []secret {
	for n, size := range sizes {
		if n > 0 && len(p.s.cells) <= sizes[n-1] {
			break
		}
		for rest, hope := secrets, true; len(rest) > 0 && hope; {
			var now []secret
			for len(rest) > 0 && len(now) < batches {
				if x := rest[0]; !p.proven[x.measure][x.unknown] {
					now = append(now, x)
				}
				rest = rest[1:]
			}
			found := make([][]claim, len(now))
			parallel(threads, len(now), func(worker, n int) {
				found[n] = p.worker(worker).local(now[n], size)
			})
			for _, c := range found {
				p.accept(c)
			}
			hope = size < large || len(p.open(now)) < len(now) || len(now) == 0
		}
		secrets = p.open(secrets)
	}
	return secrets
}

// local tries one secret in a region, in all ways of its measure, and with it the others
// there.
func (p *prover) local(x secret, size int) []claim {
	ball := p.near.ball(x.unknown, size)
	var all []claim
	for _, w := range p.ways[x.measure] {
		g := newRegion(p.sparse, p.b, x.measure, ball, p.reach(x))
		g.by(w)
		found := p.extremes(g, 0, x, fewNodes)
		if all = append(all, found...); len(found) > 0 && loose(x.level) {
			return append(all, p.others(g, x)...)
		}
		if reached(all, x).enough(x.level) {
			break
		}
	}
	return all
}

// reached is how far claims move a secret.
func reached(claims []claim, x secret) (far span) {
	for _, c := range claims {
		if c.unknown == x.unknown && c.measure == x.measure {
			far = span{min(far.down, c.down), max(far.up, c.up), true}
		}
	}
	return far
}

// others tries the other secrets of a region that lets one move, at once.
func (p *prover) others(g *region, x secret) []claim {
	d, others := dice(x.unknown), 0
	for n, u := range g.unknowns {
		cost := 0.0
		if p.a.p.Cells[p.s.cells[u]].Sensitive && !p.proven[x.measure][u] && n > 0 {
			cost = float64(d.next()%1024)/1024 - 0.8
			others++
		}
		g.model.SetCost(n, cost)
	}
	if others < company {
		return nil
	}
	return p.verify(g.solve(), x)
}

// company is how many other secrets make one more program worth while.
const company = 3

// verify claims what stands up of some attempts, in other measures too.
func (p *prover) verify(attempts []attempt, x secret) []claim {
	var all []claim
	for _, a := range attempts {
		if a.q == 1 {
			all = append(all, p.spread(a.moves, x, true)...)
		} else {
			all = append(all, p.claims(a.q, a.moves, true)...)
		}
	}
	return all
}

// reach is by how many steps the unknowns of a region may move for a secret.
func (p *prover) reach(x secret) float64 {
	return 3 + 4*float64(max(x.level.Up, x.level.Down)/p.a.step(x.measure))
}

// nodes and fewNodes are how many programs a search for whole numbers may solve, in a
// component and in a region.
const nodes, fewNodes = 60, 3

// extremes moves a secret, which is column j of the region, up and down as far as its
// level asks.
func (p *prover) extremes(g *region, j int, x secret, nodes int) []claim {
	var all []claim
	lo, hi := g.lo[j], g.hi[j]
	for _, sign := range [2]int64{1, -1} {
		need := x.need(sign, g.step)
		if need == 0 {
			continue
		}
		steps := float64((need + g.step - 1) / g.step)
		far := steps
		if steps > 1e6 { // so that rounding does not end just short of the level
			far += math.Ceil(steps / 1e6)
		}
		g.model.SetCost(j, -float64(sign))
		g.lo[j], g.hi[j] = max(lo, -far), min(hi, far)
		g.model.SetBounds(j, g.lo[j], g.hi[j])
		left := nodes
		found := p.branch(g, j, float64(sign)*steps, &left)
		g.lo[j], g.hi[j] = lo, hi
		all = append(all, found...)
		if (loose(x.level) || x.level.Either) && moves(found, x) {
			break
		}
	}
	g.model.SetCost(j, 0)
	g.model.SetBounds(j, lo, hi)
	return all
}

// moves says whether claims have a secret in them.
func moves(claims []claim, x secret) bool {
	return slices.ContainsFunc(claims, func(c claim) bool { return c.unknown == x.unknown && c.measure == x.measure })
}

// branch looks for whole numbers by cutting off broken values, depth first; aim is
// where column j must get to.
func (p *prover) branch(g *region, j int, aim float64, left *int) []claim {
	if *left--; *left < 0 {
		return nil
	}
	r := g.model.Solve(simplex.Limits{})
	if r.Status != simplex.Optimal || r.X[j]/aim < 1-1e-9 {
		return nil
	}
	x := secret{unknown: g.unknowns[j], measure: g.measure}
	all := p.verify(g.attempts(r.X), x)
	if moves(all, x) {
		return all
	}
	if !p.a.p.Measures[g.measure].Whole {
		return all
	}
	for k, v := range r.X {
		if math.Abs(v-math.Round(v)) < 1e-6 {
			continue
		}
		lo, hi := g.lo[k], g.hi[k]
		g.hi[k] = math.Floor(v)
		g.model.SetBounds(k, g.lo[k], g.hi[k])
		found := p.branch(g, j, aim, left)
		if !moves(found, x) {
			g.lo[k], g.hi[k] = math.Ceil(v), hi
			g.model.SetBounds(k, g.lo[k], g.hi[k])
			found = append(found, p.branch(g, j, aim, left)...)
		}
		g.lo[k], g.hi[k] = lo, hi
		g.model.SetBounds(k, lo, hi)
		return append(all, found...)
	}
	return all
}

// interval is the range of moves of column j, in steps; false if the program could not
// be solved.
func (g *region) interval(j int) (lo, hi float64, ok bool) {
	ends := [2]float64{}
	for n, cost := range [2]float64{1, -1} {
		g.model.SetCost(j, cost)
		r := g.model.Solve(simplex.Limits{})
		switch r.Status {
		case simplex.Optimal:
			ends[n] = r.X[j]
		case simplex.Unbounded:
			ends[n] = math.Inf(-int(cost))
		default:
			return 0, 0, false
		}
	}
	g.model.SetCost(j, 0)
	return ends[0], ends[1], true
}

// verdict is what linear programming over the whole component says of a secret.
type verdict struct {
	claims []claim
	kind   Kind
	lo, hi int64
}

// component decides the secrets of one part and measure that nothing has proven yet.
// Secrets that a witness found on the way proves are not tried any more, nor those of a
// large part once some in a row stay unproven.
func (p *prover) component(k part, secrets []secret) []verdict {
	m := secrets[0].measure
	g := newRegion(p.sparse, p.b, m, k.unknowns, math.Inf(1))
	all, reached := make([]verdict, len(secrets)), map[int32]span{}
	try := func(g *region, n, nodes int) bool {
		x := secrets[n]
		found := p.extremes(g, int(p.s.local[x.unknown]), x, nodes)
		all[n].claims = append(all[n].claims, found...)
		for _, c := range found {
			if r := reached[c.unknown]; c.measure == m {
				reached[c.unknown] = span{min(r.down, c.down), max(r.up, c.up), true}
			}
		}
		return reached[x.unknown].enough(x.level)
	}
	more := max(fewNodes, min(nodes, 100*large/len(k.unknowns)))
	for n, failed := 0, 0; n < len(secrets) && (failed < batches || len(k.unknowns) < large); n++ {
		x := secrets[n]
		if reached[x.unknown].enough(x.level) || try(g, n, fewNodes) {
			failed = 0
			continue
		}
		failed++
		if p.narrow(g, x, &all[n]); all[n].kind == Unproven && !try(g, n, more) {
			for _, w := range p.ways[m] {
				tight := newRegion(p.sparse, p.b, m, k.unknowns, math.Inf(1))
				tight.by(w)
				tight.shrink()
				if try(tight, n, more) {
					break
				}
			}
		}
	}
	return all
}

// narrow says whether the interval of a secret is too narrow; if not, it is unproven.
func (p *prover) narrow(g *region, x secret, v *verdict) {
	m := x.measure
	v.kind, v.lo, v.hi = Unproven, p.b.lo[m][x.unknown], p.b.hi[m][x.unknown]
	lo, hi, ok := g.interval(int(p.s.local[x.unknown]))
	if !ok {
		return
	}
	value := p.a.p.Cells[p.s.cells[x.unknown]].Values[m]
	if p.a.p.Measures[m].Whole {
		lo, hi = math.Ceil(lo-1e-6), math.Floor(hi+1e-6)
	}
	if !math.IsInf(lo, 0) {
		v.lo = value + int64(math.Round(lo*float64(g.step)))
	}
	if !math.IsInf(hi, 0) {
		v.hi = value + int64(math.Round(hi*float64(g.step)))
	}
	down, up := lo*float64(g.step) <= -float64(x.level.Down)+1e-6, hi*float64(g.step) >= float64(x.level.Up)-1e-6
	switch {
	case hi-lo < 1e-6:
		v.kind = Pinned
	case misses(x.level, down, up):
		v.kind = Narrow
	}
}
