package api

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/publisher/release"
)

const (
	// readTimeout bounds one read of the store for a [memo].
	readTimeout = 5 * time.Second
	// patience is how long such a read is waited for while an older value would do.
	patience = time.Second
)

// memo remembers what was read from the store. Whoever asks for a key that is
// being read waits for that read. That there is nothing under a key is
// remembered too, for as long as a value; other failures are not.
type memo[T any] struct {
	read func(ctx context.Context, key string) (T, error)
	// keep is how long what was read is taken as true.
	keep time.Duration
	// stale is the age up to which a value stands in for one that cannot be read.
	stale time.Duration
	// weigh returns the weight of a value; nil weighs each 1. When the sum is over
	// limit, what was not asked for longest is forgotten.
	weigh func(T) int64
	limit int64
	now   func() time.Time

	flights singleflight.Group
	mu      sync.Mutex
	held    map[string]*list.Element // of *memory[T], the latest asked first
	order   list.List
	weight  int64
}

// memory is what one read came to.
type memory[T any] struct {
	key    string
	value  T
	err    error // nil or a kind of "not found"
	weight int64
	read   time.Time
	tried  time.Time // the last attempt to read, failed or not
}

// get returns what is under a key, as it was at most keep ago.
//
// Errors: those of the read; of ctx.
func (m *memo[T]) get(ctx context.Context, key string) (T, error) {
	held, ok := m.look(key)
	if ok && m.now().Sub(held.tried) < m.keep {
		return held.value, held.err
	}
	done := m.flights.DoChan(key, func() (any, error) {
		// The read serves everybody who waits, so it outlives the first who asked.
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
		defer cancel()
		value, err := m.read(limited, key)
		return m.settle(key, value, err)
	})
	var enough <-chan time.Time
	if ok && m.now().Sub(held.read) <= m.stale {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		enough = timer.C
	}
	var none T
	select {
	case <-ctx.Done():
		return none, ctx.Err()
	case <-enough: // the store hangs
		return held.value, held.err
	case result := <-done:
		value, _ := result.Val.(T)
		return value, result.Err
	}
}

// forget makes the next get read again.
func (m *memo[T]) forget(key string) {
	m.flights.Forget(key)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drop(m.held[key])
}

func (m *memo[T]) look(key string) (memory[T], bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.held[key]
	if !ok {
		return memory[T]{}, false
	}
	m.order.MoveToFront(e)
	return *recall[T](e), true
}

// settle remembers the outcome of a read, or puts an older value in its place.
func (m *memo[T]) settle(key string, value T, err error) (T, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	if err != nil && !isNotFound(err) {
		e, ok := m.held[key]
		if !ok || now.Sub(recall[T](e).read) > m.stale {
			return value, err
		}
		old := recall[T](e)
		old.tried = now
		return old.value, old.err
	}
	m.hold(&memory[T]{key: key, value: value, err: err, read: now, tried: now, weight: m.weightOf(value)})
	return value, err
}

func (m *memo[T]) hold(one *memory[T]) {
	if m.held == nil {
		m.held = map[string]*list.Element{}
	}
	m.drop(m.held[one.key])
	m.held[one.key] = m.order.PushFront(one)
	m.weight += one.weight
	for m.weight > m.limit && m.order.Len() > 1 {
		m.drop(m.order.Back())
	}
}

func (m *memo[T]) drop(e *list.Element) {
	if e == nil {
		return
	}
	one := recall[T](e)
	m.order.Remove(e)
	delete(m.held, one.key)
	m.weight -= one.weight
}

func (m *memo[T]) weightOf(value T) int64 {
	if m.weigh == nil {
		return 1
	}
	return 1 + m.weigh(value)
}

func recall[T any](e *list.Element) *memory[T] { return e.Value.(*memory[T]) } //nolint:forcetypeassert // the list holds nothing else

// isNotFound reports whether the store was read, and there is nothing.
func isNotFound(err error) bool {
	return errors.Is(err, objects.ErrNotFound) || errors.Is(err, release.ErrNotFound)
}
