package simplex

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkTable solves tables of about 100, 500 and 1500 rows: cold; warm after four
// changes of costs and bounds; and as an audit does, one cell after the other up and
// down. Protection has two columns per cell and moves one cell after the other.
func BenchmarkTable(b *testing.B) {
	for _, dims := range [][]hierarchy{
		{levels(3, 3), levels(2, 4)},
		{levels(5, 8), levels(4, 7)},
		{levels(10, 10), levels(6, 8)},
		{levels(4, 4), levels(3, 3), levels(6)},
	} {
		p, over := crossed(dims...)
		rng := rand.New(rand.NewPCG(1, uint64(len(over))))
		name := fmt.Sprintf("%dx%d", len(p.rhs), len(p.cost))
		p.fill(over, false, rng)
		b.Run(name+"/cold", func(b *testing.B) {
			steps(b, func() Result { return p.model().Solve(Limits{}) })
		})
		b.Run(name+"/warm", func(b *testing.B) {
			m := p.model()
			m.Solve(Limits{})
			steps(b, func() Result {
				p.disturb(m, 4, false, rng)
				return m.Solve(Limits{})
			})
		})
		b.Run(name+"/audit", func(b *testing.B) {
			p.fill(over, true, rng)
			clear(p.cost)
			m := p.model()
			m.Solve(Limits{})
			j := 0
			steps(b, func() Result {
				m.SetCost(j, 0)
				for j = rng.IntN(len(p.cost)); p.lower[j] == p.upper[j]; {
					j = rng.IntN(len(p.cost))
				}
				m.SetCost(j, float64(rng.IntN(2)*2-1))
				return m.Solve(Limits{})
			})
		})
		b.Run(name+"/protection", func(b *testing.B) {
			p := protection(false, rng, dims...)
			m := p.model()
			cell := -1
			steps(b, func() Result {
				cell = p.target(m, cell, rng)
				return m.Solve(Limits{})
			})
		})
	}
}

// steps reports the number of simplex steps besides the time.
func steps(b *testing.B, solve func() Result) {
	n := 0
	for b.Loop() {
		n += solve().Iterations
	}
	b.ReportMetric(float64(n)/float64(b.N), "steps/op")
}
