package serving

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/parvis-opendata/parvis/publisher/release"
)

const (
	// readTimeout bounds one read of a pointer or a manifest.
	readTimeout = 5 * time.Second
	// staleFor is how old a state may become while the store cannot be read.
	staleFor = 10 * time.Minute
	// maxStates bounds the states that are remembered.
	maxStates = 1024
)

// state is what was read about a release.
type state struct {
	entry release.Entry
	found bool
	read  time.Time
}

// look says what has become of a release, as it was at most one poll ago. A release that
// is gone is let go of.
//
// Errors: [ErrUnknownRelease], [*GoneError], [ErrUnavailable]; that of ctx.
func (l *Library) look(ctx context.Context, s *shelf, k key) error {
	st, err := l.stateOf(ctx, k)
	switch {
	case err != nil:
		return err
	case !st.found:
		return fmt.Errorf("%w: %s", ErrUnknownRelease, k.release)
	case st.entry.State == release.Withdrawn || st.entry.State == release.Pruned:
		l.mu.Lock()
		defer l.mu.Unlock()
		l.forget(s, k)
		return &GoneError{st.entry}
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

// stateOf reads a manifest and its markers, or remembers them.
func (l *Library) stateOf(ctx context.Context, k key) (state, error) {
	l.mu.Lock()
	held, ok := l.states[k]
	l.mu.Unlock()
	now := l.options.Now()
	if ok && now.Sub(held.read) < l.options.Poll {
		return held, nil
	}
	done := l.flights.DoChan(k.dataset+"/"+k.release, func() (any, error) {
		// The read serves everybody who waits, so it outlives the first who asked.
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
		defer cancel()
		return l.readState(limited, k)
	})
	select {
	case <-ctx.Done():
		return state{}, ctx.Err()
	case r := <-done:
		if r.Err == nil {
			return r.Val.(state), nil //nolint:forcetypeassert // readState returns nothing else
		}
		if ok && now.Sub(held.read) < staleFor {
			return held, nil
		}
		return state{}, fmt.Errorf("%w: %w", ErrUnavailable, r.Err)
	}
}

func (l *Library) readState(ctx context.Context, k key) (state, error) {
	e, err := l.archive.Entry(ctx, k.dataset, k.release)
	if err != nil && !errors.Is(err, release.ErrNotFound) {
		return state{}, err
	}
	st := state{entry: e, found: err == nil, read: l.options.Now()}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.states) >= maxStates {
		clear(l.states)
	}
	l.states[k] = st
	return st, nil
}
