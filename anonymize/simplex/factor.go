package simplex

import "math"

const (
	tiny      = 1e-20 // what is smaller counts as zero in a solution
	cancelled = 1e-15 // a difference smaller than this times its terms counts as zero
	tinyPivot = 1e-10 // no pivot of the factorisation is smaller
	threshold = 0.1   // a pivot is no smaller than this times the largest of its row
	searched  = 4     // lists that the search of a pivot looks at
)

type entry struct {
	at int32
	v  float64
}

// factor is the LU factorisation of a basis matrix: B = L·R⁻¹·U, where R is the product
// of the row etas of later updates. Rows and columns go by the same numbers: the column
// at place r is the one whose pivot is in row r.
type factor struct {
	m int
	// U without its diagonal, by rows and by columns.
	urow, ucol [][]entry
	diag       []float64
	// order lists the pivots, −1 where one has moved; place is its inverse.
	order, place []int32
	// L as column etas in the order of pivots; and by rows, last pivot first.
	lower  etas
	lowerT etas
	// Row etas of the updates.
	rowEtas etas
	updates int
	work    []float64
	active  active
}

// etas are elementary matrices: the unit matrix but for one column (or row), head.
type etas struct {
	head    []int32
	start   []int32
	entries []entry
}

func (e *etas) reset() {
	e.head, e.entries = e.head[:0], e.entries[:0]
	e.start = append(e.start[:0], 0)
}

// close makes the entries appended since the last close an eta of head.
func (e *etas) close(head int32) {
	if int(e.start[len(e.start)-1]) == len(e.entries) {
		return
	}
	e.head = append(e.head, head)
	e.start = append(e.start, int32(len(e.entries)))
}

func (e *etas) at(k int) []entry { return e.entries[e.start[k]:e.start[k+1]] }

// factorise computes the factors of the basis of the columns in basis.
//
// Result: basis in the order of pivots, so that basis[r] has its pivot in row r; and
// the number of columns that depended on others and were replaced by artificial ones.
//
// Source: Markowitz, The elimination form of the inverse, 1957; Suhl and Suhl,
// Computing sparse LU factorizations for large-scale linear programming bases, 1990.
//
// Notes: a singleton column or row is the first choice, so a triangular part costs
// nothing; columns that depend on others are found by their pivots, ≤ tinyPivot.
func (f *factor) factorise(a *matrix, basis []int32) int {
	replaced := 0
	for {
		f.reset(a.rows)
		f.active.load(f, a, basis)
		for {
			r, c := f.active.choose(f)
			if r < 0 {
				break
			}
			f.pivot(r, c)
		}
		if len(f.order) == f.m {
			break
		}
		if replaced += f.repair(basis); replaced > f.m {
			for i := range basis { // the numbers are too large to compute with
				basis[i] = artificial(int32(i))
			}
		}
	}
	f.finish(basis)
	return replaced
}

func (f *factor) reset(m int) {
	if f.m != m || f.urow == nil {
		f.m = m
		f.urow, f.ucol = make([][]entry, m), make([][]entry, m)
		f.diag, f.work, f.place = make([]float64, m), make([]float64, m), make([]int32, m)
		f.active.resize(m)
	}
	for i := range m {
		f.urow[i], f.ucol[i] = f.urow[i][:0], f.ucol[i][:0]
	}
	f.order, f.updates = f.order[:0], 0
	f.lower.reset()
	f.lowerT.reset()
	f.rowEtas.reset()
}

// pivot eliminates column c by row r.
func (f *factor) pivot(r, c int32) {
	a := &f.active
	row := f.urow[r]
	k := find(row, c)
	p := row[k].v
	row[k] = row[len(row)-1]
	row = row[:len(row)-1]
	f.urow[r] = row
	a.rowList.remove(r)
	a.colList.remove(c)
	for _, e := range row {
		a.cols[e.at] = without(a.cols[e.at], r)
		f.work[e.at] = e.v
	}
	for _, i := range a.cols[c] {
		if i == r {
			continue
		}
		k := find(f.urow[i], c)
		t := f.urow[i][k].v / p
		last := len(f.urow[i]) - 1
		f.urow[i][k] = f.urow[i][last]
		f.urow[i] = f.urow[i][:last]
		f.lower.entries = append(f.lower.entries, entry{i, t})
		if len(row) > 0 {
			f.subtract(i, t, row)
		}
		a.rowList.move(i, len(f.urow[i]))
	}
	f.lower.close(r)
	for _, e := range row {
		f.work[e.at] = 0
		a.colList.move(e.at, len(a.cols[e.at]))
	}
	f.diag[r] = p
	a.rowOf[c] = r
	f.place[r] = int32(len(f.order))
	f.order = append(f.order, r)
}

// subtract takes t times the pivot row, which is also in work, from row i.
func (f *factor) subtract(i int32, t float64, pivot []entry) {
	a := &f.active
	row := f.urow[i]
	for k := 0; k < len(row); {
		c := row[k].at
		w := f.work[c]
		if w == 0 {
			k++
			continue
		}
		a.seen[c] = true
		row[k].v -= t * w
		if math.Abs(row[k].v) <= cancelled*math.Abs(t*w) {
			row[k] = row[len(row)-1]
			row = row[:len(row)-1]
			a.cols[c] = without(a.cols[c], i)
			continue
		}
		k++
	}
	for _, e := range pivot {
		if a.seen[e.at] {
			a.seen[e.at] = false
			continue
		}
		row = append(row, entry{e.at, -t * e.v})
		a.cols[e.at] = append(a.cols[e.at], i)
	}
	f.urow[i] = row
}

// repair puts artificial columns in the places of the columns without a pivot.
func (f *factor) repair(basis []int32) int {
	a := &f.active
	var rows []int32
	for i := range int32(f.m) {
		if a.rowList.has(i) {
			rows = append(rows, i)
		}
	}
	n := 0
	for c := range int32(f.m) {
		if a.colList.has(c) {
			basis[c] = artificial(rows[n])
			n++
		}
	}
	return n
}

// finish turns column numbers into those of their pivot rows.
func (f *factor) finish(basis []int32) {
	a := &f.active
	a.old = append(a.old[:0], basis...)
	for c, r := range a.rowOf {
		basis[r] = a.old[c]
	}
	for _, r := range f.order {
		for k := range f.urow[r] {
			e := &f.urow[r][k]
			e.at = a.rowOf[e.at]
			f.ucol[e.at] = append(f.ucol[e.at], entry{r, e.v})
		}
	}
	f.transposeLower()
}

// transposeLower lists L by rows.
func (f *factor) transposeLower() {
	count := f.active.count
	clear(count)
	for _, e := range f.lower.entries {
		count[e.at]++
	}
	t := &f.lowerT
	for k := len(f.order) - 1; k >= 0; k-- {
		if r := f.order[k]; count[r] > 0 {
			t.head = append(t.head, r)
			from := t.start[len(t.start)-1]
			t.start = append(t.start, from+count[r])
			count[r] = from
		}
	}
	t.entries = append(t.entries[:0], f.lower.entries...)
	for k, head := range f.lower.head {
		for _, e := range f.lower.at(k) {
			t.entries[count[e.at]] = entry{head, e.v}
			count[e.at]++
		}
	}
}

func find(row []entry, c int32) int {
	for k := range row {
		if row[k].at == c {
			return k
		}
	}
	return -1
}

func without(list []int32, i int32) []int32 {
	for k := range list {
		if list[k] == i {
			list[k] = list[len(list)-1]
			return list[:len(list)-1]
		}
	}
	return list
}
