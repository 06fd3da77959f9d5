package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/jobs"
)

// withJobs gives fn the jobs of the settings and the store where their runs are
// recorded.
func withJobs(ctx context.Context, p *process, s *settings, fn func(*worker, []jobs.Job, objects.Store) error) (err error) {
	all, err := datasets.Load()
	if err != nil {
		return err
	}
	w := &worker{process: p, settings: s, datasets: all, log: s.logger(p.err)}
	list, err := w.jobs()
	if err != nil {
		return err
	}
	store, err := openStore(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return fn(w, list, store)
}

// findJob returns the job of a name.
func findJob(list []jobs.Job, name string) (jobs.Job, error) {
	var known []string
	for _, job := range list {
		if job.Name == name {
			return job, nil
		}
		known = append(known, job.Name)
	}
	return jobs.Job{}, fmt.Errorf("%w: there is no job %q; known: %s", errUsage, name, strings.Join(known, ", "))
}

type jobListCommand struct {
	JSON bool `help:"Print JSON."`
}

// jobState is a job and what is recorded of it.
type jobState struct {
	Job      string    `json:"job"`
	Schedule string    `json:"schedule"`
	Next     time.Time `json:"next"`
	// Due is the due date that is not served yet.
	Due   time.Time    `json:"due,omitzero"`
	Lease jobs.Lease   `json:"lease"`
	Last  *jobs.Record `json:"last,omitempty"`
}

// stateOf reads what is recorded of a job.
func stateOf(ctx context.Context, l *jobs.Ledger, job jobs.Job, now time.Time) (jobState, error) {
	state := jobState{Job: job.Name, Schedule: job.Schedule.String(), Next: job.Schedule.Next(now)}
	var err error
	if state.Lease, err = l.Lease(ctx, job.Name); err != nil {
		return state, err
	}
	if last := job.Schedule.Last(now); last.After(state.Lease.Done) {
		state.Due = last
	}
	runs, err := l.Runs(ctx, job.Name, 1)
	if len(runs) > 0 {
		state.Last = &runs[0]
	}
	return state, err
}

// Run lists the jobs.
func (c *jobListCommand) Run(ctx context.Context, p *process, s *settings) error {
	return withJobs(ctx, p, s, func(_ *worker, list []jobs.Job, store objects.Store) error {
		ledger, now := &jobs.Ledger{Store: store}, p.now()
		states := []jobState{}
		for _, job := range list {
			state, err := stateOf(ctx, ledger, job, now)
			if err != nil {
				return fmt.Errorf("list jobs: %w", err)
			}
			states = append(states, state)
		}
		if c.JSON {
			return p.printJSON(states)
		}
		out := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(out, "JOB\tNEXT\tSTATE\tLAST RUN")
		for _, state := range states {
			_, _ = fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", state.Job, s.local(state.Next), state.text(s, now), state.last(s))
		}
		return out.Flush()
	})
}

// text says what a job is at.
func (j jobState) text(s *settings, now time.Time) string {
	lease := j.Lease
	again := lease.Due.Equal(j.Due)
	switch {
	case lease.Holder != "" && now.Before(lease.Until):
		return fmt.Sprintf("%s runs it since %s", lease.Holder, s.local(lease.Since))
	case lease.Holder != "":
		return fmt.Sprintf("%s gave no sign since %s; the next worker takes over", lease.Holder, s.local(lease.Until))
	case j.Due.IsZero() && j.Last != nil && j.Last.Final():
		return "not served; waits for the next time, or parvis jobs run " + j.Job
	case j.Due.IsZero():
		return "served"
	case again && lease.Exhausted():
		return fmt.Sprintf("due since %s; given up after %d attempts, run it by hand", s.local(j.Due), lease.Attempt)
	case again && now.Before(lease.Retry):
		return fmt.Sprintf("due since %s; attempt %d at %s", s.local(j.Due), lease.Attempt+1, s.local(lease.Retry))
	}
	return "due since " + s.local(j.Due)
}

// last says what the last run came to.
func (j jobState) last(s *settings) string {
	if j.Last == nil {
		return "never"
	}
	return string(j.Last.Outcome) + " " + s.local(j.Last.Start)
}

type jobShowCommand struct {
	Job  string `arg:"" help:"The job."`
	Runs int    `default:"10" help:"How many runs, latest first."`
	JSON bool   `help:"Print JSON."`
}

// Run shows the last runs of a job, and the steps of the latest.
func (c *jobShowCommand) Run(ctx context.Context, p *process, s *settings) error {
	if c.Runs < 1 {
		return fmt.Errorf("%w: show job: --runs %d is not at least 1", errUsage, c.Runs)
	}
	return withJobs(ctx, p, s, func(_ *worker, list []jobs.Job, store objects.Store) error {
		job, err := findJob(list, c.Job)
		if err != nil {
			return err
		}
		runs, err := (&jobs.Ledger{Store: store}).Runs(ctx, job.Name, c.Runs)
		if err != nil {
			return fmt.Errorf("show job: %w", err)
		}
		if c.JSON {
			return p.printJSON(append([]jobs.Record{}, runs...))
		}
		for i, run := range runs {
			if err := p.printRun(s, run, i == 0); err != nil {
				return err
			}
		}
		return nil
	})
}

// printRun says what became of a run, with its steps or without.
func (p *process) printRun(s *settings, run jobs.Record, steps bool) error {
	b := &strings.Builder{}
	fmt.Fprintf(b, "%s run %d  %s  %s, %.1f s, by %s", run.Job, run.Run, run.Outcome, s.local(run.Start), run.Took(p.now()).Seconds(), run.Worker)
	switch {
	case run.ByHand:
		b.WriteString(", by hand")
	case !run.Due.IsZero():
		fmt.Fprintf(b, ", due %s, attempt %d", s.local(run.Due), run.Attempt)
	}
	b.WriteString("\n")
	if run.Release != "" {
		fmt.Fprintf(b, "  release   %s, %d rows, extract %s\n", run.Release, run.Rows, run.Input)
	}
	if run.Error != "" {
		fmt.Fprintf(b, "  error     %s\n", run.Error)
	}
	if !run.Retry.IsZero() {
		fmt.Fprintf(b, "  again at  %s\n", s.local(run.Retry))
	}
	if steps {
		for _, step := range run.Steps {
			fmt.Fprintf(b, "  %8.1f s  %s\n", step.Seconds, step.Name)
		}
	}
	_, err := fmt.Fprint(p.out, b.String())
	return err
}

type jobRunCommand struct {
	Job  string `arg:"" help:"The job."`
	JSON bool   `help:"Print JSON."`
}

// Run runs a job now, whether it is due or not.
func (c *jobRunCommand) Run(ctx context.Context, p *process, s *settings) error {
	return withJobs(ctx, p, s, func(w *worker, list []jobs.Job, store objects.Store) error {
		job, err := findJob(list, c.Job)
		if err == nil {
			err = s.apart()
		}
		if err != nil {
			return err
		}
		ledger, err := newLedger(ctx, p, s, store, w.log)
		if err != nil {
			return fmt.Errorf("run job: %w", err)
		}
		run, err := ledger.Do(ctx, job, jobs.Order{ByHand: true, Due: job.Schedule.Last(p.now())})
		switch {
		case run.Run == 0:
			return err
		case c.JSON:
			return errors.Join(err, p.printJSON(run))
		}
		return errors.Join(err, p.printRun(s, run, true))
	})
}
