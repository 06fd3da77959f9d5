package simplex

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// inequality says a·v ≤ b, or a·v = b, over the columns and the objective, which is last.
type inequality struct {
	a []*big.Rat
	b *big.Rat
}

func newInequality(n int) inequality {
	q := inequality{make([]*big.Rat, n), new(big.Rat)}
	for k := range q.a {
		q.a[k] = new(big.Rat)
	}
	return q
}

// plus returns q + t·p.
func (q inequality) plus(t *big.Rat, p inequality) inequality {
	sum := newInequality(len(q.a))
	for k := range q.a {
		sum.a[k].Add(q.a[k], new(big.Rat).Mul(t, p.a[k]))
	}
	sum.b.Add(q.b, new(big.Rat).Mul(t, p.b))
	return sum
}

// exact solves a tiny program by eliminating one column after the other, by the
// equations as long as there are any and then by the method of Fourier and Motzkin.
func exact(p *lp) (Status, *big.Rat) {
	n := len(p.cost)
	equations, inequalities := system(p)
	left := map[int]bool{}
	for j := range n {
		left[j] = true
	}
	for e, q := range equations {
		k := -1
		for j := range n {
			if q.a[j].Sign() != 0 {
				k = j
			}
		}
		if k < 0 {
			negative := newInequality(n+1).plus(big.NewRat(-1, 1), q)
			inequalities = append(inequalities, q, negative)
			continue
		}
		delete(left, k)
		substitute := func(list []inequality) {
			for i, o := range list {
				t := new(big.Rat).Quo(o.a[k], q.a[k])
				list[i] = o.plus(t.Neg(t), q)
			}
		}
		substitute(equations[e+1:])
		substitute(inequalities)
	}
	for j := range n {
		if left[j] {
			inequalities = eliminate(inequalities, j)
		}
	}
	return read(inequalities, n)
}

func system(p *lp) (equations, inequalities []inequality) {
	n := len(p.cost)
	for i, b := range p.rhs {
		q := newInequality(n + 1)
		q.b.SetFloat64(b)
		for j := range n {
			for k, r := range p.index[j] {
				if int(r) == i {
					q.a[j].SetFloat64(p.value[j][k])
				}
			}
		}
		equations = append(equations, q)
	}
	z := newInequality(n + 1)
	z.a[n].SetInt64(-1)
	for j, c := range p.cost {
		z.a[j].SetFloat64(c)
		bound := func(sign int64, v float64) {
			q := newInequality(n + 1)
			q.a[j].SetInt64(sign)
			q.b.SetFloat64(float64(sign) * v)
			inequalities = append(inequalities, q)
		}
		if !math.IsInf(p.lower[j], 0) {
			bound(-1, p.lower[j])
		}
		if !math.IsInf(p.upper[j], 0) {
			bound(1, p.upper[j])
		}
	}
	return append(equations, z), inequalities
}

func eliminate(list []inequality, j int) []inequality {
	var rest, above, below []inequality
	seen := map[string]bool{}
	add := func(q inequality) {
		if key := normal(q); !seen[key] {
			seen[key] = true
			rest = append(rest, q)
		}
	}
	for _, q := range list {
		switch q.a[j].Sign() {
		case 0:
			add(q)
		case 1:
			above = append(above, q)
		default:
			below = append(below, q)
		}
	}
	for _, a := range above {
		for _, b := range below {
			t := new(big.Rat).Quo(a.a[j], b.a[j])
			add(a.plus(t.Neg(t), b))
		}
	}
	return rest
}

// normal writes an inequality so that multiples of it are written alike.
func normal(q inequality) string {
	size := big.NewRat(1, 1)
	for _, a := range q.a {
		if a.Sign() != 0 {
			size.Abs(a)
			break
		}
	}
	text := ""
	for _, a := range q.a {
		text += new(big.Rat).Quo(a, size).RatString() + " "
	}
	return text + new(big.Rat).Quo(q.b, size).RatString()
}

// read says what the inequalities of the objective alone mean.
func read(list []inequality, z int) (Status, *big.Rat) {
	var least, most *big.Rat
	for _, q := range list {
		if q.a[z].Sign() == 0 {
			if q.b.Sign() < 0 {
				return Infeasible, nil
			}
			continue
		}
		b := new(big.Rat).Quo(q.b, q.a[z])
		if q.a[z].Sign() < 0 && (least == nil || b.Cmp(least) > 0) {
			least = b
		}
		if q.a[z].Sign() > 0 && (most == nil || b.Cmp(most) < 0) {
			most = b
		}
	}
	switch {
	case least != nil && most != nil && least.Cmp(most) > 0:
		return Infeasible, nil
	case least == nil:
		return Unbounded, nil
	default:
		return Optimal, least
	}
}

// drawTiny draws a program that exact can solve.
func drawTiny(t *rapid.T) *lp {
	p := &lp{}
	rows := rapid.IntRange(0, 4).Draw(t, "rows")
	n := rapid.IntRange(0, rows+3).Draw(t, "columns")
	small := rapid.IntRange(-3, 3)
	for range rows {
		p.rhs = append(p.rhs, float64(small.Draw(t, "rhs")))
	}
	for range n {
		var index []int32
		var value []float64
		for i := range rows {
			if v := small.Draw(t, "value"); v != 0 && rapid.Bool().Draw(t, "there") {
				index, value = append(index, int32(i)), append(value, float64(v))
			}
		}
		p.index, p.value = append(p.index, index), append(p.value, value)
		p.cost = append(p.cost, float64(small.Draw(t, "cost")))
		p.lower, p.upper = append(p.lower, 0), append(p.upper, 0)
		p.drawBounds(t, len(p.cost)-1)
	}
	return p
}

func (p *lp) drawBounds(t *rapid.T, j int) {
	l := float64(rapid.IntRange(-4, 4).Draw(t, "lower"))
	u := l + float64(rapid.IntRange(0, 5).Draw(t, "span"))
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 0:
		l = math.Inf(-1)
	case 1:
		u = math.Inf(1)
	case 2:
		l, u = math.Inf(-1), math.Inf(1)
	}
	p.lower[j], p.upper[j] = l, u
}

func agree(t *rapid.T, p *lp, r Result) {
	t.Helper()
	status, z := exact(p)
	if r.Status != status {
		t.Fatalf("status %v, want %v", r.Status, status)
	}
	certify(t, p, r)
	if status == Optimal {
		if want, _ := z.Float64(); math.Abs(r.Objective-want) > 1e-7*(1+math.Abs(want)) {
			t.Fatalf("objective %v, want %v", r.Objective, want)
		}
	}
}

func TestTinyProgramsHaveTheExactStatusAndObjective(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawTiny(t)
		m := p.model()
		agree(t, p, m.Solve(Limits{}))
		for range rapid.IntRange(0, 4).Draw(t, "changes") {
			for range rapid.IntRange(1, 3).Draw(t, "at once") {
				p.drawChange(t, m)
			}
			r := m.Solve(Limits{})
			agree(t, p, r)
			if r.Status == Optimal {
				p.vertex(t, m.Basis(), r.X)
			}
		}
	})
}

// drawChange changes a cost, the bounds of a column or a right-hand side.
func (p *lp) drawChange(t *rapid.T, m *Model) {
	if len(p.rhs) > 0 && rapid.IntRange(0, 3).Draw(t, "right-hand side") == 0 {
		i := rapid.IntRange(0, len(p.rhs)-1).Draw(t, "row")
		p.rhs[i] = float64(rapid.IntRange(-3, 3).Draw(t, "rhs"))
		m.SetRHS(i, p.rhs[i])
		return
	}
	if len(p.cost) == 0 {
		return
	}
	j := rapid.IntRange(0, len(p.cost)-1).Draw(t, "column")
	if rapid.Bool().Draw(t, "bounds") {
		p.drawBounds(t, j)
		m.SetBounds(j, p.lower[j], p.upper[j])
		return
	}
	p.cost[j] = float64(rapid.IntRange(-3, 3).Draw(t, "cost"))
	m.SetCost(j, p.cost[j])
}
