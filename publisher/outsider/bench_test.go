package outsider

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/datasets/datasetstest"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// invented makes finished tables of purchases of many certifications, with about 30 000
// shown rows a month in the detailed table: every cell of fewer than five persons is
// hidden, and some others. PARVIS_BENCH_MONTHS is the number of months.
func invented(b *testing.B, months int) (*engine.DB, datasets.Dataset, map[string]string) {
	b.Helper()
	dir := b.TempDir()
	db, err := engine.Open(b.Context(), engine.Options{File: filepath.Join(dir, "run.duckdb"), TempDir: filepath.Join(dir, "spill"), MemoryLimit: "1GB"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	all, err := datasets.Load()
	if err != nil {
		b.Fatal(err)
	}
	d, _ := datasets.Find(all, datasetstest.Purchases)
	do := func(sql string) {
		if err := db.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	// Members: 3 000 certifications in 60 domains, 102 départements in 19 régions.
	do(fmt.Sprintf(`CREATE TABLE fin AS SELECT *, n - CAST(n >= 20 AS INT) AS q, n * 80000 + hash(c, d, m) %% 5000 AS cents, n - n // 8 AS t, (n - n // 8) * 3000 + hash(d, c, m) %% 700 AS h
		FROM (SELECT m, c, d, c %% 60 AS dom, CASE WHEN d = 0 THEN 0 ELSE 1 + d %% 18 END AS reg, d %% 2 AS modalite,
			CAST(floor(%d / ((c + 30.0) * pow(d + 4, 0.6)) + (hash(m, c, d) %% 1000) / 1000.0 - 0.55) AS INT) AS n
			FROM range(%d) a(m), range(3000) b(c), range(102) e(d)) WHERE n > 0`, 14_000, months))
	columns := map[string]string{"periode": "strftime(DATE '2020-01-01' + to_months(CAST(m AS INT)), '%Y-%m')", "certification": "c", "domaine": "dom", "code_departement": "d", "code_region": "reg", "modalite": "modalite"}
	l, err := newLayout(d)
	if err != nil {
		b.Fatal(err)
	}
	relations := map[string]string{}
	for _, t := range l.tables {
		if t.Period.Unit != datasets.UnitMonth {
			continue
		}
		relations[t.ID] = "p_" + t.ID
		do("CREATE TABLE p_" + t.ID + " AS " + inventedTable(l, t, columns))
	}
	return db, d, relations
}

func inventedTable(l *layout, t *table, columns map[string]string) string {
	period := columns["periode"] + " AS " + t.Period.Field
	grain, cols := []string{"m"}, []string{period}
	name := func(dimension string, names []string) {
		for i, n := range names {
			value := fmt.Sprintf("CAST(%s AS VARCHAR)", columns[dimension])
			if i > 0 {
				value = "CAST(NULL AS VARCHAR)"
			}
			cols = append(cols, value+" AS "+n)
		}
	}
	for i, dimension := range t.dimensions {
		grain = append(grain, columns[dimension])
		name(dimension, t.columns[i])
	}
	for i, dimension := range t.within {
		grain = append(grain, columns[dimension])
		name(dimension, t.withinCols[i])
	}
	figures := map[string]string{"nb_dossiers": "n", "nb_titulaires": "q", "nb_dossiers_a_duree_connue": "t", "montant_engage": "CAST(cents AS DECIMAL(18, 0)) * 0.01",
		"prix_moyen": "CAST((2 * cents + n) // (2 * n) AS DECIMAL(18, 0)) * 0.01", "duree_moyenne": "CASE WHEN t > 4 THEN CAST((2 * h + t) // (2 * t) AS DECIMAL(18, 0)) * 0.01 END"}
	for _, q := range l.quantities[baseQuantities:] {
		figures[q.field] = "n // 9"
		switch {
		case q.funder == "titulaire" && q.cents:
			figures[q.field] = "CAST(cents - 7 * (n // 9) * 100 AS DECIMAL(18, 0)) * 0.01"
		case q.funder == "titulaire":
			figures[q.field] = "n"
		}
	}
	hide := fmt.Sprintf("q < 5 OR hash('%s', %s) %% 100 < 8", t.ID, strings.Join(grain, ", "))
	for _, f := range t.Fields {
		if f.Measure {
			condition := hide
			if f.Funder != "" {
				condition += " OR hash(m, n) % 10 < 4"
			}
			cols = append(cols, fmt.Sprintf("CASE WHEN NOT (%s) THEN %s END AS %s", condition, figures[f.Name], f.Name))
		}
	}
	where := ""
	if t.detailed {
		where = " WHERE NOT (" + hide + ")"
	}
	by := strings.Join(slices.Compact(slices.Sorted(slices.Values(grain))), ", ")
	return fmt.Sprintf("SELECT %s FROM (SELECT %s, sum(n) AS n, sum(q) AS q, sum(cents) AS cents, sum(t) AS t, sum(h) AS h FROM fin GROUP BY %s)%s ORDER BY 1", strings.Join(cols, ", "), by, by, where)
}

func BenchmarkCheck(b *testing.B) {
	months := 1
	if text := os.Getenv("PARVIS_BENCH_MONTHS"); text != "" {
		months, _ = strconv.Atoi(text)
	}
	db, d, relations := invented(b, months)
	for _, id := range slices.Sorted(maps.Keys(relations)) {
		n, _ := db.Count(b.Context(), "SELECT count(*) FROM "+relations[id])
		b.Logf("%s %d rows", id, n)
	}
	b.ReportAllocs()
	for b.Loop() {
		r, err := Check(b.Context(), db, d, relations, Options{})
		if err != nil || len(r.Contradictions) > 0 {
			b.Fatal(err, r.Contradictions)
		}
		b.ReportMetric(float64(r.WorkedOut), "worked-out")
	}
}
