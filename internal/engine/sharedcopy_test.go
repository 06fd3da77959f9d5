package engine_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/engine"
)

// numbers is a file with a million rows, in an instance over a directory.
func numbers(t *testing.T) (*engine.File, string) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "x.duckdb")
	db, err := engine.Open(t.Context(), engine.Options{File: path, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(db.Exec(t.Context(), "CREATE TABLE t AS SELECT i, CAST(i AS VARCHAR) AS s FROM range(1000000) r(i)"), db.Close())
	if err != nil {
		t.Fatal(err)
	}
	shared, err := engine.OpenShared(t.Context(), engine.SharedOptions{Dir: dir, TempDir: dir, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	file, err := shared.Attach(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(file.Close(), shared.Close()); err != nil {
			t.Error(err)
		}
	})
	return file, dir
}

// TestParquetKeepsTheOrderOfTheQuery, whatever the threads.
func TestParquetKeepsTheOrderOfTheQuery(t *testing.T) {
	file, dir := numbers(t)
	out := filepath.Join(dir, "o.parquet")
	err := file.WriteParquet(t.Context(), engine.ParquetFile{Path: out, Compression: "zstd", Columns: []engine.ParquetColumn{{Name: `nom "é"`}, {Name: "b"}}},
		"SELECT i AS c0, s AS c1 FROM t WHERE i >= ? ORDER BY s DESC", int64(5))
	if err != nil {
		t.Fatal(err)
	}
	db, err := engine.Open(t.Context(), engine.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	source := "read_parquet(" + engine.Literal(out) + ", file_row_number = true)"
	var rows, broken int64
	err = db.Row(t.Context(), "SELECT count(*), count(*) FILTER (before < b) FROM (SELECT b, lag(b) OVER (ORDER BY file_row_number) AS before FROM "+source+")", []any{&rows, &broken})
	if err != nil || rows != 999_995 || broken != 0 {
		t.Errorf("%d rows, %d out of order, %v", rows, broken, err)
	}
	columns, err := db.Columns(t.Context(), "SELECT * EXCLUDE (file_row_number) FROM "+source)
	if err != nil || len(columns) != 2 || columns[0] != (engine.Column{Name: `nom "é"`, Type: "BIGINT"}) {
		t.Errorf("%v %v", columns, err)
	}
}

func TestParquetThatCannotBeWritten(t *testing.T) {
	file, dir := numbers(t)
	to := engine.ParquetFile{Path: filepath.Join(dir, "o.parquet"), Compression: "snappy", Columns: []engine.ParquetColumn{{Name: "a"}}}
	outside := to
	outside.Path = filepath.Join(t.TempDir(), "o.parquet")
	odd := to
	odd.Compression = "snappy); DROP TABLE t"
	for name, c := range map[string]struct {
		to    engine.ParquetFile
		query string
		want  error
	}{
		"outside the directory":  {outside, "SELECT i FROM t", engine.ErrFile},
		"not a SELECT":           {to, "DROP TABLE t", engine.ErrQuery},
		"more than a SELECT":     {to, "SELECT 1) TO 'x.parquet'; SELECT (1", engine.ErrQuery},
		"a compression of SQL":   {odd, "SELECT i FROM t", engine.ErrQuery},
		"a failure in the rows":  {to, "SELECT error('x') FROM t", engine.ErrData},
		"fewer columns than has": {to, "SELECT x FROM t", engine.ErrQuery},
	} {
		if err := file.WriteParquet(t.Context(), c.to, c.query); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	err := file.WriteParquet(ctx, to, "SELECT count(*) FROM t a, t b WHERE hash(a.i + b.i) = 0")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
