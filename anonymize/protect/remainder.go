package protect

import "slices"

// remainders are the equations whose unknown members must be joined by one more: their
// sum follows from what is published, and it is sensitive, or so small that it pins
// them to their bounds.
func (a *attacker) remainders() (list []need) {
	var unknown, shown []int32
	for i := range a.equations {
		e := &a.equations[i]
		if a.unknown(e.total) {
			continue
		}
		unknown, shown = unknown[:0], shown[:0]
		for _, m := range e.members {
			if a.unknown(m) {
				unknown = append(unknown, m)
			} else if !a.hidden[m] {
				shown = append(shown, m)
			}
		}
		if len(unknown) == 0 {
			continue
		}
		if choices, lacking := a.remainder(e, unknown, shown); lacking {
			list = append(list, need{choices: choices})
		}
	}
	return list
}

// pins are the equations that leave one value to a sensitive variable, together with
// others.
func (a *attacker) pins() (list []need) {
	for k, m := range a.problem.Measures {
		if m.Distinct {
			continue
		}
		for _, i := range a.pinnedBy(k) {
			list = append(list, need{choices: a.joiners(&a.equations[i])})
		}
	}
	return list
}

// joiners are the published variables of an equation.
func (a *attacker) joiners(e *equation) []int32 {
	list := []int32{}
	if !a.hidden[e.total] {
		list = append(list, e.total)
	}
	for _, m := range e.members {
		if !a.hidden[m] && !a.pinned([]int32{m}) {
			list = append(list, m)
		}
	}
	return list
}

// remainder says which published variable may join the unknowns of an equation, if
// one must.
func (a *attacker) remainder(e *equation, unknown, shown []int32) ([]int32, bool) {
	leaks := a.problem.Remainder && a.union(unknown).unsafe()
	pins := a.pinned(unknown) && slices.ContainsFunc(unknown, func(v int32) bool { return a.sensitive[v] })
	if !leaks && !pins {
		return nil, false
	}
	choices := []int32{}
	if !a.hidden[e.total] {
		choices = append(choices, e.total)
	}
	for _, v := range shown {
		if pins && a.pinned([]int32{v}) {
			continue
		}
		if leaks {
			joined := a.union(unknown)
			joined.add(v)
			if joined.unsafe() {
				continue
			}
		}
		choices = append(choices, v)
	}
	if len(choices) == 0 || len(choices) == 1 && choices[0] == e.total {
		choices = append(choices, shown...) // no single one is enough: begin with any
	}
	return choices, true
}

// few: so few hidden counts, all of them one, are seen to be by who knows that none is
// zero, at a glance. Where he shall not do so with any equation, and with several
// together, the lower bound of the measure is one.
const few = 3

// pinned reports whether variables whose sum is known are at their bounds, in some
// measure.
func (a *attacker) pinned(variables []int32) bool {
	few := a.zerosKnown && len(variables) <= few
	for k, m := range a.problem.Measures {
		if !m.Distinct && a.slack(k, variables, few) == 0 {
			return true
		}
	}
	return false
}
