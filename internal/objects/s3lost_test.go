package objects_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/objects/s3test"
)

// The tests below lose the answers to writes that were applied. What they ask for is that a writer is never told
// that nothing was written when its write was there.

func TestS3KnowsItsOwnWriteWhenEveryAnswerIsLost(t *testing.T) {
	server := s3test.Start(t)
	for _, c := range s3Cases(t) {
		if c.spoil != s3test.PutRequest && c.spoil != s3test.CompleteRequest {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			direct, o := putOld(t, server)
			proxy, o := s3test.StartProxy(t, o)
			s := s3test.Open(t, o)
			proxy.SpoilAll(c.spoil, s3test.Lose)
			info, err := c.run(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			holds(t, direct, c.after)
			wantSame(t, direct, info)
			if left := server.Unfinished(t, o.Bucket); len(left) > 0 {
				t.Errorf("left unfinished: %v", left)
			}
		})
	}
}

// conditional are the two verbs, each with what makes its condition true and another writer's way to break it.
var conditional = []struct {
	name    string
	prepare func(t *testing.T, direct objects.Store)
	run     func(ctx context.Context, s, direct objects.Store) error
	other   func(ctx context.Context, direct objects.Store) error // after the write, or instead of it
}{
	{"create", func(t *testing.T, direct objects.Store) {
		if err := direct.Delete(t.Context(), "d/x"); err != nil {
			t.Fatal(err)
		}
	}, func(ctx context.Context, s, _ objects.Store) error {
		_, err := s.Create(ctx, "d/x", []byte("mine"))
		return err
	}, putOther},
	{"replace", func(*testing.T, objects.Store) {}, func(ctx context.Context, s, direct objects.Store) error {
		info, err := direct.Stat(ctx, "d/x")
		if err != nil {
			return err
		}
		_, err = s.Replace(ctx, "d/x", []byte("mine"), info.Version)
		return err
	}, putOther},
}

func putOther(ctx context.Context, direct objects.Store) error {
	_, err := direct.Put(ctx, "d/x", strings.NewReader("another's"), -1)
	return err
}

func TestS3DoesNotDenyAWriteThatAnotherReplaced(t *testing.T) {
	server := s3test.Start(t)
	for _, c := range conditional {
		t.Run(c.name, func(t *testing.T) {
			direct, o := putOld(t, server)
			proxy, o := s3test.StartProxy(t, o)
			s := s3test.Open(t, o)
			c.prepare(t, direct)
			proxy.Spoil(s3test.PutRequest, s3test.LoseThen(func() {
				if err := c.other(t.Context(), direct); err != nil {
					t.Error(err)
				}
			}))
			wantError(t, c.run(t.Context(), s, direct), objects.ErrUnavailable, "read to know")
			holds(t, direct, "another's")
		})
	}
}

func TestS3DoesNotDenyAWriteThatAnotherDeleted(t *testing.T) {
	direct, o := putOld(t, s3test.Start(t))
	proxy, o := s3test.StartProxy(t, o)
	s := s3test.Open(t, o)
	proxy.Spoil(s3test.PutRequest, s3test.LoseThen(func() {
		if err := direct.Delete(t.Context(), "d/x"); err != nil {
			t.Error(err)
		}
	}))
	wantError(t, conditional[1].run(t.Context(), s, direct), objects.ErrUnavailable, "read to know")
	holds(t, direct, "")
}

// A server that was overloaded did nothing: whoever comes second is told so.
func TestS3TellsAConflictAfterAnOverload(t *testing.T) {
	server := s3test.Start(t)
	for _, c := range conditional {
		t.Run(c.name, func(t *testing.T) {
			direct, o := putOld(t, server)
			proxy, o := s3test.StartProxy(t, o)
			s := s3test.Open(t, o)
			c.prepare(t, direct)
			proxy.Spoil(s3test.PutRequest, func(p *s3test.Proxy, w http.ResponseWriter, r *http.Request) {
				if err := c.other(r.Context(), direct); err != nil {
					t.Error(err)
				}
				s3test.Says(503, "SlowDown")(p, w, r)
			})
			wantError(t, c.run(t.Context(), s, direct), objects.ErrConflict)
			holds(t, direct, "another's")
		})
	}
}

// Amazon refuses with 409 when writes to one name overlap, before it knows whether the condition holds.
func TestS3RepeatsAWriteThatOverlappedAnother(t *testing.T) {
	direct, o := putOld(t, s3test.Start(t))
	proxy, o := s3test.StartProxy(t, o)
	s := s3test.Open(t, o)
	proxy.Spoil(s3test.PutRequest, s3test.Says(409, "ConditionalRequestConflict"))
	if err := conditional[1].run(t.Context(), s, direct); err != nil {
		t.Error(err)
	}
	holds(t, direct, "mine")
	proxy.SpoilAll(s3test.PutRequest, s3test.Says(409, "ConditionalRequestConflict"))
	wantError(t, conditional[1].run(t.Context(), s, direct), objects.ErrConflict)
	_, err := s.Put(t.Context(), "d/x", strings.NewReader("new"), 3)
	wantError(t, err, objects.ErrUnavailable)
}

// Some servers say of an object that is gone that the condition failed.
func TestS3TellsThatWhatItShouldReplaceIsGone(t *testing.T) {
	direct, o := putOld(t, s3test.Start(t))
	proxy, o := s3test.StartProxy(t, o)
	s := s3test.Open(t, o)
	info, err := direct.Stat(t.Context(), "d/x")
	if err != nil {
		t.Fatal(err)
	}
	if err := direct.Delete(t.Context(), "d/x"); err != nil {
		t.Fatal(err)
	}
	proxy.SpoilAll(s3test.PutRequest, s3test.Says(412, "PreconditionFailed"))
	_, err = s.Replace(t.Context(), "d/x", []byte("new"), info.Version)
	wantError(t, err, objects.ErrNotFound)
}

// The answer to a write is lost, and so are those to the questions that follow.
func TestS3TellsThatItDoesNotKnow(t *testing.T) {
	server := s3test.Start(t)
	for _, c := range s3Cases(t) {
		if c.spoil != s3test.PutRequest && c.spoil != s3test.CompleteRequest {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			direct, o := putOld(t, server)
			proxy, o := s3test.StartProxy(t, o)
			s := s3test.Open(t, o)
			written := false
			proxy.Set(func(r *http.Request) s3test.Fault {
				switch {
				case s3test.KindOf(r) == c.spoil && !written:
					written = true
					return s3test.Lose
				case written && s3test.KindOf(r) != s3test.AbortRequest:
					return s3test.Reset
				}
				return nil
			})
			_, err := c.run(t.Context(), s)
			wantError(t, err, objects.ErrUnavailable, "may have happened: read to know")
			holds(t, direct, c.after)
		})
	}
}
