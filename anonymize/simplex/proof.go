package simplex

import "math"

// rounding is what a sum may be off by, in parts of the sum of its absolute terms.
const rounding = 1e-12

// proves reports whether row r of B⁻¹ shows that the program is infeasible, and keeps
// the row as a ray if so: no x within the true bounds has rho·A·x = rho·rhs.
//
// Notes: if the basic column is too small, the least of rho·A·x must exceed rho·rhs; if
// it is too large, the same holds with all signs changed.
func (s *solver) proves(m *Model, r int) bool {
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
		if math.Abs(a) < 1e-9 {
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
	if open || !(gap > primalTol+rounding*size) {
		return false
	}
	s.ray = make([]float64, s.m)
	for _, i := range s.rho.nz {
		s.ray[i] = -sign * s.rho.val[i]
	}
	return true
}

// blur returns by how much rounding alone may have moved the basic column of row r.
func (s *solver) blur(m *Model, r int) float64 {
	s.tableauRow(r)
	sum := primalTol
	for _, i := range s.rho.nz {
		size := math.Abs(m.rhs[i])
		index, value := s.row(i)
		for k, j := range index {
			size += math.Abs(value[k] * s.now(j))
		}
		sum += 1e-14 * size * math.Abs(s.rho.val[i])
	}
	return sum
}

// now returns the value of column j.
func (s *solver) now(j int32) float64 {
	if r := s.where[j]; r >= 0 {
		return s.xb[r]
	}
	return s.x[j]
}
