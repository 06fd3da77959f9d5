package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/internal/search/embedded"
	"github.com/parvis-opendata/parvis/internal/search/indexes"
	"github.com/parvis-opendata/parvis/internal/serving"
)

// embeddedSearch is the setting of the engine in the program itself.
const embeddedSearch = "embedded"

// openSearch opens the index of the served catalogue in the engine of the settings.
func openSearch(ctx context.Context, s *settings, library *serving.Library, log *slog.Logger) (*indexes.Keeper, error) {
	o := indexes.Options{Catalogue: indexes.Of(library, search.Table), Log: log}
	if s.Search == embeddedSearch {
		o.Dir = filepath.Join(s.Workdir, "serve", "search")
		o.Make = indexes.Built(embedded.Engine{Dir: o.Dir})
	}
	return indexes.Open(ctx, o)
}

// checkSearch refuses an engine that there is not.
func (s *settings) checkSearch() error {
	if s.Search != embeddedSearch {
		return fmt.Errorf("%w: read PARVIS_SEARCH: %q is no search engine; give %s", errUsage, s.Search, embeddedSearch)
	}
	return nil
}
