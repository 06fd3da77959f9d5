// Package alerts tells the operator what went wrong with the jobs, and when it is well
// again, by a signed webhook.
//
// It owns what is worth an alert, the outbox that alerts wait in, and how they are
// delivered. Nobody tells it what happened: it reads what is recorded of jobs, so that no
// job waits for an alert or fails by one, and a run that nobody watched is told of all the
// same.
//
// Invariant: the same records lead to the same alerts under the same ids, on any worker
// and after any crash. An alert in the outbox is delivered at least once, until it is
// given up, which is said.
package alerts

import (
	"time"

	"github.com/parvis-opendata/parvis/jobs"
)

// Type is what an event says.
type Type string

// Types of events.
const (
	JobFailed      Type = "job.failed"
	JobRefused     Type = "job.refused"
	JobLate        Type = "job.late"
	JobRecovered   Type = "job.recovered"
	ReleaseDamaged Type = "release.damaged"
	Test           Type = "test"
)

// Event is the body of a webhook.
type Event struct {
	Type Type `json:"type"`
	// Timestamp is when it happened, by the clock of the worker.
	Timestamp time.Time `json:"timestamp"`
	Data      Data      `json:"data"`
}

// Data is what a person needs to know of an event. It holds nothing but what is recorded
// of runs.
type Data struct {
	Summary string `json:"summary"` // a sentence
	Command string `json:"command"` // what to run next
	Job     string `json:"job,omitempty"`
	// Due is the due date; absent for a run by hand that serves none.
	Due     time.Time    `json:"due,omitzero"`
	Run     int64        `json:"run,omitempty"`
	Outcome jobs.Outcome `json:"outcome,omitempty"`
	Attempt int          `json:"attempt,omitempty"`
	// Retry is when it is tried again. Final: it is not, before the next due date.
	Retry time.Time `json:"retry,omitzero"`
	Final bool      `json:"final,omitempty"`
	// Error is that of the run; it says the remedy.
	Error   string   `json:"error,omitempty"`
	Dataset string   `json:"dataset,omitempty"`
	Release string   `json:"release,omitempty"`
	Objects []string `json:"objects,omitempty"` // which, and what is wrong with each
}

// NewTest is an event that says nothing but that webhooks arrive.
func NewTest(now time.Time) Event {
	return Event{Test, stamp(now), Data{Summary: "This is a test of the alerts of Parvis: nothing is wrong.", Command: "parvis alerts list"}}
}

// stamp is a time as documents hold it.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
