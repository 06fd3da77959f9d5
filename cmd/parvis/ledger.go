package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/jobs"
	"github.com/parvis-opendata/parvis/publisher"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// errDamaged marks a verification that found an object missing or changed: looking
// again does not help.
var errDamaged = errors.New("releases are damaged")

// appointment is when which dataset is published, and the name of that job.
type appointment struct{ setting, schedule, job, dataset string }

// timetable lists when what is published.
func (s *settings) timetable() []appointment {
	return []appointment{
		{"PARVIS_SCHEDULE_CATALOGUE", s.ScheduleCatalogue, "catalogue", "moncompteformation_catalogueformation"},
		{"PARVIS_SCHEDULE_ENGAGEES", s.ScheduleEngagees, "engagees", "moncompteformation_formations_engagees"},
		{"PARVIS_SCHEDULE_USAGERS", s.ScheduleUsagers, "usagers", "moncompteformation_usagers"},
	}
}

// parseSchedule reads a schedule of the settings.
func (s *settings) parseSchedule(setting, text string) (jobs.Schedule, error) {
	zone, err := s.zone()
	if err != nil {
		return jobs.Schedule{}, err
	}
	times, err := jobs.ParseSchedule(text, zone)
	if err != nil {
		err = fmt.Errorf("%w: read %s: %q is no cron expression such as 15 4 * * *: %w", errUsage, setting, text, err)
	}
	return times, err
}

// newLedger returns the ledger of a store, for runs in the working directory.
func newLedger(ctx context.Context, p *process, s *settings, store objects.Store, log *slog.Logger) (*jobs.Ledger, error) {
	place, err := jobs.OpenPlace(s.Workdir)
	if err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("ask for the name of this machine: %w", err)
	}
	tracer, err := p.tracesOf(ctx, s, "parvis-work", log)
	if err != nil {
		return nil, err
	}
	archive := release.NewArchive(store)
	return &jobs.Ledger{
		Store: store, Place: place, Holder: fmt.Sprintf("%s:%d", host, os.Getpid()), Judge: judge, Now: p.now, Log: log, Traces: tracer,
		Reached: func(ctx context.Context, job string) (int64, error) {
			for _, row := range s.timetable() {
				if row.job == job {
					return archive.Fence(ctx, row.dataset)
				}
			}
			return 0, nil // what keeps the store may run twice
		},
	}, nil
}

// judge says what an error makes of a run, and whether it can pass.
func judge(err error) (o jobs.Outcome, passes bool) {
	switch {
	case isRefused(err):
		return jobs.Refused, false
	case errors.Is(err, errUsage), errors.Is(err, errDamaged):
		return jobs.Failed, false
	}
	return jobs.Failed, true
}

// leases are the leases under which datasets are published by hand.
type leases struct {
	ledger   *jobs.Ledger
	settings *settings
	serve    bool                    // what is due
	lost     context.CancelCauseFunc // is called when one is lost
	runs     map[string]*jobs.Run    // by dataset
}

// take takes the leases of the jobs of some datasets.
//
// Result: the datasets whose lease was taken, and of the others why not.
func (l *leases) take(ctx context.Context, ids []string) (taken []string, failed map[string]error) {
	l.runs = map[string]*jobs.Run{}
	failed = map[string]error{}
	for _, row := range l.settings.timetable() {
		if !slices.Contains(ids, row.dataset) {
			continue
		}
		order := jobs.Order{ByHand: true}
		times, err := l.settings.parseSchedule(row.setting, row.schedule)
		if l.serve && err == nil {
			order.Due = times.Last(l.ledger.Now())
		}
		var during context.Context
		var run *jobs.Run
		if err == nil {
			during, run, err = l.ledger.Take(ctx, row.job, order)
		}
		if err != nil {
			failed[row.dataset] = fmt.Errorf("publish %s: %w", row.dataset, err)
			continue
		}
		l.runs[row.dataset] = run
		context.AfterFunc(during, func() { l.lost(context.Cause(during)) })
		taken = append(taken, row.dataset)
	}
	return taken, failed
}

// fences are the numbers under which the datasets are published.
func (l *leases) fences() map[string]int64 {
	all := map[string]int64{}
	for dataset, run := range l.runs {
		all[dataset] = run.Number()
	}
	return all
}

// step tells the run of a dataset which step is taken.
func (l *leases) step(dataset string, step publisher.Step, detail string) {
	if detail == "" {
		l.runs[dataset].Step(string(step))
	}
}

// end gives the lease of a dataset back.
//
// Errors: that of the publication, or why it was stopped.
func (l *leases) end(ctx context.Context, dataset string, done publisher.Outcome) error {
	run := l.runs[dataset]
	if done.Err == nil {
		tell(run, done.Result)
	}
	_, err := run.End(ctx, done.Err)
	return err
}

// tell tells a run what its publication has done.
func tell(run *jobs.Run, res publisher.Result) {
	var rows int64
	for _, t := range res.Tables {
		rows += t.Rows
	}
	run.Did(jobs.Result{Input: res.DateExtract, Release: res.Release, Rows: rows}, res.Unchanged)
}

// local is a moment by the clock of the settings, for people; "" for the zero time.
func (s *settings) local(t time.Time) string {
	zone, err := s.zone()
	if err != nil || t.IsZero() {
		return ""
	}
	return t.In(zone).Format("2006-01-02 15:04")
}
