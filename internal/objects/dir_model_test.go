package objects_test

import (
	"bytes"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/parvis-opendata/parvis/internal/objects"
)

// TestDirBehavesAsAMap compares a directory with a map over random sequences of verbs. The names clash with each
// other's folders on purpose.
func TestDirBehavesAsAMap(t *testing.T) {
	base, run := t.TempDir(), 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		path := filepath.Join(base, strconv.Itoa(run))
		d, err := objects.OpenDir(path)
		if err != nil {
			rt.Fatal(err)
		}
		m := &model{t: t, d: d, is: map[string]entry{}}
		rt.Repeat(map[string]func(*rapid.T){
			"put": m.put, "create": m.create, "replace": m.replace, "delete": m.remove, "open": m.open, "": m.list,
		})
		m.wantNoEmptyFolders(rt, path)
		if err := d.Close(); err != nil {
			rt.Error(err)
		}
	})
}

type entry struct {
	data    string
	version string
}

type model struct {
	t    *testing.T
	d    *objects.Dir
	is   map[string]entry
	past []string // every version ever given
}

var (
	drawName = rapid.SampledFrom([]string{"a", "a-b", "a.b", "a/b", "a/b/c", "a/d", "a0", "a0/x", "é/1", "é/2/3"})
	drawData = rapid.SampledFrom([]string{"", "x", "y", "longer", strings.Repeat("long", 1000)})
)

// clashes reports whether a name is a folder of an object, or has an object as its folder.
func (m *model) clashes(name string) bool {
	for other := range m.is {
		if strings.HasPrefix(other, name+"/") || strings.HasPrefix(name, other+"/") {
			return true
		}
	}
	return false
}

// wrote compares the end of a write with the kind of error it should have, and notes the write if it should have none.
func (m *model) wrote(rt *rapid.T, name, data string, info objects.Info, err, want error) {
	if !errors.Is(err, want) {
		rt.Fatalf("%s: got error %v, want %v", name, err, want)
	}
	if want != nil {
		return
	}
	if info.Name != name || info.Size != int64(len(data)) || slices.Contains(m.past, info.Version) {
		rt.Fatalf("%s: %+v", name, info)
	}
	m.past = append(m.past, info.Version)
	m.is[name] = entry{data, info.Version}
}

func (m *model) put(rt *rapid.T) {
	name, data := drawName.Draw(rt, "name"), drawData.Draw(rt, "data")
	var want error
	if m.clashes(name) {
		want = objects.ErrInvalid
	}
	info, err := m.d.Put(m.t.Context(), name, strings.NewReader(data), int64(len(data)))
	m.wrote(rt, name, data, info, err, want)
}

func (m *model) create(rt *rapid.T) {
	name, data := drawName.Draw(rt, "name"), drawData.Draw(rt, "data")
	var want error
	if _, taken := m.is[name]; taken {
		want = objects.ErrConflict
	} else if m.clashes(name) {
		want = objects.ErrInvalid
	}
	info, err := m.d.Create(m.t.Context(), name, []byte(data))
	m.wrote(rt, name, data, info, err, want)
}

func (m *model) replace(rt *rapid.T) {
	name, data := drawName.Draw(rt, "name"), drawData.Draw(rt, "data")
	current, exists := m.is[name]
	version := current.version
	if !exists || rapid.Bool().Draw(rt, "stale") {
		version = rapid.SampledFrom(append([]string{"never"}, m.past...)).Draw(rt, "version")
	}
	var want error
	if !exists {
		want = objects.ErrNotFound
	} else if version != current.version {
		want = objects.ErrConflict
	}
	info, err := m.d.Replace(m.t.Context(), name, []byte(data), version)
	m.wrote(rt, name, data, info, err, want)
}

func (m *model) remove(rt *rapid.T) {
	name := drawName.Draw(rt, "name")
	if err := m.d.Delete(m.t.Context(), name); err != nil {
		rt.Fatal(err)
	}
	delete(m.is, name)
}

func (m *model) open(rt *rapid.T) {
	name := drawName.Draw(rt, "name")
	offset := rapid.Int64Range(0, 5000).Draw(rt, "offset")
	length := rapid.Int64Range(-1, 5000).Draw(rt, "length")
	want, exists := m.is[name]
	r, info, err := m.d.Open(m.t.Context(), name, offset, length)
	if !exists {
		if !errors.Is(err, objects.ErrNotFound) {
			rt.Fatalf("open %s: %v", name, err)
		}
		return
	}
	if err != nil {
		rt.Fatal(err)
	}
	var got bytes.Buffer
	if _, err := got.ReadFrom(r); err != nil {
		rt.Fatal(err)
	}
	if err := r.Close(); err != nil {
		rt.Fatal(err)
	}
	end := int64(len(want.data))
	offset = min(offset, end)
	if length >= 0 {
		end = min(end, offset+length)
	}
	if got.String() != want.data[offset:end] || info.Version != want.version {
		rt.Fatalf("%s from %d, length %d: got %d bytes of %+v", name, offset, length, got.Len(), info)
	}
}

// list runs after every other step, and sees all that they should have changed and nothing else.
func (m *model) list(rt *rapid.T) {
	prefix := rapid.SampledFrom([]string{"", "a", "a/", "a/b", "a0", "é/", "é/2"}).Draw(rt, "prefix")
	want, got := []objects.Info{}, []objects.Info{}
	for _, name := range slices.Sorted(maps.Keys(m.is)) {
		if strings.HasPrefix(name, prefix) {
			want = append(want, objects.Info{Name: name, Size: int64(len(m.is[name].data)), Version: m.is[name].version})
		}
	}
	for info, err := range m.d.List(m.t.Context(), prefix) {
		if err != nil {
			rt.Fatal(err)
		}
		got = append(got, objects.Info{Name: info.Name, Size: info.Size, Version: info.Version})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		rt.Fatalf("list %q (-want +got):\n%s", prefix, diff)
	}
}

// wantNoEmptyFolders fails if a folder, or a temporary file, stayed behind.
func (m *model) wantNoEmptyFolders(rt *rapid.T, path string) {
	files := tree(m.t, path)
	for name := range files {
		inUse := func(other string) bool { return other != name && strings.HasPrefix(other, name) }
		switch {
		case strings.HasPrefix(name, ".tmp/"):
			if name != ".tmp/" && name != ".tmp/lock" {
				rt.Errorf("%s stayed", name)
			}
		case strings.HasSuffix(name, "/") && !slices.ContainsFunc(slices.Collect(maps.Keys(files)), inUse):
			rt.Errorf("%s stayed, empty", name)
		}
	}
}
