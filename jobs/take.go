package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/parvis-opendata/parvis/internal/objects"
)

// Take takes the lease of a job and begins a run of it. A lease that has ended, or
// whose holder is known to be dead, is given back first, and its run recorded.
//
// Result: a context for the run, which ends with ctx, when the lease is lost and
// when the run lasts longer than [Longest]; and the run, which must be ended.
//
// Errors: a [*HeldError] when another runs the job; [ErrNotDue] when another has
// served the due date meanwhile; [objects.ErrConflict] when another works on the
// lease at the same time; those of the store.
func (l *Ledger) Take(ctx context.Context, job string, o Order) (context.Context, *Run, error) {
	unlock, err := l.Place.lock(job)
	if err != nil {
		return nil, nil, err
	}
	lease, version, err := l.settled(ctx, job, unlock != nil)
	if unlock == nil {
		if err == nil {
			err = fmt.Errorf("take job %s: another process of this working directory works on it; run again", job)
		}
		return nil, nil, err
	}
	var run *Run
	if err == nil {
		run, err = l.take(ctx, lease, version, o)
	}
	if err != nil {
		unlock()
		return nil, nil, err
	}
	run.unlock = unlock
	return run.begin(ctx), run, nil
}

// take takes a lease that nobody holds.
func (l *Ledger) take(ctx context.Context, lease Lease, version string, o Order) (*Run, error) {
	fail := func(err error) (*Run, error) { return nil, fmt.Errorf("take job %s: %w", lease.Job, err) }
	if !o.ByHand && !lease.wants(o.Due, l.now()) {
		return fail(ErrNotDue)
	}
	after, err := l.greatest(ctx, lease.Job, version == "")
	if err != nil {
		return fail(err)
	}
	r := &Run{ledger: l, lease: lease.taken(o, l.Holder, l.Place.name, after, l.now())}
	if r.leaseVersion, err = objects.WriteDocument(ctx, l.Store, leaseName(lease.Job), r.lease, version); err != nil {
		return fail(err)
	}
	r.job, r.number, r.record = lease.Job, r.lease.Fence, r.lease.record(o)
	if !o.ByHand {
		r.due = o.Due
	}
	if r.recordVersion, err = objects.WriteDocument(ctx, l.Store, runName(lease.Job, r.lease.Fence), r.record, ""); err != nil {
		r.record.Outcome = Abandoned
		_, back := objects.WriteDocument(context.WithoutCancel(ctx), l.Store, leaseName(lease.Job), r.lease.after(r.record), r.leaseVersion)
		return fail(errors.Join(err, back))
	}
	return r, nil
}

// greatest returns the greatest number of a run of the job that is known anywhere but
// in its lease, which may be lost.
func (l *Ledger) greatest(ctx context.Context, job string, lost bool) (int64, error) {
	after, err := l.Reached(ctx, job)
	if err != nil || !lost {
		return after, err
	}
	numbers, err := l.numbers(ctx, job)
	if err == nil && len(numbers) > 0 {
		after = max(after, numbers[len(numbers)-1])
	}
	return after, err
}

// settled returns the lease of a job that nobody holds. If its holder did not give
// it back, what the run came to is recorded first. With locked, nobody runs the job
// in this place.
//
// Errors: a [*HeldError].
func (l *Ledger) settled(ctx context.Context, job string, locked bool) (Lease, string, error) {
	lease, version, err := l.lease(ctx, job)
	if err != nil || lease.Holder == "" {
		return lease, version, err
	}
	dead := locked && lease.Place == l.Place.name
	if !dead && (!locked || l.now().Before(lease.Until)) {
		return lease, "", &HeldError{lease}
	}
	record, err := l.bury(ctx, lease)
	if err == nil {
		lease = lease.after(record)
		version, err = objects.WriteDocument(ctx, l.Store, leaseName(job), lease, version)
	}
	if err != nil {
		return lease, "", fmt.Errorf("take job %s over from %s: %w", job, record.Worker, err)
	}
	l.Log.Warn("a run that was not ended is recorded", slog.String("job", job), slog.Int64("run", record.Run),
		slog.String("worker", record.Worker), slog.String("outcome", string(record.Outcome)))
	return lease, version, nil
}

// bury records that the last run of a lease was abandoned, unless its end is recorded.
func (l *Ledger) bury(ctx context.Context, lease Lease) (Record, error) {
	o := Order{ByHand: lease.ByHand}
	if !o.ByHand {
		o.Due = lease.Due
	}
	record := lease.record(o)
	version, err := objects.ReadDocument(ctx, l.Store, runName(lease.Job, lease.Fence), &record)
	if err != nil && !errors.Is(err, objects.ErrNotFound) || record.Outcome != Running {
		return record, err
	}
	record.End, record.Outcome, record.Error = l.now(), Abandoned, "it was killed, or lost its lease"
	_, err = objects.WriteDocument(ctx, l.Store, runName(lease.Job, lease.Fence), record, version)
	return record, err
}

// now is the time as documents hold it.
func (l *Ledger) now() time.Time { return l.Now().UTC().Truncate(time.Millisecond) }
