package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/jobs"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// TestAPublicationByHandSaysWhoRunsTheJob: another machine does.
func TestAPublicationByHandSaysWhoRunsTheJob(t *testing.T) {
	s := newSite(t)
	store, err := objects.OpenDir(s.store)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	place, err := jobs.OpenPlace(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	other := &jobs.Ledger{
		Store: store, Place: place, Holder: "elsewhere:7", Judge: judge, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Reached: func(context.Context, string) (int64, error) { return 0, nil },
	}
	ctx, run, err := other.Take(t.Context(), "catalogue", jobs.Order{ByHand: true})
	if err != nil {
		t.Fatal(err)
	}
	r := s.publish(s.hub)
	s.unchanged(r, exitFailure, "publish "+catalogue+": job catalogue is run by elsewhere:7 since ")
	if !strings.Contains(r.stderr, "whose lease ends at ") {
		t.Errorf("does not say until when: %s", r.stderr)
	}
	list := program(t, 0, "jobs", "list", "--store", s.store)
	if !strings.Contains(list.out, "elsewhere:7 runs it since") {
		t.Errorf("jobs list: %+v", list)
	}
	if _, err := run.End(ctx, nil); err != nil {
		t.Error(err)
	}
	if r := s.publish(s.hub); r.code != exitDone {
		t.Errorf("after it: %+v", r)
	}
}

// TestTwoWorkersShareTheJobs: both find everything due at their start; each due date
// is served by one run.
func TestTwoWorkersShareTheJobs(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "store")
	store, err := objects.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	hub := hubtest.Extract(t, nil)
	all := func(ledger *jobs.Ledger) (runs []jobs.Record) {
		for _, name := range []string{"catalogue", "engagees", "usagers", "verify", "prune"} {
			some, err := ledger.Runs(t.Context(), name, 100)
			if err != nil {
				t.Fatal(err)
			}
			runs = append(runs, some...)
		}
		return runs
	}
	var stop []func()
	for i := range 2 {
		c := &crashSite{t: t, environ: []string{"PARVIS_STORE=" + dir}, work: filepath.Join(root, fmt.Sprint("work", i)), hub: hub}
		cmd, log := c.start("work")
		drained := make(chan struct{})
		go func() {
			defer close(drained)
			for log.Scan() {
				continue
			}
		}()
		stop = append(stop, func() {
			_ = cmd.Process.Signal(syscall.SIGTERM)
			<-drained
			if err := cmd.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
	ledger := &jobs.Ledger{Store: store}
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		ended := 0
		for _, run := range all(ledger) {
			if run.Outcome != jobs.Running {
				ended++
			}
		}
		if ended >= 5 {
			break
		}
		if time.Now().After(deadline) {
			t.Errorf("%d runs have ended", ended)
			break
		}
	}
	for _, f := range stop {
		f()
	}
	seen := map[string]string{}
	for _, run := range all(ledger) {
		key := run.Job + " " + run.Due.String()
		if seen[key] != "" || run.Outcome == jobs.Failed || run.Outcome == jobs.Abandoned {
			t.Errorf("%s: run %d of %s is %s, another is %s: %s", key, run.Run, run.Worker, run.Outcome, seen[key], run.Error)
		}
		seen[key] = string(run.Outcome)
	}
}

// TestAPausedPublicationWakesUpTooLate: it freezes before it stores, its lease ends,
// another serves a release, and it wakes up.
func TestAPausedPublicationWakesUpTooLate(t *testing.T) {
	for _, c := range []struct {
		name string
		site func(t *testing.T) *crashSite
	}{{"directory", newCrashDir}, {"S3", newCrashS3}} {
		t.Run(c.name, func(t *testing.T) {
			paused := c.site(t)
			paused.next()
			cmd, log := paused.start(crashCommands["publish"]...)
			for log.Scan() && !hasAll(log.Text(), []string{"step done", "step=protect"}) {
				continue
			}
			if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
			other := *paused
			other.work = filepath.Join(t.TempDir(), "work")
			other.next()
			expire(t, other.store)
			other.recovers()
			archive := release.NewArchive(other.store)
			before, err := archive.History(t.Context(), catalogue)
			if err != nil || len(before) != 2 {
				t.Fatalf("%d releases, %v", len(before), err)
			}
			if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
				t.Fatal(err)
			}
			var said strings.Builder
			for log.Scan() {
				said.WriteString(log.Text() + "\n")
			}
			_ = cmd.Wait()
			if cmd.ProcessState.ExitCode() != exitFailure || !strings.Contains(said.String(), "parvis: ") {
				t.Errorf("the one that was paused: %v\n%s", cmd.ProcessState, said.String())
			}
			after, err := archive.History(t.Context(), catalogue)
			if d := cmp.Diff(before, after); err != nil || d != "" {
				t.Errorf("it changed something: %v\n%s", err, d)
			}
			other.recovers()
		})
	}
}

// expire lets the time of the catalogue's lease pass.
func expire(t *testing.T, store objects.Store) {
	t.Helper()
	const name = "jobs/catalogue/lease.json"
	data, info, err := objects.ReadAll(t.Context(), store, name, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	var lease jobs.Lease
	if err := json.Unmarshal(data, &lease); err != nil || lease.Holder == "" {
		t.Fatalf("%+v, %v", lease, err)
	}
	lease.Until = lease.Since
	if data, err = json.Marshal(lease); err == nil {
		_, err = store.Replace(t.Context(), name, data, info.Version)
	}
	if err != nil {
		t.Fatal(err)
	}
}
