package explore

import (
	"context"
	"errors"
	"os"
)

// sendParquet lets the engine write a Parquet file of the rows, and sends it when it is
// whole.
func (a *API) sendParquet(c *Call, q *prepared, o exportOptions, pre preface) error {
	names := make([]string, len(q.Columns))
	for i, column := range q.Columns {
		names[i] = column.Name
	}
	w := work{q.loan.Table, o.rows(q), q.Cost(), true}
	var file *os.File
	return a.produce(c.Request.Context(), w, func(ctx context.Context, _ *meter) (err error) {
		file, err = q.loan.Parquet(ctx, names, o.compression, w.statement.SQL, w.statement.Args...)
		return err
	}, func() (err error) {
		defer func() { err = errors.Join(err, file.Close()) }()
		return a.sendScratch(c, file, o, pre)
	})
}
