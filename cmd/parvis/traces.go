package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/parvis-opendata/parvis/internal/traces"
)

// tracesOf opens the tracer of the process, which [process.run] closes; nil if the settings
// name no collector.
//
// Errors: a variable of the environment is wrong.
func (p *process) tracesOf(ctx context.Context, s *settings, service string, log *slog.Logger) (*traces.Tracer, error) {
	if p.traces != nil {
		return p.traces, nil
	}
	values := environment(p.environ)
	tracer, err := traces.Open(ctx, traces.Options{
		Service: service, Version: thisBuild().String(), Endpoint: s.TracesEndpoint,
		Environ: func(name string) string { return values[name] }, Log: log,
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	p.traces = tracer
	return tracer, nil
}
