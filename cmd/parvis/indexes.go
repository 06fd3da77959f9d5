package main

import (
	"context"
	"log/slog"
	"path/filepath"

	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/internal/search/embedded"
	"github.com/parvis-opendata/parvis/internal/search/indexes"
	"github.com/parvis-opendata/parvis/internal/serving"
)

// openIndexes keeps the index of the served catalogue in the engine of the settings.
func openIndexes(ctx context.Context, s *settings, library *serving.Library, log *slog.Logger) (*indexes.Keeper, error) {
	dir := filepath.Join(s.Workdir, "serve", "search")
	engine, err := s.searchEngine(dir)
	if err != nil {
		return nil, err
	}
	// The directory is emptied whatever the engine: another one may have been there before.
	return indexes.Open(ctx, indexes.Options{Catalogue: indexes.Of(library, search.Table), Make: engine, Dir: dir, Log: log})
}

// searchEngine is how the engine of the settings makes an index, or finds the one that the
// publication made; dir is for what it writes.
func (s *settings) searchEngine(dir string) (indexes.Make, error) {
	engine, err := s.meili()
	if err != nil {
		return nil, err
	}
	if engine != nil {
		return indexes.Opened(engine), nil
	}
	return indexes.Built(embedded.Engine{Dir: dir}), nil
}
