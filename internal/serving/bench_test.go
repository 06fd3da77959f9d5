package serving_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/serving"
	"github.com/parvis-opendata/parvis/publisher/release"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The dataset of the tests, and its two tables.
const (
	dataset = "ventes"
	sales   = "ventes"
	regions = "ventes_region"
)

func definition() datasets.Dataset {
	text := func(name string) datasets.Field {
		return datasets.Field{Name: name, Label: name, Type: datasets.TypeText}
	}
	long := text("avis")
	long.FreeText = true
	return datasets.Dataset{
		ID: dataset, Title: "Ventes", License: "Licence ouverte", Language: "fr", Publisher: "Éditeur", Keywords: []string{"vente", "région"}, Themes: []string{"Économie"},
		Tables: []datasets.Table{
			{
				ID: sales, Title: "Les ventes", Key: []string{"numero"}, Facets: []string{"nom", "mois"},
				Fields: []datasets.Field{
					{Name: "numero", Label: "numero", Type: datasets.TypeInt}, {Name: "version", Label: "version", Type: datasets.TypeInt},
					text("nom"), long, {Name: "prix", Label: "prix", Type: datasets.TypeDecimal},
					{Name: "mois", Label: "mois", Type: datasets.TypeMonth}, {Name: "jour", Label: "jour", Type: datasets.TypeDate},
				},
			},
			{ID: regions, Title: "Les régions", Key: []string{"code"}, Fields: []datasets.Field{text("code"), {Name: "presentation", Label: "presentation", Type: datasets.TypeText, FreeText: true}, {Name: "version", Label: "version", Type: datasets.TypeInt}}},
		},
	}
}

// The rows of a release: each says of which version it is.
const (
	salesRows = 3000
	salesSQL  = `SELECT i::INTEGER AS numero, %[1]d::INTEGER AS version, CASE i %% 4 WHEN 0 THEN 'Épicerie Œuvre' WHEN 1 THEN 'Boulangerie' WHEN 2 THEN 'L''Été n°' || i // 100 END AS nom,
		'<p>Très bien, la ' || i || 'e fois' AS avis, (i / 100)::DECIMAL(14,2) AS prix, '2024-0' || (1 + i %% 9) AS mois, DATE '2024-02-28' + (i %% 3)::INTEGER AS jour
		FROM range(3000) r(i) ORDER BY i`
	regionsSQL = `SELECT lpad(i::VARCHAR, 2, '0') AS code, 'La région ' || i AS presentation, %[1]d::INTEGER AS version FROM range(20) r(i) ORDER BY 1`
)

// store is what the tests publish to.
type store interface {
	objects.Store
}

// bench is a store with releases made by hand, and a library over it.
type bench struct {
	*release.Archive
	t       testing.TB
	store   store
	dir     string // of the library
	options serving.Options
	*serving.Library
}

func newBench(t testing.TB, s store) *bench {
	t.Helper()
	b := &bench{t: t, store: s, Archive: release.NewArchive(s), dir: filepath.Join(t.TempDir(), "serve")}
	b.options = serving.Options{
		Store: s, Datasets: []datasets.Dataset{definition()}, Dir: b.dir, MemoryLimit: "400MB", Threads: 2,
		Log: slog.New(slog.DiscardHandler), Now: time.Now, Poll: 10 * time.Millisecond,
	}
	return b
}

func directory(t testing.TB) *objects.Dir {
	t.Helper()
	d, err := objects.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// open starts the library; it is closed, and must leave nothing, at the end of the test.
func (b *bench) open() {
	b.t.Helper()
	l, err := serving.Open(b.t.Context(), b.options)
	if err != nil {
		b.t.Fatal(err)
	}
	b.Library = l
	b.t.Cleanup(b.close)
}

func (b *bench) close() {
	b.t.Helper()
	if b.Library == nil {
		return
	}
	l := b.Library
	if err := l.Close(); err != nil {
		b.t.Error(err)
	}
	b.Library = nil
	if entries, err := os.ReadDir(b.dir); err != nil || len(entries) != 1 || entries[0].Name() != "serving.lock" {
		b.t.Errorf("left in the directory: %v, %v", entries, err)
	}
}

// count makes the identifiers of releases differ.
var count atomic.Int64

// put stores a release without serving it.
func (b *bench) put(version int) release.Manifest {
	b.t.Helper()
	at := time.Date(2026, 1, 1, 0, 0, int(count.Add(1)), 0, time.UTC)
	digest := fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, version)))
	m := release.Manifest{Dataset: dataset, Release: release.ID(at, digest), ContentDigest: digest, DateExtract: "2026-01-01", PublishedAt: at}
	b.add(&m, sales, fmt.Sprintf(salesSQL, version), salesRows)
	b.add(&m, regions, fmt.Sprintf(regionsSQL, version), 20)
	if err := b.Seal(b.t.Context(), m); err != nil {
		b.t.Fatal(err)
	}
	return m
}

// add stores the rows of a query as a table of a release.
func (b *bench) add(m *release.Manifest, table, query string, rows int64) {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), table+".parquet")
	db, err := engine.Open(b.t.Context(), engine.Options{Threads: 1})
	if err != nil {
		b.t.Fatal(err)
	}
	err = db.Exec(b.t.Context(), "COPY ("+query+") TO "+engine.Literal(path)+" (FORMAT parquet, ROW_GROUP_SIZE 2048)")
	if err := errors.Join(err, db.Close()); err != nil {
		b.t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		b.t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	o := release.Object{Name: table + ".parquet", Bytes: int64(len(data)), SHA256: hex.EncodeToString(sum[:]), Rows: &rows}
	b.upload(*m, o.Name, data)
	m.Objects = append(m.Objects, o)
	m.Tables = append(m.Tables, release.Table{ID: table, Rows: rows})
}

func (b *bench) upload(m release.Manifest, name string, data []byte) {
	b.t.Helper()
	if _, err := b.store.Put(b.t.Context(), release.ObjectName(m.Dataset, m.Release, name), newReader(data), int64(len(data))); err != nil {
		b.t.Fatal(err)
	}
}

// object reads an object of a release.
func (b *bench) object(m release.Manifest, name string) []byte {
	b.t.Helper()
	body, _, err := b.store.Open(b.t.Context(), release.ObjectName(m.Dataset, m.Release, name), 0, -1)
	if err != nil {
		b.t.Fatal(err)
	}
	data, err := io.ReadAll(body)
	if err := errors.Join(err, body.Close()); err != nil {
		b.t.Fatal(err)
	}
	return data
}

// serve moves the pointer to a release.
func (b *bench) serve(m release.Manifest) {
	b.t.Helper()
	c, version, err := b.Current(b.t.Context(), dataset)
	if err != nil && !errors.Is(err, release.ErrNotFound) {
		b.t.Fatal(err)
	}
	if err := b.Flip(b.t.Context(), c.Serve(m, time.Now()), version); err != nil {
		b.t.Fatal(err)
	}
}

// publish stores and serves a release.
func (b *bench) publish(version int) release.Manifest {
	b.t.Helper()
	m := b.put(version)
	b.serve(m)
	return m
}

func (b *bench) withdraw(m release.Manifest) {
	b.t.Helper()
	if _, _, err := b.Withdraw(b.t.Context(), dataset, m.Release, "une erreur", time.Now()); err != nil {
		b.t.Fatal(err)
	}
}

// until waits for a state of the library.
func (b *bench) until(what string, holds func(serving.State) bool) {
	b.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(b.State()[0]); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.t.Fatalf("%s: not reached: %+v", what, b.State()[0])
		}
	}
}

// served waits until a release is served.
func (b *bench) served(m release.Manifest) {
	b.t.Helper()
	b.until(m.Release+" served", func(s serving.State) bool { return s.Served == m.Release })
}

// acquire returns a table, which is released at the end of the test at the latest.
func (b *bench) acquire(table, id string) *serving.Table {
	b.t.Helper()
	t, err := b.Acquire(b.t.Context(), table, id)
	if err != nil {
		b.t.Fatalf("acquire %s of %q: %v", table, id, err)
	}
	b.t.Cleanup(t.Release)
	return t
}

// query reads the rows of a query.
func query(ctx context.Context, t *serving.Table, sql string, args ...any) (rows [][]any, err error) {
	r, err := t.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	for r.Next() {
		row := make([]any, len(r.Columns()))
		for i := range row {
			row[i] = r.Value(i)
		}
		rows = append(rows, row)
	}
	return rows, errors.Join(r.Err(), r.Close())
}

// rows is query for a test.
func rows(t testing.TB, table *serving.Table, sql string, args ...any) [][]any {
	t.Helper()
	all, err := query(t.Context(), table, sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return all
}

// version returns the version of all rows of a table.
func version(t testing.TB, table *serving.Table) int64 {
	t.Helper()
	all := rows(t, table, "SELECT DISTINCT version FROM "+engine.Ident(table.ID()))
	if len(all) != 1 {
		t.Fatalf("mixed: %v", all)
	}
	return all[0][0].(int64)
}
