package outsider

// narrowRows uses what ties the figures of each row together.
func (s *system) narrowRows() bool {
	moved := false
	for id := range int32(len(s.cells)) {
		moved = s.narrowRow(id) || moved
	}
	return moved
}

func (s *system) narrowRow(id int32) bool {
	t := s.instances[s.cells[id].instance]
	moved := s.narrowFunders(t, id)
	if t.summed {
		return moved // its files are those of months, its persons of the whole year
	}
	for _, q := range []int{persons, timed} {
		if t.fields[q] {
			moved = s.atMost(q, files, id) || moved
		}
	}
	if t.fields[persons] {
		moved = s.together(persons, files, id) || moved
	}
	moved = s.atMost(files, amount, id) || moved // nobody buys for nothing
	moved = s.together(files, amount, id) || moved
	if t.fields[price] {
		moved = s.narrowMean(s.price[id], amount, files, id) || moved
	}
	if t.fields[hours] {
		moved = s.vanish(timed, hours, id) || moved
		moved = s.narrowMean(s.duration[id], hours, timed, id) || moved
	}
	return moved
}

// atMost uses that one quantity is at most another.
func (s *system) atMost(small, large int, id int32) bool {
	moved := s.narrow(small, id, 0, s.hi[large][s.at(large, id)])
	return s.narrow(large, id, s.lo[small][s.at(small, id)], infinite) || moved
}

// vanish uses that where one quantity is zero another is too.
func (s *system) vanish(cause, effect int, id int32) bool {
	moved := false
	if s.hi[cause][s.at(cause, id)] == 0 {
		moved = s.narrow(effect, id, 0, 0)
	}
	if s.lo[effect][s.at(effect, id)] > 0 {
		moved = s.narrow(cause, id, 1, infinite) || moved
	}
	return moved
}

// together uses that two quantities are zero together.
func (s *system) together(a, b int, id int32) bool {
	moved := s.vanish(a, b, id)
	return s.vanish(b, a, id) || moved
}

// narrowMean uses a printed mean, rounded to the hundredth, half up: with the number n
// the sum lies in mean·n − n/2 ≤ sum < mean·n + n/2.
func (s *system) narrowMean(mean int64, sum, number int, id int32) bool {
	if mean == notPrinted {
		return false
	}
	moved := s.narrow(number, id, 1, infinite)
	least, most := s.lo[number][id], s.hi[number][id]
	moved = s.narrow(sum, id, (2*mean*least-least+1)/2, infinite) || moved
	if most < infinite/(mean+1) {
		moved = s.narrow(sum, id, 0, ((2*mean+1)*most-1)/2) || moved
	}
	// The other way round: 2·sum/(2·mean + 1) < n ≤ 2·sum/(2·mean − 1).
	moved = s.narrow(number, id, 2*s.lo[sum][id]/(2*mean+1)+1, infinite) || moved
	if top := s.hi[sum][id]; mean > 0 && top < infinite/2 {
		moved = s.narrow(number, id, 0, 2*top/(2*mean-1)) || moved
	}
	return moved
}

// meanOf returns the bounds of a mean in print. A mean of nothing is zero.
func (s *system) meanOf(sum, number int, id int32) (lo, hi int64) {
	least, most := max(s.lo[number][id], 1), s.hi[number][id]
	if most == 0 {
		return 0, 0
	}
	if most < infinite && s.lo[number][id] > 0 {
		lo = (2*s.lo[sum][id] + most) / (2 * most)
	}
	if s.hi[sum][id] >= infinite {
		return lo, infinite
	}
	return lo, (2*s.hi[sum][id] + least) / (2 * least)
}

// narrowFunders uses that the parts of the funders add up to the amount, that each has
// no more files than there are, and that a file counts for a funder who pays a cent.
func (s *system) narrowFunders(t *instance, id int32) bool {
	if s.funded[id] == none {
		return false
	}
	i := s.funded[id]
	moved := false
	least, most, unbounded := int64(0), int64(0), 0
	s.eachPart(t, func(q, count int) {
		if count >= 0 {
			moved = s.narrowFunder(q, count, id) || moved
		}
		least += s.lo[q][i]
		if s.hi[q][i] >= infinite {
			unbounded++
		} else {
			most += s.hi[q][i]
		}
	})
	if t.someParts {
		return s.narrow(amount, id, least, infinite) || moved
	}
	top := int64(infinite)
	if unbounded == 0 {
		top = most
	}
	moved = s.narrow(amount, id, least, top) || moved
	whole, smallest := s.hi[amount][id], s.lo[amount][id]
	s.eachPart(t, func(q, _ int) {
		lo, hi := s.lo[q][i], s.hi[q][i]
		if whole < infinite {
			moved = s.narrow(q, id, 0, whole-(least-lo)) || moved
		}
		switch {
		case unbounded == 0:
			moved = s.narrow(q, id, smallest-(most-hi), infinite) || moved
		case unbounded == 1 && hi >= infinite:
			moved = s.narrow(q, id, smallest-most, infinite) || moved
		}
	})
	return moved
}

// narrowFunder uses what ties the files of a funder to his part.
func (s *system) narrowFunder(part, count int, id int32) bool {
	moved := s.atMost(count, files, id)
	moved = s.atMost(count, part, id) || moved
	return s.together(count, part, id) || moved
}

// eachPart calls fn with the part of each funder of a table, and with the number of his
// files; −1 if the table does not say that.
func (s *system) eachPart(t *instance, fn func(part, count int)) {
	for q := baseQuantities; q < len(s.layout.quantities); q++ {
		if !t.fields[q] || !s.layout.quantities[q].cents {
			continue
		}
		count := none
		for c := baseQuantities; c < len(s.layout.quantities); c++ {
			other := s.layout.quantities[c]
			if t.fields[c] && !other.cents && other.funder == s.layout.quantities[q].funder {
				count = int32(c)
			}
		}
		fn(q, int(count))
	}
}
