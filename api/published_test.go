package api_test

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/publisher"
)

// TestWhatThePublisherMadeIsServed reads every file of a real publication.
func TestWhatThePublisherMadeIsServed(t *testing.T) {
	b := newBench(t)
	source, err := hub.OpenDir(hubtest.Extract(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	p := publisher.Publisher{
		Datasets: b.options.Datasets, Hub: source, Store: b.store, WorkDir: t.TempDir(), Thresholds: hub.DefaultThresholds(), Zone: time.UTC,
		Threads: 1, Version: "test", Log: slog.New(slog.DiscardHandler), Now: b.clock.Now,
	}
	result, err := p.Publish(t.Context(), publisher.Request{Dataset: catalogue})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range result.Objects {
		a := b.get(t, path("latest", o.Name))
		sum := sha256.Sum256(a.body)
		if a.StatusCode != http.StatusOK || hex.EncodeToString(sum[:]) != o.SHA256 || a.Header.Get("Content-Type") != o.MediaType {
			t.Errorf("%s: %d, %d bytes, %s", o.Name, a.StatusCode, len(a.body), a.Header.Get("Content-Type"))
		}
	}
	for _, name := range []string{"changes", "quality", "disclosure"} {
		if v := b.get(t, root+"/"+name).read(t); at(v, "dataset") != catalogue {
			t.Errorf("%s: %v", name, v)
		}
	}
	for _, p := range []string{"/readyz", path("latest", "manifest.json"), path("latest", "schema.json"), root, root + "/releases"} {
		b.get(t, p).read(t)
	}
}
