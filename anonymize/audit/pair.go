package audit

import "github.com/parvis-opendata/parvis/anonymize/tabular"

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

// newChecker makes a checker of the tables that a mask leaves possible.
func newChecker(p *tabular.Problem, hidden []bool, a attacker) *checker {
	return (&checker{p: p, hidden: hidden, a: a, along: equationsOf(p)}).fork()
}

// fork is a checker of the same tables for another goroutine.
func (c *checker) fork() *checker {
	n := *c
	n.by, n.sums = make([][]int64, len(c.p.Measures)), make([][]int64, len(c.p.Measures))
	for m := range n.by {
		n.by[m], n.sums[m] = make([]int64, len(c.p.Cells)), make([]int64, len(c.p.Equations))
	}
	return &n
}
