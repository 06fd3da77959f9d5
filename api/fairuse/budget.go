package fairuse

import "time"

// quota is an amount per minute; 0 sets no limit. It can be saved up to one minute's.
type quota float64

// budget is what a client has left of a quota. It may be negative, but by no more than
// one minute's quota.
type budget struct {
	left float64
	at   time.Time
}

// rounding is less than anybody counts.
const rounding = 1e-6

// fill adds what has come in since the last time; a new budget is full.
func (b *budget) fill(q quota, now time.Time) { b.spend(q, 0, now) }

// spend takes an amount that was used until now.
func (b *budget) spend(q quota, amount float64, now time.Time) {
	if b.at.IsZero() {
		b.left, b.at = float64(q), now
	}
	income := float64(q) * max(0, now.Sub(b.at)).Minutes()
	b.left = min(float64(q), max(-float64(q), b.left+income-amount))
	b.at = now
}

// has reports whether an amount is there.
func (b *budget) has(amount float64) bool { return b.left >= amount-rounding }

// until is how long it takes until an amount is there.
func (b *budget) until(q quota, amount float64) time.Duration {
	if b.has(amount) || q <= 0 {
		return 0
	}
	return time.Duration((amount - b.left) / float64(q) * float64(time.Minute)).Round(time.Millisecond)
}
