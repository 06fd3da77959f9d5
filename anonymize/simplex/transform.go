package simplex

// ftran solves B·x = v in place and lists the nonzeros; if spike is not nil it keeps the
// column as it is before U, which an update needs.
//
// Source: Koberstein, The Dual Simplex Method, 2005, section 5.2.
func (f *factor) ftran(v, spike *vector) {
	x := v.val
	for k, head := range f.lower.head {
		if t := x[head]; t != 0 {
			for _, e := range f.lower.at(k) {
				x[e.at] -= t * e.v
			}
		}
	}
	for k, head := range f.rowEtas.head {
		t := x[head]
		for _, e := range f.rowEtas.at(k) {
			t -= e.v * x[e.at]
		}
		x[head] = t
	}
	if spike != nil {
		spike.clear()
		for i, t := range x {
			if t > tiny || t < -tiny {
				spike.val[i] = t
				spike.nz = append(spike.nz, int32(i))
			}
		}
	}
	v.nz = v.nz[:0]
	for k := len(f.order) - 1; k >= 0; k-- {
		r := f.order[k]
		if r < 0 {
			continue
		}
		t := x[r]
		if t == 0 {
			continue
		}
		if t < tiny && t > -tiny {
			x[r] = 0
			continue
		}
		t /= f.diag[r]
		x[r] = t
		v.nz = append(v.nz, r)
		for _, e := range f.ucol[r] {
			x[e.at] -= t * e.v
		}
	}
}

// btran solves Bᵀ·y = v in place and lists the nonzeros. No nonzero of v comes before
// the pivot of row first; −1 if nothing is known.
func (f *factor) btran(v *vector, first int32) {
	x := v.val
	from := int32(0)
	if first >= 0 {
		from = f.place[first]
	}
	for _, r := range f.order[from:] {
		if r < 0 {
			continue
		}
		t := x[r]
		if t == 0 {
			continue
		}
		if t < tiny && t > -tiny {
			x[r] = 0
			continue
		}
		t /= f.diag[r]
		x[r] = t
		for _, e := range f.urow[r] {
			x[e.at] -= t * e.v
		}
	}
	for k := len(f.rowEtas.head) - 1; k >= 0; k-- {
		if t := x[f.rowEtas.head[k]]; t != 0 {
			for _, e := range f.rowEtas.at(k) {
				x[e.at] -= t * e.v
			}
		}
	}
	for k, head := range f.lowerT.head {
		if t := x[head]; t != 0 {
			for _, e := range f.lowerT.at(k) {
				x[e.at] -= t * e.v
			}
		}
	}
	v.relist()
}

// update replaces the column at place p by the one whose spike ftran kept.
//
// Inputs: pivot is the element in row p of B⁻¹ times the new column.
//
// Result: false if the new diagonal does not agree with pivot; then the factors must
// not be used any more.
//
// Source: Forrest and Tomlin, Updated triangular factors of the basis to maintain
// sparsity in the product form simplex method, 1972.
func (f *factor) update(p int32, spike *vector, pivot float64) bool {
	expected := pivot * f.diag[p]
	for _, e := range f.ucol[p] {
		f.urow[e.at] = drops(f.urow[e.at], p)
	}
	last := f.place[p]
	for _, e := range f.urow[p] {
		f.work[e.at] = e.v
		f.ucol[e.at] = drops(f.ucol[e.at], p)
	}
	diag := spike.val[p]
	if len(f.urow[p]) > 0 {
		for _, j := range f.order[last+1:] {
			if j < 0 || f.work[j] == 0 {
				continue
			}
			t := f.work[j] / f.diag[j]
			f.work[j] = 0
			if t < tiny && t > -tiny {
				continue
			}
			f.rowEtas.entries = append(f.rowEtas.entries, entry{j, t})
			diag -= t * spike.val[j]
			for _, e := range f.urow[j] {
				f.work[e.at] -= t * e.v
			}
		}
	}
	f.rowEtas.close(p)
	f.urow[p], f.ucol[p] = f.urow[p][:0], f.ucol[p][:0]
	for _, i := range spike.nz {
		if i != p {
			f.ucol[p] = append(f.ucol[p], entry{i, spike.val[i]})
			f.urow[i] = append(f.urow[i], entry{p, spike.val[i]})
		}
	}
	f.diag[p] = diag
	f.order[last] = -1
	f.place[p] = int32(len(f.order))
	f.order = append(f.order, p)
	f.updates++
	off := diag - expected
	if off < 0 {
		off = -off
	}
	size := diag
	if size < 0 {
		size = -size
	}
	return size > tinyPivot && off <= 1e-8*size
}

// drops removes the entry at place p.
func drops(row []entry, p int32) []entry {
	k := find(row, p)
	row[k] = row[len(row)-1]
	return row[:len(row)-1]
}
