package audit

// empty says whether a figure is a zero at its bound in a cell where another figure says
// who stands behind it: one that is not zero, or the first if all are. To learn that
// zero is to learn that nobody brought anything, of somebody who stays secret.
func (x *examination) empty(u int32, measure int) bool {
	m := &x.p.Measures[measure]
	c := &x.p.Cells[x.s.cells[u]]
	if m.Distinct || m.Lower != 0 || c.Values[measure] != 0 || !loose(level(c, measure)) {
		return false
	}
	return x.behind(u, measure, func(int) bool { return true })
}

// behind says whether a figure that says who stands behind the cell, other than that of
// a measure, is one that counts.
func (x *examination) behind(u int32, measure int, counts func(other int) bool) bool {
	values := x.p.Cells[x.s.cells[u]].Values
	first, all := none, true
	for k := range x.p.Measures {
		if x.p.Measures[k].Distinct {
			continue
		}
		if first == none {
			first = k
		}
		if values[k] != 0 {
			all = false
			if k != measure && counts(k) {
				return true
			}
		}
	}
	return all && first != measure && counts(first)
}

// zeros counts the zeros that may be told, because what says who stands behind the cell
// is free, and returns the others.
func (x *examination) zeros(r *Report, secrets []secret) []secret {
	var left []secret
	for _, s := range secrets {
		if x.behind(s.unknown, s.measure, func(k int) bool { return x.v.proven[k][s.unknown] }) {
			r.Zeros++
			x.told[s.measure][s.unknown] = true
			continue
		}
		left = append(left, s)
	}
	return left
}
