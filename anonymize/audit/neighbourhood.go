package audit

// neighbourhood finds the unknowns near one, for one goroutine.
type neighbourhood struct {
	s     *system
	seen  []uint32 // unknown → the last search that met it
	done  []uint32 // the same of rows
	epoch uint32
}

// newNeighbourhood has met nothing.
func newNeighbourhood(s *system) *neighbourhood {
	return &neighbourhood{s: s, seen: make([]uint32, len(s.cells)), done: make([]uint32, len(s.rows))}
}

// ball lists an unknown and the nearest others, about size of them at most, by equations.
func (b *neighbourhood) ball(centre int32, size int) []int32 {
	b.epoch++
	all := append(make([]int32, 0, size), centre)
	b.seen[centre] = b.epoch
	for n := 0; n < len(all) && len(all) < size; n++ {
		rows, _ := b.s.along.line(all[n])
		for _, r := range rows {
			if b.done[r] == b.epoch {
				continue
			}
			b.done[r] = b.epoch
			at, _ := b.s.across.line(r)
			for _, u := range at {
				if b.seen[u] != b.epoch {
					b.seen[u] = b.epoch
					all = append(all, u)
				}
			}
		}
	}
	return all
}
