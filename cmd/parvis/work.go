package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/jobs"
	"github.com/parvis-opendata/parvis/publisher"
	"github.com/parvis-opendata/parvis/publisher/release"
)

type workCommand struct{}

// Run runs the schedule until it is told to stop.
func (c *workCommand) Run(ctx context.Context, p *process, s *settings) (err error) {
	all, err := datasets.Load()
	if err != nil {
		return err
	}
	w := worker{process: p, settings: s, datasets: all, log: s.logger(p.err)}
	list, err := w.jobs()
	if err != nil {
		return err
	}
	if err := w.check(ctx); err != nil {
		return fmt.Errorf("work: %w", err)
	}
	hook, err := s.webhook()
	if err != nil {
		return err
	}
	store, err := openStore(ctx, s)
	if err != nil {
		return fmt.Errorf("work: %w", err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	ledger, err := newLedger(ctx, p, s, store, w.log)
	if err != nil {
		return fmt.Errorf("work: %w", err)
	}
	heartbeat := s.heartbeat()
	if err := heartbeat.Beat(p.now()); err != nil {
		return fmt.Errorf("work: %w; set PARVIS_WORKDIR to a directory that parvis may write to", err)
	}
	defer func() { err = errors.Join(err, heartbeat.End()) }()
	keeper := w.keeper(list, store, ledger, hook)
	stop, err := s.workMetrics(ctx, list, ledger, keeper, p.now)
	if err != nil {
		return fmt.Errorf("work: %w", err)
	}
	defer func() { err = errors.Join(err, stop()) }()
	if keeper != nil {
		var sending sync.WaitGroup
		sending.Go(func() { keeper.Run(ctx) })
		defer sending.Wait()
	}
	(&jobs.Worker{Jobs: list, Ledger: ledger, Log: w.log, Alive: func() error { return heartbeat.Beat(p.now()) }}).Run(ctx)
	return nil
}

// heartbeat is the sign of life of the worker that uses the working directory.
func (s *settings) heartbeat() jobs.Heartbeat {
	return jobs.Heartbeat(filepath.Join(s.Workdir, "worker.heartbeat"))
}

// worker wires what is done on schedule.
type worker struct {
	process  *process
	settings *settings
	datasets []datasets.Dataset
	log      *slog.Logger
}

// jobs lists the jobs with their schedules: publications first, since those that are
// due at the same moment run in this order. What is not published has no job.
func (w *worker) jobs() ([]jobs.Job, error) {
	var list []jobs.Job
	var wrong []error
	add := func(setting, schedule, job string, run func(context.Context, *jobs.Run) error) {
		times, err := w.settings.parseSchedule(setting, schedule)
		wrong = append(wrong, err)
		list = append(list, jobs.Job{Name: job, Schedule: times, Run: run})
	}
	for _, row := range w.settings.timetable() {
		if _, ok := datasets.Find(w.datasets, row.dataset); ok {
			add(row.setting, row.schedule, row.job, func(ctx context.Context, run *jobs.Run) error { return w.publish(ctx, run, row.dataset) })
		}
	}
	keep, err := w.settings.retentions()
	wrong = append(wrong, err)
	add("PARVIS_SCHEDULE_VERIFY", w.settings.ScheduleVerify, "verify", w.each(w.verify))
	add("PARVIS_SCHEDULE_PRUNE", w.settings.SchedulePrune, "prune", w.each(func(ctx context.Context, _ *jobs.Run, a *release.Archive, id string) error {
		return w.prune(ctx, a, id, keep.of(id))
	}))
	return list, errors.Join(wrong...)
}

// check refuses at the start what no job could work with. An extract may arrive
// later; each job opens what it needs when its time has come.
func (w *worker) check(ctx context.Context) error {
	if err := w.settings.apart(); err != nil {
		return err
	}
	if _, err := w.settings.meili(); err != nil {
		return err
	}
	store, err := openStore(ctx, w.settings)
	if err != nil {
		return err
	}
	if err := store.Close(); err != nil {
		return err
	}
	_, leave, err := openHub(ctx, w.settings)
	if err == nil {
		err = leave()
	} else if !errors.Is(err, errUsage) {
		w.log.Warn("there is no extract yet", slog.Any("error", err))
		err = nil
	}
	return errors.Join(err, os.MkdirAll(w.settings.Workdir, 0o700))
}

// publish publishes a dataset, as the command of that name does.
func (w *worker) publish(ctx context.Context, run *jobs.Run, dataset string) (err error) {
	source, leave, err := openHub(ctx, w.settings)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, leave()) }()
	store, err := openStore(ctx, w.settings)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	pub, err := newPublisher(w.process, w.settings, source, store, w.log)
	if err != nil {
		return err
	}
	pub.Progress = func(_ string, step publisher.Step, detail string) {
		if detail == "" {
			run.Step(string(step))
		}
	}
	res, err := pub.Publish(ctx, publisher.Request{Dataset: dataset, Fences: map[string]int64{dataset: run.Number()}, Due: run.Due()})
	if err != nil {
		return err
	}
	tell(run, res)
	w.log.Info("release is served", slog.String("dataset", dataset), slog.String("release", res.Release),
		slog.Bool("unchanged", res.Unchanged), slog.String("extract", res.DateExtract), slog.String("audit", res.Audit))
	return nil
}

// each does the same for the archive of every dataset, a step of the run each; a
// failure of one does not stop the next.
func (w *worker) each(do func(context.Context, *jobs.Run, *release.Archive, string) error) func(context.Context, *jobs.Run) error {
	return func(ctx context.Context, run *jobs.Run) error {
		var failures []error
		for _, d := range w.datasets {
			if ctx.Err() != nil {
				break
			}
			run.Step(d.ID)
			failures = append(failures, withArchive(ctx, w.settings, d.ID, func(a *release.Archive) error { return do(ctx, run, a, d.ID) }))
		}
		return errors.Join(append(failures, ctx.Err())...)
	}
}

// verify reads every kept object of a dataset again.
func (w *worker) verify(ctx context.Context, run *jobs.Run, a *release.Archive, dataset string) error {
	entries, err := (&verifyCommand{Dataset: dataset}).entries(ctx, a)
	if err != nil {
		return fmt.Errorf("verify releases: %w", err)
	}
	var faulty []string
	for _, e := range entries {
		faults, err := a.Verify(ctx, e.Manifest)
		if err != nil {
			return err
		}
		if len(faults) > 0 {
			run.Found(jobs.Damage{Dataset: dataset, Release: e.Manifest.Release, Objects: faults})
		}
		for _, fault := range faults {
			faulty = append(faulty, e.Manifest.Release+": "+fault)
		}
	}
	if len(faulty) > 0 {
		return fmt.Errorf("verify %s: %w: %s; restore the objects from a backup, or withdraw the release", dataset, errDamaged, strings.Join(faulty, "; "))
	}
	w.log.Info("releases are whole", slog.String("dataset", dataset), slog.Int("releases", len(entries)))
	return nil
}

// prune applies the retention to a dataset.
func (w *worker) prune(ctx context.Context, a *release.Archive, dataset string, keep release.Retention) error {
	pruned, abandoned, err := a.Prune(ctx, dataset, keep, w.process.now(), false)
	w.log.Info("releases pruned", slog.String("dataset", dataset), slog.Any("pruned", pruned), slog.Any("unfinished", abandoned))
	return err
}
