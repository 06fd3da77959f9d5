package outsider

import "github.com/parvis-opendata/parvis/datasets"

// complete adds the cells that are not listed and that a reader cannot take for zero:
// those of members that no table lists, and in the detailed table all combinations.
func (s *system) complete() {
	s.addLumps()
	for n, in := range s.instances {
		if !in.detailed && in.position(open) >= 0 {
			s.addUnlisted(int32(n))
		}
	}
	for n, in := range s.instances {
		if in.detailed {
			s.addAbsent(int32(n))
		}
	}
}

// addUnlisted adds to a summary table the cells of the members of the open dimension of
// which it has no row.
func (s *system) addUnlisted(n int32) {
	in := s.instances[n]
	p := in.position(open)
	has := map[int32]bool{}
	for k := range in.cells {
		has[k[p]] = true
	}
	lists := s.lists(in)
	lists[p] = nil
	for _, m := range s.dimension(open).all() {
		if !has[m] {
			lists[p] = append(lists[p], m)
		}
	}
	combine(lists, func(k key) { s.add(n, k, false) })
}

// addAbsent adds to the detailed table the combinations that it does not list, but for
// those that belong to a total whose listed parts are all of it.
func (s *system) addAbsent(n int32) {
	in := s.instances[n]
	var totals []*instance
	var ways []way
	var full []map[int32]bool
	for _, sum := range s.layout.dataset.Sums {
		if total := s.instance(sum.Total, in.period); sum.Parts == in.ID && total != nil {
			w := s.way(sum, total, in)
			totals, ways, full = append(totals, total), append(ways, w), append(full, s.full(total, in, w))
		}
	}
	if len(totals) == 0 {
		return
	}
	combine(s.lists(in), func(k key) {
		if in.find(k) != none {
			return
		}
		for i, total := range totals {
			id := total.find(ways[i].of(k))
			if id == none || full[i][id] {
				return
			}
		}
		s.add(n, k, false)
	})
}

// full says of the cells of a total whether the listed parts are all their files.
func (s *system) full(total, parts *instance, w way) map[int32]bool {
	left := map[int32]int64{}
	for k, id := range parts.cells {
		if t := total.find(w.of(k)); t != none {
			left[t] += s.lo[files][id]
		}
	}
	full := map[int32]bool{}
	for _, id := range total.cells {
		full[id] = s.fixed(files, id) && s.lo[files][id] == left[id]
	}
	return full
}

// lists returns the members of each dimension of an instance.
func (s *system) lists(in *instance) [][]int32 {
	lists := make([][]int32, len(in.dimensions))
	for i, dimension := range in.dimensions {
		lists[i] = s.dimension(dimension).all()
	}
	return lists
}

// combine calls fn with every combination of the members in some lists.
func combine(lists [][]int32, fn func(key)) {
	k := emptyKey
	var from func(i int)
	from = func(i int) {
		if i == len(lists) {
			fn(k)
			return
		}
		for _, m := range lists[i] {
			k[i] = m
			from(i + 1)
		}
	}
	from(0)
}

// instance returns a table in a period; nil if it is not published.
func (s *system) instance(id, period string) *instance {
	for _, in := range s.instances {
		if in.ID == id && in.period == period {
			return in
		}
	}
	return nil
}

// way leads from the cells of the parts to those of the total.
type way struct {
	take    []int      // position in the key of the parts, of each dimension of the total
	through []*members // where the total has what follows from that dimension
	fixed   []int32    // member of a margin; none elsewhere
	margin  []int      // positions at which the parts themselves must not be the margin
}

// way finds how the parts of a sum lead to its total.
func (s *system) way(sum datasets.Sum, total, parts *instance) way {
	w := way{take: make([]int, len(total.dimensions)), through: make([]*members, len(total.dimensions)), fixed: make([]int32, len(total.dimensions))}
	for i, dimension := range total.dimensions {
		w.fixed[i], w.take[i] = none, parts.position(dimension)
		switch {
		case sum.Total == sum.Parts && total.Margin[dimension] != "":
			w.fixed[i] = s.dimension(dimension).id(total.Margin[dimension])
			w.margin = append(w.margin, i)
		case w.take[i] < 0:
			w.through[i] = s.child(dimension)
			w.take[i] = parts.position(s.layout.parents[dimension])
		}
	}
	return w
}

// of returns the key of the total of a cell of the parts.
func (w way) of(k key) key {
	out := emptyKey
	for i, from := range w.take {
		switch {
		case w.fixed[i] != none:
			out[i] = w.fixed[i]
		case w.through[i] != nil:
			out[i] = w.through[i].parent[k[from]]
		default:
			out[i] = k[from]
		}
	}
	return out
}

// isPart tells whether a cell of the table is a part, not a margin.
func (w way) isPart(k key) bool {
	for _, i := range w.margin {
		if k[i] == w.fixed[i] {
			return false
		}
	}
	return true
}
