package jobs

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/internal/traces"
	"github.com/parvis-opendata/parvis/internal/traces/tracestest"
)

// TestRunsAreTraced: a run with its steps, each once, and that it failed, but not why.
func TestRunsAreTraced(t *testing.T) {
	c := tracestest.New(t)
	tracer, err := traces.Open(t.Context(), traces.Options{Service: "jobs", Endpoint: c.URL, Environ: func(string) string { return "" }, Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	l := newLedger(t, newMemory(), quiet(), "worker")
	l.Traces = tracer
	_, err = l.Do(t.Context(), Job{Name: "catalogue", Run: func(_ context.Context, r *Run) error {
		for _, step := range []string{"read", "read", "audit"} {
			r.Step(step)
		}
		return fmt.Errorf("the name of somebody: %w", errNo)
	}}, Order{ByHand: true})
	if err == nil {
		t.Fatal("the run did not fail")
	}
	tracer.Close(t.Context())
	runs := c.Named("job catalogue")
	if len(runs) != 1 || !runs[0].Failed || runs[0].Attributes["parvis.outcome"] != "refused" || runs[0].Attributes["parvis.run"] != int64(1) {
		t.Fatalf("%+v", runs)
	}
	steps := c.Below(runs[0])
	if len(steps) != 2 || steps[0].Name != "step read" || steps[0].Failed || steps[1].Name != "step audit" || !steps[1].Failed {
		t.Errorf("%+v", steps)
	}
	if strings.Contains(c.Raw(), "somebody") || strings.Contains(c.Raw(), "worker") {
		t.Error("the text of the error, or the worker, was told")
	}
}
