package objects_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/objects/s3test"
)

// half is the fault of an answer that breaks off within its body.
const half = "half an answer"

// passing are faults that pass, by what the server has done when they happen.
var passing = []struct {
	name  string
	fault s3test.Fault
	slow  bool // it takes until the store loses patience
	acted bool // the server may have done what it was asked
}{
	{"an internal error", s3test.Says(500, "InternalError"), false, false},
	{"a bad gateway", s3test.Plain(502), false, false},
	{"an overload", s3test.Says(503, "SlowDown"), false, false},
	{"too many requests", s3test.Says(429, ""), false, false},
	{"a reset", s3test.Reset, false, false},
	{"no answer", s3test.Hold, true, false},
	{"a lost answer", s3test.Lose, false, true},
	{"a late answer", s3test.HoldDone, true, true},
	{"a broken request", s3test.Truncate, false, true},
	{half, s3test.Cut(20), false, true},
}

// s3Case is a verb at work on an object that holds "old", and what must be so afterwards.
type s3Case struct {
	name  string
	spoil s3test.Request // the kind of request that meets the fault
	run   func(ctx context.Context, s objects.Store) (objects.Info, error)
	after string // what the object holds if the verb succeeds; "" if there is none
}

const old = "what was there before"

// large is more than one part.
func large() io.Reader { return io.LimitReader(rand.NewChaCha8([32]byte{7}), 17<<20) }

func largeText(t *testing.T) string {
	t.Helper()
	data, err := io.ReadAll(large())
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func putLarge(ctx context.Context, s objects.Store) (objects.Info, error) {
	return s.Put(ctx, "d/x", large(), -1)
}

func s3Cases(t *testing.T) []s3Case {
	t.Helper()
	long := largeText(t)
	cases := []s3Case{
		{"put", s3test.PutRequest, func(ctx context.Context, s objects.Store) (objects.Info, error) {
			return s.Put(ctx, "d/x", strings.NewReader("new"), 3)
		}, "new"},
		{"create", s3test.PutRequest, func(ctx context.Context, s objects.Store) (objects.Info, error) {
			if err := s.Delete(ctx, "d/x"); err != nil {
				return objects.Info{}, err
			}
			return s.Create(ctx, "d/x", []byte("new"))
		}, "new"},
		{"replace", s3test.PutRequest, func(ctx context.Context, s objects.Store) (objects.Info, error) {
			info, err := s.Stat(ctx, "d/x")
			if err != nil {
				return objects.Info{}, err
			}
			return s.Replace(ctx, "d/x", []byte("new"), info.Version)
		}, "new"},
		{"open", s3test.GetRequest, func(ctx context.Context, s objects.Store) (objects.Info, error) {
			data, info, err := objects.ReadAll(ctx, s, "d/x", 100)
			if err == nil && string(data) != old {
				err = errors.New("other bytes")
			}
			return info, err
		}, old},
		{"stat", s3test.HeadRequest, func(ctx context.Context, s objects.Store) (objects.Info, error) { return s.Stat(ctx, "d/x") }, old},
		{"list", s3test.ListRequest, func(ctx context.Context, s objects.Store) (last objects.Info, err error) {
			for info, err := range s.List(ctx, "") {
				if err != nil {
					return objects.Info{}, err
				}
				last = info
			}
			return last, nil
		}, old},
		{"delete", s3test.DeleteRequest, func(ctx context.Context, s objects.Store) (objects.Info, error) {
			return objects.Info{}, s.Delete(ctx, "d/x")
		}, ""},
		{"start of an upload", s3test.InitiateRequest, putLarge, long},
		{"part of an upload", s3test.PartRequest, putLarge, long},
		{"end of an upload", s3test.CompleteRequest, putLarge, long},
	}
	if testing.Short() {
		return cases[:len(cases)-3]
	}
	return cases
}

// holds fails unless the object d/x is as wanted, seen past the proxy; and no other object may be there.
func holds(t *testing.T, s objects.Store, want string) {
	t.Helper()
	got, _, err := objects.ReadAll(t.Context(), s, "d/x", 1<<30)
	if want == "" {
		wantError(t, err, objects.ErrNotFound)
	} else if err != nil {
		t.Error(err)
	}
	if string(got) != want {
		t.Errorf("d/x holds %d bytes %.40q, want %d bytes %.40q", len(got), got, len(want), want)
	}
	for info, err := range s.List(t.Context(), "") {
		if err != nil || info.Name != "d/x" {
			t.Errorf("lists %q, error %v", info.Name, err)
		}
	}
}

// putOld makes a bucket with an object, and returns a store that leads there directly, and options of the bucket.
func putOld(t *testing.T, server *s3test.Server) (*objects.S3, objects.S3Options) {
	t.Helper()
	o := server.Bucket(t)
	s := s3test.Open(t, o)
	if _, err := s.Put(t.Context(), "d/x", strings.NewReader(old), -1); err != nil {
		t.Fatal(err)
	}
	return s, o
}

func TestS3RepeatsWhatCanPass(t *testing.T) {
	server := s3test.Start(t)
	for _, c := range s3Cases(t) {
		for _, f := range passing {
			if f.name == half && !slices.Contains([]s3test.Request{s3test.GetRequest, s3test.ListRequest, s3test.InitiateRequest, s3test.CompleteRequest}, c.spoil) {
				continue // that answer has no body
			}
			t.Run(c.name+" meets "+f.name, func(t *testing.T) {
				t.Parallel()
				direct, o := putOld(t, server)
				proxy, o := s3test.StartProxy(t, o)
				if f.slow {
					o.Patience = s3test.Hasty()
				}
				s := s3test.Open(t, o)
				proxy.Spoil(c.spoil, f.fault)
				info, err := c.run(t.Context(), s)
				if err != nil {
					t.Fatal(err)
				}
				if got := proxy.Count(c.spoil); got < 2 {
					t.Errorf("%d requests", got)
				}
				holds(t, direct, c.after)
				if c.after != "" {
					wantSame(t, direct, info)
				}
				if left := server.Unfinished(t, o.Bucket); len(left) > 0 && (c.spoil != s3test.InitiateRequest || !f.acted) {
					t.Errorf("left unfinished: %v", left)
				}
			})
		}
	}
}

// wantSame fails unless the info that a verb returned is of the object that is there.
func wantSame(t *testing.T, s objects.Store, got objects.Info) {
	t.Helper()
	want, err := s.Stat(t.Context(), "d/x")
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != want.Name || got.Size != want.Size || got.Version != want.Version {
		t.Errorf("returned %+v, stat says %+v", got, want)
	}
}

func TestS3GivesUpAfterSomeAttempts(t *testing.T) {
	server := s3test.Start(t)
	for _, c := range s3Cases(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			direct, o := putOld(t, server)
			proxy, o := s3test.StartProxy(t, o)
			s := s3test.Open(t, o)
			proxy.SpoilAll(c.spoil, s3test.Says(500, "InternalError"))
			_, err := c.run(t.Context(), s)
			wantError(t, err, objects.ErrUnavailable, "the server failed", "4 attempts")
			if got := proxy.Count(c.spoil); got != s3test.Impatient().Attempts {
				t.Errorf("%d requests, want %d", got, s3test.Impatient().Attempts)
			}
			if c.name == "create" {
				holds(t, direct, "")
			} else {
				holds(t, direct, old)
			}
			if left := server.Unfinished(t, o.Bucket); len(left) > 0 {
				t.Errorf("left unfinished: %v", left)
			}
		})
	}
}

func TestS3DoesNotRepeatWhatCannotPass(t *testing.T) {
	server := s3test.Start(t)
	for _, f := range []struct {
		name  string
		fault s3test.Fault
		text  string
	}{
		{"denied", s3test.Says(403, "AccessDenied"), "access denied: check the key and the policy"},
		{"bad request", s3test.Says(400, "MalformedXML"), "the server refuses the request"},
		{"no bucket", s3test.Says(404, "NoSuchBucket"), ""},
		{"full", s3test.Says(507, "XMinioStorageFull"), "free some space"},
	} {
		for _, c := range s3Cases(t) {
			if f.name == "no bucket" && c.spoil == s3test.HeadRequest {
				continue // an answer to HEAD does not tell what is missing
			}
			t.Run(c.name+" "+f.name, func(t *testing.T) {
				t.Parallel()
				_, o := putOld(t, server)
				proxy, o := s3test.StartProxy(t, o)
				s := s3test.Open(t, o)
				proxy.SpoilAll(c.spoil, f.fault)
				_, err := c.run(t.Context(), s)
				wantError(t, err, objects.ErrUnavailable, f.text)
				if got := proxy.Count(c.spoil); got != 1 {
					t.Errorf("%d requests, want 1", got)
				}
				if left := server.Unfinished(t, o.Bucket); len(left) > 0 {
					t.Errorf("left unfinished: %v", left)
				}
			})
		}
	}
}

func TestS3StopsRepeatingWhenCancelled(t *testing.T) {
	_, o := putOld(t, s3test.Start(t))
	proxy, o := s3test.StartProxy(t, o)
	s := s3test.Open(t, o)
	for _, f := range []s3test.Fault{s3test.Says(500, "InternalError"), s3test.Hold} {
		ctx, cancel := context.WithCancel(t.Context())
		proxy.SpoilAll(s3test.PutRequest, func(p *s3test.Proxy, w http.ResponseWriter, r *http.Request) {
			cancel()
			f(p, w, r)
		})
		_, err := s.Put(ctx, "d/x", bytes.NewReader([]byte("new")), 3)
		wantError(t, err, context.Canceled)
		if got := proxy.Count(s3test.PutRequest); got != 1 {
			t.Errorf("%d requests, want 1", got)
		}
	}
}

func TestS3AbortsAnUploadThatTheCallerEnds(t *testing.T) {
	server := s3test.Start(t)
	direct, o := putOld(t, server)
	errDisk := errors.New("the disk is broken")
	_, err := direct.Put(t.Context(), "d/x", io.MultiReader(large(), iotest.ErrReader(errDisk)), -1)
	wantError(t, err, errDisk)
	ctx, cancel := context.WithCancel(t.Context())
	_, err = direct.Put(ctx, "d/x", io.MultiReader(large(), readerFunc(func() { cancel() }), large()), -1)
	wantError(t, err, context.Canceled)
	holds(t, direct, old)
	if left := server.Unfinished(t, o.Bucket); len(left) > 0 {
		t.Errorf("left unfinished: %v", left)
	}
}

// readerFunc is an empty body that does something when it is read.
type readerFunc func()

func (f readerFunc) Read([]byte) (int, error) {
	f()
	return 0, io.EOF
}

func TestS3SaysWhenTheServerIsGone(t *testing.T) {
	direct, o := putOld(t, s3test.Start(t))
	info, err := direct.Stat(t.Context(), "d/x")
	if err != nil {
		t.Fatal(err)
	}
	proxy, o := s3test.StartProxy(t, o)
	s := s3test.Open(t, o)
	proxy.Stop()
	for name, err := range everyVerb(t, s, info.Version) {
		t.Run(name, func(t *testing.T) { wantError(t, err, objects.ErrUnavailable, "cannot reach the host", "4 attempts") })
	}
	holds(t, direct, old)
}
