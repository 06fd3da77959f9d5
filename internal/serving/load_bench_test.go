package serving_test

import (
	"cmp"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/serving"
)

const catalogue = "moncompteformation_catalogueformation"

// published opens the library of a store that was published before: the directory
// PARVIS_BENCH_STORE, with the memory limit PARVIS_BENCH_MEMORY, 1GB if there is none.
func published(b *testing.B) *serving.Library {
	b.Helper()
	dir := os.Getenv("PARVIS_BENCH_STORE")
	if dir == "" {
		b.Skip("PARVIS_BENCH_STORE names no store")
	}
	store, err := objects.OpenDir(dir)
	if err != nil {
		b.Fatal(err)
	}
	all, err := datasets.Load()
	if err != nil {
		b.Fatal(err)
	}
	l, err := serving.Open(b.Context(), serving.Options{
		Store: store, Datasets: all, Dir: b.TempDir(), MemoryLimit: cmp.Or(os.Getenv("PARVIS_BENCH_MEMORY"), "1GB"), Threads: 2, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)), Now: time.Now,
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := l.Close(); err != nil {
			b.Error(err)
		}
		_ = store.Close()
	})
	for !l.Ready() {
		for _, s := range l.State() {
			if s.Err != nil {
				b.Fatal(s.Err)
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	return l
}

// BenchmarkLoad loads the served release.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		_ = published(b)
	}
}
