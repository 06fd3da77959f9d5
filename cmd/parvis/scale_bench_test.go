package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/engine"
)

// The days of the two runs: the second sees one more month.
const (
	scaleUntil = "2026-12-02"
	firstAsOf  = "2026-11-02"
)

// bareHub and bareDir tell a child process to run the bare script.
const (
	bareHub = "PARVIS_BENCH_BARE_HUB"
	bareDir = "PARVIS_BENCH_BARE_DIR"
)

// BenchmarkScale publishes the three datasets from hubs of the numbers of files in
// PARVIS_BENCH_SCALE: all periods since 2020, then one more month; and runs the bare
// script on the same files.
func BenchmarkScale(b *testing.B) {
	sizes := strings.Fields(os.Getenv("PARVIS_BENCH_SCALE"))
	if len(sizes) == 0 {
		b.Skip("set PARVIS_BENCH_SCALE to numbers of files, as make bench-scale does")
	}
	for _, n := range sizes {
		b.Run(n, func(b *testing.B) {
			for range b.N {
				scale(b, n)
			}
		})
	}
}

func scale(b *testing.B, dossiers string) {
	dir := b.TempDir()
	hub, store, work := filepath.Join(dir, "hub"), filepath.Join(dir, "store"), filepath.Join(dir, "work")
	measured(b, "hub", "generate", "--out", hub, "--dossiers", dossiers, "--formations", amount(b, "PARVIS_BENCH_FORMATIONS", 200_000), "--until", scaleUntil)
	publish := func(name, asOf string, what ...string) float64 {
		disk := watchDisk(work)
		took, peak := measured(b, append([]string{"publish", "--hub", hub, "--store", store, "--workdir", work, "--as-of", asOf}, what...)...)
		spill, all := disk()
		b.Logf("%s: %.0f s, %.0f MB of memory, %.0f MB spilled, %.0f MB of disk at most", name, took.Seconds(), peak, spill, all)
		b.ReportMetric(took.Seconds(), name+"-s")
		b.ReportMetric(peak, name+"-peak-MB")
		b.ReportMetric(spill, name+"-spill-MB")
		return took.Seconds()
	}
	first := publish("first", firstAsOf, "--all")
	bare, peak := bareScript(b, hub, filepath.Join(dir, "bare"))
	b.Logf("bare script: %.0f s, %.0f MB of memory", bare.Seconds(), peak)
	b.ReportMetric(bare.Seconds(), "bare-s")
	b.ReportMetric(first/bare.Seconds(), "ratio")
	publish("monthly", scaleUntil, "moncompteformation_formations_engagees")
}

// bareScript runs the script in a process of its own.
func bareScript(b *testing.B, hub, dir string) (took time.Duration, peakMB float64) {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(b.Context(), self, "-test.run", "^TestBareScript$")
	cmd.Env = append(os.Environ(), bareHub+"="+hub, bareDir+"="+dir)
	began := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("bare script: %v\n%s", err, out)
	}
	took = time.Since(began)
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		b.Fatal("no resource usage")
	}
	return took, float64(usage.Maxrss) / 1024
}

// TestBareScript is the child process of bareScript.
func TestBareScript(t *testing.T) {
	hub, dir := os.Getenv(bareHub), os.Getenv(bareDir)
	if hub == "" {
		t.Skip("only as the child of BenchmarkScale")
	}
	out := filepath.Join(dir, "out")
	if err := os.MkdirAll(out, 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := engine.Open(t.Context(), engine.Options{
		File: filepath.Join(dir, "bare.duckdb"), TempDir: filepath.Join(dir, "spill"), MemoryLimit: "6GB", TimeZone: "Europe/Paris",
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	script, err := os.ReadFile("testdata/bench/bare.sql")
	if err != nil {
		t.Fatal(err)
	}
	sql := strings.NewReplacer("{hub}", hub, "{out}", out, "{asof}", "2026-11-03", "{debut}", "2020-01-01", "{fin}", "2026-10-31").Replace(string(script))
	if err := db.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

// watchDisk watches a working directory until the function it returns is called,
// which says the most that was spilled, and the most that there was, in MB.
func watchDisk(dir string) func() (spill, all float64) {
	var spill, all float64
	done := make(chan struct{})
	var wait sync.WaitGroup
	wait.Add(1)
	go func() {
		defer wait.Done()
		for {
			s, a := diskUse(dir)
			spill, all = max(spill, s), max(all, a)
			select {
			case <-done:
				return
			case <-time.After(time.Second):
			}
		}
	}()
	return func() (float64, float64) {
		close(done)
		wait.Wait()
		return spill, all
	}
}

func diskUse(dir string) (spill, all float64) {
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error { // files come and go
		var size int64
		if err == nil && d.Type().IsRegular() {
			size = sizeOf(d)
		}
		mb := float64(size) / 1e6
		all += mb
		if filepath.Base(filepath.Dir(path)) == "spill" {
			spill += mb
		}
		return nil
	})
	return spill, all
}

// sizeOf returns the size of a file, 0 when it is gone.
func sizeOf(d fs.DirEntry) int64 {
	info, err := d.Info()
	if err != nil {
		return 0
	}
	return info.Size()
}
