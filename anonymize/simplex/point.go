package simplex

import "math"

// refined is the size of values above which they are computed once more.
const refined = 1e4

// computeValues computes the values of the basic columns.
func (s *solver) computeValues(rhs []float64) {
	v := &s.tau
	v.clear()
	for i, b := range rhs {
		v.val[i] = b
	}
	for j := range int32(s.n) {
		if s.where[j] < 0 && s.x[j] != 0 {
			index, value := s.column(j)
			for k, i := range index {
				v.val[i] -= s.x[j] * value[k]
			}
		}
	}
	s.f.ftran(v, nil)
	copy(s.xb, v.val)
	v.clear()
	if s.largest() > refined {
		s.refine(rhs)
	}
	for r, j := range s.basis {
		s.lb[r], s.ub[r] = 0, 0
		if j >= 0 {
			s.lb[r], s.ub[r] = s.lo[j], s.up[j]
		}
	}
}

// largest returns the size of the largest value.
func (s *solver) largest() float64 {
	largest := 0.0
	for j := range s.x {
		if s.where[j] < 0 {
			largest = max(largest, math.Abs(s.x[j]))
		}
	}
	for _, x := range s.xb {
		largest = max(largest, math.Abs(x))
	}
	return largest
}

// refine corrects the basic columns by what is left of the equations.
//
// Source: Higham, Accuracy and Stability of Numerical Algorithms, 2002, chapter 12; the
// sums in twice the precision by Knuth's and Dekker's exact sum and product.
//
// Notes: next to a value of 1e12 the equations alone would leave a value of 1e-4 no
// digit; the correction gives it its own.
func (s *solver) refine(rhs []float64) {
	v, low := &s.tau, &s.flip
	v.clear()
	low.clear()
	copy(v.val, rhs)
	subtract := func(i int32, a, x float64) {
		p := a * x
		e := math.FMA(a, x, -p)
		h := v.val[i]
		sum := h - p
		b := sum - h
		low.val[i] += (h - (sum - b)) - (p + b) - e
		v.val[i] = sum
	}
	for j := range int32(s.n) {
		x := s.now(j)
		if x == 0 {
			continue
		}
		index, value := s.column(j)
		for k, i := range index {
			subtract(i, value[k], x)
		}
	}
	for r, j := range s.basis {
		if j < 0 {
			subtract(-1-j, 1, s.xb[r])
		}
	}
	for i := range v.val {
		v.val[i] += low.val[i]
		low.val[i] = 0
	}
	s.f.ftran(v, nil)
	for _, i := range v.nz {
		s.xb[i] += v.val[i]
	}
	v.clear()
}

// computeDuals computes prices and reduced costs from the working costs.
func (s *solver) computeDuals() {
	v := &s.rho
	v.clear()
	for r, j := range s.basis {
		if j >= 0 {
			v.val[r] = s.cost[j]
		}
	}
	s.f.btran(v, -1)
	copy(s.y, v.val)
	v.clear()
	for j := range int32(s.n) {
		s.d[j] = 0
		if s.where[j] >= 0 {
			continue
		}
		c := s.cost[j]
		index, value := s.column(j)
		for k, i := range index {
			c -= s.y[i] * value[k]
		}
		s.d[j] = c
	}
}

// violation returns by how much the basic column of row r is outside its bounds, beyond
// the tolerance: < 0 below, > 0 above, 0 inside.
func (s *solver) violation(r int) float64 {
	x := s.xb[r]
	if l := s.lb[r]; x < l {
		if v := l - x; v > primalTol*(1+math.Abs(l))+s.noise[r] {
			return -v
		}
	} else if u := s.ub[r]; x > u {
		if v := x - u; v > primalTol*(1+math.Abs(u))+s.noise[r] {
			return v
		}
	}
	return 0
}

func (s *solver) primalFeasible() bool {
	for r := range s.xb {
		if s.violation(r) != 0 {
			return false
		}
	}
	return true
}

// wrong returns by how much the reduced cost of a column that is not basic has the wrong
// sign, beyond the tolerance; 0 if it is right.
func (s *solver) wrong(j int32) float64 {
	d := s.d[j]
	if s.where[j] >= 0 || (d <= s.dualScale && d >= -s.dualScale) || s.fixed(j) {
		return 0
	}
	if s.at[j] == atZero || (s.at[j] == atLower) == (d < 0) {
		return math.Abs(d)
	}
	return 0
}

func (s *solver) dualFeasible() bool {
	for j := range int32(s.n) {
		if s.wrong(j) != 0 {
			return false
		}
	}
	return true
}
