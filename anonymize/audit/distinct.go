package audit

// distincts decides the secrets of a measure that does not add up, with the other
// measures as they are. Of two tables that are possible, the larger figure of each cell
// makes a table that is possible too: what is below a total and above its members stays
// so. So there is a greatest table, also among those in which one cell is small; a secret
// moves up or down if it does in the greatest.
type distincts struct {
	x       *examination
	measure int
	most    tally // the greatest table
}

// newDistincts finds the greatest table of a measure.
func newDistincts(x *examination, measure int) *distincts {
	d := &distincts{x: x, measure: measure, most: tally{x.v, measure, 1, newSheet(x.s)}}
	highest, step := int64(0), x.b.step[measure]
	for i := range x.p.Cells {
		highest = max(highest, x.p.Cells[i].Values[measure]+level(&x.p.Cells[i], measure).Up)
	}
	for u, cell := range x.s.cells {
		high := highest + step
		if k := x.p.Measures[measure].AtMost; k >= 0 {
			high = min(high, x.p.Cells[cell].Values[k])
		}
		d.most.set(int32(u), high-modulo(high, step))
	}
	d.most.lower()
	return d
}

// decide proves the secrets of the measure, or says what is wrong with them.
func (d *distincts) decide(r *Report) {
	x, m := d.x, d.measure
	x.v.accept(d.claims(&d.most))
	free := x.p.Measures[m].AtMost < 0 && len(x.b.below[m]) == 0
	for u := range int32(len(x.s.cells)) {
		if !x.sensitive[u] {
			continue
		}
		r.Secrets++
		if x.done[m][u] {
			continue
		}
		s := secret{u, m, level(&x.p.Cells[x.s.cells[u]], m)}
		if need := s.need(-1, x.b.step[m]); need > 0 && !x.v.proven[m][u] {
			x.v.accept(d.small(u, need))
		}
		switch {
		case x.v.proven[m][u]:
			r.Witnessed++
		case !free:
			x.fault(r, Unproven, u, m)
		case x.v.reached[m][u].moved || len(d.small(u, x.b.step[m])) > 0:
			x.fault(r, Narrow, u, m)
		default:
			x.fault(r, Pinned, u, m)
		}
	}
}

// small makes one figure smaller, in the true table and then in the greatest, and claims
// what that proves.
func (d *distincts) small(u int32, by int64) []claim {
	for _, from := range [][]int32{nil, d.most.list} {
		t := tally{d.x.v, d.measure, 1, d.x.v.sheet}
		t.clear()
		for _, other := range from {
			t.set(other, d.most.value[other])
		}
		t.settled() // either table is possible as it is
		if !t.reduce(d.x.s.cells[u], d.x.b.value[d.measure][u]-by) || !t.lower() {
			continue
		}
		if all := d.claims(&t); all != nil {
			return all
		}
	}
	return nil
}

// claims are what a table proves.
func (d *distincts) claims(t *tally) []claim {
	moves := t.moves()
	if len(moves) == 0 || d.x.v.c.check(witness{q: 1, tables: [2][]move{nil, moves}}) != nil {
		return nil
	}
	return d.x.v.said(1, moves)
}

// additive says whether a measure adds up.
func (x *examination) additive() bool {
	for m := range x.p.Measures {
		if !x.p.Measures[m].Distinct {
			return true
		}
	}
	return false
}
