package fairuse

import (
	"context"
	"errors"
	"time"

	"github.com/parvis-opendata/parvis/internal/traces"
)

// retryQueue is when to ask again if too many queries wait.
const retryQueue = 5 * time.Second

// errWaited ends the wait for a slot.
var errWaited = errors.New("waited too long for a slot")

// Turn is a query that has a slot. It is not safe for concurrent use.
type Turn struct {
	use    *Use
	client Client
	record *record
	lane   Lane
	since  time.Time // when it got the slot; zero while it has none
	left   bool
}

// Enter waits for a slot for a query of the client that ctx names ([WithClient]). The
// caller leaves it.
//
// Errors: [*RefusedError]; that of ctx.
func (u *Use) Enter(ctx context.Context, lane Lane) (_ *Turn, err error) {
	_, span := traces.Begin(ctx, "wait")
	span.Text("parvis.kind", lane.String())
	defer func() {
		var r *RefusedError
		if errors.As(err, &r) {
			u.tallies[lane].refused[r.Reason].Add(1)
			span.Text("parvis.refused", r.Reason.String())
		}
		span.End(err)
	}()
	return u.enter(ctx, lane)
}

func (u *Use) enter(ctx context.Context, lane Lane) (*Turn, error) {
	began := time.Now()
	t := &Turn{use: u, client: clientOf(ctx), lane: lane}
	if err := u.admit(t); err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeoutCause(ctx, u.o.Wait, errWaited)
	defer cancel()
	ok, err := u.gate.enter(limited, t.client, lane, false)
	switch {
	case ok:
		t.since = time.Now()
		u.tallies[lane].begun.Add(1)
		u.tallies[lane].waited.Add(int64(t.since.Sub(began)))
		return t, nil
	case errors.Is(err, errWaited):
		err = &RefusedError{Reason: WaitedTooLong, Retry: retryQueue}
	case err == nil:
		err = &RefusedError{Reason: QueueFull, Retry: retryQueue}
	}
	t.Leave()
	return nil, err
}

// admit counts a query that begins, if its client may ask for one more.
func (u *Use) admit(t *Turn) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	now := time.Now()
	r := u.clients.find(t.client, now)
	if u.o.Calls > 0 {
		if r.queries >= u.ownQueries() {
			return &RefusedError{Reason: TooManyAtOnce, Limit: u.ownQueries(), Retry: time.Second}
		}
		if t.lane == Export && r.exports >= u.ownExports() {
			return &RefusedError{Reason: TooManyAtOnce, Limit: u.ownExports(), Retry: retryQueue}
		}
	}
	if q := u.time(); q > 0 {
		r.time.fill(q, now)
		if r.time.left <= rounding {
			return &RefusedError{Reason: TooMuchTime, Limit: int(q), Retry: r.time.until(q, min(1, float64(q)))}
		}
	}
	if t.lane == Export {
		if u.exports >= u.o.Exports {
			return &RefusedError{Reason: QueueFull, Retry: retryQueue}
		}
		u.exports++
		r.exports++
	}
	r.queries++
	t.record = r
	return nil
}

// Pause gives the slot back for as long as the query waits for its client.
func (t *Turn) Pause() {
	if t.since.IsZero() {
		return
	}
	t.charge()
	t.use.gate.leave(t.lane)
}

// charge counts the time since the slot was had.
func (t *Turn) charge() {
	used := time.Since(t.since)
	t.since = time.Time{}
	t.use.tallies[t.lane].used.Add(int64(used))
	q := t.use.time()
	if q <= 0 {
		return
	}
	t.use.mu.Lock()
	defer t.use.mu.Unlock()
	t.record.time.spend(q, used.Seconds(), time.Now())
}

// Resume waits for a slot again, in turn with the others, until ctx ends.
func (t *Turn) Resume(ctx context.Context) error {
	if _, err := t.use.gate.enter(ctx, t.client, t.lane, true); err != nil {
		return err
	}
	t.since = time.Now()
	return nil
}

// Leave ends the query. It may be called twice.
func (t *Turn) Leave() {
	t.Pause()
	if t.left {
		return
	}
	t.left = true
	t.use.mu.Lock()
	defer t.use.mu.Unlock()
	t.record.queries--
	if t.lane == Export {
		t.record.exports--
		t.use.exports--
	}
}
