package audit

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/problem"
)

// BenchmarkDisclosureOfOthers has tau-Argus, where python3 can import pytauargus, protect
// the reference problems in the same run as our protection, and attacks both masks.
func BenchmarkDisclosureOfOthers(b *testing.B) {
	if text, err := exec.CommandContext(b.Context(), "python3", "-c", "import pytauargus; print(pytauargus.__version__)").CombinedOutput(); err != nil {
		fmt.Printf("\ntau-Argus is not run: python3 cannot import pytauargus (%v: %s); pip install pytauargus==0.6.0\n", err, lastLine(text))
		return
	}
	for range b.N {
		fmt.Printf("\n%-8s %-10s %11s %8s %11s %7s  %s\n", "problem", "by", "secondaries", "seconds", "determined", "pinned", "worked out by a contributor")
		for _, name := range []string{"z1", "z2", "c30", "c60", "c120", "linked4"} {
			in, err := problem.Read(os.DirFS("../testdata/problems/"+name), "problem.json")
			if err != nil {
				b.Fatal(err)
			}
			start := time.Now()
			hidden := protected(&in.Problem)
			compare(b, in, name, "parvis", hidden, time.Since(start))
			start = time.Now()
			if hidden, reason := tauArgus(b, in, name); reason != "" {
				fmt.Printf("%-8s %-10s %s\n", name, "tau-Argus", reason)
			} else {
				compare(b, in, name, "tau-Argus", hidden, time.Since(start))
			}
		}
	}
}

// tauArgus is its mask, or why there is none. It runs in a clean folder, since it reads
// what earlier runs left.
func tauArgus(b *testing.B, in *problem.Input, name string) (hidden []bool, reason string) {
	b.Helper()
	out := b.TempDir()
	script, err := filepath.Abs("testdata/tauargus.py")
	if err != nil {
		b.Fatal(err)
	}
	folder, err := filepath.Abs("../testdata/problems/" + name)
	if err != nil {
		b.Fatal(err)
	}
	run := exec.CommandContext(b.Context(), "python3", script, folder, b.TempDir(), out)
	run.Dir = b.TempDir()
	if text, err := run.CombinedOutput(); err != nil {
		return nil, fmt.Sprintf("no mask: %s (%v)", lastLine(text), err)
	}
	mask, err := in.ReadMask(os.DirFS(out))
	if err != nil {
		b.Fatal(err)
	}
	return mask.Hidden, ""
}

// compare prints what a mask hides and what it gives away, in cells.
func compare(b *testing.B, in *problem.Input, name, by string, hidden []bool, took time.Duration) {
	b.Helper()
	r, err := Check(in.Problem, hidden, Options{ZerosKnown: in.ZerosKnown})
	if err != nil {
		b.Fatal(err)
	}
	cells := map[Kind]map[int32]bool{}
	for _, f := range r.Faults {
		if cells[f.Kind] == nil {
			cells[f.Kind] = map[int32]bool{}
		}
		cells[f.Kind][f.Cell] = true
	}
	fmt.Printf("%-8s %-10s %11d %8.1f %11d %7d  %d\n", name, by, in.Summary(hidden).Secondary, took.Seconds(), len(cells[Determined]), len(cells[Pinned]), len(cells[Contributor]))
}

// lastLine is the last line of what a program printed.
func lastLine(text []byte) string {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return lines[len(lines)-1]
}
