package publisher_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/hub/hubtest"
)

// TestReleasesSortAsTheyWereServed: the clock is set forth and back between publications, and
// two begin in the same second.
func TestReleasesSortAsTheyWereServed(t *testing.T) {
	b := newBench(t, hubtest.Extract(t, nil))
	clock := b.now
	b.Now = func() time.Time { return clock }
	var served []string
	for i, jump := range []time.Duration{0, 5 * time.Hour, -11 * time.Hour, 0, 0, 30 * time.Minute} {
		clock = clock.Add(jump)
		b.use(t, hubtest.Extract(t, map[string][]hubtest.Record{"actions": {hubtest.Rec("actions", fmt.Sprintf("frais_ttc=%d.00", 1000+i))}}))
		served = append(served, b.publish(t).Release)
	}
	history, err := b.archive.History(t.Context(), catalogue)
	if err != nil {
		t.Fatal(err)
	}
	var sorted []string
	for _, e := range slices.Backward(history) {
		sorted = append(sorted, e.Manifest.Release)
	}
	if !slices.Equal(sorted, served) {
		t.Errorf("served %v, in order of their names %v", served, sorted)
	}
}
