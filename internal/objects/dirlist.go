package objects

import (
	"context"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// List implements [Store]. It holds one folder of each level in memory.
func (d *Dir) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		if err := checkPrefix(prefix); err != nil {
			yield(Info{}, fmt.Errorf("list %q: %w", prefix, err))
			return
		}
		folder, _ := splitPrefix(prefix)
		w := dirWalk{ctx: ctx, dir: d, prefix: prefix, yield: yield}
		w.walk(folder)
	}
}

// dirWalk is one pass over the objects that begin with a prefix. Its steps return false when it is over.
type dirWalk struct {
	ctx    context.Context
	dir    *Dir
	prefix string
	yield  func(Info, error) bool
}

// walk goes through a folder, which is "" or ends in a slash.
func (w *dirWalk) walk(folder string) bool {
	if err := w.ctx.Err(); err != nil {
		return w.fail(err)
	}
	entries, err := w.dir.readFolder(folder)
	if err != nil {
		return missing(err) || w.fail(err)
	}
	for _, name := range inOrder(folder, entries) {
		if !w.step(name) {
			return false
		}
	}
	return true
}

func (w *dirWalk) step(name string) bool {
	switch {
	case !strings.HasPrefix(name, w.prefix):
		return true
	case strings.HasSuffix(name, "/"):
		return w.walk(name)
	}
	if err := w.ctx.Err(); err != nil {
		return w.fail(err)
	}
	info, err := w.dir.look(name)
	if err != nil {
		return missing(err) || w.fail(err)
	}
	return w.yield(info, nil)
}

func (w *dirWalk) fail(err error) bool {
	w.yield(Info{}, storeError("list", strconv.Quote(w.prefix), err))
	return false
}

// inOrder returns the full names of the entries that are objects or folders, in byte order. A folder has a slash at
// its end, which sorts it where its objects belong: "a-b" before "a/b" before "a0".
func inOrder(folder string, entries []fs.DirEntry) []string {
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		name := folder + entry.Name()
		if checkName(name) != nil {
			continue
		}
		switch {
		case entry.IsDir():
			names = append(names, name+"/")
		case entry.Type().IsRegular():
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// readFolder returns the entries of a folder in any order; "" is the root.
func (d *Dir) readFolder(folder string) ([]fs.DirEntry, error) {
	if folder == "" {
		folder = "."
	}
	file, err := d.root.Open(strings.TrimSuffix(folder, "/"))
	if err != nil {
		return nil, err
	}
	entries, err := file.ReadDir(-1)
	if closed := file.Close(); err == nil {
		err = closed
	}
	return entries, err
}
