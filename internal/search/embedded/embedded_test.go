package embedded_test

import (
	"testing"

	"github.com/parvis-opendata/parvis/internal/search/embedded"
	"github.com/parvis-opendata/parvis/internal/search/searchtest"
)

func TestSuite(t *testing.T) { searchtest.Run(t, embedded.Engine{Dir: t.TempDir()}) }
