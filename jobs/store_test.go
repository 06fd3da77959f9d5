package jobs

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/objects/s3test"
)

// memory is a store for a year of runs. What it can do is what the other stores can,
// as far as a ledger asks for it.
type memory struct {
	mutex   sync.Mutex
	objects map[string][]byte
	writes  map[string]int
	// down is the error of every request, if any.
	down func() error
}

func newMemory() *memory { return &memory{objects: map[string][]byte{}, writes: map[string]int{}} }

func (m *memory) version(name string) string { return strconv.Itoa(m.writes[name]) }

// enter begins a request.
func (m *memory) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if m.down != nil {
		if err := m.down(); err != nil {
			return err
		}
	}
	m.mutex.Lock()
	return nil
}

func (m *memory) put(name string, data []byte) objects.Info {
	m.objects[name] = bytes.Clone(data)
	m.writes[name]++
	return objects.Info{Name: name, Version: m.version(name)}
}

func (m *memory) Create(ctx context.Context, name string, data []byte) (objects.Info, error) {
	if err := m.enter(ctx); err != nil {
		return objects.Info{}, err
	}
	defer m.mutex.Unlock()
	if _, there := m.objects[name]; there {
		return objects.Info{}, fmt.Errorf("create %s: %w", name, objects.ErrConflict)
	}
	return m.put(name, data), nil
}

func (m *memory) Replace(ctx context.Context, name string, data []byte, version string) (objects.Info, error) {
	if err := m.enter(ctx); err != nil {
		return objects.Info{}, err
	}
	defer m.mutex.Unlock()
	switch _, there := m.objects[name]; {
	case !there:
		return objects.Info{}, fmt.Errorf("replace %s: %w", name, objects.ErrNotFound)
	case m.version(name) != version:
		return objects.Info{}, fmt.Errorf("replace %s: %w", name, objects.ErrConflict)
	}
	return m.put(name, data), nil
}

func (m *memory) Open(ctx context.Context, name string, _, _ int64) (io.ReadCloser, objects.Info, error) {
	if err := m.enter(ctx); err != nil {
		return nil, objects.Info{}, err
	}
	defer m.mutex.Unlock()
	data, there := m.objects[name]
	if !there {
		return nil, objects.Info{}, fmt.Errorf("open %s: %w", name, objects.ErrNotFound)
	}
	return io.NopCloser(bytes.NewReader(data)), objects.Info{Name: name, Size: int64(len(data)), Version: m.version(name)}, nil
}

func (m *memory) List(ctx context.Context, prefix string) iter.Seq2[objects.Info, error] {
	return func(yield func(objects.Info, error) bool) {
		if err := m.enter(ctx); err != nil {
			yield(objects.Info{}, err)
			return
		}
		names := slices.Sorted(maps.Keys(m.objects))
		m.mutex.Unlock()
		for _, name := range names {
			if strings.HasPrefix(name, prefix) && !yield(objects.Info{Name: name}, nil) {
				return
			}
		}
	}
}

func (m *memory) Delete(ctx context.Context, name string) error {
	if err := m.enter(ctx); err != nil {
		return err
	}
	defer m.mutex.Unlock()
	delete(m.objects, name)
	return nil
}

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
