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
// error that names the first object that is damaged.
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
	next := Current{
		Dataset: dataset, Release: id, DateExtract: e.Manifest.DateExtract, ServedSince: now.UTC(),
		CheckedAt: c.CheckedAt, CheckedExtract: c.CheckedExtract, Discarded: discard(c.Discarded, e.Manifest.ContentDigest, ""),
	}
	if left, err := a.Manifest(ctx, dataset, c.Release); err == nil {
		next.Discarded = discard(next.Discarded, e.Manifest.ContentDigest, left.ContentDigest)
	}
	return a.Flip(ctx, next, version)
}

// discard returns the list without the content now served and with the content
// now turned away from.
func discard(list []string, served, left string) []string {
	out := slices.DeleteFunc(slices.Clone(list), func(d string) bool { return d == served || d == left })
	if left != "" && left != served {
		out = append(out, left)
	}
	return out
}

// Withdraw takes a release down for good: the pointer moves to the latest older
// release that is kept (to none, if there is none), the release is marked, its
// objects are deleted, its manifest stays. It may be repeated after a crash.
//
// Result: the names of the objects removed, whose public addresses must be purged
// from caches, and the release served now, "" for none.
func (a *Archive) Withdraw(ctx context.Context, dataset, id, reason string, now time.Time) (removed []string, served string, err error) {
	e, err := a.Entry(ctx, dataset, id)
	if err != nil {
		return nil, "", fmt.Errorf("withdraw %s: %w", dataset, err)
	}
	if served, err = a.stepAside(ctx, e.Manifest, now); err != nil {
		return nil, "", fmt.Errorf("withdraw %s %s: %w", dataset, id, err)
	}
	if err := a.mark(ctx, e.Manifest, withdrawnName, Marker{At: now.UTC(), Reason: reason}); err != nil {
		return nil, "", fmt.Errorf("withdraw %s %s: %w", dataset, id, err)
	}
	removed, err = a.empty(ctx, dataset, id)
	return removed, served, err
}

// stepAside moves the pointer away from a release, and returns what is served.
func (a *Archive) stepAside(ctx context.Context, m Manifest, now time.Time) (string, error) {
	c, version, err := a.Current(ctx, m.Dataset)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	if err != nil || c.Release != m.Release {
		return c.Release, err
	}
	history, err := a.History(ctx, m.Dataset)
	if err != nil {
		return "", err
	}
	next := Current{Dataset: m.Dataset, ServedSince: now.UTC(), CheckedAt: c.CheckedAt, CheckedExtract: c.CheckedExtract, Discarded: c.Discarded}
	for _, e := range history {
		if e.State == Kept && e.Manifest.Release < m.Release && e.Manifest.ContentDigest != m.ContentDigest {
			next.Release, next.DateExtract = e.Manifest.Release, e.Manifest.DateExtract
			break
		}
	}
	return next.Release, a.Flip(ctx, next, version)
}

// mark writes a marker beside a manifest; one that is there already stays.
func (a *Archive) mark(ctx context.Context, m Manifest, name string, mark Marker) error {
	data, err := marshal(mark)
	if err != nil {
		return err
	}
	_, err = a.store.Create(ctx, ObjectName(m.Dataset, m.Release, name), data)
	if errors.Is(err, objects.ErrConflict) {
		return nil
	}
	return err
}

// empty deletes all objects of a release but its manifest and markers.
func (a *Archive) empty(ctx context.Context, dataset, id string) ([]string, error) {
	var names, removed []string
	for info, err := range a.store.List(ctx, Folder(dataset, id)) {
		if err != nil {
			return nil, fmt.Errorf("list release %s of %s: %w", id, dataset, err)
		}
		names = append(names, info.Name)
	}
	for _, name := range names {
		_, object, _ := splitName(dataset, name)
		if slices.Contains([]string{ManifestName, prunedName, withdrawnName}, object) {
			continue
		}
		if err := a.store.Delete(ctx, name); err != nil {
			return removed, fmt.Errorf("delete %s: %w", name, err)
		}
		removed = append(removed, object)
	}
	return removed, nil
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
