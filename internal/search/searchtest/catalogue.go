package searchtest

import (
	"errors"
	"iter"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/hub/synthetic"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/search"
)

const catalogueID = "moncompteformation_catalogueformation"

// Catalogue makes the synthetic catalogue of a fixed seed, of so many trainings, some of
// which have no open session, and returns how to read it. It is not protected: names of
// providers are invented.
func Catalogue(t testing.TB, formations int) iter.Seq2[search.Document, error] {
	t.Helper()
	dir := t.TempDir()
	extract, until := filepath.Join(dir, "hub"), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	o := synthetic.Options{Dir: extract, Dossiers: 1, Formations: formations, Seed: 7, From: until.AddDate(0, -1, 0), Until: until}
	if err := synthetic.Generate(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "run.duckdb")
	makeTable(t, extract, file, until)
	return Read(t, file, "catalogue")
}

// makeTable makes the table of the catalogue in a database file, without its long texts.
func makeTable(t testing.TB, extract, file string, until time.Time) {
	t.Helper()
	all, err := datasets.Load()
	if err != nil {
		t.Fatal(err)
	}
	d, _ := datasets.Find(all, catalogueID)
	functions, err := datasets.Functions(5)
	if err != nil {
		t.Fatal(err)
	}
	source, err := hub.OpenDir(extract)
	if err != nil {
		t.Fatal(err)
	}
	db, err := engine.Open(t.Context(), engine.Options{File: file, Lasting: true, TempDir: file + ".spill", MemoryLimit: "1GB", TimeZone: "Europe/Paris"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = hub.Read(t.Context(), db, source, hub.Options{AsOf: until, Entities: d.Entities, Seed: 1, Dir: filepath.Dir(file)})
	sql := strings.ReplaceAll(d.Tables[0].SQL, "$date_extract", "'2026-11-01'")
	for _, q := range []string{functions, "CREATE TABLE catalogue AS " + search.Select("(\n"+sql+"\n)")} {
		if err == nil {
			err = db.Exec(t.Context(), q)
		}
	}
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// Read returns how to read the trainings of a table of a database file.
func Read(t testing.TB, file, table string) iter.Seq2[search.Document, error] {
	t.Helper()
	dir := t.TempDir()
	shared, err := engine.OpenShared(t.Context(), engine.SharedOptions{Dir: filepath.Dir(file), TempDir: filepath.Join(dir, "spill"), MemoryLimit: "500MB", Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	f, err := shared.Attach(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(f.Close(), shared.Close()); err != nil {
			t.Error(err)
		}
	})
	return search.Documents(t.Context(), f.Query, table)
}
