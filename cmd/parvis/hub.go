package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/hub/synthetic"
	"github.com/parvis-opendata/parvis/internal/engine"
)

type generateCommand struct {
	Out        string `required:"" placeholder:"DIR" help:"Where to write the extract; must not exist or be empty."`
	Dossiers   int    `required:"" help:"Number of training files."`
	Formations int    `required:"" help:"Number of trainings offered."`
	Seed       uint64 `default:"1" help:"The same seed draws the same hub."`
	Format     string `default:"parquet" enum:"parquet,csv,jsonl" help:"parquet, csv or jsonl."`
	Until      string `placeholder:"YYYY-MM-DD" help:"Day of the extract; today by default."`
}

// Run draws a synthetic extract.
func (c *generateCommand) Run(ctx context.Context, p *process, s *settings) error {
	if err := onDisk("--out", c.Out); err != nil {
		return err
	}
	until := day(p.now())
	if c.Until != "" {
		var err error
		if until, err = time.Parse(time.DateOnly, c.Until); err != nil {
			return fmt.Errorf("%w: generate hub: --until %q is no date; write it as YYYY-MM-DD", errUsage, c.Until)
		}
	}
	bar := newProgress(p.err)
	err := synthetic.Generate(ctx, synthetic.Options{
		Dir: c.Out, Dossiers: c.Dossiers, Formations: c.Formations, Seed: c.Seed, Format: c.Format, Until: until,
		Threads: s.Threads, MemoryLimit: s.MemoryLimit, Progress: bar.count,
	})
	bar.end()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "synthetic hub (données fictives) in %s: %d files, %d trainings\n", c.Out, c.Dossiers, c.Formations)
	return err
}

// day returns the day of a moment, at midnight UTC.
func day(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

type checkCommand struct {
	Dir  string `arg:"" help:"The extract: a directory, or s3://bucket/prefix."`
	AsOf string `placeholder:"YYYY-MM-DD" help:"Last day whose records are seen; today by default."`
	JSON bool   `help:"Print JSON."`
}

// Run reads an extract and says whether a publication would refuse it.
func (c *checkCommand) Run(ctx context.Context, p *process, s *settings) (err error) {
	source, closeHub, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeHub()) }()
	zone, err := s.zone()
	if err != nil {
		return err
	}
	asOf := day(p.now().In(zone))
	if c.AsOf != "" {
		if asOf, err = time.Parse(time.DateOnly, c.AsOf); err != nil {
			return fmt.Errorf("%w: check hub: --as-of %q is no date; write it as YYYY-MM-DD", errUsage, c.AsOf)
		}
	}
	rep, quarantine, err := readOnly(ctx, p, s, source, asOf)
	if err != nil {
		return err
	}
	rep.Refusals = hub.DefaultThresholds().Judge(rep, nil)
	if c.JSON {
		err = p.printJSON(struct {
			*hub.Report
			Quarantine string `json:"quarantine,omitempty"`
		}{rep, quarantine})
	} else {
		_, err = fmt.Fprint(p.out, reportText(rep, quarantine))
	}
	if err == nil && len(rep.Refusals) > 0 {
		err = errRefused
	}
	return err
}

// open opens the extract that was named. The S3 settings of the hub are for one in
// object storage; a directory that is named does without.
func (c *checkCommand) open(ctx context.Context, s *settings) (hub.Source, func() error, error) {
	own := *s
	if own.Hub = c.Dir; !own.hubPlace().inS3() {
		own.useDirectories(c.Dir, "", s.Workdir)
	}
	return openHub(ctx, &own)
}

// readOnly reads an extract in a private directory and throws the tables away.
func readOnly(ctx context.Context, p *process, s *settings, source hub.Source, asOf time.Time) (rep *hub.Report, quarantine string, err error) {
	if err := os.MkdirAll(s.Workdir, 0o700); err != nil {
		return nil, "", fmt.Errorf("check hub: working directory: %w", err)
	}
	dir, leave, err := privateDir(filepath.Join(s.Workdir, "check"))
	if err != nil {
		return nil, "", fmt.Errorf("check hub: working directory: %w", err)
	}
	defer func() { err = errors.Join(err, leave()) }()
	db, err := engine.Open(ctx, engine.Options{
		File: filepath.Join(dir, "check.duckdb"), TempDir: filepath.Join(dir, "spill"),
		MemoryLimit: s.MemoryLimit, Threads: s.Threads, TimeZone: s.Timezone,
	})
	if err != nil {
		return nil, "", fmt.Errorf("check hub: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return nil, "", err
	}
	bar := newProgress(p.err)
	rep, err = hub.Read(ctx, db, source, hub.Options{AsOf: asOf, Seed: binary.LittleEndian.Uint64(b[:]), Dir: dir, Progress: bar.file})
	bar.end()
	if err != nil {
		return nil, "", fmt.Errorf("check hub: %w", err)
	}
	quarantine, err = hub.WriteQuarantine(ctx, db, rep, filepath.Join(s.Workdir, "quarantine"), "check", p.now())
	return rep, quarantine, err
}

// privateDir makes an empty directory that only one process uses at a time; what a
// killed process left in it is removed first.
func privateDir(path string) (dir string, leave func() error, err error) {
	lock, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return "", nil, errors.Join(fmt.Errorf("%s is in use by another process; give another --workdir", path), lock.Close())
	}
	if err := errors.Join(os.RemoveAll(path), os.Mkdir(path, 0o700)); err != nil {
		return "", nil, errors.Join(err, lock.Close())
	}
	return path, func() error { return errors.Join(os.RemoveAll(path), lock.Close()) }, nil
}

// reportText writes a quality report for a person.
func reportText(rep *hub.Report, quarantine string) string {
	b := &strings.Builder{}
	kind := ""
	if rep.Synthetic {
		kind = " (données fictives)"
	}
	fmt.Fprintf(b, "extract of %s%s, seen as of %s\n", rep.ExtractDate.Format(time.DateOnly), kind, rep.AsOf.Format(time.DateOnly))
	fmt.Fprintf(b, "%-15s %12s %12s %10s %10s %10s %10s\n", "entity", "read", "kept", "quarantine", "superseded", "deleted", "later")
	for _, e := range rep.Entities {
		fmt.Fprintf(b, "%-15s %12d %12d %10d %10d %10d %10d\n", e.Entity, e.Read, e.Kept, e.Quarantined, e.Superseded, e.Deleted, e.Later)
	}
	for _, e := range rep.Entities {
		for _, f := range e.Files {
			for _, r := range f.Rules {
				fmt.Fprintf(b, "%s: %s: %d records: %s [%s]; %s\n", f.Name, r.Rule, r.Records, r.Title, r.Fields, r.Remedy)
			}
			if len(f.UnknownColumns) > 0 {
				fmt.Fprintf(b, "%s: columns not read: %s\n", f.Name, strings.Join(f.UnknownColumns, ", "))
			}
		}
	}
	if len(rep.Ignored) > 0 {
		fmt.Fprintf(b, "ignored: %s\n", strings.Join(rep.Ignored, ", "))
	}
	if quarantine != "" {
		fmt.Fprintf(b, "quarantine: %s\n", quarantine)
	}
	for _, r := range rep.Refusals {
		fmt.Fprintf(b, "refused: %s\n", r)
	}
	if len(rep.Refusals) == 0 {
		b.WriteString("a publication would accept this extract\n")
	}
	return b.String()
}
