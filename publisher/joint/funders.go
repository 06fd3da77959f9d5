package joint

import (
	"errors"
	"slices"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// fundings is the problem of what funders bring to rows: one cell for each funder of a row
// that brings something. Of the parts, the first cells are those of the first layer.
type fundings struct {
	problem
	row []int32 // of each cell of a funder
	of  map[fundingKey]int32
	// sole are parts that are all of a cell which the first layer shows, and that cell.
	sole map[int32]int32
}

// fundingKey tells cells of funders apart: the same files of one funder are one cell.
type fundingKey struct {
	funder string
	same   [2]uint64
}

// funders decides of which rows that are shown it is also shown what each funder brings:
// the parts add up over the funders to the amount, and for each funder over the rows.
//
// Result: cells of the first layer that must be hidden as well, if there are any;
// nothing is decided then.
func (p *Period) funders(d *Decision, base *problem, hidden []bool) ([]int32, error) {
	if !slices.ContainsFunc(p.rows, func(r row) bool { return len(r.funders) > 0 }) {
		return nil, nil
	}
	parts, err := p.parts(base, hidden)
	if err != nil {
		return nil, err
	}
	secret := parts.protect()
	if more := parts.beyond(hidden, secret); len(more) > 0 {
		return more, nil
	}
	parts.whole(p, secret)
	counts, err := p.counts()
	if err != nil {
		return nil, err
	}
	// What is chosen for the parts nearly always protects the numbers of files too; where
	// it does not, the rows around are hidden as well.
	for {
		report, err := counts.check(counts.mask(parts, secret))
		if err != nil {
			return nil, err
		}
		if len(report.Faults) == 0 || !parts.widen(p, counts, report.Faults, secret) {
			break
		}
	}
	for i := range p.rows {
		for _, f := range p.rows[i].funders {
			d.Rows[i].NoFunders = d.Rows[i].NoFunders || secret[parts.of[fundingKey{f.funder, f.same}]]
		}
	}
	err = errors.Join(d.attack(p, &parts.problem, secret, layerParts), d.attack(p, &counts.problem, counts.mask(parts, secret), layerCounts))
	parts.place(p, d, base, layerParts)
	counts.place(p, d, base, layerCounts)
	return nil, err
}

// place says of the faults of a layer which rows they are in, and which cells of the first
// layer they are of.
func (q *fundings) place(p *Period, d *Decision, base *problem, layer string) {
	first := int32(len(q.Cells) - len(q.row)) // cells of funders come last
	for n := range d.Faults {
		f := &d.Faults[n]
		for k, c := range f.cells {
			if f.Layer != layer || c < first {
				continue
			}
			r := &p.rows[q.row[c-first]]
			f.cells[k] = base.cell[q.row[c-first]]
			if k == 0 {
				f.Table, f.Row = p.Tables.Tables[r.table].ID, r.id
			}
		}
	}
}

// printedAnyway is the price of a figure that an earlier layer shows.
const printedAnyway = 1e6

// parts is the problem of the amounts. What the first layer shows stays shown, what it
// hides stays hidden.
func (p *Period) parts(base *problem, hidden []bool) (*fundings, error) {
	q := &fundings{of: map[fundingKey]int32{}, sole: map[int32]int32{}}
	q.Measures = []tabular.Measure{{Name: "part", Decimals: 2, AtMost: -1}}
	q.Rules, q.Remainder = p.Profile.Rules(0, -1), p.Profile.Remainder
	for c, cell := range base.Cells {
		q.Cells = append(q.Cells, tabular.Cell{
			Values: cell.Values[euros : euros+1], Holders: cell.Holders, Unprinted: hidden[c], Price: printedAnyway,
		})
		if cell.Levels != nil && cell.Levels[euros] != (tabular.Level{}) {
			q.Cells[c].Levels, q.Cells[c].Sensitive = cell.Levels[euros:euros+1], true
		}
	}
	for i := range p.rows { // what the first layer hides is in doubt, unless funders give it away
		if c := base.cell[i]; len(p.rows[i].funders) > 0 {
			q.Cells[c].Sensitive, q.Cells[c].Secondary = hidden[c], hidden[c] && !base.Cells[c].Sensitive
		}
	}
	q.cell = base.cell
	for _, e := range base.Equations {
		if hidden[e.Total] || slices.ContainsFunc(e.Members, func(c int32) bool { return hidden[c] }) {
			q.Equations = append(q.Equations, e)
		}
	}
	hides := func(i int) bool { return hidden[base.cell[i]] }
	p.fund(q, hides, func(f *funding) (int64, tabular.Level) { return f.cents, p.Profile.AmountLevel(f.judged(f.persons)) })
	for i := range p.rows {
		var members []int32
		for _, f := range p.rows[i].funders {
			members = append(members, q.of[fundingKey{f.funder, f.same}])
		}
		switch c := base.cell[i]; {
		case len(members) == 1 && !hidden[c]: // whoever sees the amount sees whose it is
			q.Cells[members[0]].Price = printedAnyway
			q.sole[members[0]] = c
		case len(members) > 0:
			q.equate(c, members)
		}
	}
	return q, p.fundingSums(q)
}

// counts is the problem of the numbers of files, which add up over the rows alone.
func (p *Period) counts() (*fundings, error) {
	q := &fundings{of: map[fundingKey]int32{}}
	q.Measures = []tabular.Measure{{Name: "nb_dossiers", Whole: true, Lower: lowestCount, AtMost: -1}}
	q.Rules, q.Remainder = p.Profile.Rules(0, 0), p.Profile.Remainder
	for k := range q.Rules { // what a contributor brings is one file; concentration is that of amounts
		q.Rules[k].DominancePercent, q.Rules[k].PPercent = 0, 0
	}
	p.fund(q, func(int) bool { return false }, func(f *funding) (int64, tabular.Level) { return f.files, p.Profile.CountLevel(f.persons, f.files) })
	return q, p.fundingSums(q)
}

// fund adds the cells of funders, with their values and protection levels.
func (p *Period) fund(q *fundings, hidden func(int) bool, value func(*funding) (int64, tabular.Level)) {
	for i := range p.rows {
		for k := range p.rows[i].funders {
			f := &p.rows[i].funders[k]
			key := fundingKey{f.funder, f.same}
			c, ok := q.of[key]
			if !ok {
				c = int32(len(q.Cells))
				q.of[key] = c
				q.row = append(q.row, int32(i))
				v, l := value(f)
				q.Cells = append(q.Cells, tabular.Cell{
					Values: []int64{v}, Sensitive: p.Profile.Sensitive(f.judged(f.persons)), Holders: f.holders(f.persons, len(q.Rules)),
				})
				if l != (tabular.Level{}) {
					q.Cells[c].Levels = []tabular.Level{l}
				}
			}
			if cell := &q.Cells[c]; hidden(i) && !cell.Sensitive {
				cell.Sensitive, cell.Secondary = true, true
			}
		}
	}
}

// fundingSums adds the equations between rows for each funder.
func (p *Period) fundingSums(q *fundings) error {
	for _, s := range p.Dataset.Sums {
		total, first := p.of(s.Total)
		parts, start := p.of(s.Parts)
		if len(total) == 0 || len(parts) == 0 || len(p.Tables.Tables[total[0].table].Funders()) == 0 || len(p.Tables.Tables[parts[0].table].Funders()) == 0 {
			continue
		}
		all, err := p.equations(s, total, parts)
		if err != nil {
			return err
		}
		for i, members := range all {
			for _, f := range p.rows[first+i].funders {
				var cells []int32
				for _, k := range members {
					for _, g := range p.rows[start+int(k)].funders {
						if g.funder == f.funder {
							cells = append(cells, q.of[fundingKey{g.funder, g.same}])
						}
					}
				}
				q.equate(q.of[fundingKey{f.funder, f.same}], cells)
			}
		}
	}
	return nil
}

// beyond are the cells of the first layer that it shows and a mask of the parts hides.
func (q *fundings) beyond(hidden, secret []bool) (cells []int32) {
	for c := range hidden {
		if secret[c] && !hidden[c] {
			cells = append(cells, int32(c))
		}
	}
	for part, c := range q.sole {
		if secret[part] {
			cells = append(cells, c)
		}
	}
	slices.Sort(cells)
	return cells
}

// whole hides all funders of a row of which one is hidden.
func (q *fundings) whole(p *Period, secret []bool) {
	for changed := true; changed; {
		changed = false
		for i := range p.rows {
			changed = q.hideRow(p, i, secret, false) || changed
		}
	}
}

// hideRow hides all funders of a row if one is hidden or if it must be, and reports whether
// there was any to hide.
func (q *fundings) hideRow(p *Period, i int, secret []bool, must bool) bool {
	hidden, shown := must, false
	for _, f := range p.rows[i].funders {
		c := q.of[fundingKey{f.funder, f.same}]
		hidden, shown = hidden || secret[c], shown || !secret[c]
	}
	if !hidden || !shown {
		return false
	}
	for _, f := range p.rows[i].funders {
		secret[q.of[fundingKey{f.funder, f.same}]] = true
	}
	return true
}

// mask is a mask of the parts as one of the numbers of files.
func (q *fundings) mask(parts *fundings, secret []bool) []bool {
	out := make([]bool, len(q.Cells))
	for key, c := range q.of {
		out[c] = secret[parts.of[key]]
	}
	return out
}
