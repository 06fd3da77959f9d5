package fairuse

import (
	"sync/atomic"
	"time"
)

// tally counts the queries of a lane since the start.
type tally struct {
	begun, waited, used atomic.Int64 // the latter two in nanoseconds
	refused             [reasons]atomic.Int64
}

// Stats is how the service is shared now, and was since the start.
type Stats struct {
	// RefusedCalls are the calls that were refused, by the name of the reason.
	RefusedCalls map[string]int64
	Queries      []QueryStats // by lane
}

// QueryStats are the queries of a lane.
type QueryStats struct {
	Lane string
	// Waiting and Running are those that wait for a slot, and that have one.
	Waiting, Running int
	// Begun counts those that had a slot; Waited is how long they waited for the first one,
	// Used for how long they had one, all together.
	Begun        int64
	Waited, Used time.Duration
	// Refused are those that never had a slot, by the name of the reason.
	Refused map[string]int64
}

// Stats says how the service is shared.
func (u *Use) Stats() Stats {
	s := Stats{RefusedCalls: byReason(&u.refused, TooManyCalls, TooManyAtOnce)}
	u.gate.mu.Lock()
	defer u.gate.mu.Unlock()
	for lane := range lanes {
		t := &u.tallies[lane]
		s.Queries = append(s.Queries, QueryStats{
			Lane: lane.String(), Waiting: u.gate.lines[lane].waiting, Running: u.gate.busy[lane],
			Begun: t.begun.Load(), Waited: time.Duration(t.waited.Load()), Used: time.Duration(t.used.Load()),
			Refused: byReason(&t.refused, TooMuchTime, TooManyAtOnce, QueueFull, WaitedTooLong),
		})
	}
	return s
}

// byReason are the counts of the reasons that can be, those that have not been with 0.
func byReason(counts *[reasons]atomic.Int64, possible ...Reason) map[string]int64 {
	all := map[string]int64{}
	for _, r := range possible {
		all[r.String()] = counts[r].Load()
	}
	return all
}
