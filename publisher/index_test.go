package publisher_test

import (
	"context"
	"errors"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/publisher"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// shelf keeps the titles of the trainings of each index in memory.
type shelf struct {
	indexes map[string][]string
	broken  error
	served  func() string // what is served while an index is made
	during  []string
}

func (s *shelf) Ensure(_ context.Context, id string, documents iter.Seq2[search.Document, error]) (bool, error) {
	if s.broken != nil {
		return false, s.broken
	}
	s.during = append(s.during, s.served())
	if _, ok := s.indexes[id]; ok {
		return false, nil
	}
	titles := []string{}
	for d, err := range documents {
		if err != nil {
			return false, err
		}
		titles = append(titles, d.Title)
	}
	s.indexes[id] = titles
	return true, nil
}

func (s *shelf) Prune(_ context.Context, keep ...string) (removed []string, err error) {
	for id := range s.indexes {
		if !slices.Contains(keep, id) {
			delete(s.indexes, id)
			removed = append(removed, id)
		}
	}
	return removed, nil
}

func TestSearchIndexIsMadeBeforeTheReleaseIsServed(t *testing.T) {
	extract := func(price string) string {
		return hubtest.Extract(t, map[string][]hubtest.Record{"actions": {hubtest.Rec("actions", "frais_ttc="+price)}})
	}
	b := newBench(t, extract("1000.00"))
	served := func() string {
		c, _, err := b.archive.Current(t.Context(), catalogue)
		if err != nil && !errors.Is(err, release.ErrNotFound) {
			t.Error(err)
		}
		return c.Release
	}
	s := &shelf{indexes: map[string][]string{}, served: served}
	b.Search = s
	first := b.publish(t).Release
	if got := s.indexes[first]; len(got) != 1 || got[0] == "" {
		t.Errorf("the index of the first release has %q", got)
	}
	if res := b.publish(t); !res.Unchanged || len(s.indexes) != 1 {
		t.Errorf("unchanged: %v, %d indexes", res.Unchanged, len(s.indexes))
	}
	clear(s.indexes)
	if b.publish(t); len(s.indexes[first]) != 1 {
		t.Error("the index of a release that is unchanged is not made again")
	}

	b.use(t, extract("1100.00"))
	s.broken = errors.New("no search")
	_, err := b.Publish(t.Context(), publisher.Request{Dataset: catalogue})
	var step *publisher.StepError
	if !errors.As(err, &step) || step.Step != publisher.StepIndex || !strings.Contains(err.Error(), "mend the search, then publish again") || served() != first {
		t.Errorf("without an index: %v; served %s", err, served())
	}
	s.broken = nil
	second := b.publish(t).Release
	if len(s.indexes) != 2 || served() != second {
		t.Errorf("%d indexes", len(s.indexes))
	}
	b.use(t, extract("1200.00"))
	third := b.publish(t).Release
	if _, ok := s.indexes[first]; ok || len(s.indexes[second]) != 1 || len(s.indexes[third]) != 1 {
		t.Errorf("indexes after three releases: %v", s.indexes)
	}
	if want := []string{"", first, first, first, second}; !slices.Equal(s.during, want) {
		t.Errorf("served while the indexes were made: %q, want %q", s.during, want)
	}

	m, err := b.archive.Manifest(t.Context(), catalogue, first)
	if err != nil {
		t.Fatal(err)
	}
	x := &publisher.Indexer{Search: s, Archive: b.archive, WorkDir: b.WorkDir}
	if made, err := x.Index(t.Context(), m); err != nil || !made || len(s.indexes[first]) != 1 {
		t.Errorf("from the store: %v, %v, %v", made, err, s.indexes[first])
	}
	for _, pattern := range []string{"index-*", "run-*"} {
		if left, _ := filepath.Glob(filepath.Join(b.WorkDir, pattern)); len(left) > 0 {
			t.Errorf("left behind: %q", left)
		}
	}
}
