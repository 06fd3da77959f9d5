package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/jobs"
)

// soakKills is how many kills `make soak` asks for.
const soakKills = "PARVIS_SOAK_KILLS"

// crashSite is a store that publications are killed over.
type crashSite struct {
	*site
	price int // in the extract, other each time
}

// next makes an extract of another content.
func (c *crashSite) next() {
	c.price++
	c.hub = hubtest.Extract(c.t, map[string][]hubtest.Record{"actions": {hubtest.Rec("actions", fmt.Sprintf("frais_ttc=%d.00", c.price))}})
}

// start starts a program that publishes, and returns the lines that it logs.
func (c *crashSite) start(command ...string) (*exec.Cmd, *bufio.Scanner) {
	c.t.Helper()
	self, err := os.Executable()
	if err != nil {
		c.t.Fatal(err)
	}
	cmd := exec.CommandContext(c.t.Context(), self)
	cmd.Args = append(append([]string{"parvis"}, command...), "--hub", c.hub, "--store", c.store, "--workdir", c.work)
	log, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return cmd, bufio.NewScanner(log)
}

// crashCommands are the programs that are killed. The schedule of the second is due
// at once.
var crashCommands = map[string][]string{
	"publish": {"publish", catalogue},
	"work":    {"work", "--schedule-catalogue", "* * * * *"},
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
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

// whole checks that what is served is whole.
func (c *crashSite) whole() {
	c.t.Helper()
	if v := program(c.t, 0, "releases", "verify", catalogue, "--store", c.store); v.code != exitDone {
		c.t.Errorf("the served release is damaged: %+v", v)
	}
}

// recovers checks that the next run publishes what the killed one was about to, and
// that nothing of it is left.
func (c *crashSite) recovers() {
	c.t.Helper()
	cmd, log := c.start(crashCommands["publish"]...)
	var lines []string
	for log.Scan() {
		lines = append(lines, log.Text())
	}
	if err := cmd.Wait(); err != nil {
		c.t.Fatalf("the next run: %v\n%s", err, strings.Join(lines, "\n"))
	}
	c.whole()
	csv := c.read(filepath.Join("releases", c.served().Release, catalogue+".csv"))
	if want := strconv.Itoa(c.price) + ".00"; !strings.Contains(csv, want) {
		c.t.Errorf("serves no price of %s:\n%s", want, csv)
	}
	if left, err := filepath.Glob(filepath.Join(c.work, "run-*")); err != nil || len(left) > 0 {
		c.t.Errorf("left over: %v, %v", left, err)
	}
	show := program(c.t, 0, "jobs", "show", "catalogue", "--json", "--store", c.store)
	var runs []jobs.Record
	if err := json.Unmarshal([]byte(show.out), &runs); err != nil || len(runs) == 0 {
		c.t.Fatalf("%v: %+v", err, show)
	}
	for i, run := range runs {
		if i == 0 && run.Outcome != jobs.Done && run.Outcome != jobs.Unchanged || run.Outcome == jobs.Running {
			c.t.Errorf("run %d is recorded as %s", run.Run, run.Outcome)
		}
	}
}

// TestKilledAtAnyMoment: whatever the moment, the served release is whole, and the
// next run publishes.
func TestKilledAtAnyMoment(t *testing.T) {
	c := &crashSite{site: newSite(t), price: 1000}
	began := time.Now()
	c.next()
	c.recovers()
	usual := time.Since(began)
	for _, name := range []string{"publish", "work"} {
		moments := [][]string{{"job begins", "job=catalogue"}}
		for _, step := range []string{"read", "build", "protect", "audit", "write", "store", "flip"} {
			moments = append(moments, []string{"step done", "dataset=" + catalogue, "step=" + step})
		}
		for _, moment := range moments {
			t.Run(name+" after "+moment[len(moment)-1], func(t *testing.T) {
				c.t = t
				c.next()
				c.kill(crashCommands[name], moment, 0)
				c.whole()
				c.recovers()
			})
		}
	}
	kills := 4
	if text := os.Getenv(soakKills); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		kills = n
	}
	for i := range kills {
		name := []string{"publish", "work"}[i%2]
		t.Run(fmt.Sprintf("%s at random %d", name, i+1), func(t *testing.T) {
			c.t = t
			c.next()
			c.kill(crashCommands[name], nil, time.Duration(rand.Int64N(int64(usual))))
			c.whole()
			c.recovers()
		})
	}
}

// TestStoppedAndStoppedAgain: the first signal lets a publication put its things
// away, the second ends the program at once.
func TestStoppedAndStoppedAgain(t *testing.T) {
	c := &crashSite{site: newSite(t), price: 1000}
	stop := func(signals int) (state *os.ProcessState, log string) {
		c.next()
		cmd, lines := c.start(crashCommands["publish"]...)
		var all strings.Builder
		for lines.Scan() {
			all.WriteString(lines.Text() + "\n")
			if hasAll(lines.Text(), []string{"step done", "step=read"}) {
				for range signals {
					if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
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
	var lease jobs.Lease
	data, err := os.ReadFile(filepath.Join(c.store, "jobs", "catalogue", "lease.json"))
	if err == nil {
		err = json.Unmarshal(data, &lease)
	}
	if err != nil || lease.Holder != "" {
		t.Errorf("the lease is held by %q, %v", lease.Holder, err)
	}
	c.recovers()
	if state, log := stop(2); state.Exited() && state.ExitCode() != exitFailure || !state.Exited() && state.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
		t.Errorf("%v\n%s", state, log)
	}
	c.recovers()
}
