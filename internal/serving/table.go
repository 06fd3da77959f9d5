package serving

import (
	"context"
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
type Table struct{}

// ID is the table's id.
func (t *Table) ID() string { return "" }

// ReleaseID is the release that the table is of. That of the catalogue is a digest of
// the releases that it describes.
func (t *Table) ReleaseID() string { return "" }

// Dataset is the dataset that the table is of; the zero value for the catalogue.
func (t *Table) Dataset() datasets.Dataset { return datasets.Dataset{} }

// Definition describes the table: titles, descriptions, facets.
func (t *Table) Definition() datasets.Table { return datasets.Table{} }

// Manifest is that of the release; of the catalogue, its Release alone is set.
func (t *Table) Manifest() release.Manifest { return release.Manifest{} }

// Rows is the number of rows.
func (t *Table) Rows() int64 { return 0 }

// Modified is when the table's content came to be what is served: when its release was
// published, or served again.
func (t *Table) Modified() time.Time { return time.Time{} }

// Schema is what queries are compiled against: the relation, the fields as the release
// has them, in order, with their dictionaries, and the key.
func (t *Table) Schema() *odsql.Schema { return nil }

// Vocabulary knows the tokens of the text columns.
func (t *Table) Vocabulary() odsql.Vocabulary { return nil }

// Query runs one SELECT on the tables of the release, which go by their ids; its rows
// are sorted in the table by the table's key. See [engine.File.Query]. The rows must be
// closed before the table is released.
func (t *Table) Query(ctx context.Context, sql string, args ...any) (*Rows, error) {
	return nil, ErrUnavailable
}

// Release lets go of the table. It may be called twice.
func (t *Table) Release() {}
