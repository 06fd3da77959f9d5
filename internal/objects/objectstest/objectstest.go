// Package objectstest is the contract of [objects.Store] in executable form.
//
// It owns the suite that every store must pass, and nothing that is particular to one store. A subtest is named for
// the outcome that it demands. The suite relies on nothing but the contract: it passes over a store that takes
// versions from the content, that gives times in whole seconds, and that does not mind a name which is also a folder.
package objectstest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/internal/objects"
)

// outcome is one demand on a store.
type outcome struct {
	name  string
	check func(t *testing.T, s objects.Store)
}

// Run runs the suite. Open returns an empty store for one test and takes it away with t.Cleanup; it may skip.
func Run(t *testing.T, open func(t *testing.T) objects.Store) {
	t.Helper()
	for _, o := range slices.Concat(wholeObjects, ranges, conditions, absences, names, listings, failures, races) {
		t.Run(o.name, func(t *testing.T) { o.check(t, open(t)) })
	}
}

// mustPut writes an object of which the size is known.
func mustPut(t *testing.T, s objects.Store, name string, data []byte) objects.Info {
	t.Helper()
	info, err := s.Put(t.Context(), name, bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func mustCreate(t *testing.T, s objects.Store, name string, data []byte) objects.Info {
	t.Helper()
	info, err := s.Create(t.Context(), name, data)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func mustStat(t *testing.T, s objects.Store, name string) objects.Info {
	t.Helper()
	info, err := s.Stat(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// wantBytes fails unless the object holds exactly these bytes.
func wantBytes(t *testing.T, s objects.Store, name string, want []byte) {
	t.Helper()
	got, _, err := objects.ReadAll(t.Context(), s, name, int64(len(want))+1)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("%s holds %d bytes %.40q, want %d bytes %.40q", name, len(got), got, len(want), want)
	}
}

func wantAbsent(t *testing.T, s objects.Store, name string) {
	t.Helper()
	_, err := s.Stat(t.Context(), name)
	wantError(t, err, objects.ErrNotFound)
	wantNames(t, s, name)
}

// wantNames fails unless a listing yields exactly these names in this order.
func wantNames(t *testing.T, s objects.Store, prefix string, want ...string) {
	t.Helper()
	var got []string
	for info, err := range s.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, info.Name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("names that begin with %q (-want +got):\n%s", prefix, diff)
	}
}

// wantError fails unless err is of the kind want.
func wantError(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want one that is %q", err, want)
	}
}

// verb is a call of one verb on a name with arguments that are right in themselves.
type verb struct {
	name string
	call func(ctx context.Context, s objects.Store, name string) error
}

var (
	put = verb{"put", func(ctx context.Context, s objects.Store, name string) error {
		_, err := s.Put(ctx, name, bytes.NewReader([]byte("new")), 3)
		return err
	}}
	create = verb{"create", func(ctx context.Context, s objects.Store, name string) error {
		_, err := s.Create(ctx, name, []byte("new"))
		return err
	}}
	replace = verb{"replace", func(ctx context.Context, s objects.Store, name string) error {
		_, err := s.Replace(ctx, name, []byte("new"), "some-version")
		return err
	}}
	open = verb{"open", func(ctx context.Context, s objects.Store, name string) error {
		r, _, err := s.Open(ctx, name, 0, -1)
		if err != nil {
			return err
		}
		return r.Close()
	}}
	stat = verb{"stat", func(ctx context.Context, s objects.Store, name string) error {
		_, err := s.Stat(ctx, name)
		return err
	}}
	remove = verb{"delete", func(ctx context.Context, s objects.Store, name string) error {
		return s.Delete(ctx, name)
	}}

	allVerbs = []verb{put, create, replace, open, stat, remove}
)
