package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// measured runs parvis as a process of its own, and returns its time and the
// peak of its memory.
func measured(b *testing.B, args ...string) (took time.Duration, peakMB float64) {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(b.Context(), self)
	cmd.Args = append([]string{"parvis"}, args...)
	began := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("parvis %v: %v\n%s", args, err, out)
	}
	took = time.Since(began)
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		b.Fatal("no resource usage")
	}
	return took, float64(usage.Maxrss) / 1024
}

// amount reads a size from the environment.
func amount(b *testing.B, name string, usual int) string {
	b.Helper()
	if text := os.Getenv(name); text != "" {
		return text
	}
	return strconv.Itoa(usual)
}

// BenchmarkDemo is the demo with its default sizes, from nothing to serving.
func BenchmarkDemo(b *testing.B) {
	for range b.N {
		took, peak := measured(b, "demo", "--no-serve", "--dir", filepath.Join(b.TempDir(), "demo"))
		b.ReportMetric(took.Seconds(), "s")
		b.ReportMetric(peak, "peak-MB")
	}
}

// BenchmarkGenerate draws a hub; PARVIS_BENCH_DOSSIERS gives its size.
func BenchmarkGenerate(b *testing.B) {
	n := amount(b, "PARVIS_BENCH_DOSSIERS", 1_000_000)
	for range b.N {
		took, peak := measured(b, "hub", "generate", "--out", filepath.Join(b.TempDir(), "hub"), "--dossiers", n, "--formations", "100000", "--until", "2026-11-20")
		b.ReportMetric(took.Seconds(), "s")
		b.ReportMetric(peak, "peak-MB")
	}
}

// BenchmarkCatalogue publishes the catalogue of 200 000 trainings with long texts;
// PARVIS_BENCH_FORMATIONS gives another size.
func BenchmarkCatalogue(b *testing.B) {
	n := amount(b, "PARVIS_BENCH_FORMATIONS", 200_000)
	dir := b.TempDir()
	hub := filepath.Join(dir, "hub")
	measured(b, "hub", "generate", "--out", hub, "--dossiers", "1000", "--formations", n, "--until", "2026-11-20")
	for i := range b.N {
		at := filepath.Join(dir, strconv.Itoa(i))
		took, peak := measured(b, "publish", catalogue, "--hub", hub, "--store", filepath.Join(at, "store"), "--workdir", filepath.Join(at, "work"), "--as-of", "2026-11-20")
		b.ReportMetric(took.Seconds(), "s")
		b.ReportMetric(peak, "peak-MB")
	}
}

// BenchmarkCheck reads a whole hub with all its rules; PARVIS_BENCH_DOSSIERS gives
// its size.
func BenchmarkCheck(b *testing.B) {
	n := amount(b, "PARVIS_BENCH_DOSSIERS", 1_000_000)
	dir := b.TempDir()
	hub := filepath.Join(dir, "hub")
	measured(b, "hub", "generate", "--out", hub, "--dossiers", n, "--formations", "100000", "--until", "2026-11-20")
	for range b.N {
		took, peak := measured(b, "hub", "check", hub, "--workdir", filepath.Join(dir, "work"), "--as-of", "2026-11-20")
		b.ReportMetric(took.Seconds(), "s")
		b.ReportMetric(peak, "peak-MB")
	}
}
