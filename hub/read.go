package hub

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/internal/engine"
)

//go:embed data/anciennes_communes.csv
var data embed.FS

// Options say what to read of an extract.
type Options struct {
	// AsOf is the last day whose records are seen.
	AsOf time.Time
	// Entities are the names of the entities to read; nil means all.
	Entities []string
	// Seed is a random number drawn for the run: persons are numbered with it.
	Seed uint64
	// Dir is where files that lie elsewhere are copied while they are read. It must
	// be private; a source in a directory does not need it.
	Dir string
	// Progress is told of each file before it is read; nil is allowed.
	Progress func(file string, no, of int)
}

// reader is one reading of an extract.
type reader struct {
	db       *engine.DB
	source   Source
	dir      string
	asOf     time.Time
	seed     uint64
	entities []Entity
	progress func(file string, no, of int)
	report   *Report
}

// Read stages and checks an extract in the engine, and leaves in the schema hub
// one view per entity read, of its current and good records; the table
// hub.communes of current and former communes with their territory; and, with
// dossiers, the table hub.montants_engages of what all funders of a file engage.
//
// Result: the report. Faults of the data are in it; files refused and entities
// missing are among its Refusals, and the views then lack what was refused.
//
// Errors: only what keeps the reading from going on (disk full, cancelled).
func Read(ctx context.Context, db *engine.DB, source Source, o Options) (*Report, error) {
	r := &reader{db: db, source: source, dir: o.Dir, asOf: o.AsOf, seed: o.Seed, progress: o.Progress, report: &Report{AsOf: o.AsOf}}
	for _, e := range Entities() {
		if o.Entities == nil || slices.Contains(o.Entities, e.Name) {
			r.entities = append(r.entities, e)
		}
	}
	for _, step := range []func(context.Context) error{r.open, r.stage, r.check, r.count} {
		if err := step(ctx); err != nil {
			return nil, fmt.Errorf("read hub: %w", err)
		}
	}
	return r.report, nil
}

// open makes the schemas and lists the files.
func (r *reader) open(ctx context.Context) error {
	for _, q := range []string{
		"CREATE SCHEMA IF NOT EXISTS stage", "CREATE SCHEMA IF NOT EXISTS hub",
		"CREATE TABLE stage.quarantaine (entite VARCHAR, rid BIGINT, broken BIGINT, illisible BOOLEAN)",
	} {
		if err := r.db.Exec(ctx, q); err != nil {
			return err
		}
	}
	synthetic, err := r.source.Synthetic(ctx)
	if err != nil {
		return err
	}
	files, err := r.source.Files(ctx)
	if err != nil {
		return err
	}
	r.report.Synthetic = synthetic
	r.assign(files)
	return nil
}

// assign gives each file to its entity, and notes those that nothing reads.
func (r *reader) assign(files []File) {
	for _, e := range r.entities {
		rep := EntityReport{Entity: e.Name}
		for _, f := range files {
			if f.Entity == e.Name && f.readable() {
				rep.Files = append(rep.Files, FileReport{Name: f.Name, file: f})
			}
		}
		if len(rep.Files) == 0 {
			r.refuseExtract(e.Name, "the extract has no file of "+e.Name+": expected "+e.Name+"/*.parquet, *.csv, *.csv.gz, *.jsonl or *.jsonl.gz")
		}
		r.report.Entities = append(r.report.Entities, rep)
	}
	for _, f := range files {
		problem, remedy := f.misplaced()
		switch folder := f.Entity + "/"; {
		case problem != "":
			r.refuseExtract(strings.ToLower(f.Entity), (&FileError{File: f.Name, Problem: problem, Remedy: remedy}).Error())
		case slices.Contains(EntityNames(), f.Entity) && f.readable():
		case slices.Contains(EntityNames(), f.Entity) || !strings.Contains(f.Name, "/"):
			r.report.Ignored = append(r.report.Ignored, f.Name)
		case !slices.Contains(r.report.Ignored, folder):
			r.report.Ignored = append(r.report.Ignored, folder)
		}
	}
}

// refuseExtract notes why nothing that is made from an entity may be published; an
// empty name means any entity.
func (r *reader) refuseExtract(entity, reason string) {
	r.report.Refusals = append(r.report.Refusals, Refusal{Reason: reason, entity: entity})
}

// stage reads all files. A refused file does not stop the others, so that one
// reading finds all that is wrong.
func (r *reader) stage(ctx context.Context) error {
	total, no := 0, 0
	for _, rep := range r.report.Entities {
		total += len(rep.Files)
	}
	for i, e := range r.entities {
		if err := r.stageTable(ctx, e); err != nil {
			return err
		}
		files := r.report.Entities[i].Files
		for j := 0; j < len(files); {
			n := batch(files[j:])
			if r.progress != nil {
				r.progress(files[j].Name, no+1, total)
			}
			if err := r.stageFiles(ctx, e, j, files[j:j+n]); err != nil {
				return err
			}
			j, no = j+n, no+n
		}
	}
	return nil
}

// stageFiles reads files of an entity, the first of which has the given number:
// together if they can be, else one by one.
func (r *reader) stageFiles(ctx context.Context, e Entity, no int, files []FileReport) error {
	var refused *FileError
	if len(files) > 1 {
		done, err := r.stageBatch(ctx, e, no, files)
		if errors.As(err, &refused) {
			r.refuseExtract(e.Name, refused.Error())
		} else if err != nil {
			return fmt.Errorf("stage %s: %w", files[0].Name, err)
		}
		if done {
			return nil
		}
	}
	for i := range files {
		err := r.stageFile(ctx, e, no+i, &files[i])
		if errors.As(err, &refused) {
			r.refuseExtract(e.Name, refused.Error())
		} else if err != nil {
			return fmt.Errorf("stage %s: %w", files[i].Name, err)
		}
	}
	return nil
}

// check resolves versions and checks references, an entity after those it
// refers to.
func (r *reader) check(ctx context.Context) error {
	for _, e := range r.entities {
		if err := r.resolve(ctx, e); err != nil {
			return err
		}
		if e.Name == "territoires" {
			if err := r.communes(ctx); err != nil {
				return err
			}
		}
		if err := r.checkReferences(ctx, e, false); err != nil {
			return err
		}
	}
	for _, e := range r.entities {
		if err := r.checkReferences(ctx, e, true); err != nil {
			return err
		}
	}
	return nil
}

// communes makes hub.communes: the communes of the list, and the former ones
// whose present commune is in it, under their own code.
func (r *reader) communes(ctx context.Context) error {
	text, err := data.ReadFile("data/anciennes_communes.csv")
	if err != nil {
		return err
	}
	var values []string
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		former, present, _ := strings.Cut(line, ",")
		values = append(values, "("+engine.Literal(former)+", "+engine.Literal(present)+")")
	}
	return r.db.Exec(ctx, `CREATE TABLE hub.communes AS
		SELECT commune, code_departement, nom_departement, code_region, nom_region FROM hub.territoires
		UNION ALL
		SELECT a.ancienne, t.code_departement, t.nom_departement, t.code_region, t.nom_region
		FROM (VALUES `+strings.Join(values, ", ")+`) a(ancienne, actuelle) JOIN hub.territoires t ON t.commune = a.actuelle
		WHERE a.ancienne NOT IN (SELECT commune FROM hub.territoires)`)
}
