package audit

import (
	"errors"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// checker verifies witnesses. It solves nothing and rounds nothing. One goroutine at a
// time may use it.
type checker struct {
	p      *tabular.Problem
	hidden []bool
	a      attacker
	along  lists     // cell → equations
	by     [][]int64 // measure → cell; all zero between checks
	sums   [][]int64 // measure → equation; all zero between checks
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
	for n, m := range moves {
		if m.number < 0 || int(m.number) >= len(c.p.Cells) || m.measure < 0 || m.measure >= len(c.p.Measures) ||
			!unknown(&c.p.Cells[m.number], c.hidden[m.number]) || c.by[m.measure][m.number] != 0 || m.by == 0 || m.by > 1<<61 || m.by < -1<<61 {
			c.clear(moves[:n])
			return errors.New("move of a known figure, twice, by nothing or too much")
		}
		c.by[m.measure][m.number] = m.by
	}
	defer c.clear(moves)
	value := func(f figure) int64 { // |value| ≤ 2⁵³·2⁹ + 2⁶¹ < 2⁶³
		return c.p.Cells[f.number].Values[f.measure]*q + c.by[f.measure][f.number]
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
			s, ok := plus(c.sums[m.measure][e], m.by*int64(sign[n]))
			if c.p.Measures[m.measure].Distinct {
				s, ok = 0, inequality(&c.p.Equations[e], m.measure, value)
			}
			if c.sums[m.measure][e] = s; !ok {
				return errors.New("equation cannot be")
			}
		}
	}
	for _, m := range moves {
		equations, _ := c.along.line(m.number)
		for _, e := range equations {
			if c.sums[m.measure][e] != 0 {
				return errors.New("equation does not add up")
			}
		}
	}
	return nil
}

// clear forgets some moves.
func (c *checker) clear(moves []move) {
	for _, m := range moves {
		c.by[m.measure][m.number] = 0
		equations, _ := c.along.line(m.number)
		for _, e := range equations {
			c.sums[m.measure][e] = 0
		}
	}
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
