package objects_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/objects/objectstest"
)

func TestDirFulfilsTheContract(t *testing.T) {
	objectstest.Run(t, func(t *testing.T) objects.Store { return openDir(t, t.TempDir()) })
}

func openDir(t *testing.T, path string) *objects.Dir {
	t.Helper()
	d, err := objects.OpenDir(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func put(t *testing.T, d *objects.Dir, name, data string) objects.Info {
	t.Helper()
	info, err := d.Put(t.Context(), name, strings.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// tree returns the files under a directory with their contents; folders end in a slash and hold nothing.
func tree(t *testing.T, path string) map[string]string {
	t.Helper()
	got := map[string]string{}
	err := filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || file == path {
			return err
		}
		name, err := filepath.Rel(path, file)
		if err != nil {
			return err
		}
		switch {
		case entry.IsDir():
			got[name+"/"] = ""
		case entry.Type().IsRegular():
			data, err := os.ReadFile(file)
			got[name] = string(data)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func wantTree(t *testing.T, path string, want map[string]string) {
	t.Helper()
	if diff := cmp.Diff(want, tree(t, path)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func wantError(t *testing.T, err, want error, texts ...string) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want one that is %q", err, want)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("got error %q, want it to say %q", err, text)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("the message is not one line: %q", err)
	}
}

func TestDirKeepsPlainFilesAndNothingElse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made", "too")
	d := openDir(t, path)
	put(t, d, "datasets/a/current.json", "{}")
	put(t, d, "datasets/b/current.json", "{}")
	put(t, d, "datasets/b/releases/1/x.csv", "1,2")
	if err := d.Delete(t.Context(), "datasets/a/current.json"); err != nil {
		t.Fatal(err)
	}
	if err := d.Delete(t.Context(), "datasets/b/releases/1/x.csv"); err != nil {
		t.Fatal(err)
	}
	wantTree(t, path, map[string]string{
		".tmp/": "", ".tmp/lock": "", "datasets/": "", "datasets/b/": "", "datasets/b/current.json": "{}",
	})
}

func TestDirHonoursTheUmask(t *testing.T) {
	for _, c := range []struct {
		name         string
		umask        int
		file, folder fs.FileMode
	}{
		{"everybody reads", 0o022, 0o644, 0o755},
		{"the group reads", 0o027, 0o640, 0o750},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer syscall.Umask(syscall.Umask(c.umask))
			path := filepath.Join(t.TempDir(), "store")
			put(t, openDir(t, path), "d/x", "x")
			for name, want := range map[string]fs.FileMode{"": c.folder, "d": c.folder, "d/x": c.file} {
				info, err := os.Stat(filepath.Join(path, name))
				if err != nil {
					t.Fatal(err)
				}
				if got := info.Mode().Perm(); got != want {
					t.Errorf("mode of %q is %v, want %v", name, got, want)
				}
			}
		})
	}
}

func TestDirGivesEveryWriteAVersionOfItsOwn(t *testing.T) {
	d := openDir(t, t.TempDir())
	seen := map[string]bool{}
	var last time.Time
	note := func(info objects.Info, err error) objects.Info {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if seen[info.Version] {
			t.Fatalf("version %s was given before", info.Version)
		}
		if !info.Modified.After(last) {
			t.Fatalf("written at %v, not after %v", info.Modified, last)
		}
		seen[info.Version], last = true, info.Modified
		return info
	}
	for range 50 {
		made := note(d.Create(t.Context(), "d/x", []byte("same")))
		note(d.Replace(t.Context(), "d/x", []byte("same"), made.Version))
		note(put(t, d, "d/x", "same"), nil)
		_, err := d.Replace(t.Context(), "d/x", []byte("same"), made.Version)
		wantError(t, err, objects.ErrConflict)
		if err := d.Delete(t.Context(), "d/x"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDirVersionsAdvanceWhenTheClockGoesBack(t *testing.T) {
	path := t.TempDir()
	d := openDir(t, path)
	put(t, d, "d/x", "before")
	ahead := time.Now().Add(time.Hour)
	if err := os.Chtimes(filepath.Join(path, ".tmp", "lock"), ahead, ahead); err != nil {
		t.Fatal(err)
	}
	first, second := put(t, d, "d/x", "after"), put(t, d, "d/x", "after")
	if !first.Modified.After(ahead.Truncate(time.Microsecond)) || !second.Modified.After(first.Modified) {
		t.Errorf("written at %v and %v, want both after %v", first.Modified, second.Modified, ahead)
	}
}

func TestDirSeesChangesByOtherHands(t *testing.T) {
	path := t.TempDir()
	d := openDir(t, path)
	info := put(t, d, "x", "ours")
	if err := os.WriteFile(filepath.Join(path, "x"), []byte("their"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := d.Replace(t.Context(), "x", []byte("ours"), info.Version)
	wantError(t, err, objects.ErrConflict, "replace x: conflict")
}

func TestDirRefusesANameThatIsAlsoAFolder(t *testing.T) {
	d := openDir(t, t.TempDir())
	put(t, d, "d/e/x", "x")
	for _, name := range []string{"d", "d/e", "d/e/x/y", "d/e/x/y/z"} {
		_, err := d.Put(t.Context(), name, strings.NewReader("new"), 3)
		wantError(t, err, objects.ErrInvalid, "put "+name)
		_, err = d.Create(t.Context(), name, []byte("new"))
		wantError(t, err, objects.ErrInvalid, "create "+name)
	}
	if data, _, err := objects.ReadAll(t.Context(), d, "d/e/x", 1); err != nil || string(data) != "x" {
		t.Errorf("got %q, %v", data, err)
	}
}

func TestDirFindsNothingBelowAnObject(t *testing.T) {
	d := openDir(t, t.TempDir())
	put(t, d, "d/x", "x")
	_, err := d.Stat(t.Context(), "d/x/y")
	wantError(t, err, objects.ErrNotFound)
	_, _, err = d.Open(t.Context(), "d/x/y", 0, -1)
	wantError(t, err, objects.ErrNotFound)
	_, err = d.Replace(t.Context(), "d/x/y", []byte("new"), "version")
	wantError(t, err, objects.ErrNotFound)
	if err := d.Delete(t.Context(), "d/x/y"); err != nil {
		t.Error(err)
	}
	for info, err := range d.List(t.Context(), "d/x/") {
		t.Errorf("lists %q, %v", info.Name, err)
	}
}

func TestDirLetsAnEmptyFolderGiveWay(t *testing.T) {
	path := t.TempDir()
	d := openDir(t, path)
	if err := os.MkdirAll(filepath.Join(path, "d", "e"), 0o755); err != nil {
		t.Fatal(err)
	}
	put(t, d, "d/e", "e")
	wantTree(t, path, map[string]string{".tmp/": "", ".tmp/lock": "", "d/": "", "d/e": "e"})
}

func TestOpenDirRemovesStaleTemporaries(t *testing.T) {
	path := t.TempDir()
	put(t, openDir(t, path), "x", "x")
	stale := time.Now().Add(-25 * time.Hour)
	for name, old := range map[string]bool{".tmp/stale": true, ".tmp/fresh": false, ".tmp/lock": true, "x": true} {
		file := filepath.Join(path, name)
		if strings.HasPrefix(name, ".tmp") && name != ".tmp/lock" {
			if err := os.WriteFile(file, []byte("half"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if old {
			if err := os.Chtimes(file, stale, stale); err != nil {
				t.Fatal(err)
			}
		}
	}
	openDir(t, path)
	wantTree(t, path, map[string]string{".tmp/": "", ".tmp/fresh": "half", ".tmp/lock": "", "x": "x"})
}

func TestDirWaitsForTheLockOnlyAsLongAsItsContext(t *testing.T) {
	path := t.TempDir()
	d := openDir(t, path)
	put(t, d, "x", "old")
	held, err := os.Open(filepath.Join(path, ".tmp", "lock"))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(held.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = d.Put(ctx, "x", strings.NewReader("new"), 3)
	wantError(t, err, context.DeadlineExceeded, "put x")
	if data, _, err := objects.ReadAll(t.Context(), d, "x", 3); err != nil || string(data) != "old" {
		t.Errorf("got %q, %v", data, err)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	put(t, d, "x", "new")
	wantTree(t, path, map[string]string{".tmp/": "", ".tmp/lock": "", "x": "new"})
}

func TestDirSurvivesTheRemovalOfItsTemporaryFolder(t *testing.T) {
	path := t.TempDir()
	d := openDir(t, path)
	put(t, d, "x", "1")
	if err := os.RemoveAll(filepath.Join(path, ".tmp")); err != nil {
		t.Fatal(err)
	}
	put(t, d, "x", "2")
	wantTree(t, path, map[string]string{".tmp/": "", ".tmp/lock": "", "x": "2"})
}

func TestDirDoesNotListForeignFiles(t *testing.T) {
	path := t.TempDir()
	d := openDir(t, path)
	put(t, d, "d/x", "x")
	for _, name := range []string{"d/with\nnewline", "d/.tmpfile", `d/back\slash`, "d/\xff"} {
		if err := os.WriteFile(filepath.Join(path, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(path, "d", "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	var got []string
	for info, err := range d.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, info.Name)
	}
	if diff := cmp.Diff([]string{"d/x"}, got); diff != "" {
		t.Error(diff)
	}
	_, _, err := d.Open(t.Context(), "d/pipe", 0, -1)
	wantError(t, err, objects.ErrNotFound)
}

func TestDirReportsBytesThatOthersCutOff(t *testing.T) {
	path := t.TempDir()
	d := openDir(t, path)
	put(t, d, "x", "0123456789")
	r, _, err := d.Open(t.Context(), "x", 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(path, "x"), 4); err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 10)
	n, err := r.Read(buffer)
	wantError(t, err, objects.ErrUnavailable, "read x", "unexpected EOF")
	if string(buffer[:n]) != "0123" {
		t.Errorf("got %q", buffer[:n])
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}
