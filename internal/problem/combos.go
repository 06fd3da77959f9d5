package problem

// maxCells is the largest number of cells of a problem.
const maxCells = 4_000_000

// combos are combinations of codes with their figures, each once.
type combos struct {
	index map[uint64]int32
	key   []uint64
	value []int64
	count []int64
	// largest has width entries per combination, descending, absent at the end.
	width   int
	largest []int64
}

func newCombos(width, room int) *combos {
	return &combos{
		index: make(map[uint64]int32, room), width: width,
		key: make([]uint64, 0, room), value: make([]int64, 0, room), count: make([]int64, 0, room), largest: make([]int64, 0, room*width),
	}
}

// at returns the number of a combination, a new one with zero figures if it is new.
func (c *combos) at(key uint64) (i int32, found bool) {
	if i, found = c.index[key]; found {
		return i, true
	}
	i = int32(len(c.key))
	c.index[key] = i
	c.key, c.value, c.count = append(c.key, key), append(c.value, 0), append(c.count, 0)
	for range c.width {
		c.largest = append(c.largest, absent)
	}
	return i, false
}

// shares returns the largest contributions of a combination.
func (c *combos) shares(i int32) []int64 {
	return c.largest[int(i)*c.width : (int(i)+1)*c.width]
}

// gather adds the figures of one combination to another; contributors are taken to be
// different. It returns false if a sum is too large.
func (c *combos) gather(into, from int32) bool {
	c.value[into] += c.value[from]
	c.count[into] += c.count[from]
	list := c.shares(into)
	for _, share := range c.shares(from) {
		if share == absent {
			break
		}
		for k := range list {
			if share > list[k] {
				share, list[k] = list[k], share
			}
		}
	}
	return size(c.value[into]) <= maxFigure && c.count[into] <= maxFigure
}
