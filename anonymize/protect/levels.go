package protect

import (
	"math"
	"slices"

	"github.com/parvis-opendata/parvis/anonymize/simplex"
	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// levels finds the cheapest way to move a column by its protection level while all
// others stay within their bounds: a linear program, in which each unit that moves
// through a column that is not hidden costs its price.
type levels struct {
	*matrix
	*market
	room [][]float64 // by measure and column: how far it can fall; +Inf: without end
	near *circuits   // for neighbourhoods
	all  *program    // of all rows, once it is made
	far  int         // neighbourhoods to look in, one after the other, that many at most
	work int         // entries looked at so far, about
	sum  []float64   // by column, while a ray is looked at
	cuts *cuts       // what programs without a solution show is put there, if it is not nil
}

func newLevels(m *matrix, prices *market, near *circuits, room [][]float64) *levels {
	return &levels{matrix: m, market: prices, near: near, room: room, far: len(reach)}
}

// levelNeeds are the protection levels of sensitive variables that are above zero.
func (s *system) levelNeeds() (list []need) {
	for v := range int32(len(s.cells)) {
		for k := range s.problem.Measures {
			list = append(list, s.shifts(k, v)...)
		}
	}
	return list
}

// level is the protection level of a variable: the highest of its cells, zero if it is not
// sensitive.
func (s *system) level(measure int, v int32) tabular.Level {
	var most tabular.Level
	if s.problem.Measures[measure].Distinct {
		return most
	}
	for _, c := range s.cells[v] {
		cell := &s.problem.Cells[c]
		if cell.Levels == nil || !cell.Sensitive || cell.Levels[measure] == (tabular.Level{}) {
			continue
		}
		l := cell.Levels[measure]
		either := l.Either && (most == (tabular.Level{}) || most.Either)
		most = tabular.Level{Down: max(most.Down, l.Down), Up: max(most.Up, l.Up), Either: either}
	}
	return most
}

// shifts are the needs of the protection level of a variable; of a level of which either
// end will do, of the lower one.
func (s *system) shifts(measure int, v int32) (list []need) {
	l := s.level(measure, v)
	if l.Up > 0 && (!l.Either || l.Down == 0) {
		list = append(list, need{column: v, measure: measure, shift: ample(l.Up)})
	}
	if l.Down > 0 {
		l.Down = max(l.Down, min(ample(l.Down), s.value(measure, v)-s.floor(measure)))
		list = append(list, need{column: v, measure: measure, shift: -l.Down})
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

// perStep is about how many entries a step of the simplex method looks at for each row,
// measured.
const perStep = 7

// perEntry is the same for each entry of a program that is made.
const perEntry = 20

// reweighings bring what a column costs nearer to its price, whatever moves through
// it.
const reweighings = 2

// whole is the number of rows up to which one program holds them all; beyond, a program
// is made for the rows near a column.
const whole = 1000

// through gives the columns that move with one, the wanted one first. Programs on few
// rows come first; what is found there holds for all.
func (l *levels) through(column int32, avoid []int32, measure int, shift float64) ([]int32, bool) {
	if shift < 0 && l.room[measure][column] < -shift {
		return nil, false
	}
	if len(l.rows) <= whole {
		if l.all == nil {
			l.all = l.program(nil)
		}
		return l.run(l.all, column, avoid, measure, shift)
	}
	for far := 1; far < l.far; far++ {
		if l.frugal && far > 1 {
			break
		}
		n := l.near.neighbourhood(column, far)
		if used, found := l.run(l.program(n.rows), column, avoid, measure, shift); found {
			return used, true
		}
		if len(n.rows) < reach[far] {
			break
		}
	}
	return nil, false
}

// program is a linear program on some equations: two columns for each of ours, what it
// rises and what it falls.
type program struct {
	*simplex.Model
	rows    int
	of      []int32 // the rows, if they are not all
	columns []int32
}

// program makes the program of some rows, all if they are nil, with the columns that
// stand in no others.
func (l *levels) program(rows []int32) *program {
	number := map[int32]int32{}
	p := &program{of: rows}
	if rows == nil {
		for r := range int32(len(l.rows)) {
			number[r] = r
		}
		for c := range int32(len(l.columns)) {
			p.columns = append(p.columns, c)
		}
	} else {
		for i, r := range rows {
			number[r] = int32(i)
		}
		seen := map[int32]bool{}
		for _, r := range rows {
			for _, x := range l.rows[r] {
				if !seen[x.column] {
					seen[x.column] = true
					p.columns = append(p.columns, x.column)
				}
			}
		}
		p.columns = slices.DeleteFunc(p.columns, func(c int32) bool {
			return slices.ContainsFunc(l.columns[c], func(x place) bool { _, in := number[x.row]; return !in })
		})
	}
	p.rows = len(number)
	p.Model = simplex.New(p.rows, nil)
	for _, c := range p.columns {
		index, plus, minus := []int32{}, []float64{}, []float64{}
		for _, x := range l.columns[c] {
			v := float64(signedMod(x.value))
			index, plus, minus = append(index, number[x.row]), append(plus, v), append(minus, -v)
		}
		p.AddColumn(index, plus, 0, 0, 0)
		p.AddColumn(index, minus, 0, 0, 0)
		l.work += perEntry * len(index)
	}
	return p
}

// set gives the two columns of one of ours their costs and how far it can go.
func (p *program) set(i int, cost, up, down float64) {
	p.cost(i, cost)
	p.SetBounds(2*i, 0, up)
	p.SetBounds(2*i+1, 0, down)
}

func (p *program) cost(i int, cost float64) {
	p.SetCost(2*i, cost)
	p.SetCost(2*i+1, cost)
}

func (p *program) fix(i int, up, down float64) {
	p.SetBounds(2*i, up, up)
	p.SetBounds(2*i+1, down, down)
}

// run moves a column by one (of its shift) at the least cost.
func (l *levels) run(p *program, column int32, avoid []int32, measure int, shift float64) ([]int32, bool) {
	size, room := math.Abs(shift), l.room[measure]
	for i, c := range p.columns {
		switch {
		case c == column && shift > 0:
			p.fix(i, 1, 0)
		case c == column:
			p.fix(i, 0, 1)
		case slices.Contains(avoid, c) || l.frugal && !l.free[c]:
			p.fix(i, 0, 0)
		default:
			p.set(i, l.cost(c), math.Inf(1), room[c]/size)
		}
	}
	for turn := 0; ; turn++ {
		r := p.Solve(simplex.Limits{})
		l.work += perStep * r.Iterations * p.rows
		if r.Status != simplex.Optimal {
			if r.Status == simplex.Infeasible && l.frugal && l.cuts != nil {
				l.note(p, r.Duals, column, avoid, room, shift)
			}
			return nil, false
		}
		if turn == reweighings || l.frugal || l.gratis(p, r.X) {
			return p.moved(r.X, column), true
		}
		for i, c := range p.columns {
			if !l.free[c] {
				p.cost(i, l.cost(c)/(math.Abs(r.X[2*i]-r.X[2*i+1])+0.05))
			}
		}
	}
}

// moved are the columns that a solution moves, the wanted one first.
func (p *program) moved(x []float64, column int32) []int32 {
	used := []int32{column}
	for i, c := range p.columns {
		if c != column && math.Abs(x[2*i]-x[2*i+1]) > 1e-9 {
			used = append(used, c)
		}
	}
	return used
}

// gratis reports whether a solution moves hidden columns only.
func (l *levels) gratis(p *program, x []float64) bool {
	for i, c := range p.columns {
		if !l.free[c] && math.Abs(x[2*i]-x[2*i+1]) > 1e-9 {
			return false
		}
	}
	return true
}

// note keeps the cut that a ray shows: the columns that may move for it together.
func (l *levels) note(p *program, ray []float64, column int32, avoid []int32, room []float64, shift float64) {
	sum, touched := l.combine(p, ray)
	lacking := -sum[column]
	if shift < 0 {
		lacking = -lacking
	}
	var x cut
	for _, c := range touched {
		a := sum[c] / lacking
		sum[c] = 0
		if c == column || math.Abs(a) <= 1e-9 || slices.Contains(avoid, c) {
			continue
		}
		weight := int64(one)
		if a < 0 {
			weight = int64(math.Ceil(one * min(1, -a*room[c]/math.Abs(shift))))
		}
		if weight == 0 {
			continue
		}
		if l.free[c] {
			x.have += weight
		}
		if l.cuts.hidden[c] {
			x.base += weight
			continue
		}
		x.columns, x.weights = append(x.columns, c), append(x.weights, weight)
	}
	if lacking > 1e-9 && x.have < one {
		l.cuts.add(x)
	}
}

// combine adds rows up, with what a ray gives for each. The sums are to be put back to
// zero.
func (l *levels) combine(p *program, ray []float64) (sum []float64, touched []int32) {
	if l.sum == nil {
		l.sum = make([]float64, len(l.columns))
	}
	for i, y := range ray {
		if y == 0 {
			continue
		}
		r := int32(i)
		if p.of != nil {
			r = p.of[i]
		}
		for _, x := range l.rows[r] {
			if l.sum[x.column] == 0 {
				touched = append(touched, x.column)
			}
			l.sum[x.column] += y * float64(signedMod(x.value))
		}
	}
	return l.sum, touched
}
