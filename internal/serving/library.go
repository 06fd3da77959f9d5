package serving

import (
	"context"
	"time"
)

// Latest is the name of the served release; so is the empty text.
const Latest = "latest"

// CatalogueID is the id of the table of the tables: one row for each published table,
// with its metadata. It has no older releases.
const CatalogueID = "catalog"

// Library holds the loaded releases. It is safe for concurrent use.
type Library struct{}

// Open makes a library and begins to load the served releases, in the background. Ctx
// bounds only the opening. The caller closes the library.
//
// Errors: an option is missing; the directory cannot be used.
func Open(ctx context.Context, o Options) (*Library, error) { return &Library{}, nil }

// Close ends the loading, waits for the tables that are in use to be released, closes the
// engine and empties the directory.
func (l *Library) Close() error { return nil }

// Acquire returns a table of a release: an identifier, or [Latest]. The caller calls
// [Table.Release] when done. A release other than the served and the previous one is
// loaded first, which takes a while; ctx ends the wait, not the loading.
//
// Errors: [ErrUnknownTable], [ErrUnknownRelease], [*GoneError], [ErrUnpublished],
// [ErrLoading], [ErrUnavailable]; that of ctx.
func (l *Library) Acquire(ctx context.Context, table, release string) (*Table, error) {
	return nil, ErrUnknownTable
}

// State says for each dataset, in order, what is loaded and what is wrong.
func (l *Library) State() []State { return nil }

// Ready reports whether the served release of every dataset is loaded, and one is.
func (l *Library) Ready() bool { return false }

// Changed returns a channel that is closed when the served releases have changed since
// the call: a loaded release came or went.
func (l *Library) Changed() <-chan struct{} { return nil }

// State is what is loaded of a dataset.
type State struct {
	Dataset string
	// Served is the release that queries are answered from; empty while there is none.
	Served string
	// Pointer is the release that the store says is served; empty if none is. It is
	// another than Served while it is being loaded, and when it cannot be.
	Pointer string
	// Since is when Served came to be served here.
	Since time.Time
	// Known says that the pointer was read since the start.
	Known bool
	// Err is why Pointer is not loaded, or why the store cannot be read; nil if all is well.
	Err error
}
