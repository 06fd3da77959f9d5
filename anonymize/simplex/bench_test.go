package simplex

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

var benchmarks = []struct {
	rows int
	dims []hierarchy
}{
	{100, []hierarchy{levels(3, 3), levels(2, 4)}},
	{500, []hierarchy{levels(5, 6), levels(5, 5)}},
	{1500, []hierarchy{levels(4, 4), levels(3, 3), levels(6)}},
	{1501, []hierarchy{levels(10, 10), levels(6, 8)}},
}

func BenchmarkTable(b *testing.B) {
	for _, size := range benchmarks {
		for _, deviations := range []bool{true, false} {
			p, over := crossed(size.dims...)
			rng := rand.New(rand.NewPCG(1, uint64(size.rows)))
			p.fill(over, deviations, rng)
			name := fmt.Sprintf("%dx%d/%v", len(p.rhs), len(p.cost), deviations)
			b.Run(name+"/cold", func(b *testing.B) {
				iterations := 0
				for b.Loop() {
					r := p.model().Solve(Limits{})
					iterations += r.Iterations
				}
				b.ReportMetric(float64(iterations)/float64(b.N), "steps/op")
			})
			b.Run(name+"/warm", func(b *testing.B) {
				m := p.model()
				m.Solve(Limits{})
				iterations := 0
				for b.Loop() {
					p.disturb(m, 4, false, rng)
					iterations += m.Solve(Limits{}).Iterations
				}
				b.ReportMetric(float64(iterations)/float64(b.N), "steps/op")
			})
			p.fill(over, deviations, rng)
			b.Run(name+"/audit", func(b *testing.B) {
				m := p.model()
				for j := range p.cost {
					m.SetCost(j, 0)
				}
				m.Solve(Limits{})
				iterations, j := 0, 0
				for b.Loop() {
					m.SetCost(j, 0)
					for j = rng.IntN(len(p.cost)); p.lower[j] == p.upper[j]; j = rng.IntN(len(p.cost)) {
					}
					m.SetCost(j, float64(rng.IntN(2)*2-1))
					iterations += m.Solve(Limits{}).Iterations
				}
				b.ReportMetric(float64(iterations)/float64(b.N), "steps/op")
			})
		}
	}
}
