package hub

import (
	"fmt"
	"slices"
	"time"
)

// Report says what was read of an extract and what was set apart. It holds no
// value of any record.
type Report struct {
	// AsOf is the last day whose records were seen.
	AsOf time.Time `json:"-"`
	// ExtractDate is the day of the latest record seen: the date of the extract.
	ExtractDate time.Time      `json:"-"`
	Synthetic   bool           `json:"synthetic"`
	Entities    []EntityReport `json:"entities"`
	// Ignored are folders and files that nothing reads.
	Ignored []string `json:"ignored,omitempty"`
	// Refusals say why a publication would refuse the extract, whatever else is
	// right; empty means that it would not.
	Refusals []Refusal `json:"refusals,omitempty"`
}

// EntityReport is the part of a report about one entity. Records are counted at
// the entity's grain; Read = Later + Superseded + Deleted + Quarantined + Kept.
type EntityReport struct {
	Entity      string       `json:"entity"`
	Files       []FileReport `json:"files"`
	Read        int64        `json:"read"`
	Later       int64        `json:"later"`
	Superseded  int64        `json:"superseded"`
	Deleted     int64        `json:"deleted"`
	Quarantined int64        `json:"quarantined"`
	Kept        int64        `json:"kept"`
	Rules       []RuleCount  `json:"rules,omitempty"`
	latest      time.Time    // day of the latest record seen
}

// FileReport is the part of a report about one file.
type FileReport struct {
	Name           string      `json:"name"`
	Records        int64       `json:"records"`
	Quarantined    int64       `json:"quarantined"`
	Rules          []RuleCount `json:"rules,omitempty"`
	UnknownColumns []string    `json:"unknown_columns,omitempty"`
	file           File
}

// RuleCount is how many records broke a rule. A record may break several.
type RuleCount struct {
	Rule    string `json:"rule"`
	Title   string `json:"title"`
	Fields  string `json:"fields,omitempty"`
	Remedy  string `json:"remedy"`
	Records int64  `json:"records"`
}

// Refusal is a reason for which nothing is published.
type Refusal struct {
	// Rule is the name by which an operator may override it with --force; empty
	// means that it cannot be overridden.
	Rule   string `json:"rule,omitempty"`
	Reason string `json:"reason"`
	entity string // whose reading it is about; empty: the whole extract
}

func (r Refusal) String() string {
	if r.Rule == "" {
		return r.Reason
	}
	return fmt.Sprintf("%s (override with --force %s)", r.Reason, r.Rule)
}

// Entity returns the report of one entity.
func (r *Report) Entity(name string) (EntityReport, bool) {
	for _, e := range r.Entities {
		if e.Entity == name {
			return e, true
		}
	}
	return EntityReport{}, false
}

// For returns the part of a report that is about the given entities: what a dataset
// made from them depends on. It is that of a reading of these entities alone.
func (r *Report) For(entities []string) *Report {
	part := &Report{AsOf: r.AsOf, Synthetic: r.Synthetic, Ignored: r.Ignored}
	for _, e := range r.Entities {
		if slices.Contains(entities, e.Entity) {
			part.Entities = append(part.Entities, e)
			if e.latest.After(part.ExtractDate) {
				part.ExtractDate = e.latest
			}
		}
	}
	for _, f := range r.Refusals {
		if !slices.Contains(EntityNames(), f.entity) || slices.Contains(entities, f.entity) {
			part.Refusals = append(part.Refusals, f)
		}
	}
	return part
}

// Latest returns the day of the latest record seen of an entity; zero if there is
// none.
func (r *Report) Latest(entity string) time.Time {
	e, _ := r.Entity(entity)
	return e.latest
}

// Kept returns the number of records kept by entity.
func (r *Report) Kept() map[string]int64 {
	kept := map[string]int64{}
	for _, e := range r.Entities {
		kept[e.Entity] = e.Kept
	}
	return kept
}

// Rounded rounds a count of records for a report that the public reads, so that
// it adds no equation to the published tables.
//
// Inputs: n ≥ 0.
// Result: n to three significant digits, to a multiple of ten at least, halves
// up; 10 for 1..9, so that zero means none. The error is at most 5 or 0.5 %, 9
// below ten.
func Rounded(n int64) int64 {
	if n <= 0 {
		return 0
	}
	unit := int64(10)
	for n >= 1000*unit {
		unit *= 10
	}
	return max((n+unit/2)/unit*unit, 10)
}
