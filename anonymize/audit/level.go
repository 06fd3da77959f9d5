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
// measure. Where the number of contributors is enough, none are needed; an interval may be
// asked for all the same.
func withLevels(p *tabular.Problem) []tabular.Cell {
	if !slices.ContainsFunc(p.Rules, func(r tabular.Rule) bool { return r.Levels || r.Interval }) {
		return p.Cells
	}
	cells := slices.Clone(p.Cells)
	for i := range cells {
		c := &cells[i]
		for k := range p.Rules {
			if r := &p.Rules[k]; c.Sensitive && !c.Unprinted {
				var u union
				u.merge(&c.Holders[k], c.Values[r.Measure])
				raise(c, r.Measure, u.amount(r, p.Measures[r.Measure].Lower))
				raise(c, r.Count, u.interval(r, c.Values[r.Count], p))
			}
		}
	}
	return cells
}

// raise gives a cell a level in a measure, unless its own is higher.
func raise(c *tabular.Cell, measure int, l tabular.Level) {
	own := level(c, measure)
	if l == (tabular.Level{}) || own.Down >= l.Down && own.Up >= l.Up && (l.Either || !own.Either) {
		return
	}
	if c.Levels == nil {
		c.Levels = make([]tabular.Level, len(c.Values))
	} else {
		c.Levels = slices.Clone(c.Levels)
	}
	either := l.Either && (own.Either || own == tabular.Level{})
	c.Levels[measure] = tabular.Level{Down: max(own.Down, l.Down), Up: max(own.Up, l.Up), Either: either}
}

// amount is the level that the tests of concentration of a rule ask for, of amounts that are
// known to be no smaller than a bound.
func (u *union) amount(r *tabular.Rule, lower int64) tabular.Level {
	one, two := u.largest()
	up := int64(0)
	if r.PPercent > 0 {
		up = max(up, over(one*r.PPercent, 100)-(u.whole-one-two))
	}
	if r.DominancePercent > 0 {
		up = max(up, over(100*one, r.DominancePercent)-u.whole)
	}
	if !r.Levels || up == 0 || u.whole <= 0 {
		return tabular.Level{}
	}
	down := up
	if lower != tabular.NoBound {
		down = min(down, u.whole-lower)
	}
	return tabular.Level{Down: down, Up: up}
}

// interval is the level by which a count reaches zero or the threshold of a rule.
func (u *union) interval(r *tabular.Rule, count int64, p *tabular.Problem) tabular.Level {
	n, step := u.contributors(), (attacker{p: p}).step(r.Count)
	if up := r.MinFrequency*step - count; r.Interval && 0 < n && n < r.MinFrequency && 0 < count && 0 < up {
		return tabular.Level{Down: count, Up: up, Either: true}
	}
	return tabular.Level{}
}

// over is a/b, rounded up, for a ≥ 0.
func over(a, b int64) int64 { return (a + b - 1) / b }
