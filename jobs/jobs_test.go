package jobs

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	_ "time/tzdata" // Europe/Paris on a machine that has no time zones

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func paris(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func schedule(t *testing.T, text string) Schedule {
	t.Helper()
	s, err := ParseSchedule(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// bench is a worker under test, and what its jobs wrote down.
type bench struct {
	t     *testing.T
	zone  *time.Location
	jobs  []Job
	notes []string // only one job runs at a time
	log   strings.Builder
	beats []time.Time
	// refuse is the error of the sign of life.
	refuse error
}

// note writes down a moment of a job.
func (b *bench) note(what string) {
	b.notes = append(b.notes, time.Now().In(b.zone).Format("01-02 15:04 ")+what)
}

// job adds a job that takes so long, and stops when it is told to.
func (b *bench) job(name, times string, takes time.Duration, result error) {
	b.jobs = append(b.jobs, Job{Name: name, Schedule: schedule(b.t, times), Run: func(ctx context.Context) error {
		b.note(name + " begins")
		select {
		case <-time.After(takes):
			b.note(name + " ends")
			return result
		case <-ctx.Done():
			time.Sleep(20 * time.Second) // what it takes to leave nothing half-done
			b.note(name + " stops")
			return ctx.Err()
		}
	}})
}

// run lets the worker run from one moment to another.
func (b *bench) run(from, to time.Time) {
	time.Sleep(time.Until(from))
	ctx, cancel := context.WithCancel(b.t.Context())
	w := &Worker{
		Jobs: b.jobs, Zone: b.zone, Log: slog.New(slog.NewTextHandler(&b.log, nil)),
		Alive: func() error { b.beats = append(b.beats, time.Now()); return b.refuse },
	}
	stopped := make(chan struct{})
	go func() { defer close(stopped); w.Run(ctx) }()
	time.Sleep(time.Until(to))
	cancel()
	<-stopped
}

func (b *bench) want(notes ...string) {
	b.t.Helper()
	if diff := cmp.Diff(notes, b.notes); diff != "" {
		b.t.Errorf("-want +got:\n%s\nlog:\n%s", diff, b.log.String())
	}
}

func (b *bench) logged(times int, text string) {
	b.t.Helper()
	if got := strings.Count(b.log.String(), text); got != times {
		b.t.Errorf("the log has %q %d times, want %d:\n%s", text, got, times, b.log.String())
	}
}

// worker runs a test under a clock of its own.
func worker(t *testing.T, test func(b *bench)) {
	zone := paris(t)
	synctest.Test(t, func(t *testing.T) { test(&bench{t: t, zone: zone}) })
}

func TestJobsComeDueByTheClockOfTheZone(t *testing.T) {
	// The wall clock jumps from 02:00 to 03:00 on 29 March 2026, and from 03:00
	// back to 02:00 on 25 October.
	for _, c := range []struct {
		name, times string
		from        time.Time // in UTC
		days        int
		want        []string
	}{
		{"04:15 in spring is once a day", "15 4 * * *", time.Date(2026, 3, 27, 12, 0, 0, 0, time.UTC), 3,
			[]string{"03-28 04:15 job begins", "03-29 04:15 job begins", "03-30 04:15 job begins"}},
		{"04:15 in autumn is once a day", "15 4 * * *", time.Date(2026, 10, 23, 12, 0, 0, 0, time.UTC), 3,
			[]string{"10-24 04:15 job begins", "10-25 04:15 job begins", "10-26 04:15 job begins"}},
		{"02:30 is left out in spring", "30 2 * * *", time.Date(2026, 3, 27, 12, 0, 0, 0, time.UTC), 3,
			[]string{"03-28 02:30 job begins", "03-30 02:30 job begins"}},
		{"02:30 comes twice in autumn", "30 2 * * *", time.Date(2026, 10, 23, 12, 0, 0, 0, time.UTC), 3,
			[]string{"10-24 02:30 job begins", "10-25 02:30 job begins", "10-25 02:30 job begins", "10-26 02:30 job begins"}},
		{"the second of the month", "30 4 2 * *", time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), 62,
			[]string{"03-02 04:30 job begins", "04-02 04:30 job begins", "05-02 04:30 job begins"}},
		{"the third of the quarter", "45 4 3 1,4,7,10 *", time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), 250,
			[]string{"04-03 04:45 job begins", "07-03 04:45 job begins", "10-03 04:45 job begins"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			worker(t, func(b *bench) {
				b.jobs = []Job{{Name: "job", Schedule: schedule(t, c.times), Run: func(context.Context) error {
					b.note("job begins")
					return nil
				}}}
				b.run(c.from, c.from.AddDate(0, 0, c.days))
				b.want(c.want...)
			})
		})
	}
}

func TestOneJobAtATime(t *testing.T) {
	worker(t, func(b *bench) {
		b.job("long", "15 4 * * *", 2*time.Hour, nil)
		b.job("short", "30 4 * * *", time.Minute, nil)
		b.job("other", "45 4 * * *", time.Minute, nil)
		b.run(time.Date(2026, 6, 1, 4, 0, 0, 0, b.zone), time.Date(2026, 6, 1, 12, 0, 0, 0, b.zone))
		b.want("06-01 04:15 long begins", "06-01 06:15 long ends",
			"06-01 06:15 short begins", "06-01 06:16 short ends",
			"06-01 06:16 other begins", "06-01 06:17 other ends")
	})
}

func TestAJobWaitsOrRunsAtMostOnce(t *testing.T) {
	worker(t, func(b *bench) {
		b.job("long", "0 4 * * *", 50*time.Minute, nil)
		b.job("often", "10,20,30 4 * * *", 25*time.Minute, nil)
		b.run(time.Date(2026, 6, 1, 3, 30, 0, 0, b.zone), time.Date(2026, 6, 1, 12, 0, 0, 0, b.zone))
		b.want("06-01 04:00 long begins", "06-01 04:50 long ends", "06-01 04:50 often begins", "06-01 05:15 often ends")
		b.logged(2, "job is due again before it has finished, and is left out this time")
	})
	worker(t, func(b *bench) {
		b.job("own tail", "0,10,20,30 4 * * *", 25*time.Minute, nil)
		b.run(time.Date(2026, 6, 1, 3, 30, 0, 0, b.zone), time.Date(2026, 6, 1, 12, 0, 0, 0, b.zone))
		b.want("06-01 04:00 own tail begins", "06-01 04:25 own tail ends", "06-01 04:30 own tail begins", "06-01 04:55 own tail ends")
	})
}

func TestAFailedJobStopsNothing(t *testing.T) {
	worker(t, func(b *bench) {
		b.job("bad", "0 4 * * *", time.Minute, errors.New("the hub is on fire"))
		b.job("good", "0 5 * * *", time.Minute, nil)
		b.run(time.Date(2026, 6, 1, 3, 30, 0, 0, b.zone), time.Date(2026, 6, 2, 4, 30, 0, 0, b.zone))
		b.want("06-01 04:00 bad begins", "06-01 04:01 bad ends", "06-01 05:00 good begins", "06-01 05:01 good ends",
			"06-02 04:00 bad begins", "06-02 04:01 bad ends")
		b.logged(2, `level=ERROR msg="job failed" job=bad took=1m0s error="the hub is on fire"`)
	})
}

func TestStoppingCancelsTheRunningJobAndWaitsForIt(t *testing.T) {
	worker(t, func(b *bench) {
		b.job("long", "0 4 * * *", 2*time.Hour, nil)
		b.job("waiting", "10 4 * * *", time.Minute, nil)
		b.run(time.Date(2026, 6, 1, 3, 30, 0, 0, b.zone), time.Date(2026, 6, 1, 4, 30, 0, 0, b.zone))
		b.want("06-01 04:00 long begins", "06-01 04:30 long stops")
		if got := time.Now().In(b.zone).Format("15:04:05"); got != "04:30:20" {
			t.Errorf("stopped at %s, want 04:30:20", got)
		}
		b.logged(1, `level=INFO msg="job was stopped" job=long`)
		b.logged(1, `msg="job was waiting and is dropped" job=waiting`)
		b.logged(0, "level=ERROR")
	})
}

func TestStoppingAnIdleWorker(t *testing.T) {
	worker(t, func(b *bench) {
		b.job("later", "0 4 * * *", time.Minute, nil)
		b.run(time.Date(2026, 6, 1, 5, 0, 0, 0, b.zone), time.Date(2026, 6, 1, 5, 1, 0, 0, b.zone))
		b.want()
		b.logged(1, `msg="job is scheduled" job=later schedule="0 4 * * *" due=2026-06-02T04:00:00.000+02:00`)
	})
}

func TestSignsOfLife(t *testing.T) {
	worker(t, func(b *bench) {
		b.job("stuck", "0 4 * * *", 20*time.Hour, nil)
		b.run(time.Date(2026, 6, 1, 3, 55, 30, 0, b.zone), time.Date(2026, 6, 2, 0, 30, 0, 0, b.zone))
		first, last := b.beats[0].In(b.zone).Format("15:04:05"), b.beats[len(b.beats)-1].In(b.zone).Format("15:04")
		if first != "03:55:30" {
			t.Errorf("first sign at %s, want at once", first)
		}
		// The job begins at 04:00, counts as stuck after 12 h, and ends at midnight.
		for _, c := range []struct {
			from, to string
			want     int
		}{{"04:00", "16:00", 12 * 60}, {"16:01", "23:59", 0}} {
			n := 0
			for _, beat := range b.beats {
				if at := beat.In(b.zone).Format("15:04"); at >= c.from && at < c.to {
					n++
				}
			}
			if n != c.want {
				t.Errorf("%d signs between %s and %s, want %d", n, c.from, c.to, c.want)
			}
		}
		if last < "00:28" {
			t.Errorf("last sign at %s, want after the job ended", last)
		}
	})
	worker(t, func(b *bench) {
		b.refuse = errors.New("the disk is gone")
		b.job("later", "0 4 * * *", time.Minute, nil)
		b.run(time.Date(2026, 6, 1, 3, 59, 0, 0, b.zone), time.Date(2026, 6, 1, 4, 5, 0, 0, b.zone))
		b.want("06-01 04:00 later begins", "06-01 04:01 later ends")
		b.logged(len(b.beats), `msg="sign of life failed" error="the disk is gone"`)
	})
}
