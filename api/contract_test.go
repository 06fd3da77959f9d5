package api_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/parvis-opendata/parvis/api"
)

func TestContractIsServedWithTheAddressOfTheService(t *testing.T) {
	b := newBench(t)
	other := newBench(t, func(o *api.Options) { o.BaseURL = "" })
	for _, path := range []string{"/openapi.yaml", "/openapi.json"} {
		a := b.get(t, path)
		spec, err := openapi3.NewLoader().LoadFromData(a.body)
		if err != nil || a.StatusCode != http.StatusOK || spec.Servers[0].URL != "https://donnees.example.fr" || spec.Paths.Len() < 30 {
			t.Fatalf("%s: %v, %d", path, err, a.StatusCode)
		}
		tag := a.Header.Get("ETag")
		if again := b.get(t, path, "If-None-Match: "+tag); again.StatusCode != http.StatusNotModified || again.Header.Get("ETag") != tag {
			t.Errorf("%s: %d", path, again.StatusCode)
		}
		packed := b.get(t, path, "Accept-Encoding: gzip")
		if packed.Header.Get("Content-Encoding") != "gzip" || packed.Header.Get("ETag") == tag || len(packed.body) > len(a.body)/4 {
			t.Errorf("%s: %d bytes, %v", path, len(packed.body), packed.Header)
		}
		from := other.get(t, path)
		spec, err = openapi3.NewLoader().LoadFromData(from.body)
		if err != nil || spec.Servers[0].URL != other.URL || from.Header.Get("ETag") == tag {
			t.Errorf("%s: %v, %s", path, err, spec.Servers[0].URL)
		}
	}
}

var inlined = regexp.MustCompile(`<style|<script>|style=|javascript:| on[a-z]+=|https?://`)

// TestDocsPageLoadsNothingFromElsewhere: everything that the page names is served here,
// and nothing in it would need a weaker policy.
func TestDocsPageLoadsNothingFromElsewhere(t *testing.T) {
	b := newBench(t)
	a := b.get(t, "/docs")
	if a.StatusCode != http.StatusOK || !strings.Contains(string(a.body), `<html lang="fr">`) || !strings.Contains(string(a.body), "<title>API de Parvis") {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	if bad := inlined.Find(a.body); bad != nil {
		t.Errorf("the page has %q", bad)
	}
	policy := a.Header.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none'; script-src 'self'; style-src 'self'; ") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
	same := b.get(t, "/docs", "If-None-Match: "+a.Header.Get("ETag"))
	if got := same.Header.Get("Content-Security-Policy"); same.StatusCode != http.StatusNotModified || got != policy {
		t.Errorf("unchanged: %d, policy %q", same.StatusCode, got)
	}
	named := regexp.MustCompile(`(?:href|src)="([^"]+)"`).FindAllSubmatch(a.body, -1)
	if len(named) < 5 {
		t.Errorf("%d files", len(named))
	}
	for _, m := range named {
		path := "/" + string(m[1])
		f := b.get(t, path)
		if f.StatusCode != http.StatusOK || len(f.body) < 100 || f.Header.Get("ETag") == "" {
			t.Errorf("%s: %d", path, f.StatusCode)
		}
		if f := b.get(t, path, "Accept-Encoding: gzip, identity;q=0"); f.StatusCode != http.StatusOK && f.StatusCode != http.StatusNotAcceptable {
			t.Errorf("%s: %d", path, f.StatusCode)
		}
	}
	b.get(t, "/docs/nothing").problem(t, 404)
}
