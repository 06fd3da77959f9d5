package jobs

import (
	"testing"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/objects/objectstest"
	"github.com/parvis-opendata/parvis/internal/objects/s3test"
)

// memory is a store for a year of runs. What it can do is what the other stores can,
// as far as a ledger asks for it.
type memory = objectstest.Memory

func newMemory() *memory { return objectstest.NewMemory() }

// stores are those that workers share in earnest: open opens the same again, as
// another process would.
var stores = []struct {
	name string
	open func(t *testing.T) (open func() objects.Store)
}{
	{"directory", func(t *testing.T) func() objects.Store {
		dir := t.TempDir()
		return func() objects.Store {
			store, err := objects.OpenDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = store.Close() })
			return store
		}
	}},
	{"S3", func(t *testing.T) func() objects.Store {
		options := s3test.Start(t).Bucket(t)
		return func() objects.Store { return s3test.Open(t, options) }
	}},
}
