package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/api"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/serving"
)

type serveCommand struct{}

// Run serves the public until it is told to stop.
func (c *serveCommand) Run(ctx context.Context, p *process, s *settings) (err error) {
	if err := refuseHubAccess(p.environ, s); err != nil {
		return err
	}
	store, err := openStore(ctx, s)
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	log := s.logger(p.err)
	return serve(ctx, p, s, store, log, func(address string) {
		log.Info("serving", slog.String("address", address))
	})
}

// refuseHubAccess refuses to serve the public with access to the hub at hand.
func refuseHubAccess(environ []string, s *settings) error {
	const refusal = "serve: the process that serves the public must not have access to the hub"
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		if strings.HasPrefix(name, "PARVIS_HUB") && value != "" {
			return fmt.Errorf("%w: %s; unset %s", errUsage, refusal, name)
		}
	}
	if s.Hub != "" || s.HubS3Endpoint != "" || s.HubS3Region != "" {
		return fmt.Errorf("%w: %s; leave --hub and what begins with it out", errUsage, refusal)
	}
	return nil
}

// serve listens, says where, and answers until ctx ends.
func serve(ctx context.Context, p *process, s *settings, store objects.Store, log *slog.Logger, ready func(address string)) (err error) {
	base, err := s.baseURL()
	if err != nil {
		return err
	}
	all, err := datasets.Load()
	if err != nil {
		return err
	}
	library, err := serving.Open(ctx, serving.Options{
		Store: store, Datasets: all, Dir: filepath.Join(s.Workdir, "serve"), MemoryLimit: s.MemoryLimit, Threads: s.Threads, Log: log, Now: p.now,
	})
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	defer func() { err = errors.Join(err, library.Close()) }()
	index, err := openIndexes(ctx, s, library, log)
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	defer func() { err = errors.Join(err, index.Close()) }()
	options := api.Options{
		Store: store, Datasets: all, BaseURL: base, TrustedProxies: s.TrustedProxies, Log: log, Now: p.now, Version: thisBuild().String(),
		Library: library, Search: index, Scratch: library.Exports(), RateLimit: s.RateLimit, QueryTime: time.Duration(s.QueryTime) * time.Second,
	}
	if options.Traces, err = p.tracesOf(ctx, s, "parvis-serve", log); err != nil {
		return err
	}
	registry := s.countInto(&options)
	server, err := api.New(options)
	if err != nil {
		return fmt.Errorf("%w: serve: %w", errUsage, err)
	}
	stop, err := s.serveMetrics(ctx, registry, library, index, server, log)
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	defer func() { err = errors.Join(err, stop()) }()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.Listen)
	if err != nil {
		return fmt.Errorf("serve: %w; set PARVIS_LISTEN to a free address", err)
	}
	ready("http://" + listener.Addr().String())
	return server.Run(ctx, listener)
}
