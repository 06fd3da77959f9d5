package jobs

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Schedule says when a job is due: at the times that a cron expression names.
type Schedule struct {
	text  string
	times cron.Schedule
}

var fiveFields = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// leapDay begins a span that a schedule of 29 February falls into: five years, in
// which the next time is looked for, always hold such a day but around 2100.
var leapDay = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// ParseSchedule reads a cron expression of five fields: minute, hour, day of the
// month, month, day of the week. If both days are given, either is enough.
//
// Errors: what is wrong with the expression, or that it names no time at all.
func ParseSchedule(text string) (Schedule, error) {
	if strings.Contains(text, "=") {
		return Schedule{}, errors.New("the time zone is not part of it")
	}
	times, err := fiveFields.Parse(text)
	if err != nil {
		return Schedule{}, fmt.Errorf("%w; give five fields: minute, hour, day, month, day of the week", err)
	}
	if times.Next(leapDay).IsZero() {
		return Schedule{}, errors.New("that day never comes")
	}
	return Schedule{text: text, times: times}, nil
}

// Next returns the first time after t that the schedule names, by the wall clock
// of the location of t.
func (s Schedule) Next(t time.Time) time.Time { return s.times.Next(t) }
