package joint

import (
	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// means decides which means to show of the cells that are shown: a mean rests on the files
// of known duration alone, and its sum adds up like the files.
//
// Persons of known durations in different cells are taken to be different ones.
func (p *Period) means(d *Decision, base *problem, hidden []bool) error {
	q := &problem{cell: base.cell}
	q.Measures = []tabular.Measure{{Name: "duree", Decimals: 2, AtMost: -1}}
	q.Rules = []tabular.Rule{{MinFrequency: int64(p.Profile.Persons.Threshold)}}
	q.Remainder = p.Profile.Remainder
	q.Equations = base.Equations
	q.Cells = make([]tabular.Cell, len(base.Cells))
	for c := range q.Cells {
		q.Cells[c] = tabular.Cell{Values: make([]int64, 1), Known: true, Unprinted: base.Cells[c].Unprinted, Holders: make([]tabular.Holders, 1)}
	}
	few := false
	for i := range p.rows {
		r, c := &p.rows[i], base.cell[i]
		if r.knownFiles == 0 {
			continue // it has no mean, and whoever sees the cell sees that
		}
		secret := !hidden[c] && p.Profile.HidesMean(r.knownPersons)
		few = few || secret
		q.Cells[c].Values[0] = r.hours
		q.Cells[c].Holders[0].Count = r.knownPersons
		q.Cells[c].Known = false
		q.Cells[c].Sensitive = secret || hidden[c]
	}
	if !few {
		return nil
	}
	for c, outside := range base.outside {
		for _, m := range outside {
			q.Cells[c].Values[0] += q.Cells[m].Values[0]
			q.Cells[c].Holders[0].Count += q.Cells[m].Holders[0].Count
		}
		q.Cells[c].Known = false
	}
	secret := q.protect()
	for i := range d.Rows {
		d.Rows[i].NoMean = secret[q.cell[i]]
	}
	return d.attack(p, q, secret, "mean")
}
