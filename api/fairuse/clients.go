package fairuse

import (
	"container/list"
	"time"
)

// forgetAfter is after how long a client that asks for nothing is forgotten. By then
// every budget is full again.
const forgetAfter = 10 * time.Minute

// record is what is known about a client.
type record struct {
	client   Client
	calls    budget
	time     budget // seconds of query time
	requests int    // under way
	queries  int    // that wait, run or pause
	exports  int    // of these
	seen     time.Time
}

func (r *record) idle() bool { return r.requests == 0 && r.queries == 0 }

// clients remembers so many clients; who was not seen for longest makes room. It is not
// safe for concurrent use.
type clients struct {
	most  int
	known map[Client]*list.Element // of *record
	order list.List                // the latest seen first
}

// find returns the record of a client, a new one if need be.
func (t *clients) find(c Client, now time.Time) *record {
	e, ok := t.known[c]
	if !ok {
		t.forget(now)
		e = t.order.PushFront(&record{client: c})
		t.known[c] = e
	}
	t.order.MoveToFront(e)
	r := e.Value.(*record) //nolint:forcetypeassert // the list holds nothing else
	r.seen = now
	return r
}

// forget makes room for one more client, and lets go of some that are long gone. Whoever
// is being answered stays: of these there are no more than connections.
func (t *clients) forget(now time.Time) {
	const steps = 16 // bound the time of one call
	e := t.order.Back()
	for range steps {
		if e == nil {
			return
		}
		r, before := e.Value.(*record), e.Prev() //nolint:forcetypeassert // the list holds nothing else
		if len(t.known) < t.most && now.Sub(r.seen) < forgetAfter {
			return
		}
		if r.idle() {
			t.order.Remove(e)
			delete(t.known, r.client)
		}
		e = before
	}
}
