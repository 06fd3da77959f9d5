package traces_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/parvis-opendata/parvis/internal/traces"
	"github.com/parvis-opendata/parvis/internal/traces/tracestest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open opens a tracer in an environment.
func open(t testing.TB, log io.Writer, endpoint string, environ map[string]string) (*traces.Tracer, error) {
	t.Helper()
	for name, value := range environ {
		t.(interface{ Setenv(name, value string) }).Setenv(name, value)
	}
	return traces.Open(t.Context(), traces.Options{
		Service: "parvis-test", Version: "v1", Endpoint: endpoint, Log: slog.New(slog.NewTextHandler(log, nil)),
		Environ: func(name string) string { return environ[name] },
	})
}

const asked = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

// text is a log that is read while it is written.
type text struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (x *text) Write(p []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.all.Write(p)
}

func (x *text) String() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.all.String()
}

func TestSpansArrive(t *testing.T) {
	c := tracestest.New(t)
	tracer, err := open(t, io.Discard, c.URL, map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20word", "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment=test"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, request := tracer.Serve(t.Context(), "GET /x", asked)
	request.Number("http.response.status_code", 500)
	inner, query := traces.Begin(ctx, "query")
	query.Text("parvis.kind", "page")
	_, wait := traces.Begin(inner, "wait")
	wait.End(nil)
	query.End(errors.New("no such column: dupont"))
	request.End(nil)
	tracer.Close(t.Context())

	if n := len(c.Spans()); n != 3 {
		t.Fatalf("%d spans", n)
	}
	r := c.Named("GET /x")[0]
	if got := request.TraceID(); got != "0af7651916cd43dd8448eb211c80319c" || r.Trace == "" || r.Parent == "" || r.Kind != "SPAN_KIND_SERVER" || r.Service != "parvis-test" || r.State != "" {
		t.Errorf("trace %s: %+v", got, r)
	}
	if r.Resource["service.version"] != "v1" || r.Resource["deployment.environment"] != "test" {
		t.Errorf("%v", r.Resource)
	}
	below := c.Below(r)
	if len(below) != 1 || below[0].Name != "query" || !below[0].Failed || below[0].Why != "" || below[0].Events != 0 || below[0].Attributes["parvis.kind"] != "page" {
		t.Fatalf("%+v", below)
	}
	if deeper := c.Below(below[0]); len(deeper) != 1 || deeper[0].Name != "wait" || deeper[0].Failed {
		t.Errorf("%+v", deeper)
	}
	if strings.Contains(c.Raw(), "dupont") {
		t.Error("the text of an error was told")
	}
	if h := c.Headers(); h[0].Get("Authorization") != "Bearer word" {
		t.Errorf("%v", h)
	}
}

func TestVariablesOfTheEnvironment(t *testing.T) {
	for name, environ := range map[string]map[string]string{
		"none":     {"OTEL_TRACES_EXPORTER": "none"},
		"disabled": {"OTEL_SDK_DISABLED": "true"},
	} {
		t.Run(name, func(t *testing.T) {
			if tracer, err := open(t, io.Discard, "http://127.0.0.1:1", environ); tracer != nil || err != nil {
				t.Errorf("%v, %v", tracer, err)
			}
		})
	}
	t.Run("name", func(t *testing.T) {
		c := tracestest.New(t)
		environ := map[string]string{"OTEL_SERVICE_NAME": "donnees", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": c.URL + "/v1/traces", "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"}
		tracer, err := open(t, io.Discard, "http://127.0.0.1:1", environ)
		if err != nil {
			t.Fatal(err)
		}
		_, s := tracer.Begin(t.Context(), "run")
		s.End(nil)
		tracer.Close(t.Context())
		if all := c.Spans(); len(all) != 1 || all[0].Service != "donnees" || c.Headers()[0].Get("Content-Encoding") != "gzip" {
			t.Errorf("%+v", all)
		}
	})
	t.Run("sampler", func(t *testing.T) {
		c := tracestest.New(t)
		tracer, err := open(t, io.Discard, c.URL, map[string]string{"OTEL_TRACES_SAMPLER": "always_off"})
		if err != nil {
			t.Fatal(err)
		}
		ctx, s := tracer.Begin(t.Context(), "run")
		if inner, below := traces.Begin(ctx, "step"); inner != ctx || below != nil {
			t.Error("a span below one that is not told")
		}
		s.End(nil)
		tracer.Close(t.Context())
		if all := c.Spans(); len(all) != 0 {
			t.Errorf("%+v", all)
		}
	})
}

// TestWrongVariables: what is wrong is named, and what it holds is not.
func TestWrongVariables(t *testing.T) {
	const address = "http://127.0.0.1:1"
	for name, of := range map[string]struct {
		endpoint string
		environ  map[string]string
		want     string
	}{
		"no scheme":      {"127.0.0.1:4318", nil, "OTEL_EXPORTER_OTLP_ENDPOINT"},
		"a password":     {"http://me:s3cret@127.0.0.1:4318", nil, "OTEL_EXPORTER_OTLP_HEADERS"},
		"another scheme": {address, map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "unix:///s3cret"}, "TRACES_ENDPOINT"},
		"grpc":           {address, map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "http/protobuf"},
		"zipkin":         {address, map[string]string{"OTEL_TRACES_EXPORTER": "zipkin"}, "otlp or none"},
		"no name":        {address, map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "a=b,s3cret"}, "OTEL_EXPORTER_OTLP_HEADERS"},
		"no code":        {address, map[string]string{"OTEL_EXPORTER_OTLP_TRACES_HEADERS": "a=s3cret%"}, "TRACES_HEADERS"},
		"no attribute":   {address, map[string]string{"OTEL_RESOURCE_ATTRIBUTES": "s3cret"}, "OTEL_RESOURCE_ATTRIBUTES"},
	} {
		t.Run(name, func(t *testing.T) {
			log := &bytes.Buffer{}
			tracer, err := open(t, log, of.endpoint, of.environ)
			if tracer != nil || !errors.Is(err, traces.ErrSetting) || !strings.Contains(err.Error(), of.want) || strings.Contains(err.Error()+log.String(), "s3cret") {
				t.Errorf("%v, %v\n%s", tracer, err, log)
			}
		})
	}
}

type key struct{}

// TestWithoutACollector: nothing runs, and nothing is made.
func TestWithoutACollector(t *testing.T) {
	tracer, err := open(t, io.Discard, "", nil)
	if tracer != nil || err != nil {
		t.Fatalf("%v, %v", tracer, err)
	}
	goleak.VerifyNone(t)
	ctx := context.WithValue(t.Context(), key{}, 1)
	one := func() {
		inner, s := tracer.Serve(ctx, "GET /x", asked)
		inner, below := traces.Begin(inner, "query")
		below.Text("parvis.kind", "page")
		below.End(nil)
		s.Number("http.response.status_code", 200)
		s.End(nil)
		if inner != ctx || s.TraceID() != "" {
			t.Error("there is a span")
		}
	}
	if n := testing.AllocsPerRun(100, one); n != 0 {
		t.Errorf("%.0f allocations", n)
	}
	tracer.Close(t.Context())
}

// TestACollectorThatHangs holds up nobody: a span is no slower, and the end takes its patience.
func TestACollectorThatHangs(t *testing.T) {
	hang, asked := make(chan struct{}), make(chan struct{}, 100)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(hang) })
	log := &text{}
	tracer, err := open(t, log, server.URL, map[string]string{"OTEL_BSP_SCHEDULE_DELAY": "1", "OTEL_BSP_MAX_QUEUE_SIZE": "16", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "1",
		"OTEL_BSP_EXPORT_TIMEOUT": "3600000", "OTEL_EXPORTER_OTLP_TIMEOUT": "3600000"})
	if err != nil {
		t.Fatal(err)
	}
	for range 10_000 { // more than the queue takes
		_, s := tracer.Begin(t.Context(), "run")
		s.End(nil)
	}
	<-asked
	tracer.Close(t.Context()) // returns, although the collector would be waited for an hour
	if !strings.Contains(log.String(), "the last traces are lost") {
		t.Errorf("the log says\n%s", log)
	}
}

// TestACollectorThatIsAway is said in the log, and no more.
func TestACollectorThatIsAway(t *testing.T) {
	log := &text{}
	tracer, err := open(t, log, "http://127.0.0.1:1", map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "authorization=s3cret"})
	if err != nil {
		t.Fatal(err)
	}
	_, s := tracer.Begin(t.Context(), "run")
	s.End(nil)
	tracer.Close(t.Context())
	if said := log.String(); !strings.Contains(said, "lost") || strings.Contains(said, "s3cret") {
		t.Errorf("the log says\n%s", said)
	}
}

func TestTransport(t *testing.T) {
	c := tracestest.New(t)
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	tracer, err := open(t, io.Discard, c.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: traces.Transport(http.DefaultTransport)}
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	ctx, run := tracer.Begin(t.Context(), "run")
	for _, ctx := range []context.Context{ctx, t.Context()} {
		r, err := http.NewRequestWithContext(ctx, http.MethodHead, server.URL+"/bucket/name", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
	}
	run.End(nil)
	tracer.Close(t.Context())
	below := c.Below(c.Named("run")[0])
	if len(c.Spans()) != 2 || len(below) != 1 || below[0].Name != "object HEAD" || below[0].Attributes["http.response.status_code"] != int64(404) || below[0].Kind != "SPAN_KIND_CLIENT" {
		t.Errorf("%+v", c.Spans())
	}
	if strings.Contains(c.Raw(), "bucket") {
		t.Error("the name of an object was told")
	}
}
