package jobs

import (
	"context"
	"log/slog"
	"slices"
	"time"
)

// none is the number of no job.
const none = -1

// turn says whose turn it is. Only the goroutine of [Worker.Run] uses it.
type turn struct {
	*Worker
	waiting []int // numbers of jobs, in the order in which they came due
	running int
	since   time.Time  // when the running job began
	done    chan error // what a job returned
}

// queue takes up a job that is due.
func (t *turn) queue(ctx context.Context, job int) {
	if job == t.running || slices.Contains(t.waiting, job) {
		t.Log.Warn("job is due again before it has finished, and is left out this time", slog.String("job", t.Jobs[job].Name))
		return
	}
	t.waiting = append(t.waiting, job)
	t.next(ctx)
}

// next begins the first job that waits, unless one runs.
func (t *turn) next(ctx context.Context) {
	if t.running != none || len(t.waiting) == 0 {
		return
	}
	t.running, t.waiting = t.waiting[0], t.waiting[1:]
	t.since = time.Now()
	job := t.Jobs[t.running]
	t.Log.Info("job begins", slog.String("job", job.Name))
	go func() { t.done <- job.Run(ctx) }()
}

// finish says what the running job came to, and begins the next.
func (t *turn) finish(ctx context.Context, err error) {
	log := t.Log.With(slog.String("job", t.Jobs[t.running].Name), slog.Duration("took", time.Since(t.since)))
	switch {
	case err == nil:
		log.Info("job is done")
	case ctx.Err() != nil:
		log.Info("job was stopped", slog.Any("error", err))
	default:
		log.Error("job failed", slog.Any("error", err))
	}
	t.running = none
	if ctx.Err() == nil {
		t.next(ctx)
	}
}

// alive gives the sign of life, unless a job is stuck.
func (t *turn) alive() {
	if t.running != none && time.Since(t.since) > Longest {
		t.Log.Error("job runs for too long", slog.String("job", t.Jobs[t.running].Name), slog.Duration("took", time.Since(t.since)))
		return
	}
	if err := t.Alive(); err != nil {
		t.Log.Error("sign of life failed", slog.Any("error", err))
	}
}

// stop waits for the running job, whose context has ended, and drops the others.
func (t *turn) stop(ctx context.Context) {
	if t.running != none {
		t.finish(ctx, <-t.done)
	}
	for _, job := range t.waiting {
		t.Log.Info("job was waiting and is dropped", slog.String("job", t.Jobs[job].Name))
	}
}
