package joint

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/parvis-opendata/parvis/anonymize"
	"github.com/parvis-opendata/parvis/anonymize/audit"
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
