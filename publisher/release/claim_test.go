package release_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// claim claims the pointer under a number, and fails the test if that fails.
func (s *shelf) claim(fence int64) (release.Current, string) {
	s.t.Helper()
	c, version, err := s.Claim(s.t.Context(), dataset, fence)
	if err != nil {
		s.t.Fatal(err)
	}
	return c, version
}

// serve flips a claimed pointer to a release.
func (s *shelf) serve(c release.Current, version, id string) error {
	s.t.Helper()
	m, err := s.Manifest(s.t.Context(), dataset, id)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.Flip(s.t.Context(), c.Serve(m, day("2026-11-05")), version)
}

func (s *shelf) served() string {
	s.t.Helper()
	c, _, err := s.Current(s.t.Context(), dataset)
	if err != nil {
		s.t.Fatal(err)
	}
	return c.Release
}

// TestAPausedPublicationCannotFlip: whatever the later one has done by the time at
// which the paused one wakes up.
func TestAPausedPublicationCannotFlip(t *testing.T) {
	for _, first := range []bool{true, false} {
		for _, c := range []struct {
			name  string
			later func(s *shelf) string // returns what is served then
		}{
			{"the later one has only begun", func(s *shelf) string {
				s.claim(6)
				c, _, err := s.Current(s.t.Context(), dataset)
				if err != nil || c.Fence != 6 {
					s.t.Errorf("%+v, %v", c, err)
				}
				return c.Release
			}},
			{"the later one has served", func(s *shelf) string {
				c, version := s.claim(6)
				id := s.put("2026-11-03", "three")
				if err := s.serve(c, version, id); err != nil {
					s.t.Error(err)
				}
				return id
			}},
		} {
			t.Run(c.name, func(t *testing.T) {
				s := newShelf(t)
				if !first {
					s.add("2026-11-01", "one")
				}
				paused, version := s.claim(5)
				id := s.put("2026-11-02", "two")
				want := c.later(s)
				if err := s.serve(paused, version, id); !errors.Is(err, release.ErrConflict) {
					t.Errorf("the paused one flipped: %v", err)
				}
				if got := s.served(); got != want {
					t.Errorf("serves %q, want %q", got, want)
				}
				if _, _, err := s.Claim(t.Context(), dataset, 5); !errors.Is(err, release.ErrFenced) {
					t.Errorf("claims again: %v", err)
				}
			})
		}
	}
}

func TestClaimWritesNothingAfterAFlip(t *testing.T) {
	s := newShelf(t)
	for fence := int64(1); fence <= 3; fence++ {
		_, before, err := s.Current(t.Context(), dataset)
		if err != nil && !errors.Is(err, release.ErrNotFound) {
			t.Fatal(err)
		}
		c, version := s.claim(fence)
		if version != before || c.Fence != fence {
			t.Errorf("number %d: version %q, before %q, %+v", fence, version, before, c)
		}
		if err := s.serve(c, version, s.put("2026-11-02", string(rune('a'+fence)))); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWhatAKilledPublicationLeftIsTakenBack: one sealed its release and was killed
// before the flip.
func TestWhatAKilledPublicationLeftIsTakenBack(t *testing.T) {
	s := newShelf(t)
	base := s.add("2026-11-01", "one")
	leave := func(at, content string) release.Manifest {
		id := s.put(at, content)
		m, err := s.Manifest(t.Context(), dataset, id)
		if err != nil {
			t.Fatal(err)
		}
		m.Previous = base
		if err := s.store.Delete(t.Context(), release.ObjectName(dataset, id, release.ManifestName)); err != nil {
			t.Fatal(err)
		}
		if err := s.Seal(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	left := leave("2026-11-02", "left")
	take := func() []string {
		t.Helper()
		c, _, err := s.Current(t.Context(), dataset)
		if err != nil {
			t.Fatal(err)
		}
		taken, err := s.TakeBack(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		return taken
	}
	if taken := take(); len(taken) != 0 {
		t.Errorf("took back %v, which the next publication may adopt", taken)
	}
	other := s.add("2026-11-03", "another")
	if taken := take(); len(taken) != 1 || taken[0] != left.Release {
		t.Errorf("took back %v, want %s", taken, left.Release)
	}
	if _, err := s.Manifest(t.Context(), dataset, left.Release); !errors.Is(err, release.ErrNotFound) {
		t.Errorf("it is still there: %v", err)
	}
	if err := s.Rollback(t.Context(), dataset, base, day("2026-11-04")); err != nil {
		t.Fatal(err)
	}
	if taken := take(); len(taken) != 0 {
		t.Errorf("took back %v, which were served", taken)
	}
	if _, err := s.Manifest(t.Context(), dataset, other); err != nil {
		t.Error(err)
	}
}

// overtaken is a store in which another is always, or for some times, a moment ahead of a
// conditional write.
type overtaken struct {
	*objects.Dir
	ahead func()
}

func (o *overtaken) Create(ctx context.Context, name string, data []byte) (objects.Info, error) {
	o.ahead()
	return o.Dir.Create(ctx, name, data)
}

func (o *overtaken) Replace(ctx context.Context, name string, data []byte, version string) (objects.Info, error) {
	o.ahead()
	return o.Dir.Replace(ctx, name, data, version)
}

// TestAClaimThatIsOvertakenLooksAgain: the pointer moves between its reading and its claim, under
// an earlier number, a later one, or without end.
func TestAClaimThatIsOvertakenLooksAgain(t *testing.T) {
	for _, c := range []struct {
		name  string
		other func(s *shelf, times int)
		want  error
	}{
		{"once by an earlier one", func(s *shelf, times int) {
			if times == 1 {
				s.claim(5)
			}
		}, nil},
		{"once by a later one", func(s *shelf, times int) {
			if times == 1 {
				s.claim(8)
			}
		}, release.ErrFenced},
		{"without end", func(s *shelf, times int) {
			c, version, err := s.Current(s.t.Context(), dataset)
			if err != nil {
				s.t.Fatal(err)
			}
			c.CheckedExtract = fmt.Sprint(times)
			if err := s.Flip(s.t.Context(), c, version); err != nil {
				s.t.Fatal(err)
			}
		}, release.ErrConflict},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShelf(t)
			s.add("2026-11-01", "one")
			s.claim(4)
			times := 0
			o := &overtaken{Dir: s.store, ahead: func() {
				times++
				c.other(s, times)
			}}
			got, version, err := release.NewArchive(o).Claim(t.Context(), dataset, 6)
			if !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			if c.want != nil {
				return
			}
			o.ahead = func() {}
			if err := release.NewArchive(o).Flip(t.Context(), got, version); err != nil || got.Fence != 6 {
				t.Errorf("claimed %+v, cannot flip: %v", got, err)
			}
		})
	}
}
