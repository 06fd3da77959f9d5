package protect

import (
	"slices"
)

// attacker finds what a mask gives away. It knows the unknowns through random vectors
// of their null space: what is zero in them is determined, and what depends on other
// unknowns in them depends on those in every table that agrees.
type attacker struct {
	*system
	zerosKnown bool
	measure    int // in which secrets are looked for; −1: all
	hidden     []bool
	pivots     []pivot
	vectors    [][]uint64
	group      []int32 // of unknowns that equations connect; a number for each
	r          random
}

func newAttacker(s *system, hidden []bool, zerosKnown bool) *attacker {
	a := &attacker{system: s, zerosKnown: zerosKnown, measure: -1, hidden: hidden, r: random{state: 0x5eed}}
	a.pivots, _ = eliminate(s.rows(func(v int32) bool { return hidden[v] }), len(s.cells), hidden)
	a.draw(3)
	return a
}

// draw sees to it that there are so many null vectors.
func (a *attacker) draw(count int) {
	for len(a.vectors) < count {
		a.vectors = append(a.vectors, nullVector(a.pivots, len(a.cells), a.hidden, &a.r))
	}
}

// determined reports whether an unknown follows from what is published.
func (a *attacker) determined(v int32) bool { return a.vectors[0][v] == 0 && a.vectors[1][v] == 0 }

// unknown reports whether a variable cannot be told, or will not be once it has the
// circuit that it needs.
func (a *attacker) unknown(v int32) bool {
	return a.hidden[v] && (a.sensitive[v] || !a.determined(v))
}

// wanted reports whether nobody may learn a variable.
func (a *attacker) wanted(v int32) bool {
	if a.measure >= 0 {
		return a.secret(a.measure, v)
	}
	return a.sensitive[v]
}

// needs are the circuits that are lacking.
func (a *attacker) needs() []need {
	var list []need
	for v := range int32(len(a.cells)) {
		if a.sensitive[v] && a.determined(v) {
			list = append(list, need{column: v})
		}
	}
	list = append(list, a.series()...)
	list = append(list, a.several()...)
	if list = append(list, a.remainders()...); len(list) == 0 {
		list = a.pins()
	}
	return list
}

// series are pairs of unknowns that determine one another, when the only contributor
// to one would learn the other.
func (a *attacker) series() (list []need) {
	type ratio struct{ second, third uint64 }
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
	for _, k := range order {
		if class := classes[k]; len(class) > 1 {
			list = append(list, a.pairs(class)...)
		}
	}
	return list
}

// enough pairs of a class are looked at in one turn; those that are left show when
// the mask is attacked again.
const enough = 600

// pairs are the pairs of a class in which one contributor would learn of another.
func (a *attacker) pairs(class []int32) (list []need) {
	for i, s := range class {
		who := a.alone(s)
		if len(who) == 0 {
			continue
		}
		for j, p := range class {
			seen := j < i && a.wanted(s) && len(a.alone(p)) > 0 // as the pair (p, s)
			if i != j && a.wanted(p) && !seen && !a.own(p, who) {
				list = append(list, need{column: p, avoid: []int32{s}})
			}
		}
		if len(list) > enough {
			break
		}
	}
	return list
}

// own reports whether a variable rests on one contributor who is among those given.
func (a *attacker) own(v int32, who []holder) bool {
	return slices.ContainsFunc(a.alone(v), func(h holder) bool { return slices.Contains(who, h) })
}

// several are the unknowns that follow for a contributor who stands alone behind
// two unknowns or more.
func (a *attacker) several() (list []need) {
	sets, order := a.contributors()
	for _, h := range order {
		if set := sets[h]; len(set) > 1 && h.anonymous < 0 {
			list = append(list, a.learnt(h, set)...)
		}
	}
	return list
}

// learnt are the unknowns connected with those that a contributor knows that follow
// from them.
func (a *attacker) learnt(h holder, set []int32) (list []need) {
	a.draw(len(set) + 1)
	weights := annihilator(a.vectors[:len(set)+1], set)
	for _, v := range a.connected(set) {
		if !a.wanted(v) || a.determined(v) || slices.Contains(set, v) {
			continue
		}
		dot := uint64(0)
		for k, w := range weights {
			dot = addMod(dot, mulMod(w, a.vectors[k][v]))
		}
		if dot == 0 && !a.own(v, []holder{h}) {
			list = append(list, need{column: v, avoid: set})
		}
	}
	return list
}

// annihilator is a combination of vectors that is zero in some columns, one fewer than
// there are vectors, and random otherwise.
func annihilator(vectors [][]uint64, columns []int32) []uint64 {
	n := len(vectors)
	var rows []row
	for _, c := range columns {
		var r row
		for k := range n {
			if vectors[k][c] != 0 {
				r = append(r, entry{column: int32(k), value: vectors[k][c]})
			}
		}
		rows = append(rows, r)
	}
	all := slices.Repeat([]bool{true}, n)
	pivots, _ := eliminate(rows, n, all)
	return nullVector(pivots, n, all, &random{state: 0xa11})
}

// connected are the unknowns that equations connect with one of a set.
func (a *attacker) connected(set []int32) []int32 {
	if a.group == nil {
		a.connect()
	}
	var list []int32
	for v, g := range a.group {
		if g >= 0 && slices.ContainsFunc(set, func(s int32) bool { return a.group[s] == g }) {
			list = append(list, int32(v))
		}
	}
	return list
}

// connect numbers the groups of unknowns.
func (a *attacker) connect() {
	a.group = slices.Repeat([]int32{-1}, len(a.cells))
	var queue []int32
	for first := range int32(len(a.cells)) {
		if !a.hidden[first] || a.group[first] >= 0 {
			continue
		}
		a.group[first] = first
		queue = append(queue[:0], first)
		for len(queue) > 0 {
			v := queue[len(queue)-1]
			queue = queue[:len(queue)-1]
			for _, i := range a.of[v] {
				e := &a.equations[i]
				for _, w := range e.members {
					queue = a.join(queue, w, first)
				}
				queue = a.join(queue, e.total, first)
			}
		}
	}
}

func (a *attacker) join(queue []int32, v, group int32) []int32 {
	if !a.hidden[v] || a.group[v] >= 0 {
		return queue
	}
	a.group[v] = group
	return append(queue, v)
}
