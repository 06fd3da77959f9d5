package publisher

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/publisher/files"
	"github.com/parvis-opendata/parvis/publisher/release"

	"time"
)

// run is one publication under way.
type run struct {
	*Publisher
	request Request
	dataset datasets.Dataset
	archive *release.Archive
	started time.Time
	reading *reading
	outcome *Outcome

	dir  string // private; holds the files, and for the first of several runs the engine's
	lock *os.File
	db   *engine.DB

	current        release.Current
	currentVersion string
	previous       *release.Manifest // served when the run began; nil for none
	last           *release.Manifest // the served one, else the last that was made; nil for none
	settled        bool              // nothing new to publish
	calendars      []*calendar       // of a statistical dataset
	faults         []error           // what an attacker of its tables would learn, by cell
	attacked       int               // secrets that were attacked
	widths         []DisclosureWidth // of their intervals, by period
	report         *hub.Report
	withheld       Withheld
	cells          []CellCount // of a statistical dataset, one per table
	tables         []files.Table
	files          []files.File
	manifest       release.Manifest
	adopted        *release.Manifest // stored whole by a killed run, never served
	result         Result
}

// enter takes the lock of the dataset and makes an empty private directory. A
// directory left by a killed run is emptied first.
func (r *run) enter() error {
	fail := func(err error) error { return fmt.Errorf("publish %s: %w", r.dataset.ID, err) }
	if err := os.MkdirAll(r.WorkDir, 0o700); err != nil {
		return fail(fmt.Errorf("working directory: %w; set PARVIS_WORKDIR to a directory that parvis may write to", err))
	}
	lock, err := os.OpenFile(filepath.Join(r.WorkDir, r.dataset.ID+".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fail(fmt.Errorf("working directory: %w; set PARVIS_WORKDIR to a directory that parvis may write to", err))
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return errors.Join(fail(ErrBusy), lock.Close())
	}
	r.dir = filepath.Join(r.WorkDir, "run-"+r.dataset.ID)
	err = os.RemoveAll(r.dir)
	if err == nil {
		err = os.Mkdir(r.dir, 0o700)
	}
	if err == nil {
		err = os.Mkdir(r.filesDir(), 0o700)
	}
	if err != nil {
		return errors.Join(fail(err), lock.Close())
	}
	r.lock = lock
	return nil
}

func (r *run) filesDir() string { return filepath.Join(r.dir, "files") }

// leave empties the private directory and gives the lock back.
func (r *run) leave() error {
	// Unlocked by name: a child of the process that is being started may hold a
	// copy of the descriptor.
	return errors.Join(os.RemoveAll(r.dir), syscall.Flock(int(r.lock.Fd()), syscall.LOCK_UN), r.lock.Close())
}
