package protect

import "github.com/parvis-opendata/parvis/anonymize/tabular"

// unbounded stands for no upper bound.
const unbounded = int64(1) << 60

// floor is the bound that an attacker knows of a variable in a measure. Who knows
// every zero knows that a count is one at least.
func (s *system) floor(measure int, v int32, zerosKnown bool) int64 {
	m := s.problem.Measures[measure]
	if m.Lower == tabular.NoBound {
		return -unbounded
	}
	if zerosKnown && m.Whole && m.Lower >= 0 && s.value(measure, v) >= s.unit(measure) {
		return max(m.Lower, s.unit(measure))
	}
	return m.Lower
}

func (s *system) value(measure int, v int32) int64 {
	return s.problem.Cells[s.cells[v][0]].Values[measure]
}

// unit is one, in the units of a measure.
func (s *system) unit(measure int) int64 {
	one := int64(1)
	for range s.problem.Measures[measure].Decimals {
		one *= 10
	}
	return one
}

// slack is how far the members of an equation that are hidden can fall together
// before all are at their bounds, if the total is known; 0 means that they are
// pinned.
func (s *system) slack(measure int, hidden []int32, zerosKnown bool) int64 {
	sum := int64(0)
	for _, v := range hidden {
		f := s.floor(measure, v, zerosKnown)
		if f == -unbounded {
			return unbounded
		}
		sum += s.value(measure, v) - f
	}
	return sum
}
