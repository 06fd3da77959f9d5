package protect

import (
	"math"

	"github.com/parvis-opendata/parvis/anonymize/simplex"
	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// levels finds the cheapest way to move a column by its protection level while all
// others stay within their bounds: a linear program, in which each unit that moves
// through a column that is not hidden costs its price.
type levels struct {
	*matrix
	*market
	room  [][]float64 // by measure and column: how far it can fall; +Inf: without end
	model *simplex.Model
	steps int // of the simplex method, so far
}

func newLevels(m *matrix, prices *market, room [][]float64) *levels {
	return &levels{matrix: m, market: prices, room: room}
}

// levelNeeds are the protection levels of sensitive variables that are above zero.
func (s *system) levelNeeds() (list []need) {
	for v := range int32(len(s.cells)) {
		for k, m := range s.problem.Measures {
			if !s.sensitive[v] || m.Distinct {
				continue
			}
			var most tabular.Level
			for _, c := range s.cells[v] {
				if l := s.problem.Cells[c].Levels; l != nil && s.problem.Cells[c].Sensitive {
					most.Down, most.Up = max(most.Down, l[k].Down), max(most.Up, l[k].Up)
				}
			}
			if most.Up > 0 {
				list = append(list, need{column: v, measure: k, shift: ample(most.Up)})
			}
			if most.Down > 0 {
				most.Down = max(most.Down, min(ample(most.Down), s.value(k, v)-s.floor(k)))
				list = append(list, need{column: v, measure: k, shift: -most.Down})
			}
		}
	}
	return list
}

// ample is a level with what rounding takes away from it.
func ample(level int64) int64 { return level + level/1000 + 2 }

// rooms say how far each variable can fall in each measure; without end if it does
// not matter.
func (s *system) rooms(matters bool) [][]float64 {
	room := make([][]float64, len(s.problem.Measures)+1)
	n := len(s.cells)
	for k := range room {
		room[k] = make([]float64, n)
		for v := range n {
			room[k][v] = math.Inf(1)
			if k < len(s.problem.Measures) && matters {
				if f := s.floor(k); f != -unbounded {
					room[k][v] = float64(s.value(k, int32(v)) - f)
				}
			}
		}
	}
	return room
}

// reweighings bring what a column costs nearer to its price, whatever moves through
// it.
const reweighings = 2

// through gives the columns that move, the wanted one first.
func (l *levels) through(column int32, avoid []int32, measure int, shift float64) ([]int32, bool) {
	if l.model == nil {
		l.build()
	}
	size := math.Abs(shift)
	room := l.room[measure]
	if shift < 0 && room[column] < size {
		return nil, false
	}
	for c := range int32(len(l.columns)) {
		cost, most := l.cost(c), math.Inf(1)
		if l.frugal && !l.free[c] {
			most = 0
		}
		l.set(c, cost, most, math.Min(most, room[c]/size))
	}
	if shift > 0 {
		l.fix(column, 1, 0)
	} else {
		l.fix(column, 0, 1)
	}
	for _, c := range avoid {
		l.fix(c, 0, 0)
	}
	return l.solve(column)
}

func (l *levels) set(c int32, cost, up, down float64) {
	l.model.SetCost(int(2*c), cost)
	l.model.SetCost(int(2*c+1), cost)
	l.model.SetBounds(int(2*c), 0, up)
	l.model.SetBounds(int(2*c+1), 0, down)
}

func (l *levels) fix(c int32, up, down float64) {
	l.model.SetBounds(int(2*c), up, up)
	l.model.SetBounds(int(2*c+1), down, down)
}

func (l *levels) solve(column int32) (used []int32, found bool) {
	for turn := 0; ; turn++ {
		r := l.model.Solve(simplex.Limits{})
		l.steps += r.Iterations
		if r.Status != simplex.Optimal {
			return nil, false
		}
		last := turn == reweighings || l.frugal
		used = append(used[:0], column)
		for c := range int32(len(l.columns)) {
			move := math.Abs(r.X[2*c] - r.X[2*c+1])
			if move > 1e-9 && c != column {
				used = append(used, c)
			}
			if !last && !l.free[c] {
				w := l.cost(c) / (move + 0.05)
				l.model.SetCost(int(2*c), w)
				l.model.SetCost(int(2*c+1), w)
			}
		}
		if last {
			return used, true
		}
	}
}

// build makes the program: two columns for each, what it rises and what it falls.
func (l *levels) build() {
	l.model = simplex.New(len(l.matrix.rows), nil)
	for _, places := range l.columns {
		index, plus, minus := make([]int32, 0, len(places)), make([]float64, 0, len(places)), make([]float64, 0, len(places))
		for _, p := range places {
			v := float64(signedMod(p.value))
			index, plus, minus = append(index, p.row), append(plus, v), append(minus, -v)
		}
		l.model.AddColumn(index, plus, 0, 0, 0)
		l.model.AddColumn(index, minus, 0, 0, 0)
	}
}
