package problem

import (
	"math/bits"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// sensitive reports whether the rules call a cell sensitive.
//
// Inputs: the value v, |v| ≤ 2⁵³; the number n ≥ 0 of contributors; the largest
// contributions x₁ ≥ x₂ ≥ …, absent at the end, in the unit of v. Percentages are at
// most 400.
//
// Result: true if any test in force is met, in integers and without rounding:
//   - 1 ≤ n < T;
//   - dominance: 100·|x₁| > d·|v|;
//   - p%: 100·(|v| − |x₁| − |x₂|) < p·|x₁|, with x₂ = 0 if there is none.
//
// A cell whose value is zero, or that has no contributions, has no test of them.
//
// Source: Handbook on Statistical Disclosure Control, section 4.2.
func sensitive(r rules, v, n int64, largest []int64) bool {
	if n >= 1 && n < r.minFrequency {
		return true
	}
	if v == 0 || len(largest) == 0 || largest[0] == absent {
		return false
	}
	whole, first, second := size(v), size(largest[0]), int64(0)
	if len(largest) > 1 && largest[1] != absent {
		second = size(largest[1])
	}
	if d := r.dominancePercent; d > 0 && 100*first > d*whole {
		return true
	}
	p := r.pPercent
	return p > 0 && 100*(whole-first-second) < p*first
}

// level is the protection level of a value: p % of its size, rounded up; 0 ≤ p ≤ 100.
func level(v int64, p decimal) int64 {
	hi, lo := bits.Mul64(uint64(size(v)), uint64(p.n))
	q, rest := bits.Div64(hi, lo, uint64(100*powers[p.places]))
	if rest > 0 {
		q++
	}
	return int64(q)
}

// problem puts cells and equations into the form of disclosure control.
func (r *reader) problem() tabular.Problem {
	measure := tabular.Measure{Name: r.Value, Decimals: int(r.places), Whole: r.Whole, Lower: r.lower, AtMost: -1}
	if r.noBound {
		measure.Lower = tabular.NoBound
	}
	p := tabular.Problem{
		Measures: []tabular.Measure{measure},
		Cells:    r.tabularCells(),
		Rules: []tabular.Rule{{
			MinFrequency: r.rules.minFrequency, DominancePercent: r.rules.dominancePercent, PPercent: r.rules.pPercent,
			Alone: r.Rules.Alone == nil || *r.Rules.Alone,
		}},
		Remainder: r.Rules.Remainder,
		Equations: make([]tabular.Equation, len(r.equations.total)),
	}
	for i, total := range r.equations.total {
		p.Equations[i] = tabular.Equation{Total: total, Members: r.equations.list(int32(i))}
	}
	return p
}

// tabularCells makes the cells. What they point to lies in a few large arrays.
func (r *reader) tabularCells() []tabular.Cell {
	c := r.cells
	n := len(c.key)
	list, holders := make([]tabular.Cell, n), make([]tabular.Holders, n)
	shares := make([]tabular.Share, 0, len(c.largest))
	for i := range int32(n) {
		cell, h := &list[i], &holders[i]
		cell.Values = c.value[i : i+1 : i+1]
		cell.Sensitive = c.sensitive[i] || sensitive(r.rules, c.value[i], c.count[i], c.shares(i))
		cell.Known = r.known(i)
		cell.Unprinted = c.implied[i] || c.zero(i) && !cell.Known && !cell.Sensitive
		if cell.Sensitive && r.protection.n > 0 {
			l := level(c.value[i], r.protection)
			cell.Levels = []tabular.Level{{Down: l, Up: l}}
		}
		h.Count = c.count[i]
		from := len(shares)
		for _, s := range c.shares(i) {
			if s != absent {
				shares = append(shares, tabular.Share{Amount: s})
			}
		}
		if to := len(shares); to > from {
			h.Largest = shares[from:to:to]
		}
		cell.Holders = holders[i : i+1 : i+1]
	}
	return list
}
