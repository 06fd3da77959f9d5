package synthetic

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// copyOptions are those of the engine's COPY by format.
var copyOptions = map[string]string{
	"parquet": "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880",
	"csv":     "FORMAT csv, HEADER true",
	"jsonl":   "FORMAT json",
}

// file is one file of an extract.
type file struct {
	entity, name string
	// first is the first file of its entity, which has an unreadable line.
	first bool
}

// copy writes the records of the query of an entity, {entity}_select of the folder
// sql, to a file, and returns whether there were any. The query gives the columns of
// the contract, and the column faute with the name of the fault. A file without
// records is not kept: in some formats it would have no columns.
func (d *draw) copy(ctx context.Context, db *engine.DB, f file, params map[string]string) (records int64, err error) {
	text, err := query(f.entity+"_select", params)
	if err != nil {
		return 0, err
	}
	if err := os.MkdirAll(filepath.Join(d.dir, f.entity), 0o700); err != nil {
		return 0, err
	}
	path := filepath.Join(d.dir, f.entity, f.name+"."+d.Format)
	records, err = db.Count(ctx, fmt.Sprintf("COPY (SELECT %s FROM (%s)) TO %s (%s)",
		d.projection(f.entity), text, engine.Literal(path), copyOptions[d.Format]))
	if err != nil {
		return 0, fmt.Errorf("write %s/%s: %w", f.entity, f.name, err)
	}
	if records == 0 {
		return 0, os.Remove(path)
	}
	if f.first && d.Format != "parquet" && d.Dossiers+d.Formations >= minSown {
		return records, addUnreadable(path, d.Format)
	}
	return records, nil
}

// projection returns the columns of an entity, spoilt where they must be. In a
// format without types whatever can be malformed is text.
func (d *draw) projection(entity string) string {
	var cols []string
	for _, c := range entityNamed(entity).Columns {
		as := "%s"
		switch {
		case d.Format == "parquet":
		case c.Kind == hub.Timestamp:
			as = "strftime(%s, '%%Y-%%m-%%dT%%H:%%M:%%S')"
		case c.Kind == hub.Decimal, c.Kind == hub.Date, c.Kind == hub.Boolean:
			as = "CAST(%s AS VARCHAR)"
		}
		cols = append(cols, d.spoil(entity, c.Name, as)+" AS "+engine.Ident(c.Name))
	}
	return strings.Join(cols, ", ")
}

// entityNamed returns the entity of the contract with the given name.
func entityNamed(name string) hub.Entity {
	for _, e := range hub.Entities() {
		if e.Name == name {
			return e
		}
	}
	return hub.Entity{}
}

// addUnreadable ends a file with a line that no reader can split into columns.
func addUnreadable(path, format string) (err error) {
	line := "ligne,tronquée\n"
	if format == "jsonl" {
		line = "{\"version\":1,\"operation\":\n"
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = file.WriteString(line)
	return err
}
