package embedded_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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
	dir, began := b.TempDir(), time.Now()
	x, err := embedded.Engine{Dir: dir}.Build(b.Context(), "bench", documents)
	if err != nil {
		b.Fatal(err)
	}
	built := time.Since(began)
	queries := searchtest.Judgements(b, "../testdata/requetes.csv")
	ask := func(i int, facets []string) {
		q := queries[i%len(queries)].Query
		q.Facets = facets
		if _, err := x.Search(b.Context(), q); err != nil {
			b.Error(err)
		}
	}
	b.Run("words", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			ask(i, nil)
		}
		b.ReportMetric(built.Seconds(), "s-build")
		b.ReportMetric(float64(size(b, dir))/1e6, "MB-disk")
	})
	b.Run("words and facets", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			ask(i, search.Facets)
		}
	})
	b.Run("facets of everything", func(b *testing.B) {
		for b.Loop() {
			if _, err := x.Search(b.Context(), search.Query{Facets: search.Facets}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("50 clients", func(b *testing.B) { clients(b, 50, ask) })
	if err := x.Close(); err != nil {
		b.Fatal(err)
	}
}

// clients measures how long one of several clients waits that ask at once, without pause.
func clients(b *testing.B, n int, ask func(i int, facets []string)) {
	var mu sync.Mutex
	var waits []time.Duration
	var next atomic.Int64
	b.SetParallelism(n / runtime.GOMAXPROCS(0))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i, began := next.Add(1), time.Now()
			ask(int(i), search.Facets)
			mu.Lock()
			waits = append(waits, time.Since(began))
			mu.Unlock()
		}
	})
	slices.Sort(waits)
	b.ReportMetric(float64(waits[len(waits)/2].Milliseconds()), "ms-p50")
	b.ReportMetric(float64(waits[len(waits)*99/100].Milliseconds()), "ms-p99")
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
