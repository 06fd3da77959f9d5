// Package memo remembers for a moment what was read from a store that may be slow, or
// away.
package memo

import (
	"container/list"
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	// readTimeout bounds one read of the store for a [Memo].
	readTimeout = 5 * time.Second
	// patience is how long such a read is waited for while an older value would do.
	patience = time.Second
)

// Memo remembers what was read from the store. Whoever asks for a key that is
// being read waits for that read. That there is nothing under a key is
// remembered too, for as long as a value; other failures are not.
type Memo[T any] struct {
	Read func(ctx context.Context, key string) (T, error)
	// Keep is how long what was read is taken as true.
	Keep time.Duration
	// Stale is the age up to which a value stands in for one that cannot be read.
	Stale time.Duration
	// Weigh returns the weight of a value; nil weighs each 1. When the sum is over
	// Limit, what was not asked for longest is forgotten.
	Weigh func(T) int64
	Limit int64
	Now   func() time.Time
	// Absent reports whether an error says that the store was read, and there is nothing.
	Absent func(error) bool

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

// Get returns what is under a key, as it was at most Keep ago.
//
// Errors: those of the read; of ctx.
func (m *Memo[T]) Get(ctx context.Context, key string) (T, error) {
	held, ok := m.look(key)
	if ok && m.Now().Sub(held.tried) < m.Keep {
		return held.value, held.err
	}
	done := m.flights.DoChan(key, func() (any, error) {
		// The read serves everybody who waits, so it outlives the first who asked.
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
		defer cancel()
		value, err := m.Read(limited, key)
		return m.settle(key, value, err)
	})
	var enough <-chan time.Time
	if ok && m.Now().Sub(held.read) <= m.Stale {
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

// Forget makes the next Get read again.
func (m *Memo[T]) Forget(key string) {
	m.flights.Forget(key)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drop(m.held[key])
}

func (m *Memo[T]) look(key string) (memory[T], bool) {
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
func (m *Memo[T]) settle(key string, value T, err error) (T, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.Now()
	if err != nil && !m.Absent(err) {
		e, ok := m.held[key]
		if !ok || now.Sub(recall[T](e).read) > m.Stale {
			return value, err
		}
		old := recall[T](e)
		old.tried = now
		return old.value, old.err
	}
	m.hold(&memory[T]{key: key, value: value, err: err, read: now, tried: now, weight: m.weightOf(value)})
	return value, err
}

func (m *Memo[T]) hold(one *memory[T]) {
	if m.held == nil {
		m.held = map[string]*list.Element{}
	}
	m.drop(m.held[one.key])
	m.held[one.key] = m.order.PushFront(one)
	m.weight += one.weight
	for m.weight > m.Limit && m.order.Len() > 1 {
		m.drop(m.order.Back())
	}
}

func (m *Memo[T]) drop(e *list.Element) {
	if e == nil {
		return
	}
	one := recall[T](e)
	m.order.Remove(e)
	delete(m.held, one.key)
	m.weight -= one.weight
}

func (m *Memo[T]) weightOf(value T) int64 {
	if m.Weigh == nil {
		return 1
	}
	return 1 + m.Weigh(value)
}

func recall[T any](e *list.Element) *memory[T] { return e.Value.(*memory[T]) } //nolint:forcetypeassert // the list holds nothing else
