package release_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/publisher/release"
)

const dataset = "jeu"

// shelf is an archive over a directory, with releases made by hand.
type shelf struct {
	*release.Archive
	store *objects.Dir
	t     *testing.T
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	store, err := objects.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return &shelf{Archive: release.NewArchive(store), store: store, t: t}
}

// add stores a release of the given day (or minute) and content and serves it.
func (s *shelf) add(day, content string) string {
	s.t.Helper()
	id := s.put(day, content)
	c, version, err := s.Current(s.t.Context(), dataset)
	if err != nil && !errors.Is(err, release.ErrNotFound) {
		s.t.Fatal(err)
	}
	m, err := s.Manifest(s.t.Context(), dataset, id)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.Flip(s.t.Context(), c.Serve(m, time.Now()), version); err != nil {
		s.t.Fatal(err)
	}
	return id
}

// put stores a release without serving it.
func (s *shelf) put(day, content string) string {
	s.t.Helper()
	at, err := time.Parse("2006-01-02T15:04"[:len(day)], day)
	if err != nil {
		s.t.Fatal(err)
	}
	digest := fmt.Sprintf("%x", sha256.Sum256([]byte(content)))
	m := release.Manifest{Dataset: dataset, Release: release.ID(at, digest), DateExtract: day, ContentDigest: digest}
	for _, name := range []string{"a.csv", "b.json"} {
		body := name + content
		sum := sha256.Sum256([]byte(body))
		m.Objects = append(m.Objects, release.Object{Name: name, Bytes: int64(len(body)), SHA256: hex.EncodeToString(sum[:])})
		if _, err := s.store.Put(s.t.Context(), release.ObjectName(dataset, m.Release, name), strings.NewReader(body), int64(len(body))); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := s.Seal(s.t.Context(), m); err != nil {
		s.t.Fatal(err)
	}
	return m.Release
}

// states lists the history as "day:state".
func (s *shelf) states() string {
	s.t.Helper()
	history, err := s.History(s.t.Context(), dataset)
	if err != nil {
		s.t.Fatal(err)
	}
	var out []string
	for _, e := range history {
		out = append(out, e.Manifest.DateExtract+":"+string(e.State))
	}
	return strings.Join(out, " ")
}

// names lists the objects of a release.
func (s *shelf) names(id string) []string {
	s.t.Helper()
	var names []string
	for info, err := range s.store.List(s.t.Context(), release.Folder(dataset, id)) {
		if err != nil {
			s.t.Fatal(err)
		}
		names = append(names, strings.TrimPrefix(info.Name, release.Folder(dataset, id)))
	}
	return names
}

func day(text string) time.Time {
	t, _ := time.Parse(time.DateOnly, text)
	return t
}

func TestHistoryIsLatestFirst(t *testing.T) {
	s := newShelf(t)
	s.add("2026-11-01", "a")
	s.add("2026-11-02", "b")
	if got, want := s.states(), "2026-11-02:served 2026-11-01:kept"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestObjectsWithoutManifestAreNoRelease(t *testing.T) {
	s := newShelf(t)
	id := s.add("2026-11-01", "a")
	if err := s.store.Delete(t.Context(), release.ObjectName(dataset, id, release.ManifestName)); err != nil {
		t.Fatal(err)
	}
	if got := s.states(); got != "" {
		t.Errorf("history %q", got)
	}
	if _, err := s.Entry(t.Context(), dataset, id); !errors.Is(err, release.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestRollback(t *testing.T) {
	t.Run("serves the older release and remembers what it left", func(t *testing.T) {
		s := newShelf(t)
		first := s.add("2026-11-01", "a")
		second := s.add("2026-11-02", "b")
		if err := s.Rollback(t.Context(), dataset, first, day("2026-11-03")); err != nil {
			t.Fatal(err)
		}
		if got, want := s.states(), "2026-11-02:kept 2026-11-01:served"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		m, err := s.Manifest(t.Context(), dataset, second)
		if err != nil {
			t.Fatal(err)
		}
		c, _, err := s.Current(t.Context(), dataset)
		if err != nil || !slices.Contains(c.Discarded, m.ContentDigest) {
			t.Errorf("discarded %v, %v", c.Discarded, err)
		}
		if err := s.Rollback(t.Context(), dataset, second, day("2026-11-04")); err != nil {
			t.Fatal(err)
		}
		if c, _, _ = s.Current(t.Context(), dataset); slices.Contains(c.Discarded, m.ContentDigest) {
			t.Error("the content served again is still discarded")
		}
	})
	t.Run("refuses a damaged release", func(t *testing.T) {
		s := newShelf(t)
		first := s.add("2026-11-01", "a")
		s.add("2026-11-02", "b")
		if _, err := s.store.Put(t.Context(), release.ObjectName(dataset, first, "a.csv"), strings.NewReader("a.csvX"), -1); err != nil {
			t.Fatal(err)
		}
		err := s.Rollback(t.Context(), dataset, first, day("2026-11-03"))
		if err == nil || !strings.Contains(err.Error(), "a.csv has another SHA-256") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("refuses a release that is gone or unknown", func(t *testing.T) {
		s := newShelf(t)
		first := s.add("2026-11-01", "a")
		s.add("2026-11-02", "b")
		if _, _, err := s.Withdraw(t.Context(), dataset, first, "erreur", day("2026-11-03")); err != nil {
			t.Fatal(err)
		}
		if err := s.Rollback(t.Context(), dataset, first, day("2026-11-03")); !errors.Is(err, release.ErrGone) {
			t.Errorf("got %v", err)
		}
		for _, id := range []string{"20261101T000000Z-00000000", "x", "../../etc", ""} {
			if err := s.Rollback(t.Context(), dataset, id, day("2026-11-03")); !errors.Is(err, release.ErrNotFound) {
				t.Errorf("%q: got %v", id, err)
			}
		}
	})
}

func TestWithdraw(t *testing.T) {
	s := newShelf(t)
	s.add("2026-11-01", "a")
	second := s.add("2026-11-02", "b")
	m, served, err := s.Withdraw(t.Context(), dataset, second, "erreur de prix", day("2026-11-03"))
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Objects) != 2 {
		t.Errorf("objects to purge: %v", m.Objects)
	}
	if !strings.HasPrefix(served, "20261101") {
		t.Errorf("served %q", served)
	}
	if got, want := s.states(), "2026-11-02:withdrawn 2026-11-01:served"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if diff := cmp.Diff([]string{"manifest.json", "withdrawn.json"}, s.names(second)); diff != "" {
		t.Errorf("left: %s", diff)
	}
	if c, _, _ := s.Current(t.Context(), dataset); !slices.Contains(c.Discarded, m.ContentDigest) {
		t.Error("the content may come back by itself")
	}
	e, err := s.Entry(t.Context(), dataset, second)
	if err != nil || e.Reason != "erreur de prix" || !e.Since.Equal(day("2026-11-03")) {
		t.Errorf("entry %+v, %v", e, err)
	}
	// Again, as after a crash: nothing changes.
	if _, _, err := s.Withdraw(t.Context(), dataset, second, "autre raison", day("2026-11-04")); err != nil {
		t.Fatal(err)
	}
	if e, _ = s.Entry(t.Context(), dataset, second); e.Reason != "erreur de prix" {
		t.Errorf("reason became %q", e.Reason)
	}
}

func TestWithdrawTheOnlyRelease(t *testing.T) {
	s := newShelf(t)
	id := s.add("2026-11-01", "a")
	if _, served, err := s.Withdraw(t.Context(), dataset, id, "erreur", day("2026-11-03")); err != nil || served != "" {
		t.Errorf("served %q, %v", served, err)
	}
	c, _, err := s.Current(t.Context(), dataset)
	if err != nil || c.Release != "" {
		t.Errorf("current %+v, %v", c, err)
	}
}

// TestWithdrawDoesNotServeTheSameContent: an older release of the same content
// has the same fault.
func TestWithdrawDoesNotServeTheSameContent(t *testing.T) {
	s := newShelf(t)
	s.add("2026-10-30", "old")
	s.add("2026-11-01", "bad")
	s.add("2026-11-02", "good")
	last := s.add("2026-11-03", "bad")
	_, served, err := s.Withdraw(t.Context(), dataset, last, "erreur", day("2026-11-03"))
	if err != nil || !strings.HasPrefix(served, "20261102") {
		t.Errorf("served %q, %v", served, err)
	}
}

func TestFlipRefusesAPointerThatMoved(t *testing.T) {
	s := newShelf(t)
	s.add("2026-11-01", "a")
	c, version, err := s.Current(t.Context(), dataset)
	if err != nil {
		t.Fatal(err)
	}
	s.add("2026-11-02", "b")
	if err := s.Flip(t.Context(), c, version); !errors.Is(err, release.ErrConflict) {
		t.Errorf("got %v", err)
	}
	if err := s.Flip(t.Context(), c, ""); !errors.Is(err, release.ErrConflict) {
		t.Errorf("first publication over another: got %v", err)
	}
}

func TestVerifyNamesEachFault(t *testing.T) {
	s := newShelf(t)
	id := s.add("2026-11-01", "a")
	m, err := s.Manifest(t.Context(), dataset, id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.Put(t.Context(), release.ObjectName(dataset, id, "a.csv"), strings.NewReader("longer than before"), -1); err != nil {
		t.Fatal(err)
	}
	if err := s.store.Delete(t.Context(), release.ObjectName(dataset, id, "b.json")); err != nil {
		t.Fatal(err)
	}
	faults, err := s.Verify(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a.csv has 18 bytes, the manifest says 6", "b.json is missing"}, faults); diff != "" {
		t.Error(diff)
	}
}

func TestPrune(t *testing.T) {
	s := newShelf(t)
	for _, d := range []string{"2026-05-02", "2026-05-20", "2026-06-01", "2026-06-15", "2026-08-10", "2026-08-30", "2026-09-20"} {
		s.add(d, d)
	}
	retention := release.Retention{Days: 90, Monthly: true}
	now := day("2026-11-20")
	pruned, _, err := s.Prune(t.Context(), dataset, retention, now, true)
	if err != nil || len(pruned) != 2 {
		t.Fatalf("dry run: %v, %v", pruned, err)
	}
	if strings.Contains(s.states(), "pruned") {
		t.Fatal("a dry run pruned")
	}
	if _, _, err := s.Prune(t.Context(), dataset, retention, now, false); err != nil {
		t.Fatal(err)
	}
	want := "2026-09-20:served 2026-08-30:kept 2026-08-10:kept 2026-06-15:pruned 2026-06-01:kept 2026-05-20:pruned 2026-05-02:kept"
	if got := s.states(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if _, _, err := s.Prune(t.Context(), dataset, release.Retention{Days: 1}, now, false); err != nil {
		t.Fatal(err)
	}
	want = "2026-09-20:served 2026-08-30:kept 2026-08-10:pruned 2026-06-15:pruned 2026-06-01:pruned 2026-05-20:pruned 2026-05-02:pruned"
	if got := s.states(); got != want {
		t.Errorf("without months:\ngot  %s\nwant %s", got, want)
	}
	history, err := s.History(t.Context(), dataset)
	if err != nil {
		t.Fatal(err)
	}
	if got := release.Nearest(history, history[3].Manifest.Release); !strings.HasPrefix(got, "20260830") {
		t.Errorf("nearest kept release: %s", got)
	}
	for _, e := range history {
		if e.State == release.Pruned {
			if diff := cmp.Diff([]string{"manifest.json", "pruned.json"}, s.names(e.Manifest.Release)); diff != "" {
				t.Error(diff)
			}
		}
	}
}

func TestPruneSweepsUnfinishedReleases(t *testing.T) {
	s := newShelf(t)
	s.add("2026-11-01", "a")
	old := s.put("2026-11-05", "killed")
	young := s.put("2026-11-19", "running")
	for _, id := range []string{old, young} {
		if err := s.store.Delete(t.Context(), release.ObjectName(dataset, id, release.ManifestName)); err != nil {
			t.Fatal(err)
		}
	}
	_, abandoned, err := s.Prune(t.Context(), dataset, release.DefaultRetention(), day("2026-11-20"), false)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{old}, abandoned); diff != "" {
		t.Error(diff)
	}
	if len(s.names(old)) != 0 || len(s.names(young)) != 2 {
		t.Errorf("left %v and %v", s.names(old), s.names(young))
	}
}

// forgetful is a store whose listing lacks what ends in a name.
type forgetful struct {
	*objects.Dir
	lacks string
}

func (f *forgetful) List(ctx context.Context, prefix string) iter.Seq2[objects.Info, error] {
	return func(yield func(objects.Info, error) bool) {
		for info, err := range f.Dir.List(ctx, prefix) {
			if !strings.HasSuffix(info.Name, f.lacks) && !yield(info, err) {
				return
			}
		}
	}
}

// TestPruneSweepsNothingThatOnlyTheListingLacks: a list that came corrupted, or late, must not
// cost a release.
func TestPruneSweepsNothingThatOnlyTheListingLacks(t *testing.T) {
	s := newShelf(t)
	ids := []string{s.add("2026-10-01", "a"), s.add("2026-11-01", "b")}
	archive := release.NewArchive(&forgetful{Dir: s.store, lacks: release.ManifestName})
	_, abandoned, err := archive.Prune(t.Context(), dataset, release.DefaultRetention(), day("2026-11-20"), false)
	if err != nil || len(abandoned) != 0 {
		t.Errorf("swept %v, %v", abandoned, err)
	}
	for _, id := range ids {
		if len(s.names(id)) != 3 {
			t.Errorf("%s: left %v", id, s.names(id))
		}
	}
}

func TestPruneBeforeTheFirstPublication(t *testing.T) {
	pruned, abandoned, err := newShelf(t).Prune(t.Context(), dataset, release.DefaultRetention(), day("2026-11-20"), false)
	if err != nil || len(pruned)+len(abandoned) != 0 {
		t.Errorf("%v, %v, %v", pruned, abandoned, err)
	}
}

// TestPruneCountsMonthsByTheClockOfItsZone: in Paris, the first of August begins at 22:00 of
// UTC, and the first of December at 23:00.
func TestPruneCountsMonthsByTheClockOfItsZone(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		zone *time.Location
		kept []string
	}{
		{paris, []string{"2026-01-01T00:10", "2026-07-31T21:30", "2026-07-31T22:30", "2026-11-30T22:30", "2026-11-30T23:30"}},
		{nil, []string{"2026-01-01T00:10", "2026-07-31T21:30", "2026-08-01T04:15", "2026-11-30T22:30", "2026-12-01T03:15"}},
	} {
		s := newShelf(t)
		for _, at := range []string{
			"2026-01-01T00:10", "2026-01-31T22:50", "2026-07-31T21:30", "2026-07-31T22:30", "2026-08-01T04:15",
			"2026-11-30T22:30", "2026-11-30T23:30", "2026-12-01T03:15", "2027-01-01T04:15", "2027-01-02T04:15",
		} {
			s.add(at, at)
		}
		if _, _, err := s.Prune(t.Context(), dataset, release.Retention{Monthly: true, Zone: c.zone}, day("2028-01-01"), false); err != nil {
			t.Fatal(err)
		}
		var kept []string
		history, err := s.History(t.Context(), dataset)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range slices.Backward(history) {
			if e.State == release.Kept && e.Manifest.DateExtract < "2027" {
				kept = append(kept, e.Manifest.DateExtract)
			}
		}
		if diff := cmp.Diff(c.kept, kept); diff != "" {
			t.Errorf("%s: -want +got\n%s", c.zone, diff)
		}
	}
}

func TestParseRetention(t *testing.T) {
	for text, want := range map[string]release.Retention{"90d,monthly": {Days: 90, Monthly: true}, "30d": {Days: 30}, "0d": {}} {
		if got, err := release.ParseRetention(text); err != nil || got != want || got.String() != text {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "90", "d", "-1d", "90d,", "90d,weekly", "90 d"} {
		if _, err := release.ParseRetention(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

func TestValidID(t *testing.T) {
	for id, want := range map[string]bool{
		"20261122T041500Z-3f9c01ab": true, "20261322T041500Z-3f9c01ab": false, "latest": false, "20261122T041500Z-3f9c01abX": false, "": false,
	} {
		if got := release.ValidID(id); got != want {
			t.Errorf("%q: %v", id, got)
		}
	}
}

// TestWithdrawServesWhatWasServedBefore: neither a release that an operator rolled
// back from, nor one that was never served.
func TestWithdrawServesWhatWasServedBefore(t *testing.T) {
	s := newShelf(t)
	first := s.add("2026-11-01", "good")
	s.add("2026-11-02", "bad")
	s.put("2026-11-03", "never served")
	if err := s.Rollback(t.Context(), dataset, first, day("2026-11-04")); err != nil {
		t.Fatal(err)
	}
	third := s.add("2026-11-05", "wrong")
	_, served, err := s.Withdraw(t.Context(), dataset, third, "erreur", day("2026-11-06"))
	if err != nil || served != first {
		t.Errorf("served %q, %v; want %s", served, err, first)
	}
}

// TestPruneKeepsWhatWasServedBefore, whatever was made in between.
func TestPruneKeepsWhatWasServedBefore(t *testing.T) {
	s := newShelf(t)
	first := s.add("2026-06-01", "good")
	s.add("2026-06-02", "bad")
	if err := s.Rollback(t.Context(), dataset, first, day("2026-06-03")); err != nil {
		t.Fatal(err)
	}
	s.add("2026-06-05", "new")
	if _, _, err := s.Prune(t.Context(), dataset, release.Retention{}, day("2026-11-20"), false); err != nil {
		t.Fatal(err)
	}
	if got, want := s.states(), "2026-06-05:served 2026-06-02:pruned 2026-06-01:kept"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// meddler does something once, just before or after an object is created.
type meddler struct {
	*objects.Dir
	name          string
	before, after func()
}

func (m *meddler) Create(ctx context.Context, name string, data []byte) (objects.Info, error) {
	hit := strings.HasSuffix(name, m.name)
	if hit && m.before != nil {
		m.before()
	}
	info, err := m.Dir.Create(ctx, name, data)
	if hit && m.after != nil {
		m.after()
	}
	return info, err
}

// TestPruneAndRollbackAtOnce: whoever comes first, the served release is whole.
func TestPruneAndRollbackAtOnce(t *testing.T) {
	for _, moment := range []string{"before the mark", "after the mark"} {
		t.Run(moment, func(t *testing.T) {
			s := newShelf(t)
			old := s.add("2026-06-01", "old")
			s.add("2026-06-02", "middle")
			s.add("2026-06-03", "new")
			var rolled error
			rollback := func() { rolled = s.Rollback(t.Context(), dataset, old, day("2026-11-20")) }
			m := &meddler{Dir: s.store, name: old + "/pruned.json"}
			if moment == "before the mark" {
				m.before = rollback
			} else {
				m.after = rollback
			}
			if _, _, err := release.NewArchive(m).Prune(t.Context(), dataset, release.Retention{}, day("2026-11-20"), false); err != nil {
				t.Fatal(err)
			}
			c, _, err := s.Current(t.Context(), dataset)
			if err != nil {
				t.Fatal(err)
			}
			e, err := s.Entry(t.Context(), dataset, c.Release)
			if err != nil || e.State != release.Served {
				t.Errorf("%s is %s, %v (rollback: %v)", c.Release, e.State, err, rolled)
			}
			if faults, err := s.Verify(t.Context(), e.Manifest); err != nil || len(faults) > 0 {
				t.Errorf("served release: %v, %v (rollback: %v)", faults, err, rolled)
			}
		})
	}
}

// TestARemovalBeforeAReleaseIsServed: a publication has stored a release, and a retention of no
// days, or an operator, removes it before the pointer names it. The pointer must not stay at it.
func TestARemovalBeforeAReleaseIsServed(t *testing.T) {
	removals := map[string]func(s *shelf, id string) error{
		"pruned": func(s *shelf, _ string) error {
			_, _, err := s.Prune(t.Context(), dataset, release.Retention{}, day("2026-11-20"), false)
			return err
		},
		"withdrawn": func(s *shelf, id string) error {
			_, _, err := s.Withdraw(t.Context(), dataset, id, "erreur", day("2026-11-20"))
			return err
		},
	}
	for state, remove := range removals {
		for _, before := range []string{"", "2026-06-01"} {
			t.Run(state+" after "+before, func(t *testing.T) {
				s := newShelf(t)
				if before != "" {
					s.add(before, "old")
				}
				c, version, err := s.Current(t.Context(), dataset)
				if err != nil && !errors.Is(err, release.ErrNotFound) {
					t.Fatal(err)
				}
				id := s.put("2026-06-02", "new")
				m, err := s.Manifest(t.Context(), dataset, id)
				if err != nil {
					t.Fatal(err)
				}
				if err := remove(s, id); err != nil {
					t.Fatal(err)
				}
				served := s.Flip(t.Context(), c.Serve(m, day("2026-06-02")), version)
				if served == nil {
					c.Dataset = dataset
					served = s.StandBack(t.Context(), id, c)
				}
				after, _, err := s.Current(t.Context(), dataset)
				if err != nil {
					t.Fatal(err)
				}
				if !errors.Is(served, release.ErrConflict) || after.Release != c.Release {
					t.Errorf("serves %q, whose objects are gone: %v", after.Release, served)
				}
			})
		}
	}
}

// TestStandBackLeavesALaterRelease: what was served next is not undone.
func TestStandBackLeavesALaterRelease(t *testing.T) {
	s := newShelf(t)
	s.add("2026-06-01", "old")
	before, _, err := s.Current(t.Context(), dataset)
	if err != nil {
		t.Fatal(err)
	}
	flipped := s.add("2026-06-02", "flipped")
	later := s.add("2026-06-03", "later")
	for range 2 {
		if err := s.StandBack(t.Context(), flipped, before); err != nil {
			t.Error(err)
		}
		if c, _, err := s.Current(t.Context(), dataset); err != nil || c.Release != later {
			t.Errorf("serves %s, %v", c.Release, err)
		}
		if _, _, err := s.Withdraw(t.Context(), dataset, flipped, "erreur", day("2026-06-04")); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWithdrawThatWasKilledGoesOn: the mark comes first, so that nobody reads the
// release any more; the second call finishes.
func TestWithdrawThatWasKilledGoesOn(t *testing.T) {
	s := newShelf(t)
	first := s.add("2026-11-01", "a")
	second := s.add("2026-11-02", "b")
	killed, stop := context.WithCancel(t.Context())
	m := &meddler{Dir: s.store, name: "withdrawn.json", after: stop}
	if _, _, err := release.NewArchive(m).Withdraw(killed, dataset, second, "erreur", day("2026-11-03")); err == nil {
		t.Fatal("not interrupted")
	}
	if e, err := s.Entry(t.Context(), dataset, second); err != nil || e.State != release.Withdrawn {
		t.Errorf("%s, %v", e.State, err)
	}
	if _, served, err := s.Withdraw(t.Context(), dataset, second, "erreur", day("2026-11-03")); err != nil || served != first {
		t.Errorf("served %q, %v", served, err)
	}
}
