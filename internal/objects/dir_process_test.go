package objects_test

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/internal/objects"
)

const (
	raceNames      = 200
	raceIncrements = 100
	raceProcesses  = 3
)

// race lets several processes play a role at the same time, and returns what each prints.
func race(t *testing.T, role, path string) [][]string {
	t.Helper()
	var racers []*child
	for range raceProcesses {
		racers = append(racers, startChild(t, role, path))
	}
	for _, c := range racers {
		c.run(t)
	}
	var lines [][]string
	for _, c := range racers {
		lines = append(lines, c.finish(t))
	}
	return lines
}

func TestDirLetsOneOfSeveralProcessesCreate(t *testing.T) {
	path := t.TempDir()
	won := map[string]int{}
	for _, lines := range race(t, "create", path) {
		for _, name := range lines {
			won[name]++
		}
	}
	want := map[string]int{}
	for i := range raceNames {
		want[fmt.Sprintf("race/%d", i)] = 1
	}
	if diff := cmp.Diff(want, won); diff != "" {
		t.Errorf("winners of each name (-want +got):\n%s", diff)
	}
}

func TestDirLosesNoUpdateOfSeveralProcesses(t *testing.T) {
	path := t.TempDir()
	d := openDir(t, path)
	put(t, d, "counter", "0")
	race(t, "increment", path)
	data, _, err := objects.ReadAll(t.Context(), d, "counter", 20)
	if err != nil {
		t.Fatal(err)
	}
	if want := strconv.Itoa(raceProcesses * raceIncrements); string(data) != want {
		t.Errorf("counted to %s, want %s", data, want)
	}
}

func TestDirShowsNothingOfAPutThatIsKilled(t *testing.T) {
	path := t.TempDir()
	c := startChild(t, "hang", path)
	c.run(t)
	c.expect(t, "half written")
	c.kill(t)
	half := 0
	for name, data := range tree(t, path) {
		if data != "" && !strings.HasPrefix(name, ".tmp/") {
			t.Errorf("%s holds %d bytes", name, len(data))
		}
		half += len(data)
	}
	if half != 4<<18 {
		t.Errorf("killed with %d bytes written, want it in the middle", half)
	}
	d := openDir(t, path)
	_, err := d.Stat(t.Context(), "d/x")
	wantError(t, err, objects.ErrNotFound)
	put(t, d, "d/x", "whole")
}

func TestDirKeepsAnObjectWholeWhenItsWriterIsKilled(t *testing.T) {
	path := t.TempDir()
	d := openDir(t, path)
	if _, err := d.Put(t.Context(), "d/x", bytes.NewReader(repeated('a')), -1); err != nil {
		t.Fatal(err)
	}
	for round := range 15 {
		c := startChild(t, "overwrite", path)
		c.run(t)
		c.expect(t, "overwriting")
		time.Sleep(time.Duration(round) * time.Millisecond)
		c.kill(t)
		data, info, err := objects.ReadAll(t.Context(), d, "d/x", 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(data, repeated(data[0])) {
			t.Fatalf("%d bytes that begin with %q are no whole object", len(data), data[0])
		}
		// The lock died with its holder, and the version is that of what is there.
		if _, err := d.Replace(t.Context(), "d/x", repeated('z'), info.Version); err != nil {
			t.Fatal(err)
		}
	}
}
