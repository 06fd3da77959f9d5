package searchtest

import (
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/search"
)

// Trainings are those of a benchmark: of the synthetic catalogue of 20 000, unless
// PARVIS_BENCH_SEARCH names another number, or a catalogue in Parquet.
func Trainings(b *testing.B) iter.Seq2[search.Document, error] {
	b.Helper()
	given := os.Getenv("PARVIS_BENCH_SEARCH")
	if given == "" {
		return Catalogue(b, 20_000)
	}
	if n, err := strconv.Atoi(given); err == nil {
		return Catalogue(b, n)
	}
	file := filepath.Join(b.TempDir(), "catalogue.duckdb")
	db, err := engine.Open(b.Context(), engine.Options{File: file, Lasting: true, MemoryLimit: "1GB"})
	if err != nil {
		b.Fatal(err)
	}
	if err := db.Exec(b.Context(), "CREATE TABLE catalogue AS "+search.Select("read_parquet("+engine.Literal(given)+")")); err != nil {
		b.Fatal(err)
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	return Read(b, file, "catalogue")
}

// Bench measures how fast an index answers: queries one after the other, without and with
// facets; all facets of everything; 50 clients at once.
func Bench(b *testing.B, x search.Index, queries []Judgement) {
	b.Helper()
	ask := func(i int, facets []string) {
		q := queries[i%len(queries)].Query
		q.Facets = facets
		if _, err := x.Search(b.Context(), q); err != nil {
			b.Error(err)
		}
	}
	for name, facets := range map[string][]string{"words": nil, "words and facets": search.Facets} {
		b.Run(name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				ask(i, facets)
			}
		})
	}
	b.Run("facets of everything", func(b *testing.B) {
		for b.Loop() {
			if _, err := x.Search(b.Context(), search.Query{Facets: search.Facets}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("50 clients", func(b *testing.B) {
		Clients(b, 50, func(i int) { ask(i, search.Facets) })
	})
}

// Clients measures how long one of several clients waits that ask at once, without pause.
func Clients(b *testing.B, n int, ask func(i int)) {
	b.Helper()
	var mu sync.Mutex
	var waits []time.Duration
	var next atomic.Int64
	b.SetParallelism(n / runtime.GOMAXPROCS(0))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i, began := next.Add(1), time.Now()
			ask(int(i))
			mu.Lock()
			waits = append(waits, time.Since(began))
			mu.Unlock()
		}
	})
	slices.Sort(waits)
	b.ReportMetric(float64(waits[len(waits)/2].Microseconds())/1000, "ms-p50")
	b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds())/1000, "ms-p99")
}
