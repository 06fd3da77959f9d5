package main

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/parvis-opendata/parvis/publisher/outsider"
)

// print says what came of an attack.
func (c *auditCommand) print(p *process, r auditReport) error {
	if c.JSON {
		return p.printJSON(r)
	}
	_, err := fmt.Fprint(p.out, r.text())
	return err
}

// mostFindings is how many findings are printed for a person.
const mostFindings = 50

// text is the report for a person.
func (r auditReport) text() string {
	b := &strings.Builder{}
	fmt.Fprintf(b, "%s %s\n", r.Dataset, r.Release)
	if len(r.Periods) > 0 {
		fmt.Fprintf(b, "  periods   %s\n", span(r.Periods))
	}
	r.writeTables(b)
	for i, f := range r.Findings {
		if i == mostFindings {
			fmt.Fprintf(b, "worked out: and more; --json lists %d rows\n", len(r.Findings))
			break
		}
		fmt.Fprintf(b, "worked out: %s %s: %s\n", f.Table, f.Text(), strings.Join(f.Measures, ", "))
	}
	for _, c := range r.Contradictions {
		fmt.Fprintf(b, "contradiction: %s, at %s\n", c.Period, c.Where)
	}
	for _, d := range r.Differences {
		fmt.Fprintf(b, "differs: %s %s between %s and %s: %s\n", d.Table, d.Period, d.Between[0], d.Between[1], strings.Join(d.Columns, ", "))
	}
	if r.KnownUnused > 0 {
		fmt.Fprintf(b, "%d known rows fit no cell that could be other than zero\n", r.KnownUnused)
	}
	if len(r.Compared) > 0 {
		fmt.Fprintf(b, "%d releases compared on the periods they share; %d differences\n", len(r.Compared), len(r.Differences))
	}
	if r.WorkedOut == 0 && len(r.Contradictions) == 0 {
		b.WriteString("nothing that is not printed can be worked out, but for zeros\n")
	} else {
		fmt.Fprintf(b, "%d figures that are not printed can be worked out\n", r.WorkedOut)
	}
	return b.String()
}

// writeTables writes a line for each measure of which something is not printed.
func (r auditReport) writeTables(b *strings.Builder) {
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "table\tmeasure\tnot printed\tzero\tworked out\twithin 1 %\tnarrowest\tmedian")
	for _, t := range r.Tables {
		for _, f := range t.Fields {
			if f.Hidden > 0 {
				fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t%s\t%s\n", t.ID, f.Name, f.Hidden, f.Zero, f.WorkedOut, f.Close, width(f, f.Narrowest), width(f, f.Median))
			}
		}
	}
	_ = w.Flush() // a builder takes everything
}

// width writes the width of an interval.
func width(f outsider.FieldReport, v *float64) string {
	switch {
	case v != nil:
		return strconv.FormatFloat(*v, 'f', -1, 64)
	case f.Zero+f.WorkedOut == f.Hidden:
		return ""
	default:
		return "unbounded"
	}
}
