package audit

import (
	"cmp"
	"math"
	"slices"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// examination is one run of the audit.
type examination struct {
	p         *tabular.Problem
	o         Options
	s         *system
	a         attacker
	b         *bounds
	v         *prover
	null      [][]vectors    // part → prime; nil where there is no sensitive cell
	solved    []*elimination // part → its elimination modulo the first prime
	sensitive []bool         // by unknown
	fixed     []bool         // by unknown: determined
	done      [][]bool       // measure → unknown: fault reported
	told      [][]bool       // measure → unknown: a zero that may be told
	held      []secret       // zeros that bounds pin
	hides     []bool         // part → whether it has sensitive cells
	active    []int          // parts with sensitive cells, the largest first
	same      []int32        // by unknown: cells with the same number are one figure
	ratio     []int32        // by unknown: those with the same number follow from one another
}

// vectors are random vectors of the null space of a part modulo one prime.
type vectors [][]uint64

// newExamination sets up what all parts of the audit need.
func newExamination(p *tabular.Problem, hidden []bool, o Options) *examination {
	a := attacker{p: p, nonZero: o.NonZero}
	s := newSystem(p, hidden)
	x := &examination{p: p, o: o, s: s, a: a, sensitive: make([]bool, len(s.cells)), fixed: make([]bool, len(s.cells))}
	x.hides = make([]bool, len(s.parts))
	for u, c := range s.cells {
		x.sensitive[u] = p.Cells[c].Sensitive
		x.hides[s.place[u]] = x.hides[s.place[u]] || x.sensitive[u]
	}
	for k := range s.parts {
		if x.hides[k] {
			x.active = append(x.active, k)
		}
	}
	slices.SortStableFunc(x.active, func(a, b int) int { return len(s.parts[b].unknowns) - len(s.parts[a].unknowns) })
	x.null, x.solved = make([][]vectors, len(s.parts)), make([]*elimination, len(s.parts))
	x.done, x.told = make([][]bool, len(p.Measures)), make([][]bool, len(p.Measures))
	for m := range x.done {
		x.done[m], x.told[m] = make([]bool, len(s.cells)), make([]bool, len(s.cells))
	}
	x.same = x.sameFigure()
	x.ratio = make([]int32, len(s.cells))
	for u := range x.ratio {
		x.ratio[u] = int32(u)
	}
	x.b = newBounds(s, a)
	x.v = newProver(s, a, x.b, newChecker(p, hidden, a), o.Threads)
	return x
}

// equationsOf lists the equations of each cell.
func equationsOf(p *tabular.Problem) lists {
	l := lists{start: make([]int32, 1, len(p.Equations)+1)}
	for i := range p.Equations {
		e := &p.Equations[i]
		l.at, l.sign = append(l.at, e.Total), append(l.sign, 1)
		for _, m := range e.Members {
			l.at, l.sign = append(l.at, m), append(l.sign, -1)
		}
		l.start = append(l.start, int32(len(l.at)))
	}
	return l.transpose(len(p.Cells))
}

// fault reports a sensitive unknown, once per measure (all of them if measure is −1).
func (x *examination) fault(r *Report, kind Kind, u int32, measure int) {
	f := Fault{Kind: kind, Cell: x.s.cells[u], Equation: none, Measure: int32(measure), Rule: none, By: none}
	if measure >= 0 {
		if x.done[measure][u] {
			return
		}
		x.done[measure][u] = true
		f.Interval, f.Low, f.High = true, math.MinInt64, math.MaxInt64
		if lo := x.b.lo[measure][u]; lo != -unbounded {
			f.Low = lo
		}
		if hi := x.b.hi[measure][u]; hi != unbounded {
			f.High = hi
		}
	}
	r.Faults = append(r.Faults, f)
}

// seed makes random vectors the same in each run.
const seed = 0x5851f42d4c957f2d

// determined is A1. Nothing follows from equations for measures that do not add up.
func (x *examination) determined(r *Report) {
	r.Unknown = len(x.s.cells)
	for _, secret := range x.sensitive {
		if secret {
			r.Sensitive++
		}
	}
	if x.additive() {
		x.eliminate(r)
	}
}

// eliminate finds what follows from the equations.
func (x *examination) eliminate(r *Report) {
	primes := [2]field{first, second}
	for _, k := range x.active {
		x.null[k] = make([]vectors, len(primes))
	}
	parallel(x.o.Threads, 2*len(x.active), func(_, i int) {
		k, n := x.active[i/2], i%2
		e := eliminate(x.s, x.s.parts[k], primes[n], nil)
		if n == 0 {
			x.solved[k] = e
		}
		d := dice(seed + uint64(x.s.parts[k].unknowns[0]))
		for range nullVectors {
			x.null[k][n] = append(x.null[k][n], e.vector(&d))
		}
	})
	keep := make([]bool, len(x.s.rows))
	for _, k := range x.active {
		for i, r := range x.s.parts[k].rows {
			keep[r] = x.solved[k].used[i]
		}
	}
	x.v.sparse = x.s.without(keep)
	for _, k := range x.active {
		for i, u := range x.s.parts[k].unknowns {
			x.fixed[u] = x.null[k][0].zero(i) || x.null[k][1].zero(i)
		}
	}
	for u := range int32(len(x.s.cells)) {
		if x.sensitive[u] && x.fixed[u] {
			x.fault(r, Determined, u, none)
			for m := range x.done {
				x.done[m][u] = true
			}
		}
	}
}

// nullVectors is how many random vectors each elimination gives.
const nullVectors = 3

// zero says whether a column is zero in all vectors.
func (v vectors) zero(column int) bool {
	for _, x := range v {
		if x[column] != 0 {
			return false
		}
	}
	return true
}

// pinned is A2.
func (x *examination) pinned(r *Report) {
	parallel(x.o.Threads, len(x.active), func(_, i int) {
		x.b.part(x.s.parts[x.active[i]])
	})
	for u := range int32(len(x.s.cells)) {
		if !x.sensitive[u] {
			continue
		}
		c := &x.p.Cells[x.s.cells[u]]
		for m := range x.p.Measures {
			lo, hi, v, l := x.b.lo[m][u], x.b.hi[m][u], c.Values[m], level(c, m)
			down, up := lo <= v-l.Down, hi >= v+l.Up
			switch {
			case lo == hi && x.empty(u, m) && !x.done[m][u]:
				x.held = append(x.held, secret{u, m, l})
				x.told[m][u] = true
			case lo == hi:
				x.fault(r, Pinned, u, m)
			case misses(l, down, up):
				x.fault(r, Narrow, u, m)
			}
		}
	}
}

// witnesses is A3 and A4.
func (x *examination) witnesses(r *Report) {
	var secrets []secret
	for u := range int32(len(x.s.cells)) {
		if !x.sensitive[u] {
			continue
		}
		for m := range x.p.Measures {
			if x.p.Measures[m].Distinct {
				continue
			}
			r.Secrets++
			if !x.done[m][u] && !x.told[m][u] {
				secrets = append(secrets, secret{u, m, level(&x.p.Cells[x.s.cells[u]], m)})
			}
		}
	}
	if len(secrets) == 0 && !x.additive() {
		for m := range x.p.Measures {
			newDistincts(x, m).decide(r)
		}
		return
	}
	left := x.v.circuits(secrets, x.o.Threads, func(s secret) bool { return x.empty(s.unknown, s.measure) })
	before := len(left)
	var zeros, others []secret
	for _, s := range left {
		if x.empty(s.unknown, s.measure) {
			zeros = append(zeros, s)
		} else {
			others = append(others, s)
		}
	}
	others = x.programs(r, others)
	told := r.Zeros
	zeros = x.programs(r, x.zeros(r, x.v.open(zeros)))
	told = r.Zeros - told
	for _, s := range x.zeros(r, x.held) {
		x.told[s.measure][s.unknown] = false
		x.fault(r, Pinned, s.unknown, s.measure)
	}
	r.ByLP = before - len(others) - len(zeros) - told
	r.Witnessed = len(secrets) - len(others) - len(zeros) - told
}

// programs proves secrets by linear programming, reports those that it cannot, and
// returns them.
func (x *examination) programs(r *Report, secrets []secret) []secret {
	left := x.v.programs(secrets, x.o.Threads)
	x.decide(r, left)
	return x.v.open(left)
}

// decide is the last of A4: secrets without a witness, in their whole components.
func (x *examination) decide(r *Report, secrets []secret) {
	place := func(s secret) (int32, int) { return x.s.place[s.unknown], s.measure }
	slices.SortStableFunc(secrets, func(a, b secret) int {
		ka, ma := place(a)
		kb, mb := place(b)
		return cmp.Or(cmp.Compare(ka, kb), cmp.Compare(ma, mb))
	})
	var groups [][]secret
	for n, s := range secrets {
		k, m := place(s)
		if n > 0 {
			if lk, lm := place(secrets[n-1]); lk == k && lm == m {
				groups[len(groups)-1] = append(groups[len(groups)-1], s)
				continue
			}
		}
		groups = append(groups, []secret{s})
	}
	verdicts := make([][]verdict, len(groups))
	parallel(x.o.Threads, len(groups), func(worker, n int) {
		k := x.s.parts[x.s.place[groups[n][0].unknown]]
		if len(k.unknowns) <= x.o.Largest {
			verdicts[n] = x.v.worker(worker).component(k, groups[n])
		}
	})
	for _, list := range verdicts {
		for _, v := range list {
			x.v.accept(v.claims)
		}
	}
	for n, g := range groups {
		for i, s := range g {
			if x.v.proven[s.measure][s.unknown] {
				continue
			}
			kind := Unproven
			if verdicts[n] != nil && verdicts[n][i].kind != "" {
				v := verdicts[n][i]
				kind = v.kind
				x.b.lo[s.measure][s.unknown] = max(x.b.lo[s.measure][s.unknown], v.lo)
				x.b.hi[s.measure][s.unknown] = min(x.b.hi[s.measure][s.unknown], v.hi)
			}
			x.fault(r, kind, s.unknown, s.measure)
		}
	}
}

// widths describes the intervals.
func (x *examination) widths(r *Report) {
	for m := range x.p.Measures {
		var inner, outer []int64
		for u := range x.s.cells {
			if !x.sensitive[u] || x.told[m][u] {
				continue
			}
			s := x.v.reached[m][u]
			inner = append(inner, s.up-s.down)
			if lo, hi := x.b.lo[m][u], x.b.hi[m][u]; lo == -unbounded || hi == unbounded {
				outer = append(outer, math.MaxInt64)
			} else {
				outer = append(outer, hi-lo)
			}
		}
		if len(inner) == 0 {
			continue
		}
		slices.Sort(inner)
		slices.Sort(outer)
		n := len(inner)
		r.Widths = append(r.Widths, Width{m, n, inner[0], inner[n/2], outer[0], outer[n/2]})
	}
}
