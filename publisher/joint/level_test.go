package joint

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/parvis-opendata/parvis/anonymize"
	"github.com/parvis-opendata/parvis/anonymize/audit"
	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// TestLevelsAreKept protects small periods without levels and with them: without, some
// secret is known too well; with them none is, and little more is hidden.
func TestLevelsAreKept(t *testing.T) {
	t.Parallel()
	standard, intervals := profile(t, "standard"), profile(t, "standard")
	intervals.Persons = anonymize.PersonsRule{Threshold: 7, Interval: true}
	intervals.Levels = false
	for name, c := range map[string]struct {
		rules   anonymize.Profile
		periods int
	}{"amounts": {standard, 60}, "counts": {intervals, 200}} {
		rules := c.rules
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, tables := definition(t, purchases)
			draw := rapid.Custom(func(t *rapid.T) []file { return drawn(t, purchases) })
			without := rules
			without.Levels, without.Persons.Interval = false, false
			narrow, more, rows := 0, 0, 0
			for seed := range c.periods {
				files := draw.Example(seed)
				before, _ := periodOf(d, tables, without, files)
				after, _ := periodOf(d, tables, rules, files)
				old, now := protected(t, before), protected(t, after)
				narrow += len(after.narrow(t, old))
				if n := len(after.narrow(t, now)); n > 0 {
					t.Errorf("period %d: %d secrets are known too well", seed, n)
				}
				for i := range now.Rows {
					rows++
					if now.Rows[i].Hidden && !old.Rows[i].Hidden {
						more++
					}
				}
			}
			if narrow == 0 || more > rows/50 {
				t.Errorf("without levels %d secrets are known too well; %d of %d rows are hidden besides", narrow, more, rows)
			}
		})
	}
}

// narrow are the secrets of the first layer of which a decision lets too much be known.
func (p *Period) narrow(t *testing.T, d Decision) []audit.Fault {
	t.Helper()
	q, err := p.cells()
	if err != nil {
		t.Fatal(err)
	}
	hidden := make([]bool, len(q.Cells))
	for i, r := range d.Rows {
		hidden[q.cell[i]] = r.Hidden
	}
	report, err := q.check(hidden)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(report.Faults, func(f audit.Fault) bool { return f.Kind != audit.Narrow })
}

// TestNarrowPartOfAFunderIsMended: where an attacker learns too much of what a funder brings
// to a row, more is hidden around the row.
func TestNarrowPartOfAFunderIsMended(t *testing.T) {
	d, tables := definition(t, purchases)
	files := slices.Concat(many(100, 20, at("RNCP:1", "326", "01", "84")), many(200, 20, at("RNCP:1", "326", "69", "84")), many(300, 20, at("RS:2", "136", "75", "11")))
	period, _ := periodOf(d, tables, profile(t, "standard"), files)
	base, err := period.cells()
	if err != nil {
		t.Fatal(err)
	}
	parts, err := period.parts(base, make([]bool, len(base.Cells)))
	if err != nil {
		t.Fatal(err)
	}
	row := slices.IndexFunc(period.rows, func(r row) bool { return len(r.funders) > 0 && r.files == 40 })
	f := period.rows[row].funders[0]
	decision := Decision{Rows: make([]Row, len(period.rows)), Faults: []Fault{{Layer: layerParts, Kind: audit.Narrow, cells: []int32{parts.of[fundingKey{f.funder, f.same}], -1}}}}
	parts.place(period, &decision, base, layerParts)
	if got := decision.Faults[0].cells[0]; got != base.cell[row] {
		t.Errorf("the part is of cell %d, want %d", got, base.cell[row])
	}
	if got := decision.Faults[0]; got.Row != period.rows[row].id || got.Table != period.Tables.Tables[period.rows[row].table].ID {
		t.Errorf("the fault is told of row %d of %q", got.Row, got.Table)
	}
	before := sensitiveCells(base)
	if !base.mend(&decision, false) {
		t.Fatal("nothing more is hidden")
	}
	if n := len(sensitiveCells(base)) - len(before); n != 1 {
		t.Errorf("%d more cells are hidden at first, want 1", n)
	}
	if !base.mend(&decision, true) {
		t.Fatal("nothing more is hidden in the end")
	}
	for _, c := range sensitiveCells(base) {
		beside := slices.ContainsFunc(base.Equations, func(e tabular.Equation) bool {
			all := append([]int32{e.Total}, e.Members...)
			return slices.Contains(all, c) && slices.Contains(all, base.cell[row])
		})
		if !slices.Contains(before, c) && !beside {
			t.Errorf("cell %d is hidden, in no sum with the row", c)
		}
	}
}

func sensitiveCells(q *problem) (cells []int32) {
	for c := range q.Cells {
		if q.Cells[c].Sensitive {
			cells = append(cells, int32(c))
		}
	}
	return cells
}
