package joint

import (
	"slices"

	"github.com/parvis-opendata/parvis/anonymize/audit"
)

// widen hides the rows that stand in an equation with a fault of the numbers of files, and
// reports whether that hides any more.
func (q *fundings) widen(p *Period, counts *fundings, faults []audit.Fault, secret []bool) bool {
	wrong := map[int32]bool{}
	for _, f := range faults {
		if f.Cell >= 0 {
			wrong[f.Cell] = true
		}
		if f.Equation >= 0 {
			wrong[counts.Equations[f.Equation].Total] = true
		}
	}
	more := false
	for _, e := range counts.Equations {
		if !wrong[e.Total] && !slices.ContainsFunc(e.Members, func(c int32) bool { return wrong[c] }) {
			continue
		}
		for _, c := range append([]int32{e.Total}, e.Members...) {
			more = q.hideRow(p, int(counts.row[c]), secret, true) || more
		}
	}
	if more {
		q.whole(p, secret)
	}
	return more
}
