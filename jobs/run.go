package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/parvis-opendata/parvis/internal/objects"
)

// Why a run is stopped, other than by its worker.
var (
	errLost   = errors.New("the lease was lost: another may run the job by now")
	errSilent = errors.New("the lease could not be renewed in time")
	errLate   = fmt.Errorf("the run lasted longer than %s", Longest)
)

// endTime bounds how long recording the end of a run may take.
const endTime = time.Minute

// Run is a run of a job under way.
type Run struct {
	ledger *Ledger
	unlock func()
	job    string
	number int64
	due    time.Time

	// Of the goroutine that renews, until it has ended; then of End.
	lease                       Lease
	leaseVersion, recordVersion string

	mutex     sync.Mutex
	record    Record
	unchanged bool
	span      runSpan

	ctx    context.Context // its cause says why the run was stopped
	cancel context.CancelFunc
	lose   context.CancelCauseFunc
	rest   context.CancelFunc // ends the renewals
	rested chan struct{}
}

// begin starts the renewals and returns the context of the run.
func (r *Run) begin(ctx context.Context) context.Context {
	renewals, rest := context.WithCancel(context.WithoutCancel(ctx))
	r.rest, r.rested = rest, make(chan struct{})
	ctx, r.lose = context.WithCancelCause(r.span.begin(ctx, r.ledger.Traces, r))
	r.ctx, r.cancel = context.WithTimeoutCause(ctx, Longest, errLate)
	log := r.log()
	if !r.record.ByHand {
		log = log.With(slog.Time("due", r.due), slog.Int("attempt", r.record.Attempt))
	}
	log.Info("job begins")
	go func() { defer close(r.rested); r.keep(renewals) }()
	return r.ctx
}

func (r *Run) log() *slog.Logger {
	return r.ledger.Log.With(slog.String("job", r.job), slog.Int64("run", r.number))
}

// Number is that of the lease: what the run changes must bear it, and must refuse a
// run of a lesser number.
func (r *Run) Number() int64 { return r.number }

// Due is the due date that the run serves by the schedule; zero for a run by hand. It
// may have been served by a run that was killed, or that lost its lease: what the run
// changes must bear it too.
func (r *Run) Due() time.Time { return r.due }

// Step says that a part of the run begins.
func (r *Run) Step(name string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.record.step(name, r.ledger.now()) {
		r.span.step(r.ctx, name)
	}
}

// Did says what the run has done; unchanged if there was nothing new.
func (r *Run) Did(result Result, unchanged bool) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.record.Result, r.unchanged = result, unchanged
}

// Found says that a release is damaged.
func (r *Run) Found(d Damage) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.record.Damaged = append(r.record.Damaged, d)
}

// keep renews the lease until the run has ended, and stops the run if it cannot.
func (r *Run) keep(ctx context.Context) {
	ticker := time.NewTicker(renewEvery)
	defer ticker.Stop()
	for renewed := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		began := time.Now()
		if began.Sub(renewed) >= renewBy {
			r.lose(errSilent) // and is renewed all the same: the run takes time to stop
		}
		err := r.renew(ctx)
		switch {
		case err == nil:
			renewed = began
		case ctx.Err() != nil:
			return
		case errors.Is(err, objects.ErrConflict):
			r.log().Error("lease was lost", slog.Any("error", err))
			r.lose(errLost)
			return
		default:
			r.log().Warn("lease was not renewed", slog.Any("error", err))
		}
	}
}

// renew renews the lease, and records the steps taken so far.
func (r *Run) renew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, renewEvery)
	defer cancel()
	if err := r.putLease(ctx, r.lease.renewed(r.ledger.now())); err != nil {
		return err
	}
	r.mutex.Lock()
	record := r.record
	record.Steps = append([]Step{}, record.Steps...)
	record.endStep(r.ledger.now())
	r.mutex.Unlock()
	return r.putRecord(ctx, record)
}

// putLease writes the lease, unless another has taken it.
func (r *Run) putLease(ctx context.Context, lease Lease) error {
	version, err := objects.WriteDocument(ctx, r.ledger.Store, leaseName(lease.Job), lease, r.leaseVersion)
	if errors.Is(err, objects.ErrConflict) {
		// It may be in conflict with a renewal of ours of which nobody answered.
		var there Lease
		own, readErr := objects.ReadDocument(ctx, r.ledger.Store, leaseName(lease.Job), &there)
		if readErr == nil && there.Fence == r.lease.Fence && there.Holder == r.lease.Holder && there.Place == r.lease.Place {
			version, err = objects.WriteDocument(ctx, r.ledger.Store, leaseName(lease.Job), lease, own)
		}
	}
	if err == nil {
		r.lease, r.leaseVersion = lease, version
	}
	return err
}

// putRecord writes the record, unless another has ended it.
func (r *Run) putRecord(ctx context.Context, record Record) error {
	name := runName(record.Job, record.Run)
	version, err := objects.WriteDocument(ctx, r.ledger.Store, name, record, r.recordVersion)
	if errors.Is(err, objects.ErrConflict) {
		var there Record
		own, readErr := objects.ReadDocument(ctx, r.ledger.Store, name, &there)
		if readErr == nil && there.Outcome == Running && there.Worker == record.Worker {
			version, err = objects.WriteDocument(ctx, r.ledger.Store, name, record, own)
		}
	}
	if err == nil {
		r.recordVersion = version
	}
	return err
}

// End records what the run came to, and gives the lease back.
//
// Result: the record, and err, or why the run was stopped. That the end could not be
// recorded is logged: the next run finds out.
func (r *Run) End(ctx context.Context, err error) (Record, error) {
	r.rest()
	<-r.rested
	defer r.unlock()
	cause := context.Cause(r.ctx)
	r.cancel()
	r.lose(nil)
	if err != nil && (errors.Is(cause, errLost) || errors.Is(cause, errSilent) || errors.Is(cause, errLate)) {
		err = fmt.Errorf("job %s: %w", r.job, cause)
	}
	r.close(err, cause)
	r.span.end(r.record, err)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	r.report(err)
	failed := r.putRecord(ctx, r.record)
	if failed == nil {
		failed = r.putLease(ctx, r.lease.after(r.record))
	}
	if failed == nil {
		failed = r.ledger.forget(ctx, r.job)
	}
	if failed != nil {
		r.log().Warn("the end of the run could not be recorded", slog.Any("error", failed))
	}
	return r.record, err
}

// close completes the record; cause is why the context of the run ended, nil if it
// did not.
func (r *Run) close(err, cause error) {
	now := r.ledger.now()
	r.record.endStep(now)
	r.record.End = now
	var passes bool
	if r.record.Outcome, passes = r.outcome(err, cause); err != nil {
		r.record.Error = oneLine(err)
	}
	if passes && !r.record.ByHand && r.record.Attempt < maxAttempts {
		r.record.Retry = now.Add(pause(r.record.Job, r.record.Run, r.record.Attempt))
	}
}

// outcome says what an error makes of the run, and whether it is to be tried again
// after a pause.
func (r *Run) outcome(err, cause error) (Outcome, bool) {
	switch {
	case err == nil && r.unchanged:
		return Unchanged, false
	case err == nil:
		return Done, false
	case cause == nil:
		return r.ledger.Judge(err)
	case errors.Is(cause, errLate):
		return Failed, true
	}
	if o, _ := r.ledger.Judge(err); o == Refused {
		return o, false
	}
	return Abandoned, false
}

// report logs what the run came to.
func (r *Run) report(err error) {
	log := r.log().With(slog.Duration("took", r.record.Took(r.record.End)))
	switch r.record.Outcome {
	case Done, Unchanged:
		log.Info("job is done", slog.String("outcome", string(r.record.Outcome)))
	case Abandoned:
		log.Warn("job was abandoned", slog.Any("error", err))
	default:
		if !r.record.Retry.IsZero() {
			log = log.With(slog.Time("retry", r.record.Retry))
		}
		log.Error("job failed", slog.String("outcome", string(r.record.Outcome)), slog.Any("error", err))
	}
}

// Do makes a run of a job from its beginning to its end.
//
// Errors: those of [Ledger.Take], and what the run came to.
func (l *Ledger) Do(ctx context.Context, job Job, o Order) (Record, error) {
	during, run, err := l.Take(ctx, job.Name, o)
	if err != nil {
		return Record{}, err
	}
	return run.End(ctx, job.Run(during, run))
}
