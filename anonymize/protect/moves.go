package protect

import (
	"slices"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// moves finds ways in which a column can move by one while the others stay whole and
// within their bounds: two tables then agree with everything published and differ in
// the column. It is the search of circuits with directions: a column that is at its
// bound can only rise.
//
// A node is a row with too much or too little; 2·row stands for too much, 2·row + 1 for
// too little. An arc is a column that rises (2·column) or falls (2·column + 1).
type moves struct {
	*matrix
	*market
	near *circuits // for neighbourhoods
	room []int64   // how far a column can fall, in units
	unit float64   // what a column moves by

	stamp   int32
	inside  []int32 // stamp of rows
	settled []int32 // stamp of nodes
	by      []int32 // arc that evens a node
	avoided []int32 // stamp of columns
	order   []int32
	open    []int32 // rows of an arc whose nodes are not settled
	opened  []int32
	sum     []float64
	queue   queue
	flow    []int64
	uneven  []int64
	touched []int32
}

func newMoves(m *matrix, prices *market, near *circuits, room []int64, unit float64) *moves {
	r, c := len(m.rows), len(m.columns)
	return &moves{
		matrix: m, market: prices, near: near, room: room, unit: unit,
		inside: make([]int32, r), settled: make([]int32, 2*r), by: make([]int32, 2*r),
		avoided: make([]int32, c), open: make([]int32, 2*c), opened: make([]int32, 2*c), sum: make([]float64, 2*c),
		flow: make([]int64, c), uneven: make([]int64, r),
	}
}

// move is what changes with a column.
type move struct {
	columns []int32 // the wanted one first
	cost    float64
}

// through finds a cheap move of a column by one, up or down, that avoids others.
func (s *moves) through(column int32, avoid []int32, far int) (move, bool) {
	for i := 0; i <= far; i++ {
		n := s.near.neighbourhood(column, i)
		up, rises := s.try(2*column, avoid, n)
		down, falls := move{}, false
		if s.room[column] > 0 {
			down, falls = s.try(2*column+1, avoid, n)
		}
		switch {
		case falls && (!rises || down.cost < up.cost):
			return down, true
		case rises:
			return up, true
		case len(n.rows) < reach[i]:
			return move{}, false
		}
	}
	return move{}, false
}

// effect is what an arc does to one of its rows: +1 or −1.
func effect(arc int32, value uint64) int64 {
	v := signedMod(value)
	if arc&1 == 1 {
		return -v
	}
	return v
}

// node is the row with what an effect leaves there.
func node(row int32, effect int64) int32 {
	if effect > 0 {
		return 2 * row
	}
	return 2*row + 1
}

// try settles nodes until those that the arc makes are.
func (s *moves) try(arc int32, avoid []int32, n *neighbourhood) (move, bool) {
	s.stamp++
	s.avoided[arc/2] = s.stamp
	for _, c := range avoid {
		s.avoided[c] = s.stamp
	}
	for _, r := range n.rows {
		s.inside[r] = s.stamp
	}
	s.order, s.queue = s.order[:0], s.queue[:0]
	for _, r := range n.roots {
		s.queue.push(settling{row: 2 * r, column: -1})
		s.queue.push(settling{row: 2*r + 1, column: -1})
	}
	missing := len(s.columns[arc/2])
	for len(s.queue) > 0 && missing > 0 {
		x := s.queue.pop()
		if s.settled[x.row] == s.stamp {
			continue
		}
		s.settled[x.row], s.by[x.row] = s.stamp, x.column
		s.order = append(s.order, x.row)
		for _, y := range s.columns[arc/2] {
			if node(y.row, effect(arc, y.value)) == x.row {
				missing--
			}
		}
		s.spread(x)
	}
	if missing > 0 {
		return move{}, false
	}
	return s.balance(arc)
}

// spread goes through the arcs that make a node that is now settled.
func (s *moves) spread(x settling) {
	s.near.work += len(s.rows[x.row/2])
	for _, y := range s.rows[x.row/2] {
		c := y.column
		if s.avoided[c] == s.stamp || s.frugal && !s.free[c] {
			continue
		}
		arc := 2 * c
		if node(x.row/2, effect(arc, y.value)) != x.row {
			arc++
			if s.room[c] <= 0 {
				continue
			}
		}
		s.advance(arc, x.cost)
	}
}

// advance notes that one more node of an arc is settled.
func (s *moves) advance(arc int32, cost float64) {
	c := arc / 2
	if s.opened[arc] != s.stamp {
		s.opened[arc], s.open[arc], s.sum[arc] = s.stamp, int32(len(s.columns[c])), s.cost(c)
	}
	s.open[arc]--
	s.sum[arc] += cost
	if s.open[arc] > 1 {
		return
	}
	for _, z := range s.columns[c] {
		e := effect(arc, z.value)
		if s.inside[z.row] != s.stamp || s.open[arc] == 1 && s.settled[node(z.row, e)] == s.stamp {
			continue
		}
		if target := node(z.row, -e); s.settled[target] != s.stamp {
			s.queue.push(settling{cost: s.sum[arc], row: target, column: arc})
		}
	}
}

// balance computes the move through.
func (s *moves) balance(arc int32) (move, bool) {
	m := move{columns: []int32{arc / 2}}
	s.touched = s.touched[:0]
	own := int64(1)
	if arc&1 == 1 {
		own = -1
	}
	s.flow[arc/2] = own
	s.apply(arc/2, own)
	for _, x := range slices.Backward(s.order) {
		by, r := s.by[x], x/2
		if by < 0 || s.uneven[r] == 0 || node(r, s.uneven[r]) != x {
			continue
		}
		c := by / 2
		f := int64(0)
		for _, y := range s.columns[c] {
			if y.row == r {
				f = -s.uneven[r] * signedMod(y.value)
			}
		}
		if !slices.Contains(m.columns, c) {
			m.columns = append(m.columns, c)
		}
		s.flow[c] += f
		s.apply(c, f)
	}
	sound := true
	for _, r := range s.touched {
		sound = sound && s.uneven[r] == 0
		s.uneven[r] = 0
	}
	kept := m.columns[:0]
	for _, c := range m.columns {
		if s.flow[c] != 0 {
			sound = sound && s.flow[c] >= -s.room[c]
			kept = append(kept, c)
			m.cost += s.cost(c)
		}
		s.flow[c] = 0
	}
	m.columns = kept
	return m, sound && len(kept) > 0 && kept[0] == arc/2
}

func (s *moves) apply(c int32, f int64) {
	for _, x := range s.columns[c] {
		if s.uneven[x.row] == 0 {
			s.touched = append(s.touched, x.row)
		}
		s.uneven[x.row] += f * signedMod(x.value)
	}
}

// rooms says how far variables can fall in a measure, in whole units, and the unit; what
// need not stay whole can fall by a little, or not at all. Nil: no variable is at its
// bound, and any circuit will do.
func (s *system) room(measure int) ([]int64, float64) {
	m := &s.problem.Measures[measure]
	if m.Distinct || m.Lower == tabular.NoBound {
		return nil, 0
	}
	room, unit := make([]int64, len(s.cells)), 1.0
	if m.Whole {
		unit = float64(s.unit(measure))
	}
	matters := false
	for v := range int32(len(room)) {
		room[v] = s.value(measure, v) - s.floor(measure)
		switch {
		case room[v] <= 0:
			matters = true
		case m.Whole:
			room[v] /= s.unit(measure)
		default:
			room[v] = unbounded
		}
	}
	if !matters {
		return nil, 0
	}
	return room, unit
}

// unproven are the secret variables for which no move is found while only free
// columns may take part.
func (s *moves) unproven(secret func(v int32) bool, programs *levels, measure int) (list []int32) {
	proven := make([]bool, len(s.columns))
	s.frugal = true
	for v := range int32(len(s.columns)) {
		if !secret(v) || proven[v] {
			continue
		}
		m, found := s.through(v, nil, 1)
		if !found {
			list = append(list, v)
			continue
		}
		for _, c := range m.columns {
			proven[c] = true
		}
	}
	list = slices.DeleteFunc(list, func(v int32) bool {
		if proven[v] {
			return true
		}
		_, rises := programs.through(v, nil, measure, s.unit)
		if rises {
			return true
		}
		_, falls := programs.through(v, nil, measure, -s.unit)
		return falls
	})
	s.frugal = false
	return list
}
