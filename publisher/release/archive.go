package release

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/internal/objects"
)

// store is what the archive needs of object storage.
type store interface {
	Create(ctx context.Context, name string, data []byte) (objects.Info, error)
	Replace(ctx context.Context, name string, data []byte, version string) (objects.Info, error)
	Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, objects.Info, error)
	List(ctx context.Context, prefix string) iter.Seq2[objects.Info, error]
	Delete(ctx context.Context, name string) error
}

// maxDocument bounds the JSON documents of the archive.
const maxDocument = objects.MaxConditional

// Kinds of failure, for errors.Is.
var (
	// ErrNotFound: there is no such release, or nothing was published yet.
	ErrNotFound = errors.New("not found")
	// ErrConflict: another process moved the pointer meanwhile.
	ErrConflict = errors.New("pointer was moved by another process")
	// ErrGone: the release was pruned or withdrawn.
	ErrGone = errors.New("gone")
	// ErrFenced: a publication that took the lease later has come before this one.
	ErrFenced = errors.New("a later publication holds the lease")
)

// Archive is the releases of all datasets in a store.
type Archive struct{ store store }

// NewArchive returns the archive in a store.
func NewArchive(s store) *Archive { return &Archive{store: s} }

// Current returns the pointer of a dataset and the version of the pointer, which
// [Archive.Flip] wants back.
//
// Errors: [ErrNotFound] when nothing was published yet.
func (a *Archive) Current(ctx context.Context, dataset string) (c Current, version string, err error) {
	info, err := a.read(ctx, CurrentName(dataset), &c)
	return c, info.Version, err
}

// Flip makes c the pointer of its dataset if the pointer is still of the given
// version; empty means that there was none.
//
// Errors: [ErrConflict] when another process moved it meanwhile.
func (a *Archive) Flip(ctx context.Context, c Current, version string) error {
	_, err := a.flip(ctx, c, version)
	return err
}

// Manifest returns the manifest of a release, whatever has become of it.
//
// Errors: [ErrNotFound].
func (a *Archive) Manifest(ctx context.Context, dataset, id string) (Manifest, error) {
	var m Manifest
	if !ValidID(id) {
		return m, fmt.Errorf("release %q of %s: %w: a release is named like 20261122T041500Z-3f9c01ab", id, dataset, ErrNotFound)
	}
	_, err := a.read(ctx, ObjectName(dataset, id, ManifestName), &m)
	return m, err
}

// Seal writes the manifest of a release, which makes it exist.
func (a *Archive) Seal(ctx context.Context, m Manifest) error {
	data, err := marshal(m)
	if err != nil {
		return err
	}
	name := ObjectName(m.Dataset, m.Release, ManifestName)
	_, err = a.store.Create(ctx, name, data)
	if _, there := objects.Landed(ctx, a.store, name, data, err); there {
		return nil
	}
	return err
}

// Unseal takes back a release that was never served: without its manifest it does not
// exist, and [Archive.Prune] sweeps its objects. One that is served stays.
func (a *Archive) Unseal(ctx context.Context, m Manifest) error {
	c, _, err := a.Current(ctx, m.Dataset)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("take back release %s: %w; withdraw it", m.Release, err)
	}
	if c.Release == m.Release || slices.Contains(c.History, m.Release) {
		return nil
	}
	if err := a.store.Delete(ctx, ObjectName(m.Dataset, m.Release, ManifestName)); err != nil {
		return fmt.Errorf("take back release %s: %w; withdraw it", m.Release, err)
	}
	return nil
}

// Entry returns one release of the history.
//
// Errors: [ErrNotFound].
func (a *Archive) Entry(ctx context.Context, dataset, id string) (Entry, error) {
	m, err := a.Manifest(ctx, dataset, id)
	if err != nil {
		return Entry{}, err
	}
	c, _, err := a.Current(ctx, dataset)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Entry{}, err
	}
	return a.entry(ctx, m, c)
}

// entry reads the markers of a release.
func (a *Archive) entry(ctx context.Context, m Manifest, c Current) (Entry, error) {
	e := Entry{Manifest: m, State: Kept}
	for name, state := range map[string]State{withdrawnName: Withdrawn, prunedName: Pruned} {
		var mark Marker
		_, err := a.read(ctx, ObjectName(m.Dataset, m.Release, name), &mark)
		if errors.Is(err, ErrNotFound) || err == nil && e.State == Withdrawn {
			continue
		}
		if err != nil {
			return e, err
		}
		e.State, e.Since, e.Reason = state, mark.At, mark.Reason
	}
	if e.State == Kept && c.Release == m.Release {
		e.State = Served
	}
	return e, nil
}

// History returns the releases of a dataset, latest first.
func (a *Archive) History(ctx context.Context, dataset string) ([]Entry, error) {
	c, _, err := a.Current(ctx, dataset)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	found, err := a.scan(ctx, dataset)
	if err != nil {
		return nil, err
	}
	var entries []Entry
	for _, f := range found {
		if !slices.Contains(f.objects, ManifestName) {
			continue
		}
		m, err := a.Manifest(ctx, dataset, f.id)
		if err != nil {
			return nil, err
		}
		e := Entry{Manifest: m, State: Kept}
		if slices.Contains(f.objects, prunedName) || slices.Contains(f.objects, withdrawnName) {
			if e, err = a.entry(ctx, m, c); err != nil {
				return nil, err
			}
		} else if c.Release == m.Release {
			e.State = Served
		}
		entries = append(entries, e)
	}
	slices.Reverse(entries)
	return entries, nil
}

// found is a release as it lies in the store: its objects by name.
type found struct {
	id      string
	objects []string
}

// scan lists the releases of a dataset in order of time, those without manifest
// included.
func (a *Archive) scan(ctx context.Context, dataset string) ([]found, error) {
	var all []found
	for info, err := range a.store.List(ctx, releasesFolder(dataset)) {
		if err != nil {
			return nil, fmt.Errorf("list releases of %s: %w", dataset, err)
		}
		id, object, ok := splitName(dataset, info.Name)
		if !ok {
			continue
		}
		if len(all) == 0 || all[len(all)-1].id != id {
			all = append(all, found{id: id})
		}
		last := &all[len(all)-1]
		last.objects = append(last.objects, object)
	}
	return all, nil
}

// read decodes a JSON document of the store.
func (a *Archive) read(ctx context.Context, name string, into any) (objects.Info, error) {
	data, info, err := objects.ReadAll(ctx, a.store, name, maxDocument)
	if errors.Is(err, objects.ErrNotFound) {
		return info, fmt.Errorf("%s: %w", strings.TrimPrefix(name, "datasets/"), ErrNotFound)
	}
	if err != nil {
		return info, err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return info, fmt.Errorf("read %s: the document is damaged: %w", name, err)
	}
	return info, nil
}

// marshal encodes a document so that people can read it.
func marshal(v any) ([]byte, error) {
	b, err := json.MarshalIndent(v, "", "  ")
	return append(b, '\n'), err
}
