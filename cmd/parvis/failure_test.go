package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/internal/testneed"
	"github.com/parvis-opendata/parvis/publisher/release"
)

const catalogue = "moncompteformation_catalogueformation"

// ran is what a run of the program came to.
type ran struct {
	code        int
	out, stderr string
}

// program runs parvis, in a process of its own, as the given user (0: as we are).
func program(t *testing.T, uid uint32, args ...string) ran {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Args = append([]string{"parvis"}, args...) // testscript.Main goes by this name
	if uid != 0 {
		cmd.Path = readableCopy(t, self)
		cmd.Dir = filepath.Dir(cmd.Path)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	}
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return ran{code: cmd.ProcessState.ExitCode(), out: out.String(), stderr: stderr.String()}
}

// readableCopy copies the program to where any user can run it.
func readableCopy(t *testing.T, self string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "parvis-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(self)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	path := filepath.Join(dir, "parvis")
	out, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// site is a store in which a release is served, and a good extract.
type site struct {
	t                *testing.T
	hub, store, work string
	pointer          release.Current
}

func newSite(t *testing.T) *site {
	t.Helper()
	root := t.TempDir()
	s := &site{t: t, hub: hubtest.Extract(t, nil), store: filepath.Join(root, "store"), work: filepath.Join(root, "work")}
	if r := s.publish(s.hub); r.code != exitDone {
		t.Fatalf("first publication: %+v", r)
	}
	s.pointer = s.served()
	return s
}

// served is the pointer, without the numbers by which publications exclude each other.
func (s *site) served() release.Current {
	s.t.Helper()
	var c release.Current
	if err := json.Unmarshal([]byte(s.read("current.json")), &c); err != nil {
		s.t.Fatal(err)
	}
	c.Fence, c.Claimed, c.Due = 0, false, time.Time{}
	return c
}

func (s *site) read(name string) string {
	s.t.Helper()
	b, err := os.ReadFile(filepath.Join(s.store, "datasets", catalogue, name))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(b)
}

func (s *site) publish(hub string, more ...string) ran {
	s.t.Helper()
	args := []string{"publish", catalogue, "--hub", hub, "--store", s.store, "--workdir", s.work, "--as-of", "2026-11-20"}
	return program(s.t, 0, append(args, more...)...)
}

// unchanged checks that a publication failed in one clear line and left what is
// served as it was.
func (s *site) unchanged(r ran, code int, want string) {
	s.t.Helper()
	var lines []string
	for _, line := range strings.Split(strings.TrimSpace(r.stderr), "\n") {
		if strings.HasPrefix(line, "parvis: ") {
			lines = append(lines, line)
		}
	}
	if r.code != code || len(lines) != 1 || !strings.Contains(lines[0], want) {
		s.t.Errorf("exit %d, %q; want exit %d and one line with %q", r.code, lines, code, want)
	}
	if d := cmp.Diff(s.pointer, s.served()); d != "" {
		s.t.Errorf("the pointer changed:\n%s", d)
	}
	if v := program(s.t, 0, "releases", "verify", catalogue, "--store", s.store); v.code != exitDone {
		s.t.Errorf("the served release is damaged: %+v", v)
	}
	if _, err := os.Stat(filepath.Join(s.work, "run-"+catalogue)); !errors.Is(err, os.ErrNotExist) {
		s.t.Errorf("the private directory is still there: %v", err)
	}
}

// TestBadInput: each kind of bad input gives one line and the right exit code,
// publishes nothing, and leaves the served release as it was.
func TestBadInput(t *testing.T) {
	s := newSite(t)
	file := func(name, content string) func(dir string) {
		return func(dir string) {
			if err := os.RemoveAll(filepath.Join(dir, "formations")); err != nil {
				t.Fatal(err)
			}
			hubtest.Write(t, filepath.Join(dir, "formations", name), []byte(content))
		}
	}
	head := strings.Join(hubtest.Header("formations"), ",") + "\n"
	for _, c := range []struct {
		name  string
		spoil func(dir string)
		code  int
		want  string
	}{
		{"missing column", file("a.csv", strings.Replace(head, "siret,", "", 1)), exitRefused, "read formations/a.csv: the file lacks column siret; found numero_formation, "},
		{"truncated parquet", file("a.parquet", "PAR1 and then nothing"), exitRefused, "read formations/a.parquet: the file is damaged or is not parquet"},
		{"latin-1", file("a.csv", head+"F1,caf\xe9\n"), exitRefused, "read formations/a.csv: the file is not UTF-8 at line 2; export it in UTF-8"},
		{"open quote", file("a.csv", head+"F1,\"x\nF2,y\n"), exitRefused, "read formations/a.csv: the file has a quote at line 2 that is never closed"},
		{"zeros", file("a.csv", strings.Repeat("\x00", 5000)), exitRefused, "read formations/a.csv: the file holds a zero byte at line 1"},
		{"empty folder", func(dir string) { _ = os.Remove(filepath.Join(dir, "formations", "part-1.csv")) }, exitRefused, "the extract has no file of formations"},
		{"empty directory", func(dir string) { _ = os.RemoveAll(dir); _ = os.Mkdir(dir, 0o755) }, exitRefused, "the extract has no file of territoires"},
		{"no directory", func(dir string) { _ = os.RemoveAll(dir) }, exitFailure, "open hub extract"},
		{"a file", func(dir string) { _ = os.RemoveAll(dir); hubtest.Write(t, dir, nil) }, exitFailure, "is not a directory"},
		{"all faulty", file("a.csv", head), exitRefused, "shrank from"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := hubtest.Extract(t, nil)
			c.spoil(dir)
			s.t = t
			s.unchanged(s.publish(dir), c.code, c.want)
		})
	}
}

func TestTwoPublicationsAtOnce(t *testing.T) {
	s := newSite(t)
	lock, err := os.OpenFile(filepath.Join(s.work, catalogue+".lock"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Close() }()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	s.unchanged(s.publish(s.hub), exitFailure, "another publication of this dataset is running")
}

func TestDirectoryThatCannotBeRead(t *testing.T) {
	if os.Getuid() != 0 {
		testneed.Missing(t, "becoming another user needs privileges", errors.New("not root"))
	}
	dir := hubtest.Extract(t, nil)
	if err := os.Chmod(filepath.Join(dir, "formations"), 0); err != nil {
		t.Fatal(err)
	}
	for p := dir; p != os.TempDir() && p != "/"; p = filepath.Dir(p) {
		if err := os.Chmod(p, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	r := program(t, 65534, "publish", catalogue, "--hub", dir, "--store", "store", "--workdir", "work")
	if r.code != exitFailure || !strings.Contains(r.stderr, "permission denied") {
		t.Errorf("%+v", r)
	}
}

// smallDisk mounts a file system of the given size.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		testneed.Missing(t, "mounting a small file system needs privileges", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestFullDisk(t *testing.T) {
	big := filepath.Join(t.TempDir(), "hub")
	if r := program(t, 0, "hub", "generate", "--out", big, "--dossiers", "1000", "--formations", "3000", "--until", "2026-11-20"); r.code != exitDone {
		t.Fatalf("%+v", r)
	}
	t.Run("working directory", func(t *testing.T) {
		for _, size := range []string{"300k", "2m"} {
			r := program(t, 0, "publish", catalogue, "--hub", big, "--store", t.TempDir(), "--workdir", smallDisk(t, size), "--as-of", "2026-11-20")
			if r.code != exitFailure || !strings.Contains(strings.ToLower(r.stderr), "no space left") {
				t.Errorf("%s: %+v", size, r)
			}
		}
	})
	t.Run("store", func(t *testing.T) {
		store := smallDisk(t, "200k")
		r := program(t, 0, "publish", catalogue, "--hub", big, "--store", store, "--workdir", t.TempDir(), "--as-of", "2026-11-20")
		if r.code != exitFailure || !strings.Contains(r.stderr, "publish "+catalogue+": store: ") || !strings.Contains(r.stderr, "full") {
			t.Errorf("%+v", r)
		}
		if _, err := os.Stat(filepath.Join(store, "datasets", catalogue, "current.json")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("something is served: %v", err)
		}
	})
}
