package simplex

import "math"

const (
	primalTol = 1e-9 // by which a variable may leave its bounds, times 1 + |bound|
	dualTol   = 1e-9 // by which a reduced cost may have the wrong sign, see setScale
	pivotTol  = 1e-7 // below which an element of a row or column is no pivot
	goodPivot = 1e-5 // below which a pivot is only taken with fresh factors
	refactor  = 100  // updates after which the basis is factorised anew
	rounds    = 30   // changes between the two methods before giving up
)

// state says where a column that is not basic rests.
type state uint8

const (
	atLower state = iota
	atUpper
	atZero // a column without bounds
)

// outcome is how one run of a method ended.
type outcome uint8

const (
	done     outcome = iota // the method reached its aim
	hopeless                // dual: infeasible; primal: unbounded
	lost                    // rounding moved the point too far; start a new round
	spent                   // the limit of iterations
)

// solver is the state that lasts from one solve to the next, and the workspace.
//
// The artificial columns, one per row, are fixed at zero and never come back into the
// basis except to repair it; they have no place in the arrays by column.
type solver struct {
	*matrix
	m, n int
	// Working costs and bounds, which perturbation may move away from the true ones.
	cost, lo, up           []float64
	costsMoved, boundMoved bool

	x     []float64 // values of columns that are not basic
	at    []state
	where []int32 // row in which a column is basic, or −1
	basis []int32 // column that is basic in each row, or −1−i
	// By row: value and bounds of the basic column.
	xb, lb, ub []float64
	d          []float64 // reduced costs, zero if basic
	y          []float64 // prices, after computeDuals

	f     factor
	fresh bool // f belongs to basis
	// Weights of the prices: by row for the dual method, which are those of this basis
	// unless the primal method has changed it, and by column for the primal method.
	edge, devex []float64
	edgeOK      bool

	perturb bool
	random  uint64
	noise   []float64 // by row: what counts as rounding for the basic column

	rho, col, tau, spike, flip vector // by row
	alpha                      vector // by column: a row of B⁻¹·A
	listed                     []bool
	scratch                    []float64
	ratios                     ratioTest

	dualScale   float64 // by which a reduced cost may have the wrong sign
	iter, limit int
	degenerate  int // steps of no length in a row
	ray         []float64
}

// prepare brings the state in line with the program as it stands.
func (s *solver) prepare(m *Model) {
	if s.basis == nil {
		s.begin(m)
	}
	if n := m.columns(); n != s.n || s.rowStart == nil {
		s.transpose()
		for range n - s.n {
			s.x, s.d, s.devex = append(s.x, 0), append(s.d, 0), append(s.devex, 1)
			s.at, s.where, s.listed = append(s.at, atLower), append(s.where, -1), append(s.listed, false)
		}
		s.n = n
		s.alpha.resize(n)
		s.cost, s.lo, s.up = make([]float64, n), make([]float64, n), make([]float64, n)
		s.scratch = make([]float64, s.n+s.m)
	}
	s.restoreCosts(m)
	s.restoreBounds(m)
	s.setScale(m)
	s.iter, s.degenerate, s.perturb, s.ray = 0, 0, true, nil
	clear(s.noise)
}

// begin makes the artificial basis.
func (s *solver) begin(m *Model) {
	s.matrix, s.m = &m.matrix, m.rows
	s.basis = make([]int32, s.m)
	for i := range s.basis {
		s.basis[i] = artificial(int32(i))
	}
	s.xb, s.lb, s.ub = make([]float64, s.m), make([]float64, s.m), make([]float64, s.m)
	s.y, s.edge, s.noise = make([]float64, s.m), make([]float64, s.m), make([]float64, s.m)
	for _, v := range []*vector{&s.rho, &s.col, &s.tau, &s.spike, &s.flip} {
		v.resize(s.m)
	}
	s.random = 0x9E3779B97F4A7C15
	s.resetEdge()
}

func (s *solver) resetEdge() {
	for i := range s.edge {
		s.edge[i] = 1
	}
	s.edgeOK = true
}

// setScale derives the tolerance of reduced costs from the largest cost: its own size if
// it is small, and what rounding leaves of it if it is large.
func (s *solver) setScale(m *Model) {
	largest := 0.0
	for _, c := range m.cost {
		largest = max(largest, math.Abs(c))
	}
	if largest == 0 {
		largest = 1
	}
	s.dualScale = dualTol*min(1, largest) + 1e-13*largest
}

func (s *solver) restoreCosts(m *Model) {
	copy(s.cost, m.cost)
	s.costsMoved = false
}

// restoreBounds also puts every column that is not basic on a bound that exists.
func (s *solver) restoreBounds(m *Model) {
	copy(s.lo, m.lower)
	copy(s.up, m.upper)
	s.boundMoved = false
	for j := range s.n {
		if s.where[j] < 0 {
			s.rest(int32(j))
		}
	}
}

// rest sets the value of a column that is not basic.
func (s *solver) rest(j int32) {
	l, u := s.lo[j], s.up[j]
	low, high := !math.IsInf(l, -1), !math.IsInf(u, 1)
	switch {
	case !low && !high:
		s.at[j], s.x[j] = atZero, 0
	case low && (s.at[j] != atUpper || !high):
		if s.at[j] == atZero && high && math.Abs(u) < math.Abs(l) {
			s.at[j], s.x[j] = atUpper, u
			return
		}
		s.at[j], s.x[j] = atLower, l
	default:
		s.at[j], s.x[j] = atUpper, u
	}
}

// fixed reports whether a column cannot move.
func (s *solver) fixed(j int32) bool { return s.lo[j] == s.up[j] }

// factorise makes fresh factors, which puts the rows in another order: the weights
// follow here, the values must be computed anew.
func (s *solver) factorise() {
	weights := s.scratch // by column, then by artificial column
	place := func(j int32) int {
		if j < 0 {
			return s.n + int(-1-j)
		}
		return int(j)
	}
	for r, j := range s.basis {
		weights[place(j)] = s.edge[r]
	}
	repaired := s.f.factorise(s.matrix, s.basis) > 0
	for r, j := range s.basis {
		s.edge[r] = weights[place(j)]
	}
	if repaired {
		for j := range s.where {
			s.where[j] = -1
		}
		s.resetEdge()
	}
	for r, j := range s.basis {
		if j >= 0 {
			s.where[j] = int32(r)
		}
	}
	for j := 0; repaired && j < s.n; j++ {
		if s.where[j] < 0 {
			s.rest(int32(j))
		}
	}
	clear(s.noise)
	s.fresh = true
}

// tableauRow computes row r of B⁻¹ in rho and of B⁻¹·A in alpha.
func (s *solver) tableauRow(r int) {
	s.rho.clear()
	s.rho.val[r] = 1
	s.f.btran(&s.rho, int32(r))
	a := &s.alpha
	a.clear()
	for _, i := range s.rho.nz {
		t := s.rho.val[i]
		index, value := s.row(i)
		for k, j := range index {
			if !s.listed[j] {
				s.listed[j] = true
				a.nz = append(a.nz, j)
			}
			a.val[j] += t * value[k]
		}
	}
	for _, j := range a.nz {
		s.listed[j] = false
	}
}

// replace makes column q basic in row r with the value v; the column that leaves rests
// where stay says.
func (s *solver) replace(r int, q int32, v float64, stay state) {
	if p := s.basis[r]; p >= 0 {
		s.where[p], s.at[p] = -1, stay
		s.x[p] = s.lo[p]
		if stay == atUpper {
			s.x[p] = s.up[p]
		}
	}
	s.basis[r], s.where[q] = q, int32(r)
	s.xb[r], s.lb[r], s.ub[r] = v, s.lo[q], s.up[q]
	s.noise[r] = 0
	s.d[q] = 0
	s.fresh = s.f.update(int32(r), &s.spike, s.col.val[r])
}

// next returns a pseudo-random number in [0.5, 1), of a sequence that is always the same.
func (s *solver) next() float64 {
	s.random ^= s.random << 13
	s.random ^= s.random >> 7
	s.random ^= s.random << 17
	return 0.5 + float64(s.random>>12)/(1<<53)
}
