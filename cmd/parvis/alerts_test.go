package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/jobs"
)

const webhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// receiver is a server that takes webhooks as long as it is well.
type receiver struct {
	*httptest.Server
	mutex  sync.Mutex
	status int
	bodies []string
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	verifier, err := webhooks.NewWebhook(webhookSecret)
	if err != nil {
		t.Fatal(err)
	}
	r := &receiver{status: http.StatusAccepted}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err == nil {
			err = verifier.Verify(body, req.Header)
		}
		if err != nil {
			t.Error(err)
		}
		r.mutex.Lock()
		defer r.mutex.Unlock()
		r.bodies = append(r.bodies, string(body))
		w.WriteHeader(r.status)
	}))
	t.Cleanup(r.Close)
	return r
}

// told are the types and jobs that were taken, in alphabetical order.
func (r *receiver) told(t *testing.T) (all []string) {
	t.Helper()
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for _, body := range r.bodies {
		var e struct {
			Type string
			Data struct{ Job string }
		}
		if err := json.Unmarshal([]byte(body), &e); err != nil {
			t.Error(err)
		}
		all = append(all, e.Type+" "+e.Data.Job)
	}
	slices.Sort(all)
	return all
}

// TestAlertsTest sends to a receiver that is well, and to one that is not.
func TestAlertsTest(t *testing.T) {
	r := newReceiver(t)
	run := func() (code int, out, log string) {
		var stdout, stderr bytes.Buffer
		p := process{
			args: []string{"alerts", "test"}, out: &stdout, err: &stderr, now: time.Now,
			environ: []string{"PARVIS_WEBHOOK_URL=" + r.URL + "/?token=hush", "PARVIS_WEBHOOK_SECRET=" + webhookSecret},
		}
		return p.run(t.Context()), stdout.String(), stderr.String()
	}
	if code, out, log := run(); code != exitDone || out != r.URL+" answers 202 Accepted\n" || log != "" {
		t.Errorf("exit %d: %s%s", code, out, log)
	}
	r.status = http.StatusGone
	if code, out, log := run(); code != exitFailure || out != "" || log != "parvis: test alerts: "+r.URL+": 410 Gone: nobody takes webhooks there; correct PARVIS_WEBHOOK_URL\n" {
		t.Errorf("exit %d: %s%s", code, out, log)
	}
	if got := strings.Join(r.told(t), ","); got != "test ,test " {
		t.Errorf("told: %s", got)
	}
}

// TestWorkSendsAlerts: a worker whose hub is empty is refused three publications. It is
// stopped, and tells of all of them at the latest when it is started again.
func TestWorkSendsAlerts(t *testing.T) {
	r, store := newReceiver(t), t.TempDir()
	environ := []string{
		"PARVIS_STORE=" + store, "PARVIS_WORKDIR=" + t.TempDir(), "PARVIS_HUB=" + t.TempDir(), "PARVIS_METRICS_LISTEN=127.0.0.1:0",
		"PARVIS_WEBHOOK_URL=" + r.URL + "/?token=hush", "PARVIS_WEBHOOK_SECRET=" + webhookSecret,
	}
	// work runs a worker until something is so.
	work := func(until func(log string) bool) string {
		ctx, cancel := context.WithCancel(t.Context())
		log := &lockedText{}
		p := process{args: []string{"work"}, environ: environ, out: io.Discard, err: log, now: time.Now}
		ended := make(chan int)
		go func() { ended <- p.run(ctx) }()
		for deadline := time.Now().Add(time.Minute); !until(log.text()); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Errorf("too late:\n%s", log.text())
				break
			}
		}
		cancel()
		if code := <-ended; code != exitDone {
			t.Errorf("exit %d:\n%s", code, log.text())
		}
		return log.text()
	}
	dir, err := objects.OpenDir(store)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	ledger := &jobs.Ledger{Store: dir}
	work(func(string) bool {
		for _, job := range []string{"catalogue", "engagees", "usagers"} {
			if runs, err := ledger.Runs(t.Context(), job, 1); err != nil || len(runs) == 0 || runs[0].Outcome == jobs.Running {
				return false
			}
		}
		return true
	})
	var metrics string
	log := work(func(log string) bool {
		if len(r.told(t)) < 3 {
			return false
		}
		metrics = get(t, regexp.MustCompile(`address=(http://127\S*)/metrics`), func() string { return log }, "/metrics")
		return strings.Contains(metrics, "parvis_alerts_last_delivered_timestamp_seconds") && strings.Contains(metrics, "parvis_alerts_pending 0")
	})
	if got := strings.Join(r.told(t), ", "); got != "job.refused catalogue, job.refused engagees, job.refused usagers" {
		t.Errorf("told: %s", got)
	}
	for _, want := range []string{"parvis_alerts_readable 1", "parvis_alerts_undeliverable 0"} {
		if !strings.Contains(metrics, want) {
			t.Errorf("missing %s in\n%s", want, metrics)
		}
	}
	if strings.Contains(log, "hush") || strings.Contains(log, webhookSecret) {
		t.Errorf("the log holds a secret:\n%s", log)
	}
	var out bytes.Buffer
	p := process{args: []string{"alerts", "list"}, environ: environ, out: &out, err: &out, now: time.Now}
	if code := p.run(t.Context()); code != exitDone || strings.Count(out.String(), "202 Accepted") != 3 {
		t.Errorf("exit %d:\n%s", code, out.String())
	}
}
