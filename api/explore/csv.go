package explore

import (
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/publisher/files"
)

// csvRows writes rows as CSV. Texts are quoted where the files of a release have
// them quoted, decimals have all their digits: with a comma and without BOM the
// bytes are those of the release's file.
type csvRows struct {
	options csvOptions
	columns []int
	head    []string
	kinds   []engine.Kind
	zone    *time.Location
}

func newCSV(q *prepared, o exportOptions) *csvRows {
	w := &csvRows{options: o.csv, columns: q.shown, zone: zoneOf(q.request)}
	for _, i := range q.shown {
		w.head = append(w.head, headerOf(q.Columns[i].Name, q.Columns[i].Label, o.labels))
	}
	return w
}

// headerOf is what stands above a column.
func headerOf(name, label string, labels bool) string {
	if labels && label != "" {
		return label
	}
	return name
}

func (w *csvRows) appendHead(b []byte) []byte {
	if w.options.bom {
		b = append(b, "\ufeff"...)
	}
	for i, name := range w.head {
		if i > 0 {
			b = append(b, w.options.delimiter...)
		}
		b = files.AppendCSV(b, name, w.options.delimiter[0], w.options.quoteAll)
	}
	return append(b, '\r', '\n')
}

func (w *csvRows) appendRow(b []byte, rows *engine.Rows) []byte {
	if w.kinds == nil {
		w.kinds = kindsOf(rows)
	}
	for i, column := range w.columns {
		if i > 0 {
			b = append(b, w.options.delimiter...)
		}
		if rows.Null(column) {
			continue
		}
		switch kind := w.kinds[column]; kind {
		case engine.KindText:
			b = files.AppendCSV(b, rows.Bytes(column), w.options.delimiter[0], w.options.quoteAll)
		case engine.KindTexts:
			b = files.AppendCSV(b, strings.Join(rows.Texts(column), w.options.separator), w.options.delimiter[0], w.options.quoteAll)
		case engine.KindBool:
			if rows.Bool(column) {
				b = append(b, '1')
			} else {
				b = append(b, '0')
			}
		default:
			b = appendPlain(b, rows, column, kind, w.zone)
		}
	}
	return append(b, '\r', '\n')
}

func (w *csvRows) appendTail(b []byte) []byte { return b }
