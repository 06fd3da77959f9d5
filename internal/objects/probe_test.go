package objects_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/internal/objects"
)

// The stores below each break one promise, as real ones have.

type ignoresCreate struct{ objects.Store }

func (s ignoresCreate) Create(ctx context.Context, name string, data []byte) (objects.Info, error) {
	return s.Put(ctx, name, strings.NewReader(string(data)), -1)
}

type ignoresReplace struct{ objects.Store }

func (s ignoresReplace) Replace(ctx context.Context, name string, data []byte, _ string) (objects.Info, error) {
	return s.Put(ctx, name, strings.NewReader(string(data)), -1)
}

type bringsBack struct{ objects.Store }

func (s bringsBack) Replace(ctx context.Context, name string, data []byte, version string) (objects.Info, error) {
	info, err := s.Store.Replace(ctx, name, data, version)
	if errors.Is(err, objects.ErrNotFound) {
		return s.Create(ctx, name, data)
	}
	return info, err
}

type changesBytes struct{ objects.Store }

func (s changesBytes) Open(ctx context.Context, name string, _, _ int64) (io.ReadCloser, objects.Info, error) {
	info, err := s.Stat(ctx, name)
	return io.NopCloser(strings.NewReader(strings.Repeat("?", int(info.Size)))), info, err
}

type keepsDeleted struct{ objects.Store }

func (keepsDeleted) Delete(context.Context, string) error { return nil }

func TestProbeRefusesAStoreThatBreaksAPromise(t *testing.T) {
	for _, c := range []struct {
		name  string
		wrap  func(objects.Store) objects.Store
		texts []string
	}{
		{"create overwrites", func(s objects.Store) objects.Store { return ignoresCreate{s} }, []string{"ignores If-None-Match", "use a store that"}},
		{"replace overwrites", func(s objects.Store) objects.Store { return ignoresReplace{s} }, []string{"ignores If-Match", "use a store that"}},
		{"replace brings back", func(s objects.Store) objects.Store { return bringsBack{s} }, []string{"ignores If-Match"}},
		{"bytes change", func(s objects.Store) objects.Store { return changesBytes{s} }, []string{"other bytes"}},
		{"deleted objects stay", func(s objects.Store) objects.Store { return keepsDeleted{s} }, []string{"still there"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := openDir(t, t.TempDir())
			wantError(t, objects.Probe(t.Context(), c.wrap(d)), objects.ErrUnavailable, append(c.texts, "probe: ")...)
			if c.name == "deleted objects stay" {
				return
			}
			for info, err := range d.List(t.Context(), "") {
				t.Errorf("left %q, %v", info.Name, err)
			}
		})
	}
}

func TestProbeThatIsInterruptedLeavesNothing(t *testing.T) {
	path := t.TempDir()
	d := openDir(t, path)
	ctx, cancel := context.WithCancel(t.Context())
	wantError(t, objects.Probe(ctx, cancels{d, cancel}), context.Canceled)
	wantTree(t, path, map[string]string{".tmp/": "", ".tmp/lock": ""})
}

// cancels ends the context of its caller once something was created.
type cancels struct {
	objects.Store
	cancel func()
}

func (s cancels) Create(ctx context.Context, name string, data []byte) (objects.Info, error) {
	defer s.cancel()
	return s.Store.Create(ctx, name, data)
}
