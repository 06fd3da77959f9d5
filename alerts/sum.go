package alerts

import "time"

// lately is how long an alert that could not be delivered is counted.
const lately = 24 * time.Hour

// Sum is how the alerts of a store stand, as of the last look.
type Sum struct {
	// Readable says that they, and what is recorded of jobs, could be read.
	Readable bool
	Pending  int
	// Oldest is when the first of the pending ones was made; zero if there is none.
	Oldest time.Time
	// Undeliverable counts those that were given up in the last day.
	Undeliverable int
	// Delivered is when the last one was; zero if none is kept.
	Delivered time.Time
}

// Sum returns how the alerts stand; known is false before the first look.
func (k *Keeper) Sum() (s Sum, known bool) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	return k.sum, k.known
}

// tell keeps how the alerts stand.
func (k *Keeper) tell(readable bool) {
	s := Sum{Readable: readable}
	now := k.Now()
	for _, alert := range k.outbox.known {
		switch {
		case alert.State == Pending:
			s.Pending++
			if s.Oldest.IsZero() || alert.Made.Before(s.Oldest) {
				s.Oldest = alert.Made
			}
		case alert.State == Undeliverable && now.Sub(alert.Ended) < lately:
			s.Undeliverable++
		case alert.State == Delivered && alert.Ended.After(s.Delivered):
			s.Delivered = alert.Ended
		}
	}
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.sum, k.known = s, true
}
