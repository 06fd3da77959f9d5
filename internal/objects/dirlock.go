package objects

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// lockFile is held for the moment in which a write or a deletion takes effect. It survives every sweep. The kernel
// frees it when its holder dies.
const lockFile = tempFolder + "/lock"

// The wait between two attempts to get the lock from another process grows from the first to the second.
const (
	lockWait    = time.Millisecond
	lockWaitMax = 32 * time.Millisecond
)

// dirLock is the lock of a directory, held.
type dirLock struct {
	dir  *Dir
	file *os.File
}

// lock waits for the lock: for its turn among the goroutines here, then for other processes.
func (d *Dir) lock(ctx context.Context) (*dirLock, error) {
	select {
	case d.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	file, err := d.lockProcess(ctx)
	if err != nil {
		<-d.turn
		return nil, err
	}
	return &dirLock{dir: d, file: file}, nil
}

func (d *Dir) lockProcess(ctx context.Context) (*os.File, error) {
	for wait := lockWait; ; wait = min(2*wait, lockWaitMax) {
		file, err := d.tryLock()
		if !errors.Is(err, errHeld) {
			return file, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// errHeld says that another process holds the lock.
var errHeld = errors.New("lock held")

// tryLock takes the lock or returns errHeld.
func (d *Dir) tryLock() (*os.File, error) {
	if err := d.makeTempFolder(); err != nil {
		return nil, err
	}
	file, err := d.root.OpenFile(lockFile, os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil && d.isNamed(file) {
		return file, nil
	}
	_ = file.Close() // only read from: nothing can be lost
	if err == nil || errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
		return nil, errHeld
	}
	return nil, &fs.PathError{Op: "flock", Path: lockFile, Err: err}
}

// isNamed reports whether the lock file is still the one under its name: if somebody removed it meanwhile, the next
// writer locks a new one, and this one protects nothing.
func (d *Dir) isNamed(file *os.File) bool {
	held, err := file.Stat()
	if err != nil {
		return false
	}
	named, err := d.root.Lstat(lockFile)
	return err == nil && os.SameFile(held, named)
}

// release frees the lock: closing the file drops it.
func (l *dirLock) release() {
	_ = l.file.Close()
	<-l.dir.turn
}

var errCoarse = errors.New("the file system does not keep times to the microsecond: versions cannot be told apart")

// stamp sets the time of a staged file, and with it the object's version, later than that of every write before it.
// The times that the kernel gives advance in steps of milliseconds, and go back with the clock; the time of the lock
// file remembers the last one given. Microseconds are kept by every file system that keeps more than seconds.
func (l *dirLock) stamp(temp string) (fs.FileInfo, error) {
	staged, err := l.dir.root.Lstat(temp)
	if err != nil {
		return nil, err
	}
	last, err := l.file.Stat()
	if err != nil {
		return nil, err
	}
	at := staged.ModTime().Truncate(time.Microsecond)
	if !at.After(last.ModTime()) {
		at = last.ModTime().Truncate(time.Microsecond).Add(time.Microsecond)
	}
	for _, file := range []string{lockFile, temp} {
		if err := l.dir.root.Chtimes(file, at, at); err != nil {
			return nil, err
		}
	}
	staged, err = l.dir.root.Lstat(temp)
	if err == nil && !staged.ModTime().Equal(at) {
		return nil, errCoarse
	}
	return staged, err
}
