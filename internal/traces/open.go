package traces

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
)

// ErrSetting marks a variable of the environment that says what cannot be done.
var ErrSetting = errors.New("a setting of traces is wrong")

// Options say who traces, and where to.
type Options struct {
	// Service is the name of the program to the collector, unless OTEL_SERVICE_NAME is
	// another.
	Service, Version string
	// Endpoint is the address of the collector, such as http://127.0.0.1:4318, below which
	// traces are sent to /v1/traces. OTEL_EXPORTER_OTLP_TRACES_ENDPOINT comes before it, and
	// is taken as it is. Without either there are no traces.
	Endpoint string
	// Environ looks a variable up, "" if there is none. The library reads from the
	// environment of the process what is not checked here: the sampler, headers, limits.
	Environ func(name string) string
	Log     *slog.Logger
}

// Tracer begins traces; nil begins none. It is safe for concurrent use.
type Tracer struct {
	provider *trace.TracerProvider
	exporter *otlptrace.Exporter
	log      *slog.Logger
}

// Open returns a tracer, nil if nobody is to be told. It does not look whether the collector
// is there. The caller closes it.
//
// Errors: [ErrSetting].
func Open(ctx context.Context, o Options) (*Tracer, error) {
	address, err := o.address()
	if err != nil || address == "" {
		return nil, err
	}
	// What the library says of its own accord may hold what is in the headers.
	otel.SetLogger(logr.Discard())
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		o.Log.Warn("traces are lost", slog.Any("error", err))
	}))
	who, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", o.Service), attribute.String("service.version", o.Version)),
		resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("%w: read OTEL_RESOURCE_ATTRIBUTES: give name=value, separated by commas", ErrSetting)
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(address))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSetting, err)
	}
	o.Log.Info("telling traces", slog.String("address", address))
	return &Tracer{trace.NewTracerProvider(trace.WithBatcher(exporter), trace.WithResource(who)), exporter, o.Log}, nil
}

const (
	base   = "OTEL_EXPORTER_OTLP_"
	traces = base + "TRACES_"
)

// address is where traces go; "" if nobody is to be told.
func (o Options) address() (string, error) {
	name, text := traces+"ENDPOINT", o.Environ(traces+"ENDPOINT")
	if text == "" {
		name, text = base+"ENDPOINT", o.Endpoint
	}
	exporter := o.Environ("OTEL_TRACES_EXPORTER")
	if text == "" || exporter == "none" || strings.EqualFold(o.Environ("OTEL_SDK_DISABLED"), "true") {
		return "", nil
	}
	if exporter != "" && exporter != "otlp" {
		return "", fmt.Errorf("%w: read OTEL_TRACES_EXPORTER: there is no %q; give otlp or none", ErrSetting, exporter)
	}
	for _, group := range []string{base, traces} {
		if err := o.check(group); err != nil {
			return "", err
		}
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("%w: read %s: give an address such as http://127.0.0.1:4318; what proves who you are goes into %sHEADERS", ErrSetting, name, base)
	}
	if name == base+"ENDPOINT" {
		u = u.JoinPath("v1/traces")
	}
	return u.String(), nil
}

// check refuses what the library would pass over. Values of headers are secret.
func (o Options) check(group string) error {
	if o.Environ(group+"PROTOCOL") == "grpc" {
		return fmt.Errorf("%w: read %sPROTOCOL: traces are told by HTTP alone; give http/protobuf, and the port of the collector for it, mostly 4318", ErrSetting, group)
	}
	for item := range strings.SplitSeq(o.Environ(group+"HEADERS"), ",") {
		name, value, ok := strings.Cut(item, "=")
		if _, err := url.PathUnescape(value); err != nil || strings.TrimSpace(item) != "" && (!ok || strings.TrimSpace(name) == "") {
			return fmt.Errorf("%w: read %sHEADERS: give name=value, separated by commas, with special characters coded (%%20 for a space)", ErrSetting, group)
		}
	}
	return nil
}

// Patience is how long the end of the program waits for the collector.
const Patience = 5 * time.Second

// Close sends what is not sent yet, for at most [Patience]; what is left then is lost. It may
// be called of nil.
func (t *Tracer) Close(ctx context.Context) {
	if t == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), Patience)
	defer cancel()
	if err := t.provider.Shutdown(ctx); err != nil {
		t.log.Warn("the last traces are lost", slog.Any("error", err))
		_ = t.exporter.Shutdown(ctx) // breaks off what is being sent
	}
}
