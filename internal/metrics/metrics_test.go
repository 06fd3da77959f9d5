package metrics_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/parvis-opendata/parvis/internal/metrics"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// full is a registry in which everything has been told.
func full() *metrics.Registry {
	r := metrics.New("v1")
	q := r.Requests()
	q.Count("/api/v1/datasets", http.MethodGet, 200, 1200, 40*time.Millisecond)
	q.Count("/api/v1/datasets", http.MethodGet, 200, 800, 2*time.Second)
	q.Count("", http.MethodPost, 405, 10, time.Millisecond)
	s := r.Searches()
	s.Count("", 30*time.Millisecond)
	s.Count("not_ready", 0)
	r.Shared(func() metrics.Shared {
		return metrics.Shared{
			RefusedCalls: map[string]int64{"too_many_calls": 7}, Cache: metrics.Cache{Hits: 5, Misses: 2, Bytes: 1000, Limit: 4096},
			Queries: []metrics.Queries{
				{Kind: "page", Waiting: 3, Running: 4, Begun: 9, Waited: 2 * time.Second, Used: 1500 * time.Millisecond, Refused: map[string]int64{"queue_full": 1}},
			},
		}
	})
	r.Served(func() []metrics.Release {
		return []metrics.Release{
			{Dataset: "a", Published: noon, Secret: map[string]float64{"a_region": .12}, Loads: 2, Loading: 8 * time.Second},
			{Dataset: "b", Behind: true, Failures: 3},
		}
	}, func() metrics.Search { return metrics.Search{Ready: true} })
	r.Jobs(func() ([]metrics.Job, error) {
		return []metrics.Job{
			{Name: "catalogue", Due: noon, Success: noon.Add(-24 * time.Hour), Outcome: "failed", End: noon.Add(time.Minute), Took: time.Minute, Steps: map[string]time.Duration{"read": 40 * time.Second}, Audit: "refused", Rows: 27000, Runs: map[string]int{"done": 3, "failed": 1}},
			{Name: "verify"}, {Name: "nightly", Damaged: 2},
		}, errors.New("half of it")
	})
	r.Alerts(func() (metrics.Alerts, bool) {
		return metrics.Alerts{Readable: true, Pending: 2, Oldest: noon, Undeliverable: 1, Delivered: noon.Add(-24 * time.Hour)}, true
	})
	return r
}

func read(t *testing.T, r *metrics.Registry) string {
	t.Helper()
	w := httptest.NewRecorder()
	r.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, metrics.Path, nil))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func TestMetrics(t *testing.T) {
	text := read(t, full())
	for _, want := range []string{
		`parvis_build_info{version="v1"} 1`,
		`parvis_http_requests_total{method="GET",route="/api/v1/datasets",status="200"} 2`,
		`parvis_http_requests_total{method="POST",route="none",status="405"} 1`,
		`parvis_http_response_bytes_total{route="/api/v1/datasets"} 2000`,
		`parvis_http_request_duration_seconds_bucket{route="/api/v1/datasets",le="0.05"} 1`,
		`parvis_http_request_duration_seconds_count{route="/api/v1/datasets"} 2`,
		`parvis_release_published_timestamp_seconds{dataset="a"} 1.7803152e+09`,
		`parvis_release_loaded{dataset="a"} 1`, `parvis_release_loaded{dataset="b"} 0`,
		`parvis_release_behind{dataset="a"} 0`, `parvis_release_behind{dataset="b"} 1`,
		`parvis_release_secret_ratio{dataset="a",table="a_region"} 0.12`,
		`parvis_release_load_duration_seconds_sum{dataset="a"} 8`, `parvis_release_load_duration_seconds_count{dataset="a"} 2`,
		`parvis_release_load_failures_total{dataset="b"} 3`,
		`parvis_search_ready 1`, `parvis_search_behind 0`,
		`parvis_search_duration_seconds_bucket{le="0.05"} 1`, `parvis_searches_refused_total{reason="not_ready"} 1`,
		`parvis_calls_refused_total{reason="too_many_calls"} 7`,
		`parvis_queries_waiting{kind="page"} 3`, `parvis_queries_running{kind="page"} 4`, `parvis_queries_refused_total{kind="page",reason="queue_full"} 1`,
		`parvis_query_wait_duration_seconds_sum{kind="page"} 2`, `parvis_query_duration_seconds_sum{kind="page"} 1.5`, `parvis_query_duration_seconds_count{kind="page"} 9`,
		`parvis_answer_cache_requests_total{result="hit"} 5`, `parvis_answer_cache_requests_total{result="miss"} 2`,
		`parvis_answer_cache_bytes 1000`, `parvis_answer_cache_limit_bytes 4096`,
		`parvis_jobs_readable 0`,
		`parvis_job_due_timestamp_seconds{name="catalogue"} 1.7803152e+09`,
		`parvis_job_last_success_timestamp_seconds{name="catalogue"} 1.7802288e+09`,
		`parvis_job_last_end_timestamp_seconds{name="catalogue",outcome="failed"} 1.78031526e+09`,
		`parvis_job_last_duration_seconds{name="catalogue"} 60`,
		`parvis_job_last_rows{name="catalogue"} 27000`,
		`parvis_job_last_step_duration_seconds{name="catalogue",step="read"} 40`, `parvis_job_last_audit_passed{name="catalogue"} 0`,
		`parvis_job_last_damaged_releases{name="nightly"} 2`,
		`parvis_job_recorded_runs{name="catalogue",outcome="done"} 3`,
		`parvis_alerts_readable 1`, `parvis_alerts_pending 2`, `parvis_alerts_undeliverable 1`,
		`parvis_alerts_oldest_pending_timestamp_seconds 1.7803152e+09`, `parvis_alerts_last_delivered_timestamp_seconds 1.7802288e+09`,
		"process_resident_memory_bytes", "go_goroutines",
	} {
		if !strings.Contains(text, "\n"+want) {
			t.Errorf("missing %s", want)
		}
	}
	for _, absent := range []string{`parvis_release_published_timestamp_seconds{dataset="b"}`, `name="verify"`} {
		if strings.Contains(text, absent) {
			t.Errorf("there is %s", absent)
		}
	}
}

// TestAlertsBeforeTheFirstLook: nothing is told that is not known.
func TestAlertsBeforeTheFirstLook(t *testing.T) {
	r := metrics.New("v1")
	r.Alerts(func() (metrics.Alerts, bool) { return metrics.Alerts{}, false })
	if text := read(t, r); strings.Contains(text, "parvis_alerts") {
		t.Errorf("told:\n%s", text)
	}
}

func TestServe(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := full()
	if _, _, err := r.Serve(ctx, "256.0.0.1:1"); err == nil || !strings.Contains(err.Error(), "PARVIS_METRICS_LISTEN") {
		t.Errorf("a wrong address: %v", err)
	}
	address, stop, err := r.Serve(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	for path, status := range map[string]int{metrics.Path: 200, "/": 404, "/debug/pprof/": 404} {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != status {
			t.Errorf("%s: status %d, %v", path, resp.StatusCode, err)
		}
		_ = resp.Body.Close()
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
