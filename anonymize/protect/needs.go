package protect

import "slices"

// attacker finds what a mask gives away. It knows the null space of the unknowns
// through random vectors.
type attacker struct {
	*system
	options Options
	hidden  []bool
	vectors [][]uint64
	seed    uint64
}

// vectorCount is how many null vectors are drawn: enough to see that one unknown
// depends on three others.
const vectorCount = 4

func newAttacker(s *system, hidden []bool, o Options) *attacker {
	a := &attacker{system: s, options: o, hidden: hidden}
	n := len(s.cells)
	pivots, _ := eliminate(s.rows(func(v int32) bool { return hidden[v] }), n, hidden)
	r := &random{state: 0x5eed}
	for range vectorCount {
		a.vectors = append(a.vectors, nullVector(pivots, n, hidden, r))
	}
	return a
}

// determined reports whether an unknown follows from what is published.
func (a *attacker) determined(v int32) bool { return a.vectors[0][v] == 0 && a.vectors[1][v] == 0 }

// unknown reports whether a variable cannot be told, or will not be once the needs
// are met.
func (a *attacker) unknown(v int32) bool {
	return a.hidden[v] && (a.sensitive[v] || !a.determined(v))
}

// needs are circuits that are lacking.
func (a *attacker) needs() []need {
	var list []need
	for v := range int32(len(a.cells)) {
		if a.sensitive[v] && a.determined(v) {
			list = append(list, need{column: v})
		}
	}
	list = append(list, a.series()...)
	list = append(list, a.collusions()...)
	return append(list, a.remainders()...)
}

// series are pairs of unknowns that determine one another, when the only contributor
// to one would learn the other.
func (a *attacker) series() []need {
	type ratio struct{ a, b uint64 }
	classes := map[ratio][]int32{}
	var order []ratio
	for v := range int32(len(a.cells)) {
		if !a.hidden[v] || a.determined(v) {
			continue
		}
		inverse := inverseMod(a.vectors[0][v])
		k := ratio{mulMod(a.vectors[1][v], inverse), mulMod(a.vectors[2][v], inverse)}
		if classes[k] == nil {
			order = append(order, k)
		}
		classes[k] = append(classes[k], v)
	}
	var list []need
	for _, k := range order {
		if class := classes[k]; len(class) > 1 {
			list = append(list, a.pairs(class)...)
		}
	}
	return list
}

// pairs are the pairs of a class that must not determine one another. In a large
// class only some are taken: what remains shows when the mask is attacked again.
func (a *attacker) pairs(class []int32) (list []need) {
	const most = 24
	for i, s := range class {
		who := a.alone(s)
		if len(who) == 0 {
			continue
		}
		for j, p := range class {
			if i == j || !a.sensitive[p] || j < i && len(a.alone(p)) > 0 || a.own(p, who) {
				continue
			}
			list = append(list, need{column: p, avoid: []int32{s}})
		}
		if len(list) > most*most {
			break
		}
	}
	return list
}

// own reports whether a variable rests on one contributor who is among those given.
func (a *attacker) own(v int32, who []holder) bool {
	return slices.ContainsFunc(a.alone(v), func(h holder) bool { return slices.Contains(who, h) })
}

// collusions are the unknowns that a contributor learns who stands alone behind two
// unknowns or more.
func (a *attacker) collusions() (list []need) {
	sets := map[holder][]int32{}
	var order []holder
	for v := range int32(len(a.cells)) {
		if !a.hidden[v] || a.determined(v) {
			continue
		}
		for _, h := range a.alone(v) {
			if h.anonymous >= 0 {
				continue
			}
			if sets[h] == nil {
				order = append(order, h)
			}
			sets[h] = append(sets[h], v)
		}
	}
	for _, h := range order {
		if set := sets[h]; len(set) > 1 {
			list = append(list, a.learnt(h, set)...)
		}
	}
	return list
}

// learnt are the unknowns near those that a contributor knows that follow from them.
func (a *attacker) learnt(h holder, set []int32) (list []need) {
	if len(set) >= vectorCount {
		set = set[:vectorCount-1] // TODO
	}
	annihilator := annihilate(a.vectors, set)
	seen := map[int32]bool{}
	for _, s := range set {
		seen[s] = true
	}
	for _, s := range set {
		for _, i := range a.of[s] {
			e := a.equations[i]
			for _, v := range append([]int32{e.total}, e.members...) {
				if seen[v] || !a.hidden[v] || !a.sensitive[v] || a.determined(v) {
					continue
				}
				seen[v] = true
				dot := uint64(0)
				for k, w := range annihilator {
					dot = addMod(dot, mulMod(w, a.vectors[k][v]))
				}
				if dot == 0 && !a.own(v, []holder{h}) {
					list = append(list, need{column: v, avoid: set})
				}
			}
		}
	}
	return list
}

// annihilate is a combination of vectors that is zero in some columns, fewer than
// there are vectors, and random otherwise.
func annihilate(vectors [][]uint64, columns []int32) []uint64 {
	n := len(vectors)
	rows := make([]row, 0, len(columns))
	for _, c := range columns {
		var r row
		for k := range n {
			if vectors[k][c] != 0 {
				r = append(r, entry{column: int32(k), value: vectors[k][c]})
			}
		}
		if len(r) > 0 {
			rows = append(rows, r)
		}
	}
	chosen := make([]bool, n)
	for k := range chosen {
		chosen[k] = true
	}
	pivots, _ := eliminate(rows, n, chosen)
	return nullVector(pivots, n, chosen, &random{state: 0xa11})
}

// remainders are the equations whose hidden members must be joined by one more: their
// sum, which follows from what is published, is sensitive, or so small that it pins
// them.
func (a *attacker) remainders() (list []need) {
	for i := range a.equations {
		e := &a.equations[i]
		if a.unknown(e.total) {
			continue
		}
		var unknown, shown []int32
		for _, m := range e.members {
			if a.unknown(m) {
				unknown = append(unknown, m)
			} else {
				shown = append(shown, m)
			}
		}
		if len(unknown) == 0 {
			continue
		}
		if n, lacking := a.remainder(e, unknown, shown); lacking {
			list = append(list, n)
		}
	}
	return list
}

// remainder says what may join the unknowns of an equation, if something must.
func (a *attacker) remainder(e *equation, unknown, shown []int32) (need, bool) {
	p := a.problem
	u := a.union(unknown)
	leaks := p.Remainder && u.unsafe()
	pinned := false
	for k, m := range p.Measures {
		pinned = pinned || !m.Distinct && a.slack(k, unknown, a.options.ZerosKnown) == 0 && slices.ContainsFunc(unknown, func(v int32) bool { return a.sensitive[v] })
	}
	if !leaks && !pinned {
		return need{}, false
	}
	n := need{choices: []int32{}}
	if !a.hidden[e.total] {
		n.choices = append(n.choices, e.total)
	}
	for _, v := range shown {
		if a.hidden[v] {
			continue
		}
		if leaks {
			joined := u.clone()
			joined.add(v)
			if joined.unsafe() {
				continue
			}
		}
		if pinned && !a.loosens(v) {
			continue
		}
		n.choices = append(n.choices, v)
	}
	return n, true
}

// loosens reports whether a variable is above its bound in every additive measure.
func (a *attacker) loosens(v int32) bool {
	for k, m := range a.problem.Measures {
		if !m.Distinct && a.slack(k, []int32{v}, a.options.ZerosKnown) == 0 {
			return false
		}
	}
	return true
}
