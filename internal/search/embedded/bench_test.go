package embedded_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/internal/search/embedded"
	"github.com/parvis-opendata/parvis/internal/search/searchtest"
)

// BenchmarkIndex builds the index of 20 000 trainings and asks the judged queries with
// all facets. PARVIS_BENCH_SEARCH names a catalogue in Parquet to take instead.
func BenchmarkIndex(b *testing.B) {
	documents := searchtest.Catalogue(b, 20_000)
	if parquet := os.Getenv("PARVIS_BENCH_SEARCH"); parquet != "" {
		file := filepath.Join(b.TempDir(), "catalogue.duckdb")
		db, err := engine.Open(b.Context(), engine.Options{File: file, Lasting: true, MemoryLimit: "1GB"})
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Exec(b.Context(), "CREATE TABLE catalogue AS "+search.Select("read_parquet("+engine.Literal(parquet)+")")); err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
		documents = searchtest.Read(b, file, "catalogue")
	}
	dir, n := b.TempDir(), 0
	var x search.Index
	b.Run("build", func(b *testing.B) {
		for b.Loop() {
			if x != nil {
				_ = x.Close()
			}
			var err error
			if x, err = (embedded.Engine{Dir: dir}).Build(b.Context(), strconv.Itoa(n), documents); err != nil {
				b.Fatal(err)
			}
			n++
		}
		b.ReportMetric(float64(size(b, dir))/1e6, "MB-disk")
	})
	queries := searchtest.Judgements(b, "../testdata/requetes.csv")
	for name, facets := range map[string][]string{"search": nil, "search with facets": search.Facets} {
		b.Run(name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				q := queries[i%len(queries)].Query
				q.Facets = facets
				if _, err := x.Search(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("everything with facets", func(b *testing.B) {
		for b.Loop() {
			if _, err := x.Search(b.Context(), search.Query{Facets: search.Facets}); err != nil {
				b.Fatal(err)
			}
		}
	})
	if err := x.Close(); err != nil {
		b.Fatal(err)
	}
}

// size is what the files below a directory take.
func size(b *testing.B, dir string) (bytes int64) {
	b.Helper()
	err := filepath.Walk(dir, func(_ string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			bytes += info.Size()
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return bytes
}
