package audit

// way is one in which figures of a measure move: a smaller measure of the same cells, or a
// larger one, stays or moves along, so that the smaller remains the smaller one.
type way struct {
	room   []room // by unknown
	along  int    // the measure that moves along; none: there is none, or it stays
	larger bool   // it is the larger one
}

// ways are those of a measure.
//
// Notes: where several other measures matter, none is looked at beforehand.
func (b *bounds) ways(measure int) []way {
	stay := way{room: b.rooms(measure), along: none}
	other, larger := b.companion(measure)
	if other == none {
		return []way{stay}
	}
	with := way{b.rooms(other), other, larger}
	for u := range stay.room {
		r, w := &stay.room[u], &with.room[u]
		w.down, w.up = max(w.down, r.down), min(w.up, r.up)
		if gap := b.value[other][u] - b.value[measure][u]; larger {
			r.up = min(r.up, gap)
		} else {
			r.down = max(r.down, gap)
		}
	}
	return []way{stay, with}
}

// companion is the only measure that adds up and that a measure bounds, or that bounds it.
func (b *bounds) companion(measure int) (other int, larger bool) {
	other = none
	all := b.below[measure]
	if k := b.a.p.Measures[measure].AtMost; k >= 0 {
		all = append(all[:len(all):len(all)], k)
	}
	for _, k := range all {
		if b.a.p.Measures[k].Distinct || b.step[k] != b.step[measure] {
			continue
		}
		if other != none {
			return none, false
		}
		other = k
	}
	return other, other == b.a.p.Measures[measure].AtMost
}

// together are moves of a measure and of that which moves along, the larger one first.
func (w way) together(moves, along []move) []move {
	if w.larger {
		return append(along, moves...)
	}
	return append(moves, along...)
}
