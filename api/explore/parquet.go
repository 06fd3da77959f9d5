package explore

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/odsql"
)

// scratchMemory bounds the memory of the engine that writes a Parquet file.
const scratchMemory = "256MB"

// sendParquet makes a Parquet file of the rows, and sends it when it is whole. The
// instance of the engine that serves queries writes nothing, so one of its own, in a
// private directory, gathers the rows and writes the file.
func (a *API) sendParquet(c *Call, q *prepared, o exportOptions, pre preface) (err error) {
	dir, remove, err := a.scratch()
	if err != nil {
		return err
	}
	defer remove()
	path := filepath.Join(dir, "export.parquet")
	if err := a.writeParquet(c.Request.Context(), q, o, dir, path); err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return a.sendScratch(c, file, o, pre)
}

func (a *API) writeParquet(ctx context.Context, q *prepared, o exportOptions, dir, path string) (err error) {
	// One thread keeps the rows in order.
	db, err := engine.Open(ctx, engine.Options{File: filepath.Join(dir, "rows.db"), TempDir: dir, MemoryLimit: scratchMemory, Threads: 1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	t := newScratchTable(q)
	if err := db.Exec(ctx, t.create()); err != nil {
		return err
	}
	err = db.Append(ctx, scratchTableName, func(add func(...driver.Value) error) error {
		return a.run(ctx, work{q.loan.Table, o.rows(q), q.Cost()}, func(rows *engine.Rows, m *meter) error {
			m.restart()
			return add(t.read(rows)...)
		})
	})
	if err != nil {
		return err
	}
	return db.Exec(ctx, fmt.Sprintf("COPY (%s) TO %s (FORMAT parquet, COMPRESSION %s, ROW_GROUP_SIZE 100000)", t.query(), engine.Literal(path), o.compression))
}

const scratchTableName = "lignes"

// scratchTable holds the rows of an export before they are written as Parquet.
type scratchTable struct {
	asked   *prepared
	columns []int
	kinds   []engine.RowColumn
	values  []driver.Value
}

func newScratchTable(q *prepared) *scratchTable {
	return &scratchTable{asked: q, columns: q.shown, values: make([]driver.Value, len(q.shown))}
}

// create is the SQL that makes the table. Its columns go by their places.
func (t *scratchTable) create() string {
	var columns []string
	for i, column := range t.columns {
		stored := "VARCHAR"
		if !t.asked.Columns[column].Multivalued {
			switch t.asked.Columns[column].Type {
			case odsql.Int:
				stored = "BIGINT"
			case odsql.Double:
				stored = "DOUBLE"
			case odsql.Bool:
				stored = "BOOLEAN"
			default:
			}
		}
		columns = append(columns, fmt.Sprintf("c%d %s", i, stored))
	}
	return "CREATE TABLE " + scratchTableName + " (" + strings.Join(columns, ", ") + ")"
}

// listMark separates the elements of a list while it is a text.
const listMark = "\x1f"

// query is the SQL that reads the rows in the types and under the names of the answer.
func (t *scratchTable) query() string {
	var columns []string
	for i, column := range t.columns {
		c, value := t.asked.Columns[column], fmt.Sprintf("c%d", i)
		switch {
		case c.Multivalued:
			value = "string_split(" + value + ", " + engine.Literal(listMark) + ")"
		case c.Type == odsql.Decimal:
			value = "CAST(" + value + " AS " + t.decimal(column) + ")"
		case c.Type == odsql.Date:
			value = "CAST(" + value + " AS DATE)"
		case c.Type == odsql.DateTime:
			value = "CAST(" + value + " AS TIMESTAMPTZ)"
		case c.Type == odsql.Int && c.Field != "":
			value = "CAST(" + value + " AS INTEGER)"
		}
		columns = append(columns, value+" AS "+engine.Ident(c.Name))
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM " + scratchTableName
}

// decimal is the SQL type of a column of decimals: that of the release for a field of it.
func (t *scratchTable) decimal(column int) string {
	scale := 2
	if t.kinds != nil {
		scale = t.kinds[column].Scale
	}
	if t.asked.Columns[column].Field != "" && scale == 2 {
		return "DECIMAL(14,2)"
	}
	return fmt.Sprintf("DECIMAL(38,%d)", scale)
}

// read reads a row as the values of the table.
func (t *scratchTable) read(rows *engine.Rows) []driver.Value {
	if t.kinds == nil {
		t.kinds = rows.Columns()
	}
	for i, column := range t.columns {
		t.values[i] = t.value(rows, column)
	}
	return t.values
}

func (t *scratchTable) value(rows *engine.Rows, column int) driver.Value {
	if rows.Null(column) {
		return nil
	}
	switch kind := t.kinds[column].Kind; kind {
	case engine.KindInt:
		return rows.Int(column)
	case engine.KindDouble:
		return rows.Float(column)
	case engine.KindBool:
		return rows.Bool(column)
	case engine.KindTexts:
		return strings.Join(rows.Texts(column), listMark)
	default:
		return string(appendPlain(nil, rows, column, kind, zoneOf(t.asked.request)))
	}
}
