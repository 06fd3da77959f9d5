package serving

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/memo"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// Latest is the name of the served release; so is the empty text.
const Latest = "latest"

// Library holds the loaded releases. It is safe for concurrent use.
type Library struct {
	options Options
	archive *release.Archive
	scratch *scratch
	engine  *engine.Shared
	shelves []*shelf
	build   chan struct{} // holds one while a release is being built
	// background ends with the library.
	background context.Context //nolint:containedctx // of the workers
	end        context.CancelFunc
	workers    sync.WaitGroup

	cataloguing sync.Mutex                // held while the catalogue is made
	entries     *memo.Memo[release.Entry] // by dataset/release
	mu          sync.Mutex                // of what follows, and of the shelves and volumes
	idle        *sync.Cond                // told when a volume is closed
	closed      bool
	open        int       // volumes that are not closed yet
	older       []*volume // kept loaded beside those of the shelves, the latest used last
	loads       map[key]*load
	failures    map[key]failure
	catalogue   *volume
	missed      bool // the catalogue could not be made
	changed     chan struct{}
}

// key names a release.
type key struct{ dataset, release string }

// shelf is what is loaded of a dataset.
type shelf struct {
	dataset datasets.Dataset
	wake    chan struct{} // makes the follower look at once

	served, previous *volume
	pointer          release.Current
	known            bool // the pointer was read
	err              error
	loads, failures  int64
	loading          time.Duration // of the loads
}

// Open makes a library and begins to load the served releases, in the background. Ctx
// bounds only the opening. The caller closes the library.
//
// Errors: an option is missing; the directory cannot be used.
func Open(ctx context.Context, o Options) (*Library, error) {
	l, err := open(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("open served releases: %w", err)
	}
	return l, nil
}

func open(ctx context.Context, o Options) (_ *Library, err error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	l := &Library{
		options: o, archive: release.NewArchive(reading{o.Store}), build: make(chan struct{}, 1),
		loads: map[key]*load{}, failures: map[key]failure{}, changed: make(chan struct{}),
	}
	l.idle, l.entries = sync.NewCond(&l.mu), l.newEntries()
	if l.scratch, err = enterScratch(o.Dir); err != nil {
		return nil, err
	}
	l.engine, err = engine.OpenShared(ctx, engine.SharedOptions{
		Dir: l.scratch.tables(), TempDir: l.scratch.spill(), MemoryLimit: o.half(), Threads: o.Threads,
	})
	if err != nil {
		return nil, errors.Join(err, l.scratch.leave())
	}
	for _, d := range o.Datasets {
		l.shelves = append(l.shelves, &shelf{dataset: d, wake: make(chan struct{}, 1)})
	}
	l.background, l.end = context.WithCancel(context.WithoutCancel(ctx))
	for _, s := range l.shelves {
		l.workers.Go(func() { l.follow(s) })
	}
	return l, nil
}

// Close ends the loading, waits for the tables that are in use to be released, closes the
// engine and empties the directory.
func (l *Library) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	l.mu.Unlock()
	l.end()
	l.workers.Wait()
	l.mu.Lock()
	for _, s := range l.shelves {
		l.drop(s.served)
		l.drop(s.previous)
		s.served, s.previous = nil, nil
	}
	for _, v := range l.older {
		l.drop(v)
	}
	l.drop(l.catalogue)
	l.older, l.catalogue = nil, nil
	for l.open > 0 {
		l.idle.Wait()
	}
	l.mu.Unlock()
	return errors.Join(l.engine.Close(), l.scratch.leave())
}

// shelfOf returns the shelf of the dataset that has a table.
func (l *Library) shelfOf(table string) (*shelf, bool) {
	for _, s := range l.shelves {
		if slices.ContainsFunc(s.dataset.Tables, func(t datasets.Table) bool { return t.ID == table }) {
			return s, true
		}
	}
	return nil, false
}

// Exports is a directory for files that are made for one answer. It is emptied with that of
// the library.
func (l *Library) Exports() string { return filepath.Join(l.scratch.dir, "exports") }

// Changed returns a channel that is closed when the served releases have changed since
// the call: a loaded release came or went.
func (l *Library) Changed() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.changed
}

// announce tells those who wait for a change. The lock is held.
func (l *Library) announce() {
	close(l.changed)
	l.changed = make(chan struct{})
}
