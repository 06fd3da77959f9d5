package protect

import "slices"

// matrix is a set of equations by rows and by columns.
type matrix struct {
	rows    []row
	columns [][]place
}

// place is where a column stands, with its coefficient.
type place struct {
	row   int32
	value uint64
}

func newMatrix(rows []row, columns int) *matrix {
	m := &matrix{rows: rows, columns: make([][]place, columns)}
	count := make([]int32, columns)
	total := 0
	for _, r := range rows {
		for _, x := range r {
			count[x.column]++
		}
		total += len(r)
	}
	space := make([]place, total)
	for c, n := range count {
		m.columns[c], space = space[:0:n], space[n:]
	}
	for i, r := range rows {
		for _, x := range r {
			m.columns[x.column] = append(m.columns[x.column], place{row: int32(i), value: x.value})
		}
	}
	return m
}

// dependencies are the ways in which the rows of a matrix add up to nothing: a matrix
// whose rows are those ways and whose columns are the rows.
func (m *matrix) dependencies() *matrix {
	n := len(m.columns)
	rows := make([]row, len(m.rows))
	chosen := make([]bool, n+len(m.rows))
	for i, r := range m.rows {
		rows[i] = append(slices.Clone(r), entry{column: int32(n + i), value: 1})
	}
	for c := range n {
		chosen[c] = true
	}
	_, left := eliminate(rows, len(chosen), chosen)
	for i := range left {
		for k := range left[i] {
			left[i][k].column -= int32(n)
		}
	}
	return newMatrix(left, len(m.rows))
}

// less is a row less a multiple of another.
func (r row) less(other row, factor uint64) row {
	sum := make(row, 0, len(r)+len(other))
	minus := negMod(factor)
	i, j := 0, 0
	for i < len(r) || j < len(other) {
		switch {
		case j == len(other) || i < len(r) && r[i].column < other[j].column:
			sum = append(sum, r[i])
			i++
		case i == len(r) || other[j].column < r[i].column:
			sum = append(sum, entry{column: other[j].column, value: mulMod(minus, other[j].value)})
			j++
		default:
			if v := addMod(r[i].value, mulMod(minus, other[j].value)); v != 0 {
				sum = append(sum, entry{column: r[i].column, value: v})
			}
			i++
			j++
		}
	}
	return sum
}
