package protect

import "github.com/parvis-opendata/parvis/anonymize/tabular"

// unbounded stands for no upper bound.
const unbounded = int64(1) << 60

// floor is the bound that the problem says everybody knows of a measure.
func (s *system) floor(measure int) int64 {
	if m := s.problem.Measures[measure]; m.Lower != tabular.NoBound {
		return m.Lower
	}
	return -unbounded
}

// least is the bound of a variable for who looks at one equation at a time. Who knows
// every zero knows that a count is one at least.
func (s *system) least(measure int, v int32, zerosKnown bool) int64 {
	m, f := s.problem.Measures[measure], s.floor(measure)
	if zerosKnown && m.Whole && f >= 0 && s.value(measure, v) >= s.unit(measure) {
		return max(f, s.unit(measure))
	}
	return f
}

func (s *system) value(measure int, v int32) int64 {
	return s.problem.Cells[s.cells[v][0]].Values[measure]
}

// secret reports whether a variable must be in doubt in a measure. A figure that is zero
// in a cell where others are not is none: nobody stands behind it.
func (s *system) secret(measure int, v int32) bool {
	if !s.sensitive[v] || s.value(measure, v) != 0 {
		return s.sensitive[v]
	}
	for k, m := range s.problem.Measures {
		if !m.Distinct && s.value(k, v) != 0 {
			return false
		}
	}
	return true
}

// unit is one, in the units of a measure.
func (s *system) unit(measure int) int64 {
	one := int64(1)
	for range s.problem.Measures[measure].Decimals {
		one *= 10
	}
	return one
}

// slack is how far the members of an equation that are hidden can fall together
// before all are at their bounds, if the total is known; 0 means that they are
// pinned.
func (s *system) slack(measure int, hidden []int32, zerosKnown bool) int64 {
	sum := int64(0)
	for _, v := range hidden {
		f := s.least(measure, v, zerosKnown)
		if f == -unbounded {
			return unbounded
		}
		sum += s.value(measure, v) - f
	}
	return sum
}

// interval is what an attacker knows of a variable, in a measure.
type interval struct{ low, high int64 }

// intervals goes from equation to equation, and narrows what is known of the unknowns in
// a measure until nothing changes.
func (a *attacker) intervals(measure int) []interval {
	n := len(a.cells)
	known := make([]interval, n)
	for v := range int32(n) {
		known[v] = interval{a.value(measure, v), a.value(measure, v)}
		if a.unknown(v) {
			known[v] = interval{a.floor(measure), unbounded}
		}
	}
	queued := make([]bool, len(a.equations))
	var queue []int32
	for i := range a.equations {
		queue, queued[i] = append(queue, int32(i)), true
	}
	for work := 0; len(queue) > 0 && work < 20*len(a.equations); work++ {
		i := queue[0]
		queue, queued[i] = queue[1:], false
		for _, v := range a.narrow(&a.equations[i], known) {
			for _, j := range a.of[v] {
				if !queued[j] {
					queue, queued[j] = append(queue, j), true
				}
			}
		}
	}
	return known
}

// pinnedBy gives, for each secret variable that has one value left, the equation with a
// known total that leaves it the least room.
func (a *attacker) pinnedBy(measure int, known []interval) (equations []int32) {
	seen := map[int32]bool{}
	for v := range int32(len(a.cells)) {
		if !a.secret(measure, v) || known[v].low != known[v].high {
			continue
		}
		best, least := int32(-1), unbounded
		for _, i := range a.of[v] {
			if e := &a.equations[i]; e.total != v && !a.unknown(e.total) {
				if room := a.slack(measure, a.unknowns(e), false); best < 0 || room < least {
					best, least = i, room
				}
			}
		}
		if best >= 0 && !seen[best] {
			seen[best] = true
			equations = append(equations, best)
		}
	}
	return equations
}

// unknowns are the members of an equation that an attacker does not know.
func (a *attacker) unknowns(e *equation) (list []int32) {
	for _, m := range e.members {
		if a.unknown(m) {
			list = append(list, m)
		}
	}
	return list
}

// narrow uses one equation; it gives the variables whose intervals have changed.
func (a *attacker) narrow(e *equation, known []interval) (changed []int32) {
	low, high := int64(0), int64(0)
	for _, m := range e.members {
		low, high = add(low, known[m].low), add(high, known[m].high)
	}
	t := known[e.total]
	if x := (interval{max(t.low, low), min(t.high, high)}); x != t {
		known[e.total], t = x, x
		changed = append(changed, e.total)
	}
	for _, m := range e.members {
		k := known[m]
		x := k
		if low > -unbounded {
			x.high = min(x.high, sub(t.high, low-k.low))
		}
		if high < unbounded {
			x.low = max(x.low, sub(t.low, high-k.high))
		}
		if x != k {
			known[m] = x
			low, high = low+x.low-k.low, add(high, x.high-k.high)
			if k.high >= unbounded {
				high = a.highest(e, known)
			}
			changed = append(changed, m)
		}
	}
	return changed
}

func (a *attacker) highest(e *equation, known []interval) (high int64) {
	for _, m := range e.members {
		high = add(high, known[m].high)
	}
	return high
}

// add and sub stay where there is no bound.
func add(a, b int64) int64 {
	if a >= unbounded || b >= unbounded {
		return unbounded
	}
	return max(a+b, -unbounded)
}

func sub(a, b int64) int64 {
	if a >= unbounded {
		return unbounded
	}
	return max(a-b, -unbounded)
}
