package serving

import (
	"context"
	"io"
	"iter"
	"log/slog"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/objects"
)

// Store is what a library needs of object storage: it only reads.
type Store interface {
	Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, objects.Info, error)
	List(ctx context.Context, prefix string) iter.Seq2[objects.Info, error]
}

// Options are what a [Library] is made of.
type Options struct {
	Store    Store
	Datasets []datasets.Dataset
	// Dir is a private directory for the files of the engine, made if there is none,
	// emptied at the start and at the end. Two processes must not share one.
	Dir string
	// MemoryLimit bounds the memory of the engine, all releases and queries together,
	// such as "2GB"; empty leaves the engine's default.
	MemoryLimit string
	// Threads of the engine; 0 means one per core.
	Threads int
	Log     *slog.Logger
	Now     func() time.Time
	// Poll is how often the pointers are looked at; 2 seconds if zero.
	Poll time.Duration
	// Older is how many releases, besides the served and the previous one of each
	// dataset, are kept loaded; 2 if zero.
	Older int
}
