package anonymize

import (
	"cmp"
	"slices"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// Group is rule P4 in one row: all persons of the row but a few, or all, are in one
// category of a sensitive dimension. That nobody, or nobody but those few, is outside it is
// the secret, whoever they are: it says something of everybody else.
type Group struct {
	// Inside and Outside are the members of the row's equation in the category and in
	// the others; Outside is empty if all persons are in the category.
	Inside, Outside []int32
}

// Groups finds the groups of a row.
//
// Inputs: a problem whose first two rules count persons ([Profile.Rules]); e, an equation
// of it, the row and the finer cells that it sums; categories, for each sensitive dimension
// over which it sums, the category of each member.
//
// Result: by dimension, then by category in the order of members. None if the rule is
// off, if the row is sensitive (it is not published, and rests on few persons anyway), or
// if it rests on nobody. Groups with the same persons outside are one secret, and are
// given once.
//
// Source: Handbook on Statistical Disclosure Control, section 5.2, group attribute
// disclosure, within-group disclosure for those who stand outside.
//
// Notes: a person with files in several categories is outside each of them. Persons are
// counted in both ways; the smaller count decides. A category that says that nothing is
// known (« Non renseigné ») counts like another.
func (p Profile) Groups(t *tabular.Problem, e tabular.Equation, categories [][]string) []Group {
	if row := &t.Cells[e.Total]; p.Group.AtMost == 0 || row.Sensitive || row.Unprinted {
		return nil
	}
	var groups []Group
	for _, of := range categories {
		for i, c := range of {
			if slices.Contains(of[:i], c) {
				continue
			}
			g := split(e.Members, of, c)
			known := slices.ContainsFunc(groups, func(o Group) bool { return slices.Equal(o.Outside, g.Outside) })
			if !known && atMost(t, g.Outside, p.Group.AtMost) {
				groups = append(groups, g)
			}
		}
	}
	return groups
}

// split parts members by whether they are of a category.
func split(members []int32, of []string, category string) (g Group) {
	for i, m := range members {
		if of[i] == category {
			g.Inside = append(g.Inside, m)
		} else {
			g.Outside = append(g.Outside, m)
		}
	}
	return g
}

// atMost reports whether some cells rest on at most k distinct persons, in one of the two
// ways of counting.
func atMost(t *tabular.Problem, cells []int32, k int) bool {
	for way := range 2 {
		var distinct []uint64
		for _, c := range cells {
			for _, n := range t.Cells[c].Holders[way].Smallest {
				if !slices.Contains(distinct, n) {
					distinct = append(distinct, n)
				}
			}
			if len(distinct) > k {
				break
			}
		}
		if len(distinct) <= k {
			return true
		}
	}
	return false
}

// Equations say what the virtual cell ([Group.Cell]) of a group is, beside the row's own
// equation: the row is what is inside plus the virtual cell, and the virtual cell is what is
// outside.
//
// Inputs: e, the row's equation; d, the number of the virtual cell; a group with somebody
// outside. Where nobody is, no cell stands for those who are not there: a figure inside must
// be secret ([Group.Everybody]).
func (g Group) Equations(e tabular.Equation, d int32) []tabular.Equation {
	return []tabular.Equation{
		{Total: e.Total, Members: append(slices.Clone(g.Inside), d)},
		{Total: d, Members: g.Outside},
	}
}

// Everybody reports whether all persons of the row are in the category. No sum of the
// tables then tells it from the row, and whoever sees all figures inside sees it.
func (g Group) Everybody() bool { return len(g.Outside) == 0 }

// Cell is the virtual cell of a group: what the row adds up to outside the category.
//
// Inputs: the problem of [Profile.Groups].
//
// Result: a sensitive cell that no table has, without levels: who cannot tell it does not
// know that the group is one. Measures of distinct persons hold the smaller count. Of
// contributions to cells with more than three, the smaller ones are not known and are left
// out of the largest.
func (g Group) Cell(t *tabular.Problem) tabular.Cell {
	d := tabular.Cell{Values: make([]int64, len(t.Measures)), Sensitive: true, Unprinted: true, Holders: make([]tabular.Holders, len(t.Rules))}
	for _, c := range g.Outside {
		for m, v := range t.Cells[c].Values {
			d.Values[m] += v
		}
		for k := range t.Rules {
			d.Holders[k] = join(d.Holders[k], t.Cells[c].Holders[k])
		}
	}
	for m, measure := range t.Measures {
		if measure.Distinct {
			d.Values[m] = min(d.Holders[0].Count, d.Holders[1].Count)
		}
	}
	return d
}

// join merges those behind two cells, by their numbers.
func join(a, b tabular.Holders) tabular.Holders {
	sum := tabular.Holders{Smallest: slices.Concat(a.Smallest, b.Smallest), Largest: slices.Clone(a.Largest)}
	slices.Sort(sum.Smallest)
	sum.Smallest = slices.Compact(sum.Smallest)
	sum.Count = int64(len(sum.Smallest))
	for _, x := range b.Largest {
		if i := slices.IndexFunc(sum.Largest, func(y tabular.Share) bool { return y.Number == x.Number }); i >= 0 {
			sum.Largest[i].Amount += x.Amount
		} else {
			sum.Largest = append(sum.Largest, x)
		}
	}
	slices.SortFunc(sum.Largest, func(x, y tabular.Share) int {
		return cmp.Or(cmp.Compare(y.Amount, x.Amount), cmp.Compare(x.Number, y.Number))
	})
	return sum
}
