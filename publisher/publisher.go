// Package publisher makes one publication of a dataset, in order: read, build,
// protect, audit, write, store, index, flip. Each step has a name and errors of its own.
//
// It owns that order and what a release holds. How the hub is read, what a table
// is made of, what must be hidden, and what becomes of a release later are the
// business of hub, datasets, anonymize and publisher/release.
//
// Invariant: until the pointer is flipped, which is one conditional write of a
// small object, nothing that the public can see has changed; whatever fails or
// is killed before leaves the served release as it was.
package publisher

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/anonymize"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// Publisher publishes datasets. It is safe for concurrent use; publications of
// one dataset with one working directory exclude each other.
type Publisher struct {
	Datasets   []datasets.Dataset
	Hub        hub.Source
	Store      objects.Store
	Search     Search // makes the search index of the catalogue; nil if servers make it themselves
	WorkDir    string // private; emptied at the start and the end of a run
	Thresholds hub.Thresholds
	Profile    anonymize.Profile // rules for the tables of persons
	Zone       *time.Location    // of the as-of date and of the hub's timestamps
	Memory     string            // of the engine, such as "2GB"; empty for its default
	Threads    int               // of the engine; 0 for one per core
	Version    string            // of the code, for the manifest
	Now        func() time.Time
	Log        *slog.Logger
	// Progress is told of each step when it begins, and of what it works on.
	Progress func(dataset string, step Step, detail string)
}

// Request is one publication to make.
type Request struct {
	Dataset string
	// AsOf is the last day whose records are seen; zero means today.
	AsOf time.Time
	// Force names the rules that the operator overrides.
	Force []string
	// Note goes into the manifest: a word, or an erratum.
	Note string
	// Fences are the numbers of the leases held, by dataset. One that has none is
	// published as if nobody else published it.
	Fences map[string]int64
	// Due is the due date of the schedule that is served; zero for none. One that
	// the pointer says is served is not served again.
	Due time.Time
}

// Result is what a publication came to.
type Result struct {
	Dataset string `json:"dataset"`
	// Release is the release now served.
	Release string `json:"release"`
	// Unchanged: the content is that of the served release; nothing was stored.
	Unchanged   bool             `json:"unchanged"`
	DateExtract string           `json:"date_extract"`
	Tables      []release.Table  `json:"tables"`
	Objects     []release.Object `json:"objects"`
	// Withheld is what was taken out of texts; nil for a dataset without texts.
	Withheld *Withheld `json:"withheld,omitempty"`
	// Cells are the cells shown and secret of the periods that are new, by table.
	Cells []CellCount `json:"cells,omitempty"`
	// Periods are those that are new in this release.
	Periods []string `json:"periods,omitempty"`
	// Audit says what was checked; a publication whose audit fails is refused.
	Audit string `json:"audit"`
	// Quarantine is the file with the list of faulty records; "" for none.
	Quarantine string        `json:"quarantine,omitempty"`
	Seconds    float64       `json:"seconds"`
	Report     *hub.Report   `json:"-"`
	Forced     []hub.Refusal `json:"forced,omitempty"`
}

// Step is a part of a publication.
type Step string

// Steps in their order.
const (
	StepRead    Step = "read"
	StepBuild   Step = "build"
	StepProtect Step = "protect"
	StepAudit   Step = "audit"
	StepWrite   Step = "write"
	StepStore   Step = "store"
	StepIndex   Step = "index" // only with a search outside the program
	StepFlip    Step = "flip"
)

// StepError is a failure of one step; the steps before it left no trace.
type StepError struct {
	Dataset string
	Step    Step
	Err     error
}

func (e *StepError) Error() string {
	return fmt.Sprintf("publish %s: %s: %v", e.Dataset, e.Step, e.Err)
}

func (e *StepError) Unwrap() error { return e.Err }

// RefusedError says why the data or the disclosure control forbid a publication.
// Nothing broke, and trying again with the same input cannot help.
type RefusedError struct{ Reasons []string }

func (e *RefusedError) Error() string { return "refused: " + strings.Join(e.Reasons, "; ") }

// ErrBusy means that another publication of the dataset is running.
var ErrBusy = errors.New("another publication of this dataset is running")

// Names of the refusals of this package that an operator may override.
const (
	// RuleOlderExtract: the extract is older than the one served.
	RuleOlderExtract = "older_extract"
	// RuleDiscardedContent: the content is one that an operator withdrew or rolled
	// back from.
	RuleDiscardedContent = "discarded_content"
)

// ForceRules are the names that --force accepts.
func ForceRules() []string {
	return []string{hub.RuleQuarantineShare, hub.RuleInputShrank, RuleOlderExtract, RuleDiscardedContent}
}

// Publish makes one publication.
//
// Errors: a [*StepError], whose cause is a [*RefusedError] when the data say no, and
// [release.ErrFenced] when another holds the lease by now; [ErrBusy].
func (p *Publisher) Publish(ctx context.Context, q Request) (Result, error) {
	done := p.PublishAll(ctx, []string{q.Dataset}, q)
	return done[0].Result, done[0].Err
}

func (r *run) tell(s Step, detail string) {
	if r.Progress != nil {
		r.Progress(r.dataset.ID, s, detail)
	}
}

// refused makes an error of refusals, after those that the operator overrides
// were taken out and noted.
func (r *run) refused(refusals []hub.Refusal) error {
	var reasons []string
	for _, f := range refusals {
		if f.Rule != "" && slices.Contains(r.request.Force, f.Rule) {
			r.result.Forced = append(r.result.Forced, f)
			r.Log.Warn("refusal overridden", slog.String("dataset", r.dataset.ID), slog.String("rule", f.Rule), slog.String("reason", f.Reason))
			continue
		}
		reasons = append(reasons, f.String())
	}
	if len(reasons) == 0 {
		return nil
	}
	return &RefusedError{Reasons: reasons}
}

// seed draws the random number under which the persons of the run are numbered.
func seed() (uint64, error) {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return 0, fmt.Errorf("draw a random number: %w", err)
	}
	return binary.LittleEndian.Uint64(b[:]), nil
}
