package fairuse

import (
	"fmt"
	"strings"
	"time"
)

// Reason is why something is refused.
type Reason int

// Reasons. The first ones are about the client itself, the others about all clients.
const (
	TooManyCalls  Reason = iota // more calls per minute than one client may make
	TooMuchTime                 // more query time per minute than one client may use
	TooManyAtOnce               // more at once than one client may ask for
	QueueFull                   // too many queries wait
	WaitedTooLong               // a query waited for longer than it is worth
	reasons
)

// String is the name of the reason.
func (r Reason) String() string {
	return [...]string{"too_many_calls", "too_much_query_time", "too_many_at_once", "queue_full", "waited_too_long"}[r]
}

// RefusedError is an error that says that there is no place, and when to ask again.
type RefusedError struct {
	Reason Reason
	// Limit is how much one client may have: calls per minute, seconds of query time per
	// minute, or things at once; 0 when the reason is not the client's.
	Limit int
	// Retry is how long the client should wait.
	Retry time.Duration
}

// Error implements error.
func (r *RefusedError) Error() string {
	return fmt.Sprintf("refused: %s; retry after %s", strings.ReplaceAll(r.Reason.String(), "_", " "), r.Retry)
}

// Own reports whether the client alone is the reason.
func (r *RefusedError) Own() bool { return r.Reason <= TooManyAtOnce }

// Seconds is Retry in whole seconds, at least one.
func (r *RefusedError) Seconds() int { return int((max(r.Retry, 1) + time.Second - 1) / time.Second) }
