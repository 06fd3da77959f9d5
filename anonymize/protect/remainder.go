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

// pins are the equations that leave one value to a secret variable, together with
// others; and what follows from the others once those that have one value are known.
func (a *attacker) pins() (list []need) {
	for k, m := range a.problem.Measures {
		if m.Distinct {
			continue
		}
		known := a.intervals(k)
		for _, i := range a.pinnedBy(k, known) {
			list = append(list, need{choices: a.joiners(&a.equations[i], k)})
		}
		if room, _ := a.room(k); room != nil {
			list = append(list, a.rare(k, known)...)
			list = append(list, a.learners(k, known)...)
		}
	}
	return list
}

// rare are the moves that are lacking in a measure in which some unknowns have one value
// left, as the zeros of a rare figure have.
func (a *attacker) rare(measure int, known []interval) (list []need) {
	hidden, pinned := slices.Clone(a.hidden), false
	for v := range hidden {
		if hidden[v] && known[v].low == known[v].high {
			hidden[v], pinned = false, true
		}
	}
	if !pinned {
		return nil
	}
	b := newAttacker(a.system, hidden)
	b.measure = measure
	for v := range int32(len(a.cells)) {
		if hidden[v] && a.secret(measure, v) && b.determined(v) {
			list = append(list, need{column: v})
		}
	}
	list = append(append(list, b.series()...), b.several()...)
	for i := range list {
		list[i].moves, list[i].measure = true, measure
	}
	return list
}

// joiners are the published variables of an equation that are not at their bounds.
func (a *attacker) joiners(e *equation, measure int) []int32 {
	list := []int32{}
	if !a.hidden[e.total] {
		list = append(list, e.total)
	}
	for _, m := range e.members {
		if !a.hidden[m] && a.slack(measure, []int32{m}, a.zerosKnown) > 0 {
			list = append(list, m)
		}
	}
	return list
}

// remainder says which published variable may join the unknowns of an equation, if
// one must.
func (a *attacker) remainder(e *equation, unknown, shown []int32) ([]int32, bool) {
	leaks := a.problem.Remainder && !a.safe(unknown)
	pins := a.pinned(unknown, unknown)
	if !leaks && !pins {
		return nil, false
	}
	choices := []int32{}
	if !a.hidden[e.total] {
		choices = append(choices, e.total)
	}
	for _, v := range shown {
		if pins && a.pinned([]int32{v}, unknown) {
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

// pinned reports whether variables whose sum is known are at their bounds, in a measure
// in which one of some is a secret; or would be for the only contributor to all those that
// are not.
func (s *system) pinned(variables, secrets []int32) bool {
	few := s.zerosKnown && len(variables) <= few
	for k, m := range s.problem.Measures {
		if !m.Distinct && s.tight(k, variables, secrets, few) {
			return true
		}
	}
	return false
}

// tight is pinned in one measure.
func (s *system) tight(measure int, variables, secrets []int32, zerosKnown bool) bool {
	var who []holder // may be alone behind all that have room
	loose := false
	for _, v := range variables {
		if f := s.least(measure, v, zerosKnown); f != -unbounded && s.value(measure, v) <= f {
			continue
		}
		if alone := s.alone(v); !loose {
			who = slices.Clone(alone)
		} else {
			who = slices.DeleteFunc(who, func(h holder) bool { return !slices.Contains(alone, h) })
		}
		loose = true
		if len(who) == 0 {
			return false
		}
	}
	return slices.ContainsFunc(secrets, func(v int32) bool {
		return s.secret(measure, v) && (!loose || !s.own(v, who))
	})
}
