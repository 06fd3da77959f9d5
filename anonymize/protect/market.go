package protect

// market says what columns cost a circuit.
type market struct {
	free   []bool    // hidden columns
	price  []float64 // of hiding another column, > 0
	frugal bool      // only free columns are to be had
}

// step is what a free column costs: short circuits are preferred.
const step = 1.0 / 512

// cost is what a circuit pays for a column.
func (m *market) cost(c int32) float64 {
	if m.free[c] {
		return step
	}
	return m.price[c] + step
}
