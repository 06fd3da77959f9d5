package protect

import (
	"cmp"
	"slices"
)

const (
	// near is how many unknowns around those of a contributor are looked at where equations
	// connect more.
	near = 1000
	// fewest is of how many unknowns of a contributor all sums and differences of two are
	// tried on all others.
	fewest = 6
	// most is how many unknowns of a contributor are taken together.
	most = 40
)

// several are the unknowns that follow for a contributor who stands alone behind
// two unknowns or more.
func (a *attacker) several() (list []need) {
	a.connect()
	for _, c := range a.contributors() {
		if len(c.alone) > 1 && c.anonymous < 0 {
			list = append(list, a.learnt(c.holder, c.alone[:min(len(c.alone), most)])...)
		}
	}
	return list
}

// contributor is who is alone behind some unknowns.
type contributor struct {
	holder
	alone []int32
}

// contributors are those who are alone behind unknowns that are not determined.
func (a *attacker) contributors() (list []contributor) {
	type place struct {
		holder
		variable int32
	}
	var places []place
	for v := range int32(len(a.cells)) {
		if !a.hidden[v] || a.determined(v) {
			continue
		}
		for _, h := range a.alone(v) {
			places = append(places, place{h, v})
		}
	}
	slices.SortFunc(places, func(x, y place) int {
		return cmp.Or(cmp.Compare(x.number, y.number), cmp.Compare(x.rule, y.rule), cmp.Compare(x.anonymous, y.anonymous), cmp.Compare(x.variable, y.variable))
	})
	space := make([]int32, len(places))
	for i, p := range places {
		space[i] = p.variable
		if n := len(list); n > 0 && list[n-1].holder == p.holder {
			list[n-1].alone = list[n-1].alone[:len(list[n-1].alone)+1]
			continue
		}
		list = append(list, contributor{p.holder, space[i : i+1]})
	}
	return list
}

// learnt are the unknowns connected with those that a contributor knows that follow
// from them.
func (a *attacker) learnt(h holder, set []int32) (list []need) {
	a.draw(len(set) + 1)
	weights := annihilator(a.vectors[:len(set)+1], set)
	learns := func(v int32) bool {
		return a.wanted(v) && !a.determined(v) && !slices.Contains(set, v) && !a.own(v, []holder{h})
	}
	for _, v := range a.connected(set) {
		if !learns(v) {
			continue
		}
		dot := uint64(0)
		for k, w := range weights {
			dot = addMod(dot, mulMod(w, a.vectors[k][v]))
		}
		if dot == 0 {
			list = append(list, need{column: v, avoid: set})
		}
	}
	for _, v := range a.combined(set) {
		if learns(v) && !slices.ContainsFunc(list, func(n need) bool { return n.column == v }) {
			list = append(list, need{column: v, avoid: set})
		}
	}
	return list
}

// combined are the unknowns that are a sum or difference of two.
func (a *attacker) combined(set []int32) (list []int32) {
	if len(set) > fewest {
		return nil
	}
	for i, v := range set {
		for _, w := range set[:i] {
			if a.group[v] != a.group[w] || len(a.groups[a.group[v]]) <= near {
				continue
			}
			for _, sign := range [2]uint64{1, modulus - 1} {
				var t [3]uint64
				for k := range t {
					t[k] = addMod(a.vectors[k][v], mulMod(sign, a.vectors[k][w]))
				}
				if t[0] != 0 {
					for _, p := range a.with(a.ratio(inverseMod(t[0]), t[1], t[2])) {
						list = append(list, p.variable)
					}
				}
			}
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

// connected are unknowns that equations connect with some: all of them, or the nearest.
func (a *attacker) connected(set []int32) (list []int32) {
	var large []int32
	for i, v := range set {
		same := func(w int32) bool { return a.group[w] == a.group[v] }
		switch all := a.groups[a.group[v]]; {
		case len(all) > near:
			large = append(large, v)
		case !slices.ContainsFunc(set[:i], same):
			list = append(list, all...)
		}
	}
	if len(large) > 0 {
		a.flood(large, near, func(v int32) { list = append(list, v) })
	}
	slices.Sort(list)
	return list
}

// connect finds the groups of unknowns.
func (a *attacker) connect() {
	a.group, a.groups = slices.Repeat([]int32{-1}, len(a.cells)), make([][]int32, len(a.cells))
	for first := range int32(len(a.cells)) {
		if a.hidden[first] && a.group[first] < 0 {
			a.flood([]int32{first}, len(a.cells), func(v int32) {
				a.group[v] = first
				a.groups[first] = append(a.groups[first], v)
			})
		}
	}
}

// flood visits the unknowns that equations connect with some, the nearest first, until
// so many are visited.
func (a *attacker) flood(from []int32, limit int, visit func(v int32)) {
	a.waves++
	queue := a.queue[:0]
	reach := func(v int32) {
		if a.hidden[v] && a.wave[v] != a.waves && len(queue) < limit {
			a.wave[v] = a.waves
			queue = append(queue, v)
			visit(v)
		}
	}
	for _, v := range from {
		reach(v)
	}
	for n := 0; n < len(queue) && len(queue) < limit; n++ {
		for _, i := range a.of[queue[n]] {
			if a.crossed[i] == a.waves {
				continue
			}
			a.crossed[i] = a.waves
			reach(a.equations[i].total)
			for _, w := range a.equations[i].members {
				reach(w)
			}
		}
	}
	a.queue = queue
}
