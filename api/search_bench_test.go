package api_test

import (
	"io"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/api"
	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/internal/search/searchtest"
)

// BenchmarkSearch asks the judged queries over HTTP, 50 clients at once without pause, of
// the catalogue of a demo: each computed, and from the cache where the same was asked before.
func BenchmarkSearch(b *testing.B) {
	var documents []search.Document
	for d, err := range searchtest.Catalogue(b, 20_000) {
		if err != nil {
			b.Fatal(err)
		}
		documents = append(documents, d)
	}
	var queries []string
	for _, j := range searchtest.Judgements(b, "../internal/search/testdata/requetes.csv") {
		q := j.Query
		q.PerPage = search.PerPage
		queries = append(queries, q.Values().Encode())
	}
	for name, e := range engines(b) {
		for kind, cache := range map[string]int64{"computed": -1, "cached": 0} {
			b.Run(name+" "+kind, func(b *testing.B) {
				s := newSearchingOf(b, e, documents, func(o *api.Options) { o.AnswerCache = cache })
				for path, some := range map[string][]string{searchPath: queries, "/recherche": queries, searchPath + " of everything": everything(len(queries))} {
					b.Run(path, func(b *testing.B) { clients(b, s, path, some) })
				}
			})
		}
	}
}

// everything are queries of the whole catalogue, each of another page.
func everything(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = "per_page=2&page=" + strconv.Itoa(i+1)
	}
	return all
}

// clients measures how long one of 50 clients waits.
func clients(b *testing.B, s *searching, path string, queries []string) {
	path, _, _ = strings.Cut(path, " ")
	var mu sync.Mutex
	var waits []time.Duration
	var next atomic.Int64
	client := http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	defer client.CloseIdleConnections()
	b.SetParallelism(50 / runtime.GOMAXPROCS(0))
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			began := time.Now()
			resp, err := client.Get(s.URL + path + "?" + queries[int(next.Add(1))%len(queries)])
			if err != nil {
				b.Error(err)
				return
			}
			if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
				b.Errorf("%d, %v", resp.StatusCode, err)
			}
			_ = resp.Body.Close()
			mu.Lock()
			waits = append(waits, time.Since(began))
			mu.Unlock()
		}
	})
	slices.Sort(waits)
	b.ReportMetric(float64(waits[len(waits)/2].Microseconds())/1000, "ms-p50")
	b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds())/1000, "ms-p99")
}
