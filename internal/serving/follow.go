package serving

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/parvis-opendata/parvis/publisher/release"
)

// follower keeps a shelf in step with the pointer of its dataset.
type follower struct {
	*Library
	shelf *shelf
	log   *slog.Logger
	// loading is the load of target, nil if none is under way.
	loading *load
	target  string
	// failed is the release that could not be loaded, cause is why, until is when it is
	// tried again.
	failed string
	cause  error
	until  time.Time
	// gone is a former release that can no longer be the previous one.
	gone string
	// steps counts the looks at the pointer.
	steps int
}

// follow looks at the pointer again and again, until the library ends.
func (l *Library) follow(s *shelf) {
	f := &follower{Library: l, shelf: s, log: l.options.Log.With(slog.String("dataset", s.dataset.ID))}
	tick := time.NewTicker(l.options.Poll)
	defer tick.Stop()
	for l.background.Err() == nil {
		f.step()
		select {
		case <-l.background.Done():
		case <-tick.C:
		case <-s.wake:
		}
	}
}

// step reads the pointer and does the next thing towards what it says.
func (f *follower) step() {
	f.settle()
	c, err := f.readPointer()
	if f.background.Err() != nil {
		return
	}
	if err != nil {
		f.fail(err)
		return
	}
	if f.serves(c) || f.catalogueMissed() {
		f.refreshCatalogue()
	}
	f.release(c)
	if f.steps++; f.steps%sweepPolls == 0 {
		f.sweep()
	}
	f.prepare(c)
}

// settle notes how the last load ended.
func (f *follower) settle() {
	if f.loading == nil {
		return
	}
	select {
	case <-f.loading.done:
	default:
		return
	}
	if err := f.loading.err; err != nil && !errors.Is(err, ErrLoading) {
		f.failed, f.until = f.target, f.options.Now().Add(retryPolls*f.options.Poll)
		f.cause = fmt.Errorf("load release %s: %w", f.target, f.loading.err)
	}
	f.loading = nil
}

func (f *follower) readPointer() (release.Current, error) {
	ctx, cancel := context.WithTimeout(f.background, readTimeout)
	defer cancel()
	c, _, err := f.archive.Current(ctx, f.shelf.dataset.ID)
	if errors.Is(err, release.ErrNotFound) {
		return release.Current{}, nil
	}
	return c, err
}

// fail notes what is wrong, and logs what is new.
func (f *follower) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.shelf.err == nil {
		f.log.Warn("pointer cannot be read; what is loaded is served", slog.Any("error", err))
	}
	f.shelf.err = err
}

// serves swaps in the release that the pointer names, if it is loaded, and reports whether
// what is served has changed.
func (f *follower) serves(c release.Current) (changed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, k := f.shelf, key{f.shelf.dataset.ID, c.Release}
	first := !s.known
	s.known, s.pointer, s.err = true, c, nil
	if s.served.is(k) {
		return false
	}
	if c.Release == "" {
		changed = f.clear()
		return changed || first
	}
	v := f.loaded(s, k)
	if v == nil {
		if f.failed == c.Release {
			s.err = f.cause
		}
		return false
	}
	f.swap(v)
	f.log.Info("release served", slog.String("release", c.Release))
	return true
}

// swap serves a loaded release; the one that was served becomes the previous one. The lock
// is held.
func (f *follower) swap(v *volume) {
	s := f.shelf
	if s.previous == v {
		s.previous = nil
	}
	f.older = slices.DeleteFunc(f.older, func(other *volume) bool { return other == v })
	if s.served != nil {
		f.drop(s.previous)
		s.previous = s.served
	}
	s.served = v
	f.announce()
}

// clear serves nothing, and reports whether something was served. The lock is held.
func (f *follower) clear() bool {
	s := f.shelf
	if s.served == nil {
		return false
	}
	f.drop(s.served)
	s.served = nil
	f.announce()
	return true
}

// release lets go of a served release that was withdrawn while its successor is not loaded
// yet: it must not be read any more.
func (f *follower) release(c release.Current) {
	f.mu.Lock()
	v := f.shelf.served
	f.mu.Unlock()
	if v == nil || v.id() == c.Release {
		return
	}
	e, err := f.entry(f.background, key{f.shelf.dataset.ID, v.id()})
	if err != nil || e.State != release.Withdrawn {
		return
	}
	f.log.Warn("withdrawn release is no longer served; its successor is being loaded", slog.String("release", v.id()))
	f.mu.Lock()
	f.clear()
	f.mu.Unlock()
	f.refreshCatalogue()
}

// sweep lets go of releases that were withdrawn or pruned, whether anybody asks for them or
// not: what must not be read must not lie here either.
func (f *follower) sweep() {
	f.mu.Lock()
	var kept []key
	for _, v := range append([]*volume{f.shelf.previous}, f.older...) {
		if v != nil && v.manifest.Dataset == f.shelf.dataset.ID {
			kept = append(kept, key{f.shelf.dataset.ID, v.id()})
		}
	}
	f.mu.Unlock()
	for _, k := range kept {
		_ = f.look(f.background, f.shelf, k) // lets go of what is gone; what cannot be read stays
	}
}

// prepare begins to load what is missing: the release that the pointer names, then the
// one before.
func (f *follower) prepare(c release.Current) {
	f.mu.Lock()
	served, previous := f.shelf.served, f.shelf.previous
	f.mu.Unlock()
	switch {
	case c.Release == "":
	case served == nil || served.id() != c.Release:
		f.bring(c.Release, true)
	case previous == nil && f.Ready(): // what is served comes first
		f.bringPrevious(c)
	}
}

// bring loads a release, unless it is being loaded or failed a moment ago.
func (f *follower) bring(id string, served bool) {
	if f.loading != nil && f.target == id || f.failed == id && f.options.Now().Before(f.until) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if one, err := f.fetch(f.shelf, key{f.shelf.dataset.ID, id}, served); err == nil { // else the next step tries again
		f.loading, f.target = one, id
	}
}

// bringPrevious puts the release that was served before in its place, and loads it if need
// be.
func (f *follower) bringPrevious(c release.Current) {
	id := before(c)
	if id == "" || id == f.gone {
		return
	}
	k := key{f.shelf.dataset.ID, id}
	e, err := f.entry(f.background, k)
	if err != nil && !absent(err) {
		return
	}
	if e.State != release.Kept {
		f.gone = id
		return
	}
	f.mu.Lock()
	v := f.loaded(f.shelf, k)
	if v != nil {
		f.shelf.previous = v
		f.older = slices.DeleteFunc(f.older, func(other *volume) bool { return other == v })
	}
	f.mu.Unlock()
	if v == nil {
		f.bring(id, false)
	}
}

// before returns the release that was served before the present one; empty if none was.
func before(c release.Current) string {
	for _, id := range slices.Backward(c.History) {
		if id != c.Release {
			return id
		}
	}
	return ""
}
