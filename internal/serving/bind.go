package serving

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/odsql"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// bind downloads the tables of a release and makes a volume of them.
//
// Errors: an object is missing, or not what the manifest says; the disk is full.
func (l *Library) bind(ctx context.Context, d datasets.Dataset, m release.Manifest) (*volume, error) {
	v := &volume{dataset: d, manifest: m, tables: map[string]*content{}}
	return v, l.make(ctx, v, func(b *binder) error {
		for _, t := range m.Tables {
			if i := slices.IndexFunc(d.Tables, func(other datasets.Table) bool { return other.ID == t.ID }); i >= 0 {
				if err := b.table(ctx, d.Tables[i], t); err != nil {
					return fmt.Errorf("table %s: %w", t.ID, err)
				}
			}
		}
		return nil
	})
}

// binder makes the database file of a volume.
type binder struct {
	*volume
	archive *release.Archive
	db      *engine.DB
	dir     string // private, for downloads
	// tokens are those of the columns of the present table that are folded row by row.
	tokens map[string]tokenSet
}

// make makes the file of a volume, which fill fills, and opens it for queries.
func (l *Library) make(ctx context.Context, v *volume, fill func(*binder) error) (err error) {
	dir, err := l.scratch.newLoad()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "volume.duckdb")
	db, err := engine.Open(ctx, engine.Options{File: path, TempDir: filepath.Join(dir, "spill"), MemoryLimit: l.options.half(), Threads: 1, Lasting: true})
	if err != nil {
		return err
	}
	err = fill(&binder{volume: v, archive: l.archive, db: db, dir: dir})
	if err == nil {
		err = db.Exec(ctx, "CHECKPOINT")
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	v.path = l.scratch.newFile()
	if err := os.Rename(path, v.path); err != nil {
		return err
	}
	if v.file, err = l.engine.Attach(v.path); err != nil {
		return errors.Join(err, os.Remove(v.path))
	}
	return nil
}

// table loads one table with its dictionaries.
func (b *binder) table(ctx context.Context, definition datasets.Table, t release.Table) error {
	b.tokens = map[string]tokenSet{}
	path, err := b.download(ctx, t)
	if err != nil {
		return err
	}
	schema, err := b.schema(ctx, definition, path)
	if err != nil {
		return err
	}
	if err := b.rows(ctx, schema, path); err != nil {
		return err
	}
	n, err := b.db.Count(ctx, "SELECT count(*) FROM "+schema.Relation)
	if err != nil {
		return err
	}
	if n != t.Rows {
		return fmt.Errorf("it has %d rows, the manifest says %d", n, t.Rows)
	}
	if schema.Sorted, err = b.sorted(ctx, schema); err != nil {
		return err
	}
	vocabulary, err := b.dictionaries(ctx, schema, t.ID)
	if err != nil {
		return err
	}
	b.tables[t.ID] = &content{definition: definition, schema: schema, vocabulary: vocabulary, rows: n}
	return os.Remove(path)
}

// sorted reports whether the rows lie in the order of the key: then whoever reads them so
// need not sort them.
func (b *binder) sorted(ctx context.Context, s *odsql.Schema) (bool, error) {
	if len(s.Key) == 0 {
		return false, nil
	}
	parts := make([]string, len(s.Key))
	for i, name := range s.Key {
		parts[i] = engine.Ident(name)
	}
	// Structures are compared part by part, and a null is the greatest.
	n, err := b.db.Count(ctx, "SELECT count(*) FROM (SELECT row("+strings.Join(parts, ", ")+") AS k, lag(k) OVER () AS before FROM "+s.Relation+") WHERE before > k")
	return n == 0, err
}

func parquet(path string) string { return "read_parquet(" + engine.Literal(path) + ")" }

// download brings the file of a table.
func (b *binder) download(ctx context.Context, t release.Table) (path string, err error) {
	name := t.ID + ".parquet"
	o, ok := b.manifest.Object(name)
	if !ok {
		return "", fmt.Errorf("the manifest has no object %s", name)
	}
	path = filepath.Join(b.dir, name)
	return path, b.archive.Fetch(ctx, release.ObjectName(b.manifest.Dataset, b.id(), name), o, path)
}

// schema describes a table as the release has it: older releases lack fields that were
// added since. Texts that people write are long and nearly all different: they are folded
// row by row, others by dictionary.
func (b *binder) schema(ctx context.Context, definition datasets.Table, path string) (*odsql.Schema, error) {
	s, err := odsql.NewSchema(b.dataset, definition.ID)
	if err != nil {
		return nil, err
	}
	columns, err := b.db.Columns(ctx, "SELECT * FROM "+parquet(path))
	if err != nil {
		return nil, err
	}
	s.Relation = engine.Ident(definition.ID)
	s.Fields = slices.DeleteFunc(s.Fields, func(f odsql.Field) bool {
		return !slices.ContainsFunc(columns, func(c engine.Column) bool { return c.Name == f.Name })
	})
	for i := range s.Fields {
		if f, _ := definition.Field(s.Fields[i].Name); f.FreeText {
			s.Fields[i].Folded = "folded " + f.Name
			if err := b.registerFold(ctx, s, s.Fields[i]); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}
