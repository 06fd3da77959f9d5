package release_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// lossyStore does what it is asked, or not, and then answers a conditional write
// with an error.
type lossyStore struct {
	*objects.Dir
	answer  error
	applies bool
	before  func() // what another does in between
}

func (s *lossyStore) Create(ctx context.Context, name string, data []byte) (objects.Info, error) {
	return s.lose(func() (objects.Info, error) { return s.Dir.Create(ctx, name, data) })
}

func (s *lossyStore) Replace(ctx context.Context, name string, data []byte, version string) (objects.Info, error) {
	return s.lose(func() (objects.Info, error) { return s.Dir.Replace(ctx, name, data, version) })
}

func (s *lossyStore) lose(write func() (objects.Info, error)) (objects.Info, error) {
	if s.applies {
		if info, err := write(); err != nil {
			return info, err
		}
	}
	if s.before != nil {
		s.before()
	}
	return objects.Info{}, fmt.Errorf("replace: %w: the server closed the connection", s.answer)
}

// losses are what may have become of a write whose answer is an error.
var losses = []struct {
	name    string
	answer  error
	applies bool
	want    error // of Flip and Seal
}{
	{"answer lost after the write", objects.ErrUnavailable, true, nil},
	{"repeated on the way, and in conflict with itself", objects.ErrConflict, true, nil},
	{"not written", objects.ErrUnavailable, false, objects.ErrUnavailable},
}

func TestFlipKnowsAPointerThatIsItsOwn(t *testing.T) {
	for _, c := range losses {
		t.Run(c.name, func(t *testing.T) {
			s := newShelf(t)
			old := s.add("2026-11-01", "one")
			m, err := s.Manifest(t.Context(), dataset, s.put("2026-11-02", "two"))
			if err != nil {
				t.Fatal(err)
			}
			current, version, err := s.Current(t.Context(), dataset)
			if err != nil {
				t.Fatal(err)
			}
			lossy := release.NewArchive(&lossyStore{Dir: s.store, answer: c.answer, applies: c.applies})
			if err := lossy.Flip(t.Context(), current.Serve(m, day("2026-11-02")), version); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			want := map[bool]string{true: m.Release, false: old}[c.applies]
			if served, _, err := s.Current(t.Context(), dataset); err != nil || served.Release != want {
				t.Errorf("serves %s, %v; want %s", served.Release, err, want)
			}
		})
	}
}

func TestFlipTellsAPointerThatAnotherMoved(t *testing.T) {
	s := newShelf(t)
	s.add("2026-11-01", "one")
	m, err := s.Manifest(t.Context(), dataset, s.put("2026-11-02", "two"))
	if err != nil {
		t.Fatal(err)
	}
	current, version, err := s.Current(t.Context(), dataset)
	if err != nil {
		t.Fatal(err)
	}
	var other string
	lossy := release.NewArchive(&lossyStore{Dir: s.store, answer: objects.ErrConflict, before: func() { other = s.add("2026-11-03", "three") }})
	if err := lossy.Flip(t.Context(), current.Serve(m, day("2026-11-02")), version); !errors.Is(err, release.ErrConflict) {
		t.Errorf("got %v", err)
	}
	if served, _, err := s.Current(t.Context(), dataset); err != nil || served.Release != other {
		t.Errorf("serves %s, %v; want %s", served.Release, err, other)
	}
}

func TestSealKnowsAManifestThatIsItsOwn(t *testing.T) {
	for _, c := range losses {
		t.Run(c.name, func(t *testing.T) {
			s := newShelf(t)
			m := release.Manifest{Dataset: dataset, Release: release.ID(day("2026-11-02"), "0123456789"), ContentDigest: "0123456789"}
			lossy := release.NewArchive(&lossyStore{Dir: s.store, answer: c.answer, applies: c.applies})
			if err := lossy.Seal(t.Context(), m); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if _, err := s.Manifest(t.Context(), dataset, m.Release); (err == nil) != c.applies {
				t.Errorf("manifest: %v", err)
			}
			m.Note = "another"
			if err := s.Seal(t.Context(), m); c.applies && !errors.Is(err, objects.ErrConflict) {
				t.Errorf("sealed twice: %v", err)
			}
		})
	}
}

// TestWithdrawalSurvivesLostAnswers: the marker and the pointer are written, the
// answers to both are lost.
func TestWithdrawalSurvivesLostAnswers(t *testing.T) {
	s := newShelf(t)
	old, id := s.add("2026-11-01", "one"), s.add("2026-11-02", "two")
	lossy := release.NewArchive(&lossyStore{Dir: s.store, answer: objects.ErrUnavailable, applies: true})
	_, served, err := lossy.Withdraw(t.Context(), dataset, id, "a reason", time.Now())
	if err != nil || served != old {
		t.Errorf("serves %q, %v; want %s", served, err, old)
	}
	if got, want := s.states(), "2026-11-02:withdrawn 2026-11-01:served"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestADocumentIsWhatTheManifestSays, or it is not read at all.
func TestADocumentIsWhatTheManifestSays(t *testing.T) {
	s := newShelf(t)
	m, err := s.Manifest(t.Context(), dataset, s.add("2026-11-01", "a"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Document(t.Context(), m, "b.json"); err != nil || string(got) != "b.jsona" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := s.store.Put(t.Context(), release.ObjectName(dataset, m.Release, "b.json"), strings.NewReader("b.jsonA"), 7); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Document(t.Context(), m, "b.json"); err == nil || !strings.Contains(err.Error(), "not what the manifest says; run parvis releases verify") {
		t.Errorf("of another content: %q, %v", got, err)
	}
	if _, err := s.Document(t.Context(), m, "c.json"); !errors.Is(err, objects.ErrNotFound) {
		t.Errorf("of none: %v", err)
	}
}
