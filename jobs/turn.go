package jobs

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/parvis-opendata/parvis/internal/objects"
)

// turn is what a worker is at: it looks what is due, and runs the first of it.
type turn struct {
	*Worker
	// Of the goroutine of [Worker.Run].
	busy  bool
	since time.Time
	// ended says that a turn is over, and whether a job ran.
	ended chan bool
	// Of the turn: due dates up to which jobs are known to need no run, and the due
	// dates around now.
	served map[string]time.Time
	dates  map[string]dates
}

// dates are the last due date of a job and the next.
type dates struct{ last, next time.Time }

// last returns the last due date of a job, which is looked for once.
func (t *turn) last(job Job, now time.Time) time.Time {
	d := t.dates[job.Name]
	if now.Before(d.last) || !now.Before(d.next) {
		d = dates{job.Schedule.Last(now), job.Schedule.Next(now)}
		t.dates[job.Name] = d
	}
	return d.last
}

// begin begins a turn, unless one is under way.
func (t *turn) begin(ctx context.Context) {
	if t.busy {
		return
	}
	t.busy, t.since = true, time.Now()
	go func() { t.ended <- t.take(ctx) }()
}

// alive gives the sign of life, unless a run is stuck.
func (t *turn) alive() {
	if t.busy && time.Since(t.since) > Longest+grace {
		t.Log.Error("a job does not stop", slog.Duration("took", time.Since(t.since)))
		return
	}
	if err := t.Alive(); err != nil {
		t.Log.Error("sign of life failed", slog.Any("error", err))
	}
}

// pending is a job that is due.
type pending struct {
	Job
	due   time.Time
	lease Lease
}

// take runs the first job that is due and can run, and reports whether there was one.
func (t *turn) take(ctx context.Context) bool {
	due, err := t.due(ctx)
	if err != nil {
		if ctx.Err() == nil {
			t.Log.Warn("cannot look what is due", slog.Any("error", err))
		}
		return false
	}
	for _, p := range due {
		if p.lease.Holder == "" && !p.lease.wants(p.due, t.Ledger.Now()) {
			continue
		}
		record, err := t.Ledger.Do(ctx, p.Job, Order{Due: p.due})
		var held *HeldError
		switch {
		case record.Run != 0:
			return true
		case errors.Is(err, ErrNotDue):
			continue
		case errors.As(err, &held), errors.Is(err, objects.ErrConflict), ctx.Err() != nil:
		default:
			t.Log.Warn("job cannot begin", slog.String("job", p.Name), slog.Any("error", err))
		}
		return false // what came due later waits
	}
	return false
}

// due returns the jobs that are due, in order. A job that another worker has served
// meanwhile is not.
func (t *turn) due(ctx context.Context) ([]pending, error) {
	var all []pending
	for _, job := range t.Jobs {
		last := t.last(job, t.Ledger.Now())
		if !last.After(t.served[job.Name]) {
			continue
		}
		lease, err := t.Ledger.Lease(ctx, job.Name)
		if err != nil {
			return nil, err
		}
		t.served[job.Name] = lease.Done
		if last.After(lease.Done) {
			all = append(all, pending{job, last, lease})
		}
	}
	slices.SortStableFunc(all, func(a, b pending) int { return a.due.Compare(b.due) })
	return all, nil
}
