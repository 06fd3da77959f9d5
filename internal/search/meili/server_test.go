package meili_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/internal/search/meili"
	"github.com/parvis-opendata/parvis/internal/search/searchtest"
)

// server returns an engine on the Meilisearch of the environment, with a prefix of its
// own whose indexes are removed at the end. There is none in continuous integration, so
// its absence is no failure there.
func server(t testing.TB) *meili.Engine {
	t.Helper()
	return serverWith(t, fmt.Sprintf("parvis-test-%d", time.Now().UnixNano()))
}

func serverWith(t testing.TB, prefix string) *meili.Engine {
	t.Helper()
	o := meili.Options{URL: os.Getenv("PARVIS_TEST_MEILI_URL"), Key: os.Getenv("PARVIS_TEST_MEILI_KEY"), Prefix: prefix}
	if o.URL == "" {
		t.Skip("PARVIS_TEST_MEILI_URL names no server of Meilisearch (its master key: PARVIS_TEST_MEILI_KEY)")
	}
	e, err := meili.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := e.Prune(context.WithoutCancel(t.Context())); err != nil && !t.Failed() {
			t.Error(err)
		}
	})
	return e
}

func TestSuite(t *testing.T) { searchtest.Run(t, server(t)) }

func TestJudgedQueries(t *testing.T) {
	searchtest.RunJudged(t, server(t), "../testdata/requetes.csv")
}

// TestSearchesGoOnWhileAnotherIndexIsMade searches without pause while the index of the
// next release is made and served, and that of the former is removed.
func TestSearchesGoOnWhileAnotherIndexIsMade(t *testing.T) {
	e := server(t)
	first, err := e.Build(t.Context(), "first", sequence(searchtest.Shelf()))
	if err != nil {
		t.Fatal(err)
	}
	var served atomic.Pointer[search.Index]
	served.Store(&first)
	done := make(chan struct{})
	totals := map[int]int{}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			a, err := (*served.Load()).Search(t.Context(), search.Query{Facets: search.Facets})
			if err != nil {
				t.Error(err)
				return
			}
			totals[a.Total]++
		}
	})
	const copies = 200
	second, err := e.Build(t.Context(), "second", func(yield func(search.Document, error) bool) {
		for range copies {
			sequence(searchtest.Shelf())(yield)
		}
	})
	if err == nil {
		served.Store(&second)
		time.Sleep(100 * time.Millisecond) // a search of the former may be under way
		_, err = e.Prune(t.Context(), "second")
	}
	close(done)
	all.Wait()
	if err != nil {
		t.Fatal(err)
	}
	shelf := len(searchtest.Shelf())
	if len(totals) != 2 || totals[shelf] == 0 || totals[copies*shelf] == 0 {
		t.Errorf("searches found, by total: %v", totals)
	}
}

// sequence yields documents.
func sequence(all []search.Document) func(func(search.Document, error) bool) {
	return func(yield func(search.Document, error) bool) {
		for _, d := range all {
			if !yield(d, nil) {
				return
			}
		}
	}
}
