package fairuse

import (
	"container/list"
	"context"
	"sync"
)

// Lane is a kind of query. When not all queries can run, the lanes take turns, and within
// a lane the clients do.
type Lane int

// Lanes. One slot in four is for pages alone, and exports have at most half of the slots.
const (
	Page      Lane = iota // reads some rows
	Aggregate             // groups or aggregates all rows
	Export                // reads all rows
	lanes
)

// String is the name of the lane.
func (l Lane) String() string { return [...]string{"page", "aggregate", "export"}[l] }

// gate lets so many queries run at once.
type gate struct {
	slots int // how many run at once
	queue int // how many may wait

	mu      sync.Mutex // of what follows
	busy    [lanes]int // those that run
	waiting int        // in all lines
	lines   [lanes]line
	next    Lane // whose turn it is
}

// waiter waits for a slot.
type waiter struct {
	lane   Lane
	client Client
	ready  chan struct{} // closed with the lock held, when it has a slot
}

func (w *waiter) served() bool {
	select {
	case <-w.ready:
		return true
	default:
		return false
	}
}

// enter waits for a slot until ctx ends. One that is patient waits however many others
// do; else it is refused at once when too many wait: then false.
func (g *gate) enter(ctx context.Context, c Client, lane Lane, patient bool) (bool, error) {
	w := &waiter{lane, c, make(chan struct{})}
	g.mu.Lock()
	g.lines[lane].push(w)
	g.waiting++
	g.dispatch()
	if !patient && !w.served() && g.waiting > g.queue {
		g.drop(w)
		g.mu.Unlock()
		return false, nil
	}
	g.mu.Unlock()
	select {
	case <-w.ready:
		return true, nil
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if w.served() { // a moment ago; somebody else will have it
		g.busy[lane]--
		g.dispatch()
	} else {
		g.drop(w)
	}
	return false, context.Cause(ctx)
}

// leave gives a slot back.
func (g *gate) leave(lane Lane) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.busy[lane]--
	g.dispatch()
}

// drop forgets a waiter. The lock is held.
func (g *gate) drop(w *waiter) {
	g.lines[w.lane].remove(w)
	g.waiting--
}

// dispatch gives the free slots to those who wait. The lock is held.
func (g *gate) dispatch() {
	for {
		lane, ok := g.turn()
		if !ok {
			return
		}
		w := g.lines[lane].pop()
		g.waiting--
		g.busy[lane]++
		g.next = (lane + 1) % lanes
		close(w.ready)
	}
}

// turn returns the next lane in which somebody waits who may run.
func (g *gate) turn() (Lane, bool) {
	for i := range lanes {
		lane := (g.next + i) % lanes
		if !g.lines[lane].empty() && g.fits(lane) {
			return lane, true
		}
	}
	return 0, false
}

// fits reports whether one more query of a lane may run.
func (g *gate) fits(lane Lane) bool {
	long := g.busy[Aggregate] + g.busy[Export]
	switch {
	case g.busy[Page]+long >= g.slots:
		return false
	case lane == Page:
		return true
	case long >= max(1, g.slots-max(1, g.slots/4)):
		return false
	}
	return lane == Aggregate || g.busy[Export] < max(1, g.slots/2)
}

// line is who waits in a lane: clients in turn, each with its queries in order.
type line struct {
	waiting int
	turns   list.List // of *turns
	byWhom  map[Client]*list.Element
}

// turns are the queries of one client.
type turns struct {
	client  Client
	waiters list.List // of *waiter
}

func (l *line) empty() bool { return l.turns.Len() == 0 }

func (l *line) push(w *waiter) {
	e, ok := l.byWhom[w.client]
	if !ok {
		if l.byWhom == nil {
			l.byWhom = map[Client]*list.Element{}
		}
		e = l.turns.PushBack(&turns{client: w.client})
		l.byWhom[w.client] = e
	}
	l.waiting++
	e.Value.(*turns).waiters.PushBack(w) //nolint:forcetypeassert // the list holds nothing else
}

// pop takes the first query of the client whose turn it is, which then is last.
func (l *line) pop() *waiter {
	e := l.turns.Front()
	t := e.Value.(*turns)                              //nolint:forcetypeassert // the list holds nothing else
	w := t.waiters.Remove(t.waiters.Front()).(*waiter) //nolint:forcetypeassert // nor does this one
	l.waiting--
	l.turns.MoveToBack(e)
	l.tidy(e, t)
	return w
}

func (l *line) remove(w *waiter) {
	e, ok := l.byWhom[w.client]
	if !ok {
		return
	}
	t := e.Value.(*turns) //nolint:forcetypeassert // the list holds nothing else
	for i := t.waiters.Front(); i != nil; i = i.Next() {
		if i.Value == any(w) {
			t.waiters.Remove(i)
			l.waiting--
			break
		}
	}
	l.tidy(e, t)
}

// tidy forgets a client that waits for nothing.
func (l *line) tidy(e *list.Element, t *turns) {
	if t.waiters.Len() == 0 {
		l.turns.Remove(e)
		delete(l.byWhom, t.client)
	}
}
