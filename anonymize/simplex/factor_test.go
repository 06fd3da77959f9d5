package simplex

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// rank returns the rank of the columns of a basis.
func rank(a *matrix, basis []int32) int {
	m := a.rows
	d := make([][]*big.Rat, m)
	for i := range d {
		d[i] = make([]*big.Rat, m)
		for k := range d[i] {
			d[i][k] = new(big.Rat)
		}
	}
	for c, j := range basis {
		for i, v := range dense(a, j) {
			d[i][c].SetFloat64(v)
		}
	}
	n := 0
	for c := 0; c < m && n < m; c++ {
		r := n
		for r < m && d[r][c].Sign() == 0 {
			r++
		}
		if r == m {
			continue
		}
		d[n], d[r] = d[r], d[n]
		for i := n + 1; i < m; i++ {
			t := new(big.Rat).Quo(d[i][c], d[n][c])
			for k := range m {
				d[i][k].Sub(d[i][k], new(big.Rat).Mul(t, d[n][k]))
			}
		}
		n++
	}
	return n
}

func dense(a *matrix, j int32) []float64 {
	v := make([]float64, a.rows)
	if j < 0 {
		v[-1-j] = 1
		return v
	}
	index, value := a.column(j)
	for k, i := range index {
		v[i] = value[k]
	}
	return v
}

// solves checks B·x = v and Bᵀ·y = v for a vector v.
func solves(t *rapid.T, f *factor, a *matrix, basis []int32, v []float64) {
	t.Helper()
	var x, y vector
	x.resize(a.rows)
	y.resize(a.rows)
	copy(x.val, v)
	copy(y.val, v)
	f.ftran(&x, nil)
	f.btran(&y, -1)
	left := append([]float64(nil), v...)
	size := 1.0
	for r, j := range basis {
		column := dense(a, j)
		dot := 0.0
		for i := range column {
			left[i] -= column[i] * x.val[r]
			dot += column[i] * y.val[i]
			size = max(size, math.Abs(x.val[r]), math.Abs(y.val[i]))
		}
		if math.Abs(dot-v[r]) > 1e-8*size {
			t.Fatalf("transposed: column %d is off by %v", j, dot-v[r])
		}
	}
	for i, off := range left {
		if math.Abs(off) > 1e-8*size {
			t.Fatalf("row %d is off by %v", i, off)
		}
	}
}

func TestFactorsSolveAlsoAfterUpdatesAndRepairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.IntRange(1, 9).Draw(t, "rows")
		n := m + rapid.IntRange(0, 9).Draw(t, "more columns")
		small := rapid.IntRange(-2, 2)
		a := &matrix{rows: m, start: []int32{0}}
		for range n {
			var index []int32
			var value []float64
			for i := range m {
				if v := small.Draw(t, "value"); v != 0 && rapid.IntRange(0, 2).Draw(t, "there") > 0 {
					index, value = append(index, int32(i)), append(value, float64(v))
				}
			}
			a.add(index, value)
		}
		basis := make([]int32, m)
		for c := range basis {
			basis[c] = int32(c)
		}
		right := make([]float64, m)
		for i := range right {
			right[i] = float64(small.Draw(t, "right-hand side"))
		}
		var f factor
		want := m - rank(a, basis)
		if got := f.factorise(a, basis); got != want {
			t.Fatalf("%d columns replaced, want %d", got, want)
		}
		solves(t, &f, a, basis, right)
		var column, spike vector
		column.resize(m)
		spike.resize(m)
		for j := m; j < n; j++ {
			column.clear()
			column.add(1, a.index[a.start[j]:a.start[j+1]], a.value[a.start[j]:a.start[j+1]])
			f.ftran(&column, &spike)
			r := rapid.IntRange(0, m-1).Draw(t, "row")
			if math.Abs(column.val[r]) < 1e-6 {
				continue
			}
			if !f.update(int32(r), &spike, column.val[r]) {
				t.Fatalf("the update of row %d is refused", r)
			}
			basis[r] = int32(j)
			solves(t, &f, a, basis, right)
		}
	})
}
