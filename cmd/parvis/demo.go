package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/hub/synthetic"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/publisher"
)

// demoCertifications are few enough that the tables of the demo are not all secret.
const demoCertifications = 300

// demoFrom is the first day of the demo: that of the year before, so that one year is
// whole.
func demoFrom(until time.Time) time.Time {
	return time.Date(until.Year()-1, time.January, 1, 0, 0, 0, 0, time.UTC)
}

type demoCommand struct {
	Dossiers   int    `default:"200000" help:"Number of training files."`
	Formations int    `default:"20000" help:"Number of trainings offered."`
	Seed       uint64 `default:"1" help:"The same seed draws the same hub."`
	Dir        string `default:"./parvis-data/demo" help:"Where everything is kept; a second run reuses it."`
	NoServe    bool   `help:"Stop after the publication."`
}

// Run draws a synthetic hub, publishes it and serves it.
func (c *demoCommand) Run(ctx context.Context, p *process, s *settings) (err error) {
	if err := onDisk("--dir", c.Dir); err != nil {
		return err
	}
	// The demo has a hub, a store, a working directory and a search of its own.
	own := *s
	own.Search, own.MeiliKey = searchEmbedded, secret{}
	own.useDirectories(filepath.Join(c.Dir, "hub"), filepath.Join(c.Dir, "store"), filepath.Join(c.Dir, "work"))
	began := p.now()
	p.sayf("Parvis demo — données fictives: nobody in it is real. Everything is kept in %s.", c.Dir)
	if err := c.draw(ctx, p, &own); err != nil {
		return err
	}
	store, err := openStore(ctx, &own)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := c.publish(ctx, p, &own, store); err != nil {
		return err
	}
	p.sayf("Published after %.1f s.", p.now().Sub(began).Seconds())
	if c.NoServe {
		return nil
	}
	all, err := datasets.Load()
	if err != nil {
		return err
	}
	return serve(ctx, p, &own, store, slog.New(slog.DiscardHandler), func(address string) {
		p.sayf("3. Loading the tables, and making the index of the search…")
		go func() {
			if awaitReady(ctx, address) == nil {
				p.invite(address, all)
			}
		}()
	})
}

// awaitReady waits until a server has its tables and its search, or half a minute at most.
//
// Errors: ctx has ended.
func awaitReady(ctx context.Context, address string) error {
	for range 120 {
		if missing, err := askReady(ctx, address); err == nil && missing == "" {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(250 * time.Millisecond):
		}
	}
	return nil
}

func (p *process) sayf(format string, args ...any) {
	_, _ = fmt.Fprintf(p.out, format+"\n", args...)
}

// draw makes the synthetic hub, or reuses the one that is there.
func (c *demoCommand) draw(ctx context.Context, p *process, s *settings) error {
	same, err := c.drawn(s.Hub)
	if err != nil {
		return err
	}
	if same {
		p.sayf("1. The hub drawn before is used again.")
		return nil
	}
	until := day(p.now())
	from := demoFrom(until)
	p.sayf("1. Drawing a hub of %d training files since %s, and %d trainings…", c.Dossiers, from.Format(time.DateOnly), c.Formations)
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	began := p.now()
	bar := newProgress(p.err)
	err = synthetic.Generate(ctx, synthetic.Options{
		Dir: s.Hub, Dossiers: c.Dossiers, Formations: c.Formations, Seed: c.Seed, Format: "parquet",
		From: from, Until: until, Certifications: demoCertifications,
		Threads: s.Threads, MemoryLimit: s.MemoryLimit, Progress: bar.count,
	})
	bar.end()
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	p.sayf("   done in %.1f s.", p.now().Sub(began).Seconds())
	return nil
}

// drawn reports whether dir holds the hub that the command asks for.
func (c *demoCommand) drawn(dir string) (bool, error) {
	text, err := os.ReadFile(filepath.Join(dir, hub.SyntheticMarker))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("demo: %w", err)
	}
	var there struct {
		Dossiers   int    `json:"dossiers"`
		Formations int    `json:"formations"`
		Seed       uint64 `json:"seed"`
	}
	if err := json.Unmarshal(text, &there); err != nil {
		return false, fmt.Errorf("demo: read %s: %w; remove %s", hub.SyntheticMarker, err, c.Dir)
	}
	if there.Dossiers != c.Dossiers || there.Formations != c.Formations || there.Seed != c.Seed {
		return false, fmt.Errorf("%w: demo: %s holds a demo of other sizes or another seed; give another --dir, or remove it", errUsage, c.Dir)
	}
	return true, nil
}

// publish makes the releases of the demo.
func (c *demoCommand) publish(ctx context.Context, p *process, s *settings, store objects.Store) (err error) {
	source, closeHub, err := openHub(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeHub()) }()
	pub, err := newPublisher(p, s, source, store, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	ids := make([]string, len(pub.Datasets))
	for i, d := range pub.Datasets {
		ids[i] = d.ID
	}
	p.sayf("2. Publishing %s…", strings.Join(ids, ", "))
	began := p.now()
	pub.Progress = func(dataset string, step publisher.Step, detail string) {
		if detail == "" {
			p.sayf("   %5.1f s  %s: %s", p.now().Sub(began).Seconds(), dataset, step)
		}
	}
	for _, done := range pub.PublishAll(ctx, ids, publisher.Request{}) {
		if done.Err != nil {
			return done.Err
		}
		p.sayf("   %s: %s", done.Result.Dataset, outcome(done.Result))
	}
	return nil
}

// outcome says in a line what a publication of the demo came to.
func outcome(res publisher.Result) string {
	if res.Unchanged {
		return "unchanged: " + res.Release + " is still served"
	}
	var rows int64
	for _, t := range res.Tables {
		rows += t.Rows
	}
	return fmt.Sprintf("release %s: %d rows in %d objects; audit %s", res.Release, rows, len(res.Objects), res.Audit)
}

// invite says which addresses to open.
func (p *process) invite(address string, all []datasets.Dataset) {
	list := []string{
		address + "/", address + "/tableaux-de-bord/engagements", address + "/recherche", address + "/jeux-de-donnees/" + all[0].ID,
		address + "/docs", address + "/api/v1/datasets",
	}
	for _, d := range all {
		latest := address + "/datasets/" + d.ID + "/releases/latest/" + d.ID
		list = append(list, latest+".csv", latest+".parquet", latest+".xlsx")
	}
	records := address + "/api/explore/v2.1/catalog/datasets/" + all[0].ID + "/records"
	list = append(list, address+"/api/explore/v2.1/catalog/datasets",
		records+"?group_by=nom_region&select=count(*)%20as%20offres,avg(frais_ttc_tot_mean)%20as%20prix_moyen&order_by=offres%20desc")
	p.sayf("Open (données fictives):\n  %s", strings.Join(list, "\n  "))
	p.sayf("Stop with Ctrl-C.")
}
