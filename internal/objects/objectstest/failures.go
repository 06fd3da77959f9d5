package objectstest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/parvis-opendata/parvis/internal/objects"
)

var errBody = errors.New("the disk that the body is on is broken")

var failures = []outcome{
	{"a body that fails leaves what was there", func(t *testing.T, s objects.Store) {
		body := func() io.Reader { return io.MultiReader(noise(300_000), iotest.ErrReader(errBody)) }
		leavesOld(t, s, errBody, body, 400_000)
		leavesOld(t, s, errBody, body, -1)
	}},
	{"a body that fails late in many megabytes leaves what was there", func(t *testing.T, s objects.Store) {
		body := func() io.Reader { return io.MultiReader(noise(20_000_000), iotest.ErrReader(errBody)) }
		leavesOld(t, s, errBody, body, 20_000_001)
		leavesOld(t, s, errBody, body, -1)
	}},
	{"a body that is shorter than announced leaves what was there", func(t *testing.T, s objects.Store) {
		leavesOld(t, s, objects.ErrInvalid, func() io.Reader { return noise(99_999) }, 100_000)
		leavesOld(t, s, objects.ErrInvalid, func() io.Reader { return noise(0) }, 1)
	}},
	{"a body that is longer than announced leaves what was there", func(t *testing.T, s objects.Store) {
		leavesOld(t, s, objects.ErrInvalid, func() io.Reader { return noise(100_001) }, 100_000)
		leavesOld(t, s, objects.ErrInvalid, func() io.Reader { return iotest.OneByteReader(noise(11)) }, 10)
		leavesOld(t, s, objects.ErrInvalid, func() io.Reader { return noise(1) }, 0)
	}},
	{"a size below minus one is refused", func(t *testing.T, s objects.Store) {
		leavesOld(t, s, objects.ErrInvalid, func() io.Reader { return noise(1) }, -2)
	}},
	{"a body in small pieces is read back", func(t *testing.T, s objects.Store) {
		data := []byte("in small pieces")
		for _, body := range []io.Reader{
			iotest.OneByteReader(bytes.NewReader(data)),
			iotest.DataErrReader(bytes.NewReader(data)),
			iotest.HalfReader(bytes.NewReader(data)),
		} {
			if _, err := s.Put(t.Context(), "x", body, int64(len(data))); err != nil {
				t.Fatal(err)
			}
			wantBytes(t, s, "x", data)
		}
	}},
	{"a cancelled context stops every verb", func(t *testing.T, s objects.Store) {
		mustPut(t, s, "d/x", []byte("old"))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for _, v := range allVerbs {
			wantError(t, v.call(ctx, s, "d/x"), context.Canceled)
			wantError(t, v.call(ctx, s, "d/y"), context.Canceled)
		}
		wantBytes(t, s, "d/x", []byte("old"))
		wantNames(t, s, "", "d/x")
	}},
	{"a context cancelled within the body leaves what was there", func(t *testing.T, s objects.Store) {
		mustPut(t, s, "d/x", []byte("old"))
		ctx, cancel := context.WithCancel(t.Context())
		body := io.MultiReader(noise(300_000), callReader(cancel), noise(300_000))
		_, err := s.Put(ctx, "d/x", body, -1)
		wantError(t, err, context.Canceled)
		wantBytes(t, s, "d/x", []byte("old"))
	}},
	{"a context cancelled within a read stops the reader", func(t *testing.T, s objects.Store) {
		if _, err := s.Put(t.Context(), "x", noise(8<<20), 8<<20); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		r, _, err := s.Open(ctx, "x", 0, -1)
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		_, err = io.Copy(io.Discard, r)
		wantError(t, err, context.Canceled)
		if err := r.Close(); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}},
}

// callReader calls a function when its turn to be read comes, and is empty.
type callReader func()

func (call callReader) Read([]byte) (int, error) {
	call()
	return 0, io.EOF
}

// leavesOld fails unless a Put fails with want, both over an object, which stays, and over none, which stays so.
func leavesOld(t *testing.T, s objects.Store, want error, body func() io.Reader, size int64) {
	t.Helper()
	before := mustPut(t, s, "d/x", []byte("old"))
	_, err := s.Put(t.Context(), "d/x", body(), size)
	wantError(t, err, want)
	wantBytes(t, s, "d/x", []byte("old"))
	wantVersion(t, s, "d/x", before.Version)
	_, err = s.Put(t.Context(), "new/y", body(), size)
	wantError(t, err, want)
	wantAbsent(t, s, "new/y")
	wantNames(t, s, "", "d/x")
}
