package audit

import "github.com/parvis-opendata/parvis/anonymize/tabular"

// few hidden counts are seen through at a glance.
const few = 3

// glance finds equations whose total is known and whose few unknown members are all at
// the least value that they can have if none is zero; and counts what a reader could do
// with that knowledge in all equations together.
func (x *examination) glance(r *Report) {
	known := attacker{p: x.p, nonZero: true}
	for i := range x.p.Equations {
		e := &x.p.Equations[i]
		if x.unknown(e.Total) {
			continue
		}
		var members []int32
		for _, c := range e.Members {
			if x.unknown(c) {
				members = append(members, x.s.number[c])
			}
		}
		if n := len(members); n < 1 || n > few {
			continue
		}
		for m := range x.p.Measures {
			if x.least(known, m, members) {
				for _, u := range members {
					if x.sensitive[u] && !x.empty(u, m) {
						x.fault(r, Pinned, u, m)
					}
				}
			}
		}
	}
	b := newBounds(x.s, known)
	for _, k := range x.active {
		b.part(x.s.parts[k])
	}
	for u := range x.s.cells {
		for m := range x.p.Measures {
			if x.sensitive[u] && b.lo[m][u] == b.hi[m][u] && !x.empty(int32(u), m) {
				r.IfNotZero++
				break
			}
		}
	}
}

// least says whether all values are the least that they can be.
func (x *examination) least(a attacker, measure int, members []int32) bool {
	m := &x.p.Measures[measure]
	if m.Distinct || !m.Whole || m.Lower == tabular.NoBound || m.Lower < 0 {
		return false
	}
	for _, u := range members {
		if c := x.s.cells[u]; x.p.Cells[c].Values[measure] != a.lower(c, measure) {
			return false
		}
	}
	return true
}

// unknown says whether a cell cannot be told.
func (x *examination) unknown(c int32) bool {
	u := x.s.number[c]
	return u >= 0 && (x.sensitive[u] || !x.fixed[u])
}
