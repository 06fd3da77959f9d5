package explore

import (
	"context"
	"errors"
	"os"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// sendParquet lets the engine write a Parquet file of the rows, and sends it when it is
// whole.
func (a *API) sendParquet(c *Call, q *prepared, o exportOptions, pre exchange.Preface) error {
	columns := make([]engine.ParquetColumn, len(q.Columns))
	for i, column := range q.Columns {
		columns[i].Name = column.Name
		// A field has the type that it has in the files of the release.
		if f, ok := q.loan.Definition().Field(column.Field); ok {
			columns[i].Type = f.Type.SQL()
		}
	}
	w := work{q.loan.Table, o.rows(q), q.Cost(), true}
	var file *os.File
	return a.produce(c.Request.Context(), w, func(ctx context.Context, _ *meter) (err error) {
		file, err = q.loan.Parquet(ctx, columns, o.compression, w.statement.SQL, w.statement.Args...)
		return err
	}, func() (err error) {
		defer func() { err = errors.Join(err, file.Close()) }()
		return a.sendScratch(c, file, o, pre)
	})
}
