// Package files turns a table of the engine into the files that the public
// downloads: Parquet, CSV, CSV for a French spreadsheet, JSON lines and XLSX.
//
// It owns their form. The bytes depend on the rows alone: no time of the run, no
// order but that of the key, no number that went through binary floating point.
package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// MaxWorkbookRows is the greatest number of rows written as XLSX.
const MaxWorkbookRows = 200_000

// File is one file written.
type File struct {
	Name      string
	MediaType string
	Path      string
	Bytes     int64
	SHA256    string
	Rows      int64
}

// Table is what was written of one table.
type Table struct {
	Files []File
	Rows  int64
	// Digest is the SHA-256 of the rows in order, without the load date.
	Digest [sha256.Size]byte
}

// Source is a table of the engine and the definition that it follows.
type Source struct {
	DB       *engine.DB
	Relation string
	Table    datasets.Table
	Dataset  datasets.Dataset
}

// batchRows is how many rows travel together from the engine to the writers.
const batchRows = 512

// batch is rows of text; its writers must not change it.
type batch [][]engine.Text

// sink takes the rows of a table in order.
type sink interface {
	row(r []engine.Text) error
	close() error
}

// Write writes all files of a table into dir.
func Write(ctx context.Context, s Source, dir string) (Table, error) {
	var out Table
	rows, err := s.DB.Count(ctx, "SELECT count(*) FROM "+engine.Ident(s.Relation))
	if err != nil {
		return out, fmt.Errorf("write %s: %w", s.Table.ID, err)
	}
	out.Rows = rows
	set, err := s.open(dir, rows)
	if err != nil {
		return out, fmt.Errorf("write %s: %w", s.Table.ID, err)
	}
	digest := newDigest(s.Table)
	if err := s.pump(ctx, append(set.sinks(), digest)); err != nil {
		set.abandon()
		return out, fmt.Errorf("write %s: %w", s.Table.ID, err)
	}
	copy(out.Digest[:], digest.hash.Sum(nil))
	parquet, err := s.parquet(ctx, dir)
	if err != nil {
		return out, fmt.Errorf("write %s: %w", s.Table.ID, err)
	}
	out.Files = append([]File{parquet}, set.files()...)
	for i := range out.Files {
		out.Files[i].Rows = rows
	}
	return out, nil
}

// order returns the ORDER BY of a table: its key, nulls last.
func (s Source) order() string {
	cols := make([]string, len(s.Table.Key))
	for i, k := range s.Table.Key {
		cols[i] = engine.Ident(k) + " ASC NULLS LAST"
	}
	return strings.Join(cols, ", ")
}

// pump reads the rows once and hands them to every sink.
func (s Source) pump(ctx context.Context, sinks []sink) error {
	g, ctx := errgroup.WithContext(ctx)
	queues := make([]chan batch, len(sinks))
	for i, sk := range sinks {
		queues[i] = make(chan batch, 4)
		g.Go(func() error { return drain(queues[i], sk) })
	}
	g.Go(func() error {
		defer func() {
			for _, q := range queues {
				close(q)
			}
		}()
		return s.read(ctx, func(b batch) error {
			for _, q := range queues {
				select {
				case q <- b:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
	})
	return g.Wait()
}

func drain(q <-chan batch, sk sink) error {
	for b := range q {
		for _, r := range b {
			if err := sk.row(r); err != nil {
				return err
			}
		}
	}
	return sk.close()
}

// read streams the table in the order of its key, every value as text.
func (s Source) read(ctx context.Context, emit func(batch) error) error {
	cols := make([]string, len(s.Table.Fields))
	for i, f := range s.Table.Fields {
		cols[i] = "CAST(" + engine.Ident(f.Name) + " AS VARCHAR)"
	}
	q := fmt.Sprintf("SELECT %s FROM %s ORDER BY %s", strings.Join(cols, ", "), engine.Ident(s.Relation), s.order())
	b := make(batch, 0, batchRows)
	err := s.DB.Texts(ctx, q, len(cols), func(row []engine.Text) error {
		b = append(b, append([]engine.Text(nil), row...))
		if len(b) < batchRows {
			return nil
		}
		full := b
		b = make(batch, 0, batchRows)
		return emit(full)
	})
	if err != nil {
		return err
	}
	return emit(b)
}

// parquet lets the engine write the table, sorted by its key.
func (s Source) parquet(ctx context.Context, dir string) (File, error) {
	f := File{Name: s.Table.ID + ".parquet", MediaType: "application/vnd.apache.parquet", Path: filepath.Join(dir, s.Table.ID+".parquet")}
	cols := make([]string, len(s.Table.Fields))
	for i, field := range s.Table.Fields {
		cols[i] = engine.Ident(field.Name)
	}
	q := fmt.Sprintf("COPY (SELECT %s FROM %s ORDER BY %s) TO %s (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 100000)",
		strings.Join(cols, ", "), engine.Ident(s.Relation), s.order(), engine.Literal(f.Path))
	if err := s.DB.Exec(ctx, q); err != nil {
		return f, err
	}
	return f, f.measure()
}

// measure fills in the size and the digest of a file on disk.
func (f *File) measure() (err error) {
	file, err := os.Open(f.Path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	h := sha256.New()
	f.Bytes, err = io.Copy(h, file)
	f.SHA256 = hex.EncodeToString(h.Sum(nil))
	return err
}

// NewFile writes content to dir/name, for the JSON objects of a release.
func NewFile(dir, name, mediaType string, content []byte) (File, error) {
	f := File{Name: name, MediaType: mediaType, Path: filepath.Join(dir, name), Rows: -1}
	if err := os.WriteFile(f.Path, content, 0o600); err != nil {
		return f, fmt.Errorf("write %s: %w", name, err)
	}
	return f, f.measure()
}

// digest is the sink that hashes the content of a table. Each value is written
// as its length and its bytes, a null as a length that no value has, so that no
// two tables give the same stream.
type digest struct {
	hash hash.Hash
	skip int // index of the load date, -1 for none
	buf  []byte
}

func newDigest(t datasets.Table) *digest {
	d := &digest{hash: sha256.New(), skip: -1}
	for i, f := range t.Fields {
		if f.Name == t.LoadDate {
			d.skip = i
			continue
		}
		d.buf = appendValue(d.buf, engine.Text{String: f.Name, Valid: true})
	}
	d.hash.Write(d.buf)
	return d
}

func appendValue(b []byte, v engine.Text) []byte {
	if !v.Valid {
		return append(b, 'n', ';')
	}
	b = fmt.Appendf(b, "%d:", len(v.String))
	return append(b, v.String...)
}

func (d *digest) row(r []engine.Text) error {
	d.buf = d.buf[:0]
	for i, v := range r {
		if i != d.skip {
			d.buf = appendValue(d.buf, v)
		}
	}
	d.hash.Write(append(d.buf, '\n'))
	return nil
}

func (d *digest) close() error { return nil }
