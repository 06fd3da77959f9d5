package simplex

import "math"

// refined is the size of values above which they are computed once more.
const refined = 1e4

// computeValues computes the values of the basic columns.
func (s *solver) computeValues(rhs []float64) {
	v := &s.tau
	v.clear()
	copy(v.val, rhs)
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
	for range 3 {
		if s.correct(rhs) <= primalTol {
			return
		}
	}
}

// correct is one round of refine; it returns the largest correction.
func (s *solver) correct(rhs []float64) float64 {
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
	largest := 0.0
	for _, i := range v.nz {
		s.xb[i] += v.val[i]
		largest = max(largest, math.Abs(v.val[i]))
	}
	v.clear()
	return largest
}

// computeDuals computes prices and reduced costs from the working costs.
func (s *solver) computeDuals() {
	clear(s.y)
	s.addPrices()
	s.computeCosts()
}

// refineDuals corrects the prices by what is left of the reduced costs of the basis.
func (s *solver) refineDuals() {
	for range 3 {
		largest := s.addPrices()
		s.computeCosts()
		if largest <= s.dualScale {
			return
		}
	}
}

// addPrices adds to the prices what brings the reduced costs of the basic columns to
// zero; it returns the largest addition.
func (s *solver) addPrices() float64 {
	v := &s.rho
	v.clear()
	for r, j := range s.basis {
		if j >= 0 {
			v.val[r] = s.reducedCost(j)
		} else {
			v.val[r] = -s.y[-1-j]
		}
	}
	s.f.btran(v, -1)
	largest := 0.0
	for _, i := range v.nz {
		s.y[i] += v.val[i]
		largest = max(largest, math.Abs(v.val[i]))
	}
	v.clear()
	return largest
}

func (s *solver) reducedCost(j int32) float64 {
	c := s.cost[j]
	index, value := s.column(j)
	for k, i := range index {
		c -= s.y[i] * value[k]
	}
	return c
}

// computeCosts computes the reduced costs from the prices.
func (s *solver) computeCosts() {
	copy(s.d, s.cost)
	for i, y := range s.y {
		if y == 0 {
			continue
		}
		index, value := s.row(int32(i))
		for k, j := range index {
			s.d[j] -= y * value[k]
		}
	}
	for _, j := range s.basis {
		if j >= 0 {
			s.d[j] = 0
		}
	}
}
