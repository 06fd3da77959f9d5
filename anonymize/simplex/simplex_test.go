package simplex

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var inf = math.Inf(1)

// program writes a small program row by row.
func program(rhs []float64, rows [][]float64, cost, lower, upper []float64) *lp {
	p := &lp{rhs: rhs, cost: cost, lower: lower, upper: upper}
	for j := range cost {
		var index []int32
		var value []float64
		for i, row := range rows {
			if row[j] != 0 {
				index, value = append(index, int32(i)), append(value, row[j])
			}
		}
		p.index, p.value = append(p.index, index), append(p.value, value)
	}
	return p
}

func TestStatusAndPoint(t *testing.T) {
	cases := []struct {
		name   string
		p      *lp
		status Status
		x      []float64
	}{
		{"no rows and no columns", program(nil, nil, nil, nil, nil), Optimal, nil},
		{"no rows: each column goes to its better bound", program(nil, nil, []float64{1, -1, 0}, []float64{-2, -2, 3}, []float64{5, 5, 4}), Optimal, []float64{-2, 5, 3}},
		{"no rows and a free column with a cost", program(nil, nil, []float64{1}, []float64{-inf}, []float64{inf}), Unbounded, []float64{0}},
		{"no columns and a right-hand side", program([]float64{1}, [][]float64{{}}, nil, nil, nil), Infeasible, nil},
		{"a total and its members", program([]float64{0}, [][]float64{{1, 1, -1}}, []float64{1, 2, 0}, []float64{0, 0, 10}, []float64{6, 9, 12}), Optimal, []float64{6, 4, 10}},
		{"members too small for the total", program([]float64{0}, [][]float64{{1, 1, -1}}, []float64{1, 2, 0}, []float64{0, 0, 10}, []float64{6, 3, 12}), Infeasible, nil},
		{"a free column takes what is left", program([]float64{7}, [][]float64{{1, 1}}, []float64{0, 1}, []float64{0, -inf}, []float64{20, inf}), Optimal, []float64{20, -13}},
		{"a ray along two columns", program([]float64{0}, [][]float64{{1, -1}}, []float64{-1, 0}, []float64{0, 0}, []float64{inf, inf}), Unbounded, []float64{0, 0}},
		{"the same equation twice", program([]float64{3, 3}, [][]float64{{1, 1}, {1, 1}}, []float64{1, 0}, []float64{1, 0}, []float64{inf, inf}), Optimal, []float64{1, 2}},
		{"the same equation with another right-hand side", program([]float64{3, 4}, [][]float64{{1, 1}, {1, 1}}, []float64{1, 0}, []float64{0, 0}, []float64{inf, inf}), Infeasible, nil},
		{"bounds that contradict each other", program([]float64{3}, [][]float64{{1}}, []float64{1}, []float64{4}, []float64{3}), Infeasible, nil},
		{"a small cell next to a large total", program([]float64{0, 0}, [][]float64{{1, 1, -1, 0}, {0, 0, 1, -1}}, []float64{0, 1, 0, 0}, []float64{0, 1e-4, 0, 1e12}, []float64{1e12, inf, inf, 1e12}), Optimal, []float64{1e12 - 1e-4, 1e-4, 1e12, 1e12}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := c.p.model().Solve(Limits{})
			if r.Status != c.status || r.Err != nil {
				t.Fatalf("status %v (%v), want %v", r.Status, r.Err, c.status)
			}
			certify(t, c.p, r)
			if c.x != nil && !cmp.Equal(r.X, c.x) {
				t.Errorf("point:\n%s", cmp.Diff(c.x, r.X))
			}
		})
	}
}

func TestFaultsOfTheInputAreNamed(t *testing.T) {
	one := func(edit func(m *Model)) *Model {
		m := New(1, []float64{1})
		m.AddColumn([]int32{0}, []float64{1}, 1, 0, 2)
		edit(m)
		return m
	}
	cases := map[string]*Model{
		"make model: more right-hand sides than rows": New(1, []float64{1, 2}),
		"add column 1: no row 1":                      one(func(m *Model) { m.AddColumn([]int32{1}, []float64{1}, 0, 0, 1) }),
		"add column 1: no row -1":                     one(func(m *Model) { m.AddColumn([]int32{-1}, []float64{1}, 0, 0, 1) }),
		"add column 1: 1 rows but 0 coefficients":     one(func(m *Model) { m.AddColumn([]int32{0}, nil, 0, 0, 1) }),
		"add column 1: coefficient is not finite":     one(func(m *Model) { m.AddColumn([]int32{0}, []float64{inf}, 0, 0, 1) }),
		"add column 1: row 0 twice":                   one(func(m *Model) { m.AddColumn([]int32{0, 0}, []float64{1, 1}, 0, 0, 1) }),
		"set cost: no column 5":                       one(func(m *Model) { m.SetCost(5, 1) }),
		"set bounds: no column -1":                    one(func(m *Model) { m.SetBounds(-1, 0, 1) }),
		"set right-hand side: no row 1":               one(func(m *Model) { m.SetRHS(1, 0) }),
		"solve: cost 0 is not finite":                 one(func(m *Model) { m.SetCost(0, math.NaN()) }),
		"solve: bounds 0 leave no number":             one(func(m *Model) { m.SetBounds(0, inf, inf) }),
		"solve: right-hand side 0 is not finite":      one(func(m *Model) { m.SetRHS(0, math.NaN()) }),
	}
	for want, m := range cases {
		if r := m.Solve(Limits{}); r.Status != Stopped || r.Err == nil || r.Err.Error() != want {
			t.Errorf("%s: got %v, %v", want, r.Status, r.Err)
		}
	}
}

func TestAFaultThatIsTakenBackIsForgotten(t *testing.T) {
	m := New(1, []float64{1})
	m.AddColumn([]int32{0}, []float64{1}, 1, 0, 2)
	m.SetCost(0, inf)
	m.Solve(Limits{})
	m.SetCost(0, 3)
	if r := m.Solve(Limits{}); r.Status != Optimal || r.Objective != 3 {
		t.Errorf("%v %v, want optimal 3", r.Status, r.Objective)
	}
}

func TestNumbersTooLargeToComputeWithStopOrAreFinite(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	draw := func() float64 {
		v := []float64{0, 1, -1, 1e-300, 1e150, 1e300, math.MaxFloat64, math.SmallestNonzeroFloat64}
		return v[rng.IntN(len(v))] * float64(rng.IntN(3)-1)
	}
	for range 3000 {
		rows := 1 + rng.IntN(4)
		rhs := make([]float64, rows)
		for i := range rhs {
			rhs[i] = draw()
		}
		m := New(rows, rhs)
		n := 1 + rng.IntN(8)
		add := func() {
			var index []int32
			var value []float64
			for i := range rows {
				if rng.IntN(2) == 0 {
					index, value = append(index, int32(i)), append(value, draw())
				}
			}
			a, b := draw(), draw()
			m.AddColumn(index, value, draw(), min(a, b), max(a, b))
		}
		for range n {
			add()
		}
		for range 4 {
			r := m.Solve(Limits{})
			if !allFinite(r.X) && r.Status != Stopped && r.Status != Infeasible {
				t.Fatalf("%v at %v", r.Status, r.X)
			}
			m.SetBounds(rng.IntN(n), math.Inf(-1), draw())
			m.SetCost(rng.IntN(n), draw())
		}
		add()
		m.Solve(Limits{})
	}
}

func TestTheLimitStopsAndTheNextSolveGoesOn(t *testing.T) {
	p, over := crossed(levels(3, 3), levels(4))
	p.fill(over, false, rand.New(rand.NewPCG(1, 1)))
	m := p.model()
	if r := m.Solve(Limits{Iterations: 5}); r.Status != Stopped || r.Iterations != 5 {
		t.Fatalf("%v after %d steps, want stopped after 5", r.Status, r.Iterations)
	}
	first := m.Solve(Limits{})
	certify(t, p, first)
	again := m.Solve(Limits{Iterations: 1})
	if again.Status != Optimal || again.Iterations != 0 || again.Objective != first.Objective {
		t.Errorf("%v %v after %d steps, want optimal %v after none", again.Status, again.Objective, again.Iterations, first.Objective)
	}
}

func TestTheSameCallsGiveTheSameBits(t *testing.T) {
	p, over := crossed(levels(4, 3), levels(3, 3))
	p.fill(over, false, rand.New(rand.NewPCG(1, 1)))
	history := func() (all []Result, basis []int32) {
		rng := rand.New(rand.NewPCG(5, 5))
		q := *p
		q.cost = append([]float64(nil), p.cost...)
		q.lower, q.upper = append([]float64(nil), p.lower...), append([]float64(nil), p.upper...)
		m := q.model()
		for range 20 {
			all = append(all, m.Solve(Limits{}))
			q.disturb(m, 5, false, rng)
		}
		return all, m.Basis()
	}
	one, basis1 := history()
	two, basis2 := history()
	if !cmp.Equal(one, two) || !cmp.Equal(basis1, basis2) {
		t.Errorf("two runs differ:\n%s", cmp.Diff(one, two))
	}
}

func TestColumnsAddedLaterJoin(t *testing.T) {
	p := program([]float64{10}, [][]float64{{1, 1}}, []float64{5, 7}, []float64{0, 0}, []float64{6, 20})
	m := p.model()
	certify(t, p, m.Solve(Limits{}))
	p.index, p.value = append(p.index, []int32{0}), append(p.value, []float64{1})
	p.cost, p.lower, p.upper = append(p.cost, 1), append(p.lower, 0), append(p.upper, 3)
	if j := m.AddColumn([]int32{0}, []float64{1}, 1, 0, 3); j != 2 {
		t.Errorf("column %d, want 2", j)
	}
	r := m.Solve(Limits{})
	certify(t, p, r)
	if want := []float64{6, 1, 3}; !cmp.Equal(r.X, want) {
		t.Errorf("point:\n%s", cmp.Diff(want, r.X))
	}
}

func TestBasisBeforeTheFirstSolveIsArtificial(t *testing.T) {
	if got, want := New(3, nil).Basis(), []int32{-1, -2, -3}; !cmp.Equal(got, want) {
		t.Errorf("basis %v, want %v", got, want)
	}
}
