package protect

// settling says that a column takes up the imbalance of a row at a cost.
type settling struct {
	cost        float64
	row, column int32
}

func (a settling) before(b settling) bool {
	switch {
	case a.cost != b.cost:
		return a.cost < b.cost
	case a.row != b.row:
		return a.row < b.row
	default:
		return a.column < b.column
	}
}

// queue is a heap of settlings, the cheapest first; container/heap would allocate each.
type queue []settling

func (q *queue) push(x settling) {
	*q = append(*q, x)
	h, i := *q, len(*q)-1
	for i > 0 {
		up := (i - 1) / 2
		if !h[i].before(h[up]) {
			return
		}
		h[i], h[up] = h[up], h[i]
		i = up
	}
}

func (q *queue) pop() settling {
	h := *q
	first, last := h[0], len(h)-1
	h[0] = h[last]
	h = h[:last]
	*q = h
	for i := 0; ; {
		down := 2*i + 1
		if down >= last {
			return first
		}
		if down+1 < last && h[down+1].before(h[down]) {
			down++
		}
		if !h[down].before(h[i]) {
			return first
		}
		h[i], h[down] = h[down], h[i]
		i = down
	}
}
