package simplex

import "math"

// primal lowers the objective from a feasible point.
//
// Source: Maros 2003, chapter 9; Forrest and Goldfarb 1992 (Devex weights).
func (s *solver) primal(m *Model) outcome {
	s.resetDevex()
	s.degenerate = 0
	for {
		if !s.fresh || s.f.updates >= refactor {
			s.factorise()
			s.computeValues(m.rhs)
			s.computeDuals()
			if !s.admit() {
				return lost
			}
		}
		q := s.entering()
		if q < 0 {
			return done
		}
		if s.iter >= s.limit {
			return spent
		}
		s.iter++
		if s.primalStep(q) {
			if s.f.updates == 0 {
				return hopeless
			}
			s.fresh = false
		}
	}
}

func (s *solver) resetDevex() {
	for j := range s.devex {
		s.devex[j] = 1
	}
}

// admit moves bounds to the values that rounding has carried past them; it reports
// false if a value is too far away.
func (s *solver) admit() bool {
	for r, j := range s.basis {
		v := s.violation(r)
		if v == 0 {
			continue
		}
		if j < 0 || math.Abs(v) > 1e-6*(1+math.Abs(s.xb[r])) {
			return false
		}
		s.boundMoved = true
		if v < 0 {
			s.lo[j], s.lb[r] = s.xb[r], s.xb[r]
		} else {
			s.up[j], s.ub[r] = s.xb[r], s.xb[r]
		}
	}
	return true
}

// entering returns the column with the largest reduced cost of the wrong sign, in units
// of the Devex weights; −1 if there is none.
func (s *solver) entering() int32 {
	best, q := 0.0, int32(-1)
	for j, d := range s.d {
		if d <= s.dualScale && d >= -s.dualScale {
			continue
		}
		if d*d > best*s.devex[j] && s.wrong(int32(j)) != 0 {
			best, q = d*d/s.devex[j], int32(j)
		}
	}
	return q
}

// primalStep moves column q. It reports true if nothing stops it, so that the objective
// has no lower bound.
func (s *solver) primalStep(q int32) bool {
	s.col.clear()
	index, value := s.column(q)
	s.col.add(1, index, value)
	s.f.ftran(&s.col, &s.spike)
	d := s.cost[q]
	for _, i := range s.col.nz {
		if j := s.basis[i]; j >= 0 {
			d -= s.cost[j] * s.col.val[i]
		}
	}
	if off := math.Abs(d - s.d[q]); off > 1e-6*math.Abs(d)+s.dualScale {
		s.d[q] = d
		s.fresh = s.fresh && s.f.updates == 0
		return false
	}
	dir := 1.0
	if d > 0 {
		dir = -1
	}
	r, t, stay := s.blocking(dir)
	if span := s.up[q] - s.lo[q]; span <= t {
		if math.IsInf(span, 1) {
			return true
		}
		old := s.x[q]
		s.toggle(q)
		s.moveBasics(s.x[q] - old)
		s.degenerate = 0
		return false
	}
	pivot := s.col.val[r]
	if math.Abs(pivot) < goodPivot && s.f.updates > 0 {
		s.fresh = false
		return false
	}
	s.stall(t)
	v := s.x[q] + dir*t
	s.moveBasics(dir * t)
	s.tableauRow(r)
	s.primalCosts(r, q, pivot)
	s.edgeOK = false
	s.replace(r, q, v, stay)
	return false
}

// moveBasics changes the basic columns when the column in col moves by t.
func (s *solver) moveBasics(t float64) {
	if t == 0 {
		return
	}
	for _, i := range s.col.nz {
		s.xb[i] -= t * s.col.val[i]
	}
}

// blocking returns the row whose basic column first reaches a bound when the column in
// col moves in the direction dir, how far that is, and the bound.
//
// Source: Harris 1973 (two passes, the largest pivot within the tolerance).
//
// Notes: where the tolerance has let a column past its bound, the bound moves to the
// column, so that no step goes backwards.
func (s *solver) blocking(dir float64) (row int, step float64, stay state) {
	limit := math.Inf(1)
	for _, i := range s.col.nz {
		a := dir * s.col.val[i]
		if a > pivotTol {
			if l := s.lb[i]; l > math.Inf(-1) {
				limit = min(limit, (s.xb[i]-l+s.slack(i, l))/a)
			}
		} else if a < -pivotTol {
			if u := s.ub[i]; u < math.Inf(1) {
				limit = min(limit, (s.xb[i]-u-s.slack(i, u))/a)
			}
		}
	}
	row, step = -1, math.Inf(1)
	best := 0.0
	for _, i := range s.col.nz {
		a := dir * s.col.val[i]
		b, at := s.lb[i], atLower
		if a < 0 {
			b, at = s.ub[i], atUpper
		}
		if math.Abs(a) <= max(pivotTol, best) || math.IsInf(b, 0) {
			continue
		}
		if t := (s.xb[i] - b) / a; t <= limit {
			row, step, stay, best = int(i), t, at, math.Abs(a)
		}
	}
	if row < 0 || step >= 0 {
		return row, step, stay
	}
	if p := s.basis[row]; p >= 0 {
		s.boundMoved = true
		if stay == atLower {
			s.lo[p], s.lb[row] = s.xb[row], s.xb[row]
		} else {
			s.up[p], s.ub[row] = s.xb[row], s.xb[row]
		}
	}
	return row, 0, stay
}

// slack is the tolerance of a bound in the ratio test; artificial columns have none.
func (s *solver) slack(i int32, bound float64) float64 {
	if s.basis[i] < 0 {
		return 0
	}
	return 0.5 * primalTol * (1 + math.Abs(bound))
}

// primalCosts updates reduced costs and Devex weights.
func (s *solver) primalCosts(r int, q int32, pivot float64) {
	t := s.d[q] / pivot
	w := s.devex[q]
	for _, j := range s.alpha.nz {
		if s.where[j] >= 0 || j == q {
			continue
		}
		a := s.alpha.val[j]
		s.d[j] -= t * a
		k := a / pivot
		s.devex[j] = max(s.devex[j], k*k*w)
	}
	if p := s.basis[r]; p >= 0 {
		s.d[p] = -t
		s.devex[p] = max(w/(pivot*pivot), 1)
	}
	if w > 1e7 {
		s.resetDevex()
	}
}

// stall counts steps of no length and moves the bounds apart if there are many.
func (s *solver) stall(step float64) {
	if step > 1e-12 {
		s.degenerate = 0
		return
	}
	if s.degenerate++; s.degenerate < 30 || !s.perturb {
		return
	}
	s.degenerate = -s.m
	s.boundMoved = true
	for r, j := range s.basis {
		if j < 0 || s.lo[j] == s.up[j] {
			continue
		}
		if l := s.lb[r]; !math.IsInf(l, 0) {
			s.lo[j] = l - s.next()*100*primalTol*(1+math.Abs(l))
			s.lb[r] = s.lo[j]
		}
		if u := s.ub[r]; !math.IsInf(u, 0) {
			s.up[j] = u + s.next()*100*primalTol*(1+math.Abs(u))
			s.ub[r] = s.up[j]
		}
	}
}
