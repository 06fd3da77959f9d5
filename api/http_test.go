package api_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/internal/objects"
)

func TestMethods(t *testing.T) {
	b := newBench(t)
	b.publish(t, "2026-11-21")
	for _, p := range []string{path("latest", csvName), "/api/v1/datasets", root, "/healthz", "/readyz"} {
		for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "BREW"} {
			a := b.do(t, method, p)
			a.problem(t, 405)
			if a.Header.Get("Allow") != "GET, HEAD, OPTIONS" {
				t.Errorf("%s %s: Allow %q", method, p, a.Header.Get("Allow"))
			}
		}
		if a := b.do(t, "HEAD", p); a.StatusCode != http.StatusOK || len(a.body) > 0 {
			t.Errorf("HEAD %s: %d", p, a.StatusCode)
		}
		a := b.do(t, "OPTIONS", p, "Origin: https://example.org", "Access-Control-Request-Method: GET", "Access-Control-Request-Headers: range, if-none-match")
		h := a.Header
		if a.StatusCode != http.StatusNoContent || h.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(h.Get("Access-Control-Allow-Methods"), "HEAD") ||
			!strings.Contains(h.Get("Access-Control-Allow-Headers"), "Range, If-None-Match") || h.Get("Access-Control-Max-Age") == "" {
			t.Errorf("OPTIONS %s: %d %v", p, a.StatusCode, h)
		}
	}
	b.do(t, "OPTIONS", "/nothing").problem(t, 404)
	if a := b.do(t, "HEAD", "/nothing"); a.StatusCode != http.StatusNotFound || len(a.body) > 0 {
		t.Errorf("HEAD of nothing: %d", a.StatusCode)
	}
}

func TestRequestID(t *testing.T) {
	b := newBench(t)
	for given, echoed := range map[string]bool{"": false, "abc-123.DEF_4": true, "short": false, "with space here": false, strings.Repeat("a", 65): false, "évidemment": false} {
		id := b.get(t, "/healthz", "X-Request-Id: "+given).Header.Get("X-Request-Id")
		if echoed != (id == given) || len(id) < 8 {
			t.Errorf("%q: answered %q", given, id)
		}
	}
}

func TestLimits(t *testing.T) {
	b := newBench(t)
	b.publish(t, "2026-11-21")
	b.get(t, "/"+strings.Repeat("a", 64<<10)).problem(t, 414)
	b.get(t, path("latest", csvName)+"?"+strings.Repeat("a", 64<<10)).problem(t, 414)
	b.get(t, "/healthz", "Cookie: "+strings.Repeat("a", 16<<10)).problem(t, 431)
	if a := b.get(t, path("latest", csvName)+"?"+strings.Repeat("a", 63<<10)); a.StatusCode != http.StatusOK {
		t.Error(a.StatusCode)
	}
}

// hostile are paths that look for what is not public.
var hostile = []string{
	"/datasets/" + catalogue + "/releases/latest/../current.json",
	"/datasets/" + catalogue + "/releases/latest/..%2fcurrent.json",
	"/datasets/" + catalogue + "/releases/latest/..%2F..%2F..%2F..%2Fetc%2Fpasswd",
	"/datasets/" + catalogue + "/releases/../current.json/x",
	"/datasets/" + catalogue + "/releases/%2e%2e/current.json",
	"/datasets/%2e%2e/releases/latest/" + csvName,
	"/datasets/..%2f..%2fetc/releases/latest/passwd",
	"/datasets/" + catalogue + "%00/releases/latest/" + csvName,
	"/datasets/" + catalogue + "/releases/latest/" + csvName + "%00",
	"/datasets/" + catalogue + "/releases/latest/%ff%fe",
	"/datasets/" + catalogue + "/releases/latest/%5c..%5ccurrent.json",
	"/datasets/" + catalogue + "/releases/latest/.tmp",
	"/datasets/" + catalogue + "/releases/latest%2f" + csvName,
	"/datasets//releases/latest/" + csvName,
	"//datasets/" + catalogue + "/releases/latest/" + csvName,
	"/datasets/" + catalogue + "/releases/latest/" + strings.Repeat("a", 600),
	"/datasets/" + catalogue + "/releases/LATEST/" + csvName,
	"/api/v1/datasets/%2e%2e%2f" + catalogue,
	"/api/v1/datasets/" + catalogue + "/releases/%0d%0aX-Evil:%20yes",
}

func TestHostilePaths(t *testing.T) {
	b := newBench(t)
	b.publish(t, "2026-11-21")
	for _, p := range hostile {
		a := b.raw(t, p)
		if a.StatusCode != http.StatusNotFound && a.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d %s", p, a.StatusCode, a.body)
		}
		if a.StatusCode == http.StatusNotFound {
			a.problem(t, 404)
		}
		if a.Header.Get("X-Evil") != "" {
			t.Errorf("%s: a header was smuggled in", p)
		}
	}
	if a := b.raw(t, strings.Replace(path("latest", csvName), "datasets", "d%61tasets", 1)); a.StatusCode != http.StatusOK {
		t.Errorf("another spelling of a path is not found: %d", a.StatusCode)
	}
}

// TestRunsAndAlertsAreNotServed: what the operator's processes record in the store is
// reached by no address.
func TestRunsAndAlertsAreNotServed(t *testing.T) {
	b := newBench(t)
	b.publish(t, "2026-11-21")
	const secret = "worker-of-the-operator"
	for _, name := range []string{"jobs/catalogue/lease.json", "jobs/" + catalogue + "/runs/0000000001.json", "alerts/told.json", "alerts/outbox/an-id.json"} {
		if _, err := b.store.Create(t.Context(), name, []byte(`{"worker": "`+secret+`"}`)); err != nil {
			t.Fatal(err)
		}
		for _, p := range []string{
			"/" + name, "/datasets/" + name, "/datasets/../" + name, "/datasets/%2e%2e/" + name, "/datasets/" + catalogue + "/releases/latest/../../../../" + name,
			"/datasets/" + catalogue + "/releases/latest/..%2f..%2f..%2f..%2f" + strings.ReplaceAll(name, "/", "%2f"),
			"/datasets/" + catalogue + "/current.json", "/api/v1/" + name, "/api/v1/datasets/jobs", "/api/v1/datasets/alerts",
		} {
			if a := b.raw(t, p); a.StatusCode == http.StatusOK || strings.Contains(string(a.body), secret) {
				t.Errorf("%s: %d %s", p, a.StatusCode, a.body)
			}
		}
	}
	for _, p := range []string{"/api/v1/datasets", "/api/v1/datasets/" + catalogue + "/releases"} {
		if a := b.raw(t, p); a.StatusCode != http.StatusOK || strings.Contains(string(a.body), secret) || strings.Contains(string(a.body), `"jobs"`) {
			t.Errorf("%s: %d %s", p, a.StatusCode, a.body)
		}
	}
}

// raw asks for a path just as it is written.
func (b *bench) raw(t testing.TB, path string) answer {
	t.Helper()
	conn, err := net.Dial("tcp", b.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", path)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return answer{resp, body}
}

// FuzzPath: whatever the path, the answer is never a failure of ours, and bytes
// come only from the release that X-Release names.
func FuzzPath(f *testing.F) {
	b := newBench(f)
	r := b.publish(f, "2026-11-21")
	server := b.Config.Handler
	for _, p := range append(hostile, path("latest", csvName), path(r.id, "manifest.json"), root+"/quality?release="+r.id, "/healthz?x", "/%zz") {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, target string) {
		u, err := url.ParseRequestURI(target)
		if err != nil {
			return
		}
		req := &http.Request{Method: http.MethodGet, URL: u, RequestURI: target, Host: "x", Header: http.Header{}, Body: http.NoBody, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
		w := httptest.NewRecorder()
		server.ServeHTTP(w, req.WithContext(t.Context()))
		if w.Code >= 500 && u.Path != "/readyz" {
			t.Fatalf("%d: %s", w.Code, w.Body)
		}
		if w.Code != http.StatusOK || !strings.HasPrefix(u.Path, "/datasets/") {
			return
		}
		name := u.Path[strings.LastIndexByte(u.Path, '/')+1:]
		if w.Header().Get("X-Release") != r.id || name != "manifest.json" && w.Body.String() != string(r.content[name]) {
			t.Fatalf("%q: %d bytes that are not of the release", target, w.Body.Len())
		}
	})
}

func TestLogTellsNothingAboutWhoAsks(t *testing.T) {
	b := newBench(t)
	r := b.publish(t, "2026-11-21")
	b.get(t, path(r.id, csvName)+"?mail=jeanne@example.fr", "User-Agent: agent-of-jeanne", "X-Forwarded-For: 203.0.113.7", "Cookie: jeanne=1", "Referer: https://jeanne.example")
	b.get(t, root+"/quality?release="+r.id+"&jeanne=1")
	b.do(t, "JEANNE", "/jeanne/secret")
	text := b.log.String()
	for _, word := range []string{"jeanne", "JEANNE", "203.0.113.7", "127.0.0.1", "agent-of"} {
		if strings.Contains(text, word) {
			t.Errorf("the log has %q:\n%s", word, text)
		}
	}
	var line struct {
		Msg, Method, Route, Release string
		Status, Bytes               int
		Parameters                  []string
		RequestID                   string `json:"request_id"`
	}
	first, _, _ := strings.Cut(text, "\n")
	if err := json.Unmarshal([]byte(first), &line); err != nil {
		t.Fatal(err)
	}
	if line.Method != http.MethodGet || line.Route != "/datasets/:dataset/releases/:release/:object" || line.Release != r.id || line.Status != 200 ||
		line.Bytes != len(r.content[csvName]) || line.RequestID == "" {
		t.Errorf("%s", first)
	}
	if !strings.Contains(text, `"parameters":["release"]`) {
		t.Error("known parameters are not named")
	}
}

func TestPanicIsAnsweredWithoutTheInside(t *testing.T) {
	b := newBench(t)
	b.publish(t, "2026-11-21")
	b.store.hook(t, func(name string, r io.ReadCloser, info objects.Info, err error) (io.ReadCloser, objects.Info, error) {
		if strings.HasSuffix(name, ".csv") {
			_ = r.Close()
			panic("secret of the inside")
		}
		return r, info, err
	})
	a := b.get(t, path("latest", csvName))
	if p := a.problem(t, 500); strings.Contains(string(a.body), "secret") || !strings.Contains(b.log.String(), p.RequestID) {
		t.Errorf("%s", a.body)
	}
	if !strings.Contains(b.log.String(), "secret of the inside") {
		t.Error("the log does not tell")
	}
}
