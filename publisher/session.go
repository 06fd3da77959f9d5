package publisher

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// Outcome is what became of one of several publications.
type Outcome struct {
	Result Result
	Err    error
}

// PublishAll makes publications of the given datasets, one after the other, from one
// reading of the hub. One that is refused or fails does not stop the next.
//
// Result: one outcome per dataset, in order; the errors are those of
// [Publisher.Publish].
func (p *Publisher) PublishAll(ctx context.Context, ids []string, q Request) []Outcome {
	if q.AsOf.IsZero() {
		now := p.Now().In(p.Zone)
		q.AsOf = time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	}
	done := make([]Outcome, len(ids))
	shared := &reading{Publisher: p, asOf: q.AsOf}
	var runs []*run
	for i, id := range ids {
		r, err := p.begin(id, q, shared)
		if err != nil {
			done[i].Err = err
			continue
		}
		r.outcome = &done[i]
		runs = append(runs, r)
		r.attempt(ctx, StepRead, r.open)
	}
	for _, r := range runs {
		if r.outcome.Err == nil && !r.settled {
			shared.need(r)
		}
	}
	for _, r := range runs {
		if r.outcome.Err == nil {
			r.finish(ctx)
		}
	}
	if err := errors.Join(shared.close(), leaveAll(runs)); err != nil && len(runs) > 0 {
		runs[len(runs)-1].outcome.Err = errors.Join(runs[len(runs)-1].outcome.Err, err)
	}
	return done
}

// begin looks up a dataset, takes its lock and empties its private directory.
func (p *Publisher) begin(id string, q Request, shared *reading) (*run, error) {
	d, ok := datasets.Find(p.Datasets, id)
	if !ok {
		return nil, fmt.Errorf("publish %s: there is no such dataset", id)
	}
	if d.Statistical() {
		if err := p.Profile.Check(); err != nil {
			return nil, fmt.Errorf("publish %s: %w", id, err)
		}
		if p.Profile.Organisations.On() {
			var err error
			if d, err = d.WithOrganisations(); err != nil {
				return nil, fmt.Errorf("publish %s: %w", id, err)
			}
		}
	}
	r := &run{Publisher: p, request: q, dataset: d, archive: release.NewArchive(p.Store), started: p.Now(), reading: shared}
	return r, r.enter()
}

func leaveAll(runs []*run) error {
	var err error
	for _, r := range runs {
		err = errors.Join(err, r.leave())
	}
	return err
}

// finish takes the steps in order, after the store was opened. A run that has
// nothing new to publish skips those in between.
func (r *run) finish(ctx context.Context) {
	for _, s := range []struct {
		name Step
		take func(context.Context) error
	}{
		{StepRead, r.read}, {StepBuild, r.build}, {StepProtect, r.protect}, {StepAudit, r.audit},
		{StepWrite, r.write}, {StepStore, r.store}, {StepIndex, r.index}, {StepFlip, r.flip},
	} {
		if r.settled && s.name != StepFlip || s.name == StepIndex && !indexed(r.Search, r.dataset) {
			continue
		}
		r.attempt(ctx, s.name, s.take)
		if r.outcome.Err != nil {
			return
		}
	}
	r.result.Seconds = r.Now().Sub(r.started).Seconds()
	r.outcome.Result = r.result
}

// attempt takes one step; what fails is in the outcome.
func (r *run) attempt(ctx context.Context, name Step, take func(context.Context) error) {
	began := r.Now()
	r.tell(name, "")
	if err := take(ctx); err != nil {
		r.outcome.Err = &StepError{Dataset: r.dataset.ID, Step: name, Err: err}
		return
	}
	r.Log.Info("step done", slog.String("dataset", r.dataset.ID), slog.String("step", string(name)),
		slog.Duration("took", r.Now().Sub(began)), slog.Int64("spilled_bytes", r.reading.spilledBytes()))
}

// reading is the hub as one or several runs read it: once, when the first of them
// asks for it.
type reading struct {
	*Publisher
	asOf     time.Time
	dir      string // private directory of the run that asks first
	entities []string
	db       *engine.DB
	report   *hub.Report
	err      error
}

// need adds the entities that a run's dataset is made from.
func (h *reading) need(r *run) {
	for _, e := range r.dataset.Entities {
		if !slices.Contains(h.entities, e) {
			h.entities = append(h.entities, e)
		}
	}
}

// once reads the hub, unless that was done or has failed.
func (h *reading) once(ctx context.Context, r *run) error {
	if h.db == nil && h.err == nil {
		h.dir = r.dir
		h.err = h.take(ctx, r)
	}
	return h.err
}

func (h *reading) take(ctx context.Context, r *run) (err error) {
	h.db, err = engine.Open(ctx, engine.Options{
		File: filepath.Join(h.dir, "run.duckdb"), TempDir: filepath.Join(h.dir, "spill"),
		MemoryLimit: h.Memory, Threads: h.Threads, TimeZone: h.Zone.String(),
	})
	if err != nil {
		return err
	}
	number, err := seed()
	if err != nil {
		return err
	}
	if err := h.functions(ctx); err != nil {
		return err
	}
	h.report, err = hub.Read(ctx, h.db, h.Hub, hub.Options{
		AsOf: h.asOf, Entities: h.entities, Seed: number, Dir: h.dir,
		Progress: func(file string, no, of int) { r.tell(StepRead, fmt.Sprintf("%d/%d %s", no, of, file)) },
	})
	return err
}

// functions makes the functions that recipes call.
func (h *reading) functions(ctx context.Context) error {
	sql, err := datasets.Functions(h.Profile.Persons.Threshold)
	if err != nil {
		return err
	}
	return h.db.Exec(ctx, sql)
}

func (h *reading) spilledBytes() int64 {
	if h.db == nil {
		return 0
	}
	return h.db.SpilledBytes()
}

func (h *reading) close() error {
	if h.db == nil {
		return nil
	}
	return h.db.Close()
}
