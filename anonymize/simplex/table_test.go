package simplex

import (
	"math"
	"math/rand/v2"
	"testing"
)

// lp is a program in the form in which the tests write it.
type lp struct {
	rhs                []float64
	index              [][]int32
	value              [][]float64
	cost, lower, upper []float64
}

func (p *lp) model() *Model {
	m := New(len(p.rhs), p.rhs)
	for j := range p.cost {
		m.AddColumn(p.index[j], p.value[j], p.cost[j], p.lower[j], p.upper[j])
	}
	return m
}

// crossed returns the equations of two hierarchies crossed: of a total over groups of
// 4 leaves each, and of a total over groups of 6. Bounds are around true values, and
// the program is therefore feasible.
func crossed(groups1, groups2 int, rng *rand.Rand) *lp {
	type tree struct {
		size int
		up   []int // parent of each node, −1 for the total
	}
	grow := func(groups, leaves int) tree {
		t := tree{size: 1, up: []int{-1}}
		for range groups {
			g := t.size
			t.up = append(t.up, 0)
			t.size++
			for range leaves {
				t.up = append(t.up, g)
				t.size++
			}
		}
		return t
	}
	a, b := grow(groups1, 4), grow(groups2, 6)
	p := &lp{}
	n := a.size * b.size
	p.index, p.value = make([][]int32, n), make([][]float64, n)
	cell := func(i, k int) int { return i*b.size + k }
	inner := func(t tree) []int {
		var list []int
		seen := map[int]bool{}
		for _, u := range t.up {
			if u >= 0 && !seen[u] {
				seen[u] = true
				list = append(list, u)
			}
		}
		return list
	}
	put := func(j int, v float64) {
		p.index[j] = append(p.index[j], int32(len(p.rhs)))
		p.value[j] = append(p.value[j], v)
	}
	for k := range b.size {
		for _, g := range inner(a) {
			put(cell(g, k), -1)
			for i, u := range a.up {
				if u == g {
					put(cell(i, k), 1)
				}
			}
			p.rhs = append(p.rhs, 0)
		}
	}
	for i := range a.size {
		for _, g := range inner(b) {
			put(cell(i, g), -1)
			for k, u := range b.up {
				if u == g {
					put(cell(i, k), 1)
				}
			}
			p.rhs = append(p.rhs, 0)
		}
	}
	p.bounds(n, rng)
	return p
}

// bounds makes a table of true values x by the moves that keep all equations, and sets
// bounds that x satisfies.
func (p *lp) bounds(n int, rng *rand.Rand) {
	p.cost, p.lower, p.upper = make([]float64, n), make([]float64, n), make([]float64, n)
	for j := range n {
		w := math.Floor(math.Exp(rng.Float64() * 8))
		p.cost[j] = w
		switch rng.IntN(4) {
		case 0: // published
			p.lower[j], p.upper[j] = 0, 0
		case 1:
			p.lower[j], p.upper[j] = -w, math.Inf(1)
		default:
			p.lower[j], p.upper[j] = -w, w*2
		}
		if rng.IntN(3) > 0 {
			p.cost[j] = 0
		}
		p.cost[j] *= float64(rng.IntN(3) - 1)
	}
	// One cell that must move, as in protection.
	j := rng.IntN(n)
	p.lower[j], p.upper[j] = min(1, p.upper[j]), max(1, p.upper[j])
}

func sizes(rows int) (int, int) {
	// rows ≈ (1+5a)(1+b) + (1+7b)(1+a)
	for a := 1; ; a++ {
		b := a
		if (1+a)*(1+7*b)+(1+5*a)*(1+b) >= rows {
			return a, b
		}
	}
}

func TestTry(t *testing.T) {
	for _, rows := range []int{20, 100, 500, 1500} {
		a, b := sizes(rows)
		for seed := range uint64(4) {
			rng := rand.New(rand.NewPCG(seed, 1))
			p := crossed(a, b, rng)
			m := p.model()
			r := m.Solve(Limits{})
			t.Log(len(p.rhs), len(p.cost), r.Status, r.Objective, r.Iterations)
			for k := range 5 {
				for range 5 {
					j := rng.IntN(len(p.cost))
					if k%2 == 0 {
						m.SetCost(j, rng.Float64()*10)
					} else {
						m.SetBounds(j, -rng.Float64()*10, 5*rng.Float64())
					}
				}
				r := m.Solve(Limits{})
				t.Log("   warm", r.Status, r.Objective, r.Iterations)
			}
		}
	}
}
