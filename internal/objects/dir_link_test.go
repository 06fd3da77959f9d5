package objects_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/internal/objects"
)

// linkOut makes a store and a neighbour with a secret that must be neither read nor changed.
func linkOut(t *testing.T, links map[string]string) (d *objects.Dir, store, outside string) {
	t.Helper()
	base := t.TempDir()
	store, outside = filepath.Join(base, "store"), filepath.Join(base, "outside")
	for _, folder := range []string{store, outside} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, target := range links {
		if err := os.Symlink(strings.ReplaceAll(target, "BASE", base), filepath.Join(store, name)); err != nil {
			t.Fatal(err)
		}
	}
	return openDir(t, store), store, outside
}

func TestDirIsNotLeftThroughALinkedFolder(t *testing.T) {
	links := map[string]string{"relative": "../outside", "absolute": "BASE/outside"}
	d, _, outside := linkOut(t, links)
	for link := range links {
		for _, name := range []string{link + "/secret", link + "/new", link + "/new/new"} {
			_, err := d.Put(t.Context(), name, strings.NewReader("new"), 3)
			wantError(t, err, objects.ErrUnavailable, "put "+name, "escapes")
			_, err = d.Create(t.Context(), name, []byte("new"))
			wantError(t, err, objects.ErrUnavailable, "create "+name, "escapes")
			_, err = d.Replace(t.Context(), name, []byte("new"), "version")
			wantError(t, err, objects.ErrUnavailable, "replace "+name, "escapes")
			_, _, err = d.Open(t.Context(), name, 0, -1)
			wantError(t, err, objects.ErrUnavailable, "open "+name, "escapes")
			_, err = d.Stat(t.Context(), name)
			wantError(t, err, objects.ErrUnavailable, "stat "+name, "escapes")
			wantError(t, d.Delete(t.Context(), name), objects.ErrUnavailable, "delete "+name, "escapes")
		}
		for info, err := range d.List(t.Context(), link+"/") {
			if err == nil {
				t.Errorf("lists %s", info.Name)
			}
		}
	}
	for info, err := range d.List(t.Context(), "") {
		t.Errorf("lists %q, %v", info.Name, err)
	}
	wantTree(t, outside, map[string]string{"secret": "secret"})
}

func TestDirTakesALinkedFileForNoObject(t *testing.T) {
	d, store, outside := linkOut(t, map[string]string{"x": "../outside/secret"})
	_, err := d.Stat(t.Context(), "x")
	wantError(t, err, objects.ErrNotFound)
	_, _, err = d.Open(t.Context(), "x", 0, -1)
	wantError(t, err, objects.ErrNotFound)
	if err := d.Delete(t.Context(), "x"); err != nil {
		t.Error(err)
	}
	put(t, d, "x", "object")
	wantTree(t, store, map[string]string{".tmp/": "", ".tmp/lock": "", "x": "object"})
	wantTree(t, outside, map[string]string{"secret": "secret"})
}

func TestDirIsNotLeftThroughALinkedTemporaryFolder(t *testing.T) {
	d, _, outside := linkOut(t, map[string]string{".tmp": "../outside"})
	_, err := d.Put(t.Context(), "x", strings.NewReader("new"), 3)
	wantError(t, err, objects.ErrUnavailable, "put x", "escapes")
	wantTree(t, outside, map[string]string{"secret": "secret"})
}

func TestDirKeepsALinkInsideItselfWhenAnObjectBehindItGoes(t *testing.T) {
	d, store, _ := linkOut(t, map[string]string{"link": "d"})
	put(t, d, "d/x", "x")
	put(t, d, "d/y", "y")
	_, err := d.Put(t.Context(), "link/z", strings.NewReader("z"), 1)
	wantError(t, err, objects.ErrInvalid, "link is not a folder")
	if err := d.Delete(t.Context(), "link/x"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(filepath.Join(store, "link")); err != nil {
		t.Error(err)
	}
}
