package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	_ "time/tzdata" // Europe/Paris on a machine that has no time zones

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/parvis-opendata/parvis/internal/objects"
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
	s, err := ParseSchedule(text, paris(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Kinds of failure of the jobs under test.
var (
	errNo     = errors.New("the data say no")
	errBroken = errors.New("nothing can be done")
)

// newLedger is a ledger in a place of its own.
func newLedger(t *testing.T, s store, log *slog.Logger, holder string) *Ledger {
	t.Helper()
	place, err := OpenPlace(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &Ledger{
		Store: s, Place: place, Holder: holder, Now: time.Now, Log: log,
		Reached: func(context.Context, string) (int64, error) { return 0, nil },
		Judge: func(err error) (Outcome, bool) {
			switch {
			case errors.Is(err, errNo):
				return Refused, false
			case errors.Is(err, errBroken):
				return Failed, false
			}
			return Failed, true
		},
	}
}

// bench is a worker under test, and what its jobs wrote down.
type bench struct {
	t      *testing.T
	zone   *time.Location
	store  *memory
	ledger *Ledger
	jobs   []Job
	notes  []string // only one job runs at a time
	log    strings.Builder
	beats  []time.Time
	// refuse is the error of the sign of life.
	refuse error
}

// note writes down a moment of a job.
func (b *bench) note(what string) {
	b.notes = append(b.notes, time.Now().In(b.zone).Format("01-02 15:04 ")+what)
}

// job adds a job that takes so long, and stops when it is told to.
func (b *bench) job(name, times string, takes time.Duration, result func() error) {
	b.jobs = append(b.jobs, Job{Name: name, Schedule: schedule(b.t, times), Run: func(ctx context.Context, _ *Run) error {
		b.note(name + " begins")
		select {
		case <-time.After(takes):
			b.note(name + " ends")
			return result()
		case <-ctx.Done():
			time.Sleep(20 * time.Second) // what it takes to leave nothing half-done
			b.note(name + " stops")
			return ctx.Err()
		}
	}})
}

func well() error { return nil }

// served marks all jobs as served at a moment, as if they had run before.
func (b *bench) served(at time.Time) {
	b.t.Helper()
	for _, job := range b.jobs {
		if _, err := objects.WriteDocument(b.t.Context(), b.store, leaseName(job.Name), Lease{Job: job.Name, Done: at}, ""); err != nil {
			b.t.Fatal(err)
		}
	}
}

// run lets the worker run from one moment to another.
func (b *bench) run(from, to time.Time) {
	time.Sleep(time.Until(from))
	ctx, cancel := context.WithCancel(b.t.Context())
	w := &Worker{
		Jobs: b.jobs, Ledger: b.ledger, Log: b.ledger.Log,
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

// outcomes are those of the runs of a job, in order.
func (b *bench) outcomes(job string) string {
	b.t.Helper()
	runs, err := b.ledger.Runs(context.WithoutCancel(b.t.Context()), job, keptRuns)
	if err != nil {
		b.t.Fatal(err)
	}
	var all []string
	for i := len(runs) - 1; i >= 0; i-- {
		all = append(all, fmt.Sprintf("%s:%d", runs[i].Outcome, runs[i].Attempt))
	}
	return strings.Join(all, " ")
}

// worker runs a test under a clock of its own.
func worker(t *testing.T, test func(b *bench)) {
	zone := paris(t)
	synctest.Test(t, func(t *testing.T) {
		b := &bench{t: t, zone: zone, store: newMemory()}
		b.ledger = newLedger(t, b.store, slog.New(slog.NewTextHandler(&b.log, nil)), "one")
		test(b)
	})
}

// at is a moment of June 2026 in Paris.
func (b *bench) at(day, hour, minute int) time.Time {
	return time.Date(2026, 6, day, hour, minute, 0, 0, b.zone)
}

func TestOneJobAtATimeInTheOrderInWhichTheyCameDue(t *testing.T) {
	worker(t, func(b *bench) {
		b.job("long", "15 4 * * *", 2*time.Hour, well)
		b.job("verify", "45 4 * * *", time.Minute, well)
		b.job("short", "30 4 * * *", time.Minute, well)
		b.served(b.at(1, 4, 0))
		b.run(b.at(1, 4, 0), b.at(1, 12, 0))
		b.want("06-01 04:15 long begins", "06-01 06:15 long ends",
			"06-01 06:15 short begins", "06-01 06:16 short ends",
			"06-01 06:16 verify begins", "06-01 06:17 verify ends")
	})
}

func TestWhatWasMissedIsCaughtUpOnce(t *testing.T) {
	worker(t, func(b *bench) {
		b.job("daily", "15 4 * * *", time.Minute, well)
		b.job("monthly", "15 4 2 * *", time.Minute, well)
		b.job("verify", "15 4 * * *", time.Minute, well)
		b.served(b.at(1, 5, 0))
		b.run(b.at(10, 12, 0), b.at(11, 5, 0))
		b.want("06-10 12:00 monthly begins", "06-10 12:01 monthly ends", // due since the 2nd
			"06-10 12:01 daily begins", "06-10 12:02 daily ends", "06-10 12:02 verify begins", "06-10 12:03 verify ends",
			"06-11 04:15 daily begins", "06-11 04:16 daily ends", "06-11 04:16 verify begins", "06-11 04:17 verify ends")
		record, err := b.ledger.Record(b.t.Context(), "daily", 1)
		if err != nil || !record.Due.Equal(b.at(10, 4, 15)) {
			b.t.Errorf("served %s, %v", record.Due, err)
		}
	})
}

func TestANewInstallationRunsEachJobOnceAtOnce(t *testing.T) {
	worker(t, func(b *bench) {
		b.job("daily", "15 4 * * *", time.Minute, well)
		b.job("quarterly", "45 4 3 1,4,7,10 *", time.Minute, well)
		b.run(b.at(1, 12, 0), b.at(2, 4, 0))
		b.want("06-01 12:00 quarterly begins", "06-01 12:01 quarterly ends", "06-01 12:01 daily begins", "06-01 12:02 daily ends")
	})
}

func TestADueDateThatComesWhileItsJobRunsFollows(t *testing.T) {
	worker(t, func(b *bench) {
		b.job("own tail", "0,10,20,30 4 * * *", 25*time.Minute, well)
		b.served(b.at(1, 3, 0))
		b.run(b.at(1, 3, 30), b.at(1, 12, 0))
		// That of 04:10 is served by the run for 04:20.
		b.want("06-01 04:00 own tail begins", "06-01 04:25 own tail ends", "06-01 04:25 own tail begins", "06-01 04:50 own tail ends",
			"06-01 04:50 own tail begins", "06-01 05:15 own tail ends")
	})
}

func TestWhatCanPassIsTriedAgain(t *testing.T) {
	worker(t, func(b *bench) {
		tries := 0
		b.job("bad", "0 4 * * *", time.Minute, func() error {
			if tries++; tries < 4 {
				return errors.New("the hub is\n on fire")
			}
			return nil
		})
		b.job("good", "1 4 * * *", 0, well)
		b.served(b.at(1, 3, 0))
		b.run(b.at(1, 3, 30), b.at(1, 20, 0))
		if got, want := b.outcomes("bad"), "failed:1 failed:2 failed:3 done:4"; got != want {
			b.t.Errorf("%s, want %s", got, want)
		}
		runs, err := b.ledger.Runs(b.t.Context(), "bad", 10)
		if err != nil {
			b.t.Fatal(err)
		}
		for i := 3; i > 0; i-- {
			pause, base := runs[i-1].Start.Sub(runs[i].End), time.Minute<<(3-i)
			if pause < base || pause > base*3/2+time.Minute {
				b.t.Errorf("after attempt %d, a pause of %s", runs[i].Attempt, pause)
			}
		}
		b.logged(3, `level=ERROR msg="job failed" job=bad`)
		if runs[3].Error != "the hub is; on fire" {
			b.t.Errorf("recorded %q", runs[3].Error)
		}
		if b.notes[2] != "06-01 04:01 good begins" {
			b.t.Errorf("the other job waited: %q", b.notes)
		}
	})
}

func TestRetriesEndAndTheNextDueDateIsServed(t *testing.T) {
	worker(t, func(b *bench) {
		b.job("bad", "0 4 1,10 * *", time.Minute, func() error { return errors.New("down") })
		b.served(b.at(1, 3, 0))
		b.run(b.at(1, 3, 30), b.at(9, 0, 0))
		if n := len(strings.Fields(b.outcomes("bad"))); n != maxAttempts {
			b.t.Errorf("%d attempts", n)
		}
		b.run(b.at(9, 0, 1), b.at(10, 4, 2))
		if got := b.outcomes("bad"); !strings.HasSuffix(got, " failed:30 failed:1") {
			b.t.Errorf("%s", got)
		}
	})
}

func TestWhatCannotPassIsNotTriedAgain(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{{errNo, "refused:1 refused:1"}, {errBroken, "failed:1 failed:1"}} {
		worker(t, func(b *bench) {
			b.job("bad", "0 4 * * *", time.Minute, func() error { return c.err })
			b.served(b.at(1, 3, 0))
			b.run(b.at(1, 3, 30), b.at(2, 20, 0))
			if got := b.outcomes("bad"); got != c.want {
				b.t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestARunThatLastsTooLongIsStopped(t *testing.T) {
	worker(t, func(b *bench) {
		b.job("endless", "0 4 * * *", 100*time.Hour, well)
		b.served(b.at(1, 3, 0))
		b.run(b.at(1, 3, 30), b.at(1, 16, 1))
		b.want("06-01 04:00 endless begins", "06-01 16:00 endless stops")
		b.logged(1, `error="job endless: the run lasted longer than 12h0m0s"`)
	})
}

func TestStoppingCancelsTheRunningJobAndGivesTheLeaseBack(t *testing.T) {
	worker(t, func(b *bench) {
		b.job("long", "0 4 * * *", 2*time.Hour, well)
		b.job("waiting", "10 4 * * *", time.Minute, well)
		b.served(b.at(1, 3, 0))
		b.run(b.at(1, 3, 30), b.at(1, 4, 30))
		b.want("06-01 04:00 long begins", "06-01 04:30 long stops")
		if got := time.Now().In(b.zone).Format("15:04:05"); got != "04:30:20" {
			t.Errorf("stopped at %s, want 04:30:20", got)
		}
		b.logged(1, `level=WARN msg="job was abandoned" job=long`)
		b.logged(0, "level=ERROR")
		b.notes = nil
		b.run(b.at(1, 4, 31), b.at(1, 7, 0))
		b.want("06-01 04:31 long begins", "06-01 06:31 long ends", "06-01 06:31 waiting begins", "06-01 06:32 waiting ends")
		if got, want := b.outcomes("long"), "abandoned:1 done:2"; got != want {
			b.t.Errorf("%s, want %s", got, want)
		}
	})
}

func TestSignsOfLife(t *testing.T) {
	worker(t, func(b *bench) {
		b.jobs = append(b.jobs, Job{Name: "stuck", Schedule: schedule(t, "0 4 * * *"), Run: func(context.Context, *Run) error {
			time.Sleep(20 * time.Hour)
			return nil
		}})
		b.served(b.at(1, 3, 0))
		b.run(time.Date(2026, 6, 1, 3, 55, 30, 0, b.zone), b.at(2, 0, 30))
		if first := b.beats[0].In(b.zone).Format("15:04:05"); first != "03:55:30" {
			t.Errorf("first sign at %s, want at once", first)
		}
		// The job begins at 04:00, is told to stop after 12 h, and ends at midnight.
		for _, c := range []struct {
			from, to string
			want     int
		}{{"04:00", "16:10", 12*60 + 10}, {"16:11", "23:59", 0}} {
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
		if last := b.beats[len(b.beats)-1].In(b.zone).Format("15:04"); last < "00:28" {
			t.Errorf("last sign at %s, want after the job ended", last)
		}
	})
	worker(t, func(b *bench) {
		b.refuse = errors.New("the disk is gone")
		b.job("later", "0 4 * * *", time.Minute, well)
		b.served(b.at(1, 3, 0))
		b.run(b.at(1, 3, 59), b.at(1, 4, 5))
		b.want("06-01 04:00 later begins", "06-01 04:01 later ends")
		b.logged(len(b.beats), `msg="sign of life failed" error="the disk is gone"`)
	})
}

func TestAStoreThatIsDownIsWaitedFor(t *testing.T) {
	worker(t, func(b *bench) {
		b.job("daily", "0 4 * * *", time.Minute, well)
		b.served(b.at(1, 3, 0))
		b.store.Down = func() error {
			if time.Now().Before(b.at(1, 4, 10)) {
				return errors.New("the store is down")
			}
			return nil
		}
		b.run(b.at(1, 3, 30), b.at(1, 5, 0))
		b.want("06-01 04:10 daily begins", "06-01 04:11 daily ends")
	})
}
