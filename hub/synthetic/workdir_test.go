package synthetic_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/hub/synthetic"
)

// TestRemainsOfKilledRunsAreSwept: a directory left beside the extract goes with
// the next run.
func TestRemainsOfKilledRunsAreSwept(t *testing.T) {
	parent := t.TempDir()
	left := filepath.Join(parent, ".hub-123")
	if err := os.MkdirAll(filepath.Join(left, "extract", "dossiers"), 0o700); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(parent, ".hubert-1")
	if err := os.Mkdir(other, 0o700); err != nil {
		t.Fatal(err)
	}
	o := synthetic.Options{Dir: filepath.Join(parent, "hub"), Dossiers: 10, Formations: 10, Until: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)}
	if err := synthetic.Generate(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("left over: %v", err)
	}
	entries, err := os.ReadDir(parent)
	if err != nil || len(entries) != 2 {
		t.Errorf("%v, %v; want the extract and what is not ours", entries, err)
	}
}
