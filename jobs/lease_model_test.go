package jobs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/parvis-opendata/parvis/internal/objects"
)

// leaseModel is what a lease should be, as somebody sees it who sees everything.
type leaseModel struct {
	t       *rapid.T
	shared  *memory
	now     time.Time
	workers []*Ledger
	due     time.Time

	holder  *held // nobody's if nil
	zombies []*held
	fence   int64
	done    time.Time
	attempt int
	retry   time.Time
	tried   time.Time // the due date of the last run by the schedule
	open    map[int64]Outcome
}

// held is a run that has not ended.
type held struct {
	*Run
	worker  int
	renewed time.Time
	order   Order
}

// still makes a run that renews its lease when it is told to.
func still(run *Run) {
	run.rested = make(chan struct{})
	close(run.rested)
	run.rest = func() {}
	ctx, lose := context.WithCancelCause(context.Background())
	run.ctx, run.lose, run.cancel = ctx, lose, func() {}
}

// take lets a worker take the lease for the due date, or by hand.
func (m *leaseModel) take(i int, o Order) {
	l := m.workers[i]
	unlock, err := l.Place.lock("job")
	if err != nil {
		m.t.Fatal(err)
	}
	lease, version, err := l.settled(m.t.Context(), "job", unlock != nil)
	var run *Run
	if err == nil && unlock != nil {
		run, err = l.take(m.t.Context(), lease, version, o)
	}
	m.judgeTake(i, o, unlock == nil, run, err)
	if run == nil {
		if unlock != nil {
			unlock()
		}
		return
	}
	run.unlock = unlock
	still(run)
	m.holder = &held{run, i, m.now, o}
}

// judgeTake compares what came of a taking with what should have.
func (m *leaseModel) judgeTake(i int, o Order, locked bool, run *Run, err error) {
	var busy *HeldError
	alive := m.holder != nil && (locked || m.holder.worker != i) && m.now.Before(m.holder.renewed.Add(leaseTime))
	switch {
	case locked: // a run of this place goes on, or a zombie of it does
		if run != nil || err != nil && !errors.As(err, &busy) {
			m.t.Fatalf("locked, and got %v, %v", run, err)
		}
		return
	case alive:
		if !errors.As(err, &busy) || busy.Fence != m.fence {
			m.t.Fatalf("held, and got %v", err)
		}
		return
	}
	m.lost()
	waits := m.tried.Equal(o.Due) && (m.now.Before(m.retry) || m.attempt >= maxAttempts)
	if !o.ByHand && (waits || !o.Due.After(m.done)) {
		if !errors.Is(err, ErrNotDue) {
			m.t.Fatalf("not due, and got %v", err)
		}
		return
	}
	if err != nil {
		m.t.Fatalf("free, and got %v", err)
	}
	if run.Number() != m.fence+1 {
		m.t.Fatalf("number %d follows %d", run.Number(), m.fence)
	}
	m.fence++
	m.open[m.fence] = Running
	if !o.ByHand {
		if !m.tried.Equal(o.Due) {
			m.tried, m.attempt = o.Due, 0
		}
		m.attempt++
		m.retry = time.Time{}
	}
}

// lost makes a zombie of the holder, whose lease another found to have ended.
func (m *leaseModel) lost() {
	if m.holder == nil {
		return
	}
	m.open[m.holder.number] = Abandoned
	if !m.holder.order.ByHand {
		m.retry = time.Time{}
	}
	m.zombies = append(m.zombies, m.holder)
	m.holder = nil
}

// renew lets the holder renew its lease.
func (m *leaseModel) renew() {
	if err := m.holder.putLease(m.t.Context(), m.holder.lease.renewed(m.workers[m.holder.worker].now())); err != nil {
		m.t.Fatalf("the holder cannot renew: %v", err)
	}
	m.holder.renewed = m.now
}

// end lets the holder end.
func (m *leaseModel) end(err error) {
	h := m.holder
	record, _ := h.End(m.t.Context(), err)
	m.holder, m.open[h.number] = nil, record.Outcome
	good, final := err == nil, err != nil && !h.order.ByHand && record.Retry.IsZero()
	if (good || final) && h.order.Due.After(m.done) {
		m.done = h.order.Due
	}
	if h.order.ByHand {
		return
	}
	m.retry = record.Retry
	passes := err != nil && !errors.Is(err, errNo)
	if again := passes && m.attempt < maxAttempts; again == record.Retry.IsZero() || again && record.Retry.Before(m.now.Add(time.Minute)) {
		m.t.Fatalf("attempt %d ended in %v and is tried again at %s", m.attempt, err, record.Retry)
	}
}

// wake lets a run that lost its lease go on: it must change nothing.
func (m *leaseModel) wake(ends bool) {
	z := m.zombies[0]
	m.zombies = m.zombies[1:]
	if err := z.putLease(m.t.Context(), z.lease.renewed(m.now)); !errors.Is(err, objects.ErrConflict) {
		m.t.Fatalf("run %d renewed a lease that it had lost: %v", z.number, err)
	}
	if ends {
		_, _ = z.End(m.t.Context(), nil)
		return
	}
	z.unlock() // it is killed
}

// check compares the documents with the model.
func (m *leaseModel) check() {
	l := m.workers[0]
	lease, err := l.Lease(m.t.Context(), "job")
	if err != nil {
		m.t.Fatal(err)
	}
	want := Lease{Job: "job", Fence: m.fence, Done: m.done, Due: m.tried, Attempt: m.attempt, Retry: m.retry}
	if h := m.holder; h != nil {
		want.Holder, want.Place, want.ByHand, want.Since, want.Until = h.lease.Holder, h.lease.Place, h.order.ByHand, h.lease.Since, h.renewed.Add(leaseTime)
	}
	if d := cmp.Diff(want, lease); d != "" {
		m.t.Fatalf("lease, -want +got:\n%s", d)
	}
	for number, outcome := range m.open {
		if r, err := l.Record(m.t.Context(), "job", number); err != nil || r.Outcome != outcome {
			m.t.Fatalf("run %d is %s, want %s, %v", number, r.Outcome, outcome, err)
		}
	}
}

// TestLeaseFollowsItsModel: whatever workers do, in whatever order.
func TestLeaseFollowsItsModel(t *testing.T) {
	root := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		m := &leaseModel{t: t, shared: newMemory(), now: noon(), due: noon(), open: map[int64]Outcome{}}
		for i := range 3 {
			dir, err := os.MkdirTemp(root, "")
			if err != nil {
				t.Fatal(err)
			}
			place, err := OpenPlace(dir)
			if err != nil {
				t.Fatal(err)
			}
			m.workers = append(m.workers, &Ledger{
				Store: m.shared, Place: place, Holder: fmt.Sprintf("worker %d", i), Log: quiet(), Now: func() time.Time { return m.now },
				Reached: func(context.Context, string) (int64, error) { return 0, nil },
				Judge: func(err error) (Outcome, bool) {
					return map[bool]Outcome{true: Refused, false: Failed}[errors.Is(err, errNo)], !errors.Is(err, errNo)
				},
			})
		}
		needs := func(there bool) {
			if !there {
				t.Skip()
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"":        func(*rapid.T) { m.check() },
			"take":    func(t *rapid.T) { m.take(rapid.IntRange(0, 2).Draw(t, "worker"), Order{Due: m.due}) },
			"by hand": func(t *rapid.T) { m.take(rapid.IntRange(0, 2).Draw(t, "worker"), Order{Due: m.due, ByHand: true}) },
			"wait": func(t *rapid.T) {
				m.now = m.now.Add(time.Duration(rapid.SampledFrom([]int{1, 30, 179, 180, 3600}).Draw(t, "seconds")) * time.Second)
			},
			"due":      func(*rapid.T) { m.due = m.due.AddDate(0, 0, 1) },
			"renew":    func(*rapid.T) { needs(m.holder != nil); m.renew() },
			"done":     func(*rapid.T) { needs(m.holder != nil); m.end(nil) },
			"refused":  func(*rapid.T) { needs(m.holder != nil); m.end(errNo) },
			"failed":   func(*rapid.T) { needs(m.holder != nil); m.end(errors.New("down")) },
			"killed":   func(*rapid.T) { needs(m.holder != nil); m.holder.unlock() },
			"wakes":    func(*rapid.T) { needs(len(m.zombies) > 0); m.wake(true) },
			"is ended": func(*rapid.T) { needs(len(m.zombies) > 0); m.wake(false) },
		})
		for _, z := range m.zombies {
			z.unlock()
		}
		if m.holder != nil {
			m.holder.unlock()
		}
	})
}
