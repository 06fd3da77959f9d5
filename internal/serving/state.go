package serving

import (
	"time"

	"github.com/parvis-opendata/parvis/publisher/release"
)

// State is what is loaded of a dataset.
type State struct {
	Dataset string
	// Served is the release that queries are answered from; empty while there is none.
	Served string
	// Pointer is the release that the store says is served; empty if none is. It is
	// another than Served while it is being loaded, and when it cannot be.
	Pointer string
	// Known says that the pointer was read since the start.
	Known bool
	// Tables are those of the served release.
	Tables []release.Table
	// Loads is how often a release of the dataset was loaded since the start, those that
	// failed not counted, Failures how often one was not, Loading how long the former took
	// all together, with the wait for others.
	Loads, Failures int64
	Loading         time.Duration
	// Err is why Pointer is not loaded, or why the store cannot be read; nil if all is well.
	Err error
}

// State says for each dataset, in order, what is loaded and what is wrong.
func (l *Library) State() []State {
	l.mu.Lock()
	defer l.mu.Unlock()
	states := make([]State, len(l.shelves))
	for i, s := range l.shelves {
		states[i] = State{
			Dataset: s.dataset.ID, Pointer: s.pointer.Release, Known: s.known, Err: s.err,
			Loads: s.loads, Failures: s.failures, Loading: s.loading,
		}
		if s.served != nil {
			states[i].Served, states[i].Tables = s.served.id(), s.served.manifest.Tables
		}
	}
	return states
}

// Ready reports whether queries can be answered: each dataset that has a served release
// has one loaded, if need be an older one, and there is such a dataset.
func (l *Library) Ready() bool {
	loaded := 0
	for _, s := range l.State() {
		switch {
		case !s.Known || s.Served == "" && s.Pointer != "":
			return false
		case s.Served != "":
			loaded++
		}
	}
	return loaded > 0
}
