package audit

import (
	"math/bits"
	"slices"
)

// several are the contributors with several figures to themselves, each with one cell for
// figures that follow from one another.
func (x *examination) several(all []single) []single {
	var list []single
	for _, s := range all {
		var cells, seen []int32
		for _, u := range s.cells {
			if ratio := x.ratio[u]; !x.fixed[u] && !slices.Contains(seen, ratio) {
				cells, seen = append(cells, u), append(seen, ratio)
			}
		}
		if len(cells) > 1 {
			s.apart = cells
			list = append(list, s)
		}
	}
	return list
}

// combinations finds secrets that several figures of one contributor determine together.
func (x *examination) combinations(r *Report, several []single) {
	work := 0.0
	wanted := map[int32]int{}
	for _, s := range several {
		n := min(len(s.apart), known15) + 1
		wanted[s.part] = max(wanted[s.part], n)
		work += float64(n) * float64(len(x.s.parts[s.part].unknowns))
	}
	r.Contributors = len(several)
	for _, k := range x.active {
		if n := wanted[int32(k)]; n > 0 {
			x.moreVectors(k, n)
		}
	}
	everywhere := work <= combined
	index := map[int32]map[uint64]int32{}
	for _, s := range several {
		if k := s.part; index[k] == nil && (!everywhere || len(s.apart) > known15) {
			index[k] = x.index(int(k))
		}
	}
	learnt := make([][]int32, len(several))
	local := make([]bool, len(several))
	balls := make([]*neighbourhood, x.o.Threads)
	parallel(x.o.Threads, len(several), func(worker, n int) {
		s := several[n]
		k := x.s.parts[s.part]
		switch {
		case len(s.apart) <= known15 && everywhere:
			learnt[n] = x.together(s, s.apart, k.unknowns, n)
		case len(s.apart) > known15 && len(k.unknowns) <= again:
			learnt[n] = x.anew(s, k)
		default:
			local[n] = true
			if balls[worker] == nil {
				balls[worker] = newNeighbourhood(x.s)
			}
			learnt[n] = x.nearby(s, n, balls[worker], index[s.part])
		}
	})
	for n, list := range learnt {
		for _, u := range list {
			x.learns(r, several[n], u, none)
		}
		if local[n] {
			r.ContributorsNear++
		}
	}
}

// moreVectors makes the vectors of a part up to n.
func (x *examination) moreVectors(k, n int) {
	if n <= len(x.null[k][0]) {
		return
	}
	d := dice(seed ^ uint64(k)<<20)
	extra := make([][]uint64, n-len(x.null[k][0]))
	seeds := make([]dice, len(extra))
	for i := range seeds {
		seeds[i] = dice(d.next())
	}
	parallel(x.o.Threads, len(extra), func(_, i int) {
		extra[i] = x.solved[k].vector(&seeds[i])
	})
	x.null[k][0] = append(x.null[k][0], extra...)
}

// together finds which of some secrets are zero in a random vector of the null space
// that is zero in the known cells, up to known15 of them.
//
// The vector is a combination of random vectors, as many as there are known cells and
// one more: it is uniform in the space of those that are zero there.
func (x *examination) together(s single, known, candidates []int32, salt int) []int32 {
	f, v := first, x.null[s.part][0][:len(known)+1]
	matrix := make([][]uint64, len(known))
	for i, u := range known {
		matrix[i] = make([]uint64, len(v))
		for j := range v {
			matrix[i][j] = v[j][x.s.local[u]]
		}
	}
	d := dice(seed + uint64(salt))
	factors := f.nullVector(matrix, len(v), &d)
	fold := f.power(f.bits + 64)
	var all []int32
	for _, u := range candidates {
		if !x.private(u) {
			continue
		}
		var hi, lo uint64 // below 16·2¹²² = 2¹²⁶
		c := x.s.local[u]
		for j, a := range factors {
			h, l := bits.Mul64(a, v[j][c])
			var carry uint64
			lo, carry = bits.Add64(lo, l, 0)
			hi += h + carry
		}
		// reduce takes numbers below 2^(bits+64).
		sum := f.add(f.reduce(hi&(1<<f.bits-1), lo), f.mul(hi>>f.bits, fold))
		if sum == 0 && x.others(s, u) {
			all = append(all, u)
		}
	}
	return all
}

// power is 2^n.
func (f field) power(n uint) uint64 {
	r := uint64(1)
	for range n {
		r = f.add(r, r)
	}
	return r
}

// nullVector is a random vector that a small matrix of n columns maps to zero.
func (f field) nullVector(matrix [][]uint64, n int, d *dice) []uint64 {
	pivot := make([]int, 0, len(matrix)) // row → column
	isPivot := make([]bool, n)
	row := 0
	for column := 0; column < n && row < len(matrix); column++ {
		k := row
		for k < len(matrix) && matrix[k][column] == 0 {
			k++
		}
		if k == len(matrix) {
			continue
		}
		matrix[row], matrix[k] = matrix[k], matrix[row]
		scale := f.inverse(matrix[row][column])
		for j := range n {
			matrix[row][j] = f.mul(matrix[row][j], scale)
		}
		for i := range matrix {
			if v := matrix[i][column]; i != row && v != 0 {
				for j := range n {
					matrix[i][j] = f.add(matrix[i][j], f.negative(f.mul(v, matrix[row][j])))
				}
			}
		}
		pivot, isPivot[column] = append(pivot, column), true
		row++
	}
	x := make([]uint64, n)
	for j := range x {
		if !isPivot[j] {
			x[j] = d.element(f)
		}
	}
	for i, c := range pivot {
		var sum uint64
		for j := range x {
			if !isPivot[j] {
				sum = f.add(sum, f.mul(matrix[i][j], x[j]))
			}
		}
		x[c] = f.negative(sum)
	}
	return x
}

// anew eliminates the part once more, with the contributor's cells known.
func (x *examination) anew(s single, k part) []int32 {
	known := make([]bool, len(k.unknowns))
	for _, u := range s.apart {
		known[x.s.local[u]] = true
	}
	e := eliminate(x.s, k, first, func(u int32) bool { return known[x.s.local[u]] })
	d := dice(seed)
	v := vectors{e.vector(&d), e.vector(&d)}
	var all []int32
	for i, u := range k.unknowns {
		if v.zero(i) && x.others(s, u) {
			all = append(all, u)
		}
	}
	return all
}

// nearby tries, around each cell of a contributor, what the nearest of his cells
// determine, and everywhere what is a sum or difference of a few of his cells.
func (x *examination) nearby(s single, salt int, b *neighbourhood, index map[uint64]int32) []int32 {
	mine := make(map[int32]bool, len(s.apart))
	for _, u := range s.apart {
		mine[u] = true
	}
	var all []int32
	for _, u := range s.apart {
		ball := b.ball(u, near)
		known := make([]int32, 0, known15)
		for _, v := range ball {
			if mine[v] && len(known) < known15 {
				known = append(known, v)
			}
		}
		all = append(all, x.together(s, known, ball, salt)...)
		if len(known) == len(s.apart) {
			break
		}
	}
	few := s.apart[:min(len(s.apart), fewest)]
	x.sums(s, few, 0, index, &all)
	return all
}

// sums looks the sums and differences of some cells up: sum is that of the cells before.
func (x *examination) sums(s single, cells []int32, sum uint64, index map[uint64]int32, all *[]int32) {
	f := first
	if len(cells) == 0 {
		if u, ok := index[f.unsigned(sum)]; ok && sum != 0 && x.others(s, u) {
			*all = append(*all, u)
		}
		return
	}
	v := x.null[s.part][0][0][x.s.local[cells[0]]]
	for _, add := range [3]uint64{0, v, f.negative(v)} {
		x.sums(s, cells[1:], f.add(sum, add), index, all)
	}
}

// unsigned is the smaller of a and −a.
func (f field) unsigned(a uint64) uint64 {
	return min(a, f.negative(a))
}

// index finds the secrets of a part by their values in its first random vector, up to
// the sign.
func (x *examination) index(k int) map[uint64]int32 {
	all := map[uint64]int32{}
	for i, u := range x.s.parts[k].unknowns {
		if x.private(u) {
			all[first.unsigned(x.null[k][0][0][i])] = u
		}
	}
	return all
}
