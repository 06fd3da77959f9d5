package embedded_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/internal/search/embedded"
	"github.com/parvis-opendata/parvis/internal/search/searchtest"
)

func TestSuite(t *testing.T) { searchtest.Run(t, embedded.Engine{Dir: t.TempDir()}) }

func TestNothingIsLeftBehind(t *testing.T) {
	dir := t.TempDir()
	e := embedded.Engine{Dir: dir}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := e.Build(ctx, "stopped", func(yield func(search.Document, error) bool) {
		for _, d := range searchtest.Shelf() {
			if !yield(d, nil) {
				return
			}
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("built for a caller that has gone: %v", err)
	}
	x, err := e.Build(t.Context(), "whole", func(yield func(search.Document, error) bool) { yield(searchtest.Shelf()[0], nil) })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Build(t.Context(), "whole", func(func(search.Document, error) bool) {}); err == nil {
		t.Error("an index of a name that is taken was built")
	}
	if _, err := os.Stat(filepath.Join(dir, "whole", "index")); err != nil {
		t.Errorf("the index that had the name: %v", err)
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
