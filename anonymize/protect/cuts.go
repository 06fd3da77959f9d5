package protect

import "slices"

// cut is what every mask must have that meets a need: hidden columns whose weights add up
// to one at least. A column that can rise without end in the way that the need lacks
// weighs one; one that can fall by a part of it weighs that part.
//
// Source: Fischetti and Salazar 2001, section 4: the capacity constraints. They are the
// rays of the linear programs that have no solution.
type cut struct {
	columns []int32
	weights []int64 // in 1/one, rounded up
	base    int64   // of the columns that are hidden in any case, which are not listed
	have    int64   // of all hidden columns
}

// one is the weight that a cut asks for. Weights are whole, so that sums are exact.
const one = 1 << 30

// cuts are the cuts that are known, with what the present mask has of each.
type cuts struct {
	hidden  []bool // in any case
	list    []cut
	of      [][]part // by column
	entries int
	short   []int32 // cuts that have become too short, and perhaps are no more
	gain    []int64 // by column, while a cover is made
	gainers []int32
	work    int
}

// part is the weight of a column in a cut.
type part struct {
	cut    int32
	weight int64
}

func newCuts(hidden []bool) *cuts {
	return &cuts{hidden: hidden, of: make([][]part, len(hidden)), gain: make([]int64, len(hidden))}
}

// mostEntries bounds what is kept of cuts, in weights of 28 bytes.
const mostEntries = 3_000_000

// add takes up a cut.
func (k *cuts) add(x cut) {
	if k.entries+len(x.columns) > mostEntries {
		return
	}
	i := int32(len(k.list))
	k.list = append(k.list, x)
	for j, c := range x.columns {
		k.of[c] = append(k.of[c], part{cut: i, weight: x.weights[j]})
	}
	k.entries += len(x.columns)
	if x.have < one {
		k.short = append(k.short, i)
	}
}

// turn notes that a column is hidden, or no more.
func (k *cuts) turn(c int32, hidden bool) {
	k.work += len(k.of[c])
	for _, p := range k.of[c] {
		x := &k.list[p.cut]
		if hidden {
			x.have += p.weight
			continue
		}
		if x.have -= p.weight; x.have < one && x.have+p.weight >= one {
			k.short = append(k.short, p.cut)
		}
	}
}

// needs reports whether a cut would be too short without a column.
func (k *cuts) needs(c int32) bool {
	for n, p := range k.of[c] {
		if have := k.list[p.cut].have; have >= one && have-p.weight < one {
			k.work += n
			if n > 0 { // likely to be the reason again
				k.of[c][n], k.of[c][n/2] = k.of[c][n/2], k.of[c][n]
			}
			return true
		}
	}
	k.work += len(k.of[c])
	return false
}

// lacking are the cuts that are too short.
func (k *cuts) lacking() []int32 {
	slices.Sort(k.short)
	k.short = slices.DeleteFunc(slices.Compact(k.short), func(i int32) bool { return k.list[i].have >= one })
	return k.short
}

// best is the column that makes up most of what cuts lack for its price; −1 if there is
// none.
func (k *cuts) best(free []bool, price []float64, r *random) int32 {
	k.gainers = k.gainers[:0]
	for _, i := range k.lacking() {
		x := &k.list[i]
		k.work += len(x.columns)
		for j, c := range x.columns {
			if free[c] {
				continue
			}
			if k.gain[c] == 0 {
				k.gainers = append(k.gainers, c)
			}
			k.gain[c] += min(x.weights[j], one-x.have)
		}
	}
	best, most := none, 0.0
	for _, c := range k.gainers {
		if g := float64(k.gain[c]) / price[c] * (1 + float64(r.below(1024))/2048); g > most {
			best, most = c, g
		}
		k.gain[c] = 0
	}
	return best
}
