package alerts

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/objects/s3test"
)

func TestAddresses(t *testing.T) {
	for address, good := range map[string]bool{
		"https://alerts.example.fr": true, "https://user:hush@alerts.example.fr:8443/parvis?token=hush": true,
		"http://127.0.0.1:9000/hook": true, "http://[::1]:9000": true, "http://localhost:9000": true,
		"http://alerts.example.fr/hush": false, "http://10.1.2.3/hush": false, "http://localhost.example.fr": false,
		"ftp://alerts.example.fr/hush": false, "https:///hush": false, "alerts.example.fr/hush": false, "https://%hush": false, "https://alerts.example.fr/#hush": false,
	} {
		_, err := ParseAddress(address)
		if (err == nil) != good {
			t.Errorf("%s: %v", address, err)
		}
		if err != nil && strings.Contains(err.Error(), "hush") {
			t.Errorf("the error repeats the address: %v", err)
		}
	}
}

// TestReceivers sends to real servers, well and unwell.
func TestReceivers(t *testing.T) {
	hang := make(chan struct{})
	defer close(hang)
	for _, c := range []struct {
		name         string
		answer       http.HandlerFunc
		want         string // how what is said of it begins
		good, passes bool
		after        time.Duration
	}{
		{"200", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "ok") }, "200 OK", true, true, 0},
		{"204", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, "204 No Content", true, true, 0},
		{"a long answer", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) }, "200 OK", true, true, 0},
		{"500", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "hush", http.StatusInternalServerError) }, "500 Internal Server Error; look", false, true, 0},
		{"503 for two minutes", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(http.StatusServiceUnavailable)
		}, "503 Service Unavailable", false, true, 2 * time.Minute},
		{"429 until a time", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
			w.WriteHeader(http.StatusTooManyRequests)
		}, "429 Too Many Requests", false, true, time.Hour},
		{"429 for ever", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "soon")
			w.WriteHeader(http.StatusTooManyRequests)
		}, "429 Too Many Requests", false, true, 0},
		{"408", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusRequestTimeout) }, "408 Request Timeout", false, true, 0},
		{"410", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }, "410 Gone: nobody takes webhooks there", false, false, 0},
		{"404", http.NotFound, "404 Not Found: nobody", false, false, 0},
		{"403", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, "403 Forbidden: it refuses the signature", false, false, 0},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/elsewhere" {
				t.Error("a redirect was followed")
			}
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, "307 Temporary Redirect: redirects are not followed", false, true, 0},
		{"a reset", func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_ = conn.(*net.TCPConn).SetLinger(0)
			_ = conn.Close()
		}, "no answer: read tcp 127.0.0.1", false, true, 0},
		{"a stop in the middle", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "no answer: EOF", false, true, 0},
		{"silence", func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-hang:
			}
		}, "no answer: none within 200ms", false, true, 0},
		{"noise", func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = conn.Write([]byte("what?\r\n\r\n"))
			_ = conn.Close()
		}, "no answer: net/http: HTTP/1.x transport connection broken", false, true, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &receiver{t: t}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				if user, password, _ := req.BasicAuth(); user != "user" || password != "hush" || req.URL.Query().Get("token") != "hush" {
					t.Errorf("the address lost its secrets: %s %s", user, req.URL)
				}
				_, _, _ = r.take(req)
				c.answer(w, req)
			}))
			defer server.Close()
			hook := hookTo(t, server.URL)
			if c.name == "silence" {
				hook.patience = 200 * time.Millisecond
			}
			now := time.Now()
			body, err := json.Marshal(NewTest(now))
			if err != nil {
				t.Fatal(err)
			}
			a := hook.Post(t.Context(), "an-id", now, body)
			if text := a.String(); !strings.HasPrefix(text, c.want) || strings.Contains(text, "hush") {
				t.Errorf("it says %q", text)
			}
			if a.Good() != c.good || a.Passes() != c.passes || a.After > c.after || a.After < c.after-2*time.Second {
				t.Errorf("good %t, passes %t, after %s", a.Good(), a.Passes(), a.After)
			}
			if got := r.all(); len(got) != 1 || got[0].id != "an-id" || got[0].event.Type != Test {
				t.Errorf("taken: %+v", got)
			}
		})
	}
}

// hookTo is a webhook with secrets in its address.
func hookTo(t *testing.T, address string) *Webhook {
	t.Helper()
	hook, err := NewWebhook(strings.Replace(address, "//", "//user:hush@", 1)+"/hook?token=hush", secret)
	if err != nil {
		t.Fatal(err)
	}
	if hook.Host() != address {
		t.Errorf("its host is %s", hook.Host())
	}
	return hook
}

func TestNobodyListens(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	a := hookTo(t, server.URL).Post(t.Context(), "an-id", time.Now(), []byte("{}"))
	if text := a.String(); a.Good() || !a.Passes() || !strings.Contains(text, "connection refused") || strings.Contains(text, "hush") {
		t.Errorf("%+v", a)
	}
}

// stores are those that workers share in earnest: open opens the same again, as another
// process would.
var stores = []struct {
	name string
	open func(t *testing.T) (open func() store)
}{
	{"directory", func(t *testing.T) func() store {
		dir := t.TempDir()
		return func() store {
			s, err := objects.OpenDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			return s
		}
	}},
	{"S3", func(t *testing.T) func() store {
		options := s3test.Start(t).Bucket(t)
		return func() store { return s3test.Open(t, options) }
	}},
}

// TestKeepersRaceOverRealStores: workers that find the same alerts at the same moment send
// each once, and mark it.
func TestKeepersRaceOverRealStores(t *testing.T) {
	for _, c := range stores {
		t.Run(c.name, func(t *testing.T) {
			const workers, alerts = 3, 20
			b, open := newBench(t), c.open(t)
			r := &receiver{t: t}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				status, _, _ := r.take(req)
				w.WriteHeader(status)
			}))
			defer server.Close()
			var all []happening
			for i := range alerts {
				all = append(all, happening{fmt.Sprintf("job-%d", i), NewTest(time.Now())})
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			var racing sync.WaitGroup
			for i := range workers {
				k := b.sender(open())
				k.Ledger, k.Webhook, k.outbox.store = b.newLedger(fmt.Sprintf("worker:%d", i)), hookTo(t, server.URL), k.Store
				racing.Go(func() {
					if err := k.add(ctx, "STORE", all); err != nil {
						t.Error(err)
					}
					for ctx.Err() == nil {
						if _, err := k.deliver(ctx); err != nil {
							t.Error(err)
							return
						}
						k.tell(true)
						if sum, _ := k.Sum(); sum.Pending == 0 {
							return
						}
					}
				})
			}
			racing.Wait()
			times := map[string]int{}
			for _, p := range r.all() {
				times[p.id]++
			}
			if len(times) != alerts || len(r.all()) != alerts {
				t.Errorf("%d alerts arrived %d times", len(times), len(r.all()))
			}
		})
	}
}
