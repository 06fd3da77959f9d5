package audit

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// Options say what an attacker is granted and how much work may be done.
type Options struct {
	// Threads is the number of goroutines; 0 stands for one per processor. The report
	// does not depend on it.
	Threads int
	// ZerosKnown: a reader knows of every cell whether it is zero. He sees at a glance
	// that up to three hidden counts that add up to their number are one each.
	ZerosKnown bool
	// NonZero: he also makes all of it: an unknown whole value that is not zero, of a
	// measure with Lower ≥ 0, is 1 at least in all that is computed.
	NonZero bool
	// Known, one entry per cell or nil, are figures that a reader has from elsewhere (P7).
	// Where they are hidden they are no unknowns, and secrets among them are not reported;
	// all others are attacked with them known.
	Known []bool
	// Largest is the number of unknowns up to which linear programs over a whole
	// component are solved; 0 stands for 20 000. Secrets of larger components that have no
	// witness are reported as unproven.
	Largest int
}

// Kind says what is wrong.
type Kind string

// Kinds of faults.
const (
	// Shown: a sensitive cell is published.
	Shown Kind = "shown"
	// RuleBroken: a published cell does not pass a rule (A6).
	RuleBroken Kind = "rule"
	// Remainder: the unknown members of an equation do not pass a rule together (A6).
	Remainder Kind = "remainder"
	// Determined: a sensitive cell follows from the equations alone (A1).
	Determined Kind = "determined"
	// Pinned: one value is left to a sensitive cell by bounds (A2) or by whole numbers
	// (A4).
	Pinned Kind = "pinned"
	// Narrow: the interval of a sensitive cell does not reach its level (A2, A4).
	Narrow Kind = "narrow"
	// Unproven: there is no verified witness for a sensitive cell, although nothing
	// says that it is disclosed. In doubt the audit fails.
	Unproven Kind = "unproven"
	// Contributor: who is alone behind the cell By can work a sensitive cell of others
	// out (A5).
	Contributor Kind = "contributor"
)

// none is the number of what a fault has not.
const none = -1

// Fault is one disclosure. Numbers that do not apply are −1.
type Fault struct {
	Kind     Kind
	Cell     int32
	Equation int32
	// Measure is the measure that is disclosed; −1 if all are.
	Measure int32
	Rule    int32
	// By is a cell behind which the contributor is alone.
	By int32
	// Low and High are the interval of the cell where Interval is set, in the units of
	// the measure; an end that is not there is math.MinInt64 or math.MaxInt64.
	Low, High int64
	Interval  bool
}

// Width describes the intervals of the secrets of one measure.
type Width struct {
	Measure int
	// Secrets is the number of sensitive unknown cells.
	Secrets int
	// Narrowest and Median are widths that verified witnesses guarantee: an attacker's
	// interval is at least so wide. Witnesses are not widened beyond the level, so that
	// these are no more than what was asked for.
	Narrowest, Median int64
	// OuterNarrowest and OuterMedian are widths of the intervals that follow from the
	// equations one by one (A2): an attacker's interval is at most so wide.
	// math.MaxInt64 stands for intervals without end.
	OuterNarrowest, OuterMedian int64
}

// Report is what an attacker learns.
type Report struct {
	// Faults are ordered by kind, cell, measure and contributor.
	Faults []Fault
	// Cells, Unknown and Sensitive are numbers of cells; the sensitive ones are those
	// that are unknown.
	Cells, Unknown, Sensitive int
	// Secrets are sensitive cells times additive measures; Witnessed those with a
	// verified pair of tables, ByLP those of them found by linear programming.
	Secrets, Witnessed, ByLP int
	// Zeros are secrets that are zero, in a measure that is zero at least, that have no
	// witness while another measure that says who stands behind the cell has one: that is
	// not zero there or, if all are, the first. A reader may learn that zero (nobody of
	// those who stay secret brought anything); it is no fault.
	Zeros int
	// Contributors is the number of contributors with several figures to themselves that
	// do not follow from one another;
	// ContributorsNear those of them whose knowledge was only tried in the neighbourhood
	// of their cells because the component is too large.
	Contributors, ContributorsNear int
	Widths                         []Width
	// IfNotZero is the number of sensitive cells that bounds would pin for a reader who
	// makes all of his knowledge that no hidden count is zero. It is no fault unless
	// Options.NonZero says so.
	IfNotZero int
}

// OK says whether nothing is disclosed.
func (r *Report) OK() bool { return len(r.Faults) == 0 }

// Check looks for every modelled secret that can be worked out from what is published.
//
// Inputs: p, a problem with true values; hidden, one entry per cell, true if no table
// shows it. A Known cell is known whatever its entry, an Unprinted cell is unknown.
//
// Result: the faults and what was looked at. Without faults, each sensitive unknown cell
// has, for each additive measure, a pair of complete tables, verified in exact
// arithmetic, that agree with everything published and differ by its level. For what one
// contributor learns, see the package comment.
//
// Errors: p is no problem: numbers out of range, equations that do not add up, values
// outside the bounds that everybody knows. The text names cells by number and, for
// equations that do not add up, figures: it is for the operator only.
//
// Source: specification of disclosure control, section 5, A1 to A6.
//
// Notes: near-linear in the number of cells for tables whose cells are in few equations.
// Deterministic, whatever Threads. The report is for the operator's eyes; numbers of
// cells and widths may be published when pooled.
func Check(p tabular.Problem, hidden []bool, o Options) (Report, error) {
	if err := validate(&p, hidden); err != nil {
		return Report{}, err
	}
	p.Cells = withLevels(&p)
	if o.Known != nil {
		if len(o.Known) != len(p.Cells) {
			return Report{}, fmt.Errorf("check known figures: %d cells but %d entries", len(p.Cells), len(o.Known))
		}
		p.Cells = withKnown(p.Cells, hidden, o.Known)
	}
	if o.Threads <= 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	if o.Largest <= 0 {
		o.Largest = 20000
	}
	r := Report{Cells: len(p.Cells), Faults: cellRules(&p, hidden)}
	if p.Remainder {
		r.Faults = append(r.Faults, remainders(&p, hidden)...)
	}
	x := newExamination(&p, hidden, o)
	x.determined(&r)
	x.pinned(&r)
	if o.ZerosKnown {
		x.glance(&r)
	}
	x.witnesses(&r)
	x.contributors(&r)
	x.widths(&r)
	slices.SortFunc(r.Faults, compareFaults)
	r.Faults = slices.Compact(r.Faults)
	return r, nil
}

// withKnown are the cells, hidden ones marked as known where a reader has them from
// elsewhere.
func withKnown(cells []tabular.Cell, hidden, known []bool) []tabular.Cell {
	cells = slices.Clone(cells)
	for c := range cells {
		cells[c].Known = cells[c].Known || known[c] && unknown(&cells[c], hidden[c])
	}
	return cells
}

// compareFaults is the order of the report.
func compareFaults(a, b Fault) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Cell, b.Cell), cmp.Compare(a.Equation, b.Equation),
		cmp.Compare(a.Measure, b.Measure), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.By, b.By))
}
