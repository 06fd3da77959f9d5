package simplex

import "math"

// active is the part of the matrix that is not eliminated yet, and the workspace of the
// factorisation. The rows themselves are in factor.urow, where they stay as rows of U.
type active struct {
	cols             [][]int32 // rows of each column
	rowList, colList buckets
	rowOf            []int32 // pivot row of each column
	old, count       []int32
	seen             []bool
}

func (a *active) resize(m int) {
	a.cols = make([][]int32, m)
	a.rowList.resize(m)
	a.colList.resize(m)
	a.rowOf, a.count = make([]int32, m), make([]int32, m)
	a.seen = make([]bool, m)
}

func (a *active) load(f *factor, m *matrix, basis []int32) {
	for c, j := range basis {
		a.cols[c] = a.cols[c][:0]
		if j < 0 {
			i := -1 - j
			f.urow[i] = append(f.urow[i], entry{int32(c), 1})
			a.cols[c] = append(a.cols[c], i)
			continue
		}
		index, value := m.column(j)
		for k, i := range index {
			f.urow[i] = append(f.urow[i], entry{int32(c), value[k]})
		}
		a.cols[c] = append(a.cols[c], index...)
	}
	a.rowList.clear()
	a.colList.clear()
	for i := f.m - 1; i >= 0; i-- {
		a.rowList.insert(int32(i), len(f.urow[i]))
		a.colList.insert(int32(i), len(a.cols[i]))
	}
}

// choose returns the row and column of the next pivot, −1 if there is none.
func (a *active) choose(f *factor) (row, col int32) {
	row, col = -1, -1
	best, looked := math.MaxInt, 0
	for n := 1; n <= f.m; n++ {
		for c := a.colList.first(n); c >= 0; c = a.colList.next[c] {
			if r, cost := a.inColumn(f, c); r >= 0 && cost < best {
				row, col, best = r, c, cost
			}
			if looked++; row >= 0 && (best <= (n-1)*(n-1) || looked >= searched) {
				return row, col
			}
		}
		for r := a.rowList.first(n); r >= 0; r = a.rowList.next[r] {
			if c, cost := a.inRow(f, r); c >= 0 && cost < best {
				row, col, best = r, c, cost
			}
			if looked++; row >= 0 && (best <= n*(n-1) || looked >= searched) {
				return row, col
			}
		}
	}
	return row, col
}

// inColumn returns the best row of a column and its Markowitz cost.
func (a *active) inColumn(f *factor, c int32) (row int32, best int) {
	row, best = -1, math.MaxInt
	n := len(a.cols[c]) - 1
	for _, i := range a.cols[c] {
		cost := n * (len(f.urow[i]) - 1)
		if cost >= best {
			continue
		}
		v, largest := 0.0, 0.0
		for _, e := range f.urow[i] {
			largest = max(largest, math.Abs(e.v))
			if e.at == c {
				v = math.Abs(e.v)
			}
		}
		if v > tinyPivot && (n == 0 || v >= threshold*largest) {
			row, best = i, cost
		}
	}
	return row, best
}

// inRow returns the best column of a row and its Markowitz cost.
func (a *active) inRow(f *factor, r int32) (col int32, best int) {
	col, best = -1, math.MaxInt
	n := len(f.urow[r]) - 1
	largest := 0.0
	for _, e := range f.urow[r] {
		largest = max(largest, math.Abs(e.v))
	}
	for _, e := range f.urow[r] {
		cost := n * (len(a.cols[e.at]) - 1)
		if v := math.Abs(e.v); cost < best && v > tinyPivot && v >= threshold*largest {
			col, best = e.at, cost
		}
	}
	return col, best
}

// buckets are lists of items by count.
type buckets struct {
	head, next, prev, size []int32 // size −1: not listed
}

func (b *buckets) resize(m int) {
	b.head = make([]int32, m+1)
	b.next, b.prev, b.size = make([]int32, m), make([]int32, m), make([]int32, m)
}

func (b *buckets) clear() {
	for i := range b.head {
		b.head[i] = -1
	}
	for i := range b.size {
		b.size[i] = -1
	}
}

func (b *buckets) first(n int) int32   { return b.head[n] }
func (b *buckets) has(i int32) bool    { return b.size[i] >= 0 }
func (b *buckets) move(i int32, n int) { b.remove(i); b.insert(i, n) }
func (b *buckets) insert(i int32, n int) {
	b.size[i], b.prev[i], b.next[i] = int32(n), -1, b.head[n]
	if b.head[n] >= 0 {
		b.prev[b.head[n]] = i
	}
	b.head[n] = i
}

func (b *buckets) remove(i int32) {
	if b.prev[i] >= 0 {
		b.next[b.prev[i]] = b.next[i]
	} else {
		b.head[b.size[i]] = b.next[i]
	}
	if b.next[i] >= 0 {
		b.prev[b.next[i]] = b.prev[i]
	}
	b.size[i] = -1
}
