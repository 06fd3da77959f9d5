package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// withArchive gives fn the archive of the settings, after the dataset was checked.
func withArchive(ctx context.Context, s *settings, dataset string, fn func(*release.Archive) error) (err error) {
	all, err := datasets.Load()
	if err != nil {
		return err
	}
	if _, err := datasetIDs(all, []string{dataset}); err != nil {
		return err
	}
	store, err := openStore(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return fn(release.NewArchive(store))
}

type listCommand struct {
	Dataset string `arg:"" help:"The dataset."`
	JSON    bool   `help:"Print JSON."`
}

// entryJSON is a release in the reports for machines.
type entryJSON struct {
	release.Manifest
	State  release.State `json:"state"`
	Since  *time.Time    `json:"since,omitempty"`
	Reason string        `json:"reason,omitempty"`
}

func toJSON(e release.Entry) entryJSON {
	out := entryJSON{Manifest: e.Manifest, State: e.State, Reason: e.Reason}
	if !e.Since.IsZero() {
		out.Since = &e.Since
	}
	return out
}

// Run lists the releases, latest first.
func (c *listCommand) Run(ctx context.Context, p *process, s *settings) error {
	return withArchive(ctx, s, c.Dataset, func(a *release.Archive) error {
		history, err := a.History(ctx, c.Dataset)
		if err != nil {
			return fmt.Errorf("list releases: %w", err)
		}
		if c.JSON {
			out := []entryJSON{}
			for _, e := range history {
				out = append(out, toJSON(e))
			}
			return p.printJSON(out)
		}
		for _, e := range history {
			if _, err := fmt.Fprintln(p.out, entryLine(e)); err != nil {
				return err
			}
		}
		return nil
	})
}

func entryLine(e release.Entry) string {
	line := fmt.Sprintf("%s  %-9s  extract %s  %d rows", e.Manifest.Release, e.State, e.Manifest.DateExtract, e.Manifest.Rows())
	if e.Reason != "" {
		line += "  " + e.Since.Format(time.DateOnly) + " " + e.Reason
	}
	if e.Manifest.Note != "" {
		line += "  note: " + e.Manifest.Note
	}
	return line
}

type showCommand struct {
	Dataset string `arg:"" help:"The dataset."`
	Release string `arg:"" optional:"" help:"The release; the served one by default."`
	JSON    bool   `help:"Print JSON."`
}

// Run shows a release and its objects.
func (c *showCommand) Run(ctx context.Context, p *process, s *settings) error {
	return withArchive(ctx, s, c.Dataset, func(a *release.Archive) error {
		e, err := entryOf(ctx, a, c.Dataset, c.Release)
		if err != nil {
			return fmt.Errorf("show release: %w", err)
		}
		if c.JSON {
			return p.printJSON(toJSON(e))
		}
		b := &strings.Builder{}
		m := e.Manifest
		fmt.Fprintln(b, entryLine(e))
		fmt.Fprintf(b, "  published %s by %s, previous %s\n  content   %s\n", m.PublishedAt.Format(time.RFC3339), m.CodeVersion, orNone(m.Previous), m.ContentDigest)
		if len(m.Periods) > 0 {
			fmt.Fprintf(b, "  periods   %s\n", span(m.Periods))
		}
		if m.Synthetic {
			fmt.Fprintln(b, "  données fictives")
		}
		for _, o := range m.Objects {
			fmt.Fprintf(b, "  %s  %10s  %s\n", o.SHA256, size(o.Bytes), o.Name)
		}
		_, err = fmt.Fprint(p.out, b.String())
		return err
	})
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// entryOf returns a release, the served one if none is named.
func entryOf(ctx context.Context, a *release.Archive, dataset, id string) (release.Entry, error) {
	if id == "" {
		c, _, err := a.Current(ctx, dataset)
		if err != nil {
			return release.Entry{}, err
		}
		if c.Release == "" {
			return release.Entry{}, fmt.Errorf("%s: %w: no release is served", dataset, release.ErrNotFound)
		}
		id = c.Release
	}
	return a.Entry(ctx, dataset, id)
}

type rollbackCommand struct {
	Dataset string `arg:"" help:"The dataset."`
	Release string `arg:"" help:"The release to serve again."`
}

// Run serves an older release again.
func (c *rollbackCommand) Run(ctx context.Context, p *process, s *settings) error {
	return withArchive(ctx, s, c.Dataset, func(a *release.Archive) error {
		if err := s.reindex(ctx, a, c.Dataset, c.Release); err != nil {
			return err
		}
		if err := a.Rollback(ctx, c.Dataset, c.Release, p.now()); err != nil {
			return err
		}
		_, err := fmt.Fprintf(p.out, "%s now serves %s\n", c.Dataset, c.Release)
		return err
	})
}

type withdrawCommand struct {
	Dataset string `arg:"" help:"The dataset."`
	Release string `arg:"" help:"The release to take down."`
	Reason  string `required:"" help:"Why; the public reads it."`
	JSON    bool   `help:"Print JSON."`
}

// Run takes a release down and prints the addresses to purge from caches.
func (c *withdrawCommand) Run(ctx context.Context, p *process, s *settings) error {
	base, err := s.baseURL()
	if err != nil {
		return err
	}
	if strings.TrimSpace(c.Reason) == "" {
		return fmt.Errorf("%w: withdraw release: --reason is empty; the public must learn why", errUsage)
	}
	return withArchive(ctx, s, c.Dataset, func(a *release.Archive) error {
		m, served, err := a.Withdraw(ctx, c.Dataset, c.Release, c.Reason, p.now())
		if err != nil {
			return err
		}
		done := withdrawal{Dataset: c.Dataset, Withdrawn: c.Release, Served: served, Purge: addresses(base, m)}
		left := s.unindex(ctx, a, done)
		if c.JSON {
			return errors.Join(p.printJSON(done), left)
		}
		_, err = fmt.Fprintf(p.out, "%s %s is withdrawn; served now: %s\npurge from caches:\n%s\n", c.Dataset, c.Release, orNone(served), strings.Join(done.Purge, "\n"))
		return errors.Join(err, left)
	})
}

// withdrawal is what a withdrawal came to.
type withdrawal struct {
	Dataset   string   `json:"dataset"`
	Withdrawn string   `json:"withdrawn"`
	Served    string   `json:"served"`
	Purge     []string `json:"purge"`
}

// addresses lists the public addresses under which a cache may hold a release.
func addresses(base string, m release.Manifest) []string {
	var all []string
	for _, where := range []string{m.Release, "latest"} {
		for _, o := range append([]release.Object{{Name: release.ManifestName}}, m.Objects...) {
			all = append(all, fmt.Sprintf("%s/datasets/%s/releases/%s/%s", base, m.Dataset, where, o.Name))
		}
	}
	api := base + "/api/v1/datasets/" + m.Dataset
	all = append(all, base+"/api/v1/datasets", api, api+"/releases", api+"/releases/"+m.Release, api+"/releases/latest")
	for _, report := range []string{"changes", "quality", "disclosure"} {
		all = append(all, api+"/"+report, api+"/"+report+"?release="+m.Release)
	}
	return all
}

type verifyCommand struct {
	Dataset string `arg:"" help:"The dataset."`
	Release string `arg:"" optional:"" help:"One release; all that are kept by default."`
	JSON    bool   `help:"Print JSON."`
}

// verification is what verifying a release came to.
type verification struct {
	Release string   `json:"release"`
	Objects int      `json:"objects"`
	Faults  []string `json:"faults"`
}

// Run re-hashes every object. It exits with 3 when one is missing or differs.
func (c *verifyCommand) Run(ctx context.Context, p *process, s *settings) error {
	return withArchive(ctx, s, c.Dataset, func(a *release.Archive) error {
		entries, err := c.entries(ctx, a)
		if err != nil {
			return fmt.Errorf("verify releases: %w", err)
		}
		done, faulty := []verification{}, 0
		for _, e := range entries {
			faults, err := a.Verify(ctx, e.Manifest)
			if err != nil {
				return err
			}
			faulty += len(faults)
			done = append(done, verification{e.Manifest.Release, len(e.Manifest.Objects), append([]string{}, faults...)})
		}
		if err := c.print(p, done); err != nil {
			return err
		}
		if faulty > 0 {
			return fmt.Errorf("verify releases of %s: %d objects are missing or differ from their manifest; restore them from a backup, or withdraw the release", c.Dataset, faulty)
		}
		return nil
	})
}

func (c *verifyCommand) entries(ctx context.Context, a *release.Archive) ([]release.Entry, error) {
	if c.Release != "" {
		e, err := a.Entry(ctx, c.Dataset, c.Release)
		return []release.Entry{e}, err
	}
	history, err := a.History(ctx, c.Dataset)
	var kept []release.Entry
	for _, e := range history {
		if e.State == release.Served || e.State == release.Kept {
			kept = append(kept, e)
		}
	}
	return kept, err
}

func (c *verifyCommand) print(p *process, done []verification) error {
	if c.JSON {
		return p.printJSON(done)
	}
	for _, v := range done {
		state := "whole"
		if len(v.Faults) > 0 {
			state = strings.Join(v.Faults, "; ")
		}
		if _, err := fmt.Fprintf(p.out, "%s  %d objects  %s\n", v.Release, v.Objects, state); err != nil {
			return err
		}
	}
	return nil
}

type pruneCommand struct {
	Dataset string `arg:"" help:"The dataset."`
	DryRun  bool   `help:"Say what would be removed, and remove nothing."`
}

// Run applies retention.
func (c *pruneCommand) Run(ctx context.Context, p *process, s *settings) error {
	keep, err := s.retentions()
	if err != nil {
		return err
	}
	return withArchive(ctx, s, c.Dataset, func(a *release.Archive) error {
		pruned, abandoned, err := a.Prune(ctx, c.Dataset, keep.of(c.Dataset), p.now(), c.DryRun)
		verb := "pruned"
		if c.DryRun {
			verb = "would prune"
		}
		for _, id := range pruned {
			_, _ = fmt.Fprintf(p.out, "%s %s\n", verb, id)
		}
		for _, id := range abandoned {
			_, _ = fmt.Fprintf(p.out, "%s %s (unfinished)\n", verb, id)
		}
		return err
	})
}
