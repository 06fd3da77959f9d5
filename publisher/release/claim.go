package release

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/parvis-opendata/parvis/internal/objects"
)

// claimTries is how often a claim that was overtaken looks again: more often than there are
// publications at once. A store that contradicts itself would otherwise be asked for ever.
const claimTries = 20

// Claim returns the pointer of a dataset as [Archive.Current] does, the zero one if
// there is none, for a publication that holds the dataset's lease under a number that
// grows with each taking. The pointer that is returned carries the number, to be
// flipped.
//
// If the publication before did not come to its flip, it may have been paused, and
// wake up: the pointer is then rewritten with the number at once, so that its flip
// is in conflict. Nothing of what is served changes.
//
// Errors: [ErrFenced] when a publication with a greater number has been here; [ErrConflict] when
// others move the pointer all the time.
func (a *Archive) Claim(ctx context.Context, dataset string, fence int64) (c Current, version string, err error) {
	for range claimTries {
		c, version, err = a.Current(ctx, dataset)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return c, version, err
		}
		if c.Fence > fence {
			return c, "", fmt.Errorf("claim pointer of %s: %w: it has number %d, this one %d; nothing to do, that one publishes", dataset, ErrFenced, c.Fence, fence)
		}
		flipped := !c.Claimed && c.Fence >= fence-1
		c.Dataset, c.Fence, c.Claimed = dataset, fence, false
		if flipped {
			return c, version, nil
		}
		claimed := c
		claimed.Claimed = true
		version, err = a.flip(ctx, claimed, version)
		if !errors.Is(err, ErrConflict) {
			return c, version, err
		}
	}
	return c, "", err
}

// Fence returns the number of the publication that last wrote the pointer of a
// dataset, 0 for none.
func (a *Archive) Fence(ctx context.Context, dataset string) (int64, error) {
	c, _, err := a.Current(ctx, dataset)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return c.Fence, err
}

// TakeBack unseals what publications left that were killed between their manifest
// and the pointer, and whose place another release has taken since: two that differ
// on a period must not stay side by side. What was stored on top of the served
// release stays, for the next publication to adopt.
//
// Result: the releases taken back.
func (a *Archive) TakeBack(ctx context.Context, c Current) (taken []string, err error) {
	if len(c.History) == 0 {
		return nil, nil
	}
	found, err := a.scan(ctx, c.Dataset)
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		// Older ones may have left the history of the pointer, which is bounded.
		if !f.kept() || slices.Contains(c.History, f.id) || f.id < c.History[0] {
			continue
		}
		m, err := a.Manifest(ctx, c.Dataset, f.id)
		if err != nil {
			return taken, err
		}
		if m.Previous == c.Release {
			continue
		}
		if err := a.Unseal(ctx, m); err != nil {
			return taken, err
		}
		taken = append(taken, f.id)
	}
	return taken, nil
}

// kept reports whether a release is whole, by the names of its objects.
func (f found) kept() bool {
	return slices.Contains(f.objects, ManifestName) && !slices.Contains(f.objects, prunedName) && !slices.Contains(f.objects, withdrawnName)
}

// flip is [Archive.Flip], and returns the new version of the pointer.
func (a *Archive) flip(ctx context.Context, c Current, version string) (string, error) {
	data, err := marshal(c)
	if err != nil {
		return "", err
	}
	name := CurrentName(c.Dataset)
	var info objects.Info
	if version == "" {
		info, err = a.store.Create(ctx, name, data)
	} else {
		info, err = a.store.Replace(ctx, name, data, version)
	}
	if err == nil {
		return info.Version, nil
	}
	if there, landed := objects.Landed(ctx, a.store, name, data, err); landed {
		return there, nil
	}
	if errors.Is(err, objects.ErrConflict) || errors.Is(err, objects.ErrNotFound) {
		return "", fmt.Errorf("flip pointer of %s: %w; look at the served release, then run again", c.Dataset, ErrConflict)
	}
	return "", fmt.Errorf("flip pointer of %s: %w; run again, whichever release is served now", c.Dataset, err)
}
