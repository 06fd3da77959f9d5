package indexes

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/parvis-opendata/parvis/internal/search"
)

// Options are what a [Keeper] is made of.
type Options struct {
	Catalogue Catalogue
	Make      Make
	// Dir is a private directory that Make writes to: made if there is none, emptied at
	// the start and at the end. Empty if Make writes nothing.
	Dir string
	Log *slog.Logger
}

// Keeper holds the index of the served release, and that of the one that was searched
// before, so that a rollback is at once. It is safe for concurrent use.
type Keeper struct {
	o Options
	// background ends with the keeper.
	background context.Context //nolint:containedctx // of the follower and of what is being made
	end        context.CancelFunc
	workers    sync.WaitGroup
	woken      chan struct{} // makes the follower look at once
	probes     probes

	mu     sync.Mutex // of what follows
	idle   *sync.Cond // told when an index is closed
	closed bool
	open   int       // indexes that are not closed yet
	held   []*volume // the one that was searched last first
	// current is the one that is searched: until the served release has an index, that of
	// the one before.
	current *volume
	err     error // why the served release has no index; nil while nobody knows
}

// volume is the index of a release.
type volume struct {
	index     search.Index
	release   string
	synthetic bool
	modified  time.Time
	// uses counts the loans, and one for the keeper while it holds the index.
	uses int
}

// held are at most so many.
const maxHeld = 2

// Open makes a keeper, which begins to make the index of the served release. Ctx bounds
// only the opening. The caller closes the keeper, before the library.
//
// Errors: an option is missing; the directory cannot be used.
func Open(ctx context.Context, o Options) (*Keeper, error) {
	if o.Catalogue == nil || o.Make == nil || o.Log == nil {
		return nil, errors.New("open search indexes: catalogue, engine and log are needed")
	}
	if err := empty(o.Dir, true); err != nil {
		return nil, fmt.Errorf("open search indexes: %w; set PARVIS_WORKDIR to a directory that parvis may write to", err)
	}
	k := &Keeper{o: o, woken: make(chan struct{}, 1)}
	k.idle = sync.NewCond(&k.mu)
	k.probes.memo = k.newProbes()
	k.background, k.end = context.WithCancel(context.WithoutCancel(ctx))
	k.workers.Go(func() { newFollower(k).follow() })
	return k, nil
}

// empty removes a directory, and makes it again.
func empty(dir string, again bool) error {
	if dir == "" {
		return nil
	}
	err := os.RemoveAll(dir)
	if err == nil && again {
		err = os.MkdirAll(dir, 0o700)
	}
	return err
}

// Close ends what is being made, waits for the loans to be given back, closes the indexes
// and removes the directory.
func (k *Keeper) Close() error {
	k.mu.Lock()
	if k.closed {
		k.mu.Unlock()
		return nil
	}
	k.closed = true
	k.mu.Unlock()
	k.end()
	k.workers.Wait()
	k.mu.Lock()
	for _, v := range k.held {
		k.drop(v)
	}
	k.held, k.current = nil, nil
	for k.open > 0 {
		k.idle.Wait()
	}
	k.mu.Unlock()
	return empty(k.o.Dir, false)
}

// wake makes the follower look at once.
func (k *Keeper) wake() {
	select {
	case k.woken <- struct{}{}:
	default:
	}
}

// add holds an index that was just made.
func (k *Keeper) add(v *volume) {
	k.mu.Lock()
	defer k.mu.Unlock()
	v.uses = 1
	k.open++
	k.held = append(k.held, v)
}

// show makes the index of a release the one that is searched, and lets go of those that
// are too many. It reports whether there is one.
func (k *Keeper) show(release string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	i := k.find(release)
	if i < 0 {
		return false
	}
	v := k.held[i]
	if k.current != v {
		k.held = slices.Insert(slices.Delete(k.held, i, i+1), 0, v)
		k.current = v
		k.o.Log.Info("release searched", slog.String("release", release))
	}
	k.err = nil
	for len(k.held) > maxHeld {
		last := len(k.held) - 1
		k.drop(k.held[last])
		k.held = k.held[:last]
	}
	return true
}

// find returns where the index of a release is; -1 if there is none. The lock is held.
func (k *Keeper) find(release string) int {
	return slices.IndexFunc(k.held, func(v *volume) bool { return v.release == release })
}

// forget lets go of the index of a release.
func (k *Keeper) forget(release string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if i := k.find(release); i >= 0 {
		k.o.Log.Warn("release is gone, and no longer searched", slog.String("release", release))
		if k.current == k.held[i] {
			k.current = nil
		}
		k.drop(k.held[i])
		k.held = slices.Delete(k.held, i, i+1)
	}
}

// drop lets go of an index, which is closed when nobody else uses it. The lock is held.
func (k *Keeper) drop(v *volume) {
	v.uses--
	if v.uses > 0 {
		return
	}
	go func() { // closing may take a while, and the caller waits for nothing
		err := v.index.Close()
		k.mu.Lock()
		defer k.mu.Unlock()
		if err != nil {
			k.o.Log.Error("search index is not closed", slog.String("release", v.release), slog.Any("error", err))
		}
		k.open--
		k.idle.Broadcast()
	}()
}

// releases are those that are held.
func (k *Keeper) releases() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	all := make([]string, len(k.held))
	for i, v := range k.held {
		all[i] = v.release
	}
	return all
}

// name is that of the nth index that is made.
func name(release string, n int64) string { return release + "-" + strconv.FormatInt(n, 10) }
