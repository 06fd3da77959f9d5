package traces

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// scope is what the library calls the program.
const scope = "github.com/parvis-opendata/parvis"

// Span is a stretch of time that is told; nil is none. It is of one goroutine.
type Span struct{ span trace.Span }

// Begin begins a span below that of ctx, or a trace if there is none. The caller ends it.
func (t *Tracer) Begin(ctx context.Context, name string) (context.Context, *Span) {
	if t == nil {
		return ctx, nil
	}
	return begin(ctx, t.provider, name, trace.SpanKindInternal)
}

// Serve begins the span of a request, below that which its header traceparent names. The
// caller ends it.
func (t *Tracer) Serve(ctx context.Context, name, traceparent string) (context.Context, *Span) {
	if t == nil {
		return ctx, nil
	}
	if traceparent != "" {
		// Tracestate is not passed on: a client may write anything into it.
		ctx = propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": traceparent})
	}
	return begin(ctx, t.provider, name, trace.SpanKindServer)
}

// Begin begins a span below that of ctx; none if that has none that is told. The caller ends
// it.
func Begin(ctx context.Context, name string) (context.Context, *Span) {
	parent := trace.SpanFromContext(ctx)
	if !parent.IsRecording() {
		return ctx, nil
	}
	return begin(ctx, parent.TracerProvider(), name, trace.SpanKindInternal)
}

func begin(ctx context.Context, p trace.TracerProvider, name string, kind trace.SpanKind) (context.Context, *Span) {
	ctx, s := p.Tracer(scope).Start(ctx, name, trace.WithSpanKind(kind))
	return ctx, &Span{s}
}

// Text adds an attribute, whose values are few and ours.
func (s *Span) Text(key, value string) {
	if s != nil {
		s.span.SetAttributes(attribute.String(key, value))
	}
}

// Number adds an attribute that is a number.
func (s *Span) Number(key string, n int64) {
	if s != nil {
		s.span.SetAttributes(attribute.Int64(key, n))
	}
}

// End ends the span. Of an error it tells that there was one.
func (s *Span) End(err error) {
	if s == nil {
		return
	}
	if err != nil {
		s.span.SetStatus(codes.Error, "")
	}
	s.span.End()
}

// TraceID is the name of the trace, in 32 hexadecimal digits; "" of no span.
func (s *Span) TraceID() string {
	if s == nil || !s.span.SpanContext().HasTraceID() {
		return ""
	}
	return s.span.SpanContext().TraceID().String()
}
