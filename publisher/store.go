package publisher

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/publisher/release"
)

func discarded(reason string) []hub.Refusal {
	return []hub.Refusal{{Rule: RuleDiscardedContent, Reason: reason}}
}

// store puts the objects of the release into the store, its manifest last. A
// release of the same content that was stored before is verified instead.
func (r *run) store(ctx context.Context) error {
	if r.unchanged() {
		return nil
	}
	if r.adopted != nil {
		faults, err := r.archive.Verify(ctx, *r.adopted)
		if err != nil {
			return err
		}
		if len(faults) == 0 {
			r.manifest = *r.adopted
			return nil
		}
	}
	for i, o := range r.manifest.Objects {
		r.tell(StepStore, fmt.Sprintf("%d/%d %s", i+1, len(r.manifest.Objects), o.Name))
		if err := r.put(ctx, r.files[i].Path, o); err != nil {
			return err
		}
	}
	r.manifest.PublishedAt = r.Now().UTC().Truncate(time.Second)
	return r.archive.Seal(ctx, r.manifest)
}

// put stores one file.
func (r *run) put(ctx context.Context, path string, o release.Object) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = r.Store.Put(ctx, release.ObjectName(r.dataset.ID, r.manifest.Release, o.Name), file, o.Bytes)
	return err
}

// flip makes the release the served one, or, if nothing changed, records that the
// served one was checked.
func (r *run) flip(ctx context.Context) error {
	if err := r.point(ctx); err != nil || !indexed(r.Search, r.dataset) {
		return err
	}
	served := r.manifest
	if r.unchanged() {
		served = *r.previous
	}
	r.pruneIndexes(ctx, served)
	return nil
}

// point writes the pointer.
func (r *run) point(ctx context.Context) error {
	now := r.Now().UTC().Truncate(time.Second)
	next := r.current
	next.Dataset, next.CheckedAt = r.dataset.ID, now
	if r.request.Due.After(next.Due) {
		next.Due = r.request.Due.UTC()
	}
	if r.report != nil { // the hub was read
		next.CheckedExtract = r.report.ExtractDate.Format(time.DateOnly)
	}
	r.result.Dataset, r.result.DateExtract, r.result.Tables = r.dataset.ID, next.CheckedExtract, r.manifest.Tables
	if r.settled || r.unchanged() {
		r.result.Release, r.result.Unchanged, r.result.Objects, r.result.Tables = r.previous.Release, true, r.previous.Objects, r.previous.Tables
		return r.archive.Flip(ctx, next, r.currentVersion)
	}
	next = next.Serve(r.manifest, now)
	r.result.Release, r.result.Objects = r.manifest.Release, r.manifest.Objects
	err := r.archive.Flip(ctx, next, r.currentVersion)
	if errors.Is(err, release.ErrConflict) {
		// Another release was served meanwhile. Two that differ on a period must not
		// stay side by side.
		return errors.Join(err, r.archive.Unseal(context.WithoutCancel(ctx), r.manifest))
	}
	if err != nil {
		return err
	}
	// An operator or the retention may have removed it before it was served.
	before := r.current
	before.Dataset = r.dataset.ID
	return r.archive.StandBack(context.WithoutCancel(ctx), r.manifest.Release, before)
}
