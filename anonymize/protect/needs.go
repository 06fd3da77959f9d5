package protect

import (
	"cmp"
	"slices"
	"sync"
)

// attacker finds what a mask gives away. It knows the unknowns through random vectors
// of their null space: what is zero in them is determined, and what depends on other
// unknowns in them depends on those in every table that agrees.
type attacker struct {
	*system
	measure int // in which secrets are looked for; −1: all
	hidden  []bool
	pivots  []pivot
	vectors [][]uint64
	points  []point   // ascending
	group   []int32   // by unknown: the first of those that equations connect with it
	groups  [][]int32 // by that first one: all of them
	waves   int32     // of flood, so far
	wave    []int32   // by unknown: the wave that has reached it
	crossed []int32   // by equation
	queue   []int32
	r       random
}

// ratio is what null vectors have at an unknown, divided by the first of them. Unknowns
// that determine one another have the same.
type ratio struct{ second, third uint64 }

// point is the ratio of an unknown.
type point struct {
	ratio
	variable int32
}

func newAttacker(s *system, hidden []bool) *attacker {
	a := &attacker{
		system: s, measure: -1, hidden: hidden, r: random{state: 0x5eed},
		wave: make([]int32, len(s.cells)), crossed: make([]int32, len(s.equations)),
	}
	a.pivots, _ = eliminate(s.rows(func(v int32) bool { return hidden[v] }), len(s.cells), hidden)
	a.draw(3)
	a.place()
	return a
}

// place sorts the unknowns that are not determined by their ratios.
func (a *attacker) place() {
	inverse := inversesMod(a.vectors[0])
	for v := range int32(len(a.cells)) {
		if a.hidden[v] && !a.determined(v) {
			a.points = append(a.points, point{a.ratio(inverse[v], a.vectors[1][v], a.vectors[2][v]), v})
		}
	}
	slices.SortFunc(a.points, func(p, q point) int {
		return cmp.Or(cmp.Compare(p.second, q.second), cmp.Compare(p.third, q.third), cmp.Compare(p.variable, q.variable))
	})
}

func (a *attacker) ratio(inverse, second, third uint64) ratio {
	return ratio{mulMod(second, inverse), mulMod(third, inverse)}
}

// with are the unknowns that have a ratio.
func (a *attacker) with(r ratio) []point {
	begin, found := slices.BinarySearchFunc(a.points, r, func(p point, r ratio) int {
		return cmp.Or(cmp.Compare(p.second, r.second), cmp.Compare(p.third, r.third))
	})
	end := begin
	for found && end < len(a.points) && a.points[end].ratio == r {
		end++
	}
	return a.points[begin:end]
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

// apart is the number of variables from which on bounds are looked at in a thread of
// their own, whether that is needed or not.
const apart = 10000

// needs are the circuits that are lacking, but those that are known not to be had.
func (a *attacker) needs(hopeless map[string]bool) []need {
	var list []need
	for v := range int32(len(a.cells)) {
		if a.sensitive[v] && a.determined(v) {
			list = append(list, need{column: v})
		}
	}
	var rest []need
	var both sync.WaitGroup
	if b := *a; len(a.cells) > apart { // a copy: its vectors stay as they are
		both.Go(func() { rest = b.pins() })
	}
	list = append(list, a.series()...)
	list = append(list, a.several()...)
	list = append(list, a.remainders()...)
	both.Wait()
	known := func(n need) bool { return hopeless[n.key()] }
	if list = slices.DeleteFunc(list, known); len(list) == 0 {
		if len(a.cells) <= apart {
			rest = a.pins()
		}
		list = slices.DeleteFunc(rest, known)
	}
	return list
}

// series are pairs of unknowns that determine one another, when the only contributor
// to one would learn the other.
func (a *attacker) series() (list []need) {
	for _, class := range a.classes() {
		list = append(list, a.pairs(class)...)
	}
	return list
}

// classes are the sets of unknowns that determine one another, in the order of their
// first ones.
func (a *attacker) classes() (list [][]int32) {
	begin := 0
	for i := 1; i <= len(a.points); i++ {
		if i < len(a.points) && a.points[i].ratio == a.points[begin].ratio {
			continue
		}
		if i-begin > 1 {
			var class []int32
			for _, p := range a.points[begin:i] {
				class = append(class, p.variable)
			}
			list = append(list, class)
		}
		begin = i
	}
	slices.SortFunc(list, func(a, b []int32) int { return cmp.Compare(a[0], b[0]) })
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
