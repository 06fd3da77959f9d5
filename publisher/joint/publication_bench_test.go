package joint

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/anonymize"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/datasets/datasetstest"
	"github.com/parvis-opendata/parvis/hub/synthetic"
)

// BenchmarkPublication protects and attacks the purchases of three months and the entries of
// a quarter of an invented hub by each profile, and prints what that takes and costs.
// PARVIS_BENCH_DOSSIERS: files of the hub, 560 000 by default.
func BenchmarkPublication(b *testing.B) {
	files := 560_000
	if s := os.Getenv("PARVIS_BENCH_DOSSIERS"); s != "" {
		var err error
		if files, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	dir, until := filepath.Join(b.TempDir(), "hub"), time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC)
	o := synthetic.Options{Dir: dir, Dossiers: files, Formations: 5000, Seed: 5, From: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), Until: until}
	if err := synthetic.Generate(b.Context(), o); err != nil {
		b.Fatal(err)
	}
	raw := datasetstest.Read(b, dir, until, "2GB")
	functions, err := datasets.Functions(11)
	if err != nil {
		b.Fatal(err)
	}
	raw.Do(b, strings.ReplaceAll(functions, "CREATE MACRO", "CREATE OR REPLACE MACRO"))
	raw.WithOrganisations(b)
	raw.Build(b, "2026-10-31")
	for range b.N {
		for _, name := range anonymize.ProfileNames() {
			measure(b, raw, purchases, []string{"2026-07", "2026-08", "2026-09"}, profile(b, name))
			measure(b, raw, users, []string{"2026-T3"}, profile(b, name))
		}
	}
}

// measure protects some periods and prints what that takes and, by table, what is withheld.
func measure(b *testing.B, raw *datasetstest.Raw, id string, periods []string, rules anonymize.Profile) {
	b.Helper()
	d := raw.Dataset(id)
	tables := slices.DeleteFunc(slices.Clone(d.Tables), func(t datasets.Table) bool { return t.Period.Unit != d.Tables[0].Period.Unit })
	type cost struct{ all, sensitive, hidden int64 }
	costs := map[string]cost{}
	for _, period := range periods {
		p, err := (&Tables{Dataset: d, Tables: tables, Raw: func(id string) string { return "brut_" + id }, Profile: rules}).Read(b.Context(), raw.DB, period)
		if err != nil {
			b.Fatal(err)
		}
		began, processor := time.Now(), processorTime(b)
		decision, err := p.Protect()
		if err != nil {
			b.Fatal(err)
		}
		fmt.Printf("%s %s by %s: %d rows, %d faults, %.1f s of a processor, %.1f s\n",
			id, period, rules.Name, len(decision.Rows), len(decision.Faults), (processorTime(b) - processor).Seconds(), time.Since(began).Seconds())
		for _, r := range decision.Rows {
			c := costs[r.Table]
			c.all += r.Files
			if r.Sensitive {
				c.sensitive += r.Files
			}
			if r.Hidden {
				c.hidden += r.Files
			}
			costs[r.Table] = c
		}
	}
	for _, t := range tables {
		c := costs[t.ID]
		fmt.Printf("  %-70s %8d files, %7d in cells secret by themselves, %7d withheld, ratio %.2f\n", t.ID, c.all, c.sensitive, c.hidden, float64(c.hidden)/float64(max(c.sensitive, 1)))
	}
}

// processorTime is what the process has used.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
