package engine

import (
	"context"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// Rows are the rows of a query, read as they are computed. They are not safe for
// concurrent use. A column is named by its place, from 0; reading it as another kind
// than its own panics.
type Rows struct {
	ctx   context.Context //nolint:containedctx // it governs the rows from Query to Close
	file  *File
	conn  *conn
	watch func()

	pending duck.PendingResult
	result  duck.Result
	chunk   duck.DataChunk
	columns []RowColumn
	vectors []vector
	row     int // in the chunk
	size    int // of the chunk
	err     error
	done    bool // no chunk is left
}

// start runs the query up to its first rows.
func (r *Rows) start(query string, args []any) error {
	stmt, err := r.conn.prepare(query)
	if err == nil {
		err = bind(stmt, args)
	}
	if err != nil {
		return r.failure(err)
	}
	if duck.PendingPreparedStreaming(stmt, &r.pending) == duck.StateError {
		return r.failure(translateText(duck.PendingError(r.pending)))
	}
	if duck.ExecutePending(r.pending, &r.result) == duck.StateError {
		return r.failure(translateText(duck.ResultError(&r.result)))
	}
	return r.describe()
}

// failure returns the error of ctx rather than that of the interrupt which it caused.
func (r *Rows) failure(err error) error {
	if ended := r.ctx.Err(); ended != nil {
		return ended
	}
	return err
}

// describe finds out how the columns are read.
func (r *Rows) describe() error {
	n := int(duck.ColumnCount(&r.result))
	r.columns, r.vectors = make([]RowColumn, n), make([]vector, n)
	for i := range n {
		column, read, err := describeColumn(&r.result, duck.IdxT(i))
		if err != nil {
			return err
		}
		r.columns[i], r.vectors[i].layout = column, read
	}
	return nil
}

// Columns describes the columns, in order.
func (r *Rows) Columns() []RowColumn { return r.columns }

// Next goes to the next row; false at the end, and on an error, which Err then tells.
func (r *Rows) Next() bool {
	r.row++
	if r.row < r.size {
		return true
	}
	for !r.done {
		if r.fetch() {
			return true
		}
	}
	return false
}

// fetch reads the next chunk; false when it is empty or there is none.
func (r *Rows) fetch() bool {
	r.row, r.size = 0, 0
	duck.DestroyDataChunk(&r.chunk)
	if r.err = r.ctx.Err(); r.err != nil {
		r.done = true
		return false
	}
	r.chunk = duck.FetchChunk(r.result)
	if r.chunk.Ptr == nil {
		r.done = true
		if msg := duck.ResultError(&r.result); msg != "" {
			r.err = r.failure(translateText(msg))
		}
		return false
	}
	for i := range r.vectors {
		r.vectors[i].point(duck.DataChunkGetVector(r.chunk, duck.IdxT(i)))
	}
	r.size = int(duck.DataChunkGetSize(r.chunk))
	return r.size > 0
}

// Err returns what ended the rows before their end, nil if nothing did.
func (r *Rows) Err() error { return r.err }

// Close ends the query. It may be called twice.
func (r *Rows) Close() error {
	if r.conn == nil {
		return nil
	}
	r.done, r.row, r.size = true, 0, 0
	duck.DestroyDataChunk(&r.chunk)
	duck.DestroyResult(&r.result)
	duck.DestroyPending(&r.pending)
	r.watch()
	r.file.put(r.conn)
	r.conn = nil
	return nil
}
