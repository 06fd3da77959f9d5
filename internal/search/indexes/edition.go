package indexes

import (
	"context"
	"iter"
	"sync/atomic"
	"time"

	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/internal/serving"
)

// Catalogue knows which release of the catalogue is served.
type Catalogue interface {
	// Changed returns a channel that is closed when another release may have come to be
	// served since the call.
	Changed() <-chan struct{}
	// Served lends the served release. Errors: [serving.ErrUnpublished],
	// [serving.ErrLoading], [serving.ErrUnavailable]; that of ctx.
	Served(ctx context.Context) (Edition, error)
	// Check says what has become of a release. Errors: [serving.ErrUnknownRelease],
	// [*serving.GoneError], [serving.ErrUnavailable]; that of ctx.
	Check(ctx context.Context, release string) error
}

// Edition is the catalogue of one release. It is released after use.
type Edition interface {
	ReleaseID() string
	// Modified is when the release came to be served.
	Modified() time.Time
	// Synthetic reports whether the data are invented.
	Synthetic() bool
	Documents(ctx context.Context) iter.Seq2[search.Document, error]
	Release()
}

// Of is the catalogue that is a table of a library.
func Of(l *serving.Library, table string) Catalogue { return shelf{l, table} }

type shelf struct {
	*serving.Library

	table string
}

func (s shelf) Served(ctx context.Context) (Edition, error) {
	t, err := s.Acquire(ctx, s.table, serving.Latest)
	if err != nil {
		return nil, err
	}
	return edition{t}, nil
}

func (s shelf) Check(ctx context.Context, release string) error {
	return s.Library.Check(ctx, s.table, release)
}

type edition struct{ *serving.Table }

func (e edition) Synthetic() bool { return e.Manifest().Synthetic }

func (e edition) Documents(ctx context.Context) iter.Seq2[search.Document, error] {
	return search.Documents(ctx, e.Query, e.Schema().Relation)
}

// Make makes the index of an edition, or finds the one that there is.
type Make func(ctx context.Context, e Edition) (search.Index, error)

// Built makes an index of the documents of the edition, each time under another name.
func Built(engine search.Engine) Make {
	var n atomic.Int64
	return func(ctx context.Context, e Edition) (search.Index, error) {
		return engine.Build(ctx, name(e.ReleaseID(), n.Add(1)), e.Documents(ctx))
	}
}

// Opener opens the indexes that somebody else has made, by release.
type Opener interface {
	Open(ctx context.Context, release string) (search.Index, error)
}

// Opened opens the index of the release; its documents are not read.
func Opened(engine Opener) Make {
	return func(ctx context.Context, e Edition) (search.Index, error) { return engine.Open(ctx, e.ReleaseID()) }
}
