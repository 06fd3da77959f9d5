package objects

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"
	"unicode"
)

const (
	folderMode = 0o755 // what is stored is public; the umask may narrow both
	fileMode   = 0o644
)

// Dir is a [Store] in a directory: one file an object, under its name, readable with any tool.
//
// Several processes may share the directory. A write goes to a file in the folder ".tmp", which is synced and then
// renamed while the lock file there is held (flock): the check of a condition, the rename and the care of folders
// are one step for everybody. The folder of an object is synced before the write returns.
//
// A name cannot lead out of the directory, nor can a symbolic link in it ([os.Root]): what goes through a link that
// leaves the tree is ErrUnavailable. Only regular files are objects; links and foreign names are not listed. A name
// that is also the folder of another object is ErrInvalid, in either order. A folder that holds nothing is removed.
//
// A version changes with every write, also of equal bytes.
type Dir struct {
	root *os.Root
	turn chan struct{} // one goroutine of this process at a time competes for the lock file
}

// OpenDir opens the store in a directory, which is made if it is missing, and removes temporary files that crashed
// writers left there more than a day ago. A directory that can only be read is opened too; writes then fail.
//
// Errors: ErrInvalid when path is empty or has a control character, ErrUnavailable when the directory cannot be made or opened.
func OpenDir(path string) (*Dir, error) {
	if path == "" || strings.ContainsFunc(path, unicode.IsControl) {
		return nil, fmt.Errorf("open directory %q: %w: no path, or one with a control character", path, ErrInvalid)
	}
	if err := os.MkdirAll(path, folderMode); err != nil {
		return nil, storeError("open directory", path, err)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, storeError("open directory", path, err)
	}
	d := &Dir{root: root, turn: make(chan struct{}, 1)}
	d.sweep()
	return d, nil
}

// Close ends the use of the store. Readers that are open stay usable.
func (d *Dir) Close() error {
	if err := d.root.Close(); err != nil {
		return storeError("close directory", d.root.Name(), err)
	}
	return nil
}

// Put implements [Store].
func (d *Dir) Put(ctx context.Context, name string, from io.Reader, size int64) (Info, error) {
	if err := beginPut(ctx, name, size); err != nil {
		return Info{}, err
	}
	w := dirWrite{dir: d, verb: "put", name: name, allowed: always}
	return w.run(ctx, &body{ctx: ctx, from: from, size: size})
}

// Create implements [Store].
func (d *Dir) Create(ctx context.Context, name string, data []byte) (Info, error) {
	if err := beginCreate(ctx, name, data); err != nil {
		return Info{}, err
	}
	w := dirWrite{dir: d, verb: "create", name: name, allowed: ifFree}
	return w.run(ctx, bytes.NewReader(data))
}

// Replace implements [Store].
func (d *Dir) Replace(ctx context.Context, name string, data []byte, version string) (Info, error) {
	if err := beginReplace(ctx, name, data, version); err != nil {
		return Info{}, err
	}
	w := dirWrite{dir: d, verb: "replace", name: name, allowed: ifVersion(version)}
	return w.run(ctx, bytes.NewReader(data))
}

// Stat implements [Store].
func (d *Dir) Stat(ctx context.Context, name string) (Info, error) {
	if err := begin(ctx, "stat", name); err != nil {
		return Info{}, err
	}
	info, err := d.look(name)
	if err != nil {
		return Info{}, lookupError("stat", name, err)
	}
	return info, nil
}

// Delete implements [Store].
func (d *Dir) Delete(ctx context.Context, name string) error {
	if err := begin(ctx, "delete", name); err != nil {
		return err
	}
	left, err := d.remove(ctx, name)
	if err == nil {
		err = d.sync(left)
	}
	if err = lookupError("delete", name, err); errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// remove takes an object and the folders that it leaves empty away, and returns the folder that is left.
func (d *Dir) remove(ctx context.Context, name string) (left string, err error) {
	lock, err := d.lock(ctx)
	if err != nil {
		return "", err
	}
	defer lock.release()
	if _, err := d.look(name); err != nil {
		return "", err
	}
	if err := d.root.Remove(name); err != nil {
		return "", err
	}
	return d.prune(path.Dir(name)), nil
}

// look describes an object; anything but a regular file does not exist.
func (d *Dir) look(name string) (Info, error) {
	file, err := d.root.Lstat(name)
	if err != nil {
		return Info{}, err
	}
	if !file.Mode().IsRegular() {
		return Info{}, fs.ErrNotExist
	}
	return describe(name, file), nil
}

// describe makes the version from the time of the write, which is unlike that of any other write through Dir, and
// from size and inode, which also tell most changes by other hands.
func describe(name string, file fs.FileInfo) Info {
	var inode uint64
	if stat, ok := file.Sys().(*syscall.Stat_t); ok {
		inode = stat.Ino
	}
	return Info{
		Name:     name,
		Size:     file.Size(),
		Version:  fmt.Sprintf("%x-%x-%x", file.ModTime().UnixNano(), inode, file.Size()),
		Modified: file.ModTime(),
	}
}
