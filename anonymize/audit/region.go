package audit

import (
	"math"
	"slices"

	"github.com/parvis-opendata/parvis/anonymize/simplex"
)

// region is a linear program over some unknowns of one measure: by how much each moves,
// the others standing still.
type region struct {
	s        *system
	a        attacker
	measure  int
	way      way
	unknowns []int32
	step     int64
	rows     map[int32]int32 // row → row of the program
	model    *simplex.Model
	lo, hi   []float64 // bounds of the moves
}

// newRegion makes the program. Moves are in steps of the measure, at most reach up and
// down.
func newRegion(s *system, b *bounds, measure int, unknowns []int32, reach float64) *region {
	g := &region{s: s, a: b.a, measure: measure, way: way{along: none}, unknowns: unknowns, step: b.a.step(measure), rows: map[int32]int32{}}
	for _, u := range unknowns {
		rows, _ := g.s.along.line(u)
		for _, r := range rows {
			if _, ok := g.rows[r]; !ok {
				g.rows[r] = int32(len(g.rows))
			}
		}
	}
	g.model = simplex.New(len(g.rows), nil)
	var index []int32
	var value []float64
	for _, u := range unknowns {
		index, value = index[:0], value[:0]
		rows, sign := g.s.along.line(u)
		for n, r := range rows {
			index, value = append(index, g.rows[r]), append(value, float64(sign[n]))
		}
		v := g.a.p.Cells[g.s.cells[u]].Values[measure]
		lo, hi := -reach, reach
		if l := b.lo[measure][u]; l != -unbounded {
			lo = max(lo, float64((l-v)/g.step))
		}
		if h := b.hi[measure][u]; h != unbounded {
			hi = min(hi, float64((h-v)/g.step))
		}
		g.lo, g.hi = append(g.lo, lo), append(g.hi, hi)
		g.model.AddColumn(index, value, 0, lo, hi)
	}
	return g
}

// by lets moves be in one way only.
func (g *region) by(w way) {
	g.way = w
	for j, u := range g.unknowns {
		r := w.room[u]
		if r.down != -unbounded {
			g.lo[j] = max(g.lo[j], float64(r.down/g.step))
		}
		if r.up != unbounded {
			g.hi[j] = min(g.hi[j], float64(r.up/g.step))
		}
		g.model.SetBounds(j, g.lo[j], g.hi[j])
	}
}

// shrink takes bounds that are large in by what the tolerances of the program may leave
// them by.
func (g *region) shrink() {
	for j := range g.lo {
		g.lo[j] -= math.Trunc(1e-8 * max(g.lo[j], -1e15))
		g.hi[j] -= math.Trunc(1e-8 * min(g.hi[j], 1e15))
		g.model.SetBounds(j, g.lo[j], g.hi[j])
	}
}

// attempt is moves that may be feasible, in units of 1/q of the measure.
type attempt struct {
	q     int64
	moves []move
}

// denominators are those that are tried for measures that are not whole.
var denominators = []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 24, 60, 120, 360}

// solve runs the program and returns what may be feasible, piece by piece.
func (g *region) solve() []attempt {
	r := g.model.Solve(simplex.Limits{})
	if r.Status != simplex.Optimal {
		return nil
	}
	return g.attempts(r.X)
}

// attempts turns a solution into exact moves.
func (g *region) attempts(x []float64) []attempt {
	basic := make([]bool, len(x))
	for _, j := range g.model.Basis() {
		if j >= 0 {
			basic[j] = true
		}
	}
	var all []attempt
	g.pieces(x, func(columns []int) {
		q := g.denominator(x, columns)
		if q == 0 {
			return
		}
		values := g.exact(x, columns, basic, q)
		a := attempt{q: q, moves: g.moves(columns, values, g.measure)}
		if k := g.way.along; k != none {
			a.moves = g.way.together(a.moves, g.moves(columns, values, k))
		}
		if len(a.moves) > 0 {
			all = append(all, a)
		}
	})
	return all
}

// moves are those of a measure.
func (g *region) moves(columns []int, values []int64, measure int) []move {
	var all []move
	for n, j := range columns {
		if values[n] != 0 {
			all = append(all, move{figure{g.s.cells[g.unknowns[j]], measure}, values[n] * g.step})
		}
	}
	return all
}

// denominator makes the values of a piece nearly whole, or is 0.
func (g *region) denominator(x []float64, columns []int) int64 {
	for _, q := range denominators {
		near := true
		for _, j := range columns {
			v := x[j] * float64(q)
			if math.Abs(v) > 1e17 {
				return 0
			}
			near = near && math.Abs(v-math.Round(v)) <= 1e-5+1e-9*math.Abs(v)
		}
		if near {
			return q
		}
		if g.a.p.Measures[g.measure].Whole {
			break
		}
	}
	return 0
}

// exact rounds the values of a piece that rest on bounds, and works the others out from
// the equations as far as each has one left; what then remains is rounded.
func (g *region) exact(x []float64, columns []int, basic []bool, q int64) []int64 {
	values, open := make([]int64, len(columns)), map[int32]int{}
	where := make(map[int32]int, len(columns))
	var queue []int32
	for n, j := range columns {
		values[n] = int64(math.Round(x[j] * float64(q)))
		where[g.unknowns[j]] = n
		if basic[j] {
			rows, _ := g.s.along.line(g.unknowns[j])
			for _, r := range rows {
				open[r]++
			}
		}
	}
	for _, j := range columns {
		rows, _ := g.s.along.line(g.unknowns[j])
		for _, r := range rows {
			if open[r] == 1 {
				queue = append(queue, r)
			}
		}
	}
	settled := make([]bool, len(columns))
	for ; len(queue) > 0; queue = queue[1:] {
		r := queue[0]
		if open[r] != 1 {
			continue
		}
		at, sign := g.s.across.line(r)
		sum, last, lastSign := int64(0), -1, int64(0)
		for k, u := range at {
			n, ok := where[u]
			if !ok {
				continue
			}
			if basic[columns[n]] && !settled[n] {
				last, lastSign = n, int64(sign[k])
				continue
			}
			sum += int64(sign[k]) * values[n]
		}
		values[last], settled[last] = -sum*lastSign, true
		rows, _ := g.s.along.line(g.unknowns[columns[last]])
		for _, other := range rows {
			if open[other]--; open[other] == 1 {
				queue = append(queue, other)
			}
		}
	}
	return values
}

// pieces calls do for the connected pieces of what moves.
func (g *region) pieces(x []float64, do func(columns []int)) {
	byRow := make([][]int, len(g.rows))
	for j, u := range g.unknowns {
		if math.Abs(x[j]) > 1e-9 {
			rows, _ := g.s.along.line(u)
			for _, r := range rows {
				byRow[g.rows[r]] = append(byRow[g.rows[r]], j)
			}
		}
	}
	seen := make([]bool, len(g.unknowns))
	for j := range g.unknowns {
		if seen[j] || math.Abs(x[j]) <= 1e-9 {
			continue
		}
		seen[j] = true
		piece := []int{j}
		for n := 0; n < len(piece); n++ {
			rows, _ := g.s.along.line(g.unknowns[piece[n]])
			for _, r := range rows {
				for _, k := range byRow[g.rows[r]] {
					if !seen[k] {
						seen[k] = true
						piece = append(piece, k)
					}
				}
			}
		}
		slices.Sort(piece)
		do(piece)
	}
}
