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
	return serverWith(t, fmt.Sprintf("parvis-test-%d-", time.Now().UnixNano()))
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

// TestJudgedQueries prints how well the judged queries are answered, with -v.
func TestJudgedQueries(t *testing.T) {
	e := server(t)
	documents := searchtest.Catalogue(t, 20_000)
	x, err := e.Build(t.Context(), "judged", documents)
	if err != nil {
		t.Fatal(err)
	}
	r := searchtest.Judge(t, x, documents, searchtest.Judgements(t, "../testdata/requetes.csv"))
	t.Logf("%d queries: recall at 10 %.3f, mean reciprocal rank %.3f, wrong answers in %d, empty answers %d",
		r.Queries, float64(r.Right)/float64(r.Queries), r.Reciprocal, r.Wrong, len(r.Empty))
	for _, m := range r.Missed {
		t.Log(m)
	}
	if r.Queries < 371 || r.Right*100 < 95*r.Queries || len(r.Misspelt) > 0 {
		t.Errorf("%d of %d queries right, %d with a wrong answer; misspelt that find nothing: %q", r.Right, r.Queries, r.Wrong, r.Misspelt)
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
