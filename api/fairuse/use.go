package fairuse

import (
	"container/list"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Options say how much there is to share. What is left out has a default that suits a
// small machine.
type Options struct {
	// Calls are those that a client may make per minute; 0 sets no limits by client, but
	// for QueryTime.
	Calls int
	// QueryTime is the query time that a client may use per minute; 0 sets no limit.
	QueryTime time.Duration
	// Requests are those of one client that are answered at once; 128 if zero.
	Requests int
	// Clients is how many are remembered; 65 536 if zero.
	Clients int
	// Slots is how many queries run at once; two per core, at least 4, if zero.
	Slots int
	// Queue is how many queries wait; 256 if zero.
	Queue int
	// Wait is how long a query waits; 10 seconds if zero.
	Wait time.Duration
	// Exports is how many exports may be under way at once, those included that wait for
	// their client; 64 if zero.
	Exports int
}

func (o *Options) complete() {
	for value, standard := range map[*int]int{
		&o.Requests: 128, &o.Clients: 1 << 16, &o.Slots: max(4, 2*runtime.GOMAXPROCS(0)), &o.Queue: 256, &o.Exports: 64,
	} {
		if *value <= 0 {
			*value = standard
		}
	}
	if o.Wait <= 0 {
		o.Wait = 10 * time.Second
	}
}

// Use shares the service. It is safe for concurrent use.
type Use struct {
	o       Options
	gate    gate
	refused [reasons]atomic.Int64 // calls
	tallies [lanes]tally

	mu      sync.Mutex // of what follows
	clients clients
	exports int // under way
}

// New returns a Use that nobody makes use of yet.
func New(o Options) *Use {
	o.complete()
	return &Use{o: o, gate: gate{slots: o.Slots, queue: o.Queue}, clients: clients{most: o.Clients, known: map[Client]*list.Element{}}}
}

// calls and time are the quotas of a client.
func (u *Use) calls() quota { return quota(u.o.Calls) }

func (u *Use) time() quota { return quota(u.o.QueryTime.Seconds()) }

// queries and exports of one client that may be under way at once.
func (u *Use) ownQueries() int { return max(4, u.o.Queue/8) }

func (u *Use) ownExports() int { return max(2, u.o.Exports/8) }
