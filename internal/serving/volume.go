package serving

import (
	"log/slog"
	"os"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/odsql"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// volume is a loaded release. What it holds never changes but uses, which the lock of
// the library guards.
type volume struct {
	dataset  datasets.Dataset
	manifest release.Manifest
	tables   map[string]*content
	path     string
	file     *engine.File
	// uses counts the tables that were acquired and not released, and one for the
	// library while it keeps the volume.
	uses int
}

// content is a loaded table.
type content struct {
	definition datasets.Table
	schema     *odsql.Schema
	vocabulary odsql.Vocabulary
	rows       int64
}

func (v *volume) id() string { return v.manifest.Release }

func (v *volume) is(k key) bool {
	return v != nil && v.manifest.Dataset == k.dataset && v.manifest.Release == k.release
}

// drop lets go of a volume, which is closed when nobody else uses it. The lock is held.
func (l *Library) drop(v *volume) {
	if v == nil {
		return
	}
	v.uses--
	if v.uses > 0 {
		return
	}
	go func() { // closing waits for the engine, and the caller for nothing
		l.discard(v)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.open--
		l.idle.Broadcast()
	}()
}

// discard closes a volume and deletes its file.
func (l *Library) discard(v *volume) {
	if err := v.file.Close(); err != nil {
		l.options.Log.Error("release is not closed", slog.String("dataset", v.manifest.Dataset), slog.String("release", v.id()), slog.Any("error", err))
	}
	if err := os.Remove(v.path); err != nil {
		l.options.Log.Error("file of a release is not deleted", slog.String("release", v.id()), slog.Any("error", err))
	}
}
