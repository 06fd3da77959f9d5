package jobs

import (
	"errors"
	"fmt"
	"time"
)

// Times of a lease. The holder stops its job well before another may take it, so
// clocks may differ by a minute. If they differ by more, two runs may go on at once,
// and the number of the lease decides which of them has an effect.
const (
	leaseTime  = 3 * time.Minute // how long it lasts after each renewal
	renewEvery = 20 * time.Second
	renewBy    = 2 * time.Minute // a holder that has not renewed for so long stops
)

// Lease is the document of a job in the store: who runs it, and which due dates are
// served. Every change is a conditional write.
type Lease struct {
	Job string `json:"job"`
	// Fence is the number of the last run. It grows with each taking.
	Fence int64 `json:"fence"`
	// Done: no due date up to this one needs a run any more.
	Done time.Time `json:"done,omitzero"`
	// Due and Attempt are those of the last run by the schedule; Retry is when its
	// due date may be tried again.
	Due     time.Time `json:"due,omitzero"`
	Attempt int       `json:"attempt,omitempty"`
	Retry   time.Time `json:"retry,omitzero"`
	// Holder is who runs the job, for people; "" for nobody. Place is the working
	// directory that it runs in, by a random name.
	Holder string    `json:"holder,omitempty"`
	Place  string    `json:"place,omitempty"`
	ByHand bool      `json:"by_hand,omitempty"`
	Since  time.Time `json:"since,omitzero"`
	Until  time.Time `json:"until,omitzero"`
}

// ErrNotDue means that a due date needs no run, or not yet.
var ErrNotDue = errors.New("not due")

// HeldError says who runs a job.
type HeldError struct{ Lease }

func (e *HeldError) Error() string {
	return fmt.Sprintf("job %s is run by %s since %s, whose lease ends at %s unless it is renewed; wait for it, or stop it",
		e.Job, e.Holder, e.Since.Format(time.RFC3339), e.Until.Format(time.RFC3339))
}

// Order is a run to make.
type Order struct {
	// Due is the due date that it serves, if it comes to a good end; zero for none.
	Due    time.Time
	ByHand bool
}

// taken is the lease after somebody took it; after is the greatest number that is
// known elsewhere.
func (l Lease) taken(o Order, holder, place string, after int64, now time.Time) Lease {
	l.Fence = max(l.Fence, after) + 1
	l.Holder, l.Place, l.ByHand, l.Since = holder, place, o.ByHand, now
	if !o.ByHand {
		if !o.Due.Equal(l.Due) {
			l.Due, l.Attempt = o.Due, 0
		}
		l.Attempt++
		l.Retry = time.Time{}
	}
	return l.renewed(now)
}

func (l Lease) renewed(now time.Time) Lease {
	l.Until = now.Add(leaseTime)
	return l
}

// record is that of the run that the lease was taken for, at its start.
func (l Lease) record(o Order) Record {
	r := Record{Job: l.Job, Run: l.Fence, Due: o.Due, ByHand: o.ByHand, Worker: l.Holder, Start: l.Since, Outcome: Running}
	if !o.ByHand {
		r.Attempt = l.Attempt
	}
	return r
}

// after is the lease after its run has ended.
func (l Lease) after(r Record) Lease {
	l.Holder, l.Place, l.ByHand, l.Since, l.Until = "", "", false, time.Time{}, time.Time{}
	if (r.Good() || r.Final() && r.Outcome != Abandoned) && r.Due.After(l.Done) {
		l.Done = r.Due
	}
	if !r.ByHand {
		l.Retry = r.Retry
	}
	return l
}

// wants reports whether a due date is to be served now by a run of the schedule.
func (l Lease) wants(due, now time.Time) bool {
	waits := l.Due.Equal(due) && (now.Before(l.Retry) || l.Exhausted())
	return due.After(l.Done) && !waits
}

// Exhausted reports whether the due date that was tried last was tried often enough.
func (l Lease) Exhausted() bool { return l.Attempt >= maxAttempts }
