package protect

import (
	"fmt"
	"slices"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// Options say how to protect.
type Options struct {
	// ZerosKnown: a reader knows each zero, hence that other counts are one at least.
	ZerosKnown bool
	// Hidden cells are not published whatever is decided, though no rule hides them.
	Hidden []bool
	// Price is what readers lose with a cell, > 0; nil: each cell alike.
	Price func(cell int) float64
	// Rounds of improvement for each secondary.
	Rounds int
}

// Mask says which cells are not published.
type Mask struct {
	Hidden []bool
	// Unmet is the number of needs for which no mask was found.
	Unmet int
}

// Protect chooses the cells to hide besides those that are sensitive by themselves.
func Protect(p *tabular.Problem, o Options) Mask {
	s := newSystem(p)
	s.setPrices(o)
	hidden := slices.Clone(s.hidden)
	var needs []need
	var chosen []bool
	unmet := 0
	for turn := range 30 {
		a := newAttacker(s, hidden, o)
		more := a.needs()
		if Debug {
			kinds := map[string]int{}
			for _, k := range more {
				switch {
				case k.choices != nil:
					kinds["remainder"]++
				case len(k.avoid) == 0:
					kinds["determined"]++
				default:
					kinds["learnt"]++
				}
			}
			fmt.Println("turn", turn, "more needs", kinds, "needs", len(needs), "unmet", unmet)
		}
		if len(more) == 0 {
			break
		}
		needs = append(needs, more...)
		hidden, chosen, unmet = s.solve(needs, chosen, o)
		o.Rounds = 0
	}
	return Mask{Hidden: s.mask(hidden, o), Unmet: unmet}
}

// Debug prints.
var Debug bool

func (s *system) setPrices(o Options) {
	for v, cells := range s.cells {
		for _, c := range cells {
			if o.Hidden != nil && o.Hidden[c] {
				s.hidden[v] = true
			}
			if o.Price != nil {
				s.cost[v] += o.Price(int(c))
			} else {
				s.cost[v]++
			}
		}
	}
}

// solve hides secondaries so that all needs are met.
func (s *system) solve(needs []need, chosen []bool, o Options) ([]bool, []bool, int) {
	n := len(s.cells)
	contracted := slices.Clone(s.hidden)
	for _, k := range needs {
		if k.choices == nil {
			contracted[k.column] = false
		}
		for _, c := range k.avoid {
			contracted[c] = false
		}
	}
	_, left := eliminate(s.rows(func(int32) bool { return true }), n, contracted)
	f := newSearch(newMatrix(left, n), s.cost, s.hidden, needs, 1)
	for c := range chosen {
		if chosen[c] {
			f.choose(int32(c), true)
		}
	}
	unmet := f.start()
	f.improve(o.Rounds * len(f.secondaries()))
	hidden := slices.Clone(s.hidden)
	for c, x := range f.chosen {
		hidden[c] = hidden[c] || x
	}
	return hidden, f.chosen, len(unmet)
}

func (s *system) mask(hidden []bool, o Options) []bool {
	m := make([]bool, len(s.problem.Cells))
	for c, v := range s.variable {
		if v >= 0 {
			m[c] = hidden[v]
		} else {
			m[c] = s.problem.Cells[c].Sensitive
		}
	}
	return m
}
