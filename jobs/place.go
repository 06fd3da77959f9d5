package jobs

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Place is a working directory in which jobs run, known in leases by a random name.
// Locks of files there show that the holder of a lease that was taken in the same
// place is dead: another need not wait for the lease to end.
type Place struct{ dir, name string }

// OpenPlace returns the place that is a directory, which is made if need be.
func OpenPlace(dir string) (Place, error) {
	fail := func(err error) (Place, error) {
		return Place{}, fmt.Errorf("open working directory: %w; set PARVIS_WORKDIR to a directory that parvis may write to", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fail(err)
	}
	path := filepath.Join(dir, "place")
	name, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		name, err = newPlace(path)
	}
	if err != nil {
		return fail(err)
	}
	return Place{dir: dir, name: strings.TrimSpace(string(name))}, nil
}

// newPlace gives a place its name, unless another process has just done so.
func newPlace(path string) ([]byte, error) {
	temp := path + "." + rand.Text()
	if err := os.WriteFile(temp, []byte(rand.Text()+"\n"), 0o600); err != nil {
		return nil, err
	}
	err := os.Link(temp, path)
	if errors.Is(err, os.ErrExist) {
		err = nil
	}
	if err := errors.Join(err, os.Remove(temp)); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// lock takes the lock of a job, which ends with the process.
//
// Result: what gives it back; nil if another process of the place has it.
func (p Place) lock(job string) (unlock func(), err error) {
	file, err := os.OpenFile(filepath.Join(p.dir, "job-"+job+".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock job %s: %w", job, err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, nil
		}
		return nil, fmt.Errorf("lock job %s: %w", job, err)
	}
	return func() {
		// By name: a child of the process may hold a copy of the descriptor.
		_ = syscall.Flock(int(file.Fd()), syscall.LOCK_UN)
		_ = file.Close()
	}, nil
}
