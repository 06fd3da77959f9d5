package release

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/parvis-opendata/parvis/internal/objects"
)

// Rollback serves an older release again. The content from which the operator
// turned away is not published again by itself ([Current.Discarded]).
//
// Errors: [ErrNotFound]; [ErrGone] when the release has no objects any more; an
// error that names the first object that is damaged; [ErrConflict] when another
// process moved the pointer, or removes the release, at the same time.
func (a *Archive) Rollback(ctx context.Context, dataset, id string, now time.Time) error {
	c, version, err := a.Current(ctx, dataset)
	if err != nil {
		return fmt.Errorf("roll back %s: %w", dataset, err)
	}
	e, err := a.Entry(ctx, dataset, id)
	if err != nil {
		return fmt.Errorf("roll back %s: %w", dataset, err)
	}
	if e.State == Served {
		return nil
	}
	if e.State != Kept {
		return fmt.Errorf("roll back %s to %s: %w: the release is %s; choose one that is kept (parvis releases list %s)", dataset, id, ErrGone, e.State, dataset)
	}
	faults, err := a.Verify(ctx, e.Manifest)
	if err != nil {
		return fmt.Errorf("roll back %s: %w", dataset, err)
	}
	if len(faults) > 0 {
		return fmt.Errorf("roll back %s to %s: %s; choose another release", dataset, id, faults[0])
	}
	next := c
	if left, err := a.Manifest(ctx, dataset, c.Release); err == nil && left.ContentDigest != e.Manifest.ContentDigest {
		next = next.discard(left.ContentDigest)
	}
	if err := a.Flip(ctx, next.Serve(e.Manifest, now), version); err != nil {
		return err
	}
	return a.StandBack(ctx, id, c)
}

// StandBack undoes a flip to a release that another process was removing: that
// process marks first and looks at the pointer then, we flip first and look at the
// markers then, so one of the two sees the other. before is the pointer before the flip.
// A pointer that has moved on stays.
//
// Errors: [ErrConflict] when what was served before is served.
func (a *Archive) StandBack(ctx context.Context, id string, before Current) error {
	state := State("taken back")
	e, err := a.Entry(ctx, before.Dataset, id)
	switch {
	case err == nil && (e.State == Served || e.State == Kept):
		return nil
	case err == nil:
		state = e.State
	case !errors.Is(err, ErrNotFound):
		return fmt.Errorf("release %s of %s is served, but whether another process removes it is not known: %w; run again", id, before.Dataset, err)
	}
	c, version, err := a.Current(ctx, before.Dataset)
	if err == nil && c.Release != id {
		return nil
	}
	if err == nil {
		err = a.Flip(ctx, before, version)
	}
	return errors.Join(fmt.Errorf("serve release %s of %s: %w: the release was %s at the same time; what was served before is served", id, before.Dataset, ErrConflict, state), err)
}

// Withdraw takes a release down for good: it is marked, so that nobody reads it
// any more; the pointer moves to the release that was served before (to none, if
// there is none); its objects are deleted, its manifest stays; its content is not
// published again by itself. It may be repeated after a crash.
//
// Result: the release served now, "" for none. The public addresses of all objects
// of the release must be purged from caches.
func (a *Archive) Withdraw(ctx context.Context, dataset, id, reason string, now time.Time) (m Manifest, served string, err error) {
	if m, err = a.Manifest(ctx, dataset, id); err != nil {
		return m, "", fmt.Errorf("withdraw %s: %w", dataset, err)
	}
	if err := a.mark(ctx, m, withdrawnName, Marker{At: now.UTC(), Reason: reason}); err != nil {
		return m, "", fmt.Errorf("withdraw %s %s: %w", dataset, id, err)
	}
	if served, err = a.stepAside(ctx, m, now); err != nil {
		return m, "", fmt.Errorf("withdraw %s %s: the release is marked, but still pointed to: %w; withdraw it again", dataset, id, err)
	}
	return m, served, a.empty(ctx, dataset, id)
}

// stepAside notes that the content of a release must not come back, moves the
// pointer away from it, and returns what is served.
func (a *Archive) stepAside(ctx context.Context, m Manifest, now time.Time) (string, error) {
	c, version, err := a.Current(ctx, m.Dataset)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	next := c.discard(m.ContentDigest)
	if c.Release == m.Release {
		before, err := a.lastServed(ctx, next)
		if err != nil {
			return "", err
		}
		if before != nil {
			next = next.Serve(*before, now)
		} else {
			next.Release, next.DateExtract, next.ServedSince = "", "", now.UTC()
		}
	}
	return next.Release, a.Flip(ctx, next, version)
}

// lastServed returns the release that was served last, is kept, and was not
// discarded; nil if there is none.
func (a *Archive) lastServed(ctx context.Context, c Current) (*Manifest, error) {
	entries, err := a.History(ctx, c.Dataset)
	if err != nil {
		return nil, err
	}
	for _, id := range slices.Backward(c.History) {
		i := slices.IndexFunc(entries, func(e Entry) bool { return e.Manifest.Release == id })
		if i < 0 || id == c.Release {
			continue
		}
		if m := entries[i].Manifest; entries[i].State == Kept && !slices.Contains(c.Discarded, m.ContentDigest) {
			return &m, nil
		}
	}
	return nil, nil
}

// mark writes a marker beside a manifest; one that is there already stays.
func (a *Archive) mark(ctx context.Context, m Manifest, name string, mark Marker) error {
	data, err := marshal(mark)
	if err != nil {
		return err
	}
	name = ObjectName(m.Dataset, m.Release, name)
	_, err = a.store.Create(ctx, name, data)
	if _, there := objects.Landed(ctx, a.store, name, data, err); there || errors.Is(err, objects.ErrConflict) {
		return nil
	}
	return err
}

// empty deletes all objects of a release but its manifest and markers.
func (a *Archive) empty(ctx context.Context, dataset, id string) error {
	var names []string
	for info, err := range a.store.List(ctx, Folder(dataset, id)) {
		if err != nil {
			return fmt.Errorf("list release %s of %s: %w", id, dataset, err)
		}
		names = append(names, info.Name)
	}
	for _, name := range names {
		_, object, _ := splitName(dataset, name)
		if slices.Contains([]string{ManifestName, prunedName, withdrawnName}, object) {
			continue
		}
		if err := a.store.Delete(ctx, name); err != nil {
			return fmt.Errorf("delete %s: %w", name, err)
		}
	}
	return nil
}

// Verify reads every object of a release and compares it with the manifest.
//
// Result: one line per object that is missing or differs. Errors: the store
// cannot be read.
func (a *Archive) Verify(ctx context.Context, m Manifest) (faults []string, err error) {
	for _, o := range m.Objects {
		fault, err := a.verifyObject(ctx, m, o)
		if err != nil {
			return nil, err
		}
		if fault != "" {
			faults = append(faults, o.Name+" "+fault)
		}
	}
	return faults, nil
}

func (a *Archive) verifyObject(ctx context.Context, m Manifest, o Object) (fault string, err error) {
	body, info, err := a.store.Open(ctx, ObjectName(m.Dataset, m.Release, o.Name), 0, -1)
	if errors.Is(err, objects.ErrNotFound) {
		return "is missing", nil
	}
	if err != nil {
		return "", fmt.Errorf("verify %s: %w", o.Name, err)
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	if info.Size != o.Bytes {
		return fmt.Sprintf("has %d bytes, the manifest says %d", info.Size, o.Bytes), nil
	}
	h := sha256.New()
	if _, err := io.Copy(h, body); err != nil {
		return "", fmt.Errorf("verify %s: %w", o.Name, err)
	}
	if hex.EncodeToString(h.Sum(nil)) != o.SHA256 {
		return "has another SHA-256 than the manifest says", nil
	}
	return "", nil
}
