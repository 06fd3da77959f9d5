package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/search/meili"
	"github.com/parvis-opendata/parvis/publisher"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// searchEmbedded is the search in the program itself.
const searchEmbedded = "embedded"

func (s *settings) embedded() bool { return s.Search == searchEmbedded || s.Search == "" }

// checkSearch refuses an engine that there is not, and a key that would be of no use.
func (s *settings) checkSearch() error {
	if s.embedded() {
		if s.MeiliKey.isSet() {
			return fmt.Errorf("%w: read PARVIS_MEILI_KEY: it is set, and PARVIS_SEARCH is %s; set PARVIS_SEARCH to the address of Meilisearch, or unset the key", errUsage, searchEmbedded)
		}
		return nil
	}
	if _, err := meili.New(meili.Options{URL: s.Search}); err != nil {
		return fmt.Errorf("%w: read PARVIS_SEARCH: give %s, or the address of a Meilisearch: %w", errUsage, searchEmbedded, err)
	}
	return nil
}

// meili returns the Meilisearch of the settings; nil if the search is embedded. It does
// not connect.
func (s *settings) meili() (*meili.Engine, error) {
	if s.embedded() {
		return nil, nil
	}
	key, err := s.MeiliKey.reveal()
	if err != nil {
		return nil, err
	}
	return meili.New(meili.Options{URL: s.Search, Key: key})
}

// server is meili for commands that need one.
func (s *settings) server() (*meili.Engine, error) {
	engine, err := s.meili()
	if err == nil && engine == nil {
		err = fmt.Errorf("%w: search: PARVIS_SEARCH is %s, which servers make themselves; set it to the address of Meilisearch", errUsage, searchEmbedded)
	}
	return engine, err
}

// searched returns the datasets that have a search index.
func searched() ([]string, error) {
	all, err := datasets.Load()
	var list []string
	for _, d := range all {
		if !d.Statistical() {
			list = append(list, d.ID)
		}
	}
	return list, err
}

type searchIndexCommand struct {
	Again bool `help:"Remove the index that is there first; until it is made the search does not answer."`
}

// Run makes sure that the served release of the catalogue can be searched.
func (c *searchIndexCommand) Run(ctx context.Context, p *process, s *settings) error {
	engine, err := s.server()
	if err != nil {
		return err
	}
	ids, err := searched()
	if err != nil {
		return err
	}
	for _, id := range ids {
		err := withArchive(ctx, s, id, func(a *release.Archive) error {
			e, err := entryOf(ctx, a, id, "")
			if err != nil {
				return err
			}
			if c.Again {
				if err := engine.Remove(ctx, e.Manifest.Release); err != nil {
					return err
				}
			}
			made, err := s.index(ctx, engine, a, e.Manifest)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(p.out, "%s %s  search index %s\n", id, e.Manifest.Release, map[bool]string{true: "made", false: "is there"}[made])
			return err
		})
		if err != nil {
			return fmt.Errorf("search index: %w", err)
		}
	}
	return nil
}

// index makes the index of a release unless it is there, and reports whether it did.
func (s *settings) index(ctx context.Context, engine *meili.Engine, a *release.Archive, m release.Manifest) (bool, error) {
	return (&publisher.Indexer{Search: engine, Archive: a, WorkDir: s.Workdir}).Index(ctx, m)
}

type searchKeyCommand struct {
	Out string `placeholder:"FILE" help:"Write the key to a file that its owner alone can read, instead of printing it."`
}

// Run prints the key for servers, and makes it the first time.
func (c *searchKeyCommand) Run(ctx context.Context, p *process, s *settings) error {
	engine, err := s.server()
	if err != nil {
		return err
	}
	key, err := engine.SearchKey(ctx)
	if err != nil {
		return err
	}
	if c.Out == "" {
		_, err = fmt.Fprintln(p.out, key)
		return err
	}
	next := c.Out + ".new"
	if err := os.WriteFile(next, []byte(key+"\n"), 0o600); err != nil {
		return fmt.Errorf("search key: %w", err)
	}
	return os.Rename(next, c.Out)
}

// outside returns the search of a dataset that is outside the program; nil if it has none.
func (s *settings) outside(dataset string) (*meili.Engine, error) {
	ids, err := searched()
	if err != nil || !slices.Contains(ids, dataset) {
		return nil, err
	}
	return s.meili()
}

// reindex makes a release searchable that is about to be served again.
func (s *settings) reindex(ctx context.Context, a *release.Archive, dataset, id string) error {
	engine, err := s.outside(dataset)
	if err != nil || engine == nil {
		return err
	}
	e, err := a.Entry(ctx, dataset, id)
	if err != nil || e.State == release.Withdrawn || e.State == release.Pruned {
		return err // the rollback says why it cannot be
	}
	if _, err := s.index(ctx, engine, a, e.Manifest); err != nil {
		return fmt.Errorf("roll back %s to %s: %w; nothing is changed", dataset, id, err)
	}
	return nil
}

// unindex removes what a search has of a release that is withdrawn, and makes the one
// searchable that is served in its place.
func (s *settings) unindex(ctx context.Context, a *release.Archive, w withdrawal) error {
	engine, err := s.outside(w.Dataset)
	if err != nil || engine == nil {
		return err
	}
	if err := engine.Remove(ctx, w.Withdrawn); err != nil {
		return fmt.Errorf("%s %s is withdrawn, but can still be searched: %w; withdraw it again", w.Dataset, w.Withdrawn, err)
	}
	if w.Served == "" {
		return nil
	}
	m, err := a.Manifest(ctx, w.Dataset, w.Served)
	if err == nil {
		_, err = s.index(ctx, engine, a, m)
	}
	if err != nil {
		return fmt.Errorf("%s %s is withdrawn, but %s cannot be searched yet: %w; run parvis search index", w.Dataset, w.Withdrawn, w.Served, err)
	}
	return nil
}
