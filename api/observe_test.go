package api_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/api"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/metrics"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/internal/traces"
	"github.com/parvis-opendata/parvis/internal/traces/tracestest"
)

// TestSearchesAreCounted: those that are made, not those from memory; and those that are
// refused, but not because of how they are asked.
func TestSearchesAreCounted(t *testing.T) {
	everyEngine(t, func(t *testing.T, e search.Engine) {
		var mu sync.Mutex
		var counted []string
		s := newSearching(t, e, func(o *api.Options) {
			o.Searched = func(refused string, took time.Duration) {
				mu.Lock()
				defer mu.Unlock()
				if refused == "" && took <= 0 {
					t.Error("a search took no time")
				}
				counted = append(counted, refused)
			}
		})
		for range 2 {
			s.find(t, searchPath, "q=boulanger")
		}
		s.get(t, searchPath+"?page=0").problem(t, http.StatusBadRequest)
		s.offers.hold()
		s.offers.serve(second)
		s.offers.withdraw(first)
		s.away(t, "en préparation")
		mu.Lock()
		defer mu.Unlock()
		if want := []string{"", "not_ready", "not_ready", "not_ready"}; !slices.Equal(counted, want) {
			t.Errorf("%q, want %q", counted, want)
		}
	})
}

// processorTime is what the process has used of the processors, in nanoseconds.
func processorTime(b *testing.B) int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

// BenchmarkObserved is what it costs a request that costs little itself to be counted and to
// be traced; for traces with what it costs to send them, and the collector here.
func BenchmarkObserved(b *testing.B) {
	collector := tracestest.New(b)
	discard := slog.New(slog.DiscardHandler)
	for name, change := range map[string]func(*testing.B, *api.Options){
		"not at all": func(*testing.B, *api.Options) {},
		"by metrics": func(_ *testing.B, o *api.Options) { o.Counted = metrics.New("v1").Requests().Count },
		"by traces": func(b *testing.B, o *api.Options) {
			tracer, err := traces.Open(b.Context(), traces.Options{Service: "bench", Endpoint: collector.URL, Environ: func(string) string { return "" }, Log: discard})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { tracer.Close(b.Context()) })
			o.Traces = tracer
		},
	} {
		b.Run(name, func(b *testing.B) {
			dir, err := objects.OpenDir(b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			defer dir.Close()
			all, err := datasets.Load()
			if err != nil {
				b.Fatal(err)
			}
			o := api.Options{Store: dir, Datasets: all, Version: "test", Now: time.Now, Log: discard}
			change(b, &o)
			server, err := api.New(o)
			if err != nil {
				b.Fatal(err)
			}
			r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/healthz", nil)
			b.ReportAllocs()
			before := processorTime(b)
			for b.Loop() {
				w := httptest.NewRecorder()
				server.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatalf("status %d: %s", w.Code, w.Body)
				}
			}
			b.ReportMetric(float64(processorTime(b)-before)/float64(b.N), "cpu-ns/op")
		})
	}
}
