package protect_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// axis is a dimension: leaves come first, then groups; parents gives, for each grouping,
// the code above a code, −1 where it has none there. The total is the last code.
type axis struct {
	leaves  int
	parents [][]int
}

// regular is an axis of one grouping whose levels have so many codes, the finest first.
// Codes are dealt out to the groups above them in turn.
func regular(levels ...int) axis {
	parents := []int{}
	first := 0
	for i, n := range append(levels, 1) {
		if i > 0 {
			for c := range levels[i-1] {
				parents = append(parents, first+c%n)
			}
		}
		first += n
	}
	return axis{leaves: levels[0], parents: [][]int{append(parents, -1)}}
}

// and adds another grouping of the leaves, in blocks, into n groups that add up to the
// total.
func (a axis) and(n int) axis {
	old := len(a.parents[0])
	total := old - 1 + n // the new groups take the place of the total
	move := func(c int) int {
		if c == old-1 {
			return total
		}
		return c
	}
	all := [][]int{}
	for _, p := range a.parents {
		q := slices.Repeat([]int{-1}, total+1)
		for c, up := range p[:old-1] {
			q[c] = move(up)
		}
		all = append(all, q)
	}
	q := slices.Repeat([]int{-1}, total+1)
	for c := range a.leaves {
		q[c] = old - 1 + c*n/a.leaves
	}
	for g := range n {
		q[old-1+g] = total
	}
	return axis{leaves: a.leaves, parents: append(all, q)}
}

// above are a leaf and all codes that it is in.
func (a axis) above(leaf int) []int {
	list := []int{leaf}
	for _, p := range a.parents {
		for c := p[leaf]; c >= 0; c = p[c] {
			if !slices.Contains(list, c) {
				list = append(list, c)
			}
		}
	}
	return list
}

// file is one contribution.
type file struct {
	at      []int // leaf by axis
	persons [2]uint64
	amount  int64
	part    int64 // of the amount, that a rare funder pays
}

// crossing makes the table of all margins, with two measures or four: files, amount, the
// part of a funder, persons. Persons are counted in two ways by the rules.
func crossing(axes []axis, files []file, threshold, measures int) tabular.Problem {
	p := tabular.Problem{
		Measures: []tabular.Measure{
			{Name: "files", Whole: true, Lower: 1, AtMost: -1},
			{Name: "amount", Decimals: 2, AtMost: -1},
			{Name: "part", Decimals: 2, AtMost: -1},
			{Name: "persons", Whole: true, Lower: 1, Distinct: true, AtMost: 0},
		}[:measures],
		Rules: []tabular.Rule{
			{MinFrequency: int64(threshold), Alone: true},
			{MinFrequency: int64(threshold), Alone: true},
		},
	}
	above := make([][][]int, len(axes))
	for i, a := range axes {
		for leaf := range a.leaves {
			above[i] = append(above[i], a.above(leaf))
		}
	}
	number := map[uint64]int32{}
	var keys []uint64
	type presence struct{ cell, person uint64 }
	seen := map[presence]bool{}
	for _, f := range files {
		all := []uint64{0}
		for i, a := range axes {
			var next []uint64
			for _, k := range all {
				for _, c := range above[i][f.at[i]] {
					next = append(next, k*uint64(len(a.parents[0]))+uint64(c))
				}
			}
			all = next
		}
		for _, k := range all {
			c, found := number[k]
			if !found {
				c = int32(len(keys))
				number[k], keys = c, append(keys, k)
				p.Cells = append(p.Cells, tabular.Cell{Values: make([]int64, measures), Holders: make([]tabular.Holders, 2)})
			}
			cell := &p.Cells[c]
			cell.Values[0]++
			cell.Values[1] += f.amount
			if here := (presence{k, f.persons[0]}); measures > 2 {
				cell.Values[2] += f.part
				if !seen[here] {
					seen[here] = true
					cell.Values[3]++
				}
			}
			for w, who := range f.persons {
				cell.Holders[w].Smallest = keep(cell.Holders[w].Smallest, who, threshold)
			}
		}
	}
	order := make([]int32, len(keys))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(keys[a], keys[b]) })
	cells, rank := make([]tabular.Cell, len(keys)), make([]int32, len(keys))
	for i, c := range order {
		cells[i], rank[c] = p.Cells[c], int32(i)
		for w := range cells[i].Holders {
			h := &cells[i].Holders[w]
			h.Count = int64(len(h.Smallest))
			cells[i].Sensitive = cells[i].Sensitive || len(h.Smallest) < threshold
		}
	}
	p.Cells = cells
	p.Equations = sums(axes, keys, order, number, rank)
	return p
}

// keep puts a number among the smallest.
func keep(list []uint64, x uint64, most int) []uint64 {
	i, found := slices.BinarySearch(list, x)
	if found || i == most {
		return list
	}
	list = slices.Insert(list, i, x)
	return list[:min(len(list), most)]
}

// sums are the equations: along each axis and grouping, a code is the sum of those below.
func sums(axes []axis, keys []uint64, order []int32, number map[uint64]int32, rank []int32) []tabular.Equation {
	type place struct {
		axis, grouping int
		total          int32
	}
	at := map[place]int{}
	var list []tabular.Equation
	for _, c := range order {
		scale := uint64(1)
		for i, a := range slices.Backward(axes) {
			n := uint64(len(a.parents[0]))
			code := keys[c] / scale % n
			for g, parents := range a.parents {
				if up := parents[code]; up >= 0 {
					total := rank[number[keys[c]+(uint64(up)-code)*scale]]
					k, found := at[place{i, g, total}]
					if !found {
						k = len(list)
						at[place{i, g, total}] = k
						list = append(list, tabular.Equation{Total: total})
					}
					list[k].Members = append(list[k].Members, rank[c])
				}
			}
			scale *= n
		}
	}
	return list
}

// draws makes files with skewed places and heavy-tailed amounts. Most persons have one
// file; a few have two, and a few count as one person in the second way of counting.
func draws(rng *rand.Rand, axes []axis, n int, skew []float64) []file {
	list := make([]file, n)
	for i := range list {
		at := make([]int, len(axes))
		for k, a := range axes {
			at[k] = int(float64(a.leaves) * math.Pow(rng.Float64(), skew[k]))
		}
		who := [2]uint64{rng.Uint64(), rng.Uint64()}
		switch x := rng.IntN(100); {
		case i > 0 && x < 3:
			who = list[rng.IntN(i)].persons
		case i > 0 && x < 4:
			who[1] = list[rng.IntN(i)].persons[1]
		}
		list[i] = file{at: at, persons: who, amount: int64(100 * math.Exp(7+0.8*rng.NormFloat64()))}
		if rng.IntN(40) == 0 {
			list[i].part = list[i].amount / 2
		}
	}
	return list
}

// month is a month of training files: certification in domain × département in region.
func month(certifications, files int) tabular.Problem {
	rng := rand.New(rand.NewPCG(2024, uint64(certifications)))
	axes := []axis{regular(certifications, certifications/25+1), regular(101, 18)}
	p := crossing(axes, draws(rng, axes, files, []float64{2.5, 1.6}), 5, 2)
	p.Remainder = true
	return p
}
