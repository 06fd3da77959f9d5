package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/publisher"
)

type publishCommand struct {
	Datasets []string `arg:"" optional:"" name:"dataset" help:"Datasets to publish."`
	All      bool     `help:"Publish all datasets."`
	AsOf     string   `placeholder:"YYYY-MM-DD" help:"Last day whose records are seen; today by default."`
	Force    []string `placeholder:"RULE" help:"Override a refusal by its name. Never reaches disclosure control."`
	Note     string   `help:"A word or an erratum for the manifest."`
	JSON     bool     `help:"Print JSON: an object, or an array of them for --all and for several datasets."`
}

// Run publishes one dataset after the other. A refusal or failure of one does not
// stop the next; the worst outcome is that of the command.
func (c *publishCommand) Run(ctx context.Context, p *process, s *settings) (err error) {
	asOf, err := c.check()
	if err != nil {
		return err
	}
	if err := s.apart(); err != nil {
		return err
	}
	source, closeHub, err := openHub(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeHub()) }()
	store, err := openStore(ctx, s)
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	log := s.logger(p.err)
	pub, err := newPublisher(p, s, source, store, log)
	if err != nil {
		return err
	}
	ids, err := datasetIDs(pub.Datasets, c.Datasets)
	if err != nil {
		return err
	}
	ledger, err := newLedger(ctx, p, s, store, log)
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	// A day of the past does not serve what the schedule asks for.
	return c.print(p, ids, publish(ctx, &leases{ledger: ledger, settings: s, serve: asOf.IsZero()}, pub, ids, publisher.Request{AsOf: asOf, Force: c.Force, Note: c.Note}))
}

// publish publishes datasets under the leases of their jobs.
func publish(ctx context.Context, l *leases, pub *publisher.Publisher, ids []string, q publisher.Request) []publisher.Outcome {
	ctx, span := l.ledger.Traces.Begin(ctx, "publish")
	defer span.End(nil)
	during, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	l.lost = cancel
	taken, failed := l.take(ctx, ids)
	q.Fences, pub.Progress = l.fences(), l.step
	published := map[string]publisher.Outcome{}
	for i, done := range pub.PublishAll(during, taken, q) {
		done.Err = l.end(ctx, taken[i], done)
		published[taken[i]] = done
	}
	all := make([]publisher.Outcome, len(ids))
	for i, id := range ids {
		all[i] = published[id]
		if err := failed[id]; err != nil {
			all[i].Err = err
		}
	}
	return all
}

// publishFailure stands for a dataset that was not published, among several.
type publishFailure struct {
	Dataset string `json:"dataset"`
	Error   string `json:"error"`
	Refused bool   `json:"refused"`
}

// print says what became of each dataset: as JSON in one document, an array if
// several were asked for.
//
// Errors: the failures of the publications, and those of printing.
func (c *publishCommand) print(p *process, ids []string, outcomes []publisher.Outcome) error {
	var failures []error
	document := []any{}
	for i, done := range outcomes {
		switch {
		case done.Err != nil:
			failures = append(failures, done.Err)
			document = append(document, publishFailure{Dataset: ids[i], Error: oneLine(done.Err), Refused: isRefused(done.Err)})
		case c.JSON:
			document = append(document, done.Result)
		default:
			failures = append(failures, p.printResult(done.Result, c.Note))
		}
	}
	switch {
	case !c.JSON:
	case c.All || len(ids) > 1:
		failures = append(failures, p.printJSON(document))
	case len(failures) == 0:
		failures = append(failures, p.printJSON(document[0]))
	}
	return errors.Join(failures...)
}

// check refuses options that make no sense.
func (c *publishCommand) check() (asOf time.Time, err error) {
	if c.All == (len(c.Datasets) > 0) {
		return asOf, fmt.Errorf("%w: publish: name the datasets, or give --all", errUsage)
	}
	for _, rule := range c.Force {
		if !slices.Contains(publisher.ForceRules(), rule) {
			return asOf, fmt.Errorf("%w: publish: --force knows no rule %q; known: %s", errUsage, rule, strings.Join(publisher.ForceRules(), ", "))
		}
	}
	if c.AsOf == "" {
		return asOf, nil
	}
	if asOf, err = time.Parse(time.DateOnly, c.AsOf); err != nil {
		return asOf, fmt.Errorf("%w: publish: --as-of %q is no date; write it as YYYY-MM-DD", errUsage, c.AsOf)
	}
	return asOf, nil
}

// printResult says what a publication came to.
func (p *process) printResult(res publisher.Result, note string) error {
	b := &strings.Builder{}
	state := "published"
	if res.Unchanged {
		state = "unchanged, still served"
	}
	fmt.Fprintf(b, "%s\n  release   %s (%s)\n  extract   %s\n", res.Dataset, res.Release, state, res.DateExtract)
	for _, t := range res.Tables {
		fmt.Fprintf(b, "  rows      %d in %s\n", t.Rows, t.ID)
	}
	if w := res.Withheld; w != nil {
		fmt.Fprintf(b, "  withheld  %d provider names; out of texts: %d names, %d e-mail addresses, %d telephone numbers, %d NIR, %d IBAN\n",
			w.Names, w.InTexts, w.Emails, w.Phones, w.NIRs, w.IBANs)
	}
	if n := len(res.Periods); n > 0 {
		fmt.Fprintf(b, "  new       %s\n", span(res.Periods))
	}
	for _, t := range res.Cells {
		fmt.Fprintf(b, "  cells     %d shown, %d secret of the new ones in %s; %d files withheld, %d of them in cells secret by themselves\n", t.Shown, t.Secret, t.Table, t.SecretFiles, t.SensitiveFiles)
	}
	if res.Audit != "" {
		fmt.Fprintf(b, "  audit     %s\n", res.Audit)
	}
	if res.Quarantine != "" {
		fmt.Fprintf(b, "  quarantine %s\n", res.Quarantine)
	}
	if res.Unchanged && note != "" {
		fmt.Fprintf(b, "  note      not recorded: there is no new release\n")
	}
	for _, f := range res.Forced {
		fmt.Fprintf(b, "  forced    %s\n", f.Reason)
	}
	for _, o := range res.Objects {
		fmt.Fprintf(b, "  object    %s, %s\n", o.Name, size(o.Bytes))
	}
	fmt.Fprintf(b, "  took      %.1f s\n", res.Seconds)
	_, err := fmt.Fprint(p.out, b.String())
	return err
}

// span names periods by the first and the last.
func span(periods []string) string {
	if len(periods) == 1 {
		return periods[0]
	}
	return fmt.Sprintf("%d periods, %s to %s", len(periods), periods[0], periods[len(periods)-1])
}

// size writes a number of bytes for a person.
func size(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	default:
		return fmt.Sprintf("%d B", n)
	}
}
