package portal_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/anonymize"
	"github.com/parvis-opendata/parvis/api"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/hub/synthetic"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/search/embedded"
	"github.com/parvis-opendata/parvis/internal/search/indexes"
	"github.com/parvis-opendata/parvis/internal/serving"
	"github.com/parvis-opendata/parvis/publisher"
)

const catalogue = "moncompteformation_catalogueformation"

var quiet = slog.New(slog.DiscardHandler)

// desk is a server over a publication of everything, from an invented hub. All tests share
// it: they only read.
type desk struct {
	*httptest.Server
	all   []datasets.Dataset
	close []func()
}

var (
	shared     *desk
	openShared sync.Once
)

func TestMain(m *testing.M) {
	code := m.Run()
	if shared != nil {
		for i := len(shared.close) - 1; i >= 0; i-- {
			shared.close[i]()
		}
	}
	os.Exit(code)
}

// open returns the shared server.
func open(t testing.TB) *desk {
	t.Helper()
	openShared.Do(func() { shared = newDesk(t) })
	if shared == nil || shared.Server == nil {
		t.Fatal("the server could not be made")
	}
	return shared
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var until = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

func newDesk(t testing.TB) *desk {
	t.Helper()
	dir, err := os.MkdirTemp("", "portal-test-")
	check(t, err)
	d := &desk{close: []func(){func() { _ = os.RemoveAll(dir) }}}
	shared = d // so that it is closed, whatever fails
	for _, name := range []string{"hub", "store"} {
		check(t, os.Mkdir(filepath.Join(dir, name), 0o700))
	}
	check(t, synthetic.Generate(t.Context(), synthetic.Options{
		Dir: filepath.Join(dir, "hub"), Dossiers: 20_000, Formations: 1_500, Seed: 1, Format: "parquet", From: time.Date(2025, 10, 1, 0, 0, 0, 0, time.UTC), Until: until,
		Certifications: 60, Threads: 1, MemoryLimit: "512MB",
	}))
	store, err := objects.OpenDir(filepath.Join(dir, "store"))
	check(t, err)
	d.close = append(d.close, func() { _ = store.Close() })
	d.all, err = datasets.Load()
	check(t, err)
	d.publish(t, dir, store)
	library, err := serving.Open(t.Context(), serving.Options{
		Store: store, Datasets: d.all, Dir: filepath.Join(dir, "serve"), MemoryLimit: "512MB", Threads: 1, Log: quiet, Now: time.Now,
	})
	check(t, err)
	d.close = append(d.close, func() { _ = library.Close() })
	indexed := filepath.Join(dir, "indexes")
	keeper, err := indexes.Open(t.Context(), indexes.Options{Catalogue: indexes.Of(library, catalogue), Make: indexes.Built(embedded.Engine{Dir: indexed}), Dir: indexed, Log: quiet})
	check(t, err)
	d.close = append(d.close, func() { _ = keeper.Close() })
	for deadline := time.Now().Add(2 * time.Minute); !library.Ready() || !searched(t, keeper); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not loaded: %+v", library.State())
		}
	}
	server, err := api.New(api.Options{
		Store: store, Datasets: d.all, Version: "test", Now: func() time.Time { return until }, Log: quiet, Library: library, Search: keeper, Scratch: dir,
	})
	check(t, err)
	d.Server = httptest.NewServer(server)
	d.close = append(d.close, d.Close)
	return d
}

func searched(t testing.TB, k *indexes.Keeper) bool {
	t.Helper()
	l, err := k.Acquire(t.Context())
	if err == nil {
		l.GiveBack()
	}
	return err == nil
}

func (d *desk) publish(t testing.TB, dir string, store objects.Store) {
	t.Helper()
	source, err := hub.OpenDir(filepath.Join(dir, "hub"))
	check(t, err)
	profile, err := anonymize.EmbeddedProfile("standard")
	check(t, err)
	p := publisher.Publisher{
		Datasets: d.all, Hub: source, Store: store, Profile: profile, WorkDir: filepath.Join(dir, "work"), Thresholds: hub.DefaultThresholds(), Zone: time.UTC,
		Threads: 2, Version: "test", Log: quiet, Now: func() time.Time { return until },
	}
	var ids []string
	for _, one := range d.all {
		ids = append(ids, one.ID)
	}
	for _, done := range p.PublishAll(t.Context(), ids, publisher.Request{}) {
		check(t, done.Err)
	}
}

// answer is what came back for a request.
type answer struct {
	*http.Response
	body string
}

// get asks for an address, following no redirection.
func (d *desk) get(t testing.TB, address string) answer {
	t.Helper()
	client := *d.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.URL+address, http.NoBody)
	check(t, err)
	resp, err := client.Do(r)
	check(t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	check(t, err)
	return answer{resp, string(body)}
}

// page asks for a page that must be there.
func (d *desk) page(t testing.TB, address string) string {
	t.Helper()
	a := d.get(t, address)
	if a.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", address, fmt.Sprint(a.StatusCode, " ", a.body[:min(len(a.body), 300)]))
	}
	return a.body
}
