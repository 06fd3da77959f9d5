package simplex

// Solve minimises.
//
// Inputs: the program as the calls before left it, of any size; limits, see there.
//
// Result: see Result. The same calls give the same bits. The first solve starts from
// the artificial basis, each later one from where the one before ended, whatever has
// changed in between.
//
// Errors: Stopped with Result.Err if a number is not finite where it must be; Stopped
// without an error if the limit was reached or rounding prevails.
//
// Source: Koberstein, The Dual Simplex Method, Techniques for a Fast and Stable
// Implementation, 2005; Maros, Computational Techniques of the Simplex Method, 2003.
//
// Notes: if the start is not feasible, costs are moved so that it is dual feasible, the
// dual simplex makes it feasible, and the primal simplex goes on with the true costs.
// Columns are within 1e-9·(1 + |bound|) of their bounds; reduced costs are right to
// 1e-9·min(1, c) + 1e-13·c, where c is the largest cost. The matrix is not scaled:
// coefficients are best between 0.01 and 100. Where rounding alone may be larger than
// the tolerance, as in a row with values of 1e12, what rounding explains counts as zero.
func (m *Model) Solve(limits Limits) Result {
	if err := m.check(); err != nil {
		return Result{Status: Stopped, Err: err}
	}
	s := &m.s
	s.prepare(m)
	s.limit = limits.Iterations
	if s.limit <= 0 {
		s.limit = 10000 + 50*(s.m+s.n)
	}
	status := Infeasible
	if !m.contradicts() {
		status = s.run(m)
	}
	return m.result(status)
}

// contradicts reports whether the bounds of a column leave no value.
func (m *Model) contradicts() bool {
	for j := range m.lower {
		if m.lower[j] > m.upper[j] {
			return true
		}
	}
	return false
}

// run changes between the methods until both find nothing left to do at a point that
// was computed anew.
func (s *solver) run(m *Model) Status {
	if !s.fresh {
		s.factorise()
	}
	for round := range rounds {
		s.perturb = round < rounds/2
		s.restore(m, round > 0)
		feasible := s.primalFeasible()
		if feasible && s.dualFeasible() {
			if round > 0 {
				return Optimal
			}
			continue
		}
		end := done
		if !feasible {
			if end = s.dual(m); end == hopeless {
				return Infeasible
			}
		}
		if end == done {
			if s.costsMoved {
				s.restoreCosts(m)
				s.computeDuals()
			}
			if end = s.primal(m); end == hopeless && s.truly(m) {
				return Unbounded
			}
		}
		if end == spent {
			return Stopped
		}
	}
	return Stopped
}

// truly reports whether a point that is feasible within moved bounds is so within the
// true ones.
func (s *solver) truly(m *Model) bool {
	if !s.boundMoved {
		return true
	}
	s.restore(m, true)
	return s.primalFeasible()
}

// restore goes back to the true costs and bounds and computes the point anew, once more
// than needed if it must be exact to the last digits.
func (s *solver) restore(m *Model, exact bool) {
	if s.costsMoved {
		s.restoreCosts(m)
	}
	if s.boundMoved {
		s.restoreBounds(m)
	}
	if s.f.updates > refactor/2 || !s.fresh {
		s.factorise()
	}
	s.computeValues(m.rhs)
	s.computeDuals()
	if exact {
		s.refine(m.rhs)
		s.refineDuals()
	}
}

// result copies the point out.
func (m *Model) result(status Status) Result {
	s := &m.s
	if status == Stopped {
		s.restore(m, true)
	}
	r := Result{Status: status, Iterations: s.iter, X: append([]float64(nil), s.x...)}
	for i, j := range s.basis {
		if j >= 0 {
			r.X[j] = s.xb[i]
		}
	}
	for j, x := range r.X {
		r.Objective += m.cost[j] * x
	}
	if r.Status != Infeasible && !(finite(r.Objective) && allFinite(r.X)) {
		r.Status = Stopped
	}
	r.Duals = append([]float64(nil), s.y...)
	if status == Infeasible {
		r.Duals = make([]float64, s.m)
		copy(r.Duals, s.ray)
	}
	return r
}

func allFinite(v []float64) bool {
	for _, x := range v {
		if !finite(x) {
			return false
		}
	}
	return true
}
