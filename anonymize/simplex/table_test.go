package simplex

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// lp is a program in the form in which the tests write it.
type lp struct {
	rhs                []float64
	index              [][]int32
	value              [][]float64
	cost, lower, upper []float64
	inside             []float64 // a point that satisfies equations and bounds, if known
}

func (p *lp) model() *Model {
	m := New(len(p.rhs), p.rhs)
	for j := range p.cost {
		m.AddColumn(p.index[j], p.value[j], p.cost[j], p.lower[j], p.upper[j])
	}
	return m
}

// hierarchy lists the parent of each node; the first node is the total, −1 its parent.
type hierarchy []int

// levels returns a hierarchy with so many children at each level.
func levels(children ...int) hierarchy {
	h := hierarchy{-1}
	from := 0
	for _, n := range children {
		to := len(h)
		for parent := from; parent < to; parent++ {
			for range n {
				h = append(h, parent)
			}
		}
		from = to
	}
	return h
}

// inner returns the nodes that have children, ascending.
func (h hierarchy) inner() []int {
	var list []int
	for _, p := range h {
		if p >= 0 && (len(list) == 0 || list[len(list)-1] < p) {
			list = append(list, p)
		}
	}
	return list
}

// crossed returns the equations of hierarchies crossed, without costs and bounds; and
// for each leaf cell the cells that contain it.
func crossed(dims ...hierarchy) (p *lp, over [][]int32) {
	n := 1
	for _, h := range dims {
		n *= len(h)
	}
	p = &lp{index: make([][]int32, n), value: make([][]float64, n)}
	p.cost, p.lower, p.upper = make([]float64, n), make([]float64, n), make([]float64, n)
	put := func(j int, v float64) {
		p.index[j] = append(p.index[j], int32(len(p.rhs)))
		p.value[j] = append(p.value[j], v)
	}
	stride := n
	for _, h := range dims {
		stride /= len(h)
		for j := range n {
			if j/stride%len(h) != 0 {
				continue
			}
			for _, g := range h.inner() {
				put(j+g*stride, -1)
				for k, parent := range h {
					if parent == g {
						put(j+k*stride, 1)
					}
				}
				p.rhs = append(p.rhs, 0)
			}
		}
	}
	return p, containing(n, dims)
}

func containing(n int, dims []hierarchy) (over [][]int32) {
	for j := range n {
		cells := []int32{0}
		stride, leaf := n, true
		for _, h := range dims {
			stride /= len(h)
			k := j / stride % len(h)
			leaf = leaf && k > h.inner()[len(h.inner())-1]
			var more []int32
			for ; k >= 0; k = h[k] {
				for _, c := range cells {
					more = append(more, c+int32(k*stride))
				}
			}
			cells = more
		}
		if leaf {
			over = append(over, cells)
		}
	}
	return over
}

// fill gives every cell a true value, bounds around it and a cost. With deviations the
// columns are deviations from the true values and zero is feasible.
func (p *lp) fill(over [][]int32, deviations bool, rng *rand.Rand) {
	value := make([]float64, len(p.cost))
	for _, cells := range over {
		v := math.Floor(math.Exp(rng.Float64() * 8))
		if rng.IntN(4) == 0 {
			v = 0
		}
		for _, c := range cells {
			value[c] += v
		}
	}
	p.inside = value
	for j, v := range value {
		p.lower[j], p.upper[j] = p.drawInterval(v, rng)
		if deviations {
			p.lower[j], p.upper[j] = p.lower[j]-v, p.upper[j]-v
			value[j] = 0
		}
		p.cost[j] = float64(rng.IntN(5)-2) * math.Round(1+math.Log1p(v))
		if rng.IntN(2) == 0 {
			p.cost[j] = 0
		}
	}
}

func (p *lp) drawInterval(v float64, rng *rand.Rand) (lower, upper float64) {
	switch rng.IntN(5) {
	case 0, 1:
		return v, v // published
	case 2:
		return 0, math.Inf(1)
	case 3:
		return 0, 2 * v
	default:
		return math.Floor(v / 2), math.Ceil(1.5 * v)
	}
}

// disturb changes a few costs and bounds, in the program and in the model. The point
// inside stays so unless wild.
func (p *lp) disturb(m *Model, n int, wild bool, rng *rand.Rand) {
	for range n {
		j := rng.IntN(len(p.cost))
		if rng.IntN(2) == 0 {
			p.cost[j] = float64(rng.IntN(9) - 4)
			m.SetCost(j, p.cost[j])
			continue
		}
		v := p.inside[j]
		if wild && rng.IntN(4) == 0 {
			v += float64(rng.IntN(5) - 2)
		}
		p.lower[j], p.upper[j] = v, v
		if rng.IntN(3) > 0 {
			p.lower[j], p.upper[j] = v-float64(rng.IntN(20)), v+float64(rng.IntN(20))
		}
		m.SetBounds(j, p.lower[j], p.upper[j])
	}
}

// protection returns a program that moves cells at least cost: two columns per cell, up
// and down, and caps; with wide, caps from 1e-4 of the value up to 1e12.
func protection(wide bool, rng *rand.Rand, dims ...hierarchy) *lp {
	table, over := crossed(dims...)
	table.fill(over, false, rng)
	p := &lp{rhs: table.rhs}
	for sign := 1.0; sign >= -1; sign -= 2 {
		for j, v := range table.inside {
			value := append([]float64(nil), table.value[j]...)
			for k := range value {
				value[k] *= sign
			}
			limit := v
			if sign > 0 {
				limit = max(5, 2*v)
			}
			if wide {
				limit = min(limit*math.Pow(10, float64(rng.IntN(12)-4)), 1e12)
			}
			if table.cost[j] == 0 && rng.IntN(3) == 0 {
				limit = 0
			}
			p.index, p.value = append(p.index, table.index[j]), append(p.value, value)
			p.cost = append(p.cost, math.Round(1+10*math.Log1p(v)))
			p.lower, p.upper = append(p.lower, 0), append(p.upper, limit)
		}
	}
	return p
}

// target lets the cell go that had to move and makes another one move.
func (p *lp) target(m *Model, old int, rng *rand.Rand) int {
	if old >= 0 {
		p.lower[old] = 0
		m.SetBounds(old, 0, p.upper[old])
	}
	j := rng.IntN(len(p.cost) / 2)
	for p.upper[j] == 0 {
		j = rng.IntN(len(p.cost) / 2)
	}
	p.lower[j] = min(p.upper[j], math.Ceil(p.upper[j]/10))
	m.SetBounds(j, p.lower[j], p.upper[j])
	return j
}

func TestASeriesOfProtectionsIsSolvedWithACertificate(t *testing.T) {
	for _, wide := range []bool{false, true} {
		rng := rand.New(rand.NewPCG(4, 4))
		p := protection(wide, rng, levels(5), levels(5), levels(2, 2))
		m := p.model()
		seen := map[Status]int{}
		cell := -1
		for range 150 {
			cell = p.target(m, cell, rng)
			for range 3 {
				j := rng.IntN(len(p.cost))
				p.cost[j] = float64(rng.IntN(2))
				m.SetCost(j, p.cost[j])
			}
			r := m.Solve(Limits{})
			certify(t, p, r)
			seen[r.Status]++
		}
		t.Logf("wide %v: %d rows, %d columns, %v", wide, len(p.rhs), len(p.cost), seen)
	}
}

func drawTable(t *rapid.T) *lp {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	small := rapid.IntRange(1, 4)
	dims := []hierarchy{levels(small.Draw(t, "a"), small.Draw(t, "b")), levels(small.Draw(t, "c"))}
	if rapid.Bool().Draw(t, "three") {
		dims = append(dims, levels(small.Draw(t, "d")))
	}
	p, over := crossed(dims...)
	p.fill(over, rapid.Bool().Draw(t, "deviations"), rng)
	return p
}

func TestTablesAreSolvedWithACertificate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawTable(t)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "changes"), 0))
		m := p.model()
		certify(t, p, m.Solve(Limits{}))
		for range 6 {
			p.disturb(m, 1+rng.IntN(5), true, rng)
			r := m.Solve(Limits{})
			certify(t, p, r)
			if r.Status == Optimal && len(p.rhs) < 60 {
				p.vertex(t, m.Basis(), r.X)
			}
			cold := p.model().Solve(Limits{})
			if r.Status != cold.Status || r.Status == Optimal && math.Abs(r.Objective-cold.Objective) > 1e-7*(1+math.Abs(cold.Objective)) {
				t.Fatalf("warm %v %v, cold %v %v", r.Status, r.Objective, cold.Status, cold.Objective)
			}
		}
	})
}

func TestLargeTablesAreSolvedWithACertificate(t *testing.T) {
	for seed := range uint64(6) {
		rng := rand.New(rand.NewPCG(seed, 2))
		dims := []hierarchy{levels(4, 4), levels(3, 5)}
		if seed%2 == 1 {
			dims = []hierarchy{levels(3, 3), levels(2, 3), levels(3)}
		}
		p, over := crossed(dims...)
		p.fill(over, seed%3 == 0, rng)
		m := p.model()
		certify(t, p, m.Solve(Limits{}))
		for range 30 {
			p.disturb(m, 4, seed > 3, rng)
			certify(t, p, m.Solve(Limits{}))
		}
		t.Logf("%d rows, %d columns", len(p.rhs), len(p.cost))
	}
}
