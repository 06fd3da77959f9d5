package simplex

import (
	"errors"
	"fmt"
	"math"
)

// Model is a linear program: minimise cost·x subject to A·x = rhs and lower ≤ x ≤ upper.
//
// An inequality is an equation with one more column. The number of rows is fixed;
// columns may be added at any time. A Model must not be copied, nor used by two
// goroutines at once.
type Model struct {
	matrix
	rhs                []float64
	cost, lower, upper []float64
	fault              error
	s                  solver
}

// Status says how a solve ended.
type Status uint8

const (
	// Stopped says that the limit was reached, the input has a fault, or rounding prevailed.
	Stopped Status = iota
	// Optimal says that X is feasible and no feasible point is better, within the tolerances.
	Optimal
	// Infeasible says that no point satisfies the equations and bounds.
	Infeasible
	// Unbounded says that X is feasible and the objective has no lower bound.
	Unbounded
)

// String returns the name of the status.
func (s Status) String() string {
	switch s {
	case Optimal:
		return "optimal"
	case Infeasible:
		return "infeasible"
	case Unbounded:
		return "unbounded"
	default:
		return "stopped"
	}
}

// Limits bound the work of one solve.
type Limits struct {
	// Iterations is the largest number of simplex steps; 0 stands for a number that
	// no well-posed program of the size needs.
	Iterations int
}

// Result is what a solve found. Its slices belong to the caller.
type Result struct {
	Status Status
	// Objective is cost·X.
	Objective float64
	// X has one value per column; nil if the input has a fault.
	X []float64
	// Duals have one value per row. Optimal: the prices y, such that the reduced cost
	// cost[j] − y·A[j] is ≥ 0 for columns at their lower bounds and ≤ 0 at their
	// upper. Infeasible: a vector y such that y·rhs is larger than y·A·x for every x
	// within the bounds (all zero if the bounds of one column contradict each other).
	// Otherwise they say nothing.
	Duals []float64
	// Iterations is the number of simplex steps.
	Iterations int
	// Err says what is wrong with the input; nil if nothing is.
	Err error
}

// New returns a program with no columns.
//
// Inputs: the number of equations, ≥ 0, and their right-hand sides, finite; missing
// ones are zero. The slice is copied.
func New(rows int, rhs []float64) *Model {
	rows = max(rows, 0)
	m := &Model{rhs: make([]float64, rows)}
	m.rows = rows
	m.start = []int32{0}
	if copy(m.rhs, rhs) < len(rhs) {
		m.blame(errors.New("make model: more right-hand sides than rows"))
	}
	return m
}

// AddColumn adds a column and returns its number, counting from 0.
//
// Inputs: rows and coefficients of equal length, no row twice, coefficients finite; a
// finite cost; lower ≤ upper, which may be infinite. The slices are copied.
//
// Errors: none here; a fault is in Result.Err of each later solve. Bounds that
// contradict each other are no fault but make the program infeasible.
func (m *Model) AddColumn(index []int32, value []float64, cost, lower, upper float64) int {
	j := len(m.cost)
	m.cost, m.lower, m.upper = append(m.cost, cost), append(m.lower, lower), append(m.upper, upper)
	m.checkColumn(j, index, value)
	if m.fault == nil {
		m.add(index, value)
	} else {
		m.add(nil, nil)
	}
	return j
}

func (m *Model) checkColumn(j int, index []int32, value []float64) {
	if len(index) != len(value) {
		m.blame(fmt.Errorf("add column %d: %d rows but %d coefficients", j, len(index), len(value)))
		return
	}
	for k, i := range index {
		if i < 0 || int(i) >= m.rows {
			m.blame(fmt.Errorf("add column %d: no row %d", j, i))
			return
		}
		if !finite(value[k]) {
			m.blame(fmt.Errorf("add column %d: coefficient is not finite", j))
		}
		for _, other := range index[:k] {
			if other == i {
				m.blame(fmt.Errorf("add column %d: row %d twice", j, i))
			}
		}
	}
}

// SetCost changes the cost of column j; finite.
func (m *Model) SetCost(j int, cost float64) {
	if j < 0 || j >= len(m.cost) {
		m.blame(fmt.Errorf("set cost: no column %d", j))
		return
	}
	m.cost[j] = cost
}

// SetBounds changes the bounds of column j; lower ≤ upper, which may be infinite.
func (m *Model) SetBounds(j int, lower, upper float64) {
	if j < 0 || j >= len(m.cost) {
		m.blame(fmt.Errorf("set bounds: no column %d", j))
		return
	}
	m.lower[j], m.upper[j] = lower, upper
}

// SetRHS changes the right-hand side of row i; finite.
func (m *Model) SetRHS(i int, v float64) {
	if i < 0 || i >= m.rows {
		m.blame(fmt.Errorf("set right-hand side: no row %d", i))
		return
	}
	m.rhs[i] = v
}

// Basis returns the basic column of each row after the last solve.
//
// Result: one number per row, j for column j, −1−i for the artificial column of row i,
// which is the i-th unit vector and zero in every feasible point. The matrix of these
// columns is regular. The other columns are at a bound in Result.X (free ones at zero),
// so that the basic solution can be computed anew in exact arithmetic. The slice is the
// caller's; before the first solve all columns are artificial.
func (m *Model) Basis() []int32 {
	basis := make([]int32, m.rows)
	if copy(basis, m.s.basis) < m.rows {
		for i := range basis {
			basis[i] = artificial(int32(i))
		}
	}
	return basis
}

func artificial(row int32) int32 { return -1 - row }

// blame keeps the first fault.
func (m *Model) blame(err error) {
	if m.fault == nil {
		m.fault = err
	}
}

// check returns what is wrong with the numbers as they stand.
func (m *Model) check() error {
	if m.fault != nil {
		return m.fault
	}
	for i, v := range m.rhs {
		if !finite(v) {
			return fmt.Errorf("solve: right-hand side %d is not finite", i)
		}
	}
	for j := range m.cost {
		if !finite(m.cost[j]) {
			return fmt.Errorf("solve: cost %d is not finite", j)
		}
		l, u := m.lower[j], m.upper[j]
		if math.IsNaN(l) || math.IsNaN(u) || math.IsInf(l, 1) || math.IsInf(u, -1) {
			return fmt.Errorf("solve: bounds %d leave no number", j)
		}
	}
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
