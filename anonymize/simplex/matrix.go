package simplex

// matrix is the matrix of the equations, by columns and, once needed, by rows.
type matrix struct {
	rows  int
	start []int32 // of each column, and the end of the last
	index []int32
	value []float64

	rowStart []int32
	rowIndex []int32
	rowValue []float64
}

func (a *matrix) columns() int { return len(a.start) - 1 }

func (a *matrix) add(index []int32, value []float64) {
	for k, i := range index {
		if value[k] != 0 {
			a.index, a.value = append(a.index, i), append(a.value, value[k])
		}
	}
	a.start = append(a.start, int32(len(a.index)))
}

func (a *matrix) column(j int32) ([]int32, []float64) {
	from, to := a.start[j], a.start[j+1]
	return a.index[from:to], a.value[from:to]
}

func (a *matrix) row(i int32) ([]int32, []float64) {
	from, to := a.rowStart[i], a.rowStart[i+1]
	return a.rowIndex[from:to], a.rowValue[from:to]
}

// transpose makes the copy by rows.
func (a *matrix) transpose() {
	a.rowStart = make([]int32, a.rows+1)
	for _, i := range a.index {
		a.rowStart[i+1]++
	}
	for i := range a.rows {
		a.rowStart[i+1] += a.rowStart[i]
	}
	next := append([]int32(nil), a.rowStart...)
	a.rowIndex, a.rowValue = make([]int32, len(a.index)), make([]float64, len(a.index))
	for j := range int32(a.columns()) {
		index, value := a.column(j)
		for k, i := range index {
			a.rowIndex[next[i]], a.rowValue[next[i]] = j, value[k]
			next[i]++
		}
	}
}

// vector is a dense vector with the list of the places that may not be zero.
type vector struct {
	val []float64
	nz  []int32
}

func (v *vector) resize(n int) {
	if len(v.val) != n {
		v.val, v.nz = make([]float64, n), v.nz[:0]
	}
}

func (v *vector) clear() {
	for _, i := range v.nz {
		v.val[i] = 0
	}
	v.nz = v.nz[:0]
}

// add adds t times a sparse column; a place may then be listed twice.
func (v *vector) add(t float64, index []int32, value []float64) {
	for k, i := range index {
		v.val[i] += t * value[k]
		v.nz = append(v.nz, i)
	}
}

// relist lists the places anew, each once.
func (v *vector) relist() {
	v.nz = v.nz[:0]
	for i, x := range v.val {
		if x == 0 {
			continue
		}
		if x < tiny && x > -tiny {
			v.val[i] = 0
			continue
		}
		v.nz = append(v.nz, int32(i))
	}
}
