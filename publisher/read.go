package publisher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// open looks at the store: what is served, what was published, what is due.
func (r *run) open(ctx context.Context) error {
	// A store that ignores conditions would let two publications serve at once.
	if err := objects.Probe(ctx, r.Store); err != nil {
		return err
	}
	if err := r.readArchive(ctx); err != nil {
		return err
	}
	taken, err := r.archive.TakeBack(ctx, r.current)
	if len(taken) > 0 {
		r.Log.Info("releases taken back that were never served", slog.String("dataset", r.dataset.ID), slog.Any("releases", taken))
	}
	if err != nil {
		return err
	}
	if r.settled = r.previous != nil && !r.request.Due.After(r.current.Due) && !r.request.Due.IsZero(); r.settled {
		return nil // by a publication that lost its lease just after
	}
	if !r.dataset.Statistical() {
		return nil
	}
	if err := r.readCalendars(ctx); err != nil {
		return err
	}
	// What the extract holds can only make fewer periods due.
	r.settled = r.served(r.request.AsOf)
	return nil
}

// read stages and checks what the dataset needs of the hub, and refuses an
// extract from which nothing may be published.
func (r *run) read(ctx context.Context) error {
	if err := r.reading.once(ctx, r); err != nil {
		return err
	}
	r.db, r.report = r.reading.db, r.reading.report.For(r.dataset.Entities)
	r.result.Report = r.report
	var err error
	r.result.Quarantine, err = hub.WriteQuarantine(ctx, r.db, r.report, filepath.Join(r.WorkDir, "quarantine"), r.dataset.ID, r.Now())
	if err != nil {
		return err
	}
	r.logReport()
	previous, err := r.previousInput(ctx)
	if err != nil {
		return err
	}
	err = r.refused(append(r.Thresholds.Judge(r.report, previous), r.judgeExtract()...))
	if err != nil && r.result.Quarantine != "" {
		err = fmt.Errorf("%w; the faulty records are listed in %s", err, r.result.Quarantine)
	}
	return err
}

// readArchive learns what is served now, and what was made last.
func (r *run) readArchive(ctx context.Context) error {
	var err error
	if fence := r.request.Fences[r.dataset.ID]; fence > 0 {
		r.current, r.currentVersion, err = r.archive.Claim(ctx, r.dataset.ID, fence)
	} else {
		r.current, r.currentVersion, err = r.archive.Current(ctx, r.dataset.ID)
	}
	if errors.Is(err, release.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if r.current.Release != "" {
		m, err := r.archive.Manifest(ctx, r.dataset.ID, r.current.Release)
		r.previous, r.last = &m, &m
		return err
	}
	history, err := r.archive.History(ctx, r.dataset.ID)
	if err == nil && len(history) > 0 {
		r.last = &history[0].Manifest
	}
	return err
}

// previousInput returns the records kept by entity at the served release, from
// its quality report; nil when nothing is served.
func (r *run) previousInput(ctx context.Context) (map[string]int64, error) {
	if r.previous == nil {
		return nil, nil
	}
	data, err := r.archive.Document(ctx, *r.previous, qualityName)
	if err != nil {
		return nil, fmt.Errorf("quality report of the served release: %w", err)
	}
	var q Quality
	if err := json.Unmarshal(data, &q); err != nil {
		return nil, fmt.Errorf("quality report of the served release: %w", err)
	}
	kept := map[string]int64{}
	for _, e := range q.Input {
		kept[e.Entity] = e.Kept
	}
	return kept, nil
}

// judgeExtract refuses an extract that must not follow what is served.
func (r *run) judgeExtract() []hub.Refusal {
	if r.report.ExtractDate.IsZero() {
		return []hub.Refusal{{Reason: "the extract holds no record"}}
	}
	if r.last == nil {
		return nil
	}
	if r.last.Synthetic != r.report.Synthetic {
		kind := map[bool]string{true: "synthetic", false: "real"}
		return []hub.Refusal{{Reason: fmt.Sprintf("the store holds %s data and the extract is %s; use another store", kind[r.last.Synthetic], kind[r.report.Synthetic])}}
	}
	if day := r.report.ExtractDate.Format(time.DateOnly); day < r.last.DateExtract {
		return []hub.Refusal{{Rule: RuleOlderExtract, Reason: fmt.Sprintf("the extract is of %s, older than that of the last release (%s)", day, r.last.DateExtract)}}
	}
	return nil
}

func (r *run) logReport() {
	if len(r.report.Ignored) > 0 {
		r.Log.Warn("not read", slog.String("dataset", r.dataset.ID), slog.Any("names", r.report.Ignored))
	}
	for _, e := range r.report.Entities {
		r.Log.Info("entity read", slog.String("dataset", r.dataset.ID), slog.String("entity", e.Entity),
			slog.Int64("read", e.Read), slog.Int64("kept", e.Kept), slog.Int64("quarantined", e.Quarantined),
			slog.Int64("superseded", e.Superseded), slog.Int64("deleted", e.Deleted), slog.Int64("later", e.Later))
	}
}
