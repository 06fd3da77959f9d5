package serving

import (
	"context"
	"sync"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/odsql"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// Rows are the rows of a query.
type Rows = engine.Rows

// Table is a loaded table of one release. It is safe for concurrent use until it is
// released.
type Table struct {
	library  *Library
	volume   *volume
	content  *content
	modified time.Time
	once     sync.Once
}

// lend gives out a table of a volume. The lock is held.
func (l *Library) lend(v *volume, table string, modified time.Time) (*Table, error) {
	c, ok := v.tables[table]
	if !ok {
		return nil, ErrUnknownTable
	}
	v.uses++
	return &Table{library: l, volume: v, content: c, modified: modified}, nil
}

// Release lets go of the table. It may be called twice.
func (t *Table) Release() {
	t.once.Do(func() {
		t.library.mu.Lock()
		defer t.library.mu.Unlock()
		t.library.drop(t.volume)
	})
}

// ID is the table's id.
func (t *Table) ID() string { return t.content.definition.ID }

// ReleaseID is the release that the table is of. That of the catalogue is a digest of
// the releases that it describes.
func (t *Table) ReleaseID() string { return t.volume.id() }

// Dataset is the dataset that the table is of; the zero value for the catalogue.
func (t *Table) Dataset() datasets.Dataset { return t.volume.dataset }

// Definition describes the table as it is defined now: titles, descriptions, facets. The
// fields that the release has are those of [Table.Schema].
func (t *Table) Definition() datasets.Table { return t.content.definition }

// Manifest is that of the release; of the catalogue, Release and PublishedAt alone are
// set.
func (t *Table) Manifest() release.Manifest { return t.volume.manifest }

// Rows is the number of rows.
func (t *Table) Rows() int64 { return t.content.rows }

// Modified is when the table's content came to be what it is at its address: when its
// release was published or, for one asked for as [Latest], served again.
func (t *Table) Modified() time.Time { return t.modified }

// Schema is what queries are compiled against: the relation, the fields as the release
// has them, in order, with their dictionaries, and the key.
func (t *Table) Schema() *odsql.Schema { return t.content.schema }

// Vocabulary knows the tokens of the text columns.
func (t *Table) Vocabulary() odsql.Vocabulary { return t.content.vocabulary }

// Query runs one SELECT on the tables of the release, which go by their ids. The rows of
// a table lie in the order of its key, nulls last. See [engine.File.Query]. The rows of
// the query must be closed before the table is released.
func (t *Table) Query(ctx context.Context, sql string, args ...any) (*Rows, error) {
	return t.volume.file.Query(ctx, sql, args...)
}

// modified returns when what is served came to be served.
func (s *shelf) modified(v *volume) time.Time {
	at := v.manifest.PublishedAt
	if s.pointer.Release == v.id() && s.pointer.ServedSince.After(at) {
		at = s.pointer.ServedSince
	}
	return at
}
