package synthetic

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// workdir is where an extract is written before it is complete: a hidden directory
// beside the extract, locked as long as its process lives.
type workdir struct {
	path string
	lock *os.File
}

// newWorkdir makes one, after those that killed runs left were removed.
func newWorkdir(extract string) (w workdir, err error) {
	pattern := "." + filepath.Base(extract) + "-*"
	parent := filepath.Dir(extract)
	if err := sweep(filepath.Join(parent, pattern)); err != nil {
		return w, err
	}
	if w.path, err = os.MkdirTemp(parent, pattern); err != nil {
		return w, err
	}
	if w.lock, err = lockIn(w.path); err != nil {
		return w, errors.Join(err, os.RemoveAll(w.path))
	}
	return w, nil
}

func lockIn(dir string) (*os.File, error) {
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// sweep removes the directories that nobody holds any more.
func sweep(pattern string) error {
	left, err := filepath.Glob(pattern)
	if err != nil {
		return err
	}
	for _, dir := range left {
		lock, err := lockIn(dir)
		if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.ENOTDIR) {
			continue
		}
		if err != nil {
			return err
		}
		if err := errors.Join(os.RemoveAll(dir), lock.Close()); err != nil {
			return err
		}
	}
	return nil
}

func (w workdir) remove() error {
	return errors.Join(os.RemoveAll(w.path), w.lock.Close())
}
