package protect

import "slices"

// looks is how many equations are looked at for what bounds tell one contributor.
const looks = 200

// supposition is what bounds tell a contributor who puts in his own values.
type supposition struct {
	*attacker
	measure int
	known   []interval
	queued  []bool
	log     []narrowing
}

// narrowing is an interval as it was before.
type narrowing struct {
	variable int32
	was      interval
}

// learners are the moves that are lacking because a contributor who is alone behind some
// variables would see another pinned.
func (a *attacker) learners(measure int, known []interval) (list []need) {
	s := &supposition{attacker: a, measure: measure, known: known, queued: make([]bool, len(a.equations))}
	for _, c := range a.contributors() {
		for _, v := range s.learnt(c.alone) {
			if a.secret(measure, v) && !slices.Contains(c.alone, v) && !a.own(v, []holder{c.holder}) {
				list = append(list, need{column: v, avoid: c.alone, moves: true, measure: measure})
			}
		}
	}
	return list
}

// learnt are the variables that are pinned once some are known, and were not before.
func (s *supposition) learnt(set []int32) (list []int32) {
	s.log = s.log[:0]
	var queue []int32
	push := func(v int32) {
		for _, i := range s.of[v] {
			if !s.queued[i] {
				s.queued[i], queue = true, append(queue, i)
			}
		}
	}
	for _, v := range set {
		if x := s.value(s.measure, v); s.known[v] != (interval{x, x}) {
			s.log = append(s.log, narrowing{v, s.known[v]})
			s.known[v] = interval{x, x}
			push(v)
		}
	}
	for n := 0; n < len(queue); n++ { //nolint:intrange // the queue grows
		s.queued[queue[n]] = false
		if n >= looks {
			continue
		}
		e := &s.equations[queue[n]]
		before := len(s.log)
		s.log = append(s.log, narrowing{e.total, s.known[e.total]})
		for _, m := range e.members {
			s.log = append(s.log, narrowing{m, s.known[m]})
		}
		changed := s.narrow(e, s.known)
		kept := s.log[:before]
		for _, x := range s.log[before:] {
			if s.known[x.variable] != x.was {
				kept = append(kept, x)
			}
		}
		s.log = kept
		for _, v := range changed {
			push(v)
		}
	}
	for _, x := range slices.Backward(s.log) {
		if now := s.known[x.variable]; now.low == now.high && x.was.low != x.was.high {
			list = append(list, x.variable)
		}
		s.known[x.variable] = x.was
	}
	slices.Sort(list)
	return slices.Compact(list)
}
