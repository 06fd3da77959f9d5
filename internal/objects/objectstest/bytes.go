package objectstest

import (
	"bytes"
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/internal/objects"
)

var wholeObjects = []outcome{
	{"an empty object is read back", readsBack(0)},
	{"one byte is read back", readsBack(1)},
	{"a megabyte is read back", readsBack(1 << 20)},
	{"a hundred megabytes are read back", func(t *testing.T, s objects.Store) {
		if testing.Short() {
			t.Skip("a hundred megabytes take too long for -short")
		}
		streams(t, s, 100_000_000, 100_000_000)
	}},
	{"a stream of unknown size is read back", func(t *testing.T, s objects.Store) { streams(t, s, 20_000_000, -1) }},
	{"put replaces an object by a shorter one", func(t *testing.T, s objects.Store) {
		mustPut(t, s, "d/x", []byte("long before"))
		mustPut(t, s, "d/x", []byte("short"))
		wantBytes(t, s, "d/x", []byte("short"))
	}},
	{"put, stat, open and list tell the same of an object", sameInfo},
	{"read all refuses an object above its limit", func(t *testing.T, s objects.Store) {
		mustPut(t, s, "x", []byte("four"))
		_, _, err := objects.ReadAll(t.Context(), s, "x", 3)
		wantError(t, err, objects.ErrInvalid)
	}},
	{"the probe passes and leaves nothing", func(t *testing.T, s objects.Store) {
		if err := objects.Probe(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		wantNames(t, s, "")
	}},
}

// noise returns a stream of bytes that depends on nothing but its length.
func noise(size int64) io.Reader {
	return io.LimitReader(rand.NewChaCha8([32]byte{1}), size)
}

func readsBack(size int64) func(*testing.T, objects.Store) {
	return func(t *testing.T, s objects.Store) {
		data, err := io.ReadAll(noise(size))
		if err != nil {
			t.Fatal(err)
		}
		mustPut(t, s, "put/x.parquet", data)
		wantBytes(t, s, "put/x.parquet", data)
		info := mustCreate(t, s, "create/x.parquet", data)
		wantBytes(t, s, "create/x.parquet", data)
		if _, err := s.Replace(t.Context(), "create/x.parquet", append(data, '.'), info.Version); err != nil {
			t.Fatal(err)
		}
		wantBytes(t, s, "create/x.parquet", append(data, '.'))
	}
}

// streams writes and reads an object without ever holding it in memory.
func streams(t *testing.T, s objects.Store, size, announced int64) {
	t.Helper()
	sent := sha256.New()
	info, err := s.Put(t.Context(), "big.bin", io.TeeReader(noise(size), sent), announced)
	if err != nil {
		t.Fatal(err)
	}
	r, opened, err := s.Open(t.Context(), "big.bin", 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	got := sha256.New()
	n, err := io.Copy(got, r)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if n != size || info.Size != size || opened.Size != size {
		t.Errorf("read %d bytes, put says %d, open says %d, want %d", n, info.Size, opened.Size, size)
	}
	if !bytes.Equal(got.Sum(nil), sent.Sum(nil)) {
		t.Error("the bytes read are not the bytes written")
	}
}

func sameInfo(t *testing.T, s objects.Store) {
	written := mustPut(t, s, "d/x", []byte("bytes"))
	want := mustStat(t, s, "d/x")
	if want.Modified.IsZero() || want.Version == "" || want.Name != "d/x" || want.Size != 5 {
		t.Errorf("incomplete: %+v", want)
	}
	if written.Modified.IsZero() {
		written.Modified = want.Modified // a write need not tell
	}
	r, opened, err := s.Open(t.Context(), "d/x", 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	got := []objects.Info{written, opened}
	for info, err := range s.List(t.Context(), "d/") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, info)
	}
	if diff := cmp.Diff([]objects.Info{want, want, want}, got); diff != "" {
		t.Errorf("stat against put, open, list (-stat +others):\n%s", diff)
	}
}
