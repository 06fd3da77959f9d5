package datasets

import (
	"fmt"
	"time"
)

// Period says over what time the rows of a table count. A row belongs to one
// period, which is published once, after its end, and not revised.
type Period struct {
	// Field is the field that holds the label of the period.
	Field string `yaml:"field" json:"field"`
	Unit  Unit   `yaml:"unit" json:"unit"`
	// From is the label of the first period that is published.
	From string `yaml:"from" json:"from"`
}

// Unit is a length of time.
type Unit string

// Units of time.
const (
	UnitMonth   Unit = "month"   // labels like 2024-03
	UnitQuarter Unit = "quarter" // labels like 2024-T1
)

// months returns the length of a unit in months; 0 if there is no such unit.
func (u Unit) months() int {
	return map[Unit]int{UnitMonth: 1, UnitQuarter: 3}[u]
}

// Label returns the label of the period that holds a day.
func (u Unit) Label(day time.Time) string {
	if u == UnitQuarter {
		return fmt.Sprintf("%04d-T%d", day.Year(), 1+(int(day.Month())-1)/3)
	}
	return day.Format("2006-01")
}

// Start returns the first day of the period with the given label, at midnight UTC.
//
// Errors: a label that is not one of the unit.
func (u Unit) Start(label string) (time.Time, error) {
	var year, n int
	form := map[Unit]string{UnitMonth: "%4d-%2d", UnitQuarter: "%4d-T%1d"}[u]
	if _, err := fmt.Sscanf(label, form, &year, &n); err != nil || n < 1 || n*u.months() > 12 {
		return time.Time{}, fmt.Errorf("%q is no %s", label, u)
	}
	start := time.Date(year, time.Month(1+(n-1)*u.months()), 1, 0, 0, 0, 0, time.UTC)
	if u.Label(start) != label {
		return time.Time{}, fmt.Errorf("%q is no %s", label, u)
	}
	return start, nil
}

// End returns the last day of the period that begins at start.
func (u Unit) End(start time.Time) time.Time {
	return start.AddDate(0, u.months(), -1)
}

// check refuses a unit that is unknown and a first period that is none.
func (p Period) check() error {
	if p.Unit.months() == 0 {
		return fmt.Errorf("period: unit %q is unknown", p.Unit)
	}
	_, err := p.Unit.Start(p.From)
	return err
}

// Closed returns the labels of the periods that had ended before the given day, from
// the first that is published, in order.
func (p Period) Closed(day time.Time) []string {
	var labels []string
	start, err := p.Unit.Start(p.From)
	if err != nil {
		return nil // checked when the definition was loaded
	}
	for ; p.Unit.End(start).Before(day); start = start.AddDate(0, p.Unit.months(), 0) {
		labels = append(labels, p.Unit.Label(start))
	}
	return labels
}
