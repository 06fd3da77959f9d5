package alerts

import (
	"fmt"
	"strconv"
	"time"

	"github.com/parvis-opendata/parvis/jobs"
)

// happening is an event, and what tells it from all others of its store: job, due date
// (or run) and kind.
type happening struct {
	key   string
	event Event
}

// happened is what a run came to, as an event. Kind tells it from others of the same job
// and due date.
func happened(kind string, t Type, r jobs.Record, summary, command string) happening {
	d := Data{Summary: summary, Command: command, Job: r.Job, Due: r.Due, Run: r.Run, Outcome: r.Outcome, Attempt: r.Attempt, Error: r.Error}
	d.Retry, d.Final = r.Retry, r.Final()
	return happening{keyOf(r, kind), Event{t, stamp(r.End), d}}
}

func keyOf(r jobs.Record, kind string) string {
	when := "run" + strconv.FormatInt(r.Run, 10)
	if !r.Due.IsZero() {
		when = compact(r.Due)
	}
	return r.Job + "-" + when + "-" + kind
}

// compact is a time in a name.
func compact(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// spoken is a time in a sentence, by the clock of the schedule.
func spoken(t time.Time) string { return t.Format("2006-01-02 15:04 -07:00") }

// failed says that a run failed, and what follows.
func failed(kind string, r jobs.Record) happening {
	summary := fmt.Sprintf("Job %s %s (due %s, attempt %d)", r.Job, verb(r.Outcome), spoken(r.Due), r.Attempt)
	if r.Final() {
		return happened(kind, JobFailed, r, summary+" and is not tried again before the next due date.", "parvis jobs run "+r.Job)
	}
	return happened(kind, JobFailed, r, summary+" and is tried again at "+spoken(r.Retry.In(r.Due.Location()))+".", "parvis jobs show "+r.Job)
}

func verb(o jobs.Outcome) string {
	if o == jobs.Abandoned {
		return "was abandoned"
	}
	return string(o)
}

func refused(r jobs.Record) happening {
	summary := fmt.Sprintf("Job %s was refused (due %s): the data or the disclosure control said no. It is not tried again before the next due date.", r.Job, spoken(r.Due))
	return happened("refused", JobRefused, r, summary, "parvis jobs run "+r.Job)
}

func recovered(r jobs.Record) happening {
	summary := fmt.Sprintf("Job %s is well again: its run for %s is %s.", r.Job, spoken(r.Due), r.Outcome)
	h := happened("recovered", JobRecovered, r, summary, "parvis jobs show "+r.Job)
	h.event.Data.Release = r.Release
	return h
}

func late(job string, due, now time.Time) happening {
	d := Data{Summary: fmt.Sprintf("Job %s was due at %s and is not done.", job, spoken(due)), Command: "parvis health --work", Job: job, Due: due}
	return happening{keyOf(jobs.Record{Job: job, Due: due}, "late"), Event{JobLate, stamp(now), d}}
}

// mostDamaged bounds the events of one verification.
const mostDamaged = 20

// damaged are the releases that a run found damaged, an event each.
func damaged(r jobs.Record) (all []happening) {
	for i, found := range r.Damaged {
		summary := fmt.Sprintf("Release %s of %s is damaged: %d of its objects are missing or changed.", found.Release, found.Dataset, len(found.Objects))
		more := len(r.Damaged) - mostDamaged
		if i == mostDamaged-1 && more > 0 {
			summary += fmt.Sprintf(" So are %d more releases.", more)
		}
		d := Data{
			Summary: summary, Command: "parvis releases verify " + found.Dataset, Job: r.Job, Due: r.Due, Run: r.Run,
			Dataset: found.Dataset, Release: found.Release, Objects: found.Objects,
		}
		all = append(all, happening{keyOf(r, "damaged-"+found.Dataset+"-"+found.Release), Event{ReleaseDamaged, stamp(r.End), d}})
		if i == mostDamaged-1 {
			break
		}
	}
	return all
}
