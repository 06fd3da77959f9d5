package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/publisher"
)

// closingStore is a store that is closed after use.
type closingStore interface {
	objects.Store
	Close() error
}

// openStore opens the store of the settings. It writes nothing into it.
func openStore(ctx context.Context, s *settings) (closingStore, error) {
	p := s.storePlace()
	if p.inS3() {
		return openS3(ctx, p)
	}
	dir, err := p.directory()
	if err != nil {
		return nil, err
	}
	return objects.OpenDir(dir)
}

// openS3 opens a place in object storage.
func openS3(ctx context.Context, p place) (*objects.S3, error) {
	o, err := p.s3()
	if err != nil {
		return nil, err
	}
	store, err := objects.OpenS3(ctx, o)
	if errors.Is(err, objects.ErrInvalid) {
		return nil, fmt.Errorf("%w: read %s…: %w", errUsage, p.group, err)
	}
	return store, err
}

// openHub opens the extract of the settings, and returns what closes it.
func openHub(ctx context.Context, s *settings) (hub.Source, func() error, error) {
	p := s.hubPlace()
	if p.value == "" {
		return nil, nil, fmt.Errorf("%w: open hub: no extract given; set PARVIS_HUB or --hub", errUsage)
	}
	if p.inS3() {
		store, err := openS3(ctx, p)
		if err != nil {
			return nil, nil, fmt.Errorf("open hub: %w", err)
		}
		return hub.NewObjects(store, store.String()), store.Close, nil
	}
	dir, err := p.directory()
	if err != nil {
		return nil, nil, err
	}
	source, err := hub.OpenDir(dir)
	return source, func() error { return nil }, err
}

// newPublisher wires a publisher over an extract and a store.
func newPublisher(p *process, s *settings, source hub.Source, store objects.Store, log *slog.Logger) (*publisher.Publisher, error) {
	zone, err := s.zone()
	if err != nil {
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
	engine, err := s.meili()
	if err != nil {
		return nil, err
	}
	pub := &publisher.Publisher{
		Datasets: all, Profile: profile, Hub: source, Store: store, WorkDir: s.Workdir, Thresholds: hub.DefaultThresholds(), Zone: zone,
		Memory: s.MemoryLimit, Threads: s.Threads, Version: thisBuild().String(), Now: p.now, Log: log,
	}
	if engine != nil {
		pub.Search = engine
	}
	return pub, nil
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
