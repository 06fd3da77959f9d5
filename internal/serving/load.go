package serving

import (
	"context"
	"log/slog"
	"slices"
	"time"
)

// load is the loading of a release under way.
type load struct {
	done chan struct{}
	err  error // set when done is closed
}

// fetch begins to load a release, or finds the load that is under way. The lock is held.
//
// Errors: [ErrLoading] when too many releases are being loaded; [ErrUnavailable].
func (l *Library) fetch(s *shelf, k key) (*load, error) {
	if one, ok := l.loads[k]; ok {
		return one, nil
	}
	if l.closed {
		return nil, ErrUnavailable
	}
	if len(l.loads) >= maxOlder+len(l.shelves) {
		return nil, ErrLoading
	}
	one := &load{done: make(chan struct{})}
	l.loads[k] = one
	l.workers.Go(func() { l.run(s, k, one) })
	return one, nil
}

// run loads a release and keeps it among the older ones, where those who wait find it.
func (l *Library) run(s *shelf, k key, one *load) {
	began := time.Now()
	log := l.options.Log.With(slog.String("dataset", k.dataset), slog.String("release", k.release))
	v, err := l.load(s, k)
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.loads, k)
	one.err = err
	close(one.done)
	select {
	case s.wake <- struct{}{}:
	default:
	}
	switch {
	case err == nil:
		log.Info("release loaded", slog.Int64("rows", v.manifest.Rows()), slog.Duration("after", time.Since(began)))
		l.keep(v)
	case l.background.Err() == nil:
		log.Error("release is not loaded", slog.Any("error", err))
	}
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
func (l *Library) load(s *shelf, k key) (*volume, error) {
	select {
	case l.build <- struct{}{}:
	case <-l.background.Done():
		return nil, context.Canceled
	}
	defer func() { <-l.build }()
	m, err := l.archive.Manifest(l.background, k.dataset, k.release)
	if err != nil {
		return nil, err
	}
	return l.bind(l.background, s.dataset, m)
}
