package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/internal/search/meili"
)

// TestMeilisearchFollowsTheServedRelease publishes, goes back and withdraws with a real
// server. There is none in continuous integration, so its absence is no failure there.
func TestMeilisearchFollowsTheServedRelease(t *testing.T) {
	address, master := os.Getenv("PARVIS_TEST_MEILI_URL"), os.Getenv("PARVIS_TEST_MEILI_KEY")
	if address == "" || master == "" {
		t.Skip("PARVIS_TEST_MEILI_URL and PARVIS_TEST_MEILI_KEY name no server of Meilisearch and its master key")
	}
	root := t.TempDir()
	at := time.Date(2026, 11, 20, 4, 15, 0, 0, time.UTC)
	run := func(args ...string) string {
		t.Helper()
		out := &bytes.Buffer{}
		p := process{args: args, out: out, err: out, now: func() time.Time { at = at.Add(time.Second); return at }, environ: []string{
			"PARVIS_HUB=" + filepath.Join(root, "hub"), "PARVIS_STORE=" + filepath.Join(root, "store"), "PARVIS_WORKDIR=" + filepath.Join(root, "work"),
			"PARVIS_SEARCH=" + address, "PARVIS_MEILI_KEY=" + master,
		}}
		if code := p.run(t.Context()); code != exitDone {
			t.Fatalf("parvis %s: %d\n%s", strings.Join(args, " "), code, out)
		}
		if strings.Contains(out.String(), master) {
			t.Errorf("parvis %s prints the master key", args[0])
		}
		return out.String()
	}
	const dataset = "moncompteformation_catalogueformation"
	publish := func(formations string) string {
		t.Helper()
		if err := os.RemoveAll(filepath.Join(root, "hub")); err != nil {
			t.Fatal(err)
		}
		run("hub", "generate", "--out", filepath.Join(root, "hub"), "--dossiers", "10", "--formations", formations, "--until", "2026-11-20")
		run("publish", dataset, "--force", "input_shrank")
		return strings.Fields(run("releases", "list", dataset))[0]
	}
	owner, err := meili.New(meili.Options{URL: address, Key: master})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := owner.Prune(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})

	first := publish("300")
	second := publish("320")
	key := strings.TrimSpace(run("search", "key"))
	if again := strings.TrimSpace(run("search", "key")); again != key || key == master {
		t.Error("the search key is another each time, or the master key")
	}
	public, err := meili.New(meili.Options{URL: address, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	there := func(release string, want bool) {
		t.Helper()
		x, err := public.Open(t.Context(), release)
		if want != (err == nil) || !want && !errors.Is(err, meili.ErrMissing) {
			t.Fatalf("index of %s: %v, want it there: %v", release, err, want)
		}
		if !want {
			return
		}
		if a, err := x.Search(t.Context(), search.Query{Text: "anglais"}); err != nil || a.Total == 0 {
			t.Errorf("index of %s finds %d, %v", release, a.Total, err)
		}
	}
	there(first, true)
	there(second, true)
	if err := public.Remove(t.Context(), first); !errors.Is(err, meili.ErrRefused) {
		t.Errorf("the search key may remove an index: %v", err)
	}
	if _, err := public.Build(t.Context(), "mine", func(func(search.Document, error) bool) {}); !errors.Is(err, meili.ErrRefused) {
		t.Errorf("the search key may make an index: %v", err)
	}

	publish("340")
	there(first, false)
	run("releases", "rollback", dataset, first)
	there(first, true)
	run("releases", "withdraw", dataset, first, "--reason", "une erreur")
	there(first, false)
	there(second, true) // the third was turned away from
	if got := run("search", "index"); !strings.Contains(got, second) || !strings.Contains(got, "is there") {
		t.Errorf("search index: %s", got)
	}
	if got := run("search", "index", "--again"); !strings.Contains(got, "made") {
		t.Errorf("search index --again: %s", got)
	}
	there(second, true)
}
