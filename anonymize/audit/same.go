package audit

// sameFigure numbers the unknowns so that those have the same number that everybody
// sees to be one figure: a total with a single member that is not known to be zero.
func (x *examination) sameFigure() []int32 {
	group := make([]int32, len(x.s.cells))
	for u := range group {
		group[u] = int32(u)
	}
	find := func(u int32) int32 {
		for group[u] != u {
			group[u] = group[group[u]]
			u = group[u]
		}
		return u
	}
	for i := range x.p.Equations {
		e := &x.p.Equations[i]
		total, only, count := x.s.number[e.Total], int32(none), 0
		for _, c := range e.Members {
			if u := x.s.number[c]; u >= 0 {
				only, count = u, count+1
			} else if !x.zero(c) {
				count = 2 // a figure apart, though it is known
			}
		}
		if total >= 0 && count == 1 {
			a, b := find(total), find(only)
			group[max(a, b)] = min(a, b)
		}
	}
	for u := range group {
		group[u] = find(int32(u))
	}
	return group
}

// zero says whether all values of a cell are zero.
func (x *examination) zero(c int32) bool {
	for _, v := range x.p.Cells[c].Values {
		if v != 0 {
			return false
		}
	}
	return true
}
