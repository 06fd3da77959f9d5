package main

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/publisher"
)

// openStore opens the store of the settings.
func openStore(s *settings) (*objects.Dir, error) {
	if strings.Contains(s.Store, "://") {
		return nil, fmt.Errorf("%w: open store: %s is not a directory; this version keeps releases in a directory", errUsage, s.Store)
	}
	return objects.OpenDir(s.Store)
}

// openHub opens the extract of the settings.
func openHub(s *settings) (hub.Source, error) {
	if s.Hub == "" {
		return nil, fmt.Errorf("%w: open hub: no extract given; set PARVIS_HUB or --hub", errUsage)
	}
	if strings.Contains(s.Hub, "://") {
		return nil, fmt.Errorf("%w: open hub: %s is not a directory; this version reads extracts from a directory", errUsage, s.Hub)
	}
	return hub.OpenDir(s.Hub)
}

// newPublisher wires a publisher over an extract and a store.
func newPublisher(p *process, s *settings, source hub.Source, store objects.Store, log *slog.Logger) (*publisher.Publisher, error) {
	zone, err := s.zone()
	if err != nil {
		return nil, err
	}
	if err := s.apart(); err != nil {
		return nil, err
	}
	all, err := datasets.Load()
	if err != nil {
		return nil, err
	}
	profile, err := s.profile()
	if err != nil {
		return nil, err
	}
	return &publisher.Publisher{
		Datasets: all, Profile: profile, Hub: source, Store: store, WorkDir: s.Workdir, Thresholds: hub.DefaultThresholds(), Zone: zone,
		Memory: s.MemoryLimit, Threads: s.Threads, Version: thisBuild().String(), Now: p.now, Log: log,
	}, nil
}

// datasetIDs checks the names of datasets given by a user.
func datasetIDs(all []datasets.Dataset, given []string) ([]string, error) {
	var known []string
	for _, d := range all {
		known = append(known, d.ID)
	}
	for _, id := range given {
		if _, ok := datasets.Find(all, id); !ok {
			return nil, fmt.Errorf("%w: there is no dataset %q; known: %s", errUsage, id, strings.Join(known, ", "))
		}
	}
	if len(given) == 0 {
		return known, nil
	}
	return given, nil
}
