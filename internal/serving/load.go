package serving

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"
)

// load is the loading of a release under way.
type load struct {
	done   chan struct{}
	err    error // set when done is closed
	ctx    context.Context
	cancel context.CancelCauseFunc
	// served loads are of what a pointer names.
	served bool
}

// failure is why a release could not be loaded, and when it is tried again.
type failure struct {
	err   error
	until time.Time
}

// errMadeWay says that a load was given up for that of a release that is to be served.
var errMadeWay = fmt.Errorf("%w: a release that is to be served is loaded first", ErrLoading)

// fetch begins to load a release, or finds the load that is under way. What is to be served
// waits for nothing else. The lock is held.
//
// Errors: [ErrLoading] when too many releases are being loaded; [ErrUnavailable], also when
// the release could not be loaded a moment ago.
func (l *Library) fetch(s *shelf, k key, served bool) (*load, error) {
	one := l.loads[k]
	if one == nil {
		f, failed := l.failures[k]
		switch {
		case l.closed:
			return nil, ErrUnavailable
		case failed && l.options.Now().Before(f.until):
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, f.err)
		case len(l.loads) >= maxOlder+len(l.shelves) && !served:
			return nil, ErrLoading
		}
		one = &load{done: make(chan struct{})}
		one.ctx, one.cancel = context.WithCancelCause(l.background)
		l.loads[k] = one
		l.workers.Go(func() { l.run(s, k, one) })
	}
	if served && !one.served {
		one.served = true
		for _, other := range l.loads {
			if !other.served {
				other.cancel(errMadeWay)
			}
		}
	}
	return one, nil
}

// run loads a release and keeps it among the older ones, where those who wait find it.
func (l *Library) run(s *shelf, k key, one *load) {
	began := time.Now()
	log := l.options.Log.With(slog.String("dataset", k.dataset), slog.String("release", k.release))
	v, err := l.load(one.ctx, s, k)
	if err != nil && errors.Is(context.Cause(one.ctx), errMadeWay) {
		err = errMadeWay
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	one.cancel(nil)
	delete(l.loads, k)
	one.err = err
	close(one.done)
	select {
	case s.wake <- struct{}{}:
	default:
	}
	switch {
	case err == nil:
		took := time.Since(began)
		s.loads, s.loading = s.loads+1, s.loading+took
		log.Info("release loaded", slog.Int64("rows", v.manifest.Rows()), slog.Duration("after", took))
		l.keep(v)
	case errors.Is(err, errMadeWay):
		log.Info("release is not loaded", slog.Any("error", err))
	case l.background.Err() == nil:
		log.Error("release is not loaded", slog.Any("error", err))
		s.failures++
		l.fail(k, err)
	}
}

// fail remembers a failure, and forgets those that are over. The lock is held.
func (l *Library) fail(k key, err error) {
	now := l.options.Now()
	maps.DeleteFunc(l.failures, func(_ key, f failure) bool { return !now.Before(f.until) })
	l.failures[k] = failure{err, now.Add(retryPolls * l.options.Poll)}
}

// keep puts a volume that was just made among the older ones, and drops those that were
// not used for longest. The lock is held.
func (l *Library) keep(v *volume) {
	v.uses = 1
	l.open++
	l.older = append(l.older, v)
	l.trim()
}

// trim drops older releases over the number, but none that is about to be served. The
// lock is held.
func (l *Library) trim() {
	over := len(l.older) - maxOlder
	l.older = slices.DeleteFunc(l.older, func(v *volume) bool {
		if over <= 0 || l.awaited(v) {
			return false
		}
		over--
		l.drop(v)
		return true
	})
}

// awaited reports whether the pointer names a release that is not served yet.
func (l *Library) awaited(v *volume) bool {
	return slices.ContainsFunc(l.shelves, func(s *shelf) bool {
		return v.is(key{s.dataset.ID, s.pointer.Release})
	})
}

// load builds a release, one at a time.
func (l *Library) load(ctx context.Context, s *shelf, k key) (*volume, error) {
	select {
	case l.build <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-l.build }()
	m, err := l.archive.Manifest(ctx, k.dataset, k.release)
	if err != nil {
		return nil, err
	}
	return l.bind(ctx, s.dataset, m)
}
