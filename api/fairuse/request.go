package fairuse

import (
	"math"
	"time"
)

// cheapShare is the part of its weight that an easy answer costs.
const cheapShare = 0.1

// Request is a request that is being answered. It is not safe for concurrent use.
type Request struct {
	use    *Use
	record *record
	weight float64
	eased  bool
	ended  bool
}

// Call counts a request of a client, whose weight is 1 for an ordinary one. The caller
// ends it. Without a limit nothing is counted.
//
// Errors: [*RefusedError].
func (u *Use) Call(c Client, weight float64) (*Request, error) {
	if u.o.Calls <= 0 || weight <= 0 {
		return &Request{use: u, ended: true}, nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	now := time.Now()
	r := u.clients.find(c, now)
	if r.requests >= u.o.Requests {
		u.refused[TooManyAtOnce].Add(1)
		return nil, &RefusedError{Reason: TooManyAtOnce, Limit: u.o.Requests, Retry: time.Second}
	}
	r.calls.fill(u.calls(), now)
	if !r.calls.has(weight) {
		u.refused[TooManyCalls].Add(1)
		return nil, &RefusedError{Reason: TooManyCalls, Limit: u.o.Calls, Retry: r.calls.until(u.calls(), weight)}
	}
	r.calls.spend(u.calls(), weight, now)
	r.requests++
	return &Request{use: u, record: r, weight: weight}, nil
}

// Ease says that the answer is easy: from memory, or that nothing has changed. Then the
// request costs a tenth, however often it is said.
func (r *Request) Ease() {
	if r.ended || r.eased {
		return
	}
	r.eased = true
	r.use.mu.Lock()
	defer r.use.mu.Unlock()
	r.record.calls.spend(r.use.calls(), -r.weight*(1-cheapShare), time.Now())
}

// Done ends the request. It may be called twice.
func (r *Request) Done() {
	if r.ended {
		return
	}
	r.use.mu.Lock()
	defer r.use.mu.Unlock()
	r.ended = true
	r.record.requests--
}

// Standing is what a client has left of its calls.
type Standing struct {
	Limit, Remaining int
	// Reset is how long it takes until all are there again.
	Reset time.Duration
}

// Standing returns where a client stands; false if there is no limit.
func (u *Use) Standing(c Client) (Standing, bool) {
	if u.o.Calls <= 0 {
		return Standing{}, false
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	now := time.Now()
	r := u.clients.find(c, now)
	r.calls.fill(u.calls(), now)
	return Standing{u.o.Calls, max(0, int(math.Floor(r.calls.left+rounding))), r.calls.until(u.calls(), float64(u.o.Calls))}, true
}
