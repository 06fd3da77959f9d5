package audit

import (
	"math"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

const (
	// unbounded marks a bound that is not there: −unbounded below, unbounded above.
	unbounded = math.MaxInt64
	// farthest: bounds beyond it are taken for none, which is never too narrow.
	farthest = int64(1) << 54
	// visits is how often one measure of a row is looked at before its bounds are left as
	// they are.
	visits = 100
)

// attacker is what everybody knows beforehand.
type attacker struct {
	p       *tabular.Problem
	nonZero bool
}

// step is what values of a measure are multiples of, as everybody knows.
func (a attacker) step(measure int) int64 {
	s := int64(1)
	if m := &a.p.Measures[measure]; m.Whole {
		for range m.Decimals {
			s *= 10
		}
	}
	return s
}

// lower is the bound that everybody knows of an unknown value, or NoBound. Where all
// zeros are known, a whole value that is not zero is at least one step.
func (a attacker) lower(cell int32, measure int) int64 {
	m := &a.p.Measures[measure]
	if a.nonZero && m.Whole && m.Lower >= 0 && a.p.Cells[cell].Values[measure] != 0 {
		return max(m.Lower, a.step(measure))
	}
	return m.Lower
}

// bounds are the intervals of the unknowns that follow from the equations, one by one,
// by measure and unknown. True values are always inside.
type bounds struct {
	s      *system
	a      attacker
	value  [][]int64 // true ones
	step   []int64   // by measure
	lo, hi [][]int64
	// of the known members of each row, by distinct measure (nil for others).
	largest, sum [][]int64
	below        [][]int // measure → measures that it is AtMost of
	queue        []task
	queued       []bool  // by row and measure
	visited      []uint8 // the same
	log          *[]change
}

// task is a row to be looked at, in one measure.
type task struct{ row, measure int32 }

// change is an interval as it was before.
type change struct {
	measure int
	unknown int32
	lo, hi  int64
}

// newBounds sets the bounds that everybody knows.
func newBounds(s *system, a attacker) *bounds {
	n := len(a.p.Measures)
	b := &bounds{
		s: s, a: a, lo: make([][]int64, n), hi: make([][]int64, n), largest: make([][]int64, n), sum: make([][]int64, n),
		below: make([][]int, n), queued: make([]bool, n*len(s.rows)), visited: make([]uint8, n*len(s.rows)),
		value: make([][]int64, n), step: make([]int64, n),
	}
	for m := range n {
		b.lo[m], b.hi[m], b.value[m], b.step[m] = make([]int64, len(s.cells)), make([]int64, len(s.cells)), make([]int64, len(s.cells)), a.step(m)
		for u, c := range s.cells {
			b.value[m][u] = a.p.Cells[c].Values[m]
			b.lo[m][u], b.hi[m][u] = -unbounded, unbounded
			if l := a.lower(c, m); l != tabular.NoBound {
				b.lo[m][u] = l
			}
		}
		if a.p.Measures[m].Distinct {
			b.largest[m], b.sum[m] = b.knownMembers(m)
		}
		if k := a.p.Measures[m].AtMost; k >= 0 {
			b.below[k] = append(b.below[k], m)
		}
	}
	return b
}

// knownMembers is the largest and the sum of the known members of each row.
func (b *bounds) knownMembers(measure int) (largest, sum []int64) {
	largest, sum = make([]int64, len(b.s.rows)), make([]int64, len(b.s.rows))
	for r, i := range b.s.rows {
		for _, c := range b.a.p.Equations[i].Members {
			if b.s.number[c] < 0 {
				v := b.a.p.Cells[c].Values[measure]
				largest[r], sum[r] = max(largest[r], v), sum[r]+v
			}
		}
	}
	return largest, sum
}

// copyOf is the same intervals, to be changed separately.
func (b *bounds) copyOf() *bounds {
	c := *b
	c.lo, c.hi = make([][]int64, len(b.lo)), make([][]int64, len(b.hi))
	for m := range b.lo {
		c.lo[m], c.hi[m] = append([]int64(nil), b.lo[m]...), append([]int64(nil), b.hi[m]...)
	}
	c.queue, c.queued, c.visited = nil, make([]bool, len(b.queued)), make([]uint8, len(b.visited))
	return &c
}

// part propagates over a part to a fixed point. Parts may be worked on at once, each
// with its own queue.
func (b *bounds) part(k part) {
	own := *b
	own.queue = make([]task, 0, len(k.rows)*len(b.lo))
	for _, r := range k.rows {
		for m := range own.lo {
			own.enqueue(r, m)
		}
	}
	for _, u := range k.unknowns {
		for m := range own.lo {
			own.tighten(m, u, own.lo[m][u], own.hi[m][u])
			own.neighbours(m, u)
		}
	}
	own.run(math.MaxInt)
}

// enqueue notes that a row has to be looked at.
func (b *bounds) enqueue(row int32, measure int) {
	if at := b.at(task{row, int32(measure)}); !b.queued[at] {
		b.queued[at] = true
		b.queue = append(b.queue, task{row, int32(measure)})
	}
}

// at is the place of a task in queued and visited.
func (b *bounds) at(t task) int { return int(t.row)*len(b.lo) + int(t.measure) }

// run looks at queued rows, at most limit times.
func (b *bounds) run(limit int) {
	for n := 0; n < len(b.queue); n++ { //nolint:intrange // the queue grows
		t := b.queue[n]
		at := b.at(t)
		b.queued[at] = false
		if n >= limit || b.visited[at] >= visits {
			continue
		}
		b.visited[at]++
		if m := int(t.measure); b.a.p.Measures[m].Distinct {
			b.distinct(m, t.row)
		} else {
			b.additive(m, t.row)
		}
	}
}

// end is a sum of bounds of which some may be missing.
type end struct {
	sum     int64
	missing int
}

// add adds a bound; a sum that is too large is as good as missing.
func (e *end) add(v int64, ok bool) {
	s := e.sum + v
	if !ok || (v > 0) != (s > e.sum) && v != 0 {
		e.missing += 2
		if !ok {
			e.missing--
		}
		return
	}
	e.sum = s
}

// without is the sum of all bounds but one.
func (e end) without(v int64, ok bool) (int64, bool) {
	if !ok {
		return e.sum, e.missing == 1
	}
	return e.sum - v, e.missing == 0
}

// term is the range of sign·(value − true value) of an unknown.
func (b *bounds) term(m int, u int32, sign int8) (least, most int64, hasLeast, hasMost bool) {
	v := b.value[m][u]
	lo, hi := b.lo[m][u], b.hi[m][u]
	least, hasLeast = lo-v, lo != -unbounded
	most, hasMost = hi-v, hi != unbounded
	if !hasLeast {
		least = 0
	}
	if !hasMost {
		most = 0
	}
	if sign < 0 {
		return -most, -least, hasMost, hasLeast
	}
	return least, most, hasLeast, hasMost
}

// additive tightens the unknowns of a row: deviations from the true values add up to
// zero.
func (b *bounds) additive(m int, r int32) {
	at, sign := b.s.across.line(r)
	var low, high end
	for n, u := range at {
		least, most, hasLeast, hasMost := b.term(m, u, sign[n])
		low.add(least, hasLeast)
		high.add(most, hasMost)
	}
	if low.missing > 1 && high.missing > 1 {
		return
	}
	for n, u := range at {
		least, most, hasLeast, hasMost := b.term(m, u, sign[n])
		v := b.value[m][u]
		lo, hi := int64(-unbounded), int64(unbounded)
		// sign·y is at least −(most of the others) and at most −(least of them).
		if others, ok := high.without(most, hasMost); ok && abs(others) <= farthest {
			if sign[n] > 0 {
				lo = v - others
			} else {
				hi = v + others
			}
		}
		if others, ok := low.without(least, hasLeast); ok && abs(others) <= farthest {
			if sign[n] > 0 {
				hi = v - others
			} else {
				lo = v + others
			}
		}
		b.tighten(m, u, lo, hi)
	}
}

// distinct tightens the unknowns of a row of a measure that does not add up.
func (b *bounds) distinct(m int, r int32) {
	at, sign := b.s.across.line(r)
	e := &b.a.p.Equations[b.s.rows[r]]
	totalLo := b.a.p.Cells[e.Total].Values[m]
	totalHi := totalLo
	total := b.s.number[e.Total]
	if total >= 0 {
		totalLo, totalHi = b.lo[m][total], b.hi[m][total]
	}
	largest := b.largest[m][r]
	var high end
	high.add(b.sum[m][r], true)
	for n, u := range at {
		if sign[n] < 0 {
			largest = max(largest, b.lo[m][u])
			hi := b.hi[m][u]
			high.add(hi, hi != unbounded)
		}
	}
	if total >= 0 {
		hi := int64(unbounded)
		if high.missing == 0 && high.sum <= farthest {
			hi = high.sum
		}
		b.tighten(m, total, largest, hi)
		totalLo, totalHi = b.lo[m][total], b.hi[m][total]
	}
	for n, u := range at {
		if sign[n] > 0 {
			continue
		}
		lo, hi := int64(-unbounded), b.hi[m][u]
		if others, ok := high.without(hi, hi != unbounded); ok && totalLo != -unbounded {
			lo = totalLo - others
		}
		b.tighten(m, u, lo, totalHi)
	}
}

// tighten cuts an interval to lo..hi and to multiples of the step.
func (b *bounds) tighten(m int, u int32, lo, hi int64) {
	step := b.step[m]
	oldLo, oldHi := b.lo[m][u], b.hi[m][u]
	if lo != -unbounded {
		lo += modulo(-lo, step)
	}
	if hi != unbounded {
		hi -= modulo(hi, step)
	}
	lo, hi = max(lo, oldLo), min(hi, oldHi)
	if lo == oldLo && hi == oldHi {
		return
	}
	if b.log != nil {
		*b.log = append(*b.log, change{m, u, oldLo, oldHi})
	}
	b.lo[m][u], b.hi[m][u] = lo, hi
	rows, _ := b.s.along.line(u)
	for _, r := range rows {
		b.enqueue(r, m)
	}
	b.neighbours(m, u)
}

// neighbours passes an interval on to the measures of the same cell that are no
// larger, or no smaller.
func (b *bounds) neighbours(m int, u int32) {
	for _, k := range b.below[m] {
		if b.hi[m][u] < b.hi[k][u] {
			b.tighten(k, u, -unbounded, b.hi[m][u])
		}
	}
	if k := b.a.p.Measures[m].AtMost; k >= 0 && b.lo[m][u] > b.lo[k][u] {
		b.tighten(k, u, b.lo[m][u], unbounded)
	}
}

// modulo is v mod step in 0..step−1.
func modulo(v, step int64) int64 {
	if step == 1 {
		return 0
	}
	return (v%step + step) % step
}

// abs is |v| for v ≠ MinInt64.
func abs(v int64) int64 {
	return max(v, -v)
}
