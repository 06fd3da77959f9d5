package embedded_test

import (
	"testing"

	"github.com/parvis-opendata/parvis/internal/search/embedded"
	"github.com/parvis-opendata/parvis/internal/search/searchtest"
)

func TestJudgedQueries(t *testing.T) {
	searchtest.RunJudged(t, embedded.Engine{Dir: t.TempDir()}, "../testdata/requetes.csv")
}
