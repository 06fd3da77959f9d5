package main

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/jobs"
)

// TestServeTellsMetrics runs a server over an empty store, asks it something, and reads from
// its other listener that it was asked.
func TestServeTellsMetrics(t *testing.T) {
	tell := metricsOf(t, []string{"serve"}, []string{"PARVIS_STORE=" + t.TempDir(), "PARVIS_WORKDIR=" + t.TempDir()})
	get(t, regexp.MustCompile(`address=(http://127[^/\s]*)\n`), tell, "/healthz")
	text := get(t, regexp.MustCompile(`address=(http://127\S*)/metrics`), tell, "/metrics")
	for _, want := range []string{
		`parvis_http_requests_total{method="GET",route="/healthz",status="200"} 1`,
		`parvis_release_loaded{dataset="` + catalogue + `"} 0`, `parvis_search_ready 0`,
		`parvis_queries_running{kind="export"} 0`, `parvis_queries_refused_total{kind="page",reason="queue_full"} 0`, `parvis_calls_refused_total{reason="too_many_calls"} 0`,
		`parvis_answer_cache_requests_total{result="hit"} 0`, `parvis_answer_cache_limit_bytes 6.7108864e+07`, `parvis_search_duration_seconds_count 0`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("missing %s in\n%s", want, text)
		}
	}
}

// TestWorkTellsMetrics: a worker without a hub says that its jobs are due.
func TestWorkTellsMetrics(t *testing.T) {
	tell := metricsOf(t, []string{"work"}, []string{"PARVIS_STORE=" + t.TempDir(), "PARVIS_WORKDIR=" + t.TempDir(), "PARVIS_HUB=" + t.TempDir()})
	text := get(t, regexp.MustCompile(`address=(http://127\S*)/metrics`), tell, "/metrics")
	for _, want := range []string{"parvis_jobs_readable 1", `parvis_job_due_timestamp_seconds{name="usagers"}`} {
		if !strings.Contains(text, want) {
			t.Errorf("missing %s in\n%s", want, text)
		}
	}
}

// TestRecordedRuns: of runs that ended in one way or another, the last step and audit are told.
func TestRecordedRuns(t *testing.T) {
	step := func(name string, seconds float64) jobs.Step { return jobs.Step{Name: name, Seconds: seconds} }
	audited := func(outcome jobs.Outcome, more ...jobs.Step) jobs.Record {
		return jobs.Record{Outcome: outcome, Steps: append([]jobs.Step{step("read", 2), step("audit", 3)}, more...)}
	}
	for name, c := range map[string]struct {
		run  jobs.Record
		want string
	}{
		"published":          {audited(jobs.Done, step("write", 1)), "passed"},
		"failed after it":    {audited(jobs.Failed, step("write", 1)), "passed"},
		"refused by it":      {audited(jobs.Refused), "refused"},
		"broken in it":       {audited(jobs.Failed), ""},
		"refused before it":  {jobs.Record{Outcome: jobs.Refused, Steps: []jobs.Step{step("read", 1)}}, ""},
		"not a publication":  {jobs.Record{Outcome: jobs.Done, Steps: []jobs.Step{step("dataset", 1)}}, ""},
		"without any record": {jobs.Record{}, ""},
	} {
		if got := lastAudit(c.run); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	got := steps(jobs.Record{Steps: []jobs.Step{step("read", 2), step("build", 1), step("read", .5)}})
	if len(got) != 2 || got["read"] != 2500*time.Millisecond || got["build"] != time.Second {
		t.Errorf("%v", got)
	}
}

// TestDamagedReleases: those of the last verification that came to its end, or found some; one that
// the store kept from looking says nothing.
func TestDamagedReleases(t *testing.T) {
	damaged := jobs.Record{Outcome: jobs.Failed, Damaged: make([]jobs.Damage, 2)}
	for name, c := range map[string]struct {
		runs []jobs.Record // the latest first
		want int
	}{
		"none":                   {nil, 0},
		"found":                  {[]jobs.Record{damaged, {Outcome: jobs.Done}}, 2},
		"mended":                 {[]jobs.Record{{Outcome: jobs.Done}, damaged}, 0},
		"the store is away then": {[]jobs.Record{{Outcome: jobs.Running}, {Outcome: jobs.Failed}, damaged}, 2},
	} {
		if got := lastDamage(c.runs); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// metricsOf runs a command with metrics until the test ends, and returns what it has logged
// so far.
func metricsOf(t *testing.T, args, environ []string) (logged func() string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	log := &lockedText{}
	p := process{args: args, environ: environ, out: io.Discard, err: log, now: time.Now}
	for _, pair := range append(environ, "PARVIS_METRICS_LISTEN=127.0.0.1:0", "PARVIS_LISTEN=127.0.0.1:0") {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	ended := make(chan int)
	go func() { ended <- p.run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if code := <-ended; code != exitDone {
			t.Errorf("exit %d:\n%s", code, log.text())
		}
	})
	return log.text
}

// get asks the address that a log names.
func get(t *testing.T, named *regexp.Regexp, logged func() string, path string) string {
	t.Helper()
	var found []string
	for deadline := time.Now().Add(30 * time.Second); found == nil; time.Sleep(10 * time.Millisecond) {
		if found = named.FindStringSubmatch(logged()); found == nil && time.Now().After(deadline) {
			t.Fatalf("no address in\n%s", logged())
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, found[1]+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v", path, resp.StatusCode, err)
	}
	_ = resp.Body.Close()
	return string(text)
}

// lockedText is a text that one writes while others read.
type lockedText struct {
	mu  sync.Mutex
	all strings.Builder
}

func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *lockedText) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}
