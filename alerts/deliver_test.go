package alerts

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/jobs"
)

// pending puts alerts into the outbox.
func (b *bench) pending(n int) {
	b.t.Helper()
	k := b.sender(b.store)
	var all []happening
	for i := range n {
		all = append(all, happening{fmt.Sprintf("catalogue-%03d-failed", i), NewTest(time.Now())})
	}
	if err := k.add(b.t.Context(), "STORE", all); err != nil {
		b.t.Fatal(err)
	}
}

// pauses are the times between what was taken, in whole seconds.
func pauses(all []posted) (list []int) {
	for i := 1; i < len(all); i++ {
		list = append(list, int(all[i].at.Sub(all[i-1].at).Seconds()))
	}
	return list
}

// TestAReceiverThatIsDown: an alert is tried again with growing pauses, under the same id
// and with the same body, until it is taken.
func TestAReceiverThatIsDown(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		err    error
		said   string
	}{
		{"500", http.StatusInternalServerError, nil, "500 Internal Server Error; look at the log of the receiver"},
		{"425", http.StatusTooEarly, nil, "425 Too Early"},
		{"refused", 0, &netError{syscall.ECONNREFUSED}, "no answer: connection refused"},
		{"hangs", 0, errHangs, "no answer: none within 15s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				up := time.Now().Add(5 * time.Hour)
				b.receiver.answers = func(int, string) (int, http.Header, error) {
					if time.Now().Before(up) {
						return c.status, nil, c.err
					}
					return http.StatusOK, nil, nil
				}
				b.pending(1)
				k := b.sender(b.store)
				defer b.keep(k)()
				time.Sleep(time.Hour)
				if sum, known := k.Sum(); !known || sum.Pending != 1 || time.Since(sum.Oldest) < time.Hour || !sum.Readable {
					t.Errorf("it stands so: %+v", sum)
				}
				time.Sleep(8 * time.Hour)
				all := b.receiver.all()
				got := pauses(all)
				if len(got) < 10 || len(got) > 20 || got[0] < 5 || got[0] > 25 || slices.Max(got) > 5400+20 || slices.Max(got) < 3600 {
					t.Errorf("pauses of %v seconds", got)
				}
				for _, p := range all {
					if p.id != all[0].id || p.body != all[0].body {
						t.Errorf("another id or body: %+v", p)
					}
				}
				if sum, _ := k.Sum(); sum.Pending != 0 || sum.Undeliverable != 0 || !sum.Delivered.After(up) {
					t.Errorf("it stands so: %+v", sum)
				}
				if log := b.log.String(); !strings.Contains(log, c.said) || strings.Contains(log, "hush") {
					t.Errorf("the log:\n%s", log)
				}
			})
		})
	}
}

type netError struct{ error }

func (e *netError) Unwrap() error { return e.error }

// TestAnAlertIsGivenUp: after three days, or at once if the receiver says that it never
// takes it. The next is tried all the same.
func TestAnAlertIsGivenUp(t *testing.T) {
	for _, c := range []struct {
		status   int
		after    time.Duration
		attempts int
		said     string
	}{
		{http.StatusGone, time.Minute, 1, "410 Gone: nobody takes webhooks there; correct PARVIS_WEBHOOK_URL"},
		{http.StatusUnauthorized, time.Minute, 1, "compare PARVIS_WEBHOOK_SECRET"},
		{http.StatusBadRequest, time.Minute, 1, "400 Bad Request; look at the log of the receiver"},
		{http.StatusFound, 75 * time.Hour, 50, "redirects are not followed"},
		{http.StatusBadGateway, 75 * time.Hour, 50, "502 Bad Gateway"},
	} {
		t.Run(http.StatusText(c.status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.receiver.answers = func(int, string) (int, http.Header, error) { return c.status, nil, nil }
				b.pending(1)
				k := b.sender(b.store)
				defer b.keep(k)()
				time.Sleep(c.after)
				if n := len(b.receiver.all()); n < c.attempts || n > 2*c.attempts-1 {
					t.Errorf("%d attempts", n)
				}
				if sum, _ := k.Sum(); sum.Pending != 0 || sum.Undeliverable != 1 {
					t.Errorf("it stands so: %+v", sum)
				}
				if log := b.log.String(); strings.Count(log, "alert is given up") != 1 || !strings.Contains(log, c.said) {
					t.Errorf("the log:\n%s", log)
				}
				b.receiver.answers = nil
				k2 := b.sender(b.store)
				if err := k2.add(t.Context(), "STORE", []happening{{"next", NewTest(time.Now())}}); err != nil {
					t.Fatal(err)
				}
				time.Sleep(25 * time.Hour)
				if n := b.alerts(); n[Delivered] != 1 || n[Undeliverable] != 1 {
					t.Errorf("alerts: %v", n)
				}
				if sum, _ := k.Sum(); sum.Undeliverable != 0 {
					t.Errorf("a day later: %+v", sum)
				}
			})
		})
	}
}

// TestRetryAfter: who asks to be left alone is, by all alerts.
func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.receiver.answers = func(n int, _ string) (int, http.Header, error) {
			if n == 1 {
				return http.StatusTooManyRequests, http.Header{"Retry-After": {"600"}}, nil
			}
			return http.StatusOK, nil, nil
		}
		b.pending(3)
		defer b.keep(b.sender(b.store))()
		time.Sleep(20 * time.Minute)
		all := b.receiver.all()
		if got := pauses(all); len(got) != 3 || got[0] < 600 || got[0] > 660 {
			t.Errorf("pauses of %v seconds", got)
		}
		if n := b.alerts(); n[Delivered] != 3 {
			t.Errorf("alerts: %v", n)
		}
	})
}

// TestOneBadAlertHoldsUpNoOther: what the receiver breaks at is tried less and less often,
// and the others get through between.
func TestOneBadAlertHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.receiver.answers = func(_ int, id string) (int, http.Header, error) {
			if strings.Contains(id, "-000-") {
				return http.StatusInternalServerError, nil, nil
			}
			return http.StatusOK, nil, nil
		}
		b.pending(20)
		defer b.keep(b.sender(b.store))()
		time.Sleep(2 * time.Minute)
		if n := b.alerts(); n[Delivered] != 19 || n[Pending] != 1 {
			t.Errorf("alerts: %v", n)
		}
	})
}

// TestKilledBetween: a worker that dies, or loses the store, after the receiver took an
// alert and before that is noted, has it sent again under the same id.
func TestKilledBetween(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.pending(1)
		down := false
		b.receiver.answers = func(int, string) (int, http.Header, error) {
			down = true // from now on the first worker has no store
			return http.StatusOK, nil, nil
		}
		dying := &flaky{store: b.store, meets: func(string) (bool, error) {
			if down {
				return false, objects.ErrUnavailable
			}
			return false, nil
		}}
		stop := b.keep(b.sender(dying))
		time.Sleep(time.Second)
		stop()
		if n := b.alerts(); n[Pending] != 1 || len(b.receiver.all()) != 1 {
			t.Fatalf("alerts: %v, %d taken", n, len(b.receiver.all()))
		}
		defer b.keep(b.sender(b.store))()
		time.Sleep(2 * time.Minute)
		all := b.receiver.all()
		if n := b.alerts(); n[Delivered] != 1 || len(all) != 2 || all[0].id != all[1].id || all[0].body != all[1].body {
			t.Errorf("alerts: %v, taken: %+v", n, all)
		}
	})
}

// TestStoppedBetween: a worker that is told to stop does not wait for a receiver that hangs;
// the next one sends the alert under the same id.
func TestStoppedBetween(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.pending(1)
		b.receiver.answers = func(n int, _ string) (int, http.Header, error) {
			if n == 1 {
				return 0, nil, errHangs
			}
			return http.StatusOK, nil, nil
		}
		stop := b.keep(b.sender(b.store))
		time.Sleep(time.Second)
		from := time.Now()
		stop()
		if n := b.alerts(); n[Pending] != 1 || time.Since(from) > 0 {
			t.Fatalf("alerts: %v, stopped after %s", n, time.Since(from))
		}
		defer b.keep(b.sender(b.store))()
		time.Sleep(2 * time.Minute)
		all := b.receiver.all()
		if n := b.alerts(); n[Delivered] != 1 || len(all) != 2 || all[0].id != all[1].id {
			t.Errorf("alerts: %v, taken: %+v", n, all)
		}
	})
}

// TestAStoreThatIsDown: nothing is lost of what happens meanwhile, and it is said.
func TestAStoreThatIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		var down atomic.Bool
		b.store.Down = func() error {
			if down.Load() {
				return objects.ErrUnavailable
			}
			return nil
		}
		due := b.schedule.Next(time.Now())
		time.Sleep(time.Until(due) - time.Hour)
		k := b.keeper(b.store)
		defer b.keep(k)()
		time.Sleep(time.Until(due) + time.Second)
		b.attempt(jobs.Order{Due: due}, errNo)
		down.Store(true)
		time.Sleep(2 * time.Hour)
		if sum, _ := k.Sum(); sum.Readable || len(b.receiver.all()) != 0 {
			t.Errorf("it stands so: %+v", sum)
		}
		down.Store(false)
		time.Sleep(2 * time.Minute)
		if sum, _ := k.Sum(); !sum.Readable || b.receiver.types() != "job.refused" {
			t.Errorf("it stands so: %+v; told: %s", sum, b.receiver.types())
		}
	})
}

// TestALostAnswerOfTheStore: a write that happened and said that it did not is looked up.
func TestALostAnswerOfTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.pending(5)
		lossy := &flaky{store: b.store, meets: func(string) (bool, error) { return true, objects.ErrUnavailable }}
		defer b.keep(b.sender(lossy))()
		time.Sleep(5 * time.Minute)
		if n := b.alerts(); n[Delivered] != 5 || len(b.receiver.all()) != 5 {
			t.Errorf("alerts: %v, %d taken", n, len(b.receiver.all()))
		}
	})
}

// TestWhatIsKept: ended alerts go after a month, or when there are too many; those that
// wait stay.
func TestWhatIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.pending(keptMost + 20)
		stop := b.keep(b.sender(b.store))
		time.Sleep(5 * time.Minute)
		stop()
		if n := b.alerts(); n[Delivered] != keptMost {
			t.Errorf("alerts: %v", n)
		}
		time.Sleep(keptFor)
		b.receiver.answers = func(int, string) (int, http.Header, error) { return http.StatusBadGateway, nil, nil }
		k := b.sender(b.store)
		if err := k.add(t.Context(), "STORE", []happening{{"next", NewTest(time.Now())}}); err != nil {
			t.Fatal(err)
		}
		defer b.keep(k)()
		time.Sleep(5 * time.Minute)
		if n := b.alerts(); n[Delivered] != 0 || n[Pending] != 1 {
			t.Errorf("a month later: %v", n)
		}
	})
}

// TestADamagedAlert: a document that cannot be read is said, and holds up no other.
func TestADamagedAlert(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.pending(1)
		if _, err := b.store.Create(t.Context(), outboxName+"broken.json", []byte("{")); err != nil {
			t.Fatal(err)
		}
		k := b.sender(b.store)
		defer b.keep(k)()
		time.Sleep(2 * time.Minute)
		if sum, _ := k.Sum(); sum.Readable || len(b.receiver.all()) != 1 {
			t.Errorf("it stands so: %+v", sum)
		}
		if log := b.log.String(); !strings.Contains(log, "alerts/outbox/broken.json: the document is damaged") {
			t.Errorf("the log:\n%s", log)
		}
		if _, err := List(t.Context(), b.store); err == nil {
			t.Error("the list says nothing of it")
		}
	})
}

// TestDaysOfAlerts: workers that are stopped and started again, over a store and a
// receiver that fail and lose answers now and then. Every due date that failed is told as
// failed, and its end as recovered, under one id each, which arrives.
func TestDaysOfAlerts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const workers, days = 3, 9
		b := newBench(t)
		random := rand.New(rand.NewPCG(5, 6)) // of the receiver and the stores, under their locks
		b.receiver.answers = func(int, string) (int, http.Header, error) {
			switch random.IntN(5) {
			case 0:
				return http.StatusServiceUnavailable, nil, nil
			case 1: // it was taken, and the answer is lost
				return 0, nil, &netError{syscall.ECONNRESET}
			}
			return http.StatusOK, nil, nil
		}
		begin := b.schedule.Next(time.Now())
		time.Sleep(time.Until(begin) - time.Hour)
		end := time.Now().Add(days * 24 * time.Hour)
		var lives sync.WaitGroup
		for i := range workers {
			own := rand.New(rand.NewPCG(7, uint64(i)))
			store := &flaky{store: b.store, meets: func(string) (bool, error) {
				if own.IntN(5) == 0 {
					return own.IntN(2) == 0, objects.ErrUnavailable
				}
				return false, nil
			}}
			ledger := b.newLedger(fmt.Sprintf("worker:%d", i))
			life := rand.New(rand.NewPCG(9, uint64(i)))
			lives.Go(func() {
				for time.Now().Before(end.Add(3 * time.Hour)) {
					k := b.keeper(store)
					k.Ledger = ledger
					stop := b.keep(k)
					time.Sleep(time.Duration(life.IntN(6*3600)) * time.Second)
					stop()
				}
			})
		}
		want := map[string]int{}
		for due := begin; due.Before(end); due = b.schedule.Next(due) {
			time.Sleep(time.Until(due) + time.Second)
			if times := due.Day() % 3; times > 0 {
				b.fail(due, times)
				want[compact(due)+"-failed"], want[compact(due)+"-recovered"] = 1, 1
			}
			b.attempt(jobs.Order{Due: due}, nil)
		}
		lives.Wait()
		check(t, b, want)
	})
}

// check compares what arrived with what should have: each under one id.
func check(t *testing.T, b *bench, want map[string]int) {
	t.Helper()
	book, _, err := readBook(t.Context(), b.store)
	if err != nil {
		t.Fatal(err)
	}
	bodies, times := map[string]string{}, 0
	for _, p := range b.receiver.all() {
		key := strings.TrimPrefix(p.id, book.Store+"-catalogue-")
		if want[key] == 0 {
			t.Errorf("told: %s", p.body)
		}
		if was, again := bodies[key]; again && was != p.body {
			t.Errorf("another body under the id %s", p.id)
		}
		bodies[key] = p.body
		times++
	}
	for key := range want {
		if bodies[key] == "" {
			t.Errorf("not told: %s", key)
		}
	}
	if n := b.alerts(); n[Delivered] != len(want) || n[Pending] != 0 {
		t.Errorf("%d alerts became %v", len(want), n)
	}
	t.Logf("%d alerts arrived %d times", len(want), times)
	if times == len(want) || times > 3*len(want) {
		t.Error("the receiver was too well, or told too often")
	}
}

// TestTwoWorkersSendOnce: when nothing fails, an alert is sent once, however many look.
func TestTwoWorkersSendOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		due := b.schedule.Next(time.Now())
		time.Sleep(time.Until(due) - time.Hour)
		for i := range 3 {
			k := b.keeper(b.store)
			k.Ledger = b.newLedger(fmt.Sprintf("worker:%d", i))
			defer b.keep(k)()
		}
		for range 4 {
			time.Sleep(time.Until(due) + time.Second)
			b.attempt(jobs.Order{Due: due}, errNo)
			due = b.schedule.Next(due)
		}
		time.Sleep(time.Hour)
		if got := b.receiver.types(); got != strings.TrimSpace(strings.Repeat("job.refused ", 4)) {
			t.Errorf("told: %s", got)
		}
		if strings.Contains(b.log.String(), "cannot") {
			t.Errorf("the log:\n%s", b.log.String())
		}
	})
}
