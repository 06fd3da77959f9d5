package objectstest

import (
	"testing"

	"github.com/parvis-opendata/parvis/internal/objects"
)

var conditions = []outcome{
	{"create takes a free name", func(t *testing.T, s objects.Store) {
		mustCreate(t, s, "d/x", []byte("first"))
		wantBytes(t, s, "d/x", []byte("first"))
	}},
	{"create of a taken name conflicts and changes nothing", func(t *testing.T, s objects.Store) {
		before := mustCreate(t, s, "d/x", []byte("first"))
		for _, data := range []string{"other", "first", ""} {
			_, err := s.Create(t.Context(), "d/x", []byte(data))
			wantError(t, err, objects.ErrConflict)
		}
		wantBytes(t, s, "d/x", []byte("first"))
		wantVersion(t, s, "d/x", before.Version)
	}},
	{"create of a deleted name succeeds", func(t *testing.T, s objects.Store) {
		mustCreate(t, s, "d/x", []byte("first"))
		if err := s.Delete(t.Context(), "d/x"); err != nil {
			t.Fatal(err)
		}
		mustCreate(t, s, "d/x", []byte("second"))
		wantBytes(t, s, "d/x", []byte("second"))
	}},
	{"replace of the current version succeeds", func(t *testing.T, s objects.Store) {
		info := mustCreate(t, s, "d/x", []byte("0"))
		for _, data := range []string{"1", "22", "333"} {
			next, err := s.Replace(t.Context(), "d/x", []byte(data), info.Version)
			if err != nil {
				t.Fatal(err)
			}
			wantBytes(t, s, "d/x", []byte(data))
			wantVersion(t, s, "d/x", next.Version)
			info = next
		}
	}},
	{"replace accepts the versions that stat, open and list tell", func(t *testing.T, s objects.Store) {
		mustPut(t, s, "d/x", []byte("0"))
		mustReplace(t, s, "1", mustStat(t, s, "d/x").Version)
		_, opened, err := objects.ReadAll(t.Context(), s, "d/x", 10)
		if err != nil {
			t.Fatal(err)
		}
		mustReplace(t, s, "2", opened.Version)
		for listed, err := range s.List(t.Context(), "d/") {
			if err != nil {
				t.Fatal(err)
			}
			mustReplace(t, s, "3", listed.Version)
		}
		wantBytes(t, s, "d/x", []byte("3"))
	}},
	{"replace of a stale version conflicts and changes nothing", func(t *testing.T, s objects.Store) {
		stale := mustCreate(t, s, "d/x", []byte("aaa"))
		current := mustPut(t, s, "d/x", []byte("bbb"))
		_, err := s.Replace(t.Context(), "d/x", []byte("ccc"), stale.Version)
		wantError(t, err, objects.ErrConflict)
		wantBytes(t, s, "d/x", []byte("bbb"))
		wantVersion(t, s, "d/x", current.Version)
	}},
	{"replace by equal bytes yields a version that can be replaced", equalBytes},
	{"replace with another object's version conflicts", func(t *testing.T, s objects.Store) {
		mustCreate(t, s, "d/x", []byte("x"))
		other := mustCreate(t, s, "d/y", []byte("y"))
		_, err := s.Replace(t.Context(), "d/x", []byte("z"), other.Version)
		wantError(t, err, objects.ErrConflict)
	}},
	{"replace with an unheard-of version conflicts", func(t *testing.T, s objects.Store) {
		mustCreate(t, s, "d/x", []byte("x"))
		_, err := s.Replace(t.Context(), "d/x", []byte("z"), "unheard-of")
		wantError(t, err, objects.ErrConflict)
	}},
	{"replace of a deleted object does not bring it back", func(t *testing.T, s objects.Store) {
		info := mustCreate(t, s, "d/x", []byte("x"))
		if err := s.Delete(t.Context(), "d/x"); err != nil {
			t.Fatal(err)
		}
		_, err := s.Replace(t.Context(), "d/x", []byte("z"), info.Version)
		wantError(t, err, objects.ErrNotFound)
		wantAbsent(t, s, "d/x")
	}},
	{"conditional writes take up to the limit and no more", limit},
}

func mustReplace(t *testing.T, s objects.Store, data, version string) {
	t.Helper()
	if _, err := s.Replace(t.Context(), "d/x", []byte(data), version); err != nil {
		t.Fatal(err)
	}
}

func wantVersion(t *testing.T, s objects.Store, name, want string) {
	t.Helper()
	if got := mustStat(t, s, name).Version; got != want {
		t.Fatalf("version of %s is %q, want %q", name, got, want)
	}
}

// equalBytes allows a store to keep the version, or to change it; what it must not do is to accept the old one
// beside a new one.
func equalBytes(t *testing.T, s objects.Store) {
	first := mustCreate(t, s, "d/x", []byte("same"))
	second, err := s.Replace(t.Context(), "d/x", []byte("same"), first.Version)
	if err != nil {
		t.Fatal(err)
	}
	if second.Version != first.Version {
		_, err := s.Replace(t.Context(), "d/x", []byte("lost"), first.Version)
		wantError(t, err, objects.ErrConflict)
	}
	mustReplace(t, s, "other", second.Version)
	wantBytes(t, s, "d/x", []byte("other"))
}

func limit(t *testing.T, s objects.Store) {
	data := make([]byte, objects.MaxConditional+1)
	_, err := s.Create(t.Context(), "d/x", data)
	wantError(t, err, objects.ErrInvalid)
	wantAbsent(t, s, "d/x")
	info := mustCreate(t, s, "d/x", data[1:])
	_, err = s.Replace(t.Context(), "d/x", data, info.Version)
	wantError(t, err, objects.ErrInvalid)
	wantBytes(t, s, "d/x", data[1:])
	_, err = s.Replace(t.Context(), "d/x", []byte("x"), "")
	wantError(t, err, objects.ErrInvalid)
}
