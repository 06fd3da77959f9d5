package indexes

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/internal/serving"
)

const (
	// sweepEvery is how often it is looked whether what is held may still be read.
	sweepEvery = 15 * time.Second
	// retryFirst and retryMost are after how long an index that could not be made is tried
	// again: the first time, and at most.
	retryFirst = time.Second
	retryMost  = time.Minute
)

// follower keeps a keeper in step with its catalogue.
type follower struct {
	*Keeper

	making *making // nil if nothing is being made
	made   chan *making
	// failed is the release whose index could not be made, for the time of times; until is
	// when it is tried again.
	failed string
	times  int
	until  time.Time
}

// making is the making of an index.
type making struct {
	release   string
	cancel    context.CancelFunc
	abandoned bool // nobody wants it any more
	index     *volume
	err       error
}

func newFollower(k *Keeper) *follower { return &follower{Keeper: k, made: make(chan *making)} }

// follow does what is to be done again and again, until the keeper ends.
func (f *follower) follow() {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for f.background.Err() == nil {
		changed := f.o.Catalogue.Changed() // before the look, so that no change is missed
		again := time.NewTimer(f.step())
		select {
		case <-f.background.Done():
		case <-changed:
		case <-f.woken:
		case <-tick.C:
		case <-again.C:
		case m := <-f.made:
			f.settle(m)
		}
		again.Stop()
	}
	if f.making != nil {
		f.making.cancel()
		f.settle(<-f.made)
	}
}

// step lets go of what is gone, searches the served release if it has an index, and else
// begins to make one. It returns after how long to look again if nothing happens.
func (f *follower) step() time.Duration {
	f.sweep()
	e, err := f.o.Catalogue.Served(f.background)
	if err != nil {
		f.abandon("")
		return retryMost
	}
	release := e.ReleaseID()
	f.abandon(release)
	wait := time.Until(f.until)
	switch {
	case f.show(release), f.making != nil:
		wait = retryMost
	case f.failed != release || wait <= 0:
		f.begin(e)
		return retryMost
	}
	e.Release()
	return wait
}

// sweep lets go of the indexes of releases that were withdrawn or pruned.
func (f *follower) sweep() {
	for _, release := range f.releases() {
		if gone(f.o.Catalogue.Check(f.background, release)) {
			f.forget(release)
		}
	}
}

// gone reports whether a release may no longer be read. One of which nothing is known now
// may.
func gone(err error) bool {
	var e *serving.GoneError
	return errors.As(err, &e) || errors.Is(err, serving.ErrUnknownRelease)
}

// abandon ends the making of an index of another release than one. The next begins when
// that has ended: one is made at a time.
func (f *follower) abandon(but string) {
	if f.making != nil && f.making.release != but {
		f.making.abandoned = true
		f.making.cancel()
	}
}

// begin makes the index of an edition in the background.
func (f *follower) begin(e Edition) {
	ctx, cancel := context.WithCancel(f.background)
	m := &making{release: e.ReleaseID(), cancel: cancel}
	f.making = m
	if f.failed != m.release {
		f.note(nil) // what failed was another one
	}
	f.workers.Go(func() {
		began := time.Now()
		var index search.Index
		if index, m.err = f.o.Make(ctx, e); m.err == nil {
			m.index = &volume{index: index, release: m.release, synthetic: e.Synthetic(), modified: e.Modified()}
			f.o.Log.Info("search index made", slog.String("release", m.release), slog.Duration("after", time.Since(began)))
		}
		e.Release()
		f.made <- m
	})
}

// settle notes how the making of an index ended.
func (f *follower) settle(m *making) {
	m.cancel()
	f.making = nil
	switch {
	case m.err == nil:
		f.failed, f.times = "", 0
		f.add(m.index) // the next step lets go of it if nobody wants it
	case !m.abandoned && f.background.Err() == nil:
		f.fail(m)
	}
}

// fail notes that an index could not be made, and when to try again: twice as long each
// time.
func (f *follower) fail(m *making) {
	if f.failed != m.release {
		f.failed, f.times = m.release, 0
	}
	wait := min(retryFirst<<min(f.times, 10), retryMost)
	f.times++
	f.until = time.Now().Add(wait)
	f.o.Log.Error("search index is not made", slog.String("release", m.release), slog.Duration("again_in", wait), slog.Any("error", m.err))
	f.note(m.err)
}

// note notes why the served release has no index.
func (f *follower) note(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}
