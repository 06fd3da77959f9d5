package simplex

import (
	"math"
	"math/big"
)

// fataler is what a test and a rapid check have in common.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// certify checks what a result says by the conditions of Karush, Kuhn and Tucker, or by
// the ray of an infeasible program; nothing of the solver is used.
func certify(t fataler, p *lp, r Result) {
	t.Helper()
	switch r.Status {
	case Optimal:
		p.feasible(t, r.X)
		p.priced(t, r)
	case Unbounded:
		p.feasible(t, r.X)
	case Infeasible:
		p.impossible(t, r.Duals)
	default:
		t.Fatalf("status %v (%v)", r.Status, r.Err)
	}
}

func (p *lp) feasible(t fataler, x []float64) {
	t.Helper()
	sum, size := make([]float64, len(p.rhs)), make([]float64, len(p.rhs))
	for j := range x {
		if tol := 1e-7; x[j] < p.lower[j]-tol*(1+math.Abs(p.lower[j])) || x[j] > p.upper[j]+tol*(1+math.Abs(p.upper[j])) {
			t.Fatalf("column %d is %v, outside %v to %v", j, x[j], p.lower[j], p.upper[j])
		}
		for k, i := range p.index[j] {
			sum[i] += p.value[j][k] * x[j]
			size[i] += math.Abs(p.value[j][k] * x[j])
		}
	}
	for i, b := range p.rhs {
		if math.Abs(sum[i]-b) > 1e-9*(1+math.Abs(b)+size[i]) {
			t.Fatalf("row %d is %v, not %v", i, sum[i], b)
		}
	}
}

func (p *lp) priced(t fataler, r Result) {
	t.Helper()
	scale := 1.0
	for _, c := range p.cost {
		scale = max(scale, math.Abs(c))
	}
	for j := range p.cost {
		d := p.cost[j]
		for k, i := range p.index[j] {
			d -= p.value[j][k] * r.Duals[i]
		}
		low := r.X[j] <= p.lower[j]+1e-7*(1+math.Abs(p.lower[j]))
		high := r.X[j] >= p.upper[j]-1e-7*(1+math.Abs(p.upper[j]))
		if d > 1e-7*scale && !low || d < -1e-7*scale && !high {
			t.Fatalf("column %d is %v within %v to %v with the reduced cost %v", j, r.X[j], p.lower[j], p.upper[j], d)
		}
	}
}

func (p *lp) impossible(t fataler, y []float64) {
	t.Helper()
	gap, size := 0.0, 0.0
	for i, b := range p.rhs {
		gap += y[i] * b
		size += math.Abs(y[i] * b)
	}
	for j := range p.cost {
		if p.lower[j] > p.upper[j] {
			return
		}
		a, abs := 0.0, 0.0
		for k, i := range p.index[j] {
			a += p.value[j][k] * y[i]
			abs += math.Abs(p.value[j][k] * y[i])
		}
		if math.Abs(a) < 1e-9*(1+abs) {
			continue
		}
		x := p.upper[j]
		if a < 0 {
			x = p.lower[j]
		}
		gap -= a * x
		size += math.Abs(a * x)
	}
	if !(gap > 1e-10*size) {
		t.Fatalf("the ray leaves a gap of %v only (of %v)", gap, size)
	}
}

// vertex recomputes the basic solution exactly and checks that the result is near it.
func (p *lp) vertex(t fataler, basis []int32, x []float64) {
	t.Helper()
	m := len(p.rhs)
	a := make([][]*big.Rat, m)
	for i := range a {
		a[i] = make([]*big.Rat, m+1)
		for k := range a[i] {
			a[i][k] = new(big.Rat)
		}
		a[i][m].SetFloat64(p.rhs[i])
	}
	basic := map[int32]bool{}
	for c, j := range basis {
		if basic[j] = true; j < 0 {
			a[-1-j][c].SetInt64(1)
			continue
		}
		for k, i := range p.index[j] {
			a[i][c].SetFloat64(p.value[j][k])
		}
	}
	for j := range p.cost {
		if basic[int32(j)] || x[j] == 0 {
			continue
		}
		if x[j] != p.lower[j] && x[j] != p.upper[j] {
			t.Fatalf("column %d is at %v, not on a bound", j, x[j])
		}
		for k, i := range p.index[j] {
			v := new(big.Rat).SetFloat64(x[j])
			a[i][m].Sub(a[i][m], v.Mul(v, new(big.Rat).SetFloat64(p.value[j][k])))
		}
	}
	for c := range m {
		r := c
		for r < m && a[r][c].Sign() == 0 {
			r++
		}
		if r == m {
			t.Fatalf("the basis is singular")
		}
		a[c], a[r] = a[r], a[c]
		for i := range m {
			if i == c || a[i][c].Sign() == 0 {
				continue
			}
			q := new(big.Rat).Quo(a[i][c], a[c][c])
			for k := c; k <= m; k++ {
				a[i][k].Sub(a[i][k], new(big.Rat).Mul(q, a[c][k]))
			}
		}
	}
	for c, j := range basis {
		v, _ := new(big.Rat).Quo(a[c][m], a[c][c]).Float64()
		got := 0.0
		if j >= 0 {
			got = x[j]
		}
		if math.Abs(v-got) > 1e-7*(1+math.Abs(v)) {
			t.Fatalf("basic column %d is %v, exactly %v", j, got, v)
		}
	}
}
