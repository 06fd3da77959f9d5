package indexes

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/parvis-opendata/parvis/internal/search"
)

// ErrNotReady says that no release can be searched now: the index of the served one is
// being made, or cannot be; ask again.
var ErrNotReady = errors.New("the search index is not ready")

// Loan is the index of one release. It is given back after use.
type Loan struct {
	search.Index

	Release   string
	Synthetic bool
	// Modified is when the release came to be served.
	Modified time.Time
	// Behind says that another release is served, whose index is not made yet.
	Behind bool

	keeper *Keeper
	volume *volume
	once   sync.Once
}

// GiveBack ends the use of the index. It may be called twice.
func (l *Loan) GiveBack() {
	l.once.Do(func() {
		l.keeper.mu.Lock()
		defer l.keeper.mu.Unlock()
		l.keeper.drop(l.volume)
	})
}

// Acquire lends the index of the served release; while that is not made, that of the one
// that was searched before, unless it is gone.
//
// Errors: those of the served release (see [Catalogue]); [ErrNotReady].
func (k *Keeper) Acquire(ctx context.Context) (*Loan, error) {
	e, err := k.o.Catalogue.Served(ctx)
	if err != nil {
		return nil, err
	}
	served, modified := e.ReleaseID(), e.Modified()
	e.Release()
	l, err := k.lend(served)
	if err != nil {
		return nil, err
	}
	if !l.Behind {
		l.Modified = modified
		return l, nil
	}
	if gone(k.o.Catalogue.Check(ctx, l.Release)) {
		l.GiveBack()
		k.wake()
		return nil, ErrNotReady
	}
	return l, nil
}

// lend lends the index of a release, or else the one that is searched.
func (k *Keeper) lend(release string) (*Loan, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	v := k.current
	if i := k.find(release); i >= 0 {
		v = k.held[i]
	}
	switch {
	case v == nil && k.err != nil:
		return nil, fmt.Errorf("%w: %w", ErrNotReady, k.err)
	case v == nil || k.closed:
		return nil, ErrNotReady
	}
	v.uses++
	return &Loan{Index: v.index, Release: v.release, Synthetic: v.synthetic, Modified: v.modified, Behind: v.release != release, keeper: k, volume: v}, nil
}
