package api_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/api"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/publisher/release"
)

func TestUnknownNamesAreNotFound(t *testing.T) {
	b := newBench(t)
	r := b.publish(t, "2026-11-21")
	for _, c := range []struct{ path, kind string }{
		{"/datasets/nothing/releases/latest/" + csvName, "jeu-de-donnees-inconnu"},
		{path("20260101T000000Z-00000000", csvName), "publication-inconnue"},
		{path("20269999T000000Z-00000000", csvName), "publication-inconnue"},
		{path("newest", csvName), "publication-inconnue"},
		{path("latest", "nothing.csv"), "fichier-inconnu"},
		{path(r.id, "pruned.json"), "fichier-inconnu"},
		{path(r.id, "withdrawn.json"), "fichier-inconnu"},
		{"/datasets/" + catalogue + "/current.json", "adresse-inconnue"},
		{"/datasets/" + catalogue, "adresse-inconnue"},
		{path(r.id, csvName) + "/", "adresse-inconnue"},
		{"/api/v1/datasets/nothing", "jeu-de-donnees-inconnu"},
		{"/api/v1/datasets/" + catalogue + "/releases/newest", "publication-inconnue"},
		{"/api/v1/datasets/" + catalogue + "/quality?release=newest", "publication-inconnue"},
		{"/api/v1/datasets/" + catalogue + "/quality?release=", "publication-inconnue"},
	} {
		p := b.get(t, c.path).problem(t, 404)
		if !strings.HasSuffix(p.Type, "/problemes/"+c.kind) {
			t.Errorf("%s: %s, want %s", c.path, p.Type, c.kind)
		}
	}
}

func TestNothingPublishedYet(t *testing.T) {
	b := newBench(t)
	b.get(t, path("latest", csvName)).problem(t, 404)
	b.get(t, "/api/v1/datasets/"+catalogue+"/releases/latest").problem(t, 404)
	if a := b.get(t, "/api/v1/datasets/"+catalogue+"/releases"); a.StatusCode != http.StatusOK || !strings.Contains(string(a.body), `"releases":[]`) {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}

// TestAPublicationThatHasOnlyBegunIsNoWithdrawal: it may have written the pointer.
func TestAPublicationThatHasOnlyBegunIsNoWithdrawal(t *testing.T) {
	b := newBench(t)
	if _, _, err := b.archive.Claim(t.Context(), catalogue, 2); err != nil {
		t.Fatal(err)
	}
	p := b.get(t, path("latest", csvName)).problem(t, 404)
	if !strings.Contains(p.Detail, "pas encore été publié") {
		t.Errorf("says %q", p.Detail)
	}
}

func TestPrunedReleaseNamesTheNearestKept(t *testing.T) {
	b := newBench(t)
	b.publish(t, "2026-05-01") // first of its month: kept
	old := b.publish(t, "2026-05-11")
	b.publish(t, "2026-05-30") // pruned too
	b.publish(t, "2026-06-02")
	b.publish(t, "2026-11-20")
	b.publish(t, "2026-11-21")
	if a := b.get(t, path(old.id, csvName)); a.StatusCode != http.StatusOK {
		t.Fatal(a.StatusCode)
	}
	if _, _, err := b.archive.Prune(t.Context(), catalogue, release.DefaultRetention(), b.clock.Now(), false); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(3 * time.Second)
	p := b.get(t, path(old.id, csvName)).problem(t, 410)
	if !strings.Contains(p.Detail, "20260501T") || !strings.Contains(p.Fixes[0], "https://donnees.example.fr/api/v1/datasets/"+catalogue+"/releases/20260501T") {
		t.Errorf("%+v", p)
	}
	b.get(t, path(old.id, "manifest.json")).problem(t, 410)
	b.get(t, "/api/v1/datasets/"+catalogue+"/changes?release="+old.id).problem(t, 410)
}

func TestWithdrawalShowsWithinSeconds(t *testing.T) {
	b := newBench(t)
	old := b.publish(t, "2026-11-20")
	r := b.publish(t, "2026-11-21")
	for _, name := range []string{csvName, "quality.json", "manifest.json"} {
		b.get(t, path(r.id, name))
		b.get(t, path("latest", name))
	}
	if _, _, err := b.archive.Withdraw(t.Context(), catalogue, r.id, "Une adresse de personne est restée", b.clock.Now()); err != nil {
		t.Fatal(err)
	}
	// At once, since the file is no longer there; the rest after two seconds.
	if p := b.get(t, path(r.id, csvName)).problem(t, 410); !strings.Contains(p.Detail, "Motif : Une adresse de personne est restée.") || !strings.Contains(p.Fixes[0], old.id) {
		t.Errorf("%+v", p)
	}
	if a := b.get(t, path("latest", csvName)); a.StatusCode != http.StatusOK || a.Header.Get("X-Release") != old.id || string(a.body) != string(old.content[csvName]) {
		t.Errorf("latest: %d %s", a.StatusCode, a.Header.Get("X-Release"))
	}
	b.clock.advance(2 * time.Second)
	for _, name := range []string{csvName, "quality.json", "manifest.json"} {
		b.get(t, path(r.id, name)).problem(t, 410)
		if a := b.get(t, path("latest", name)); a.Header.Get("X-Release") != old.id {
			t.Errorf("latest %s: %d %s", name, a.StatusCode, a.Header.Get("X-Release"))
		}
	}
}

func TestWithdrawnToNone(t *testing.T) {
	b := newBench(t)
	r := b.publish(t, "2026-11-21")
	if _, _, err := b.archive.Withdraw(t.Context(), catalogue, r.id, "erreur de calcul", b.clock.Now()); err != nil {
		t.Fatal(err)
	}
	if p := b.get(t, path("latest", csvName)).problem(t, 404); !strings.Contains(p.Detail, "Motif : erreur de calcul.") {
		t.Errorf("%+v", p)
	}
	b.get(t, path(r.id, csvName)).problem(t, 410)
	if a := b.get(t, "/readyz"); a.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("ready although nothing is served: %s", a.body)
	}
}

// TestWithdrawnToNoneLeavesTheOthersServed: a load balancer must not take every
// dataset down because one has no release left.
func TestWithdrawnToNoneLeavesTheOthersServed(t *testing.T) {
	b := newBench(t)
	b.publish(t, "2026-11-21")
	const other = "moncompteformation_usagers"
	digest := strings.Repeat("0", 64)
	m := release.Manifest{Dataset: other, Release: release.ID(b.clock.Now(), digest), ContentDigest: digest, PublishedAt: b.clock.Now()}
	if err := b.archive.Seal(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if err := b.archive.Flip(t.Context(), release.Current{Dataset: other}.Serve(m, b.clock.Now()), ""); err != nil {
		t.Fatal(err)
	}
	if _, served, err := b.archive.Withdraw(t.Context(), other, m.Release, "erreur de calcul", b.clock.Now()); err != nil || served != "" {
		t.Fatal(served, err)
	}
	a := b.get(t, "/readyz")
	want := `{"name":"dataset:` + other + `","status":"absent","detail":"Aucune publication n'est en service."}`
	if a.StatusCode != http.StatusOK || !strings.Contains(string(a.body), want) {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}

// TestFlipUnderLoad reads "latest" while the pointer goes from release to release.
func TestFlipUnderLoad(t *testing.T) {
	b := newBench(t, func(o *api.Options) { o.Now = time.Now })
	var releases []made
	byID := map[string]made{}
	for _, day := range []string{"2026-11-18", "2026-11-19", "2026-11-20", "2026-11-21"} {
		r := b.make(t, day)
		releases, byID[r.id] = append(releases, r), r
	}
	b.flip(t, releases[0])
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	var (
		seen    sync.Map
		several atomic.Int32 // releases that were seen
	)
	var readers sync.WaitGroup
	for i := range 8 {
		readers.Go(func() {
			name := []string{csvName, catalogue + ".parquet", "quality.json"}[i%3]
			for ctx.Err() == nil {
				a, err := b.try(t, "GET", path("latest", name))
				if err != nil {
					t.Error(err)
					return
				}
				r := byID[a.Header.Get("X-Release")]
				if a.StatusCode != http.StatusOK || a.Header.Get("ETag") != r.tags[name] || string(a.body) != string(r.content[name]) {
					t.Errorf("%d, release %q: tag or bytes are of another", a.StatusCode, a.Header.Get("X-Release"))
					return
				}
				if _, known := seen.LoadOrStore(r.id, true); !known && several.Add(1) == 3 {
					stop()
				}
			}
		})
	}
	for i := 0; ctx.Err() == nil; i++ {
		b.flip(t, releases[i%len(releases)])
		select {
		case <-ctx.Done():
		case <-time.After(300 * time.Millisecond):
		}
	}
	readers.Wait()
	if n := several.Load(); n < 3 {
		t.Errorf("%d releases were seen in a minute", n)
	}
}

func TestBurstCostsOneRead(t *testing.T) {
	b := newBench(t)
	b.publish(t, "2026-11-21")
	release := make(chan struct{})
	b.store.hook(t, func(_ string, r io.ReadCloser, info objects.Info, err error) (io.ReadCloser, objects.Info, error) {
		<-release
		return r, info, err
	})
	before := b.store.opens.Load()
	var clients sync.WaitGroup
	for range 50 {
		clients.Go(func() {
			if a, err := b.try(t, "HEAD", path("latest", csvName)); err != nil || a.StatusCode != http.StatusOK {
				t.Errorf("%v %v", a.StatusCode, err)
			}
		})
	}
	time.Sleep(100 * time.Millisecond) // the burst waits for the first read
	close(release)
	clients.Wait()
	// Pointer, manifest, pointer again for the state, two markers.
	if n := b.store.opens.Load() - before; n > 5 {
		t.Errorf("%d reads of the store for one burst", n)
	}
}

func TestStoreAway(t *testing.T) {
	b := newBench(t)
	r := b.publish(t, "2026-11-21")
	b.get(t, path("latest", "quality.json"))
	b.get(t, path(r.id, "changes.json"))
	b.get(t, "/api/v1/datasets")
	b.get(t, "/api/v1/datasets/"+catalogue+"/releases")
	b.store.down.Store(true)
	b.clock.advance(time.Minute)
	for _, p := range []string{
		path("latest", "quality.json"), path(r.id, "changes.json"), path("latest", "manifest.json"), "/api/v1/datasets", "/api/v1/datasets/" + catalogue,
		"/api/v1/datasets/" + catalogue + "/releases", "/api/v1/datasets/" + catalogue + "/quality", "/healthz",
	} {
		if a := b.get(t, p); a.StatusCode != http.StatusOK {
			t.Errorf("%s: %d %s", p, a.StatusCode, a.body)
		}
	}
	for _, p := range []string{path("latest", csvName), path("latest", "schema.json"), path("20260101T000000Z-00000000", csvName)} {
		a := b.get(t, p)
		a.problem(t, 503)
		if a.Header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", p)
		}
	}
	if a := b.get(t, "/readyz"); a.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(a.body), `"name":"store","status":"failing"`) {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	b.clock.advance(10 * time.Minute)
	b.get(t, path("latest", "quality.json")).problem(t, 503)
	b.store.down.Store(false)
	if a := b.get(t, path("latest", csvName)); a.StatusCode != http.StatusOK {
		t.Errorf("not served again: %d", a.StatusCode)
	}
	if a := b.get(t, "/readyz"); a.StatusCode != http.StatusOK {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}

func TestStoreThatHangs(t *testing.T) {
	b := newBench(t)
	r := b.publish(t, "2026-11-21")
	b.get(t, path("latest", "quality.json"))
	b.clock.advance(time.Minute)
	hang := make(chan struct{})
	b.store.hook(t, func(_ string, r io.ReadCloser, info objects.Info, err error) (io.ReadCloser, objects.Info, error) {
		<-hang
		return r, info, err
	})
	began := time.Now()
	if a := b.get(t, path("latest", "quality.json")); a.StatusCode != http.StatusOK || a.Header.Get("X-Release") != r.id {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("the answer took %s although it was known", took)
	}
	close(hang)
}

// cut is a reader that fails after some bytes, with an error or a premature end.
type cut struct {
	io.ReadCloser
	left int
	err  error
}

func (c *cut) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, c.err
	}
	n, err := c.ReadCloser.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

func TestFailureInTheMiddleBreaksTheAnswerOff(t *testing.T) {
	b := newBench(t)
	b.publish(t, "2026-11-21")
	for _, cause := range []error{io.EOF, fmt.Errorf("read: %w", objects.ErrUnavailable)} {
		b.store.hook(t, func(name string, r io.ReadCloser, info objects.Info, err error) (io.ReadCloser, objects.Info, error) {
			if strings.HasSuffix(name, ".parquet") {
				r = &cut{r, 100_000, cause}
			}
			return r, info, err
		})
		for _, header := range []string{"Accept: */*", "Range: bytes=0-200000", "Range: bytes=0-9,20-190000"} {
			a, err := b.try(t, "GET", path("latest", catalogue+".parquet"), header)
			if err == nil || a.StatusCode/100 != 2 || len(a.body) > 110_000 {
				t.Errorf("%s, %v: status %d, %d bytes, error %v", header, cause, a.StatusCode, len(a.body), err)
			}
		}
	}
	if !strings.Contains(b.log.String(), `"broken_off":true`) {
		t.Error("the log does not say so")
	}
}

func TestLaterRangeThatCannotBeOpenedBreaksTheAnswerOff(t *testing.T) {
	b := newBench(t)
	b.publish(t, "2026-11-21")
	n := 0
	b.store.hook(t, func(name string, r io.ReadCloser, info objects.Info, err error) (io.ReadCloser, objects.Info, error) {
		if strings.HasSuffix(name, ".parquet") {
			if n++; n == 2 {
				return nil, info, errors.Join(objects.ErrUnavailable, r.Close())
			}
		}
		return r, info, err
	})
	if a, err := b.try(t, "GET", path("latest", catalogue+".parquet"), "Range: bytes=0-9,20-29"); err == nil {
		t.Errorf("status %d, no error", a.StatusCode)
	}
}

func TestObjectsThatDifferFromTheManifest(t *testing.T) {
	b := newBench(t)
	r := b.publish(t, "2026-11-21")
	short := r.content[csvName][:100]
	if _, err := b.store.Put(t.Context(), release.ObjectName(catalogue, r.id, csvName), strings.NewReader(string(short)), 100); err != nil {
		t.Fatal(err)
	}
	for _, headers := range [][]string{nil, {"Range: bytes=0-9"}, {"Range: bytes=0-9,20-29"}} {
		a := b.get(t, path("latest", csvName), headers...)
		a.problem(t, 500)
		if strings.Contains(string(a.body), "100") || strings.Contains(string(a.body), "releases/"+r.id+"/"+csvName+" has") {
			t.Errorf("the answer tells of the inside: %s", a.body)
		}
	}
	if err := b.store.Delete(t.Context(), release.ObjectName(catalogue, r.id, "schema.json")); err != nil {
		t.Fatal(err)
	}
	b.get(t, path("latest", "schema.json")).problem(t, 404)
	if !strings.Contains(b.log.String(), "object of a manifest is missing") || !strings.Contains(b.log.String(), "the manifest says") {
		t.Error("the log does not say so")
	}
}

func TestManifestTagIsItsOwnDigest(t *testing.T) {
	b := newBench(t)
	b.publish(t, "2026-11-21")
	a := b.get(t, path("latest", "manifest.json"))
	sum := sha256.Sum256(a.body)
	if tag := `"` + hex.EncodeToString(sum[:]) + `"`; a.Header.Get("ETag") != tag {
		t.Errorf("%s, want %s", a.Header.Get("ETag"), tag)
	}
	if a := b.get(t, path("latest", "manifest.json"), "If-None-Match: "+a.Header.Get("ETag")); a.StatusCode != http.StatusNotModified {
		t.Error(a.StatusCode)
	}
}
