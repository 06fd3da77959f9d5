package api_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/parvis-opendata/parvis/api"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/openapi"
	"github.com/parvis-opendata/parvis/openapi/openapitest"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// TestMain looks for goroutines that are left. Bleve has workers of its own as long as the
// program runs, and the client of Meilisearch keeps connections.
func TestMain(m *testing.M) {
	ignored := []goleak.Option{goleak.IgnoreTopFunction("github.com/blevesearch/bleve_index_api.AnalysisWorker")}
	if os.Getenv("PARVIS_TEST_MEILI_URL") != "" {
		ignored = append(ignored, goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
	}
	goleak.VerifyTestMain(m, ignored...)
}

const catalogue = "moncompteformation_catalogueformation"

// bench is a server over a store in a directory, with releases made by hand and a
// clock of its own.
type bench struct {
	*httptest.Server
	store   *faulty
	archive *release.Archive
	clock   *clock
	log     *lockedBuffer
	options api.Options
}

// clock stands still until it is told to go on.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// lockedBuffer takes the log of all goroutines.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// faulty is a store that counts reads and fails on demand.
type faulty struct {
	objects.Store
	opens atomic.Int64
	open  atomic.Pointer[func(name string, r io.ReadCloser, info objects.Info, err error) (io.ReadCloser, objects.Info, error)]
	down  atomic.Bool
}

func (f *faulty) Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, objects.Info, error) {
	f.opens.Add(1)
	if f.down.Load() {
		return nil, objects.Info{}, fmt.Errorf("open %s: %w", name, objects.ErrUnavailable)
	}
	r, info, err := f.Store.Open(ctx, name, offset, length)
	if hook := f.open.Load(); hook != nil {
		return (*hook)(name, r, info, err)
	}
	return r, info, err
}

func (f *faulty) List(ctx context.Context, prefix string) iter.Seq2[objects.Info, error] {
	if f.down.Load() {
		return func(yield func(objects.Info, error) bool) { yield(objects.Info{}, objects.ErrUnavailable) }
	}
	return f.Store.List(ctx, prefix)
}

// hook puts a function behind every Open.
func (f *faulty) hook(t testing.TB, h func(name string, r io.ReadCloser, info objects.Info, err error) (io.ReadCloser, objects.Info, error)) {
	f.open.Store(&h)
	t.Cleanup(func() { f.open.Store(nil) })
}

func newBench(t testing.TB, change ...func(*api.Options)) *bench {
	t.Helper()
	dir, err := objects.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dir.Close() })
	all, err := datasets.Load()
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{store: &faulty{Store: dir}, archive: release.NewArchive(dir), log: &lockedBuffer{}}
	b.clock = &clock{now: time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)}
	b.options = api.Options{
		Store: b.store, Datasets: all, BaseURL: "https://donnees.example.fr", Version: "test", Now: b.clock.Now,
		Log: slog.New(slog.NewJSONHandler(b.log, nil)),
	}
	for _, c := range change {
		c(&b.options)
	}
	server, err := api.New(b.options)
	if err != nil {
		t.Fatal(err)
	}
	b.Server = httptest.NewServer(server)
	t.Cleanup(b.Close)
	// The transport must not ask for gzip by itself.
	b.Client().Transport.(*http.Transport).DisableCompression = true
	return b
}

// made is a release made by hand.
type made struct {
	id      string
	day     string
	content map[string][]byte
	tags    map[string]string
	at      time.Time
}

// make stores a release of the given day whose files hold the day; it is not served.
func (b *bench) make(t testing.TB, day string, change ...func(*release.Manifest)) made {
	t.Helper()
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	at = at.Add(4*time.Hour + 15*time.Minute)
	sum := sha256.Sum256([]byte(day))
	m := release.Manifest{
		Dataset: catalogue, DateExtract: day, PublishedAt: at.Add(3 * time.Minute), CodeVersion: "test",
		ContentDigest: hex.EncodeToString(sum[:]), Tables: []release.Table{{ID: catalogue, Rows: 2000}},
	}
	m.Release = release.ID(at, m.ContentDigest)
	r := made{id: m.Release, day: day, at: m.PublishedAt, content: files(t, day), tags: map[string]string{}}
	for _, f := range []struct {
		name, mediaType string
		rows            int64
	}{
		{catalogue + ".parquet", "application/vnd.apache.parquet", 2000},
		{catalogue + ".csv", "text/csv; charset=utf-8", 2000},
		{catalogue + ".csv.gz", "application/gzip", 2000},
		{catalogue + ".excel.csv", "text/csv; charset=utf-8", 2000},
		{"empty.csv", "text/csv; charset=utf-8", 0},
		{"schema.json", "application/json", -1},
		{"quality.json", "application/json", -1},
		{"disclosure.json", "application/json", -1},
		{"changes.json", "application/json", -1},
	} {
		data := r.content[f.name]
		sum := sha256.Sum256(data)
		o := release.Object{Name: f.name, MediaType: f.mediaType, Bytes: int64(len(data)), SHA256: hex.EncodeToString(sum[:])}
		if f.rows >= 0 {
			o.Rows = &f.rows
		}
		m.Objects = append(m.Objects, o)
		r.tags[f.name] = `"` + o.SHA256 + `"`
		if _, err := b.store.Put(t.Context(), release.ObjectName(catalogue, m.Release, f.name), bytes.NewReader(data), o.Bytes); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range change {
		c(&m)
	}
	if err := b.archive.Seal(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	return r
}

func files(t testing.TB, day string) map[string][]byte {
	t.Helper()
	var csv bytes.Buffer
	for i := range 2000 {
		fmt.Fprintf(&csv, "%s,ligne %d,é\r\n", day, i)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(csv.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	document := func(more string) []byte {
		return fmt.Appendf(nil, "{\n  \"dataset\": %q, \"date_extract\": %q, \"synthetic\": false, \"tables\": []%s\n}\n", catalogue, day, more)
	}
	return map[string][]byte{
		catalogue + ".parquet":   append([]byte("PAR1"), bytes.Repeat([]byte(day), 30_000)...),
		catalogue + ".csv":       csv.Bytes(),
		catalogue + ".csv.gz":    packed.Bytes(),
		catalogue + ".excel.csv": []byte("\ufeff" + day + ";1,5\r\n"),
		"empty.csv":              {},
		"schema.json":            document(""),
		"quality.json":           document(`, "rounding": "", "input": []`),
		"disclosure.json":        document(`, "rounding": "", "measures": [], "audit": {"outcome": "", "method": ""}, "limits": []`),
		"changes.json":           fmt.Appendf(nil, "{\n  \"dataset\": %q, \"synthetic\": false, \"previous\": %q, \"tables\": []\n}\n", catalogue, day),
	}
}

// flip makes a release the served one.
func (b *bench) flip(t testing.TB, r made) {
	t.Helper()
	c, version, err := b.archive.Current(t.Context(), catalogue)
	if err != nil && !errors.Is(err, release.ErrNotFound) {
		t.Fatal(err)
	}
	m, err := b.archive.Manifest(t.Context(), catalogue, r.id)
	if err != nil {
		t.Fatal(err)
	}
	c = c.Serve(m, b.clock.Now())
	c.CheckedAt = b.clock.Now()
	if err := b.archive.Flip(t.Context(), c, version); err != nil {
		t.Fatal(err)
	}
}

// publish makes a release and serves it.
func (b *bench) publish(t testing.TB, day string, change ...func(*release.Manifest)) made {
	t.Helper()
	r := b.make(t, day, change...)
	b.flip(t, r)
	return r
}

// answer is a response that was read to its end.
type answer struct {
	*http.Response
	body []byte
}

// do sends a request; headers are "Name: value".
func (b *bench) do(t testing.TB, method, path string, headers ...string) answer {
	t.Helper()
	a, err := b.try(t, method, path, headers...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// try sends a request whose answer is to be as documented.
func (b *bench) try(t testing.TB, method, path string, headers ...string) (answer, error) {
	t.Helper()
	a, err := b.send(t, method, path, headers...)
	if err != nil {
		return a, err
	}
	if err := openapitest.Check(promised(), a.Response, a.body); err != nil {
		t.Errorf("%s %s: the answer is not as documented: %v", method, path, err)
	}
	return a, nil
}

// send sends a request, and reads the answer.
func (b *bench) send(t testing.TB, method, path string, headers ...string) (answer, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, b.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Add(name, value)
	}
	resp, err := b.Client().Do(req)
	if err != nil {
		return answer{}, err
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return answer{resp, body}, err
	}
	return answer{resp, body}, nil
}

// promised is the contract, with which every answer is compared.
func promised() *openapi.Document {
	d, err := openapi.Load()
	if err != nil {
		panic(err)
	}
	return d
}

func (b *bench) get(t testing.TB, path string, headers ...string) answer {
	t.Helper()
	return b.do(t, http.MethodGet, path, headers...)
}

// problem is the form of an error.
type problem struct {
	Type, Title, Detail, Instance string
	Status                        int
	Fixes                         []string
	RequestID                     string `json:"request_id"`
}

// problem reads an answer as a problem of the given status, and checks what all
// problems have.
func (a answer) problem(t testing.TB, status int) problem {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("status %d, want %d: %s", a.StatusCode, status, a.body)
	}
	var p problem
	if err := json.Unmarshal(a.body, &p); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
	if a.Header.Get("Content-Type") != "application/problem+json" || a.Header.Get("Cache-Control") != "no-store" ||
		a.Header.Get("Access-Control-Allow-Origin") != "*" || a.Header.Get("ETag") != "" {
		t.Errorf("headers of a problem: %v", a.Header)
	}
	if p.Status != status || p.Title == "" || p.Detail == "" || p.Instance == "" || len(p.Fixes) == 0 || p.RequestID == "" ||
		p.RequestID != a.Header.Get("X-Request-Id") || !strings.HasPrefix(p.Type, "https://donnees.example.fr/problemes/") {
		t.Errorf("incomplete problem: %s", a.body)
	}
	return p
}

func path(id, object string) string {
	return "/datasets/" + catalogue + "/releases/" + id + "/" + object
}
