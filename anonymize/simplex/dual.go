package simplex

import "math"

// dual makes the point feasible, keeping the reduced costs right by moving costs where
// they are not.
//
// Source: Koberstein 2005, chapters 3 and 6; Forrest and Goldfarb, Steepest-edge simplex
// algorithms for linear programming, 1992.
func (s *solver) dual(m *Model) outcome {
	if !s.edgeOK {
		s.resetEdge()
	}
	s.degenerate = 0
	s.makeDualFeasible(m)
	again := 0 // times that one row had to be tried again with fresh factors
	for {
		if !s.fresh || s.f.updates >= refactor {
			s.factorise()
			s.computeValues(m.rhs)
			s.computeDuals()
			s.makeDualFeasible(m)
		}
		r := s.leaving()
		if r < 0 {
			return done
		}
		if s.iter >= s.limit {
			return spent
		}
		s.iter++
		q, infeasible := s.dualStep(r)
		if q >= 0 {
			again = 0
			continue
		}
		if s.f.updates > 0 {
			s.fresh = false
			continue
		}
		if infeasible && s.proves(m, r) {
			return hopeless
		}
		v := math.Abs(s.violation(r))
		if again++; again > s.m || v > s.blur(m, r) {
			return lost
		}
		s.noise[r] = 2 * v
	}
}

// leaving returns the row whose basic column is outside its bounds by the most, in units
// of the steepest edge; −1 if there is none.
func (s *solver) leaving() int {
	best, row := 0.0, -1
	for r, x := range s.xb {
		if x >= s.lb[r] && x <= s.ub[r] {
			continue
		}
		if v := s.violation(r); v*v > best*s.edge[r] {
			best, row = v*v/s.edge[r], r
		}
	}
	return row
}

// dualStep takes the basic column out of row r. It returns the column that came in, −1
// if none did: because there is none (infeasible) or because of rounding.
func (s *solver) dualStep(r int) (q int32, infeasible bool) {
	v := s.violation(r)
	s.tableauRow(r)
	weight := 0.0
	for _, i := range s.rho.nz {
		weight += s.rho.val[i] * s.rho.val[i]
	}
	s.edge[r] = weight
	q = s.ratios.choose(s, v)
	if q < 0 {
		return -1, true
	}
	s.col.clear()
	index, value := s.column(q)
	s.col.add(1, index, value)
	s.f.ftran(&s.col, &s.spike)
	pivot, expected := s.col.val[r], s.alpha.val[q]
	if off := math.Abs(pivot - expected); off > 1e-7*(1+math.Abs(pivot)) ||
		s.f.updates > 0 && math.Abs(pivot) < goodPivot || math.Abs(pivot) < pivotTol {
		return -1, false
	}
	s.tau.clear()
	for _, i := range s.rho.nz {
		s.tau.val[i] = s.rho.val[i]
	}
	s.f.ftran(&s.tau, nil)
	s.flipBounds()
	s.dualCosts(r, q, pivot)
	bound, stay := s.lb[r], atLower
	if v > 0 {
		bound, stay = s.ub[r], atUpper
	}
	t := (s.xb[r] - bound) / pivot
	for _, i := range s.col.nz {
		s.xb[i] -= t * s.col.val[i]
	}
	s.updateEdge(r, weight, pivot)
	s.replace(r, q, s.x[q]+t, stay)
	if s.degenerate > 20 && s.perturb {
		s.perturbCosts()
		s.degenerate = -s.m
	}
	return q, false
}

// dualCosts updates the reduced costs; where rounding or the tolerance of the ratio test
// gives one the wrong sign, its cost moves.
func (s *solver) dualCosts(r int, q int32, pivot float64) {
	if d := s.d[q]; d != 0 && (s.at[q] == atZero || (s.at[q] == atLower) == (d < 0)) {
		s.moveCost(q, -d)
	}
	t := s.d[q] / pivot
	if math.Abs(s.d[q]) <= s.dualScale {
		s.degenerate++
	} else {
		s.degenerate = 0
	}
	if t != 0 {
		for _, j := range s.alpha.nz {
			if s.where[j] >= 0 {
				continue
			}
			s.d[j] -= t * s.alpha.val[j]
			if s.wrong(j) != 0 {
				s.moveCost(j, -s.d[j])
			}
		}
	}
	if p := s.basis[r]; p >= 0 {
		s.d[p] = -t
	}
}

func (s *solver) moveCost(j int32, by float64) {
	s.cost[j] += by
	s.d[j] += by
	s.costsMoved = true
}

// flipBounds moves the columns that the ratio test passed to their other bounds.
func (s *solver) flipBounds() {
	passed := s.ratios.passed
	if len(passed) == 0 {
		return
	}
	s.flip.clear()
	for _, j := range passed {
		old := s.x[j]
		s.toggle(j)
		index, value := s.column(j)
		s.flip.add(s.x[j]-old, index, value)
	}
	s.f.ftran(&s.flip, nil)
	for _, i := range s.flip.nz {
		s.xb[i] -= s.flip.val[i]
	}
}

// toggle moves a column to its other bound.
func (s *solver) toggle(j int32) {
	if s.at[j] == atLower {
		s.at[j], s.x[j] = atUpper, s.up[j]
	} else {
		s.at[j], s.x[j] = atLower, s.lo[j]
	}
}

// updateEdge updates the weights |row of B⁻¹|²; tau is B⁻¹ times the row that leaves.
func (s *solver) updateEdge(r int, weight, pivot float64) {
	for _, i := range s.col.nz {
		if int(i) == r {
			continue
		}
		k := s.col.val[i] / pivot
		s.edge[i] = max(s.edge[i]+k*(k*weight-2*s.tau.val[i]), 1e-4+k*k*1e-4)
	}
	s.edge[r] = max(weight/(pivot*pivot), 1e-4)
}

// makeDualFeasible gives every reduced cost the right sign: a column with two bounds
// goes to the other one, any other has its cost moved.
func (s *solver) makeDualFeasible(m *Model) {
	flipped := false
	for j := range int32(s.n) {
		if s.wrong(j) == 0 {
			continue
		}
		if math.IsInf(s.lo[j], 0) || math.IsInf(s.up[j], 0) {
			s.moveCost(j, -s.d[j])
			continue
		}
		s.toggle(j)
		flipped = true
	}
	if flipped {
		s.computeValues(m.rhs)
	}
}

// perturbCosts moves the costs of the columns that are not basic away from ties.
func (s *solver) perturbCosts() {
	for j := range int32(s.n) {
		if s.where[j] >= 0 || s.fixed(j) || s.at[j] == atZero {
			continue
		}
		by := s.next() * 1e3 * (s.dualScale + dualTol*math.Abs(s.cost[j]))
		if s.at[j] == atUpper {
			by = -by
		}
		s.moveCost(j, by)
	}
}
