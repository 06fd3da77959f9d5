// Package jobs runs what is due, by a schedule, over any number of workers.
//
// It owns when a job runs, that no two runs of it go on at once, and what is recorded
// of them. What a job does is the business of the function that it is given: the
// package knows bytes under names, and no other of ours.
//
// What is due follows from the schedule and from what is recorded as served, so that
// nothing depends on which worker was running when. Of the due dates that were missed,
// the last is served, once.
//
// Invariant: a due date is served by one run that comes to a good end. Every run has
// a number that grows; clocks and leases only make it rare that two go on at once,
// and what a run changes must refuse a run of a lesser number.
package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/robfig/cron/v3"
)

// Longest is how long a run may last before it is stopped.
const Longest = 12 * time.Hour

// grace is how long a run that is stopped may take to end, before its worker counts
// as stuck.
const grace = 10 * time.Minute

// Job is something to do at the times of a schedule.
type Job struct {
	Name     string // as in the names of objects
	Schedule Schedule
	// Run does it, and tells the run of its steps. It must return soon after its
	// context ends.
	Run func(context.Context, *Run) error
}

// Worker runs jobs.
type Worker struct {
	// Jobs in the order in which those that are due at the same moment run.
	Jobs   []Job
	Ledger *Ledger
	Log    *slog.Logger
	// Alive is called at the start, and then every minute in which the clock runs
	// and no run is stuck.
	Alive func() error
}

// Run runs the jobs that are due, one at a time, until ctx ends. Then it cancels the
// context of the job that runs, waits for it to return, and returns.
func (w *Worker) Run(ctx context.Context) {
	for _, job := range w.Jobs {
		w.Log.Info("job is scheduled", slog.String("job", job.Name), slog.String("schedule", job.Schedule.text),
			slog.Time("next", job.Schedule.Next(w.Ledger.Now())))
	}
	minute := make(chan struct{}, 1)
	clock := cron.New(cron.WithLocation(time.UTC), cron.WithLogger(cron.DiscardLogger))
	clock.Schedule(everyMinute, cron.FuncJob(func() {
		select {
		case minute <- struct{}{}:
		default: // the one before is not taken up yet
		}
	}))
	clock.Start()
	t := &turn{Worker: w, ended: make(chan bool), served: map[string]time.Time{}, dates: map[string]dates{}}
	t.alive()
	t.begin(ctx)
	for ctx.Err() == nil {
		select {
		case <-minute:
			t.alive()
			t.begin(ctx)
		case ran := <-t.ended:
			t.busy = false
			if ran {
				t.begin(ctx) // another may have waited
			}
		case <-ctx.Done():
		}
	}
	<-clock.Stop().Done()
	if t.busy {
		<-t.ended
	}
}

// everyMinute is the clock at which a worker looks what is due.
var everyMinute = func() cron.Schedule {
	s, err := fiveFields.Parse("* * * * *")
	if err != nil {
		panic(err) // it is a constant
	}
	return s
}()
