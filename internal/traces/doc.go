// Package traces tells an OpenTelemetry collector what took how long.
//
// It owns how spans come about, and the way to the collector: OTLP over HTTP, as the
// OTEL_… variables of the environment say. What is worth a span is the business of its
// callers.
//
// Invariants: nobody waits for the collector, but the end of the program for a moment;
// spans that it does not take are lost. Without a collector nothing runs, and a span costs a
// look at its context. Nothing that a client writes gets into a span but the ids of
// traceparent; an error is that there was one, never its text.
package traces
