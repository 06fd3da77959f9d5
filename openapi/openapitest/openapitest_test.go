package openapitest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/openapi"
	"github.com/parvis-opendata/parvis/openapi/openapitest"
)

// TestFaultsAreFound: each way of breaking the contract is told, and what keeps it is not.
func TestFaultsAreFound(t *testing.T) {
	d, err := openapi.Load()
	if err != nil {
		t.Fatal(err)
	}
	const good = `{"status":"ok","version":"1"}`
	for name, c := range map[string]struct {
		path   string
		status int
		header string // taken away with a minus before it
		body   string
		want   string
	}{
		"good":                 {"/healthz", 200, "", good, ""},
		"another status":       {"/healthz", 201, "", good, "status 201 is not documented"},
		"another header":       {"/healthz", 200, "X-Power", good, "header X-Power is not documented"},
		"a missing header":     {"/healthz", 200, "-X-Request-Id", good, "header X-Request-Id is missing"},
		"another media type":   {"/readyz", 200, "Content-Type", good, "media type x is not documented"},
		"another key":          {"/healthz", 200, "", `{"status":"ok","version":"1","host":"a"}`, "body.host is not documented"},
		"a missing key":        {"/healthz", 200, "", `{"status":"ok"}`, `property "version" is missing`},
		"another value":        {"/healthz", 200, "", `{"status":"fine","version":"1"}`, "body at /status"},
		"another type":         {"/healthz", 200, "", `{"status":"ok","version":1}`, "body at /version"},
		"no JSON":              {"/healthz", 200, "", `{"status"`, "body: "},
		"another address":      {"/nothing", 200, "", good, "the address is not documented"},
		"nothing there":        {"/nothing", 404, "", `{"error_code":"NotFoundResource","message":"Non."}`, ""},
		"another form of no":   {"/nothing", 404, "", `{"error":404}`, "body"},
		"a path within a path": {"/api/v2/a/b/c", 410, "", `{"error_code":"RemovedEndpoint","message":"Non."}`, ""},
	} {
		h := http.Header{"X-Request-Id": {"a"}, "Cache-Control": {"no-store"}, "Content-Type": {"application/json"}}
		if missing, ok := strings.CutPrefix(c.header, "-"); ok {
			h.Del(missing)
		} else if c.header != "" {
			h.Set(c.header, "x")
		}
		resp := &http.Response{StatusCode: c.status, Header: h, Request: &http.Request{Method: http.MethodGet, URL: &url.URL{Path: c.path}}}
		got := ""
		if err := openapitest.Check(d, resp, []byte(c.body)); err != nil {
			got = err.Error()
		}
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
