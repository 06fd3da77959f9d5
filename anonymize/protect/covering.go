package protect

import (
	"cmp"
	"slices"
)

// covering looks for a cheap set of columns that has what the known cuts ask for. No
// linear program is solved: a step takes microseconds.
type covering struct {
	*cuts
	price  []float64
	chosen []bool
	picks  []int32 // that are chosen, and some that are no more
	spent  float64
	log    []int32 // columns that have turned in this step
	dear   []float64
	r      *random
}

// covering starts from a mask.
func (k *cuts) covering(chosen []bool, price []float64, r *random) *covering {
	own := &cuts{hidden: k.hidden, list: slices.Clone(k.list), of: k.of, short: slices.Clone(k.short), gain: make([]int64, len(k.gain))}
	x := &covering{cuts: own, price: price, chosen: slices.Clone(chosen), dear: slices.Clone(price), r: r}
	for c, yes := range chosen {
		if yes {
			x.picks, x.spent = append(x.picks, int32(c)), x.spent+price[c]
		}
	}
	return x
}

// flip hides or publishes a column.
func (x *covering) flip(c int32) {
	x.chosen[c] = !x.chosen[c]
	if x.chosen[c] {
		x.spent += x.price[c]
	} else {
		x.spent -= x.price[c]
	}
	x.turn(c, x.chosen[c])
	x.log = append(x.log, c)
}

// improve takes some columns away and covers the cuts again, over and over; it gives the
// cheapest set that it comes to. See search.improve.
func (x *covering) improve(steps int, allowance float64) []bool {
	if len(x.lacking()) > 0 {
		x.fill()
		x.trim(slices.Clone(x.log))
		x.log = x.log[:0]
	}
	best, cheapest := slices.Clone(x.chosen), x.spent
	for step := range steps {
		if step%64 == 0 {
			x.relist()
		}
		if len(x.picks) == 0 {
			break
		}
		x.work += perCovering
		x.step()
		if x.spent > cheapest+allowance*float64(steps-step)/float64(steps) {
			for _, c := range slices.Backward(slices.Clone(x.log)) {
				x.flip(c)
			}
		}
		x.log = x.log[:0]
		if x.spent < cheapest-1e-9 {
			cheapest = x.spent
			copy(best, x.chosen)
		}
	}
	return best
}

func (x *covering) relist() {
	x.picks = x.picks[:0]
	for c, yes := range x.chosen {
		if yes {
			x.picks = append(x.picks, int32(c))
		}
	}
}

// perCovering is about what a step takes besides looking at entries.
const perCovering = 100

// step takes away a column and some that share cuts with it, and covers what is lacking
// by others.
func (x *covering) step() {
	c := x.picks[x.r.below(len(x.picks))]
	if !x.chosen[c] {
		return
	}
	x.flip(c)
	for n := x.r.below(6); n > 0 && len(x.of[c]) > 0; n-- {
		i := x.of[c][x.r.below(len(x.of[c]))].cut
		columns := x.list[i].columns
		if d := columns[x.r.below(len(columns))]; x.chosen[d] {
			x.flip(d)
		}
	}
	removed := len(x.log)
	for _, d := range x.log {
		x.dear[d] = x.price[d] * float64(1+x.r.below(4))
	}
	x.fill()
	for _, d := range x.log[:removed] {
		x.dear[d] = x.price[d]
	}
	x.trim(slices.Clone(x.log[removed:]))
}

// trim publishes what is not needed, the dearest first, of columns and those that share
// cuts with them.
func (x *covering) trim(added []int32) {
	var list []int32
	for _, c := range added {
		for _, p := range x.of[c] {
			for _, d := range x.list[p.cut].columns {
				if x.chosen[d] {
					list = append(list, d)
				}
			}
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	slices.SortStableFunc(list, func(a, b int32) int { return cmp.Compare(x.price[b], x.price[a]) })
	for _, d := range list {
		if !x.needs(d) {
			x.flip(d)
		}
	}
}

// fill hides columns until no cut lacks any.
func (x *covering) fill() {
	for d := x.best(x.chosen, x.dear, x.r); d >= 0; d = x.best(x.chosen, x.dear, x.r) {
		x.flip(d)
	}
}
