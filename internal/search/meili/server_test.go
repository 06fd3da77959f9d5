package meili_test

import (
	"context"
	"fmt"
	"os"
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
