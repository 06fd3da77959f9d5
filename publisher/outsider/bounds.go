package outsider

// maxRounds bounds how often all constraints are looked at; bounds are true whenever
// one stops.
const maxRounds = 60

// propagate narrows the bounds until nothing moves, and tells whether anything did.
func (s *system) propagate() bool {
	moved := false
	for range maxRounds {
		now := s.narrowRows()
		for _, g := range s.sums {
			for _, q := range g.quantities {
				now = s.narrowSums(g, q) || now
			}
			if g.persons {
				now = s.narrowPersons(g) || now
			}
		}
		moved = moved || now
		if !now || s.failure != "" {
			break
		}
	}
	return moved
}

// narrowSums narrows totals by their parts and parts by their totals.
func (s *system) narrowSums(g *sumGroup, q int) bool {
	moved := false
	for i, total := range g.totals {
		moved = s.narrowSum(q, total, g.of(i)) || moved
	}
	return moved
}

func (s *system) narrowSum(q int, total int32, parts []int32) bool {
	least, most, widest, unbounded := s.extent(q, parts)
	top := int64(infinite)
	if unbounded == 0 {
		top = most
	}
	moved := s.narrow(q, total, least, top)
	t := s.at(q, total)
	above, below := s.hi[q][t]-least, most-s.lo[q][t]
	if s.hi[q][t] >= infinite {
		above = infinite
	}
	if above >= widest && (unbounded > 0 || below >= widest) && unbounded != 1 {
		return moved
	}
	for _, part := range parts {
		p := s.at(q, part)
		lo, hi := s.lo[q][p], s.hi[q][p]
		newLo, newHi := lo, hi
		if above < infinite {
			newHi = min(hi, lo+above)
		}
		switch {
		case unbounded == 0:
			newLo = max(lo, hi-below)
		case unbounded == 1 && hi >= infinite:
			newLo = max(lo, -below)
		}
		if newLo != lo || newHi != hi {
			moved = s.narrow(q, part, newLo, newHi) || moved
		}
	}
	return moved
}

// extent adds up the bounds of some cells. Upper bounds that are none are counted and
// not added.
func (s *system) extent(q int, parts []int32) (least, most, widest int64, unbounded int) {
	for _, part := range parts {
		p := s.at(q, part)
		lo, hi := s.lo[q][p], s.hi[q][p]
		least += lo
		if hi >= infinite {
			unbounded++
			widest = infinite
			continue
		}
		most += hi
		widest = max(widest, hi-lo)
	}
	return least, most, widest, unbounded
}

// narrowPersons uses that the largest part ≤ the total ≤ the sum of the parts. Persons
// are counted in two ways of which the smaller is printed, so that the second can fail
// by a person or two: where it does, it is not used.
func (s *system) narrowPersons(g *sumGroup) bool {
	moved := false
	for i, total := range g.totals {
		parts := g.of(i)
		_, most, _, unbounded := s.extent(persons, parts)
		for _, part := range parts {
			moved = s.suppose(total, s.lo[persons][part], infinite) || moved
			moved = s.suppose(part, 0, s.hi[persons][total]) || moved
		}
		if unbounded == 0 {
			moved = s.suppose(total, 0, most) || moved
		}
		for _, part := range parts {
			switch hi := s.hi[persons][part]; {
			case unbounded == 0:
				moved = s.suppose(part, s.lo[persons][total]-(most-hi), infinite) || moved
			case unbounded == 1 && hi >= infinite:
				moved = s.suppose(part, s.lo[persons][total]-most, infinite) || moved
			}
		}
	}
	return moved
}

// suppose narrows the persons of a cell unless that contradicts what is known.
func (s *system) suppose(id int32, lo, hi int64) bool {
	if lo > s.hi[persons][id] || hi < s.lo[persons][id] {
		return false
	}
	return s.narrow(persons, id, lo, hi)
}
