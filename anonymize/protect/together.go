package protect

import "sync"

// patience is after how many legs that find nothing the search ends.
const patience = 3

// tries are after how many approaches that find nothing a leg ends.
const tries = 8

// members look for a better mask together, whatever the number of threads, in so many
// legs: what is found does not depend on it.
const members, legs = 2, 12

// together lets several searches improve one mask. Each looks for itself for a leg; then
// all go on from the best mask, with the cuts of all.
func (m *masking) together(f *search, whole bout) {
	team := []*search{f}
	for i := 1; i < members; i++ {
		s := m.search()
		s.r = random{state: m.seed<<8 + uint64(i)}
		s.restore(f.state())
		team = append(team, s)
	}
	known, idle := make([]int, members), 0
	if f.cuts != nil { // all begin with those of before; the first may have found more
		for i := range known {
			known[i] = len(team[1].cuts.list)
		}
	}
	for leg := 0; leg < legs && idle < patience; leg++ {
		part := bout{rounds: whole.rounds / legs, work: whole.work / legs / members}
		part.begin = whole.begin * float64(legs-leg) / legs
		part.end = whole.begin * float64(legs-leg-1) / legs
		before := team[0].spent
		var all sync.WaitGroup
		for _, s := range team {
			all.Go(func() { s.explore(part) })
		}
		all.Wait()
		if level(team); team[0].spent < before-1e-9 {
			idle = 0
		} else {
			idle++
		}
		share(team, known)
	}
}

// explore improves a mask by the cuts, where they matter, and by parts, in turn.
func (s *search) explore(b bout) {
	if s.cuts == nil {
		s.improve(b)
		return
	}
	begin, best, idle := s.work(), s.state(), 0
	for steps := 10*len(s.secondaries()) + 100; s.work()-begin < b.work && idle < tries; steps += steps / 4 {
		from := s.work()
		s.approach(steps)
		if s.spent > best.spent-1e-9 {
			s.restore(best)
		}
		s.improve(bout{rounds: b.rounds, work: s.work() - from, begin: b.begin, end: b.end})
		if idle++; s.spent < best.spent-1e-9 {
			best, idle = s.state(), 0
		}
	}
}

// level brings all searches to the cheapest mask of any.
func level(team []*search) {
	best := team[0]
	for _, s := range team[1:] {
		if s.spent < best.spent-1e-9 {
			best = s
		}
	}
	x := best.state()
	for _, s := range team {
		if s != best {
			s.restore(x)
		}
	}
}

// share gives all the cuts that each has found since so many were known.
func share(team []*search, known []int) {
	if team[0].cuts == nil {
		return
	}
	found := make([][]cut, len(team))
	for i, s := range team {
		found[i] = s.cuts.list[known[i]:]
	}
	for i, s := range team {
		for j, list := range found {
			if i == j {
				continue
			}
			for _, x := range list {
				s.cuts.add(x.under(s.chosen))
			}
		}
		known[i] = len(s.cuts.list)
	}
}

// under is a cut with what a mask has of it.
func (x cut) under(chosen []bool) cut {
	x.have = x.base
	for i, c := range x.columns {
		if chosen[c] {
			x.have += x.weights[i]
		}
	}
	return x
}
