package audit

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// TestAmounts: for measures that are not whole, linear programming in fractions is the
// whole truth; every secret that it finds wide enough has an exact witness.
func TestAmounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := linked(t)
		scale := rapid.SampledFrom([]int64{1, 7, 1000, 123457, 1e9 + 7, 1e12}).Draw(t, "scale")
		p.Measures[0].Whole = false
		hidden := make([]bool, len(p.Cells))
		for i := range p.Cells {
			c := &p.Cells[i]
			c.Values[0] *= scale
			hidden[i] = rapid.Bool().Draw(t, "hidden")
			c.Sensitive = hidden[i] && rapid.Bool().Draw(t, "sensitive")
			l := c.Values[0] / rapid.SampledFrom([]int64{10, 3, 2}).Draw(t, "part")
			c.Levels = []tabular.Level{{Down: l, Up: l, Either: rapid.Bool().Draw(t, "either")}}
		}
		r, err := Check(p, hidden, Options{Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		at := map[int32]Kind{}
		for _, f := range r.Faults {
			at[f.Cell] = f.Kind
		}
		a := attacker{p: &p}
		s := newSystem(&p, hidden)
		b := newBounds(s, a)
		for u, i := range s.cells {
			c := &p.Cells[i]
			if !c.Sensitive {
				continue
			}
			k := s.parts[s.place[u]]
			g := newRegion(s, b, 0, k.unknowns, math.Inf(1))
			lo, hi, ok := g.interval(int(s.local[u]))
			if !ok {
				t.Fatal("program is not solved")
			}
			l, tolerance := c.Levels[0], 1e-7*float64(scale)
			good := !misses(l, lo <= tolerance-float64(l.Down), hi >= float64(l.Up)-tolerance) && hi-lo > tolerance
			if _, fault := at[i]; fault == good {
				t.Fatalf("cell %d = %d, moves %v..%v, level %+v: audit says %q", i, c.Values[0], lo, hi, l, at[i])
			}
			if at[i] == Unproven {
				t.Fatalf("cell %d is unproven", i)
			}
		}
	})
}
