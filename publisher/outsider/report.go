package outsider

import (
	"cmp"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/datasets"
)

// Report says what a reader of everything that is published can work out. It holds no
// figure that is not published.
type Report struct {
	Dataset string        `json:"dataset"`
	Periods []string      `json:"periods"`
	Tables  []TableReport `json:"tables"`
	// WorkedOut is the number of figures that can be worked out and are not zero.
	WorkedOut int64 `json:"worked_out"`
	// Findings are the rows of those figures, at most [MaxFindings] of them.
	Findings []Finding `json:"findings"`
	// Contradictions are periods whose figures cannot all be true; nothing was worked out
	// of them.
	Contradictions []Contradiction `json:"contradictions"`
	// KnownUnused is the number of rows of figures known from elsewhere that fit no cell
	// of the periods looked at, or only cells that are zero anyway.
	KnownUnused int `json:"known_unused,omitempty"`
}

// MaxFindings bounds the findings that a report lists.
const MaxFindings = 1000

// TableReport says of a table what is not printed.
type TableReport struct {
	ID     string        `json:"id"`
	Fields []FieldReport `json:"fields"`
}

// FieldReport says of a measure of a table, over all periods, what a reader knows of the
// figures that are not printed; in a detailed table, of those of all combinations that
// he cannot take for zero.
type FieldReport struct {
	Name   string `json:"name"`
	Hidden int64  `json:"hidden"`
	// Zero are those that are certainly zero, WorkedOut those that have one other value.
	// Close are those of the others that lie within one per cent.
	Zero      int64 `json:"zero"`
	WorkedOut int64 `json:"worked_out"`
	Close     int64 `json:"close"`
	// Narrowest and Median are widths of the intervals of the others, in the unit of the
	// measure, to two digits; absent where there is none, or none that ends.
	Narrowest *float64 `json:"narrowest,omitempty"`
	Median    *float64 `json:"median,omitempty"`
}

// Finding is a row of which figures can be worked out.
type Finding struct {
	Table    string             `json:"table"`
	Period   string             `json:"period"`
	Key      map[string]*string `json:"key"`
	Measures []string           `json:"measures"`
}

// Contradiction is a period whose figures contradict each other.
type Contradiction struct {
	Period string `json:"period"`
	Where  string `json:"where"`
}

// tally counts what is known of the figures of one measure of one table.
type tally struct {
	hidden, zero, workedOut, close int64
	widths                         map[int64]int64 // how many intervals of each width
}

// outcome is what came of the attack on one period.
type outcome struct {
	tallies   map[*table]*[32]tally
	findings  []Finding
	workedOut int64
	failure   string
	unplaced  int
	period    string
}

// conclude says what was worked out.
func (s *system) conclude() *outcome {
	o := &outcome{period: s.period, failure: s.failure, unplaced: s.unplaced, tallies: map[*table]*[32]tally{}}
	if s.failure != "" {
		return o
	}
	for id := range s.cells {
		if c := s.cells[id]; !c.lump && s.instances[c.instance].Period.Unit == s.unit() {
			s.concludeCell(o, int32(id))
		}
	}
	slices.SortFunc(o.findings, compareFindings)
	return o
}

// unit is the unit of the period: the months of a year have a system of their own.
func (s *system) unit() datasets.Unit { return s.instances[0].Period.Unit }

func (s *system) concludeCell(o *outcome, id int32) {
	in := s.instances[s.cells[id].instance]
	t := o.tallies[in.table]
	if t == nil {
		t = &[32]tally{}
		o.tallies[in.table] = t
	}
	var found []string
	for field, has := range in.fields {
		name, _ := s.layout.column(field)
		if !has || name == "" || s.isPrinted(id, field) || in.summed && field != persons && s.monthsFixed(id, field) {
			continue
		}
		if s.tallyField(&t[field], field, id) {
			found = append(found, name)
		}
	}
	if found == nil {
		return
	}
	o.workedOut += int64(len(found))
	o.findings = append(o.findings, Finding{Table: in.ID, Period: in.period, Key: s.keyOf(id), Measures: found})
}

// tallyField counts a figure that is not printed, and tells whether it was worked out.
func (s *system) tallyField(t *tally, field int, id int32) bool {
	lo, hi := s.interval(field, id)
	t.hidden++
	switch {
	case hi == 0:
		t.zero++
	case lo == hi:
		t.workedOut++
		return true
	default:
		t.addWidth(hi - lo)
		if hi < infinite && hi-lo <= hi/100 {
			t.close++
		}
	}
	return false
}

// interval returns the bounds of a field; of a mean as it would be printed.
func (s *system) interval(field int, id int32) (lo, hi int64) {
	switch field {
	case price:
		return s.meanOf(amount, files, id)
	case duration:
		return s.meanOf(hours, timed, id)
	default:
		i := s.at(field, id)
		return s.lo[field][i], s.hi[field][i]
	}
}

// addWidth counts an interval; its width is kept to two digits, so that there are few.
func (t *tally) addWidth(width int64) {
	if t.widths == nil {
		t.widths = map[int64]int64{}
	}
	unit := int64(1)
	for width/unit >= 100 {
		unit *= 10
	}
	t.widths[width/unit*unit]++
}

// keyOf returns the key of a cell, by column.
func (s *system) keyOf(id int32) map[string]*string {
	c := s.cells[id]
	in := s.instances[c.instance]
	out := map[string]*string{in.Period.Field: &in.period}
	for i, dimension := range in.dimensions {
		values := s.dimension(dimension).values(c.key[i])
		for j, column := range in.columns[i] {
			out[column] = values[j]
		}
	}
	return out
}

// compareFindings orders findings by table, then by what their key prints.
func compareFindings(a, b Finding) int {
	return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Period, b.Period), cmp.Compare(a.Text(), b.Text()))
}

// Text writes the key, its columns in the order of their names.
func (f Finding) Text() string {
	names := make([]string, 0, len(f.Key))
	for name := range f.Key {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		value := ""
		if v := f.Key[name]; v != nil {
			value = *v
		}
		names[i] = name + "=" + value
	}
	return strings.Join(names, " ")
}

// add takes up what came of a period.
func (r *Report) add(o *outcome, all map[*table]*[32]tally) {
	r.Periods = append(r.Periods, o.period)
	r.KnownUnused += o.unplaced
	if o.failure != "" {
		r.Contradictions = append(r.Contradictions, Contradiction{Period: o.period, Where: o.failure})
		return
	}
	r.WorkedOut += o.workedOut
	r.Findings = append(r.Findings, o.findings[:min(len(o.findings), MaxFindings-len(r.Findings))]...)
	for t, of := range o.tallies {
		if all[t] == nil {
			all[t] = &[32]tally{}
		}
		for field := range of {
			all[t][field].merge(of[field])
		}
	}
}

func (t *tally) merge(o tally) {
	t.hidden, t.zero, t.workedOut, t.close = t.hidden+o.hidden, t.zero+o.zero, t.workedOut+o.workedOut, t.close+o.close
	for width, n := range o.widths {
		if t.widths == nil {
			t.widths = map[int64]int64{}
		}
		t.widths[width] += n
	}
}

// tables reports on the tables in their order.
func (l *layout) report(all map[*table]*[32]tally) []TableReport {
	out := []TableReport{}
	for _, t := range l.tables {
		if all[t] == nil {
			continue
		}
		one := TableReport{ID: t.ID, Fields: []FieldReport{}}
		for field, has := range t.fields {
			if name, factor := l.column(field); has && name != "" {
				one.Fields = append(one.Fields, all[t][field].report(name, factor))
			}
		}
		out = append(out, one)
	}
	return out
}

func (t *tally) report(name string, factor int64) FieldReport {
	r := FieldReport{Name: name, Hidden: t.hidden, Zero: t.zero, WorkedOut: t.workedOut, Close: t.close}
	widths, total := make([]int64, 0, len(t.widths)), int64(0)
	for width, n := range t.widths {
		widths, total = append(widths, width), total+n
	}
	if total == 0 {
		return r
	}
	slices.Sort(widths)
	r.Narrowest = printedWidth(widths[0], factor)
	seen := int64(0)
	for _, width := range widths {
		if seen += t.widths[width]; 2*seen >= total {
			r.Median = printedWidth(width, factor)
			break
		}
	}
	return r
}

// printedWidth is a width in the unit of print; nil for one without end.
func printedWidth(width, factor int64) *float64 {
	if width >= infinite/100*99 {
		return nil
	}
	v := float64(width) / float64(factor)
	return &v
}
