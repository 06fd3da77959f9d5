package protect

import (
	"cmp"
	"math"
	"slices"
)

// recover takes secondaries away and hides what the known cuts lack; a need that is still
// not met shows one more cut, and so on. If it cannot, or not within a limit of what is
// spent, nothing changes, but that the cuts are known.
func (s *search) recover(removed []int32, limit float64) {
	var broken []int32
	for _, c := range removed {
		broken = append(broken, s.drop(c)...)
	}
	varied := s.vary(removed)
	banned := removed[:1+s.r.below(len(removed))]
	for _, c := range banned {
		s.market.price[c] *= avoidance
	}
	found := s.cover(limit) && s.meetAll(broken, limit)
	for _, c := range append(varied, banned...) {
		s.market.price[c] = s.price[c]
	}
	if !found {
		s.undo(0, 0)
		return
	}
	s.prune(s.changed())
}

// avoidance is how many times dearer a secondary is for a while that was taken away.
const avoidance = 8

// meetAll meets needs over what is hidden, or else over what the cuts ask for besides.
func (s *search) meetAll(needs []int32, limit float64) bool {
	s.shuffle(needs)
	for _, i := range needs {
		for s.witness[i] == nil && !s.frugally(i) {
			switch known := len(s.cuts.lacking()) > 0; {
			case known && !s.cover(limit), !known && !s.meet(i), s.spent > limit:
				return false
			}
		}
	}
	return true
}

// frugally meets a need over hidden columns.
func (s *search) frugally(i int32) bool {
	s.market.frugal = true
	found := s.meet(i)
	s.market.frugal = false
	return found
}

// cover hides what cuts lack, the cheapest for what it adds first, without what turns out
// not to be needed; it reports whether that is within a limit of what is spent.
func (s *search) cover(limit float64) bool {
	var added []int32
	for {
		c := s.cuts.best(s.market.free, s.market.price, &s.r)
		if c < 0 {
			break
		}
		s.choose(c, true)
		added = append(added, c)
		if s.spent > limit {
			return false
		}
	}
	if len(s.cuts.lacking()) > 0 {
		return false
	}
	slices.SortStableFunc(added, func(a, b int32) int { return cmp.Compare(s.price[b], s.price[a]) })
	for _, c := range added {
		if !s.cuts.needs(c) {
			s.choose(c, false)
		}
	}
	return true
}

// approach goes to the mask that seems best by the known cuts, learns from the needs that
// it does not meet what cuts it lacks, and so on, until it meets all or some turns are
// made; the needs that are left are then met as they come.
func (s *search) approach(steps int) {
	turns := 25
	allowance := s.spent / float64(max(len(s.secondaries()), 1))
	var unmet []int32
	for known := -1; turns > 0 && known < len(s.cuts.list); turns-- {
		known = len(s.cuts.list)
		open := append(s.jump(steps, allowance), unmet...)
		s.shuffle(open)
		if unmet = s.probe(open); len(unmet) == 0 {
			break
		}
	}
	if !s.meetAll(unmet, math.Inf(1)) {
		s.undo(0, 0)
		return
	}
	s.prune(s.changed())
	s.forget()
}

// jump goes to the mask that seems best by the known cuts, and gives the needs that have
// lost their witnesses.
func (s *search) jump(steps int, allowance float64) (broken []int32) {
	x := s.cuts.covering(s.chosen, s.price, &s.r)
	to := x.improve(steps, allowance)
	s.cuts.work += x.work
	for c, yes := range to {
		switch {
		case yes:
			s.choose(int32(c), true)
		case s.chosen[c]:
			broken = append(broken, s.drop(int32(c))...)
		}
	}
	return broken
}

// probe meets needs over what is hidden and gives those that it cannot. For each it hides
// what the cuts ask for a few times, to learn more of them.
func (s *search) probe(needs []int32) (unmet []int32) {
	const times = 4
	for _, i := range needs {
		for n := 0; s.witness[i] == nil && !s.frugally(i); n++ {
			if n == times || len(s.cuts.lacking()) == 0 || !s.cover(math.Inf(1)) {
				unmet = append(unmet, i)
				break
			}
		}
	}
	slices.Sort(unmet)
	return slices.Compact(unmet)
}
