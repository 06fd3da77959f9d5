// Package jobs runs what is due, by the clock, one job at a time.
//
// It owns when a job runs and that no two run at once. What a job does is the
// business of the function that it is given: the package knows no other of ours.
//
// Invariant: a job waits or runs at most once. One that comes due while another
// runs waits for its turn; one that comes due again before it has finished is
// left out and not made up for.
//
// The clock is that of the process, as it is for the cron library.
package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/robfig/cron/v3"
)

// Longest is how long a job may run before the worker counts as stuck.
const Longest = 12 * time.Hour

// Job is something to do at the times of a schedule.
type Job struct {
	Name     string
	Schedule Schedule
	// Run does it. It must return soon after its context ends.
	Run func(context.Context) error
}

// Worker runs jobs.
type Worker struct {
	Jobs []Job
	Zone *time.Location // of the schedules
	Log  *slog.Logger
	// Alive is called at the start, and then every minute in which the clock runs,
	// jobs are taken up and none has been running for longer than [Longest].
	Alive func() error
}

// Run runs the jobs as they come due until ctx ends. Then it cancels the context
// of the job that runs, waits for it to return, and returns.
func (w *Worker) Run(ctx context.Context) {
	turn := &turn{Worker: w, done: make(chan error), running: none}
	due, minute := make(chan int), make(chan struct{})
	clock := cron.New(cron.WithLocation(w.Zone), cron.WithLogger(cron.DiscardLogger))
	for i, job := range w.Jobs {
		clock.Schedule(job.Schedule.times, cron.FuncJob(func() { send(ctx, due, i) }))
		w.Log.Info("job is scheduled", slog.String("job", job.Name), slog.String("schedule", job.Schedule.text),
			slog.Time("due", job.Schedule.Next(time.Now().In(w.Zone))))
	}
	// The sign of life comes from the clock of the jobs, so that one says that the
	// other runs.
	clock.Schedule(cron.Every(time.Minute), cron.FuncJob(func() { send(ctx, minute, struct{}{}) }))
	clock.Start()
	turn.alive()
	for ctx.Err() == nil {
		select {
		case i := <-due:
			turn.queue(ctx, i)
		case err := <-turn.done:
			turn.finish(ctx, err)
		case <-minute:
			turn.alive()
		case <-ctx.Done():
		}
	}
	<-clock.Stop().Done()
	turn.stop(ctx)
}

// send gives v to the worker, unless it is stopping.
func send[T any](ctx context.Context, to chan<- T, v T) {
	select {
	case to <- v:
	case <-ctx.Done():
	}
}
