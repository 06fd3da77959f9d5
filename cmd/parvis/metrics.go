package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/parvis-opendata/parvis/alerts"
	"github.com/parvis-opendata/parvis/api"
	"github.com/parvis-opendata/parvis/internal/memo"
	"github.com/parvis-opendata/parvis/internal/metrics"
	"github.com/parvis-opendata/parvis/internal/search/indexes"
	"github.com/parvis-opendata/parvis/internal/serving"
	"github.com/parvis-opendata/parvis/jobs"
	"github.com/parvis-opendata/parvis/publisher"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// readTimeout bounds what is read while metrics are.
const readTimeout = 10 * time.Second

// countInto makes a server count its requests and searches, if the settings ask for metrics.
// The registry is nil if they do not.
func (s *settings) countInto(o *api.Options) *metrics.Registry {
	if s.MetricsListen == "" {
		return nil
	}
	r := metrics.New(thisBuild().String())
	o.Counted, o.Searched = r.Requests().Count, r.Searches().Count
	return r
}

// serveMetrics tells of a server where the settings say, if there is a registry; stop ends
// the listener.
func (s *settings) serveMetrics(ctx context.Context, r *metrics.Registry, library *serving.Library, index *indexes.Keeper, server *api.Server, log *slog.Logger) (stop func() error, err error) {
	if r == nil {
		return func() error { return nil }, nil
	}
	r.Served(func() []metrics.Release { return served(library.State()) }, func() metrics.Search {
		ctx, cancel := context.WithTimeout(ctx, readTimeout)
		defer cancel()
		state := index.State(ctx)
		return metrics.Search{Ready: state.Err == nil, Behind: state.Behind}
	})
	r.Shared(func() metrics.Shared { return shared(server) })
	return s.listenMetrics(ctx, r, log)
}

// shared is how a server is shared.
func shared(server *api.Server) metrics.Shared {
	use, cache := server.Stats()
	s := metrics.Shared{RefusedCalls: use.RefusedCalls, Cache: metrics.Cache{Hits: cache.Hits, Misses: cache.Misses, Bytes: cache.Bytes, Limit: cache.Limit}}
	for _, q := range use.Queries {
		s.Queries = append(s.Queries, metrics.Queries{
			Kind: q.Lane, Waiting: q.Waiting, Running: q.Running, Begun: q.Begun, Waited: q.Waited, Used: q.Used, Refused: q.Refused,
		})
	}
	return s
}

// served is what is loaded of each dataset.
func served(all []serving.State) []metrics.Release {
	list := make([]metrics.Release, len(all))
	for i, state := range all {
		list[i] = metrics.Release{
			Dataset: state.Dataset, Published: release.Time(state.Served), Behind: state.Served != state.Pointer,
			Secret: map[string]float64{}, Loads: state.Loads, Failures: state.Failures, Loading: state.Loading,
		}
		for _, t := range state.Tables {
			if t.Masked != nil {
				list[i].Secret[t.ID] = float64(*t.Masked) / 100
			}
		}
	}
	return list
}

// workMetrics tells of the jobs of a worker, and of its alerts unless keeper is nil, where the
// settings say; stop ends the listener.
func (s *settings) workMetrics(ctx context.Context, list []jobs.Job, ledger *jobs.Ledger, keeper *alerts.Keeper, now func() time.Time) (stop func() error, err error) {
	if s.MetricsListen == "" {
		return func() error { return nil }, nil
	}
	r := metrics.New(thisBuild().String())
	known := &memo.Memo[metrics.Job]{
		Read: func(ctx context.Context, name string) (metrics.Job, error) {
			i := slices.IndexFunc(list, func(job jobs.Job) bool { return job.Name == name })
			return recorded(ctx, ledger, list[i], now())
		},
		Keep: recordsFor, Limit: int64(len(list)), Now: now, Absent: func(error) bool { return false },
	}
	r.Jobs(func() ([]metrics.Job, error) {
		ctx, cancel := context.WithTimeout(ctx, readTimeout)
		defer cancel()
		var all []metrics.Job
		var failures []error
		for _, job := range list {
			one, err := known.Get(ctx, job.Name)
			if err == nil {
				all = append(all, one)
			}
			failures = append(failures, err)
		}
		return all, errors.Join(failures...)
	})
	if keeper != nil {
		r.Alerts(func() (metrics.Alerts, bool) {
			sum, known := keeper.Sum()
			return metrics.Alerts(sum), known
		})
	}
	return s.listenMetrics(ctx, r, ledger.Log)
}

// listenMetrics begins to answer with the metrics.
func (s *settings) listenMetrics(ctx context.Context, r *metrics.Registry, log *slog.Logger) (stop func() error, err error) {
	address, stop, err := r.Serve(ctx, s.MetricsListen)
	if err == nil {
		log.Info("telling metrics", slog.String("address", "http://"+address+metrics.Path))
	}
	return stop, err
}

// lately is how many runs of a job are looked at, and recordsFor how long what they say is
// believed: object storage is not read anew each time that metrics are.
const (
	lately     = 10
	recordsFor = time.Minute
)

// recorded is what a ledger knows of a job.
func recorded(ctx context.Context, ledger *jobs.Ledger, job jobs.Job, now time.Time) (metrics.Job, error) {
	m := metrics.Job{Name: job.Name, Runs: map[string]int{}}
	lease, err := ledger.Lease(ctx, job.Name)
	if err != nil {
		return m, err
	}
	if due := job.Schedule.Last(now); due.After(lease.Done) {
		m.Due = due
	}
	runs, err := ledger.Runs(ctx, job.Name, lately)
	m.Damaged = lastDamage(runs)
	for _, run := range runs { // the latest first
		m.Runs[string(run.Outcome)]++
		if run.Outcome == jobs.Running {
			continue
		}
		if m.Outcome == "" {
			m.Outcome, m.End, m.Took, m.Steps = string(run.Outcome), run.End, run.Took(now), steps(run)
		}
		if m.Success.IsZero() && run.Good() {
			m.Success = run.End
		}
		if m.Rows == 0 {
			m.Rows = run.Rows
		}
		if m.Audit == "" {
			m.Audit = lastAudit(run)
		}
	}
	return m, err
}

// steps is how long each step of a run took.
func steps(run jobs.Record) map[string]time.Duration {
	all := map[string]time.Duration{}
	for _, step := range run.Steps {
		all[step.Name] += time.Duration(step.Seconds * float64(time.Second))
	}
	return all
}

// lastDamage counts the releases that the last of some runs, the latest first, found damaged; one
// that failed before it found any says nothing.
func lastDamage(runs []jobs.Record) int {
	i := slices.IndexFunc(runs, func(run jobs.Record) bool { return run.Good() || len(run.Damaged) > 0 })
	if i < 0 {
		return 0
	}
	return len(runs[i].Damaged)
}

// lastAudit is how the audit of a publication ended; empty if it did not, or there was none.
func lastAudit(run jobs.Record) string {
	i := slices.IndexFunc(run.Steps, func(step jobs.Step) bool { return step.Name == string(publisher.StepAudit) })
	switch {
	case i < 0:
		return ""
	case i < len(run.Steps)-1:
		return "passed"
	case run.Outcome == jobs.Refused:
		return "refused"
	}
	return ""
}
