package objects

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"syscall"
)

// Folders come and go with the objects in them. They are made and removed only under the lock, so that none
// disappears between being made and being filled.

// makeFolder makes a folder and its parents, and makes each durable before anything is put into it.
func (d *Dir) makeFolder(folder string) error {
	if folder == "." || d.isFolder(folder) {
		return nil
	}
	if err := d.makeFolder(path.Dir(folder)); err != nil {
		return err
	}
	err := d.root.Mkdir(folder, folderMode)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w: %s is not a folder", ErrInvalid, folder)
	}
	if err != nil {
		return err
	}
	return d.sync(path.Dir(folder))
}

// prune removes a folder and its parents as long as they are empty, and returns the first that stays.
func (d *Dir) prune(folder string) string {
	for folder != "." && (d.emptied(folder) || !d.isFolder(folder)) {
		folder = path.Dir(folder)
	}
	return folder
}

func (d *Dir) emptied(folder string) bool {
	return d.isFolder(folder) && d.root.Remove(folder) == nil
}

func (d *Dir) isFolder(name string) bool {
	file, err := d.root.Lstat(name)
	return err == nil && file.IsDir()
}

// sync makes the entries of a folder durable. One that is gone again needs it no longer, and a file system that
// cannot sync folders says so with EINVAL or ENOTSUP.
func (d *Dir) sync(folder string) error {
	file, err := d.root.Open(folder)
	if missing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	err = file.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		err = nil
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}
