package main

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/internal/traces/tracestest"
)

// TestPublishAndServeAreTraced publishes a small catalogue, serves it and asks it something,
// and reads from a collector what took how long, and that it tells nothing of the data, nor
// of who asked and what.
func TestPublishAndServeAreTraced(t *testing.T) {
	c := tracestest.New(t)
	environ := []string{
		"PARVIS_HUB=" + hubtest.Extract(t, nil), "PARVIS_STORE=" + t.TempDir(), "PARVIS_WORKDIR=" + t.TempDir(), "PARVIS_MEMORY_LIMIT=1GB", "PARVIS_THREADS=1",
		"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.URL,
	}
	p := process{args: []string{"publish", catalogue}, environ: environ, out: io.Discard, err: &lockedText{}, now: time.Now}
	if code := p.run(t.Context()); code != exitDone {
		t.Fatalf("exit %d:\n%s", code, p.err)
	}
	run := only(t, c.Named("job catalogue"))
	if run.Service != "parvis-work" || run.Attributes["parvis.outcome"] != "done" || run.Attributes["parvis.rows"] == nil || run.Failed {
		t.Errorf("%+v", run)
	}
	if command := only(t, c.Named("publish")); command.ID != run.Parent {
		t.Error("the run is not below the command")
	}
	var steps []string
	for _, s := range c.Below(run) {
		steps = append(steps, s.Name)
		if s.Begin < run.Begin || s.End > run.End {
			t.Errorf("%s is not within its run", s.Name)
		}
	}
	if want := []string{"step read", "step build", "step protect", "step audit", "step write", "step store", "step flip"}; !slices.Equal(steps, want) {
		t.Errorf("steps %v, want %v", steps, want)
	}
	untold(t, c, long(hubtest.Good))

	log := askTraced(t, environ[1:])
	request := only(t, c.Named("GET /api/explore/v2.1/catalog/datasets/:dataset/records"))
	if request.Service != "parvis-serve" || request.Trace != "\x0a\xf7\x65\x19\x16\xcd\x43\xdd\x84\x48\xeb\x21\x1c\x80\x31\x9c" || request.Parent == "" || request.State != "" {
		t.Errorf("%+v", request)
	}
	if a := request.Attributes; a["http.response.status_code"] != int64(200) || a["http.route"] != "/api/explore/v2.1/catalog/datasets/:dataset/records" || a["parvis.release"] == nil {
		t.Errorf("%v", a)
	}
	query := slices.DeleteFunc(c.Below(request), func(s tracestest.Span) bool { return s.Name != "query" })
	if len(query) == 0 || query[0].Attributes["parvis.kind"] != "page" || len(c.Below(request)) != 2*len(query) {
		t.Errorf("%+v", c.Below(request))
	}
	search := only(t, c.Named("GET /api/v1/search"))
	if below := c.Below(search); len(below) != 2 || below[0].Name != "wait" || below[1].Name != "search" {
		t.Errorf("%+v", below)
	}
	if !strings.Contains(log, "trace_id=0af7651916cd43dd8448eb211c80319c") {
		t.Errorf("no trace in the log:\n%s", log)
	}
	untold(t, c, []string{"zyxwvu", "198.51.100.7", "127.0.0.1", "robinson-agent", "vendor-state", "request-of-mine", "referring.example"})
}

// only returns the span that is the only one.
func only(t *testing.T, all []tracestest.Span) tracestest.Span {
	t.Helper()
	if len(all) != 1 {
		t.Fatalf("%d spans: %+v", len(all), all)
	}
	return all[0]
}

// untold checks that some texts came to the collector in no form.
func untold(t *testing.T, c *tracestest.Collector, texts []string) {
	t.Helper()
	raw := strings.ToLower(c.Raw())
	for _, text := range texts {
		if strings.Contains(raw, strings.ToLower(text)) {
			t.Errorf("%q was told", text)
		}
	}
}

// long are the values of records that are long enough to be found in anything else by no
// accident.
func long(records map[string]hubtest.Record) (texts []string) {
	for _, record := range records {
		for _, value := range record {
			if len(value) > 5 && !strings.Contains(catalogue, value) {
				texts = append(texts, value)
			}
		}
	}
	return texts
}

// askTraced serves a store, asks it something as a client that tells much of itself, and
// returns the log.
func askTraced(t *testing.T, environ []string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	log := &lockedText{}
	p := process{args: []string{"serve"}, environ: append(environ, "PARVIS_LISTEN=127.0.0.1:0", "PARVIS_TRUSTED_PROXIES=127.0.0.1"), out: io.Discard, err: log, now: time.Now}
	ended := make(chan int)
	go func() { ended <- p.run(ctx) }()
	serving := regexp.MustCompile(`msg=serving address=(\S+)\n`)
	var at []string
	until(t, log, func() bool {
		at = serving.FindStringSubmatch(log.text())
		return at != nil && strings.Contains(log.text(), "release searched") && askAs(t, at[1]+"/readyz", nil) == http.StatusOK
	})
	for _, path := range []string{"/api/explore/v2.1/catalog/datasets/" + catalogue + "/records?where=%22zyxwvu%22", "/api/v1/search?q=zyxwvu"} {
		if status := askAs(t, at[1]+path, http.Header{
			"Traceparent": {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}, "Tracestate": {"vendor-state=zyxwvu"},
			"User-Agent": {"robinson-agent"}, "X-Forwarded-For": {"198.51.100.7"}, "X-Request-Id": {"request-of-mine"}, "Referer": {"https://referring.example/"},
		}); status != http.StatusOK {
			t.Errorf("%s: status %d", path, status)
		}
	}
	cancel()
	if code := <-ended; code != exitDone {
		t.Errorf("exit %d:\n%s", code, log.text())
	}
	return log.text()
}

// until waits for something.
func until(t *testing.T, log *lockedText, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("nothing came; the log says\n%s", log.text())
		}
	}
}

// askAs returns the status of an answer.
func askAs(t *testing.T, address string, header http.Header) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header.Clone()
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}
