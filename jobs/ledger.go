package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/traces"
)

// store is what a ledger needs of object storage.
type store interface {
	Create(ctx context.Context, name string, data []byte) (objects.Info, error)
	Replace(ctx context.Context, name string, data []byte, version string) (objects.Info, error)
	Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, objects.Info, error)
	List(ctx context.Context, prefix string) iter.Seq2[objects.Info, error]
	Delete(ctx context.Context, name string) error
}

// Ledger is what is recorded of jobs, in a store that all workers share: below jobs/,
// a lease and the records of the last runs of each. To read it, the store is enough.
// It is safe for concurrent use.
type Ledger struct {
	Store  store
	Place  Place
	Holder string // who runs jobs here, for people
	// Reached returns the greatest number of a run that the effect of a job bears, 0
	// for none.
	Reached func(ctx context.Context, job string) (int64, error)
	// Judge says what an error makes of a run, Refused or Failed, and whether it can
	// pass.
	Judge func(error) (o Outcome, passes bool)
	Now   func() time.Time
	Log   *slog.Logger
	// Traces is told of runs and their steps; nil if nobody is.
	Traces *traces.Tracer
}

// keptRuns is how many records are kept of each job: more than a year of daily runs.
const keptRuns = 400

// Lease returns the lease of a job; one that never ran has the zero lease.
func (l *Ledger) Lease(ctx context.Context, job string) (Lease, error) {
	lease, _, err := l.lease(ctx, job)
	return lease, err
}

func (l *Ledger) lease(ctx context.Context, job string) (lease Lease, version string, err error) {
	version, err = objects.ReadDocument(ctx, l.Store, leaseName(job), &lease)
	if errors.Is(err, objects.ErrNotFound) {
		return Lease{Job: job}, "", nil
	}
	return lease, version, err
}

// Record returns the record of a run.
//
// Errors: [objects.ErrNotFound].
func (l *Ledger) Record(ctx context.Context, job string, run int64) (Record, error) {
	var r Record
	_, err := objects.ReadDocument(ctx, l.Store, runName(job, run), &r)
	return r, err
}

// Runs returns the records of the last runs of a job, at most so many, latest first.
func (l *Ledger) Runs(ctx context.Context, job string, most int) ([]Record, error) {
	numbers, err := l.numbers(ctx, job)
	if err != nil {
		return nil, err
	}
	var all []Record
	for _, n := range slices.Backward(numbers[max(0, len(numbers)-most):]) {
		r, err := l.Record(ctx, job, n)
		if errors.Is(err, objects.ErrNotFound) {
			continue // removed meanwhile
		}
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// numbers lists the runs of which there are records, in order.
func (l *Ledger) numbers(ctx context.Context, job string) (all []int64, err error) {
	for info, err := range l.Store.List(ctx, runsFolder(job)) {
		if err != nil {
			return nil, fmt.Errorf("list runs of %s: %w", job, err)
		}
		if n, err := strconv.ParseInt(strings.TrimSuffix(path.Base(info.Name), ".json"), 10, 64); err == nil {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return all, nil
}

// forget removes the records of old runs.
func (l *Ledger) forget(ctx context.Context, job string) error {
	numbers, err := l.numbers(ctx, job)
	if err != nil {
		return err
	}
	for _, n := range numbers[:max(0, len(numbers)-keptRuns)] {
		if err := l.Store.Delete(ctx, runName(job, n)); err != nil {
			return err
		}
	}
	return nil
}
