package indexes

import (
	"context"
	"time"

	"github.com/parvis-opendata/parvis/internal/memo"
	"github.com/parvis-opendata/parvis/internal/search"
)

// State is what can be searched.
type State struct {
	// Release is the one that is searched; empty if none is.
	Release string
	// Behind says that another one is served.
	Behind bool
	// Failure is why that has no index; nil while it is being made.
	Failure error
	// Err is why nothing can be found; nil if all is well.
	Err error
}

// probes remembers for a moment how a search went.
type probes struct{ memo *memo.Memo[State] }

// probeFor is how long the outcome of a search is believed: whoever asks more often costs
// nothing.
const probeFor = 2 * time.Second

func (k *Keeper) newProbes() *memo.Memo[State] {
	return &memo.Memo[State]{
		Read: func(ctx context.Context, _ string) (State, error) { return k.probe(ctx), nil },
		Keep: probeFor, Limit: 1, Now: time.Now, Absent: func(error) bool { return false },
	}
}

// State searches, at most once in two seconds, and says how that went.
func (k *Keeper) State(ctx context.Context) State {
	s, err := k.probes.memo.Get(ctx, "")
	if err != nil {
		s.Err = err
	}
	return s
}

func (k *Keeper) probe(ctx context.Context) State {
	l, err := k.Acquire(ctx)
	if err != nil {
		return State{Err: err}
	}
	defer l.GiveBack()
	_, err = l.Search(ctx, search.Query{PerPage: 1})
	s := State{Release: l.Release, Behind: l.Behind, Err: err}
	if l.Behind {
		k.mu.Lock()
		defer k.mu.Unlock()
		s.Failure = k.err
	}
	return s
}
