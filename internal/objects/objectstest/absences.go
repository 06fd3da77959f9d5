package objectstest

import (
	"io"
	"testing"

	"github.com/parvis-opendata/parvis/internal/objects"
)

var absences = []outcome{
	{"a missing object is not found by any verb that needs one", func(t *testing.T, s objects.Store) {
		mustPut(t, s, "d/file", []byte("x"))
		for _, name := range []string{"none", "d/none", "none/none", "d"} {
			for _, v := range []verb{open, stat, replace} {
				t.Run(v.name+" "+name, func(t *testing.T) {
					wantError(t, v.call(t.Context(), s, name), objects.ErrNotFound)
				})
			}
		}
	}},
	{"delete of a missing object is no error", func(t *testing.T, s objects.Store) {
		mustPut(t, s, "d/file", []byte("x"))
		for _, name := range []string{"none", "d/none", "none/none", "d"} {
			if err := s.Delete(t.Context(), name); err != nil {
				t.Error(err)
			}
		}
		wantNames(t, s, "", "d/file")
	}},
	{"delete removes an object, twice is no error", func(t *testing.T, s objects.Store) {
		mustPut(t, s, "d/e/x", []byte("x"))
		mustPut(t, s, "d/y", []byte("y"))
		for range 2 {
			if err := s.Delete(t.Context(), "d/e/x"); err != nil {
				t.Fatal(err)
			}
			wantAbsent(t, s, "d/e/x")
		}
		wantNames(t, s, "", "d/y")
	}},
	{"a folder is free for an object once it is empty", func(t *testing.T, s objects.Store) {
		mustPut(t, s, "d/e/x", []byte("x"))
		if err := s.Delete(t.Context(), "d/e/x"); err != nil {
			t.Fatal(err)
		}
		mustCreate(t, s, "d", []byte("d"))
		wantNames(t, s, "", "d")
	}},
	{"an open reader survives a put and a delete", func(t *testing.T, s objects.Store) {
		old, err := io.ReadAll(noise(3 << 20))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name   string
			change func(t *testing.T)
		}{
			{"put", func(t *testing.T) { mustPut(t, s, "d/x", []byte("new")) }},
			{"delete", func(t *testing.T) {
				if err := s.Delete(t.Context(), "d/x"); err != nil {
					t.Fatal(err)
				}
			}},
		} {
			t.Run(c.name, func(t *testing.T) { readsOn(t, s, old, c.change) })
		}
	}},
}

// readsOn starts to read an object, changes what is under its name, and reads on.
func readsOn(t *testing.T, s objects.Store, old []byte, change func(t *testing.T)) {
	t.Helper()
	mustPut(t, s, "d/x", old)
	r, _, err := s.Open(t.Context(), "d/x", 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(old))
	if _, err := io.ReadFull(r, got[:1000]); err != nil {
		t.Fatal(err)
	}
	change(t)
	if _, err := io.ReadFull(r, got[1000:]); err != nil {
		t.Fatal(err)
	}
	if string(got) != string(old) {
		t.Error("the reader saw other bytes than it was opened on")
	}
	if n, err := r.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("after the last byte: %d bytes, error %v", n, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}
