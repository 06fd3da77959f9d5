package meili_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/meilisearch/meilisearch-go"

	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/internal/search/meili"
	"github.com/parvis-opendata/parvis/internal/search/searchtest"
)

// BenchmarkIndex makes the index of the trainings of a benchmark and asks the judged
// queries, through the engine and directly, with the same bodies.
func BenchmarkIndex(b *testing.B) {
	const prefix = "parvis-bench"
	e := serverWith(b, prefix)
	documents, queries := searchtest.Trainings(b), searchtest.Judgements(b, "../testdata/requetes.csv")
	before, began := stored(b), time.Now()
	x, err := e.Build(b.Context(), "bench", documents)
	if err != nil {
		b.Fatal(err)
	}
	built, after := time.Since(began), stored(b)
	b.Run("build", func(b *testing.B) {
		b.ReportMetric(built.Seconds(), "s-build")
		b.ReportMetric(float64(after-before)/1e6, "MB-disk")
	})
	searchtest.Bench(b, x, queries)
	bodies := recorded(b, e.Address(), prefix, queries)
	b.Run("requests", func(b *testing.B) {
		n := 0
		for _, list := range bodies {
			n += len(list)
		}
		b.ReportMetric(float64(n)/float64(len(bodies)), "requests/query")
	})
	b.Run("overhead", func(b *testing.B) { overhead(b, x, queries, bodies) })
	b.Run("direct, 50 clients", func(b *testing.B) {
		searchtest.Clients(b, 50, func(i int) { direct(b, bodies[i%len(bodies)]) })
	})
}

// overhead asks each query through the engine and directly, in turn, and compares the sums.
func overhead(b *testing.B, x search.Index, queries []searchtest.Judgement, bodies [][][]byte) {
	b.Helper()
	var engine, bare time.Duration
	for i := 0; b.Loop(); i++ {
		q := queries[i%len(queries)].Query
		q.Facets = search.Facets
		began := time.Now()
		if _, err := x.Search(b.Context(), q); err != nil {
			b.Fatal(err)
		}
		between := time.Now()
		direct(b, bodies[i%len(bodies)])
		engine, bare = engine+between.Sub(began), bare+time.Since(between)
	}
	b.ReportMetric(float64(engine)/float64(bare), "x-direct")
}

// stored is what the server takes on the disk, in bytes.
func stored(b *testing.B) int64 {
	b.Helper()
	client := meilisearch.New(os.Getenv("PARVIS_TEST_MEILI_URL"), meilisearch.WithAPIKey(os.Getenv("PARVIS_TEST_MEILI_KEY")))
	stats, err := client.GetStats(nil)
	if err != nil {
		b.Fatal(err)
	}
	bytes, ok := stats.DatabaseSize.(float64)
	if !ok {
		b.Fatalf("the server takes %v", stats.DatabaseSize)
	}
	return int64(bytes)
}

// recorded are the bodies of the requests that each query makes, with all facets.
func recorded(b *testing.B, address, prefix string, queries []searchtest.Judgement) [][][]byte {
	b.Helper()
	to, err := url.Parse(address)
	if err != nil {
		b.Fatal(err)
	}
	var mu sync.Mutex
	var list [][]byte
	proxy := httputil.NewSingleHostReverseProxy(to)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			b.Error(err)
		}
		mu.Lock()
		list = append(list, body)
		mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, r)
	}))
	defer s.Close()
	through, err := meili.New(meili.Options{URL: s.URL, Key: os.Getenv("PARVIS_TEST_MEILI_KEY"), Prefix: prefix})
	if err != nil {
		b.Fatal(err)
	}
	x, err := through.Open(b.Context(), "bench")
	if err != nil {
		b.Fatal(err)
	}
	var all [][][]byte
	for _, q := range queries {
		list = nil
		q.Query.Facets = search.Facets
		if _, err := x.Search(b.Context(), q.Query); err != nil {
			b.Fatal(err)
		}
		all = append(all, list)
	}
	return all
}

var plain = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100, DisableCompression: true}}

// direct sends bodies and reads the answers without looking at them.
func direct(b *testing.B, bodies [][]byte) {
	b.Helper()
	for _, body := range bodies {
		if err := post(b.Context(), body); err != nil {
			b.Error(err)
		}
	}
}

func post(ctx context.Context, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, os.Getenv("PARVIS_TEST_MEILI_URL")+"/multi-search", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+os.Getenv("PARVIS_TEST_MEILI_KEY"))
	answer, err := plain.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("answers %d", answer.StatusCode)
	}
	return nil
}
