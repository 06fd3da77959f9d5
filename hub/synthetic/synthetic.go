// Package synthetic invents an extract of the hub: files, trainings and providers
// that look like those of France, in which nobody is real. It owns what is drawn
// and how; the shape of an extract and its rules are those of package hub.
//
// What is drawn is SQL (folder sql), run lot by lot, so that memory is bounded
// whatever the size. Each record follows from its number and the seed alone:
// equal options give equal bytes, whatever the number of threads. Faults are
// sown on purpose, about half a per cent, so that every rule of the hub has
// something to find (faults.go).
//
// Invariant: no identifier is that of a person. A NIR names a place of birth that
// does not exist, surnames and given names are put together from invented syllables,
// telephone numbers are of the ranges that ARCEP keeps for fiction, e-mail addresses
// end in .example, an IBAN names a bank that does not exist, the SIREN of
// enterprises are of a range that the Sirene directory leaves empty. data/SOURCES.md
// says why.
package synthetic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// Options say what to draw.
type Options struct {
	// Dir is where the extract is written; it must not exist, or be empty.
	Dir string
	// Dossiers and Formations are how many training files and trainings.
	Dossiers, Formations int
	// Seed makes the draw; equal options give equal bytes.
	Seed uint64
	// Format is parquet (default), csv or jsonl.
	Format string
	// From and Until are the first and the last day of validation. Until is the
	// day of the extract. From is 1 January 2020 by default.
	From, Until time.Time
	// Certifications is how many certifications of the reference list are used,
	// the most popular first; 0 means all.
	Certifications int
	// Threads is how many files are written at a time; 0 means one per core.
	Threads int
	// MemoryLimit and TempDir are those of the engine: 1GB by default, and a
	// directory beside Dir.
	MemoryLimit string
	TempDir     string
	// Progress is told what was written, and how many of the files and trainings
	// are done; nil is allowed. It is never called twice at a time.
	Progress func(what string, done, of int64)

	lotSize, offerSize int // records drawn at once; see draw.go
}

// defaultFrom is when the CPF by the euro had just begun, the first month that is
// published.
var defaultFrom = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// Generate writes a synthetic extract. It is written beside o.Dir and moved there
// when complete, so that what an interrupted run leaves is never taken for an
// extract.
//
// Errors: options that make no sense, a directory that is not empty, a full disk.
func Generate(ctx context.Context, o Options) (err error) {
	if err := o.complete(); err != nil {
		return fmt.Errorf("generate hub: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(o.Dir), 0o755); err != nil {
		return fmt.Errorf("generate hub: %w", err)
	}
	work, err := newWorkdir(o.Dir)
	if err != nil {
		return fmt.Errorf("generate hub: %w", err)
	}
	defer func() { err = errors.Join(err, work.remove()) }()
	if o.TempDir == "" {
		o.TempDir = filepath.Join(work.path, "temp")
	}
	extract := filepath.Join(work.path, "extract")
	if err := generate(ctx, o, extract); err != nil {
		return fmt.Errorf("generate hub: %w", err)
	}
	if err := os.Remove(o.Dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("generate hub: %w", err)
	}
	if err := os.Rename(extract, o.Dir); err != nil {
		return fmt.Errorf("generate hub: %w", err)
	}
	return nil
}

// complete checks the options and fills in what was left out.
func (o *Options) complete() error {
	if o.Format == "" {
		o.Format = "parquet"
	}
	if !slices.Contains([]string{"parquet", "csv", "jsonl"}, o.Format) {
		return fmt.Errorf("format %q is unknown; choose parquet, csv or jsonl", o.Format)
	}
	if o.Dossiers < 1 || o.Formations < 1 {
		return errors.New("nothing to draw; ask for at least one file and one training")
	}
	if o.From.IsZero() {
		o.From = defaultFrom
	}
	o.From, o.Until = day(o.From), day(o.Until)
	if !o.From.Before(o.Until) {
		return errors.New("the first day of validation is not before the last; change from or until")
	}
	if o.Threads == 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	if o.MemoryLimit == "" {
		o.MemoryLimit = "1GB"
	}
	if o.lotSize == 0 {
		o.lotSize, o.offerSize = lotSize, offerSize
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return err
	}
	o.Dir = dir
	entries, err := os.ReadDir(dir)
	if len(entries) > 0 {
		return fmt.Errorf("%s is not empty; name a directory that does not exist yet, or empty it", dir)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// day returns the day of t at midnight UTC.
func day(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// generate writes the whole extract to the directory dir.
func generate(ctx context.Context, o Options, dir string) (err error) {
	for _, d := range []string{dir, o.TempDir} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return err
		}
	}
	// A query has one thread, so that joins keep the order of the records; several
	// queries run at a time.
	db, err := engine.Open(ctx, engine.Options{Threads: 1, MemoryLimit: o.MemoryLimit, TempDir: o.TempDir})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	d := &draw{Options: o, db: db, dir: dir, faults: sown(o)}
	for _, step := range []func(context.Context) error{d.prepare, d.write} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return d.mark()
}

// mark writes the file by which the extract says that it is invented.
func (d *draw) mark() error {
	text, err := json.MarshalIndent(map[string]any{
		"synthetic": true, "seed": d.Seed, "dossiers": d.Dossiers, "formations": d.Formations,
		"from": d.From.Format(time.DateOnly), "until": d.Until.Format(time.DateOnly),
	}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(d.dir, hub.SyntheticMarker), append(text, '\n'), 0o600)
}
