package alerts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/jobs"
)

// told runs a scene under a clock of its own, from an hour before a due date on, while
// somebody watches, and returns what the receiver was told.
func told(t *testing.T, scene func(b *bench, due time.Time)) (all []posted) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		due := b.schedule.Next(time.Now().Add(24 * time.Hour))
		time.Sleep(time.Until(due) - time.Hour)
		b.attempt(jobs.Order{Due: b.schedule.Last(time.Now())}, nil)
		defer b.keep(b.keeper(b.store))()
		time.Sleep(time.Until(due) + time.Minute)
		scene(b, due)
		time.Sleep(2 * time.Minute)
		all = b.receiver.all()
	})
	return all
}

// fail lets the job fail so many times, as soon as it may be tried again, and waits until
// it may be once more.
func (b *bench) fail(due time.Time, times int) {
	for range times {
		r := b.attempt(jobs.Order{Due: due}, errPasses)
		time.Sleep(time.Until(r.Retry) + time.Second)
	}
}

func TestWhatIsTold(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		name  string
		scene func(b *bench, due time.Time)
		want  string
	}{
		{"nothing, when all is well", func(b *bench, due time.Time) {
			b.attempt(jobs.Order{Due: due}, nil)
		}, ""},
		{"a failure that passes", func(b *bench, due time.Time) {
			b.fail(due, 4)
			b.attempt(jobs.Order{Due: due}, nil)
		}, "job.failed 1 job.recovered 5"},
		{"an outage until it is given up", func(b *bench, due time.Time) {
			b.fail(due, 30)
			time.Sleep(time.Until(due.Add(4 * day)))
		}, "job.failed 1 job.late 0 job.failed 25 job.late 0 job.failed 30! job.late 0 job.late 0"},
		{"a worker that is stopped at each attempt", func(b *bench, due time.Time) {
			for range 30 {
				ctx, cancel := context.WithCancel(b.t.Context())
				_, err := b.ledger.Do(ctx, jobs.Job{Name: "catalogue", Run: func(during context.Context, _ *jobs.Run) error {
					cancel()
					return during.Err()
				}}, jobs.Order{Due: due})
				if !errors.Is(err, context.Canceled) {
					b.t.Error(err)
				}
			}
		}, "job.failed 30!"},
		{"what does not pass", func(b *bench, due time.Time) {
			b.attempt(jobs.Order{Due: due}, errWrong)
			time.Sleep(time.Hour)
			b.attempt(jobs.Order{Due: due, ByHand: true}, errWrong)
			b.attempt(jobs.Order{Due: due, ByHand: true}, nil)
		}, "job.failed 1! job.recovered 0"},
		{"a refusal, and a run by hand that serves nothing", func(b *bench, due time.Time) {
			b.attempt(jobs.Order{Due: due}, errNo)
			time.Sleep(10 * time.Minute)
			b.attempt(jobs.Order{ByHand: true}, nil)
			time.Sleep(10 * time.Minute)
			b.attempt(jobs.Order{ByHand: true, Due: due}, nil)
		}, "job.refused 1! job.recovered 0"},
		{"nobody works for a day", func(b *bench, due time.Time) {
			time.Sleep(10 * time.Hour)
			b.attempt(jobs.Order{Due: due}, nil)
		}, "job.late 0 job.recovered 1"},
		{"a run of yesterday's date heals nothing of today", func(b *bench, due time.Time) {
			b.attempt(jobs.Order{Due: due}, errNo)
			time.Sleep(day)
			b.attempt(jobs.Order{Due: due.Add(day)}, errNo)
			b.attempt(jobs.Order{Due: due, ByHand: true}, nil)
		}, "job.refused 1! job.refused 1!"},
		{"damage, whoever finds it", func(b *bench, due time.Time) {
			d := jobs.Damage{Dataset: "catalogue", Release: "20261122T041500Z-3f9c01ab", Objects: []string{"a.csv is missing"}}
			b.attempt(jobs.Order{Due: due}, errWrong, d)
			time.Sleep(time.Hour)
			b.attempt(jobs.Order{ByHand: true}, errWrong, d)
		}, "release.damaged 0 job.failed 1! release.damaged 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, p := range told(t, c.scene) {
				mark := ""
				if p.event.Data.Final {
					mark = "!"
				}
				got = append(got, fmt.Sprintf("%s %d%s", p.event.Type, p.event.Data.Attempt, mark))
			}
			if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestAnEventSaysWhatToDo: a person who has nothing but the event knows what happened, when
// it is tried again, and what to run.
func TestAnEventSaysWhatToDo(t *testing.T) {
	all := told(t, func(b *bench, due time.Time) {
		b.attempt(jobs.Order{Due: due}, errPasses)
		time.Sleep(5 * time.Minute)
		b.attempt(jobs.Order{Due: due}, errNo)
	})
	var bodies []string
	for _, p := range all {
		bodies = append(bodies, p.body)
	}
	want := []string{
		`{"type":"job.failed","timestamp":"2000-01-02T03:16:00Z","data":{"summary":"Job catalogue failed (due 2000-01-02 04:15 +01:00, attempt 1) and is tried again at 2000-01-02 04:17 +01:00.",` +
			`"command":"parvis jobs show catalogue","job":"catalogue","due":"2000-01-02T04:15:00+01:00","run":2,"outcome":"failed","attempt":1,"retry":"2000-01-02T03:17:08.203125Z","error":"the store is out of reach; look at the network"}}`,
		`{"type":"job.refused","timestamp":"2000-01-02T03:21:00Z","data":{"summary":"Job catalogue was refused (due 2000-01-02 04:15 +01:00): the data or the disclosure control said no. It is not tried again before the next due date.",` +
			`"command":"parvis jobs run catalogue","job":"catalogue","due":"2000-01-02T04:15:00+01:00","run":3,"outcome":"refused","attempt":2,"final":true,"error":"the data say no; correct the extract"}}`,
	}
	if diff := cmp.Diff(want, bodies); diff != "" {
		t.Error(diff)
	}
}

// TestTheFloodOfDamage: a store that has lost everything does not send a thousand alerts.
func TestTheFloodOfDamage(t *testing.T) {
	all := told(t, func(b *bench, due time.Time) {
		var lost []jobs.Damage
		for i := range 90 {
			lost = append(lost, jobs.Damage{Dataset: "catalogue", Release: fmt.Sprintf("release-%d", i), Objects: []string{"a.csv is missing"}})
		}
		b.attempt(jobs.Order{Due: due}, errWrong, lost...)
	})
	if len(all) != mostDamaged+1 {
		t.Fatalf("%d alerts", len(all))
	}
	var last string
	for _, p := range all {
		if s := p.event.Data.Summary; strings.Contains(s, "more releases") {
			last = s
		}
	}
	if !strings.HasSuffix(last, "So are 70 more releases.") {
		t.Errorf("nothing says how many more: %q", last)
	}
}

// TestWhatWasBeforeIsNotTold: alerts that are switched on today do not tell of last week,
// nor that a new installation has never published; and what was told is not told again
// after a restart.
func TestWhatWasBeforeIsNotTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		time.Sleep(24 * time.Hour)
		b.attempt(jobs.Order{Due: b.schedule.Last(time.Now())}, errNo)
		time.Sleep(time.Hour)
		stop := b.keep(b.keeper(b.store))
		time.Sleep(time.Hour)
		if got := b.receiver.types(); got != "" {
			t.Errorf("told: %s", got)
		}
		next := b.schedule.Next(time.Now())
		stop()
		// Nobody works, and nobody watches.
		time.Sleep(time.Until(next) + time.Hour)
		b.attempt(jobs.Order{Due: next}, errNo)
		for range 3 {
			stop = b.keep(b.keeper(b.store))
			time.Sleep(10 * time.Minute)
			stop()
		}
		if got := b.receiver.types(); got != "job.refused" {
			t.Errorf("told: %s", got)
		}
		// Alerts are off for a month.
		for range 30 {
			next = b.schedule.Next(time.Now())
			time.Sleep(time.Until(next) + time.Minute)
			b.attempt(jobs.Order{Due: next}, errNo)
		}
		stop = b.keep(b.keeper(b.store))
		time.Sleep(10 * time.Minute)
		stop()
		if got := b.receiver.types(); got != "job.refused job.refused job.refused job.refused" {
			t.Errorf("told after a month: %s", got)
		}
	})
}

// TestARunUnderWayIsWaitedFor: a run is told of when it has ended, not before, and is not
// passed over.
func TestARunUnderWayIsWaitedFor(t *testing.T) {
	all := told(t, func(b *bench, due time.Time) {
		_, _ = b.ledger.Do(b.t.Context(), jobs.Job{Name: "catalogue", Run: func(context.Context, *jobs.Run) error {
			time.Sleep(30 * time.Minute)
			if got := b.receiver.types(); got != "" {
				b.t.Errorf("told before its end: %s", got)
			}
			return errNo
		}}, jobs.Order{Due: due})
	})
	if len(all) != 1 || all[0].event.Type != JobRefused {
		t.Errorf("told: %v", all)
	}
}
