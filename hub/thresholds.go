package hub

import (
	"fmt"
	"sort"
)

// Names of the refusals that an operator may override.
const (
	RuleQuarantineShare = "quarantine_share"
	RuleInputShrank     = "input_shrank"
)

// Thresholds are the shares beyond which nothing is published.
type Thresholds struct {
	// Quarantine is the largest share of current records in quarantine, over the
	// run and over each entity of at least [minEntity] records, in 0..1.
	Quarantine float64
	// Shrink is the largest share by which an entity may have shrunk since the
	// last release, in 0..1.
	Shrink float64
}

// DefaultThresholds are those of the hub contract.
func DefaultThresholds() Thresholds { return Thresholds{Quarantine: 0.01, Shrink: 0.20} }

// minEntity is the number of records from which an entity is judged by itself: a
// share of a small list says little, but a broken list of providers must not
// hide behind millions of good files.
const minEntity = 1000

// Judge returns the refusals of a report: files refused while reading, too large
// a quarantine, too small an input. Previous holds the records kept by entity at
// the last release, as [Rounded] gives them; nil when there is none.
func (t Thresholds) Judge(r *Report, previous map[string]int64) []Refusal {
	if len(r.Refusals) > 0 {
		return r.Refusals // what was not read whole cannot be counted
	}
	var refusals []Refusal
	var current, faulty int64
	for _, e := range r.Entities {
		n := e.Kept + e.Quarantined
		current += n
		faulty += e.Quarantined
		if n >= minEntity {
			refusals = append(refusals, t.quarantine(e.Entity, e.Quarantined, n)...)
		}
	}
	if len(refusals) == 0 {
		refusals = t.quarantine("the extract", faulty, current)
	}
	return append(refusals, t.shrunk(r, previous)...)
}

func (t Thresholds) quarantine(what string, faulty, n int64) []Refusal {
	if n == 0 || float64(faulty) <= t.Quarantine*float64(n) {
		return nil
	}
	return []Refusal{{Rule: RuleQuarantineShare, Reason: fmt.Sprintf("%d of %d records of %s are in quarantine, more than %.3g %%",
		faulty, n, what, 100*t.Quarantine)}}
}

func (t Thresholds) shrunk(r *Report, previous map[string]int64) []Refusal {
	var refusals []Refusal
	kept := r.Kept()
	var names []string
	for name := range previous {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		was, is := previous[name], Rounded(kept[name])
		if float64(is) < (1-t.Shrink)*float64(was) {
			refusals = append(refusals, Refusal{Rule: RuleInputShrank, Reason: fmt.Sprintf("%s shrank from about %d to %d records since the last release, by more than %.3g %%",
				name, was, is, 100*t.Shrink)})
		}
	}
	return refusals
}
