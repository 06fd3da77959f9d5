package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/publisher/outsider"
	"github.com/parvis-opendata/parvis/publisher/release"
)

type auditCommand struct {
	Dataset string `arg:"" help:"The dataset."`
	Release string `placeholder:"RELEASE" help:"The release; the served one by default."`
	Known   string `placeholder:"FILE" help:"Figures that a reader has from elsewhere: CSV with the column table, the keys, the measures."`
	JSON    bool   `help:"Print JSON."`
}

// auditReport is what an attack came to.
type auditReport struct {
	outsider.Report
	Release string `json:"release"`
	// Compared are the releases that were compared with each other.
	Compared    []string              `json:"compared"`
	Differences []outsider.Difference `json:"differences"`
}

// Run attacks a release with nothing but its public files. What can be worked out is a
// refusal.
func (c *auditCommand) Run(ctx context.Context, p *process, s *settings) error {
	all, err := datasets.Load()
	if err != nil {
		return err
	}
	if _, err := datasetIDs(all, []string{c.Dataset}); err != nil {
		return err
	}
	dataset, _ := datasets.Find(all, c.Dataset)
	known, err := c.known(dataset)
	if err != nil {
		return fmt.Errorf("audit %s: %w", c.Dataset, err)
	}
	if err := s.apart(); err != nil {
		return err
	}
	var report auditReport
	err = withAttack(ctx, s, dataset, func(a *attack) (err error) {
		report, err = a.run(ctx, c.Release, outsider.Options{Known: known, Threads: s.Threads})
		return err
	})
	if err != nil {
		return fmt.Errorf("audit %s: %w", c.Dataset, err)
	}
	if err := c.print(p, report); err != nil {
		return err
	}
	return c.verdict(report)
}

// known reads the figures known from elsewhere.
func (c *auditCommand) known(dataset datasets.Dataset) (figures []outsider.Figure, err error) {
	if !dataset.Statistical() {
		return nil, fmt.Errorf("%w: %w", errUsage, outsider.ErrCountsNobody)
	}
	if c.Known == "" {
		return nil, nil
	}
	file, err := os.Open(c.Known)
	if err != nil {
		return nil, fmt.Errorf("%w: known figures: %w", errUsage, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	figures, err = outsider.ReadKnown(file, dataset)
	var invalid *outsider.InvalidError
	if errors.As(err, &invalid) {
		err = fmt.Errorf("%w: %w", errUsage, err)
	}
	return figures, err
}

// verdict is the error that a report means.
func (c *auditCommand) verdict(r auditReport) error {
	switch {
	case len(r.Contradictions) > 0 && c.Known != "":
		return fmt.Errorf("%w: audit %s: what is known contradicts what is printed of %s, at %s; correct %s",
			errUsage, c.Dataset, r.Contradictions[0].Period, r.Contradictions[0].Where, c.Known)
	case len(r.Contradictions) > 0:
		return fmt.Errorf("audit %s: the figures of %s contradict each other, at %s; look at the release, and withdraw it if they are wrong",
			c.Dataset, r.Contradictions[0].Period, r.Contradictions[0].Where)
	case r.WorkedOut > 0 || len(r.Differences) > 0:
		return errRefused
	default:
		return nil
	}
}

// attack has what it takes to attack the releases of a dataset: where they are, a private
// directory, an engine.
type attack struct {
	dataset datasets.Dataset
	archive *release.Archive
	dir     string
	db      *engine.DB
}

// withAttack gives fn what it needs, and cleans up.
func withAttack(ctx context.Context, s *settings, dataset datasets.Dataset, fn func(*attack) error) (err error) {
	store, err := openStore(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := os.MkdirAll(s.Workdir, 0o700); err != nil {
		return fmt.Errorf("working directory: %w; set PARVIS_WORKDIR to a directory that parvis may write to", err)
	}
	dir, err := os.MkdirTemp(s.Workdir, "audit-")
	if err != nil {
		return fmt.Errorf("working directory: %w; set PARVIS_WORKDIR to a directory that parvis may write to", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	db, err := engine.Open(ctx, engine.Options{TempDir: filepath.Join(dir, "spill"), MemoryLimit: s.MemoryLimit, Threads: s.Threads})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return fn(&attack{dataset: dataset, archive: release.NewArchive(store), dir: dir, db: db})
}

// run attacks a release, and compares those that are kept.
func (a *attack) run(ctx context.Context, id string, o outsider.Options) (auditReport, error) {
	report := auditReport{Compared: []string{}, Differences: []outsider.Difference{}}
	entry, err := entryOf(ctx, a.archive, a.dataset.ID, id)
	if err != nil {
		return report, err
	}
	if entry.State != release.Served && entry.State != release.Kept {
		return report, fmt.Errorf("%w: the release %s is %s; choose one that is kept (parvis releases list %s)", errUsage, entry.Manifest.Release, entry.State, a.dataset.ID)
	}
	report.Release = entry.Manifest.Release
	err = a.with(ctx, entry.Manifest, func(tables map[string]string) (err error) {
		report.Report, err = outsider.Check(ctx, a.db, a.dataset, tables, o)
		return err
	})
	if err != nil {
		return report, err
	}
	return report, a.compare(ctx, &report)
}

// compare wants the releases that are kept to say the same of each period.
func (a *attack) compare(ctx context.Context, report *auditReport) error {
	history, err := a.archive.History(ctx, a.dataset.ID)
	if err != nil {
		return err
	}
	history = slices.DeleteFunc(history, func(e release.Entry) bool { return e.State != release.Served && e.State != release.Kept })
	if len(history) < 2 {
		return nil
	}
	var series outsider.Series
	for _, e := range slices.Backward(history) {
		err := a.with(ctx, e.Manifest, func(tables map[string]string) error {
			prints, err := outsider.Fingerprint(ctx, a.db, a.dataset, tables, e.Manifest.Periods)
			series.Add(e.Manifest.Release, prints)
			return err
		})
		if err != nil {
			return fmt.Errorf("compare release %s: %w", e.Manifest.Release, err)
		}
		report.Compared = append(report.Compared, e.Manifest.Release)
	}
	report.Differences = append(report.Differences, series.Differences...)
	return nil
}

// with fetches the tables of a release, gives fn their relations, and removes them.
func (a *attack) with(ctx context.Context, m release.Manifest, fn func(tables map[string]string) error) (err error) {
	dir := filepath.Join(a.dir, m.Release)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	tables := map[string]string{}
	for _, t := range a.dataset.Tables {
		o, ok := m.Object(t.ID + ".parquet")
		if !ok {
			continue
		}
		path := filepath.Join(dir, o.Name)
		if err := a.archive.Fetch(ctx, release.ObjectName(m.Dataset, m.Release, o.Name), o, path); err != nil {
			return err
		}
		tables[t.ID] = "read_parquet(" + engine.Literal(path) + ", hive_partitioning = false)"
	}
	return fn(tables)
}
