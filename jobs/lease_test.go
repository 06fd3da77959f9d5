package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parvis-opendata/parvis/internal/objects"
)

// quiet is a log that nobody reads.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// link is how one worker reaches the store. A write that sets out arrives, however late.
type link struct {
	store
	mutex sync.Mutex
	// meets is what a request meets on its way; an error ends it.
	meets func(ctx context.Context) error
	// loses: a write is applied, and its answer is lost; deaf: no read is answered.
	loses, deaf bool
}

func (l *link) spoil(loses, deaf bool) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.loses, l.deaf = loses, deaf
}

func (l *link) set(meets func(ctx context.Context) error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.meets = meets
}

func (l *link) meet(ctx context.Context) error {
	l.mutex.Lock()
	meets := l.meets
	l.mutex.Unlock()
	if meets == nil {
		return nil
	}
	return meets(ctx)
}

func (l *link) answer(info objects.Info, err error) (objects.Info, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if err == nil && l.loses {
		return objects.Info{}, objects.ErrUnavailable
	}
	return info, err
}

func (l *link) Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, objects.Info, error) {
	l.mutex.Lock()
	deaf := l.deaf
	l.mutex.Unlock()
	if deaf {
		return nil, objects.Info{}, objects.ErrUnavailable
	}
	return l.store.Open(ctx, name, offset, length)
}

func (l *link) Create(ctx context.Context, name string, data []byte) (objects.Info, error) {
	if err := l.meet(ctx); err != nil {
		return objects.Info{}, err
	}
	return l.answer(l.store.Create(context.WithoutCancel(ctx), name, data))
}

func (l *link) Replace(ctx context.Context, name string, data []byte, version string) (objects.Info, error) {
	if err := l.meet(ctx); err != nil {
		return objects.Info{}, err
	}
	return l.answer(l.store.Replace(context.WithoutCancel(ctx), name, data, version))
}

// broken is a connection to nowhere.
func broken(context.Context) error { return fmt.Errorf("replace: %w", objects.ErrUnavailable) }

// leased runs a test with two workers and a clock of its own.
func leased(t *testing.T, test func(t *testing.T, one, two *Ledger, way *link)) {
	synctest.Test(t, func(t *testing.T) {
		shared := newMemory()
		way := &link{store: shared}
		test(t, newLedger(t, way, quiet(), "one"), newLedger(t, shared, quiet(), "two"), way)
	})
}

// noon is a due date.
func noon() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }

func take(t *testing.T, l *Ledger) (context.Context, *Run) {
	t.Helper()
	ctx, run, err := l.Take(t.Context(), "job", Order{Due: noon()})
	if err != nil {
		t.Fatal(err)
	}
	return ctx, run
}

// kill ends a run as kill -9 does.
func kill(run *Run) {
	run.rest()
	<-run.rested
	run.unlock()
	run.cancel()
}

// ran lists the runs of the job, in order.
func ran(t *testing.T, l *Ledger) string {
	t.Helper()
	runs, err := l.Runs(t.Context(), "job", keptRuns)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for i := len(runs) - 1; i >= 0; i-- {
		all = append(all, fmt.Sprintf("%d:%s:%s", runs[i].Run, runs[i].Worker, runs[i].Outcome))
	}
	return strings.Join(all, " ")
}

func wantRuns(t *testing.T, l *Ledger, want string) {
	t.Helper()
	if got := ran(t, l); got != want {
		t.Errorf("runs %q, want %q", got, want)
	}
}

func TestALeaseThatIsRenewedIsHeld(t *testing.T) {
	leased(t, func(t *testing.T, one, two *Ledger, _ *link) {
		ctx, run := take(t, one)
		run.Step("read")
		time.Sleep(5 * time.Hour)
		var held *HeldError
		if _, _, err := two.Take(t.Context(), "job", Order{Due: noon()}); !errors.As(err, &held) || held.Holder != "one" || !strings.Contains(err.Error(), "job job is run by one since 2000-01-01T00:00:00Z") {
			t.Errorf("taken twice: %v", err)
		}
		if during, err := two.Record(t.Context(), "job", 1); err != nil || during.Outcome != Running || len(during.Steps) != 1 || during.Steps[0].Seconds < 4.9*3600 {
			t.Errorf("%+v, %v", during, err)
		}
		run.Step("write")
		run.Step("write")
		run.Did(Result{Input: "2000-01-01", Release: "r", Rows: 7}, false)
		record, err := run.End(ctx, nil)
		if err != nil || record.Rows != 7 || len(record.Steps) != 2 || record.Steps[1].Name != "write" {
			t.Errorf("%+v, %v", record, err)
		}
		if _, _, err := two.Take(t.Context(), "job", Order{Due: noon()}); !errors.Is(err, ErrNotDue) {
			t.Errorf("served twice: %v", err)
		}
		_, again, err := two.Take(t.Context(), "job", Order{Due: noon(), ByHand: true})
		if err != nil || again.Number() != 2 {
			t.Fatalf("by hand: %v", err)
		}
		if _, err := again.End(t.Context(), nil); err != nil {
			t.Error(err)
		}
		wantRuns(t, one, "1:one:done 2:two:done")
	})
}

func TestALeaseThatEndsIsTakenOver(t *testing.T) {
	leased(t, func(t *testing.T, one, two *Ledger, _ *link) {
		_, run := take(t, one)
		kill(run)
		var held *HeldError
		time.Sleep(leaseTime - time.Second)
		if _, _, err := two.Take(t.Context(), "job", Order{Due: noon()}); !errors.As(err, &held) {
			t.Errorf("taken before it ended: %v", err)
		}
		time.Sleep(time.Second)
		ctx, next := take(t, two)
		wantRuns(t, one, "1:one:abandoned 2:two:running")
		if next.record.Attempt != 2 {
			t.Errorf("attempt %d", next.record.Attempt)
		}
		if _, err := next.End(ctx, nil); err != nil {
			t.Error(err)
		}
	})
}

// TestADeadHolderOfTheSamePlaceIsNotWaitedFor: its locks say that it is dead.
func TestADeadHolderOfTheSamePlaceIsNotWaitedFor(t *testing.T) {
	leased(t, func(t *testing.T, one, two *Ledger, _ *link) {
		two.Place.dir, two.Place.name = one.Place.dir, one.Place.name
		_, run := take(t, one)
		var held *HeldError
		if _, _, err := two.Take(t.Context(), "job", Order{Due: noon()}); !errors.As(err, &held) {
			t.Errorf("taken from the living: %v", err)
		}
		kill(run)
		ctx, next := take(t, two)
		if _, err := next.End(ctx, nil); err != nil {
			t.Error(err)
		}
		wantRuns(t, one, "1:one:abandoned 2:two:done")
	})
}

// TestTheClockOfAnotherIsWrong: a lease is taken over from a holder that is well. It
// is stopped, and changes nothing of what its successor wrote.
func TestTheClockOfAnotherIsWrong(t *testing.T) {
	leased(t, func(t *testing.T, one, two *Ledger, _ *link) {
		ctx, run := take(t, one)
		two.Now = func() time.Time { return time.Now().Add(time.Hour) }
		_, next := take(t, two)
		<-ctx.Done()
		if _, err := run.End(ctx, ctx.Err()); !errors.Is(err, errLost) {
			t.Errorf("ended with %v", err)
		}
		wantRuns(t, one, "1:one:abandoned 2:two:running")
		if lease, err := one.Lease(t.Context(), "job"); err != nil || lease.Holder != "two" || lease.Fence != 2 {
			t.Errorf("%+v, %v", lease, err)
		}
		if _, err := next.End(t.Context(), nil); err != nil {
			t.Error(err)
		}
	})
}

func TestAHolderThatCannotRenewStopsInTime(t *testing.T) {
	for _, c := range []struct {
		name  string
		meets func(ctx context.Context) error
	}{
		{"refused at once", broken},
		{"silence", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }},
	} {
		leased(t, func(t *testing.T, one, two *Ledger, way *link) {
			ctx, run := take(t, one)
			time.Sleep(time.Hour)
			way.set(c.meets)
			time.Sleep(renewBy - 2*renewEvery)
			if ctx.Err() != nil {
				t.Errorf("%s: stopped after a short outage", c.name)
			}
			way.set(nil)
			time.Sleep(time.Hour)
			way.set(c.meets)
			cut := time.Now()
			<-ctx.Done()
			if took := time.Since(cut); took > renewBy+renewEvery || took > leaseTime-30*time.Second {
				t.Errorf("%s: stopped after %s", c.name, took)
			}
			way.set(nil)
			if record, err := run.End(ctx, ctx.Err()); !errors.Is(err, errSilent) || record.Outcome != Abandoned {
				t.Errorf("%s: %+v, %v", c.name, record, err)
			}
			lease, err := two.Lease(t.Context(), "job")
			if err != nil || lease.Holder != "" || !lease.wants(noon(), time.Now()) {
				t.Errorf("%s: %+v, %v", c.name, lease, err)
			}
		})
	}
}

func TestLostAnswersDoNotLoseTheLease(t *testing.T) {
	leased(t, func(t *testing.T, one, two *Ledger, way *link) {
		way.spoil(true, false)
		ctx, run := take(t, one)
		time.Sleep(time.Hour)
		if ctx.Err() != nil {
			t.Errorf("stopped: %v", context.Cause(ctx))
		}
		if _, err := run.End(ctx, nil); err != nil {
			t.Error(err)
		}
		wantRuns(t, two, "1:one:done")
		if lease, err := two.Lease(t.Context(), "job"); err != nil || lease.Holder != "" || !lease.Done.Equal(noon()) {
			t.Errorf("%+v, %v", lease, err)
		}
	})
}

// TestARenewalOfWhichNobodyAnswers: it was applied, and nothing could be read back.
func TestARenewalOfWhichNobodyAnswers(t *testing.T) {
	leased(t, func(t *testing.T, one, two *Ledger, way *link) {
		ctx, run := take(t, one)
		way.spoil(true, true)
		time.Sleep(renewEvery + time.Second)
		way.spoil(false, false)
		time.Sleep(time.Hour)
		if ctx.Err() != nil {
			t.Errorf("stopped: %v", context.Cause(ctx))
		}
		if _, err := run.End(ctx, nil); err != nil {
			t.Error(err)
		}
		wantRuns(t, two, "1:one:done")
	})
}

func TestKilledBetweenItsRecordAndItsLease(t *testing.T) {
	leased(t, func(t *testing.T, one, two *Ledger, _ *link) {
		_, run := take(t, one)
		kill(run)
		run.close(nil, nil)
		if err := run.putRecord(t.Context(), run.record); err != nil {
			t.Fatal(err)
		}
		time.Sleep(leaseTime)
		if _, _, err := two.Take(t.Context(), "job", Order{Due: noon()}); !errors.Is(err, ErrNotDue) {
			t.Errorf("served twice: %v", err)
		}
		wantRuns(t, two, "1:one:done")
	})
}

func TestKilledBetweenItsLeaseAndItsRecord(t *testing.T) {
	leased(t, func(t *testing.T, one, two *Ledger, _ *link) {
		if _, err := one.take(t.Context(), Lease{Job: "job"}, "", Order{Due: noon()}); err != nil {
			t.Fatal(err)
		}
		if err := one.Store.Delete(t.Context(), runName("job", 1)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(leaseTime)
		ctx, run := take(t, two)
		if _, err := run.End(ctx, nil); err != nil {
			t.Error(err)
		}
		wantRuns(t, two, "1:one:abandoned 2:two:done")
	})
}

// TestNumbersGrowWhateverIsLost: a lease that is gone goes on from what is known.
func TestNumbersGrowWhateverIsLost(t *testing.T) {
	leased(t, func(t *testing.T, one, two *Ledger, _ *link) {
		for range 3 {
			ctx, run, err := one.Take(t.Context(), "job", Order{ByHand: true})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := run.End(ctx, nil); err != nil {
				t.Error(err)
			}
		}
		for i, c := range []struct{ reached, want int64 }{{0, 4}, {70, 71}} {
			if err := one.Store.Delete(t.Context(), leaseName("job")); err != nil {
				t.Fatal(err)
			}
			two.Reached = func(context.Context, string) (int64, error) { return c.reached, nil }
			ctx, run, err := two.Take(t.Context(), "job", Order{ByHand: true})
			if err != nil {
				t.Fatal(i, err)
			}
			if run.Number() != c.want {
				t.Errorf("number %d, want %d", run.Number(), c.want)
			}
			if _, err := run.End(ctx, nil); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestRecordsAreBounded(t *testing.T) {
	leased(t, func(t *testing.T, one, _ *Ledger, _ *link) {
		for range keptRuns + 5 {
			ctx, run, err := one.Take(t.Context(), "job", Order{ByHand: true})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := run.End(ctx, errors.New(strings.Repeat("é\n", 2000))); err == nil {
				t.Error("no error")
			}
		}
		runs, err := one.Runs(t.Context(), "job", 1000)
		if err != nil || len(runs) != keptRuns || runs[0].Run != keptRuns+5 {
			t.Fatalf("%d runs, %v", len(runs), err)
		}
		if text := runs[0].Error; len(text) > maxError+len("…") || strings.Contains(text, "\n") || !strings.HasSuffix(text, "é…") && !strings.HasSuffix(text, "; …") && !strings.HasSuffix(text, ";…") {
			t.Errorf("error of %d bytes: %q", len(text), text[len(text)-20:])
		}
	})
}

// TestAFailureByHandLeavesTheDueDateToTheSchedule, a success serves it.
func TestRunsByHandAndTheSchedule(t *testing.T) {
	for _, c := range []struct {
		err   error
		order Order
		wants bool
	}{
		{nil, Order{Due: noon(), ByHand: true}, false},
		{nil, Order{ByHand: true}, true}, // of another day
		{errors.New("down"), Order{Due: noon(), ByHand: true}, true},
		{errNo, Order{Due: noon(), ByHand: true}, true},
	} {
		leased(t, func(t *testing.T, one, _ *Ledger, _ *link) {
			ctx, run, err := one.Take(t.Context(), "job", c.order)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := run.End(ctx, c.err); !errors.Is(err, c.err) {
				t.Error(err)
			}
			lease, err := one.Lease(t.Context(), "job")
			if err != nil || lease.wants(noon(), time.Now()) != c.wants || lease.Attempt != 0 {
				t.Errorf("%v: %+v, %v", c.err, lease, err)
			}
		})
	}
}

// TestALeaseThatWasGivenBackForItsHolderIsNotTakenUpAgain: a worker whose clock is
// wrong, and that has nothing to do, finds that the lease of a run by hand has ended.
func TestALeaseThatWasGivenBackForItsHolderIsNotTakenUpAgain(t *testing.T) {
	leased(t, func(t *testing.T, one, two *Ledger, _ *link) {
		ctx, run, err := one.Take(t.Context(), "job", Order{ByHand: true})
		if err != nil {
			t.Fatal(err)
		}
		two.Now = func() time.Time { return time.Now().Add(time.Hour) }
		if _, _, err := two.Take(t.Context(), "job", Order{}); !errors.Is(err, ErrNotDue) {
			t.Errorf("took it: %v", err)
		}
		<-ctx.Done()
		if _, err := run.End(ctx, ctx.Err()); !errors.Is(err, errLost) {
			t.Errorf("ended with %v", err)
		}
		if lease, err := two.Lease(t.Context(), "job"); err != nil || lease.Holder != "" {
			t.Errorf("%+v, %v", lease, err)
		}
		wantRuns(t, two, "1:one:abandoned")
	})
}
