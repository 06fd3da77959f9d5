package jobs

import (
	"context"

	"github.com/parvis-opendata/parvis/internal/traces"
)

// runSpan tells of a run and of the step that it is at.
type runSpan struct{ run, at *traces.Span }

// begin begins the span of a run, and returns the context below which its steps are.
func (s *runSpan) begin(ctx context.Context, to *traces.Tracer, r *Run) context.Context {
	ctx, s.run = to.Begin(ctx, "job "+r.job)
	s.run.Text("parvis.job", r.job)
	s.run.Number("parvis.run", r.number)
	s.run.Number("parvis.attempt", int64(r.record.Attempt))
	return ctx
}

// step begins the span of a step, and ends that of the one before.
func (s *runSpan) step(ctx context.Context, name string) {
	s.at.End(nil)
	_, s.at = traces.Begin(ctx, "step "+name)
}

// end ends the spans of a run.
func (s *runSpan) end(r Record, err error) {
	s.at.End(err)
	s.run.Text("parvis.outcome", string(r.Outcome))
	if r.Release != "" {
		s.run.Text("parvis.release", r.Release)
		s.run.Number("parvis.rows", r.Rows)
	}
	s.run.End(err)
}
