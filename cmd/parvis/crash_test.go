package main

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/objects/s3test"
	"github.com/parvis-opendata/parvis/jobs"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// soakKills is how many kills `make soak` asks for, over each kind of store.
const soakKills = "PARVIS_SOAK_KILLS"

// crashSite is a store that publications are killed over.
type crashSite struct {
	t       *testing.T
	store   objects.Store
	environ []string // leads to the store
	work    string
	hub     string
	price   int // in the extract, other each time
}

// newCrashSite is one in which a release is served.
func newCrashSite(t *testing.T, store objects.Store, environ ...string) *crashSite {
	t.Helper()
	c := &crashSite{t: t, store: store, environ: environ, work: filepath.Join(t.TempDir(), "work"), price: 1000}
	c.next()
	c.recovers()
	return c
}

func newCrashDir(t *testing.T) *crashSite {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "store")
	store, err := objects.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return newCrashSite(t, store, "PARVIS_STORE="+dir)
}

func newCrashS3(t *testing.T) *crashSite {
	t.Helper()
	o := s3test.Start(t).Bucket(t)
	o.Prefix = "parvis"
	return newCrashSite(t, s3test.Open(t, o), "PARVIS_STORE="+address(o), "PARVIS_S3_ENDPOINT="+o.Endpoint,
		"PARVIS_S3_ACCESS_KEY="+o.AccessKey, "PARVIS_S3_SECRET_KEY="+o.SecretKey)
}

// next makes an extract of another content.
func (c *crashSite) next() {
	c.price++
	c.hub = hubtest.Extract(c.t, map[string][]hubtest.Record{"actions": {hubtest.Rec("actions", fmt.Sprintf("frais_ttc=%d.00", c.price))}})
}

// crashCommands are the programs that are killed. The schedule of the second is due
// at once.
var crashCommands = map[string][]string{
	"publish": {"publish", catalogue},
	"work":    {"work", "--schedule-catalogue", "* * * * *"},
}

// start starts the program, and returns the lines that it logs.
func (c *crashSite) start(args ...string) (*exec.Cmd, *bufio.Scanner) {
	c.t.Helper()
	self, err := os.Executable()
	if err != nil {
		c.t.Fatal(err)
	}
	cmd := exec.CommandContext(c.t.Context(), self)
	cmd.Args = append([]string{"parvis"}, args...)
	cmd.Env = slices.Concat(os.Environ(), c.environ, []string{"PARVIS_WORKDIR=" + c.work, "PARVIS_HUB=" + c.hub})
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	log, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return cmd, bufio.NewScanner(log)
}

// run lets the program run to a good end.
func (c *crashSite) run(args ...string) {
	c.t.Helper()
	cmd, log := c.start(args...)
	var lines []string
	for log.Scan() {
		lines = append(lines, log.Text())
	}
	if err := cmd.Wait(); err != nil {
		c.t.Fatalf("parvis %v: %v\n%s", args, err, strings.Join(lines, "\n"))
	}
}

// kill starts a program, and kills it when it logs a line with all of some parts, or,
// if there are none, after a delay.
func (c *crashSite) kill(command []string, parts []string, delay time.Duration) {
	c.t.Helper()
	cmd, log := c.start(command...)
	if len(parts) > 0 {
		delay = 2 * time.Minute // more than it takes
	}
	defer time.AfterFunc(delay, func() { _ = cmd.Process.Kill() }).Stop()
	reached := len(parts) == 0
	for log.Scan() {
		if !reached && hasAll(log.Text(), parts) {
			_ = cmd.Process.Kill()
			reached = true
		}
	}
	_ = cmd.Wait()
	if !reached {
		c.t.Errorf("%v never logged %q", command, parts)
	}
}

func hasAll(text string, parts []string) bool {
	return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(text, part) })
}

// recovers checks that what is served is whole, that the next run publishes what a
// killed one was about to, and that nothing is left of that one.
func (c *crashSite) recovers() {
	c.t.Helper()
	c.run("releases", "verify", catalogue)
	c.run(crashCommands["publish"]...)
	c.run("releases", "verify", catalogue)
	current, _, err := release.NewArchive(c.store).Current(c.t.Context(), catalogue)
	if err != nil {
		c.t.Fatal(err)
	}
	csv, _, err := objects.ReadAll(c.t.Context(), c.store, release.ObjectName(catalogue, current.Release, catalogue+".csv"), 1<<20)
	if want := strconv.Itoa(c.price) + ".00"; err != nil || !strings.Contains(string(csv), want) {
		c.t.Errorf("serves no price of %s: %v\n%s", want, err, csv)
	}
	if left, err := filepath.Glob(filepath.Join(c.work, "run-*")); err != nil || len(left) > 0 {
		c.t.Errorf("left over: %v, %v", left, err)
	}
	runs, err := (&jobs.Ledger{Store: c.store}).Runs(c.t.Context(), "catalogue", 3)
	if err != nil || len(runs) == 0 || runs[0].Outcome != jobs.Done && runs[0].Outcome != jobs.Unchanged {
		c.t.Fatalf("%+v, %v", runs, err)
	}
	for _, run := range runs {
		if run.Outcome == jobs.Running {
			c.t.Errorf("run %d is recorded as if it went on", run.Run)
		}
	}
}

// killedAt kills the program when it has taken a step of a publication.
func (c *crashSite) killedAt(t *testing.T, name, step string) {
	t.Run(name+" after "+step, func(t *testing.T) {
		moment := []string{"step done", "dataset=" + catalogue, "step=" + step}
		if step == "lease" {
			moment = []string{"job begins", "job=catalogue"}
		}
		c.t = t
		c.next()
		c.kill(crashCommands[name], moment, 0)
		c.recovers()
	})
}

// killedAtRandom kills the programs in turn, so often, while they publish.
func (c *crashSite) killedAtRandom(t *testing.T, times int) {
	if text := os.Getenv(soakKills); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		times = n
	}
	began := time.Now()
	c.t = t
	c.next()
	c.run(crashCommands["publish"]...)
	usual := time.Since(began)
	for i := range times {
		name := []string{"publish", "work"}[i%2]
		t.Run(fmt.Sprintf("%s at random %d", name, i+1), func(t *testing.T) {
			c.t = t
			c.next()
			c.kill(crashCommands[name], nil, time.Duration(rand.Int64N(int64(usual))))
			c.recovers()
		})
	}
}

// TestKilledAtAnyMoment: whatever the moment, the served release is whole, and the
// next run publishes.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	t.Run("directory", func(t *testing.T) {
		t.Parallel()
		c := newCrashDir(t)
		for _, name := range []string{"publish", "work"} {
			for _, step := range []string{"lease", "read", "build", "protect", "audit", "write", "store", "flip"} {
				c.killedAt(t, name, step)
			}
		}
		c.killedAtRandom(t, 4)
	})
	t.Run("S3", func(t *testing.T) {
		t.Parallel()
		c := newCrashS3(t)
		for _, step := range []string{"lease", "write", "store", "flip"} {
			c.killedAt(t, "publish", step)
		}
		c.killedAt(t, "work", "store")
		c.killedAtRandom(t, 3)
	})
}

// TestStoppedAndStoppedAgain: the first signal lets a publication put its things
// away, the second ends the program at once.
func TestStoppedAndStoppedAgain(t *testing.T) {
	c := newCrashDir(t)
	stop := func(signals int) (state *os.ProcessState, log string) {
		c.next()
		cmd, lines := c.start(crashCommands["publish"]...)
		var all strings.Builder
		for lines.Scan() {
			all.WriteString(lines.Text() + "\n")
			if hasAll(lines.Text(), []string{"step done", "step=read"}) {
				for range signals {
					if err := cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
						t.Error(err)
					}
					time.Sleep(5 * time.Millisecond)
				}
			}
		}
		_ = cmd.Wait()
		return cmd.ProcessState, all.String()
	}
	state, log := stop(1)
	if state.ExitCode() != exitFailure || !strings.Contains(log, "job was abandoned") {
		t.Errorf("%v\n%s", state, log)
	}
	if left, err := filepath.Glob(filepath.Join(c.work, "run-*")); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
	if lease, err := (&jobs.Ledger{Store: c.store}).Lease(t.Context(), "catalogue"); err != nil || lease.Holder != "" {
		t.Errorf("the lease is held by %q, %v", lease.Holder, err)
	}
	c.recovers()
	state, log = stop(2)
	if ended := state.Sys().(syscall.WaitStatus); state.ExitCode() != exitFailure && ended.Signal() != syscall.SIGTERM {
		t.Errorf("%v\n%s", state, log)
	}
	c.recovers()
}
