package audit

import (
	"slices"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// withLevels are the cells, sensitive ones with the protection levels that rules ask for
// where those given are lower. Cells that no table has keep their own.
//
// Source: Handbook on Statistical Disclosure Control, section 4.2, upper protection levels
// of the p % and dominance rules; the lower ones as far, but not below the bound of the
// measure.
func withLevels(p *tabular.Problem) []tabular.Cell {
	if !slices.ContainsFunc(p.Rules, func(r tabular.Rule) bool { return r.Levels }) {
		return p.Cells
	}
	cells := slices.Clone(p.Cells)
	for i := range cells {
		c := &cells[i]
		for k := range p.Rules {
			if r := &p.Rules[k]; r.Levels && c.Sensitive && !c.Unprinted {
				raise(c, r, k, p.Measures)
			}
		}
	}
	return cells
}

// raise gives a cell the levels that a rule asks for, unless its own are higher.
func raise(c *tabular.Cell, r *tabular.Rule, rule int, measures []tabular.Measure) {
	var u union
	u.merge(&c.Holders[rule], c.Values[r.Measure])
	one, two := u.largest()
	up := int64(0)
	if r.PPercent > 0 {
		up = max(up, over(one*r.PPercent, 100)-(u.whole-one-two))
	}
	if r.DominancePercent > 0 {
		up = max(up, over(100*one, r.DominancePercent)-u.whole)
	}
	if up == 0 || u.whole <= 0 {
		return
	}
	down := up
	if l := measures[r.Measure].Lower; l != tabular.NoBound {
		down = min(down, u.whole-l)
	}
	if c.Levels == nil {
		c.Levels = make([]tabular.Level, len(c.Values))
	} else {
		c.Levels = slices.Clone(c.Levels)
	}
	own := &c.Levels[r.Measure]
	*own = tabular.Level{Down: max(own.Down, down), Up: max(own.Up, up)}
}

// over is a/b, rounded up, for a ≥ 0.
func over(a, b int64) int64 { return (a + b - 1) / b }
