package problem

import "math/bits"

// layout packs the codes of a combination, one per dimension, into one number. The
// first dimension of its order stands highest, so that combinations sort by codes as
// first met.
type layout struct {
	shift []uint
	mask  []uint64
}

// newLayout gives each dimension the bits that its codes need. It returns false if
// they are more than 64 together.
func newLayout(dims []*dimension, order []int) (l layout, ok bool) {
	l = layout{shift: make([]uint, len(dims)), mask: make([]uint64, len(dims))}
	var used uint
	for i := len(order) - 1; i >= 0; i-- {
		dim := order[i]
		width := uint(bits.Len(uint(len(dims[dim].codes) - 1)))
		l.shift[dim], l.mask[dim] = used, 1<<width-1
		if used += width; used > 64 {
			return l, false
		}
	}
	return l, true
}

// code returns the code of a combination in one dimension.
func (l layout) code(key uint64, dim int) uint32 {
	return uint32(key >> l.shift[dim] & l.mask[dim])
}

// with returns the combination with another code in one dimension.
func (l layout) with(key uint64, dim int, code uint32) uint64 {
	return key&^(l.mask[dim]<<l.shift[dim]) | uint64(code)<<l.shift[dim]
}
