package audit

import (
	"errors"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// move is by how much one figure of a table differs from its true value.
type move struct {
	figure
	by int64
}

// figure is one measure of one cell, or of one equation.
type figure struct {
	number  int32
	measure int
}

// witness is a pair of complete tables, given as what they differ in from the true
// one, in units of 1/q; q in 1..512.
type witness struct {
	q      int64
	tables [2][]move
}

// checker verifies witnesses. It solves nothing and rounds nothing.
type checker struct {
	p      *tabular.Problem
	hidden []bool
	a      attacker
	along  lists // cell → equations
}

// check says why a witness is none: tables must differ from the true one in unknown
// figures only, satisfy every equation and keep the bounds that everybody knows.
func (c *checker) check(w witness) error {
	if w.q < 1 || w.q > 512 {
		return errors.New("denominator out of range")
	}
	return errors.Join(c.table(w.q, w.tables[0]), c.table(w.q, w.tables[1]))
}

// table checks one table.
func (c *checker) table(q int64, moves []move) error {
	by, sums := make(map[figure]int64, len(moves)), make(map[figure]int64, 4*len(moves))
	for _, m := range moves {
		if m.number < 0 || int(m.number) >= len(c.p.Cells) || m.measure < 0 || m.measure >= len(c.p.Measures) ||
			!unknown(&c.p.Cells[m.number], c.hidden[m.number]) || by[m.figure] != 0 || m.by == 0 || m.by > 1<<61 || m.by < -1<<61 {
			return errors.New("move of a known figure, twice, by nothing or too much")
		}
		by[m.figure] = m.by
	}
	value := func(f figure) int64 { // |value| ≤ 2⁵³·2⁹ + 2⁶¹ < 2⁶³
		return c.p.Cells[f.number].Values[f.measure]*q + by[f]
	}
	for _, m := range moves {
		whole := !c.p.Measures[m.measure].Whole || m.by%(q*c.a.step(m.measure)) == 0
		if l := c.a.lower(m.number, m.measure); !whole || l != tabular.NoBound && value(m.figure) < l*q {
			return errors.New("value that is not whole or below its bound")
		}
		for k := range c.p.Measures {
			if n := c.p.Measures[k].AtMost; n >= 0 && value(figure{m.number, k}) > value(figure{m.number, n}) {
				return errors.New("measure above the one that bounds it")
			}
		}
		equations, sign := c.along.line(m.number)
		for n, e := range equations {
			g := figure{e, m.measure}
			s, ok := plus(sums[g], m.by*int64(sign[n]))
			if c.p.Measures[m.measure].Distinct {
				s, ok = 0, inequality(&c.p.Equations[e], m.measure, value)
			}
			if sums[g] = s; !ok {
				return errors.New("equation cannot be")
			}
		}
	}
	for _, s := range sums {
		if s != 0 {
			return errors.New("equation does not add up")
		}
	}
	return nil
}

// inequality says whether the total is between the largest member and the sum.
func inequality(e *tabular.Equation, measure int, value func(figure) int64) bool {
	total, sum := value(figure{e.Total, measure}), int64(0)
	for _, m := range e.Members {
		v := value(figure{m, measure})
		s, ok := plus(sum, v)
		if sum = s; !ok || v > total {
			return false
		}
	}
	return total <= sum
}
