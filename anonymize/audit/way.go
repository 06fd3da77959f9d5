package audit

// way is one in which figures of a measure move: a smaller measure of the same cells, if
// there is one, stays or moves along, so that it remains the smaller one.
type way struct {
	room  []room // by unknown
	along int    // the measure that moves along; none: there is none, or it stays
}

// ways are those of a measure.
//
// Notes: of two smaller measures and more, none is looked at beforehand.
func (b *bounds) ways(measure int) []way {
	stay := way{b.rooms(measure), none}
	smaller := none
	for _, k := range b.below[measure] {
		if b.a.p.Measures[k].Distinct || b.step[k] != b.step[measure] {
			continue
		}
		if smaller != none {
			return []way{stay}
		}
		smaller = k
	}
	if smaller == none {
		return []way{stay}
	}
	with := way{b.rooms(smaller), smaller}
	for u := range stay.room {
		r, w := &stay.room[u], &with.room[u]
		w.down, w.up = max(w.down, r.down), min(w.up, r.up)
		r.down = max(r.down, b.value[smaller][u]-b.value[measure][u])
	}
	return []way{stay, with}
}
