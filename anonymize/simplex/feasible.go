package simplex

import "math"

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
