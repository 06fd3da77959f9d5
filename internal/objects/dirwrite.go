package objects

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
)

// dirWrite is one write of one object: stage the bytes in a temporary file, then give it the object's name.
type dirWrite struct {
	dir        *Dir
	verb, name string
	allowed    condition
}

// condition says whether a write may happen, given the object that is there (or that none is).
type condition func(current Info, exists bool) error

func always(Info, bool) error { return nil }

func ifFree(_ Info, exists bool) error {
	if exists {
		return fmt.Errorf("%w: the name is taken", ErrConflict)
	}
	return nil
}

func ifVersion(version string) condition {
	return func(current Info, exists bool) error {
		switch {
		case !exists:
			return ErrNotFound
		case current.Version != version:
			return fmt.Errorf("%w: its version is %s and no longer %q", ErrConflict, current.Version, version)
		}
		return nil
	}
}

func (w *dirWrite) run(ctx context.Context, from io.Reader) (Info, error) {
	info, err := w.write(ctx, from)
	if err != nil {
		return Info{}, storeError(w.verb, w.name, err)
	}
	return info, nil
}

func (w *dirWrite) write(ctx context.Context, from io.Reader) (Info, error) {
	// Looked at here only to spare a vain write; what counts is the check under the lock.
	if err := w.check(); err != nil {
		return Info{}, err
	}
	temp, err := w.dir.stage(from)
	if err != nil {
		return Info{}, err
	}
	info, err := w.commit(ctx, temp)
	if err != nil {
		w.dir.discard(temp)
		return Info{}, err
	}
	return info, w.dir.sync(path.Dir(w.name))
}

func (w *dirWrite) check() error {
	current, err := w.dir.look(w.name)
	if err != nil && !missing(err) {
		return err
	}
	return w.allowed(current, err == nil)
}

// commit makes the staged file the object, if the condition holds.
func (w *dirWrite) commit(ctx context.Context, temp string) (Info, error) {
	lock, err := w.dir.lock(ctx)
	if err != nil {
		return Info{}, err
	}
	defer lock.release()
	if err := w.check(); err != nil {
		return Info{}, err
	}
	file, err := lock.stamp(temp)
	if err != nil {
		return Info{}, err
	}
	if err := w.place(temp); err != nil {
		w.dir.prune(path.Dir(w.name))
		return Info{}, err
	}
	return describe(w.name, file), nil
}

func (w *dirWrite) place(temp string) error {
	if err := w.dir.makeFolder(path.Dir(w.name)); err != nil {
		return err
	}
	// An empty folder of that name, which a crash can leave, gives way.
	if w.dir.isFolder(w.name) && w.dir.root.Remove(w.name) != nil {
		return fmt.Errorf("%w: other objects have it as their folder", ErrInvalid)
	}
	return w.dir.root.Rename(temp, w.name)
}

// stage writes the bytes to a temporary file and returns its name once they are on disk.
func (d *Dir) stage(from io.Reader) (temp string, err error) {
	file, temp, err := d.createTemp()
	if err != nil {
		return "", err
	}
	_, err = io.Copy(file, from)
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		d.discard(temp)
		return "", err
	}
	return temp, nil
}

func (d *Dir) createTemp() (file *os.File, temp string, err error) {
	if err := d.makeTempFolder(); err != nil {
		return nil, "", err
	}
	temp = path.Join(tempFolder, rand.Text())
	file, err = d.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	return file, temp, err
}

func (d *Dir) makeTempFolder() error {
	if err := d.root.Mkdir(tempFolder, folderMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// discard removes a temporary file. If it cannot, the sweep of a later OpenDir will.
func (d *Dir) discard(temp string) {
	_ = d.root.Remove(temp)
}
