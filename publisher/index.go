package publisher

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// Search keeps search indexes outside the program, by the release that they are of.
// internal/search/meili is one.
type Search interface {
	// Ensure makes the index of a release unless it is there, and reports whether it did.
	Ensure(ctx context.Context, release string, documents iter.Seq2[search.Document, error]) (made bool, err error)
	// Prune removes the indexes of all other releases.
	Prune(ctx context.Context, keep ...string) (removed []string, err error)
}

// indexed reports whether a search index belongs to a dataset: the catalogue has one.
func indexed(s Search, d datasets.Dataset) bool { return s != nil && !d.Statistical() }

// index makes sure that the release that will be served can be searched.
func (r *run) index(ctx context.Context) error {
	id := r.manifest.Release
	if r.unchanged() {
		id = r.previous.Release
	}
	parquet := filepath.Join(r.filesDir(), parquetName(r.dataset.ID))
	made, err := r.Search.Ensure(ctx, id, trainings(ctx, parquet, filepath.Join(r.dir, "index")))
	if err != nil {
		return fmt.Errorf("%w; the release is stored but not served: mend the search, then publish again", err)
	}
	r.Log.Info("search index", slog.String("release", id), slog.Bool("made", made))
	return nil
}

// pruneIndexes removes the indexes of releases that are neither served nor the one before.
// What it fails to remove is removed by the next publication.
func (r *run) pruneIndexes(ctx context.Context, served release.Manifest) {
	removed, err := r.Search.Prune(ctx, served.Release, served.Previous)
	if err != nil {
		r.Log.Warn("search indexes of older releases are not removed", slog.Any("error", err))
	}
	if len(removed) > 0 {
		r.Log.Info("search indexes removed", slog.String("releases", strings.Join(removed, " ")))
	}
}

func parquetName(table string) string { return table + ".parquet" }

// Indexer makes search indexes of releases that are in the store.
type Indexer struct {
	Search  Search
	Archive *release.Archive
	WorkDir string // private
}

// Index makes the index of a release of the catalogue unless it is there, and reports
// whether it did.
//
// Errors: those of the store and of the search.
func (x *Indexer) Index(ctx context.Context, m release.Manifest) (made bool, err error) {
	if err := os.MkdirAll(x.WorkDir, 0o700); err != nil {
		return false, fmt.Errorf("working directory: %w; set PARVIS_WORKDIR to a directory that parvis may write to", err)
	}
	dir, err := os.MkdirTemp(x.WorkDir, "index-")
	if err != nil {
		return false, fmt.Errorf("working directory: %w; set PARVIS_WORKDIR to a directory that parvis may write to", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	return x.Search.Ensure(ctx, m.Release, func(yield func(search.Document, error) bool) {
		parquet := filepath.Join(dir, parquetName(m.Dataset))
		o, ok := m.Object(parquetName(m.Dataset))
		if !ok {
			yield(search.Document{}, fmt.Errorf("release %s of %s has no %s", m.Release, m.Dataset, parquetName(m.Dataset)))
			return
		}
		if err := x.Archive.Fetch(ctx, release.ObjectName(m.Dataset, m.Release, o.Name), o, parquet); err != nil {
			yield(search.Document{}, err)
			return
		}
		trainings(ctx, parquet, filepath.Join(dir, "rows"))(yield)
	})
}

// indexMemory is what the engine may use to read the trainings beside a run.
const indexMemory = "500MB"

// trainings reads the trainings of a file of the catalogue, when they are asked for. It
// makes the directory and empties it.
func trainings(ctx context.Context, parquet, dir string) iter.Seq2[search.Document, error] {
	return func(yield func(search.Document, error) bool) {
		more := true
		if err := readTrainings(ctx, parquet, dir, func(d search.Document, err error) bool {
			more = yield(d, err)
			return more
		}); err != nil && more {
			yield(search.Document{}, err)
		}
	}
}

func readTrainings(ctx context.Context, parquet, dir string, yield func(search.Document, error) bool) (err error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "catalogue.duckdb")
	if err := copyRows(ctx, parquet, file); err != nil {
		return err
	}
	shared, err := engine.OpenShared(ctx, engine.SharedOptions{Dir: dir, TempDir: filepath.Join(dir, "spill"), MemoryLimit: indexMemory, Threads: 1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shared.Close()) }()
	f, err := shared.Attach(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	search.Documents(ctx, f.Query, "catalogue")(yield)
	return nil
}

// copyRows copies what a search needs of the catalogue into a database of its own.
func copyRows(ctx context.Context, parquet, file string) error {
	db, err := engine.Open(ctx, engine.Options{File: file, Lasting: true, TempDir: file + ".spill", MemoryLimit: indexMemory, Threads: 1})
	if err != nil {
		return err
	}
	err = db.Exec(ctx, "CREATE TABLE catalogue AS "+search.Select("read_parquet("+engine.Literal(parquet)+")"))
	return errors.Join(err, db.Close())
}
