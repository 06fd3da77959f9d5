package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestHealthAddress(t *testing.T) {
	for _, c := range []struct{ name, url, listen, want string }{
		{"an address", "", "10.1.2.3:8080", "http://10.1.2.3:8080/readyz"},
		{"a name", "", "localhost:8080", "http://localhost:8080/readyz"},
		{"every address", "", ":8080", "http://127.0.0.1:8080/readyz"},
		{"every IPv4 address", "", "0.0.0.0:8080", "http://127.0.0.1:8080/readyz"},
		{"every IPv6 address", "", "[::]:8080", "http://[::1]:8080/readyz"},
		{"an IPv6 address", "", "[2001:db8::1]:80", "http://[2001:db8::1]:80/readyz"},
		{"a URL", "https://donnees.example.fr/", ":8080", "https://donnees.example.fr/readyz"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := (&healthCommand{URL: c.url}).address(&settings{Listen: c.listen})
			if err != nil || got != c.want {
				t.Errorf("%s, %v; want %s", got, err, c.want)
			}
		})
	}
}

func TestAskReady(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   string // "" for ready
	}{
		{"ready", func(http.ResponseWriter, *http.Request) {}, ""},
		{"ready without the search", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"status":"ok","checks":[{"name":"dataset:a","status":"absent"},{"name":"search","status":"failing"}]}`))
		}, ""},
		{"checks fail", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(`{"status":"failing","checks":[{"name":"store","status":"ok"},{"name":"dataset:a","status":"failing"}]}`))
		}, "it answers 503, failing: dataset:a"},
		{"another program", http.NotFound, "it answers 404"},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) }, "it answers 302"},
		{"silence", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "no answer within 3s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewServer(c.answer)
			defer server.Close()
			patience := 10 * time.Second
			if c.name == "silence" {
				patience = 50 * time.Millisecond
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			missing, err := askReady(ctx, server.URL+"/readyz")
			if (c.name == "ready without the search") != (missing == ", failing: search") {
				t.Errorf("missing is %q", missing)
			}
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}
