package serving

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/internal/memo"
	"github.com/parvis-opendata/parvis/publisher/release"
)

const (
	// readTimeout bounds one read of a pointer or a manifest.
	readTimeout = 5 * time.Second
	// staleFor is how old what is known of a release may become while the store cannot be
	// read.
	staleFor = 10 * time.Minute
	// maxEntries bounds the releases of which it is remembered.
	maxEntries = 1024
)

// look says what has become of a release, as it was at most one poll ago. A release that
// is gone is let go of.
//
// Errors: [ErrUnknownRelease], [*GoneError], [ErrUnavailable]; that of ctx.
func (l *Library) look(ctx context.Context, s *shelf, k key) error {
	e, err := l.entry(ctx, k)
	switch {
	case absent(err):
		return fmt.Errorf("%w: %s", ErrUnknownRelease, k.release)
	case err != nil:
		return err
	case e.State == release.Withdrawn || e.State == release.Pruned:
		l.mu.Lock()
		defer l.mu.Unlock()
		l.forget(s, k)
		return &GoneError{e}
	}
	return nil
}

// forget lets go of a release that nobody may ask for any more. The lock is held.
func (l *Library) forget(s *shelf, k key) {
	if s.previous.is(k) {
		l.drop(s.previous)
		s.previous = nil
	}
	l.older = slices.DeleteFunc(l.older, func(v *volume) bool {
		if !v.is(k) {
			return false
		}
		l.drop(v)
		return true
	})
}

// entry is what has become of a release, as it was at most one poll ago, or longer while the
// store cannot be read.
//
// Errors: [release.ErrNotFound]; [ErrUnavailable]; that of ctx.
func (l *Library) entry(ctx context.Context, k key) (release.Entry, error) {
	e, err := l.entries.Get(ctx, k.dataset+"/"+k.release)
	if err == nil || absent(err) || ctx.Err() != nil {
		return e, err
	}
	return e, fmt.Errorf("%w: %w", ErrUnavailable, err)
}

func absent(err error) bool { return errors.Is(err, release.ErrNotFound) }

// newEntries reads manifests and their markers.
func (l *Library) newEntries() *memo.Memo[release.Entry] {
	return &memo.Memo[release.Entry]{
		Read: func(ctx context.Context, name string) (release.Entry, error) {
			dataset, id, _ := strings.Cut(name, "/")
			return l.archive.Entry(ctx, dataset, id)
		},
		Keep: l.options.Poll, Stale: staleFor, Limit: maxEntries, Now: l.options.Now, Absent: absent,
	}
}
