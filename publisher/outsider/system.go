package outsider

import (
	"fmt"
	"math"
	"strings"
)

// system is what a reader knows of one period, or of a year and its months: cells with
// bounds on their quantities, and the equations between them.
type system struct {
	layout    *layout
	period    string
	members   map[string]*members
	instances []*instance
	cells     []cell
	funded    []int32 // where the funders' quantities of a cell stand; none for other cells
	printed   []uint32
	price     []int64 // as printed, hundredths; only if printed
	duration  []int64
	lo, hi    [][]int64 // by quantity and cell
	sums      []*sumGroup
	// failure is the first contradiction that was met.
	failure  string
	unplaced int // known figures that fit no cell
}

// instance is a table in one period.
type instance struct {
	*table
	period string
	cells  map[key]int32
}

// cell is a figure of a table; its row is listed or not.
type cell struct {
	instance int32
	listed   bool
	lump     bool // of members that no table lists
	key      key
}

// infinite is a bound that is none.
const infinite = math.MaxInt64 / 4

// notPrinted stands for a null.
const notPrinted = math.MinInt64

func newSystem(l *layout, period string) *system {
	n := len(l.quantities)
	return &system{layout: l, period: period, members: map[string]*members{}, lo: make([][]int64, n), hi: make([][]int64, n)}
}

// add adds a cell of which nothing is known.
func (s *system) add(in int32, k key, listed bool) int32 {
	id := int32(len(s.cells))
	s.instances[in].cells[k] = id
	c := cell{instance: in, key: k, listed: listed}
	if p := s.instances[in].position(open); p >= 0 {
		c.lump = s.dimension(open).isLump(k[p])
	}
	s.cells = append(s.cells, c)
	s.printed = append(s.printed, 0)
	s.price, s.duration = append(s.price, notPrinted), append(s.duration, notPrinted)
	for q := range baseQuantities {
		s.lo[q], s.hi[q] = append(s.lo[q], 0), append(s.hi[q], infinite)
	}
	s.funded = append(s.funded, none)
	if s.instances[in].hasFunders(s.layout) {
		s.funded[id] = int32(len(s.lo[baseQuantities]))
		for q := baseQuantities; q < len(s.lo); q++ {
			s.lo[q], s.hi[q] = append(s.lo[q], 0), append(s.hi[q], infinite)
		}
	}
	return id
}

func (t *table) hasFunders(l *layout) bool {
	for q := baseQuantities; q < len(l.quantities); q++ {
		if t.fields[q] {
			return true
		}
	}
	return false
}

// at returns where a quantity of a cell stands in lo and hi.
func (s *system) at(q int, id int32) int32 {
	if q < baseQuantities {
		return id
	}
	return s.funded[id]
}

// print notes a printed figure.
func (s *system) print(id int32, field int, value int64) {
	if value == notPrinted {
		return
	}
	s.printed[id] |= 1 << field
	switch field {
	case price:
		s.price[id] = value
	case duration:
		s.duration[id] = value
	default:
		s.narrow(field, id, value, value)
	}
}

// isPrinted tells whether a field of a cell is printed, or known from elsewhere.
func (s *system) isPrinted(id int32, field int) bool { return s.printed[id]&(1<<field) != 0 }

// narrow takes a quantity of a cell to be within bounds, and tells whether that says
// anything new. What cannot be is kept as a failure.
func (s *system) narrow(q int, id int32, lo, hi int64) bool {
	i := s.at(q, id)
	moved := false
	if lo > s.lo[q][i] {
		s.lo[q][i], moved = lo, true
	}
	if hi < s.hi[q][i] {
		s.hi[q][i], moved = hi, true
	}
	if s.lo[q][i] > s.hi[q][i] {
		s.failf("%s of %s", s.layout.quantities[q].field, s.describe(id))
	}
	return moved
}

// fixed tells whether a quantity of a cell has one value left.
func (s *system) fixed(q int, id int32) bool {
	i := s.at(q, id)
	return s.lo[q][i] == s.hi[q][i]
}

func (s *system) failf(format string, args ...any) {
	if s.failure == "" {
		s.failure = fmt.Sprintf(format, args...)
	}
}

// describe names a cell by its table and members.
func (s *system) describe(id int32) string {
	c := s.cells[id]
	in := s.instances[c.instance]
	parts := []string{in.ID, in.period}
	for i, dimension := range in.dimensions {
		var values []string
		for _, v := range s.dimension(dimension).values(c.key[i]) {
			if v != nil {
				values = append(values, strings.ReplaceAll(*v, lump, "not listed: "))
			}
		}
		parts = append(parts, dimension+"="+strings.Join(values, ","))
	}
	return strings.Join(parts, " ")
}

// find returns the cell of an instance with the given key; none if there is none.
func (in *instance) find(k key) int32 {
	if id, ok := in.cells[k]; ok {
		return id
	}
	return none
}
