package objects_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/parvis-opendata/parvis/internal/objects"
)

// childVariable makes the test binary play one of the children below instead of running tests.
const childVariable = "PARVIS_OBJECTS_TEST_CHILD"

func TestMain(m *testing.M) {
	if role := os.Getenv(childVariable); role != "" {
		os.Exit(beChild(role, os.Args[1]))
	}
	goleak.VerifyTestMain(m)
}

// beChild works on the store in a directory from the moment a line arrives on its input.
func beChild(role, path string) int {
	fmt.Println("ready")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return fail(err)
	}
	d, err := objects.OpenDir(path)
	if err != nil {
		return fail(err)
	}
	if err := children[role](context.Background(), d); err != nil {
		return fail(err)
	}
	return 0
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}

var children = map[string]func(context.Context, *objects.Dir) error{
	// create prints the names that it won.
	"create": func(ctx context.Context, d *objects.Dir) error {
		for i := range raceNames {
			name := fmt.Sprintf("race/%d", i)
			_, err := d.Create(ctx, name, fmt.Appendln(nil, os.Getpid()))
			if err == nil {
				fmt.Println(name)
			} else if !errors.Is(err, objects.ErrConflict) {
				return err
			}
		}
		return nil
	},
	// increment adds to the counter.
	"increment": func(ctx context.Context, d *objects.Dir) error {
		for done := 0; done < raceIncrements; {
			data, info, err := objects.ReadAll(ctx, d, "counter", 20)
			if err != nil {
				return err
			}
			n, err := strconv.Atoi(string(data))
			if err != nil {
				return err
			}
			_, err = d.Replace(ctx, "counter", []byte(strconv.Itoa(n+1)), info.Version)
			if err == nil {
				done++
			} else if !errors.Is(err, objects.ErrConflict) {
				return err
			}
		}
		return nil
	},
	// hang puts an object of which the body never ends.
	"hang": func(ctx context.Context, d *objects.Dir) error {
		half := strings.NewReader(strings.Repeat("half", 1<<18))
		_, err := d.Put(ctx, "d/x", io.MultiReader(half, hang{}), -1)
		return err
	},
	// overwrite puts one object after the other under one name.
	"overwrite": func(ctx context.Context, d *objects.Dir) error {
		fmt.Println("overwriting")
		for i := 0; ; i = (i + 1) % len(letters) {
			if _, err := d.Put(ctx, "d/x", bytes.NewReader(repeated(letters[i])), -1); err != nil {
				return err
			}
		}
	},
}

const letters = "abcdefghij"

// repeated is an object of which every byte, and the length, tell which one it is.
func repeated(letter byte) []byte {
	return bytes.Repeat([]byte{letter}, 200_000+int(letter))
}

// hang says that it is being read, and then blocks.
type hang struct{}

func (hang) Read([]byte) (int, error) {
	fmt.Println("half written")
	select {}
}

// child is a running child of this test.
type child struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *bufio.Scanner
}

// startChild starts a child that waits to be told to go.
func startChild(t *testing.T, role, path string) *child {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{cmd: exec.Command(binary, path)}
	c.cmd.Env = append(os.Environ(), childVariable+"="+role)
	c.cmd.Stderr = os.Stderr
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.lines = bufio.NewScanner(out)
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c.expect(t, "ready")
	return c
}

func (c *child) run(t *testing.T) {
	t.Helper()
	if _, err := io.WriteString(c.in, "\n"); err != nil {
		t.Fatal(err)
	}
}

func (c *child) expect(t *testing.T, line string) {
	t.Helper()
	if !c.lines.Scan() || c.lines.Text() != line {
		t.Fatalf("child says %q, want %q", c.lines.Text(), line)
	}
}

// finish returns what else the child prints, and fails unless it ends well.
func (c *child) finish(t *testing.T) []string {
	t.Helper()
	var lines []string
	for c.lines.Scan() {
		lines = append(lines, c.lines.Text())
	}
	if err := c.cmd.Wait(); err != nil {
		t.Error(err)
	}
	return lines
}

// kill ends the child as kill -9 does.
func (c *child) kill(t *testing.T) {
	t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.cmd.Wait() // "signal: killed"
}
