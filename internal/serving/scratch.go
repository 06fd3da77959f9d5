package serving

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
)

// scratch is the private directory: "tables" holds the database files that are served,
// "loads" what is downloaded and built, "spill" what does not fit in memory, "exports" what
// is made for one answer.
type scratch struct {
	dir   string
	lock  *os.File
	count atomic.Int64
}

const lockName = "serving.lock"

// enterScratch takes the directory, and empties it of what a process that was killed left.
//
// Errors: another process has it; it cannot be written to.
func enterScratch(dir string) (*scratch, error) {
	const remedy = "set PARVIS_WORKDIR to a directory that parvis may write to"
	dir, err := filepath.Abs(dir)
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		return nil, fmt.Errorf("working directory: %w; %s", err, remedy)
	}
	lock, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("working directory: %w; %s", err, remedy)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("working directory %s is in use by another process; give each server its own", dir), lock.Close())
	}
	s := &scratch{dir: dir, lock: lock}
	err = s.empty()
	for _, sub := range s.all() {
		if err == nil {
			err = os.Mkdir(sub, 0o700)
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("working directory: %w; %s", err, remedy), s.unlock())
	}
	return s, nil
}

func (s *scratch) tables() string { return filepath.Join(s.dir, "tables") }
func (s *scratch) loads() string  { return filepath.Join(s.dir, "loads") }
func (s *scratch) spill() string  { return filepath.Join(s.dir, "spill") }
func (s *scratch) all() []string {
	return []string{s.tables(), s.loads(), s.spill(), filepath.Join(s.dir, "exports")}
}

// empty removes what the directory holds of ours.
func (s *scratch) empty() error {
	var err error
	for _, sub := range s.all() {
		err = errors.Join(err, os.RemoveAll(sub))
	}
	return err
}

// newLoad makes an empty directory for one load.
func (s *scratch) newLoad() (string, error) {
	dir := filepath.Join(s.loads(), strconv.FormatInt(s.count.Add(1), 10))
	return dir, os.Mkdir(dir, 0o700)
}

// newFile returns a path for a database file.
func (s *scratch) newFile() string {
	return filepath.Join(s.tables(), strconv.FormatInt(s.count.Add(1), 10)+".duckdb")
}

// leave empties the directory and gives it back.
func (s *scratch) leave() error { return errors.Join(s.empty(), s.unlock()) }

func (s *scratch) unlock() error {
	// Unlocked by name: a child of the process that is being started may hold a copy of
	// the descriptor. The file stays: another process may wait for this very one.
	return errors.Join(syscall.Flock(int(s.lock.Fd()), syscall.LOCK_UN), s.lock.Close())
}
