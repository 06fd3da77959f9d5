package problem

import (
	"cmp"
	"slices"
)

// addMargins makes every margin of a detailed table: each code of each hierarchy,
// crossed with those of the other dimensions, and the totals. One dimension is summed
// after the other, so that each combination is added once for each code above it.
// It returns false if there are too many cells or a sum is too large.
func (r *reader) addMargins(t *table, own *combos) bool {
	for _, dim := range t.dims {
		d := r.dims[dim]
		for from := range int32(len(own.key)) {
			if own.value[from] == 0 && own.count[from] == 0 {
				continue
			}
			key := own.key[from]
			for _, code := range d.above[r.layout.code(key, dim)] {
				into, _ := own.at(r.layout.with(key, dim, code))
				if !own.gather(into, from) {
					r.faults.addf(place{file: t.file}, "the sum for %s has more than 15 digits with its decimals; give the figures in a larger unit", r.combination(t, own.key[into]))
					return false
				}
			}
			if len(own.key) > maxCells {
				r.faults.addf(place{file: t.file}, "has more than %d cells with its margins; split the problem, or make the hierarchies smaller", maxCells)
				return false
			}
		}
	}
	return true
}

// sortedMargins lists the combinations that no row has, in the order of codes.
func sortedMargins(own *combos, rows int) []int32 {
	list := make([]int32, 0, len(own.key)-rows)
	for i := rows; i < len(own.key); i++ {
		list = append(list, int32(i))
	}
	slices.SortFunc(list, func(i, j int32) int { return cmp.Compare(own.key[i], own.key[j]) })
	return list
}

// addZeros makes the combinations of a detailed table that are zero, as cells that a
// reader does not know: all codes of each dimension, crossed.
func (r *reader) addZeros(t *table, number int32) {
	for _, dim := range t.dims {
		d := r.dims[dim]
		for c := range uint32(len(d.codes)) {
			if c == total || d.inner[c] {
				continue
			}
			if problem := d.meet(c); problem != "" {
				r.faults.addf(place{file: t.file}, "%s (zeros are secret, so that every code counts)", problem)
			}
		}
	}
	keys := []uint64{0}
	for _, dim := range t.dims {
		n := len(r.dims[dim].codes)
		if len(keys)*n > maxCells {
			r.faults.addf(place{file: t.file}, "has more than %d cells with its secret zeros; split the problem, or make the hierarchies smaller", maxCells)
			return
		}
		wider := make([]uint64, 0, len(keys)*n)
		for _, key := range keys {
			for code := range uint32(n) {
				wider = append(wider, r.layout.with(key, dim, code))
			}
		}
		keys = wider
	}
	for _, key := range keys {
		i, found := r.cells.add(key, number, 0)
		if !found {
			t.cells = append(t.cells, i)
		} else if !r.cells.in(i, number) {
			r.agree(t, i, 0, 0, nil, 0)
			t.cells = append(t.cells, i)
		}
		r.cells.stamp[i] = number
	}
}
