package audit

import (
	"errors"
	"fmt"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// largestValue is the largest value that a problem may have.
const largestValue = int64(1) << 53

// validate says what makes p no problem at all: numbers out of range, equations that
// do not add up, true values outside the bounds that everybody knows.
func validate(p *tabular.Problem, hidden []bool) error {
	if len(hidden) != len(p.Cells) {
		return fmt.Errorf("check mask: %d cells but %d entries", len(p.Cells), len(hidden))
	}
	if len(p.Measures) == 0 {
		return errors.New("check measures: there is none")
	}
	for m := range p.Measures {
		if x := &p.Measures[m]; x.Decimals < 0 || x.Decimals > 9 || x.AtMost < -1 || x.AtMost >= len(p.Measures) || x.AtMost == m ||
			x.Lower != tabular.NoBound && abs(x.Lower) > largestValue {
			return fmt.Errorf("check measure %d: decimals, bound or number out of range", m)
		}
	}
	for k := range p.Rules {
		if r := &p.Rules[k]; min(r.Measure, r.Count) < 0 || max(r.Measure, r.Count) >= len(p.Measures) || min(r.MinFrequency, r.DominancePercent, r.PPercent) < 0 {
			return fmt.Errorf("check rule %d: measure or figure out of range", k)
		}
	}
	for i := range p.Cells {
		if err := validateCell(p, &p.Cells[i]); err != nil {
			return fmt.Errorf("check cell %d: %w", i, err)
		}
	}
	seen := make([]int32, len(p.Cells))
	for i := range p.Equations {
		if err := validateEquation(p, &p.Equations[i], seen, int32(i+1)); err != nil {
			return fmt.Errorf("check equation %d: %w", i, err)
		}
	}
	return nil
}

// validateCell checks one cell by itself.
func validateCell(p *tabular.Problem, c *tabular.Cell) error {
	if len(c.Values) != len(p.Measures) || c.Levels != nil && len(c.Levels) != len(p.Measures) || len(c.Holders) != len(p.Rules) {
		return errors.New("values, levels or holders are not one each per measure or rule")
	}
	for m, v := range c.Values {
		x := &p.Measures[m]
		if v > largestValue || v < -largestValue {
			return fmt.Errorf("value of measure %d is too large", m)
		}
		if x.Lower != tabular.NoBound && v < x.Lower {
			return fmt.Errorf("value of measure %d is below its bound", m)
		}
		if x.Whole && v%(attacker{p: p}).step(m) != 0 {
			return fmt.Errorf("value of measure %d is not whole", m)
		}
		if x.AtMost >= 0 && v > c.Values[x.AtMost] {
			return fmt.Errorf("measure %d is above measure %d", m, x.AtMost)
		}
		if l := level(c, m); min(l.Down, l.Up) < 0 || max(l.Down, l.Up) > largestValue {
			return fmt.Errorf("level of measure %d is out of range", m)
		}
	}
	for k := range c.Holders {
		h := &c.Holders[k]
		need := int64(0)
		if p.Rules[k].DominancePercent > 0 {
			need = 1
		}
		if p.Rules[k].PPercent > 0 {
			need = 2
		}
		if h.Count < 0 || int64(len(h.Largest)) < min(need, h.Count) {
			return fmt.Errorf("rule %d: count out of range or largest contributions missing", k)
		}
		for n := 1; n < len(h.Smallest); n++ {
			if h.Smallest[n] <= h.Smallest[n-1] {
				return fmt.Errorf("rule %d: numbers of contributors do not ascend", k)
			}
		}
	}
	return nil
}

// validateEquation checks one equation. Cells it has are marked in seen.
func validateEquation(p *tabular.Problem, e *tabular.Equation, seen []int32, mark int32) error {
	for n := -1; n < len(e.Members); n++ {
		c := e.Total
		if n >= 0 {
			c = e.Members[n]
		}
		if c < 0 || int(c) >= len(p.Cells) || seen[c] == mark {
			return fmt.Errorf("cell %d is out of range or there twice", c)
		}
		seen[c] = mark
	}
	for m := range p.Measures {
		var sum, largest int64
		var ok bool
		total := p.Cells[e.Total].Values[m]
		for _, c := range e.Members {
			v := p.Cells[c].Values[m]
			largest = max(largest, v)
			if sum, ok = plus(sum, v); !ok {
				return fmt.Errorf("measure %d: sum is too large", m)
			}
		}
		if p.Measures[m].Distinct {
			ok = largest <= total && total <= sum
		} else {
			ok = total == sum
		}
		if !ok {
			return fmt.Errorf("measure %d: total %d does not fit the sum %d", m, total, sum)
		}
	}
	return nil
}

// plus is a + b, and whether it fits.
func plus(a, b int64) (int64, bool) {
	s := a + b
	return s, b == 0 || (s > a) == (b > 0)
}
