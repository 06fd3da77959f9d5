package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/parvis-opendata/parvis/alerts"
	"github.com/parvis-opendata/parvis/internal/memo"
	"github.com/parvis-opendata/parvis/internal/metrics"
	"github.com/parvis-opendata/parvis/internal/search/indexes"
	"github.com/parvis-opendata/parvis/internal/serving"
	"github.com/parvis-opendata/parvis/jobs"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// readTimeout bounds what is read while metrics are.
const readTimeout = 10 * time.Second

// serveMetrics tells of a server where the settings say. Counted is what counts requests,
// nil if metrics are off; stop ends the listener.
func (s *settings) serveMetrics(ctx context.Context, library *serving.Library, index *indexes.Keeper, log *slog.Logger) (counted func(route, method string, status int, bytes int64, took time.Duration), stop func() error, err error) {
	if s.MetricsListen == "" {
		return nil, func() error { return nil }, nil
	}
	r := metrics.New(thisBuild().String())
	r.Served(func() []metrics.Release { return served(library.State()) }, func() metrics.Search {
		ctx, cancel := context.WithTimeout(ctx, readTimeout)
		defer cancel()
		state := index.State(ctx)
		return metrics.Search{Ready: state.Err == nil, Behind: state.Behind}
	})
	requests := r.Requests()
	stop, err = s.listenMetrics(ctx, r, log)
	return requests.Count, stop, err
}

// served is what is loaded of each dataset.
func served(all []serving.State) []metrics.Release {
	list := make([]metrics.Release, len(all))
	for i, state := range all {
		list[i] = metrics.Release{Dataset: state.Dataset, Published: release.Time(state.Served), Behind: state.Served != state.Pointer}
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
	for _, run := range runs { // the latest first
		m.Runs[string(run.Outcome)]++
		if run.Outcome == jobs.Running {
			continue
		}
		if m.Outcome == "" {
			m.Outcome, m.End, m.Took = string(run.Outcome), run.End, run.Took(now)
		}
		if m.Success.IsZero() && run.Good() {
			m.Success = run.End
		}
		if m.Rows == 0 {
			m.Rows = run.Rows
		}
	}
	return m, err
}
