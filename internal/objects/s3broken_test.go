package objects_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/objects/s3test"
)

// putNoise writes an object of some megabytes and returns its bytes, the store, and the proxy in front of it.
func putNoise(t *testing.T) (data []byte, direct, s *objects.S3, proxy *s3test.Proxy) {
	t.Helper()
	direct, o := putOld(t, s3test.Start(t))
	data = []byte(largeText(t))[:3<<20]
	if _, err := direct.Put(t.Context(), "d/x", bytes.NewReader(data), int64(len(data))); err != nil {
		t.Fatal(err)
	}
	proxy, o = s3test.StartProxy(t, o)
	return data, direct, s3test.Open(t, o), proxy
}

func TestS3GoesOnReadingBehindABreak(t *testing.T) {
	data, _, s, proxy := putNoise(t)
	for _, c := range []struct {
		name           string
		offset, length int64
		faults         []s3test.Fault
	}{
		{"cut in the middle", 0, -1, []s3test.Fault{s3test.Cut(1 << 20)}},
		{"cut before the first byte", 0, -1, []s3test.Fault{s3test.Cut(0)}},
		{"cut before the last byte", 0, -1, []s3test.Fault{s3test.Cut(3<<20 - 1)}},
		{"cut several times", 0, -1, []s3test.Fault{s3test.Cut(1000), s3test.Cut(1000), s3test.Cut(0), s3test.Cut(1 << 20)}},
		{"silent in the middle", 0, -1, []s3test.Fault{s3test.Stall(1 << 20)}},
		{"silent, then cut", 0, -1, []s3test.Fault{s3test.Stall(0), s3test.Cut(5)}},
		{"a range cut", 100, 2 << 20, []s3test.Fault{s3test.Cut(1 << 20), s3test.Cut(7)}},
		{"a range to the end cut", 1 << 20, -1, []s3test.Fault{s3test.Cut(1 << 20), s3test.Cut(7)}},
		{"a range past the end cut", 1 << 20, 1 << 40, []s3test.Fault{s3test.Cut(1 << 20), s3test.Cut(7)}},
		{"cut, then errors", 0, -1, []s3test.Fault{s3test.Cut(5), s3test.Says(500, "InternalError"), s3test.Reset, s3test.Says(503, "SlowDown")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			proxy.Spoil(s3test.GetRequest, c.faults...)
			want := data[c.offset:]
			if c.length >= 0 {
				want = want[:min(c.length, int64(len(want)))]
			}
			r, info, err := s.Open(t.Context(), "d/x", c.offset, c.length)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("read %d bytes of %d, error %v", len(got), len(want), err)
			}
			if err := r.Close(); err != nil || info.Size != int64(len(data)) {
				t.Errorf("info %+v, error of close %v", info, err)
			}
			if got := proxy.Count(s3test.GetRequest); got != len(c.faults)+1 {
				t.Errorf("%d requests, want %d", got, len(c.faults)+1)
			}
		})
	}
}

// What is read at once is asked for again as a whole, so that a replacement does no harm.
func TestS3ReadsASmallObjectAgainBehindABreak(t *testing.T) {
	direct, o := putOld(t, s3test.Start(t))
	proxy, o := s3test.StartProxy(t, o)
	s := s3test.Open(t, o)
	proxy.Spoil(s3test.GetRequest, func(p *s3test.Proxy, w http.ResponseWriter, r *http.Request) {
		s3test.PassSome(p, w, r, 5)
		if err := putOther(r.Context(), direct); err != nil {
			t.Error(err)
		}
		panic(http.ErrAbortHandler)
	})
	data, info, err := objects.ReadAll(t.Context(), s, "d/x", 100)
	if err != nil || string(data) != "another's" {
		t.Errorf("read %q, error %v", data, err)
	}
	wantSame(t, direct, info)
}

func TestS3NeverTakesABreakForTheEnd(t *testing.T) {
	data, _, s, proxy := putNoise(t)
	for name, f := range map[string]s3test.Fault{"cut": s3test.Cut(10), "silent": s3test.Stall(10), "cut at once": s3test.Cut(0)} {
		t.Run(name, func(t *testing.T) {
			proxy.SpoilAll(s3test.GetRequest, f)
			r, _, err := s.Open(t.Context(), "d/x", 0, -1)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			wantError(t, err, objects.ErrUnavailable, "the connection broke 5 times")
			if !bytes.Equal(got, data[:len(got)]) {
				t.Error("other bytes")
			}
			if _, again := r.Read(make([]byte, 10)); again == nil || errors.Is(again, io.EOF) {
				t.Errorf("after the error: %v", again)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestS3DoesNotMixTwoWritesBehindABreak(t *testing.T) {
	data, direct, s, proxy := putNoise(t)
	for name, change := range map[string]func() error{
		"longer": func() error {
			_, err := direct.Put(t.Context(), "d/x", strings.NewReader(strings.Repeat("longer", 1<<20)), -1)
			return err
		},
		"shorter": func() error {
			_, err := direct.Put(t.Context(), "d/x", strings.NewReader("shorter"), -1)
			return err
		},
		"gone": func() error { return direct.Delete(t.Context(), "d/x") },
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := direct.Put(t.Context(), "d/x", bytes.NewReader(data), -1); err != nil {
				t.Fatal(err)
			}
			proxy.Spoil(s3test.GetRequest, s3test.Cut(1<<20))
			r, _, err := s.Open(t.Context(), "d/x", 0, -1)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if err := change(); err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			wantError(t, err, objects.ErrUnavailable, "read it again")
			if len(got) > 1<<20 || !bytes.Equal(got, data[:len(got)]) {
				t.Errorf("read %d bytes that are not those of the object", len(got))
			}
		})
	}
}

// A reader that is slow itself is not a server that stalls.
func TestS3WaitsForASlowReader(t *testing.T) {
	data, _, s, proxy := putNoise(t)
	proxy.Set(nil)
	r, _, err := s.Open(t.Context(), "d/x", 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got := make([]byte, len(data))
	if _, err := io.ReadFull(r, got[:10]); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * s3test.Impatient().Stall)
	if _, err := io.ReadFull(r, got[10:]); err != nil || !bytes.Equal(got, data) {
		t.Error("other bytes", err)
	}
	if got := proxy.Count(s3test.GetRequest); got != 1 {
		t.Errorf("%d requests, want 1", got)
	}
}

// A proxy that answers with something else than what was asked for must not be believed.
func TestS3RefusesAnAnswerThatIsNotTheRange(t *testing.T) {
	_, _, s, proxy := putNoise(t)
	for name, f := range map[string]s3test.Fault{
		"the whole object": func(_ *s3test.Proxy, w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"x"`)
			w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
			http.ServeContent(w, httpGet(r), "", time.Now(), strings.NewReader("the whole object"))
		},
		"another range": func(_ *s3test.Proxy, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
			w.Header().Set("Content-Range", "bytes 0-4/16")
			w.WriteHeader(http.StatusPartialContent)
			_, _ = io.WriteString(w, "the w")
		},
	} {
		t.Run(name, func(t *testing.T) {
			proxy.SpoilAll(s3test.GetRequest, f)
			_, _, err := s.Open(t.Context(), "d/x", 4, 5)
			wantError(t, err, objects.ErrUnavailable, "check any proxy")
		})
	}
}

// httpGet is a request without conditions and ranges.
func httpGet(r *http.Request) *http.Request {
	r = r.Clone(r.Context())
	r.Header = http.Header{}
	return r
}
