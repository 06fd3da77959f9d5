package main

import (
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/jobs"
)

func TestStatesOfJobsForPeople(t *testing.T) {
	s := &settings{Timezone: "Europe/Paris"}
	now := time.Date(2026, 6, 1, 10, 0, 0, 0, time.UTC)
	due := now.Add(-6 * time.Hour)
	held := jobs.Lease{Holder: "host:1", Since: now.Add(-time.Hour), Until: now.Add(time.Minute)}
	ended := held
	ended.Until = now.Add(-time.Minute)
	for _, c := range []struct {
		due   time.Time
		lease jobs.Lease
		want  string
	}{
		{time.Time{}, jobs.Lease{}, "served"},
		{time.Time{}, jobs.Lease{Attempt: 30}, "served"},
		{due, jobs.Lease{}, "due since 2026-06-01 06:00"},
		{due, held, "host:1 runs it since 2026-06-01 11:00"},
		{due, ended, "host:1 gave no sign since 2026-06-01 11:59; the next worker takes over"},
		{due, jobs.Lease{Due: due, Attempt: 2, Retry: now.Add(time.Minute)}, "due since 2026-06-01 06:00; attempt 3 at 2026-06-01 12:01"},
		{due, jobs.Lease{Due: due, Attempt: 30}, "due since 2026-06-01 06:00; given up after 30 attempts, run it by hand"},
		{due, jobs.Lease{Due: due.AddDate(0, 0, -1), Attempt: 30, Retry: now.Add(time.Minute)}, "due since 2026-06-01 06:00"},
	} {
		if got := (jobState{Due: c.due, Lease: c.lease}).text(s, now); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestAJobThatIsNotTriedAgainIsNotServed: no due date is open, and yet nothing was done.
func TestAJobThatIsNotTriedAgainIsNotServed(t *testing.T) {
	now := time.Date(2026, 6, 1, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		last jobs.Record
		want string
	}{
		{jobs.Record{Outcome: jobs.Refused}, "not served; waits for the next time, or parvis jobs run verify"},
		{jobs.Record{Outcome: jobs.Failed}, "not served; waits for the next time, or parvis jobs run verify"},
		{jobs.Record{Outcome: jobs.Failed, ByHand: true}, "served"},
		{jobs.Record{Outcome: jobs.Unchanged}, "served"},
	} {
		if got := (jobState{Job: "verify", Last: &c.last}).text(&settings{Timezone: "Europe/Paris"}, now); got != c.want {
			t.Errorf("%s: %q, want %q", c.last.Outcome, got, c.want)
		}
	}
}
