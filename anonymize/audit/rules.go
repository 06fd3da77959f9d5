package audit

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// union is those of one kind behind some cells taken together.
type union struct {
	count    int64 // exact up to the threshold
	smallest []uint64
	shares   []tabular.Share
	whole    int64
}

// merge adds the contributors behind a cell, whose contributions add up to value.
func (u *union) merge(h *tabular.Holders, value int64) {
	if h.Smallest != nil {
		u.smallest = append(u.smallest, h.Smallest...)
	} else {
		u.count += h.Count
	}
	u.shares = append(u.shares, h.Largest...)
	u.whole += value
}

// contributors is how many distinct ones there are, exact up to the threshold.
func (u *union) contributors() int64 {
	slices.Sort(u.smallest)
	u.smallest = slices.Compact(u.smallest)
	return u.count + int64(len(u.smallest))
}

// largest are the two largest contributions, those of one number taken together.
func (u *union) largest() (one, two int64) {
	shares := slices.Clone(u.shares)
	slices.SortFunc(shares, func(a, b tabular.Share) int { return cmp.Compare(a.Number, b.Number) })
	for n := 0; n < len(shares); {
		amount := shares[n].Amount
		m := n + 1
		for ; m < len(shares) && shares[m].Number == shares[n].Number && shares[n].Number != 0; m++ {
			amount += shares[m].Amount
		}
		n = m
		if amount > one {
			one, two = amount, one
		} else {
			two = max(two, amount)
		}
	}
	return one, two
}

// passes says whether a figure with these contributors may be known.
func (u *union) passes(r *tabular.Rule) bool {
	if n := u.contributors(); n > 0 && n < r.MinFrequency {
		return false
	}
	if r.DominancePercent == 0 && r.PPercent == 0 || len(u.shares) == 0 {
		return true
	}
	one, two := u.largest()
	if r.DominancePercent > 0 && larger(one, 100, u.whole, r.DominancePercent) {
		return false
	}
	return r.PPercent == 0 || !larger(one, r.PPercent, u.whole-one-two, 100)
}

// larger says whether a·x > b·y, for x, y ≥ 0.
func larger(a, x, b, y int64) bool {
	ah, al := times(a, x)
	bh, bl := times(b, y)
	return ah > bh || ah == bh && al > bl
}

// times is a·x in two's complement of 128 bits, for x ≥ 0.
func times(a, x int64) (int64, uint64) {
	hi, lo := bits.Mul64(uint64(a), uint64(x))
	if a < 0 {
		hi -= uint64(x)
	}
	return int64(hi), lo
}

// cellRules finds cells that a rule forbids to show, among those that are published or said
// to pass every rule.
func cellRules(p *tabular.Problem, hidden []bool) []Fault {
	var faults []Fault
	for i := range p.Cells {
		c := &p.Cells[i]
		published := !hidden[i] && !c.Unprinted
		if !published && !c.Secondary {
			continue
		}
		if published && c.Sensitive {
			faults = append(faults, Fault{Kind: Shown, Cell: int32(i), Equation: none, By: none, Measure: none, Rule: none})
		}
		for k := range p.Rules {
			var u union
			u.merge(&c.Holders[k], c.Values[p.Rules[k].Measure])
			if !u.passes(&p.Rules[k]) {
				faults = append(faults, Fault{Kind: RuleBroken, Cell: int32(i), Equation: none, By: none, Measure: none, Rule: int32(k)})
			}
		}
	}
	return faults
}

// remainders finds equations with a total that everybody knows whose unknown members,
// taken together, a rule forbids to show (P6).
func remainders(p *tabular.Problem, hidden []bool) []Fault {
	var faults []Fault
	for i := range p.Equations {
		e := &p.Equations[i]
		if unknown(&p.Cells[e.Total], hidden[e.Total]) {
			continue
		}
		for k := range p.Rules {
			var u union
			for _, m := range e.Members {
				if c := &p.Cells[m]; unknown(c, hidden[m]) {
					u.merge(&c.Holders[k], c.Values[p.Rules[k].Measure])
				}
			}
			if !u.passes(&p.Rules[k]) {
				faults = append(faults, Fault{Kind: Remainder, Cell: e.Total, Equation: int32(i), By: none, Measure: none, Rule: int32(k)})
			}
		}
	}
	return faults
}
