package explore

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/publisher/files"
)

// maxSheetRows is the greatest number of rows of a sheet besides its header
// (Microsoft, Excel specifications and limits).
const maxSheetRows = 1<<20 - 1

// sendWorkbook makes an XLSX file of the rows, and sends it when it is whole.
func (a *API) sendWorkbook(c *Call, q *prepared, o exportOptions, pre exchange.Preface) (err error) {
	dir, remove, err := a.scratch()
	if err != nil {
		return err
	}
	defer remove()
	sheet, err := files.NewSheet(sheetColumns(q, o), dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sheet.Close()) }()
	w := sheetRows{columns: q.shown, zone: zoneOf(q.request), cells: make([]any, len(q.shown))}
	rows := work{q.loan.Table, o.rows(q), q.Cost(), true}
	return a.produce(c.Request.Context(), rows, func(ctx context.Context, m *meter) error {
		return rows.read(ctx, m, func(rows *engine.Rows, m *meter) error {
			m.restart()
			return sheet.Append(w.read(rows))
		})
	}, func() error { return a.saveWorkbook(c, sheet, dir, o, pre) })
}

// saveWorkbook ends an XLSX file in a directory, and sends it.
func (a *API) saveWorkbook(c *Call, sheet *files.Sheet, dir string, o exportOptions, pre exchange.Preface) (err error) {
	file, err := os.Create(filepath.Join(dir, "export.xlsx"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := sheet.Save(file); err != nil {
		return err
	}
	return a.sendScratch(c, file, o, pre)
}

func sheetColumns(q *prepared, o exportOptions) []string {
	var names []string
	for _, i := range q.shown {
		names = append(names, headerOf(q.Columns[i].Name, q.Columns[i].Label, o.labels))
	}
	return names
}

// sheetRows reads rows as the cells of a sheet.
type sheetRows struct {
	columns []int
	kinds   []engine.RowColumn
	zone    *time.Location
	cells   []any
}

func (w *sheetRows) read(rows *engine.Rows) []any {
	if w.kinds == nil {
		w.kinds = rows.Columns()
	}
	for i, column := range w.columns {
		w.cells[i] = w.cell(rows, column)
	}
	return w.cells
}

func (w *sheetRows) cell(rows *engine.Rows, column int) any {
	if rows.Null(column) {
		return nil
	}
	switch kind := w.kinds[column]; kind.Kind {
	case engine.KindInt:
		return rows.Int(column)
	case engine.KindDouble:
		return rows.Float(column)
	case engine.KindBool:
		return rows.Bool(column)
	case engine.KindDecimal:
		return files.Number{Text: string(rows.Append(nil, column)), Money: kind.Scale == 2}
	case engine.KindDate:
		return time.Unix(rows.Int(column)*24*60*60, 0).UTC()
	case engine.KindTexts:
		return strings.Join(rows.Texts(column), ", ")
	default:
		return string(appendPlain(nil, rows, column, kind.Kind, w.zone))
	}
}
