package alerts

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/jobs"
)

// bookName is the document of what was told so far.
const bookName = "alerts/told.json"

// book is what was told so far, of all jobs. It changes by conditional writes.
type book struct {
	// Store is a random name, with which the ids of a store begin: one receiver may hear of
	// several.
	Store string           `json:"store"`
	Jobs  map[string]watch `json:"jobs"`
}

// readBook returns the book and its version, which is empty for a new one.
func readBook(ctx context.Context, s store) (b book, version string, err error) {
	version, err = objects.ReadDocument(ctx, s, bookName, &b)
	if errors.Is(err, objects.ErrNotFound) {
		b, err = book{Store: rand.Text()[:10]}, nil
	}
	if b.Jobs == nil {
		b.Jobs = map[string]watch{}
	}
	return b, version, err
}

// look reads what is recorded of the jobs, puts what is to be told into the outbox, and
// notes that it is there. If it ends in between, the next look does the same again.
func (k *Keeper) look(ctx context.Context) error {
	known, version, err := k.open(ctx)
	if err != nil {
		return err
	}
	before := maps.Clone(known.Jobs)
	var failures []error
	for _, job := range k.Jobs {
		w, there := before[job.Name]
		found, err := k.watch(ctx, job, &w, there)
		lost := k.add(ctx, known.Store, found)
		if lost == nil && !w.Since.IsZero() {
			known.Jobs[job.Name] = w
		}
		failures = append(failures, err, lost)
	}
	if !maps.Equal(before, known.Jobs) {
		_, err = objects.WriteDocument(ctx, k.Store, bookName, known, version)
		if errors.Is(err, objects.ErrConflict) {
			err = nil // another has just looked
		}
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

// open returns the book; a new one is written down, since its name must last before
// anything bears it.
func (k *Keeper) open(ctx context.Context) (book, string, error) {
	known, version, err := readBook(ctx, k.Store)
	if err == nil && version == "" {
		version, err = objects.WriteDocument(ctx, k.Store, bookName, known, "")
		if errors.Is(err, objects.ErrConflict) {
			return readBook(ctx, k.Store)
		}
	}
	return known, version, err
}

// watch takes what has happened to a job since it was looked at. If it ends in an error, w
// is at what it returns all the same.
func (k *Keeper) watch(ctx context.Context, job jobs.Job, w *watch, there bool) ([]happening, error) {
	now := k.Now()
	lease, err := k.Ledger.Lease(ctx, job.Name)
	if err != nil {
		return nil, err
	}
	if !there || lease.Fence < w.Run { // or the records were restored from a backup
		*w = begun(lease, k.since)
	}
	all, err := k.runs(ctx, lease, w)
	due := job.Schedule.Last(now)
	if err != nil || !w.overdue(lease, due, now) {
		return all, err
	}
	// It may have been done since the lease was read.
	lease, err = k.Ledger.Lease(ctx, job.Name)
	if err == nil && w.overdue(lease, due, now) {
		all = append(all, w.late(job.Name, due, now))
	}
	return all, err
}

// runs takes the runs that have ended, in order.
func (k *Keeper) runs(ctx context.Context, lease jobs.Lease, w *watch) (all []happening, err error) {
	for n := w.Run + 1; n <= lease.Fence; n++ {
		record, err := k.Ledger.Record(ctx, lease.Job, n)
		missing := errors.Is(err, objects.ErrNotFound)
		if err != nil && !missing {
			return all, err
		}
		if missing || record.Outcome == jobs.Running {
			if n == lease.Fence && lease.Holder != "" {
				break // under way
			}
		} else {
			all = append(all, w.ended(record)...)
		}
		w.Run = n
	}
	return all, nil
}
