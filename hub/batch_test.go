package hub_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// providers are records of organismes, by file: versions across files, faults in
// several, one file without records.
func providers() map[string][]hubtest.Record {
	org := func(n int, changes ...string) hubtest.Record {
		return hubtest.Rec("organismes", append([]string{"siret=" + hubtest.Siret(fmt.Sprintf("0004%04d", n), 1), "raison_sociale=ORGANISME " + fmt.Sprint(n)}, changes...)...)
	}
	return map[string][]hubtest.Record{
		"a": {org(0), org(1), org(2, "siret=00040002999998")},
		"b": {org(1, "version=2", "raison_sociale=ORGANISME UN BIS"), org(3), org(4, "statut_diffusion=X")},
		"c": {},
		"d": {org(3, "version=2", "operation=S"), org(5, "raison_sociale=", "nom_commercial=")},
		"e": {org(0, "version=0"), org(6), org(7, "version=")},
	}
}

// writeProviders writes them as Parquet; recipe changes the query of a file.
func writeProviders(t *testing.T, dir string, recipe func(name, query string) string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(dir, "organismes")); err != nil {
		t.Fatal(err)
	}
	db, err := engine.Open(t.Context(), engine.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for name, rows := range providers() {
		text := filepath.Join(t.TempDir(), name+".csv")
		hubtest.WriteCSV(t, text, "organismes", rows)
		path := filepath.Join(dir, "organismes", name+".parquet")
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		query := recipe(name, "SELECT * FROM read_csv("+engine.Literal(text)+", header = true, all_varchar = true)")
		if err := db.Exec(t.Context(), "COPY ("+query+") TO "+engine.Literal(path)); err != nil {
			t.Fatal(err)
		}
	}
}

// listed returns the quarantine of a reading, and what is known of the providers.
func listed(t *testing.T, db *engine.DB, rep *hub.Report) []string {
	t.Helper()
	var lines []string
	path, err := hub.WriteQuarantine(t.Context(), db, rep, t.TempDir(), "test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		lines = append(lines, strings.Join(row, " "))
	}
	err = db.Texts(t.Context(), "SELECT siret || ' ' || raison_sociale FROM hub.organismes ORDER BY 1", 1, func(row []engine.Text) error {
		lines = append(lines, row[0].String)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	e, _ := rep.Entity("organismes")
	for _, f := range e.Files {
		lines = append(lines, fmt.Sprintf("%s %d %d", f.Name, f.Records, f.Quarantined))
	}
	return append(lines, fmt.Sprintf("%d %d %d %d %d", e.Read, e.Kept, e.Superseded, e.Deleted, e.Quarantined))
}

func TestFilesReadTogether(t *testing.T) {
	as := func(_, query string) string { return query }
	want := []string{
		"entite fichier ligne regles",
		"organismes organismes/a.parquet 3 siret_invalid", "organismes organismes/b.parquet 3 diffusion_unknown",
		"organismes organismes/d.parquet 2 name_missing", "organismes organismes/e.parquet 3 version_missing",
		hubtest.Siret("00040000", 1) + " ORGANISME 0", hubtest.Siret("00040001", 1) + " ORGANISME UN BIS", hubtest.Siret("00040006", 1) + " ORGANISME 6",
		"organismes/a.parquet 3 1", "organismes/b.parquet 3 1", "organismes/c.parquet 0 0", "organismes/d.parquet 2 1", "organismes/e.parquet 3 1",
		"11 3 3 1 4",
	}
	other := map[string]func(name, query string) string{
		"alike": as,
		"columns in another order": func(name, query string) string {
			if name == "b" {
				return "SELECT date_maj, operation, version, * EXCLUDE (date_maj, operation, version) FROM (" + query + ")"
			}
			return query
		},
		"other types": func(name, query string) string {
			if name == "d" {
				return "SELECT * REPLACE (CAST(version AS INTEGER) AS version, CAST(date_maj AS TIMESTAMP) AS date_maj) FROM (" + query + ")"
			}
			return query
		},
		"a column of its own": func(name, query string) string {
			if name == "e" {
				return "SELECT *, 7 AS file_index, 9 AS file_row_number, 'x' AS filename FROM (" + query + ")"
			}
			return query
		},
	}
	for name, recipe := range other {
		t.Run(name, func(t *testing.T) {
			dir := hubtest.Extract(t, nil)
			writeProviders(t, dir, recipe)
			db, rep := read(t, dir, hub.Options{Entities: []string{"organismes"}})
			if diff := cmp.Diff(want, listed(t, db, rep)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOneDamagedFileAmongMany(t *testing.T) {
	dir := hubtest.Extract(t, nil)
	writeProviders(t, dir, func(_, query string) string { return query })
	damaged := filepath.Join(dir, "organismes", "b.parquet")
	text, err := os.ReadFile(damaged)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(damaged, text[:len(text)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	_, rep := read(t, dir, hub.Options{Entities: []string{"organismes"}})
	if len(rep.Refusals) != 1 || !strings.Contains(rep.Refusals[0].Reason, "organismes/b.parquet") {
		t.Errorf("refusals: %v", rep.Refusals)
	}
	e, _ := rep.Entity("organismes")
	var counts []int64
	for _, f := range e.Files {
		counts = append(counts, f.Records)
	}
	if !slices.Equal(counts, []int64{3, 0, 0, 2, 3}) {
		t.Errorf("records by file: %v", counts)
	}
}

// TestReportOfADataset: what is wrong with files of persons does not concern the
// catalogue.
func TestReportOfADataset(t *testing.T) {
	dir := hubtest.Extract(t, map[string][]hubtest.Record{"dossiers": {hubtest.Rec("dossiers", "date_maj=2026-11-15T10:00:00")}})
	if err := os.WriteFile(filepath.Join(dir, "dossiers", "x.parquet"), []byte("PAR1"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, rep := read(t, dir, hub.Options{})
	if len(rep.Refusals) != 1 || rep.ExtractDate.Format(time.DateOnly) != "2026-11-15" {
		t.Fatalf("refusals %v, extract of %s", rep.Refusals, rep.ExtractDate)
	}
	part := rep.For([]string{"territoires", "organismes"})
	_, alone := read(t, dir, hub.Options{Entities: []string{"territoires", "organismes"}})
	if len(part.Refusals) > 0 || !part.ExtractDate.Equal(alone.ExtractDate) || len(part.Entities) != 2 {
		t.Errorf("part: refusals %v, extract of %s, %d entities; want as of a reading of its own: %s", part.Refusals, part.ExtractDate, len(part.Entities), alone.ExtractDate)
	}
	if persons := rep.For([]string{"dossiers"}); len(persons.Refusals) != 1 {
		t.Errorf("persons: refusals %v", persons.Refusals)
	}
}
