package protect

import "math"

// setPrices gives each variable the price of its cells: what readers lose with them.
func (s *system) setPrices() {
	price := s.price()
	for v, cells := range s.cells {
		for _, c := range cells {
			s.cost[v] += price(int(c))
		}
	}
}

// price counts a cell as one, and more if its value is large against the mean:
// readers lose a cell, and they lose what is in it. Where levels are asked for, large
// cells are dear enough that a mask of a few more, smaller cells wins; otherwise the
// value only decides between masks of about as many cells.
func (s *system) price() func(int) float64 {
	cells := s.problem.Cells
	if len(s.problem.Measures) == 0 {
		return func(int) float64 { return 1 }
	}
	sum, weight := 0.0, 0.001
	for i := range cells {
		sum += math.Abs(float64(cells[i].Values[0]))
		if cells[i].Levels != nil && cells[i].Sensitive {
			weight = 8
		}
	}
	mean := max(sum/float64(max(len(cells), 1)), 1)
	return func(c int) float64 {
		if cells[c].Price > 0 {
			return cells[c].Price
		}
		return 1 + weight*math.Abs(float64(cells[c].Values[0]))/mean
	}
}
