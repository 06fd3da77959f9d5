package datasets_test

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/datasets/datasetstest"
	"github.com/parvis-opendata/parvis/hub/synthetic"
)

// BenchmarkSummaries makes the raw tables of a synthetic hub of a million files, or of
// PARVIS_BENCH_DOSSIERS, in one lot, and logs what each step takes: the files in
// scope, the detailed table, what the summaries are made from, the summaries; then the
// same with the providers of each cell.
func BenchmarkSummaries(b *testing.B) {
	files := 1_000_000
	if text := os.Getenv("PARVIS_BENCH_DOSSIERS"); text != "" {
		var err error
		if files, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	dir := filepath.Join(b.TempDir(), "hub")
	until := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	if err := synthetic.Generate(b.Context(), synthetic.Options{Dir: dir, Dossiers: files, Formations: 5000, Seed: 1, Until: until}); err != nil {
		b.Fatal(err)
	}
	r := bench{datasetstest.Read(b, dir, until, "2GB")}
	all := func(b *testing.B) {
		for b.Loop() {
			for _, id := range []string{datasetstest.Users, datasetstest.Purchases} {
				r.measure(b, id)
			}
		}
	}
	b.Run("persons", all)
	r.WithOrganisations(b)
	b.Run("persons and organisations", all)
}

// bench is a hub that was read.
type bench struct{ *datasetstest.Raw }

// measure makes the tables of a dataset and logs what each step takes.
func (r bench) measure(b *testing.B, id string) {
	b.Helper()
	d := r.Dataset(id)
	step := func(name string, fn func()) {
		began, before := time.Now(), processor(b)
		fn()
		b.Logf("%s %s: %.2f s, %.2f s of processor", id, name, time.Since(began).Seconds(), (processor(b) - before).Seconds())
	}
	step("champ", func() { r.Champ(b, id, "2026-10-31") })
	step("detail", func() { r.Make(b, "brut_"+id, d.Tables[0].SQL) })
	r.Do(b, "CREATE OR REPLACE TABLE mois_publies (periode VARCHAR, code_region VARCHAR, nb_dossiers INTEGER, montant_engage DECIMAL(14, 2))")
	r.Do(b, "CREATE OR REPLACE TABLE certifications_montrees AS SELECT periode, certification FROM (SELECT '' AS periode, '' AS certification) LIMIT 0")
	for _, unit := range []datasets.Unit{datasets.UnitMonth, datasets.UnitQuarter, datasets.UnitYear} {
		if d.Preparation[unit] == "" {
			continue
		}
		step("preparation "+string(unit), func() { r.Do(b, d.Preparation[unit]) })
		for _, table := range d.Tables[1:] {
			if table.Period.Unit == unit {
				step(table.ID[len(id):], func() { r.Make(b, "brut_"+table.ID, table.SQL) })
			}
		}
	}
}

// processor is the time that the processors have spent on this process.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
