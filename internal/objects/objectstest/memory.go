package objectstest

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

	"github.com/parvis-opendata/parvis/internal/objects"
)

// Memory keeps documents in memory, for tests that write many. It is a Store but for Put
// and Stat, and knows no modification times. It is safe for concurrent use.
type Memory struct {
	// Down is the error of every request, if any.
	Down func() error

	mutex   sync.Mutex
	objects map[string][]byte
	writes  map[string]int
}

// NewMemory returns an empty store.
func NewMemory() *Memory { return &Memory{objects: map[string][]byte{}, writes: map[string]int{}} }

func (m *Memory) info(name string) objects.Info {
	return objects.Info{Name: name, Size: int64(len(m.objects[name])), Version: strconv.Itoa(m.writes[name])}
}

// enter begins a request.
func (m *Memory) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if m.Down != nil {
		if err := m.Down(); err != nil {
			return err
		}
	}
	m.mutex.Lock()
	return nil
}

func (m *Memory) put(name string, data []byte) objects.Info {
	m.objects[name] = bytes.Clone(data)
	m.writes[name]++
	return m.info(name)
}

// Create is that of [objects.Store].
func (m *Memory) Create(ctx context.Context, name string, data []byte) (objects.Info, error) {
	if err := m.enter(ctx); err != nil {
		return objects.Info{}, err
	}
	defer m.mutex.Unlock()
	if _, there := m.objects[name]; there {
		return objects.Info{}, fmt.Errorf("create %s: %w", name, objects.ErrConflict)
	}
	return m.put(name, data), nil
}

// Replace is that of [objects.Store].
func (m *Memory) Replace(ctx context.Context, name string, data []byte, version string) (objects.Info, error) {
	if err := m.enter(ctx); err != nil {
		return objects.Info{}, err
	}
	defer m.mutex.Unlock()
	switch _, there := m.objects[name]; {
	case !there:
		return objects.Info{}, fmt.Errorf("replace %s: %w", name, objects.ErrNotFound)
	case m.info(name).Version != version:
		return objects.Info{}, fmt.Errorf("replace %s: %w", name, objects.ErrConflict)
	}
	return m.put(name, data), nil
}

// Open is that of [objects.Store], of whole objects.
func (m *Memory) Open(ctx context.Context, name string, _, _ int64) (io.ReadCloser, objects.Info, error) {
	if err := m.enter(ctx); err != nil {
		return nil, objects.Info{}, err
	}
	defer m.mutex.Unlock()
	data, there := m.objects[name]
	if !there {
		return nil, objects.Info{}, fmt.Errorf("open %s: %w", name, objects.ErrNotFound)
	}
	return io.NopCloser(bytes.NewReader(data)), m.info(name), nil
}

// List is that of [objects.Store].
func (m *Memory) List(ctx context.Context, prefix string) iter.Seq2[objects.Info, error] {
	return func(yield func(objects.Info, error) bool) {
		if err := m.enter(ctx); err != nil {
			yield(objects.Info{}, err)
			return
		}
		var all []objects.Info
		for _, name := range slices.Sorted(maps.Keys(m.objects)) {
			if strings.HasPrefix(name, prefix) {
				all = append(all, m.info(name))
			}
		}
		m.mutex.Unlock()
		for _, info := range all {
			if !yield(info, nil) {
				return
			}
		}
	}
}

// Delete is that of [objects.Store].
func (m *Memory) Delete(ctx context.Context, name string) error {
	if err := m.enter(ctx); err != nil {
		return err
	}
	defer m.mutex.Unlock()
	delete(m.objects, name)
	return nil
}
