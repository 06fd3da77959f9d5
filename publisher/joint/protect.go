package joint

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/parvis-opendata/parvis/anonymize/audit"
	"github.com/parvis-opendata/parvis/anonymize/protect"
)

// Decision says what of the rows of a period may be shown. Lists have one entry per row.
type Decision struct {
	Rows []Row
	// Faults are what an attacker learns all the same, one line each, without figures; the
	// period must not be published.
	Faults []Fault
	// Checks is the number of secrets that were attacked.
	Checks int
	// Widths are the widths that an attacker's intervals of secret counts of files have at
	// least, in files: of the narrowest and of the median one; zero without secrets.
	Narrowest, Median int64
}

// Row is one row of a raw table.
type Row struct {
	Table string
	ID    int64 // rowid of the raw table
	// Sensitive rows are secret for their own sake, Hidden ones for that or for the sake
	// of others.
	Sensitive, Hidden bool
	// NoMean: the means that rest on some of its persons are secret.
	NoMean bool
	// NoFunders: what each funder brings is secret.
	NoFunders bool
	Files     int64
	Cents     int64
}

// Fault is one disclosure.
type Fault struct {
	Layer, Table string
	// Row is the rowid of the raw table.
	Row  int64
	Kind audit.Kind

	cells []int32 // of the first layer: the one disclosed, and the one whose contributor learns it
}

func (f Fault) String() string {
	return fmt.Sprintf("%s of row %d of %s: %s", f.Layer, f.Row, f.Table, f.Kind)
}

// Protect chooses what to show of the rows of the period and attacks the result.
//
// Errors: rows that do not add up; the raw tables contradict one another.
func (p *Period) Protect() (Decision, error) {
	if len(p.rows) == 0 {
		return Decision{}, nil
	}
	base, err := p.cells()
	if err != nil {
		return Decision{}, err
	}
	sensitive := make([]bool, len(base.Cells))
	for c := range base.Cells {
		sensitive[c] = base.Cells[c].Sensitive
	}
	for attempt := 1; ; attempt++ {
		d := Decision{Rows: make([]Row, len(p.rows))}
		for i := range p.rows {
			r := &p.rows[i]
			d.Rows[i] = Row{Table: p.Tables.Tables[r.table].ID, ID: r.id, Files: r.files, Cents: r.cents, Sensitive: sensitive[base.cell[i]]}
		}
		if d, err = p.decide(d, base); err != nil {
			return d, err
		}
		if len(d.Faults) == 0 || attempt == attempts || !base.mend(&d, attempt > attempts/2) {
			return d, nil
		}
	}
}

// attempts is how often a period is protected anew, with more that is hidden, because its
// audit has failed.
const attempts = 10

// mendable are faults that protection may leave in honest tables. Any other says that the
// program or the tables are wrong, and must refuse the publication.
var mendable = []audit.Kind{audit.Unproven, audit.Pinned, audit.Narrow, audit.Contributor}

// mend sees to it that more is hidden around what an attacker learnt of the first layer, or
// of what funders bring to one of its cells: the cell with the fewest files that is shown in
// an equation with such a cell, or, if wide, one in each equation of it. It reports whether
// there was any.
//
// One at a time, since a cell in a sum of régions or months, which readers miss most, needs
// others of its kind to be hidden with it.
func (q *problem) mend(d *Decision, wide bool) bool {
	shown := make([]bool, len(q.Cells))
	for i, r := range d.Rows {
		shown[q.cell[i]] = !r.Hidden
	}
	wrong := map[int32]bool{}
	for _, f := range d.Faults {
		if f.Layer != layerCells && f.Layer != layerParts || !slices.Contains(mendable, f.Kind) {
			return false
		}
		for _, c := range f.cells {
			wrong[c] = true
		}
	}
	fewer := func(a, b int32) int { return cmp.Compare(q.Cells[a].Values[files], q.Cells[b].Values[files]) }
	beside, more := map[int32]int32{}, []int32{}
	for _, e := range q.Equations {
		all := append([]int32{e.Total}, e.Members...)
		concerned := slices.DeleteFunc(slices.Clone(all), func(c int32) bool { return !wrong[c] })
		if len(concerned) == 0 {
			continue
		}
		all = slices.DeleteFunc(all, func(c int32) bool { return !shown[c] || q.Cells[c].Sensitive })
		if len(all) == 0 {
			continue
		}
		least := slices.MinFunc(all, fewer)
		if wide {
			more = append(more, least)
		}
		for _, c := range concerned {
			if other, ok := beside[c]; !ok || fewer(least, other) < 0 {
				beside[c] = least
			}
		}
	}
	for _, c := range slices.AppendSeq(more, maps.Values(beside)) {
		q.Cells[c].Sensitive = true
	}
	return len(beside) > 0
}

// The layers by their names in faults: the first, the amounts and the numbers of files of
// funders.
const (
	layerCells  = "cell"
	layerParts  = "part of a funder"
	layerCounts = "files of a funder"
)

// decide makes and attacks the masks of all layers.
func (p *Period) decide(d Decision, base *problem) (Decision, error) {
	for {
		hidden := base.protect()
		more, err := base.told(hidden)
		if err == nil && len(more) == 0 {
			more, err = p.funders(&d, base, hidden)
		}
		if err != nil {
			return d, err
		}
		if len(more) == 0 {
			return d, p.settle(&d, base, hidden)
		}
		for _, c := range more {
			base.Cells[c].Sensitive = true
		}
	}
}

// settle notes which cells are hidden, and decides on the means.
func (p *Period) settle(d *Decision, base *problem, hidden []bool) error {
	for i := range d.Rows {
		d.Rows[i].Hidden = hidden[base.cell[i]]
	}
	return errors.Join(d.attack(p, base, hidden, layerCells), p.means(d, base, hidden))
}

// protect is the mask of a problem.
func (q *problem) protect() []bool {
	return protect.Protect(&q.Problem, protect.Options{ZerosKnown: true, Effort: protect.Quick}).Hidden
}

// check attacks a mask.
func (q *problem) check(hidden []bool) (audit.Report, error) {
	return audit.Check(q.Problem, hidden, audit.Options{Threads: 1, ZerosKnown: true})
}

// attack adds to a decision what an attacker learns of a layer.
func (d *Decision) attack(p *Period, q *problem, hidden []bool, layer string) error {
	report, err := q.check(hidden)
	if err != nil {
		return fmt.Errorf("%s: %w", layer, err)
	}
	d.Checks += report.Secrets
	if layer == layerCells && len(report.Widths) > 0 {
		d.Narrowest, d.Median = report.Widths[0].OuterNarrowest, report.Widths[0].OuterMedian
	}
	for _, f := range report.Faults {
		cell := f.Cell
		if cell < 0 {
			cell = q.Equations[f.Equation].Total
		}
		fault := Fault{Layer: layer, Row: -1, Kind: f.Kind, cells: []int32{cell, f.By}}
		if i := slices.Index(q.cell, cell); i >= 0 {
			fault.Table, fault.Row = p.Tables.Tables[p.rows[i].table].ID, p.rows[i].id
		}
		d.Faults = append(d.Faults, fault)
	}
	return nil
}
