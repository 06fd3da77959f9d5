package api_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/api"
)

func TestCallsAreLimitedByClient(t *testing.T) {
	b := newBench(t, func(o *api.Options) { o.RateLimit, o.TrustedProxies = 10, []string{"127.0.0.0/8", "192.0.2.9"} })
	b.publish(t, "2026-11-21")
	ask := func(address, from string, headers ...string) answer {
		return b.get(t, address, append(headers, "X-Forwarded-For: "+from)...)
	}
	const list = "/api/v1/datasets"
	tag := ask(list, "198.51.100.1").Header.Get("ETag")
	for i := range 10 {
		a := ask(list, "203.0.113.7")
		if h := a.Header; a.StatusCode != http.StatusOK || h.Get("RateLimit-Limit") != "10" || h.Get("RateLimit-Remaining") != strconv.Itoa(9-i) || h.Get("RateLimit-Reset") == "" {
			t.Fatalf("call %d: %d %v", i, a.StatusCode, h)
		}
	}
	a := ask(list, "203.0.113.7")
	p := a.problem(t, http.StatusTooManyRequests)
	if after, err := strconv.Atoi(a.Header.Get("Retry-After")); err != nil || after < 1 || after > 6 || a.Header.Get("RateLimit-Remaining") != "0" || a.Header.Get("X-RateLimit-Limit") != "" {
		t.Errorf("%v", a.Header)
	}
	if !strings.HasSuffix(p.Type, "/problemes/trop-de-requetes") || !strings.Contains(p.Detail, "10 appels") || len(p.Fixes) < 2 || !strings.Contains(p.Fixes[1], "/api/v1/datasets") {
		t.Errorf("%+v", p)
	}
	// What a client says itself before the last proxy does not make it another one.
	for _, from := range []string{"198.51.100.9, 203.0.113.7", "203.0.113.7, 192.0.2.9", "nonsense,203.0.113.7", "203.0.113.7:4711"} {
		ask(list, from).problem(t, http.StatusTooManyRequests)
	}
	b.get(t, list, "X-Forwarded-For: 198.51.100.9", "X-Forwarded-For: 203.0.113.7").problem(t, http.StatusTooManyRequests)
	for _, from := range []string{"203.0.113.8", "203.0.113.7, 198.51.100.2", "2001:db8::7"} {
		if a := ask(list, from); a.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", from, a.StatusCode)
		}
	}
	// Health is free; what has not changed and files cost little.
	for range 30 {
		if a := ask("/healthz", "203.0.113.7"); a.StatusCode != http.StatusOK {
			t.Fatal(a.StatusCode)
		}
	}
	for i := range 50 {
		address, want := list, http.StatusNotModified
		if i%2 == 0 {
			address, want = path("latest", csvName), http.StatusOK
		}
		if a := ask(address, "198.51.100.77", "If-None-Match: "+tag); a.StatusCode != want {
			t.Fatalf("%d: %d", i, a.StatusCode)
		}
	}
	for range 150 {
		a = ask(path("latest", csvName), "198.51.100.78")
	}
	a.problem(t, http.StatusTooManyRequests)
}

// TestForwardedAddressesOfStrangersAreNotBelieved: without a trusted proxy all are one.
func TestForwardedAddressesOfStrangersAreNotBelieved(t *testing.T) {
	b := newBench(t, func(o *api.Options) { o.RateLimit = 2 })
	for i, want := range []int{200, 200, 429} {
		if a := b.get(t, "/api/v1/datasets", "X-Forwarded-For: 203.0.113."+strconv.Itoa(i)); a.StatusCode != want {
			t.Errorf("%d: %d", i, a.StatusCode)
		}
	}
	if n := strings.Count(b.log.String(), "PARVIS_TRUSTED_PROXIES"); n != 1 {
		t.Errorf("the log warns %d times", n)
	}
	if strings.Contains(b.log.String(), "203.0.113") {
		t.Error("the log has an address")
	}
}

func TestSecurityHeaders(t *testing.T) {
	b := newBench(t)
	b.publish(t, "2026-11-21")
	for _, address := range []string{"/api/v1/datasets", path("latest", csvName), root + "/quality", "/nothing", "/healthz"} {
		h := b.get(t, address).Header
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Security-Policy") != "default-src 'none'; frame-ancestors 'none'" || h.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", address, h)
		}
	}
}

func TestJSONIsCompressed(t *testing.T) {
	b := newBench(t)
	b.publish(t, "2026-11-21")
	plain := b.get(t, "/api/v1/datasets")
	tags := map[string]bool{plain.Header.Get("ETag"): true}
	for _, coding := range []string{"gzip", "zstd"} {
		a := b.get(t, "/api/v1/datasets", "Accept-Encoding: "+coding)
		tag := a.Header.Get("ETag")
		if a.Header.Get("Content-Encoding") != coding || a.Header.Get("Vary") != "Accept-Encoding" || len(a.body) >= len(plain.body) || tags[tag] {
			t.Errorf("%s: %d bytes, %v", coding, len(a.body), a.Header)
		}
		tags[tag] = true
		if a := b.get(t, "/api/v1/datasets", "Accept-Encoding: "+coding, "If-None-Match: "+tag); a.StatusCode != http.StatusNotModified {
			t.Error(a.StatusCode)
		}
	}
	b.get(t, "/api/v1/datasets", "Accept-Encoding: identity;q=0, br").problem(t, 406)
}
