// Package datasetstest makes the raw tables of the statistical datasets from an
// extract of the hub, for tests that look at them before they are protected: published
// tables and drafts, in one lot.
package datasetstest

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// Ids of the statistical datasets.
const (
	Purchases = "moncompteformation_formations_engagees"
	Users     = "moncompteformation_usagers"
)

// Threshold is how many of the smallest numbers of persons are kept for a cell.
const Threshold = 5

// First is the first day that counts.
const First = "2020-01-01"

// Raw is a database with the raw tables: brut_ and the id of each, and grille_ and the
// id of each summary.
type Raw struct {
	*engine.DB
	all []datasets.Dataset
}

// Read reads an extract as a publication does, and makes no table.
func Read(t testing.TB, dir string, asOf time.Time, memory string) *Raw {
	t.Helper()
	work := t.TempDir()
	db, err := engine.Open(t.Context(), engine.Options{File: filepath.Join(work, "run.duckdb"), TempDir: filepath.Join(work, "spill"), MemoryLimit: memory, TimeZone: "Europe/Paris"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	all, err := datasets.Load()
	if err != nil {
		t.Fatal(err)
	}
	r := &Raw{DB: db, all: all}
	functions, err := datasets.Functions(Threshold)
	if err != nil {
		t.Fatal(err)
	}
	r.Do(t, functions)
	source, err := hub.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hub.Read(t.Context(), db, source, hub.Options{AsOf: asOf, Entities: r.Dataset(Purchases).Entities, Seed: 1, Dir: work}); err != nil {
		t.Fatal(err)
	}
	return r
}

// Do runs statements.
func (r *Raw) Do(t testing.TB, sql string) {
	t.Helper()
	if err := r.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

// Number reads the single number of a query.
func (r *Raw) Number(t testing.TB, sql string) int64 {
	t.Helper()
	n, err := r.Count(t.Context(), sql)
	if err != nil {
		t.Fatalf("%v in\n%s", err, sql)
	}
	return n
}

// Dataset returns a dataset.
func (r *Raw) Dataset(id string) datasets.Dataset {
	d, _ := datasets.Find(r.all, id)
	return d
}

// Tables returns the tables of a dataset, published or not.
func (r *Raw) Tables(id string) []datasets.Table {
	return r.Dataset(id).Tables
}

// Champ makes the files in scope until a day.
func (r *Raw) Champ(t testing.TB, id, last string) {
	t.Helper()
	scope := strings.NewReplacer("$debut", "DATE '"+First+"'", "$fin", "DATE '"+last+"'").Replace(r.Dataset(id).Scope)
	r.Do(t, "CREATE OR REPLACE TABLE champ AS SELECT * FROM (\n"+scope+"\n)")
}

// Make makes a table of a query of the definitions.
func (r *Raw) Make(t testing.TB, name, sql string) {
	t.Helper()
	r.Do(t, fmt.Sprintf("CREATE OR REPLACE TABLE %s AS\n%s", name, strings.ReplaceAll(sql, "$date_extract", "'2026-11-01'")))
}

// Summaries makes the summary tables of a unit of time and their grids.
func (r *Raw) Summaries(t testing.TB, id string, unit datasets.Unit) {
	t.Helper()
	r.Do(t, r.Dataset(id).Preparation[unit])
	for _, table := range r.Tables(id)[1:] {
		if table.Period.Unit == unit {
			r.Make(t, "brut_"+table.ID, table.SQL)
			r.Make(t, "grille_"+table.ID, table.Grid)
		}
	}
}

// WithOrganisations makes the tables that are made from here on tell of providers.
func (r *Raw) WithOrganisations(t testing.TB) {
	t.Helper()
	for i, d := range r.all {
		if !d.Statistical() {
			continue
		}
		var err error
		if r.all[i], err = d.WithOrganisations(); err != nil {
			t.Fatal(err)
		}
	}
}

// Build reads an extract and makes all raw tables of the files until a day.
func Build(t testing.TB, dir string, asOf time.Time, last string) *Raw {
	t.Helper()
	r := Read(t, dir, asOf, "1GB")
	r.Build(t, last)
	return r
}

// Build makes all raw tables of the files until a day. Every cell counts as shown: the
// years are the sums of all months, and every certification with a cell is in the grids.
func (r *Raw) Build(t testing.TB, last string) {
	t.Helper()
	r.Champ(t, Users, last)
	r.Make(t, "brut_"+Users, r.Dataset(Users).Tables[0].SQL)
	r.Summaries(t, Users, datasets.UnitQuarter)
	r.Champ(t, Purchases, last)
	r.Make(t, "brut_"+Purchases, r.Dataset(Purchases).Tables[0].SQL)
	r.Do(t, "CREATE OR REPLACE TABLE certifications_montrees AS SELECT DISTINCT date_validation AS periode, _certification AS certification FROM brut_"+Purchases)
	r.Summaries(t, Purchases, datasets.UnitMonth)
	r.Do(t, fmt.Sprintf(`CREATE OR REPLACE TABLE mois_publies AS
		SELECT date_validation AS periode, code_region_lieu_formation AS code_region, nb_dossiers, montant_engage FROM brut_%[1]s_region
		UNION ALL SELECT date_validation, 'FR', nb_dossiers, montant_engage FROM brut_%[1]s_mensuel`, Purchases))
	r.Summaries(t, Purchases, datasets.UnitYear)
}
