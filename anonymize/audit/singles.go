package audit

import (
	"cmp"
	"slices"
)

const (
	// known15 is up to how many cells of one contributor null vectors are combined.
	known15 = 15
	// again is the size of a component up to which it is eliminated anew for a
	// contributor with more cells.
	again = 5000
	// combined is the number of products, for all contributors together, up to which
	// their knowledge is tried on whole components.
	combined = 1e8
	// near is the number of unknowns around a contributor's cells on which his
	// knowledge is tried otherwise.
	near = 1000
	// fewest is of how many cells of a contributor all sums and differences are tried.
	fewest = 6
	// looks is how many rows, in one measure, are looked at for what bounds tell a
	// contributor.
	looks = 400
)

// single is a contributor with the unknown cells of one part behind which he is alone,
// in the eyes of one rule or several.
type single struct {
	part   int32
	number uint64 // 0: without number, one cell only
	rules  []int32
	cells  []int32
	apart  []int32 // of them, one for each figure that does not follow from another
}

// alone lists the contributors who are alone behind unknown cells of active parts.
func (x *examination) alone() []single {
	var all []single
	for k := range x.p.Rules {
		if !x.p.Rules[k].Alone {
			continue
		}
		for u, c := range x.s.cells {
			h := &x.p.Cells[c].Holders[k]
			if h.Count != 1 || !x.hides[x.s.place[u]] {
				continue
			}
			s := single{part: x.s.place[u], rules: []int32{int32(k)}, cells: []int32{int32(u)}}
			if len(h.Smallest) > 0 {
				s.number = h.Smallest[0]
			}
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(a, b single) int {
		return cmp.Or(cmp.Compare(a.part, b.part), cmp.Compare(a.rules[0], b.rules[0]), cmp.Compare(a.number, b.number))
	})
	joined := all[:0]
	for _, s := range all {
		if n := len(joined); n > 0 && s.number != 0 && joined[n-1].part == s.part && joined[n-1].rules[0] == s.rules[0] && joined[n-1].number == s.number {
			joined[n-1].cells = append(joined[n-1].cells, s.cells[0])
			continue
		}
		joined = append(joined, s)
	}
	return once(joined)
}

// once joins contributors with the same cells, whom several rules count.
func once(all []single) []single {
	slices.SortStableFunc(all, func(a, b single) int { return slices.Compare(a.cells, b.cells) })
	joined := all[:0]
	for _, s := range all {
		if n := len(joined); n > 0 && slices.Equal(joined[n-1].cells, s.cells) {
			joined[n-1].rules = append(joined[n-1].rules, s.rules...)
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

// private says whether an unknown is a secret for its own sake that the equations alone do
// not give away.
func (x *examination) private(u int32) bool {
	return x.sensitive[u] && !x.fixed[u] && !x.p.Cells[x.s.cells[u]].Secondary
}

// others says whether an unknown is a secret of others than the contributor.
func (x *examination) others(s single, u int32) bool {
	if !x.private(u) {
		return false
	}
	return !slices.ContainsFunc(s.cells, func(c int32) bool { return x.same[c] == x.same[u] })
}

// contributors is A5.
func (x *examination) contributors(r *Report) {
	all := x.alone()
	if len(all) == 0 {
		return
	}
	if x.additive() {
		x.ratios(r, all)
		x.combinations(r, x.several(all))
	}
	x.knowing(r, all)
}

// learns reports that a contributor learns a secret.
func (x *examination) learns(r *Report, s single, u int32, measure int) {
	for _, k := range s.rules {
		f := Fault{Kind: Contributor, Cell: x.s.cells[u], Equation: none, Measure: int32(measure), Rule: k, By: x.s.cells[s.cells[0]]}
		r.Faults = append(r.Faults, f)
	}
}

// ratios finds pairs of cells that determine one another: their values have the same
// ratio in all vectors of the null space.
func (x *examination) ratios(r *Report, all []single) {
	classes := make([][]int32, 2*len(x.active)) // part and prime → column → class
	parallel(x.o.Threads, len(classes), func(_, i int) {
		classes[i] = x.null[x.active[i/2]][i%2].classes([2]field{first, second}[i%2])
	})
	members := make([]map[int32][]int32, len(classes))
	for i, c := range classes {
		members[i] = map[int32][]int32{}
		for column, class := range c {
			if class >= 0 {
				members[i][class] = append(members[i][class], int32(column))
			}
		}
	}
	rank := make([]int, len(x.s.parts))
	for n, k := range x.active {
		rank[k] = n
		for column, class := range classes[2*n] {
			if class >= 0 {
				x.ratio[x.s.parts[k].unknowns[column]] = x.s.parts[k].unknowns[class]
			}
		}
	}
	for _, s := range all {
		for prime := range 2 {
			i := 2*rank[s.part] + prime
			for _, u := range s.cells {
				class := classes[i][x.s.local[u]]
				if class < 0 {
					continue
				}
				for _, column := range members[i][class] {
					if v := x.s.parts[s.part].unknowns[column]; x.others(s, v) {
						x.learns(r, s, v, none)
					}
				}
			}
		}
	}
}

// classes numbers columns so that those with the same ratios, and no others, have the
// same number, which is that of a column of theirs; columns that are zero or alone have
// −1.
func (v vectors) classes(f field) []int32 {
	n := len(v[0])
	class := make([]int32, n)
	type point struct {
		column int32
		a, b   uint64
	}
	points := make([]point, 0, n)
	inverse := f.inverses(v[0])
	for i := range n {
		class[i] = -1
		if v[0][i] != 0 {
			points = append(points, point{int32(i), f.mul(v[1][i], inverse[i]), f.mul(v[2][i], inverse[i])})
		}
	}
	slices.SortFunc(points, func(p, q point) int {
		return cmp.Or(cmp.Compare(p.a, q.a), cmp.Compare(p.b, q.b), cmp.Compare(p.column, q.column))
	})
	for i := 1; i < len(points); i++ {
		if p, q := points[i-1], points[i]; p.a == q.a && p.b == q.b {
			if class[p.column] < 0 {
				class[p.column] = p.column
			}
			class[q.column] = class[p.column]
		}
	}
	return class
}

// inverses are 1/x, and 0 for 0, by one division.
//
// Source: Montgomery, Speeding the Pollard and elliptic curve methods of factorization,
// 1987, section 10.3.1.
func (f field) inverses(x []uint64) []uint64 {
	y := make([]uint64, len(x))
	product := uint64(1)
	for i, v := range x {
		y[i] = product
		if v != 0 {
			product = f.mul(product, v)
		}
	}
	rest := f.inverse(product)
	for i := len(x) - 1; i >= 0; i-- {
		if x[i] == 0 {
			y[i] = 0
			continue
		}
		y[i], rest = f.mul(y[i], rest), f.mul(rest, x[i])
	}
	return y
}

// knowing finds secrets that bounds pin once a contributor puts in his own values.
func (x *examination) knowing(r *Report, all []single) {
	const chunk = 64
	chunks := (len(all) + chunk - 1) / chunk
	own := make([]*bounds, x.o.Threads)
	type lesson struct {
		single, measure int
		unknown         int32
	}
	found := make([][]lesson, chunks)
	parallel(x.o.Threads, chunks, func(worker, n int) {
		if own[worker] == nil {
			own[worker] = x.b.copyOf()
		}
		for i := n * chunk; i < min(len(all), (n+1)*chunk); i++ {
			own[worker].suppose(all[i].cells, func(m int, u int32) {
				if x.others(all[i], u) && x.b.lo[m][u] != x.b.hi[m][u] && !x.empty(u, m) {
					found[n] = append(found[n], lesson{i, m, u})
				}
			})
		}
	})
	for _, f := range found {
		for _, l := range f {
			x.learns(r, all[l.single], l.unknown, l.measure)
		}
	}
}

// suppose propagates from some known unknowns, calls pinned for each figure that they
// pin, and takes everything back.
func (b *bounds) suppose(known []int32, pinned func(measure int, u int32)) {
	var log []change
	b.log, b.queue = &log, b.queue[:0]
	for _, u := range known {
		for m := range b.lo {
			b.tighten(m, u, b.value[m][u], b.value[m][u])
		}
	}
	b.run(looks)
	for _, t := range b.queue {
		b.visited[b.at(t)] = 0
	}
	for _, c := range log {
		if b.lo[c.measure][c.unknown] == b.hi[c.measure][c.unknown] {
			pinned(c.measure, c.unknown)
		}
	}
	for n := len(log) - 1; n >= 0; n-- {
		c := log[n]
		b.lo[c.measure][c.unknown], b.hi[c.measure][c.unknown] = c.lo, c.hi
	}
	b.log = nil
}
