package embedded_test

import (
	"testing"

	"github.com/parvis-opendata/parvis/internal/search/embedded"
	"github.com/parvis-opendata/parvis/internal/search/searchtest"
)

// TestJudgedQueries prints how well the judged queries are answered, with -v.
func TestJudgedQueries(t *testing.T) {
	documents := searchtest.Catalogue(t, 20_000)
	x, err := embedded.Engine{Dir: t.TempDir()}.Build(t.Context(), "judged", documents)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = x.Close() }()
	r := searchtest.Judge(t, x, documents, searchtest.Judgements(t, "../testdata/requetes.csv"))
	t.Logf("%d queries: recall at 10 %.3f, mean reciprocal rank %.3f, wrong answers in %d, empty answers %d",
		r.Queries, float64(r.Right)/float64(r.Queries), r.Reciprocal, r.Wrong, len(r.Empty))
	for _, m := range r.Missed {
		t.Log(m)
	}
	if r.Queries < 371 || r.Right*100 < 98*r.Queries || r.Wrong*100 > r.Queries || r.Reciprocal < 0.95 || len(r.Misspelt) > 0 {
		t.Errorf("%d of %d queries right, %d with a wrong answer; misspelt that find nothing: %q", r.Right, r.Queries, r.Wrong, r.Misspelt)
	}
}
