package jobs

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Schedule says when a job is due: at the times of the wall clock that a cron
// expression names. Each of them is one due date, also where the clock is changed: a
// time that is skipped is due when the clock has jumped, one that comes twice is due
// the first time.
type Schedule struct {
	text  string
	times cron.Schedule // of a wall clock that is never changed
	zone  *time.Location
}

var fiveFields = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// leapDay begins a span that a schedule of 29 February falls into: five years, in
// which the next time is looked for, always hold such a day but around 2100.
var leapDay = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// ParseSchedule reads a cron expression of five fields: minute, hour, day of the
// month, month, day of the week. If both days are given, either is enough.
//
// Errors: what is wrong with the expression, or that it names no time at all.
func ParseSchedule(text string, zone *time.Location) (Schedule, error) {
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
	return Schedule{text: text, times: utc{times}, zone: zone}, nil
}

func (s Schedule) String() string { return s.text }

// utc is a schedule of the cron library by the clock of UTC.
type utc struct{ cron.Schedule }

func (u utc) Next(t time.Time) time.Time { return u.Schedule.Next(t.UTC()) }

// slack is more than any change of a clock.
const slack = 4 * time.Hour

// Next returns the first due date after t.
func (s Schedule) Next(t time.Time) time.Time {
	for wall := s.times.Next(s.wall(t).Add(-slack)); !wall.IsZero(); wall = s.times.Next(wall) {
		if due := s.at(wall); due.After(t) {
			return due
		}
	}
	return time.Time{}
}

// Last returns the last due date that is not after t; zero if there was none in nine
// years.
func (s Schedule) Last(t time.Time) (last time.Time) {
	const day = 24 * time.Hour
	// The shortest span that holds one, so that few are gone through.
	for _, span := range []time.Duration{slack, 2 * day, 32 * day, 366 * day, 9 * 366 * day} {
		for wall := s.times.Next(s.wall(t).Add(-span)); !wall.IsZero(); wall = s.times.Next(wall) {
			due := s.at(wall)
			if due.After(t) {
				break
			}
			last = due
		}
		if !last.IsZero() {
			return last
		}
	}
	return last
}

// wall returns what the clock of the zone shows at t, as a time of UTC.
func (s Schedule) wall(t time.Time) time.Time {
	_, offset := t.In(s.zone).Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// at returns when the clock of the zone first shows a time, or, if it skips it, when
// it has jumped. It never goes back as wall goes on.
func (s Schedule) at(wall time.Time) time.Time {
	t := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, s.zone)
	from, to := t.ZoneBounds()
	switch shown := s.wall(t); {
	case shown.After(wall):
		return from
	case shown.Before(wall):
		return to
	case from.IsZero():
		return t
	}
	_, before := from.Add(-1).Zone()
	if first := wall.Add(-time.Duration(before) * time.Second); first.Before(from) {
		return first.In(s.zone)
	}
	return t
}
