package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/jobs"
)

// workerOf returns a worker over a hub, and what it logs.
func workerOf(t *testing.T, hub string) (*worker, *bytes.Buffer) {
	t.Helper()
	all, err := datasets.Load()
	if err != nil {
		t.Fatal(err)
	}
	root, log := t.TempDir(), &bytes.Buffer{}
	s := &settings{
		Profile: "standard",
		Hub:     hub, Store: filepath.Join(root, "store"), Workdir: filepath.Join(root, "work"), Timezone: "Europe/Paris",
		Retention: "90d,monthly", MemoryLimit: "1GB", Threads: 1,
		ScheduleCatalogue: "15 4 * * *", ScheduleEngagees: "30 4 2 * *", ScheduleUsagers: "45 4 3 1,4,7,10 *",
		ScheduleVerify: "15 5 * * *", SchedulePrune: "45 5 * * 0",
	}
	now := time.Date(2026, 11, 20, 3, 15, 0, 0, time.UTC)
	p := &process{now: func() time.Time { return now }}
	return &worker{process: p, settings: s, datasets: all, log: slog.New(slog.NewTextHandler(log, nil))}, log
}

// named returns a job by its name.
func named(t *testing.T, w *worker, name string) jobs.Job {
	t.Helper()
	list, err := w.jobs()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(j jobs.Job) bool { return j.Name == name })
	if i < 0 {
		t.Fatalf("there is no job %q", name)
	}
	return list[i]
}

// do runs a job in a store that is opened whatever has become of ctx.
func (w *worker) do(ctx context.Context, t *testing.T, name string) error {
	t.Helper()
	store, err := openStore(t.Context(), w.settings)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	ledger, err := newLedger(t.Context(), w.process, w.settings, store, w.log)
	if err != nil {
		t.Fatal(err)
	}
	during, run, err := ledger.Take(t.Context(), name, jobs.Order{ByHand: true})
	if err != nil {
		t.Fatal(err)
	}
	during, cancel := context.WithCancel(during)
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	if ctx.Err() != nil {
		cancel()
	}
	_, err = run.End(t.Context(), named(t, w, name).Run(during, run))
	return err
}

func TestEveryDatasetHasASchedule(t *testing.T) {
	w, _ := workerOf(t, "hub")
	for _, d := range w.datasets {
		if !slices.ContainsFunc(w.settings.timetable(), func(a appointment) bool { return a.dataset == d.ID }) {
			t.Errorf("%s has none", d.ID)
		}
	}
}

func TestJobsPublishVerifyAndPrune(t *testing.T) {
	w, log := workerOf(t, hubtest.Extract(t, nil))
	do := func(name string) error { return w.do(t.Context(), t, name) }
	logged := func(text string) {
		t.Helper()
		if !strings.Contains(log.String(), text) {
			t.Errorf("the log lacks %q:\n%s", text, log)
		}
	}
	for _, name := range []string{"verify", "prune", "catalogue", "verify", "prune"} {
		if err := do(name); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	logged(`msg="release is served" dataset=` + catalogue)
	logged(`msg="releases are whole" dataset=` + catalogue + " releases=1")
	logged(`msg="releases pruned" dataset=` + catalogue + " pruned=[] unfinished=[]")

	objects, err := filepath.Glob(filepath.Join(w.settings.Store, "datasets", catalogue, "releases", "*", "*.csv"))
	if err != nil || len(objects) == 0 {
		t.Fatalf("no object: %v", err)
	}
	if err := os.Remove(objects[0]); err != nil {
		t.Fatal(err)
	}
	if err := do("verify"); err == nil || !strings.Contains(err.Error(), filepath.Base(objects[0])) {
		t.Errorf("a missing object: %v", err)
	}
	found(t, w, jobs.Damage{Dataset: catalogue, Release: filepath.Base(filepath.Dir(objects[0])), Objects: []string{filepath.Base(objects[0]) + " is missing"}})
	if err := os.RemoveAll(w.settings.Hub); err != nil {
		t.Fatal(err)
	}
	if err := do("catalogue"); err == nil || !strings.Contains(err.Error(), "open hub extract") {
		t.Errorf("a missing extract: %v", err)
	}
}

// found compares the damage that the last verification recorded.
func found(t *testing.T, w *worker, want jobs.Damage) {
	t.Helper()
	store, err := openStore(t.Context(), w.settings)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	runs, err := (&jobs.Ledger{Store: store}).Runs(t.Context(), "verify", 1)
	if err != nil || len(runs) != 1 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	if diff := cmp.Diff([]jobs.Damage{want}, runs[0].Damaged); diff != "" {
		t.Error(diff)
	}
}

func TestAStoppedJobSaysSo(t *testing.T) {
	w, _ := workerOf(t, hubtest.Extract(t, nil))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, name := range []string{"catalogue", "verify", "prune"} {
		if err := w.do(ctx, t, name); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat(filepath.Join(w.settings.Store, "datasets", catalogue, "current.json")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something is served: %v", err)
	}
}

// TestWorkIsHealthyUntilItIsStopped runs the program: it waits for its first job,
// and ends well when it is told to.
func TestWorkIsHealthyUntilItIsStopped(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	work := filepath.Join(root, "work")
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Args = []string{"parvis", "work", "--hub", filepath.Join(root, "hub"), "--store", filepath.Join(root, "store"), "--workdir", work}
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	health := func() ran { return program(t, 0, "health", "--work", "--workdir", work) }
	for deadline := time.Now().Add(30 * time.Second); health().code != exitDone; {
		if time.Now().After(deadline) {
			t.Fatalf("the worker gives no sign of life: %+v\n%s", health(), stderr.String())
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v:\n%s", err, stderr.String())
	}
	if !strings.Contains(stderr.String(), "there is no extract yet") {
		t.Errorf("no word about the missing extract:\n%s", stderr.String())
	}
	if r := health(); r.code != exitFailure || !strings.Contains(r.stderr, "no worker runs here") {
		t.Errorf("after the end: %+v", r)
	}
}
