package alerts

import (
	"time"

	"github.com/parvis-opendata/parvis/jobs"
)

const (
	// grace is how long a job may be due before it is late, as in the rules for Prometheus.
	grace = 6 * time.Hour
	// remind is how long a job may fail on before that is said again.
	remind = 24 * time.Hour
	// back is how many runs are looked at that were there before anybody watched.
	back = 10
)

// watch is what was told of a job so far.
type watch struct {
	// Since is when watching began; what ended before is not told.
	Since time.Time `json:"since"`
	// Run is the last run that was looked at.
	Run int64 `json:"run"`
	// Failed is the due date whose failures were told of, and Told when the last of them was.
	Failed time.Time `json:"failed,omitzero"`
	Told   time.Time `json:"told,omitzero"`
	// Late is the last due date that was told to be late.
	Late time.Time `json:"late,omitzero"`
	// Open is the latest due date that something was wrong with; zero if all is well.
	Open time.Time `json:"open,omitzero"`
}

// begun is a watch of a job that nobody has watched.
func begun(lease jobs.Lease, now time.Time) watch {
	return watch{Since: stamp(now), Run: max(0, lease.Fence-back)}
}

// ended takes a run that ended, and returns what is to be told of it.
func (w *watch) ended(r jobs.Record) []happening {
	if r.End.Before(w.Since) {
		return nil
	}
	all := damaged(r)
	switch {
	case r.Good():
		if !w.Open.IsZero() && !r.Due.Before(w.Open) {
			w.Open = time.Time{}
			all = append(all, recovered(r))
		}
	case r.ByHand:
		// Whoever ran it has seen it.
	case r.Outcome == jobs.Refused:
		w.open(r.Due)
		all = append(all, refused(r))
	case r.Final():
		w.open(r.Due)
		all = append(all, failed("given-up", r))
	case r.Outcome == jobs.Failed:
		all = append(all, w.failedAgain(r)...)
	}
	return all
}

// failedAgain tells of the first failure of a due date, and then of one a day.
func (w *watch) failedAgain(r jobs.Record) []happening {
	kind := "failed"
	switch {
	case !r.Due.Equal(w.Failed):
	case r.End.Sub(w.Told) >= remind:
		kind = "failed-" + compact(r.End)
	default:
		return nil
	}
	w.open(r.Due)
	w.Failed, w.Told = r.Due, r.End
	return []happening{failed(kind, r)}
}

// overdue reports whether a due date is late that was not told to be.
func (w *watch) overdue(lease jobs.Lease, due, now time.Time) bool {
	from := due
	if w.Since.After(from) {
		from = w.Since
	}
	return due.After(lease.Done) && now.Sub(from) >= grace && !due.Equal(w.Late)
}

// late tells that a due date is.
func (w *watch) late(job string, due, now time.Time) happening {
	w.open(due)
	w.Late = due
	return late(job, due, now)
}

func (w *watch) open(due time.Time) {
	if due.After(w.Open) {
		w.Open = due
	}
}
