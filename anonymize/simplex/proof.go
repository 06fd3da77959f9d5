package simplex

import "math"

// rounding is what a sum may be off by, in parts of the sum of its absolute terms.
const rounding = 1e-12

// proves reports whether row r of B⁻¹ shows that the program is infeasible, and keeps
// the row as a ray if so: no x within the true bounds has rho·A·x = rho·rhs.
//
// Result: also the sum of the absolute terms of that equation.
//
// Notes: if the basic column is too small, the least of rho·A·x must exceed rho·rhs; if
// it is too large, the same holds with all signs changed.
func (s *solver) proves(m *Model, r int) (bool, float64) {
	sign := 1.0
	if s.violation(r) > 0 {
		sign = -1
	}
	s.tableauRow(r)
	gap, size := 0.0, 0.0
	for _, i := range s.rho.nz {
		t := sign * s.rho.val[i] * m.rhs[i]
		gap -= t
		size += math.Abs(t)
	}
	open := false
	for _, j := range s.alpha.nz {
		a := sign * s.alpha.val[j]
		if math.Abs(a) < pivotTol {
			continue
		}
		x := m.lower[j]
		if a < 0 {
			x = m.upper[j]
		}
		if math.IsInf(x, 0) {
			open = true
			continue
		}
		gap += a * x
		size += math.Abs(a * x)
	}
	if open || gap <= primalTol+rounding*size {
		return false, size
	}
	s.ray = make([]float64, s.m)
	for _, i := range s.rho.nz {
		s.ray[i] = -sign * s.rho.val[i]
	}
	return true, size
}
