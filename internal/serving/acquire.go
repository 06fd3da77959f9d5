package serving

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/parvis-opendata/parvis/publisher/release"
)

// Acquire returns a table of a release: an identifier, or [Latest]. The caller calls
// [Table.Release] when done. A release other than the served and the previous one is
// loaded first, which takes a while; ctx ends the wait, not the loading.
//
// Errors: [ErrUnknownTable], [ErrUnknownRelease], [*GoneError], [ErrUnpublished],
// [ErrLoading], [ErrUnavailable]; that of ctx.
func (l *Library) Acquire(ctx context.Context, table, id string) (*Table, error) {
	if table == CatalogueID {
		return l.acquireCatalogue(id)
	}
	s, ok := l.shelfOf(table)
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrUnknownTable, table)
	}
	if id == "" || id == Latest {
		return l.acquireServed(s, table)
	}
	return l.acquirePinned(ctx, s, table, id)
}

func (l *Library) acquireCatalogue(id string) (*Table, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.catalogue == nil {
		return nil, ErrLoading
	}
	if id != "" && id != Latest && id != l.catalogue.id() {
		return nil, fmt.Errorf("%w: %s", ErrUnknownRelease, id)
	}
	return l.lend(l.catalogue, CatalogueID, l.catalogue.manifest.PublishedAt)
}

func (l *Library) acquireServed(s *shelf, table string) (*Table, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case s.served != nil:
		return l.lend(s.served, table, s.modified(s.served))
	case s.known && s.pointer.Release == "":
		return nil, ErrUnpublished
	case s.err != nil:
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, s.err)
	default:
		return nil, ErrLoading
	}
}

// acquirePinned finds a release where it is loaded, and loads it where it is not.
func (l *Library) acquirePinned(ctx context.Context, s *shelf, table, id string) (*Table, error) {
	k := key{s.dataset.ID, id}
	if err := l.check(ctx, s, k); err != nil {
		return nil, err
	}
	for {
		t, wait, err := l.find(s, table, k)
		if t != nil || err != nil {
			return t, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-wait.done:
		}
		switch {
		case errors.Is(wait.err, ErrLoading):
			return nil, wait.err
		case wait.err != nil:
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, wait.err)
		}
	}
}

// find returns a table of a release that is loaded, or else the load that will bring it.
func (l *Library) find(s *shelf, table string, k key) (*Table, *load, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := l.loaded(s, k)
	if v == nil {
		wait, err := l.fetch(s, k, false)
		return nil, wait, err
	}
	if i := slices.Index(l.older, v); i >= 0 {
		l.older = append(slices.Delete(l.older, i, i+1), v)
	}
	t, err := l.lend(v, table, v.manifest.PublishedAt)
	return t, nil, err
}

// loaded returns a release if it is loaded. The lock is held.
func (l *Library) loaded(s *shelf, k key) *volume {
	for _, v := range append([]*volume{s.served, s.previous}, l.older...) {
		if v.is(k) {
			return v
		}
	}
	return nil
}

// Check says what has become of a release of the dataset that has a table, as it was at
// most one poll ago. It loads nothing.
//
// Errors: [ErrUnknownTable], [ErrUnknownRelease], [*GoneError], [ErrUnavailable]; that of ctx.
func (l *Library) Check(ctx context.Context, table, id string) error {
	s, ok := l.shelfOf(table)
	if !ok {
		return fmt.Errorf("%w: %s", ErrUnknownTable, table)
	}
	return l.check(ctx, s, key{s.dataset.ID, id})
}

// check says what has become of a release that is asked for by its identifier.
//
// Errors: [ErrUnknownRelease], [*GoneError], [ErrUnavailable].
func (l *Library) check(ctx context.Context, s *shelf, k key) error {
	if !release.ValidID(k.release) {
		return fmt.Errorf("%w: %s", ErrUnknownRelease, k.release)
	}
	l.mu.Lock()
	served := s.served.is(k) && s.pointer.Release == k.release
	l.mu.Unlock()
	if served {
		return nil // else the pointer would have moved
	}
	return l.look(ctx, s, k)
}
