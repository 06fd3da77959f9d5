package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// table is a table of a store that is asked about, and the file of its release.
type table struct {
	subject subject
	parquet string
}

// demoStore is the store PARVIS_BENCH_STORE, or that of a demo made now.
func demoStore(b *testing.B) string {
	b.Helper()
	if dir := os.Getenv("PARVIS_BENCH_STORE"); dir != "" {
		return dir
	}
	dir := filepath.Join(b.TempDir(), "demo")
	measured(b, "demo", "--no-serve", "--dir", dir)
	return filepath.Join(dir, "store")
}

// tableOf finds a table in the served release of a store.
func tableOf(b *testing.B, store string, s subject) table {
	b.Helper()
	shelf, err := objects.OpenDir(store)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = shelf.Close() }()
	c, _, err := release.NewArchive(shelf).Current(b.Context(), s.table)
	if err != nil {
		b.Fatal(err)
	}
	return table{s, filepath.Join(store, filepath.FromSlash(release.ObjectName(s.table, c.Release, s.table+".parquet")))}
}

// purchasesStore makes a store with a release that has the detailed table of purchases
// alone, with about so many invented rows.
func purchasesStore(b *testing.B, rows int) string {
	b.Helper()
	script, err := os.ReadFile("testdata/bench/purchases.sql")
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	db := openEngine(b)
	file := filepath.Join(dir, "purchases.parquet")
	sql := strings.TrimSpace(strings.ReplaceAll(string(script), "{values}", strconv.Itoa(10*rows)))
	if err := db.Exec(b.Context(), "COPY ("+sql+"\n) TO "+engine.Literal(file)+" (FORMAT parquet, COMPRESSION zstd)"); err != nil {
		b.Fatal(err)
	}
	n, err := db.Count(b.Context(), "SELECT count(*) FROM read_parquet("+engine.Literal(file)+")")
	if err != nil {
		b.Fatal(err)
	}
	store := filepath.Join(dir, "store")
	if err := errors.Join(os.Mkdir(store, 0o700), sealRelease(b, store, file, n)); err != nil {
		b.Fatal(err)
	}
	return store
}

// sealRelease stores and serves a release of the purchases with one table.
func sealRelease(b *testing.B, store, file string, rows int64) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	shelf, err := objects.OpenDir(store)
	if err != nil {
		return err
	}
	defer func() { _ = shelf.Close() }()
	sum := sha256.Sum256(data)
	digest, at := hex.EncodeToString(sum[:]), time.Date(2026, 11, 2, 6, 0, 0, 0, time.UTC)
	object := release.Object{Name: purchases + ".parquet", MediaType: "application/vnd.apache.parquet", Bytes: int64(len(data)), SHA256: digest, Rows: &rows}
	m := release.Manifest{
		Dataset: purchases, Release: release.ID(at, digest), DateExtract: "2026-11-02", PublishedAt: at, Synthetic: true, ContentDigest: digest,
		Tables: []release.Table{{ID: purchases, Rows: rows}}, Objects: []release.Object{object},
	}
	if _, err := shelf.Put(b.Context(), release.ObjectName(m.Dataset, m.Release, object.Name), strings.NewReader(string(data)), object.Bytes); err != nil {
		return err
	}
	archive := release.NewArchive(shelf)
	if err := archive.Seal(b.Context(), m); err != nil {
		return err
	}
	c, version, err := archive.Current(b.Context(), m.Dataset)
	if err != nil && !errors.Is(err, release.ErrNotFound) {
		return err
	}
	return archive.Flip(b.Context(), c.Serve(m, at), version)
}

func openEngine(b *testing.B) *engine.DB {
	b.Helper()
	db, err := engine.Open(b.Context(), engine.Options{File: filepath.Join(b.TempDir(), "bench.duckdb"), MemoryLimit: "4GB"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	return db
}

// toSQLite loads the table into an SQLite database, in its own order, with indexes on
// what questions select by.
//
// Errors: errNoPeer when there is no Python.
func (t table) toSQLite(b *testing.B, database string) error {
	b.Helper()
	python, err := peerProgram("python3")
	if err != nil {
		return err
	}
	all, err := datasets.Load()
	if err != nil {
		b.Fatal(err)
	}
	file := filepath.Join(b.TempDir(), "table.csv")
	db := openEngine(b)
	parquet := "SELECT * FROM read_parquet(" + engine.Literal(t.parquet) + ")"
	columns, err := db.Columns(b.Context(), parquet)
	if err == nil {
		// A COPY keeps the order of the file only when it is asked for.
		err = db.Exec(b.Context(), "SET GLOBAL preserve_insertion_order = true; COPY ("+parquet+") TO "+engine.Literal(file)+" (HEADER)")
	}
	if err != nil {
		b.Fatal(err)
	}
	args := append([]string{"testdata/bench/sqlite.py", database, file}, t.sqliteStatements(all, columns)...)
	if out, err := exec.CommandContext(b.Context(), python, args...).CombinedOutput(); err != nil {
		b.Fatalf("sqlite.py: %v\n%s", err, out)
	}
	return os.Remove(file)
}

// sqliteStatements make the table and its indexes.
func (t table) sqliteStatements(all []datasets.Dataset, columns []engine.Column) []string {
	types := map[datasets.Type]string{datasets.TypeInt: "INTEGER", datasets.TypeDecimal: "REAL"}
	var definitions []string
	for _, c := range columns {
		kind := "TEXT"
		for _, d := range all {
			if d.ID != t.subject.table {
				continue
			}
			if f, ok := d.Tables[0].Field(c.Name); ok && types[f.Type] != "" {
				kind = types[f.Type]
			}
		}
		definitions = append(definitions, engine.Ident(c.Name)+" "+kind)
	}
	s, name := t.subject, engine.Ident(t.subject.table)
	statements := []string{"CREATE TABLE " + name + " (" + strings.Join(definitions, ", ") + ")"}
	for i, of := range []string{s.pair[0] + ", " + s.pair[1], s.part, s.group + ", " + s.measure, s.facets[0] + ", " + s.measure, s.facets[1] + ", " + s.measure, s.measure} {
		statements = append(statements, fmt.Sprintf("CREATE INDEX \"%s %d\" ON %s (%s)", s.table, i, name, of))
	}
	return append(statements, "ANALYZE")
}
