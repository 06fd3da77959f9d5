package jobs

import (
	"fmt"
	"strings"
	"time"
)

// Outcome is what a run came to.
type Outcome string

// Outcomes of a run.
const (
	Running   Outcome = "running"
	Done      Outcome = "done"
	Unchanged Outcome = "unchanged" // there was nothing new
	Refused   Outcome = "refused"   // the data or the disclosure control said no
	Failed    Outcome = "failed"
	Abandoned Outcome = "abandoned" // it was stopped or killed, or lost its lease
)

// Record is what is kept of a run.
type Record struct {
	Job string `json:"job"`
	// Run is the number of the lease under which it ran: they grow.
	Run int64 `json:"run"`
	// Due is the due date that it serves; zero for a run by hand that serves none.
	Due time.Time `json:"due,omitzero"`
	// Attempt counts the runs of a due date from 1; 0 by hand.
	Attempt int    `json:"attempt,omitempty"`
	ByHand  bool   `json:"by_hand,omitempty"`
	Worker  string `json:"worker"`
	// Start and End are by the clock of the worker. A run that was killed ends when
	// another found that it was.
	Start   time.Time `json:"start"`
	End     time.Time `json:"end,omitzero"`
	Steps   []Step    `json:"steps,omitempty"`
	Result            // of a run that is done
	Outcome Outcome   `json:"outcome"`
	Error   string    `json:"error,omitempty"` // in one line
	// Damaged are the releases that the run found damaged.
	Damaged []Damage `json:"damaged,omitempty"`
	// Retry is when the due date may be tried again; zero for never.
	Retry time.Time `json:"retry,omitzero"`
}

// Step is a part of a run.
type Step struct {
	Name    string    `json:"name"`
	Start   time.Time `json:"start"`
	Seconds float64   `json:"seconds"`
}

// Result is what a job says that it has done.
type Result struct {
	// Input is what was read: the day of the extract.
	Input   string `json:"input,omitempty"`
	Release string `json:"release,omitempty"`
	Rows    int64  `json:"rows,omitempty"`
}

// Damage is what is wrong with a release that was published.
type Damage struct {
	Dataset string   `json:"dataset"`
	Release string   `json:"release"`
	Objects []string `json:"objects"` // which of them, and what is wrong with each
}

// Final reports whether the run failed and its due date is not tried again by itself.
func (r Record) Final() bool {
	exhausted := r.Outcome == Abandoned && r.Attempt >= maxAttempts
	return !r.ByHand && r.Retry.IsZero() && (r.Outcome == Refused || r.Outcome == Failed || exhausted)
}

// Good reports whether the run came to a good end.
func (r Record) Good() bool { return r.Outcome == Done || r.Outcome == Unchanged }

// Took returns how long the run took; until now if it has not ended.
func (r Record) Took(now time.Time) time.Duration {
	if r.End.IsZero() {
		return now.Sub(r.Start)
	}
	return r.End.Sub(r.Start)
}

// step begins a step, and ends the one before; the same again goes on. It reports whether
// one began.
func (r *Record) step(name string, now time.Time) bool {
	r.endStep(now)
	if n := len(r.Steps); n > 0 && r.Steps[n-1].Name == name {
		return false
	}
	r.Steps = append(r.Steps, Step{Name: name, Start: now})
	return true
}

func (r *Record) endStep(now time.Time) {
	if n := len(r.Steps); n > 0 && r.End.IsZero() {
		last := &r.Steps[n-1]
		last.Seconds = now.Sub(last.Start).Seconds()
	}
}

// maxError bounds the text of an error in a record.
const maxError = 1000

// oneLine is the text of an error in one line, not too long.
func oneLine(err error) string {
	text := strings.Join(strings.Fields(strings.ReplaceAll(err.Error(), "\n", "; ")), " ")
	if len(text) > maxError {
		text = strings.ToValidUTF8(text[:maxError], "") + "…"
	}
	return text
}

// folder is where the documents of a job lie in the store.
func folder(job string) string { return "jobs/" + job + "/" }

func leaseName(job string) string { return folder(job) + "lease.json" }

func runsFolder(job string) string { return folder(job) + "runs/" }

// runName sorts as the number does.
func runName(job string, run int64) string { return fmt.Sprintf("%s%010d.json", runsFolder(job), run) }
