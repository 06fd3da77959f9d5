package dashboard

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/web/ask"
)

// Option is a member that can be chosen.
type Option struct{ Value, Label string }

// Choice is what a reader chose on a dashboard.
type Choice struct {
	of *Dashboard
	// Chosen are the members by the name of their filter; what is not chosen is missing.
	Chosen map[string]string
	// Options are what can be chosen, by filter.
	Options map[string][]Option
	// Periods are all that there are, in order; From and To are the first and last that
	// are shown.
	Periods  []string
	From, To string
	// Source is said at the foot of images.
	Source string
}

// UnknownError says that a parameter has a value that is none of those it can have.
type UnknownError struct{ Name, Value string }

func (e *UnknownError) Error() string {
	return fmt.Sprintf("parameter %s: %q is not among the values", e.Name, e.Value)
}

// Names of the parameters for the first and the last period.
const (
	fromParameter = "debut"
	toParameter   = "fin"
)

// Parameters are the names of those that a dashboard knows.
func (d *Dashboard) Parameters() []string {
	names := slices.Sorted(maps.Keys(d.Fixed))
	for _, f := range d.Filters {
		names = append(names, f.Name)
	}
	if d.Periods.Table != "" {
		names = append(names, fromParameter, toParameter)
	}
	return names
}

// Parameters are those of all dashboards.
func Parameters() []string {
	names := []string{tableParameter, measureParameter, calcParameter, byParameter, kindParameter}
	for _, d := range All {
		names = append(names, d.Parameters()...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Options are the questions for what can be chosen: those of the filters, then that of
// the periods if there is one.
func (d *Dashboard) Options() []ask.Question {
	var all []ask.Question
	for _, f := range d.Filters {
		all = append(all, f.Members)
	}
	if d.Periods.Table != "" {
		all = append(all, d.Periods)
	}
	return all
}

// Choose reads the parameters of an address, with the answers to [Dashboard.Options].
//
// Errors: [*UnknownError].
func (d *Dashboard) Choose(values url.Values, answers [][]ask.Row) (Choice, error) {
	c := Choice{of: d, Chosen: map[string]string{}, Options: map[string][]Option{}}
	for i, f := range d.Filters {
		c.Options[f.Name] = options(answers[i])
		v := values.Get(f.Name)
		if v == "" {
			continue
		}
		many := len(c.Options[f.Name]) > MaxOptions // too many to list: whatever is written is looked for
		if many {
			c.Options[f.Name] = nil
		}
		if !many && !slices.ContainsFunc(c.Options[f.Name], func(o Option) bool { return o.Value == v }) || len(v) > maxValue {
			return c, &UnknownError{f.Name, v}
		}
		c.Chosen[f.Name] = v
	}
	if d.Periods.Table == "" {
		return c, nil
	}
	for _, row := range answers[len(d.Filters)] {
		c.Periods = append(c.Periods, row.Text("periode"))
	}
	return c, c.choosePeriods(values)
}

// MaxOptions is how many members of a dimension are listed at most.
const MaxOptions = 300

// maxValue is how long a value that is looked for may be, in bytes.
const maxValue = 500

// options are the members that rows tell, by their labels.
func options(rows []ask.Row) []Option {
	var all []Option
	for _, row := range rows {
		if v := row.Text("valeur"); v != "" {
			label := row.Text("nom")
			if label == "" {
				label = periodLabel(v)
			}
			all = append(all, Option{v, label})
		}
	}
	if len(rows) > 0 && rows[0]["nom"] == nil {
		return all // in the order of the values
	}
	slices.SortFunc(all, func(a, b Option) int { return strings.Compare(sortable(a.Label), sortable(b.Label)) })
	return all
}

// sortable is a label as it sorts: accents do not count.
func sortable(label string) string {
	return strings.NewReplacer("É", "E", "é", "e", "è", "e", "Î", "I", "î", "i", "ô", "o", "À", "A").Replace(label)
}

// choosePeriods reads the first and last period; without a choice they are the recent ones.
func (c *Choice) choosePeriods(values url.Values) error {
	if len(c.Periods) == 0 {
		return nil
	}
	for name, to := range map[string]*string{fromParameter: &c.From, toParameter: &c.To} {
		if *to = values.Get(name); *to != "" && !slices.Contains(c.Periods, *to) {
			return &UnknownError{name, *to}
		}
	}
	if c.To == "" {
		c.To = c.Periods[len(c.Periods)-1]
	}
	if c.From == "" {
		c.From = c.Periods[max(slices.Index(c.Periods, c.To)-c.of.Recent+1, 0)]
	}
	if c.From > c.To {
		c.From, c.To = c.To, c.From
	}
	return nil
}

// Shown are the periods that are shown, in order.
func (c Choice) Shown() []string {
	if len(c.Periods) == 0 {
		return nil
	}
	return c.Periods[slices.Index(c.Periods, c.From) : slices.Index(c.Periods, c.To)+1]
}

// Before is the choice of as many periods just before; ok is false if there are not.
func (c Choice) Before() (before Choice, ok bool) {
	first, n := slices.Index(c.Periods, c.From), len(c.Shown())
	if n == 0 || first < n {
		return c, false
	}
	c.From, c.To = c.Periods[first-n], c.Periods[first-1]
	return c, true
}

// Has reports whether a filter is chosen.
func (c Choice) Has(filter string) bool { return c.Chosen[filter] != "" }

// Label is that of the chosen member of a filter; empty without a choice.
func (c Choice) Label(filter string) string {
	for _, o := range c.Options[filter] {
		if o.Value == c.Chosen[filter] {
			return o.Label
		}
	}
	return ""
}

// Values are the parameters that say the choice, without what goes without saying.
func (c Choice) Values() url.Values {
	v := url.Values{}
	for name, values := range c.of.Fixed {
		v[name] = values
	}
	for name, value := range c.Chosen {
		v.Set(name, value)
	}
	usual := Choice{of: c.of, Periods: c.Periods}
	if usual.choosePeriods(url.Values{}) == nil && (usual.From != c.From || usual.To != c.To) {
		v.Set(fromParameter, c.From)
		v.Set(toParameter, c.To)
	}
	return v
}

// where are the conditions of a choice, by the fields of a table that the filters choose
// on, and that of the period.
func (c Choice) where(fields map[string]string, period string) []string {
	var all []string
	for _, f := range c.of.Filters {
		field := fields[f.Name]
		switch {
		case !c.Has(f.Name):
		case f.Field.Type == datasets.TypeInt && strings.Trim(c.Chosen[f.Name], "0123456789") == "":
			all = append(all, f.Field.Name+" = "+c.Chosen[f.Name])
		case f.Field.Name != "":
			all = append(all, ask.Equals(f.Field.Name, c.Chosen[f.Name]))
		case field != "":
			all = append(all, ask.Equals(field, c.Chosen[f.Name]))
		}
	}
	if period != "" && len(c.Periods) > 0 {
		all = append(all, c.during(period))
	}
	return all
}

// during is the condition that a period is among those shown.
func (c Choice) during(field string) string {
	if field == "date_validation" {
		return fmt.Sprintf("date_validation >= date'%s' AND date_validation <= date'%s'", c.From, c.To)
	}
	var list []string
	for _, p := range c.Shown() {
		if !strings.HasPrefix(field, "annee") { // a year is a number
			p = ask.Literal(p)
		}
		list = append(list, p)
	}
	return field + " IN (" + strings.Join(list, ", ") + ")"
}

// Territory says where, and about what, in the words of a title; empty for everything.
func (c Choice) Territory() string {
	var parts []string
	for _, f := range c.of.Filters {
		label := c.Label(f.Name)
		if label == "" {
			label = c.Chosen[f.Name]
		}
		if label != "" {
			parts = append(parts, label)
		}
	}
	return strings.Join(parts, ", ")
}

// PeriodLabel writes a period: 2026-10 is oct. 2026, 2026-T3 is T3 2026.
func PeriodLabel(period string) string { return periodLabel(period) }

// Span says the time shown.
func (c Choice) Span() string {
	switch {
	case len(c.Periods) == 0:
		return ""
	case c.From == c.To:
		return periodLabel(c.From)
	}
	return periodLabel(c.From) + " – " + periodLabel(c.To)
}
