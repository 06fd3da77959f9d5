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
	// Lag is the number of months after its end during which a period is not published
	// yet: what became of its files is awaited.
	Lag int `yaml:"lag" json:"lag,omitempty"`
}

// Unit is a length of time.
type Unit string

// Units of time.
const (
	UnitMonth   Unit = "month"   // labels like 2024-03
	UnitQuarter Unit = "quarter" // labels like 2024-T1
	UnitYear    Unit = "year"    // labels like 2024
)

// months returns the length of a unit in months; 0 if there is no such unit.
func (u Unit) months() int {
	return map[Unit]int{UnitMonth: 1, UnitQuarter: 3, UnitYear: 12}[u]
}

// Label returns the label of the period that holds a day.
func (u Unit) Label(day time.Time) string {
	switch u {
	case UnitYear:
		return day.Format("2006")
	case UnitQuarter:
		return fmt.Sprintf("%04d-T%d", day.Year(), 1+(int(day.Month())-1)/3)
	default:
		return day.Format("2006-01")
	}
}

// Start returns the first day of the period with the given label, at midnight UTC.
//
// Errors: a label that is not one of the unit.
func (u Unit) Start(label string) (time.Time, error) {
	year, n := 0, 1
	var err error
	switch u {
	case UnitYear:
		_, err = fmt.Sscanf(label, "%4d", &year)
	case UnitQuarter:
		_, err = fmt.Sscanf(label, "%4d-T%1d", &year, &n)
	default:
		_, err = fmt.Sscanf(label, "%4d-%2d", &year, &n)
	}
	if err != nil || n < 1 || n*u.months() > 12 {
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
	if p.Lag < 0 {
		return fmt.Errorf("period: lag of %d months", p.Lag)
	}
	_, err := p.Unit.Start(p.From)
	return err
}

// Closed returns the labels of the periods that had ended before the given day, with
// their lag, from the first that is published, in order.
func (p Period) Closed(day time.Time) []string {
	var labels []string
	start, err := p.Unit.Start(p.From)
	if err != nil {
		return nil // checked when the definition was loaded
	}
	for ; p.last(start).Before(day); start = start.AddDate(0, p.Unit.months(), 0) {
		labels = append(labels, p.Unit.Label(start))
	}
	return labels
}

// last returns the last day of the lag of the period that begins at start.
func (p Period) last(start time.Time) time.Time {
	return start.AddDate(0, p.Unit.months()+p.Lag, -1)
}
