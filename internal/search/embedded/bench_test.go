package embedded_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/search/embedded"
	"github.com/parvis-opendata/parvis/internal/search/searchtest"
)

// BenchmarkIndex builds the index of the trainings of a benchmark and asks the judged
// queries with all facets.
func BenchmarkIndex(b *testing.B) {
	documents := searchtest.Trainings(b)
	dir, began := b.TempDir(), time.Now()
	x, err := embedded.Engine{Dir: dir}.Build(b.Context(), "bench", documents)
	if err != nil {
		b.Fatal(err)
	}
	built := time.Since(began)
	b.Run("build", func(b *testing.B) {
		b.ReportMetric(built.Seconds(), "s-build")
		b.ReportMetric(float64(size(b, dir))/1e6, "MB-disk")
	})
	searchtest.Bench(b, x, searchtest.Judgements(b, "../testdata/requetes.csv"))
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
