package serving

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
	// Err is why Pointer is not loaded, or why the store cannot be read; nil if all is well.
	Err error
}

// State says for each dataset, in order, what is loaded and what is wrong.
func (l *Library) State() []State {
	l.mu.Lock()
	defer l.mu.Unlock()
	states := make([]State, len(l.shelves))
	for i, s := range l.shelves {
		states[i] = State{Dataset: s.dataset.ID, Pointer: s.pointer.Release, Known: s.known, Err: s.err}
		if s.served != nil {
			states[i].Served = s.served.id()
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
