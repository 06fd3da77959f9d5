package objects_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/testneed"
)

func TestOpenDirSaysWhyItCannot(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", file + "\x00", file + "\n"} {
		_, err := objects.OpenDir(path)
		wantError(t, err, objects.ErrInvalid, "open directory")
	}
	for _, path := range []string{file, file + "/below", "/dev/null/x", "/proc/nowhere"} {
		_, err := objects.OpenDir(path)
		wantError(t, err, objects.ErrUnavailable, "open directory")
	}
}

// mountTmpfs mounts a file system in memory over a new directory.
func mountTmpfs(t *testing.T, options string) string {
	t.Helper()
	path := t.TempDir()
	if err := syscall.Mount("none", path, "tmpfs", 0, options); err != nil {
		testneed.Missing(t, "mounting a file system needs privileges", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(path, 0); err != nil {
			t.Error(err)
		}
	})
	return path
}

func TestDirSaysThatTheDiskIsFull(t *testing.T) {
	path := mountTmpfs(t, "size=256k")
	d := openDir(t, path)
	put(t, d, "d/x", "old")
	for _, name := range []string{"d/x", "d/y", "new/y"} {
		_, err := d.Put(t.Context(), name, strings.NewReader(strings.Repeat("x", 1<<20)), -1)
		wantError(t, err, objects.ErrUnavailable, "put "+name, "disk full", "no space left")
		_, err = d.Create(t.Context(), name+"z", make([]byte, 1<<20))
		wantError(t, err, objects.ErrUnavailable, "create "+name, "disk full")
	}
	wantTree(t, path, map[string]string{".tmp/": "", ".tmp/lock": "", "d/": "", "d/x": "old"})
	put(t, d, "new/y", "there is room again")
}

func TestDirSaysThatNoFilesAreLeft(t *testing.T) {
	path := mountTmpfs(t, "nr_inodes=6") // the root, ".tmp", the lock, a file being written, and two to come
	d := openDir(t, path)
	put(t, d, "x", "old")
	_, err := d.Put(t.Context(), "new/deep/deeper/x", strings.NewReader("x"), -1)
	wantError(t, err, objects.ErrUnavailable, "put new/deep/deeper/x", "disk full")
	wantTree(t, path, map[string]string{".tmp/": "", ".tmp/lock": "", "x": "old"})
}

func TestDirOnAReadOnlyFileSystemIsRead(t *testing.T) {
	path := mountTmpfs(t, "")
	put(t, openDir(t, path), "d/x", "old")
	if err := os.WriteFile(filepath.Join(path, ".tmp", "left"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("none", path, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		testneed.Missing(t, "mounting a file system needs privileges", err)
	}
	wantReadOnly(t, openDir(t, path), "read-only file system")
}

func TestDirWithoutPermissionIsRead(t *testing.T) {
	path := t.TempDir()
	d := openDir(t, path)
	put(t, d, "d/x", "old")
	for _, folder := range []string{"d", ".tmp", ""} {
		if err := os.Chmod(filepath.Join(path, folder), 0o555); err != nil {
			t.Fatal(err)
		}
	}
	beNobody(t)
	wantReadOnly(t, d, "permission denied")
}

// beNobody takes from this test, if root runs it, the right to do everything with files. It is a matter of the
// thread, which the test keeps to itself.
func beNobody(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	runtime.LockOSThread()
	if err := syscall.Setfsuid(65534); err != nil {
		testneed.Missing(t, "cannot become nobody", err)
	}
	t.Cleanup(func() {
		if err := syscall.Setfsuid(0); err != nil {
			t.Error(err)
		}
		runtime.UnlockOSThread()
	})
}

// wantReadOnly fails unless d/x can be read and every write fails with a reason.
func wantReadOnly(t *testing.T, d *objects.Dir, reason string) {
	t.Helper()
	data, info, err := objects.ReadAll(t.Context(), d, "d/x", 10)
	if err != nil || string(data) != "old" {
		t.Errorf("got %q, %v", data, err)
	}
	_, err = d.Put(t.Context(), "d/x", strings.NewReader("new"), 3)
	wantError(t, err, objects.ErrUnavailable, "put d/x", reason)
	_, err = d.Create(t.Context(), "d/y", []byte("new"))
	wantError(t, err, objects.ErrUnavailable, "create d/y", reason)
	_, err = d.Replace(t.Context(), "d/x", []byte("new"), info.Version)
	wantError(t, err, objects.ErrUnavailable, "replace d/x", reason)
	wantError(t, d.Delete(t.Context(), "d/x"), objects.ErrUnavailable, "delete d/x", reason)
	wantError(t, objects.Probe(t.Context(), d), objects.ErrUnavailable, "probe: create", reason)
}
