package publisher_test

import (
	"errors"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/publisher"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// under publishes under a lease.
func (b *bench) under(t *testing.T, fence int64, due time.Time) (publisher.Result, error) {
	return b.Publish(t.Context(), publisher.Request{Dataset: catalogue, Fences: map[string]int64{catalogue: fence}, Due: due})
}

// TestADueDateIsPublishedOnce: the first run for it lost its lease just after it had
// served, and the second finds another extract.
func TestADueDateIsPublishedOnce(t *testing.T) {
	b := newBench(t, hubtest.Extract(t, nil))
	due := b.now.Add(-time.Minute)
	first, err := b.under(t, 1, due)
	if err != nil || first.Unchanged {
		t.Fatalf("%+v, %v", first, err)
	}
	b.use(t, hubtest.Extract(t, map[string][]hubtest.Record{"actions": {hubtest.Rec("actions", "frais_ttc=1234.00")}}))
	second, err := b.under(t, 2, due)
	if err != nil || !second.Unchanged || second.Release != first.Release {
		t.Errorf("served twice: %+v, %v", second, err)
	}
	if _, err := b.under(t, 1, due.AddDate(0, 0, 1)); !errors.Is(err, release.ErrFenced) {
		t.Errorf("a run of a lesser number: %v", err)
	}
	third, err := b.under(t, 3, due.AddDate(0, 0, 1))
	if err != nil || third.Unchanged {
		t.Errorf("the next due date: %+v, %v", third, err)
	}
}

// TestAPublicationThatLostItsLeaseStopsAtThePointer: another takes the lease while it
// builds.
func TestAPublicationThatLostItsLeaseStopsAtThePointer(t *testing.T) {
	b := newBench(t, hubtest.Extract(t, nil))
	b.Progress = func(_ string, step publisher.Step, _ string) {
		if step == publisher.StepBuild {
			if _, _, err := b.archive.Claim(t.Context(), catalogue, 2); err != nil {
				t.Error(err)
			}
		}
	}
	if _, err := b.under(t, 1, b.now); !errors.Is(err, release.ErrConflict) {
		t.Errorf("error %v", err)
	}
	b.Progress = nil
	if c, _, err := b.archive.Current(t.Context(), catalogue); err != nil || c.Release != "" {
		t.Errorf("serves %q, %v", c.Release, err)
	}
	if history, err := b.archive.History(t.Context(), catalogue); err != nil || len(history) != 0 {
		t.Errorf("%d releases are left, %v", len(history), err)
	}
	res, err := b.under(t, 2, b.now)
	if err != nil || b.wholeServed(t) != res.Release {
		t.Errorf("the later one: %+v, %v", res, err)
	}
}
