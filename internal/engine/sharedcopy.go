package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// ParquetFile says how a Parquet file is written.
type ParquetFile struct {
	// Path lies in the directory of the instance.
	Path string
	// Compression is snappy or zstd.
	Compression string
	// Columns are the columns, in order.
	Columns []ParquetColumn
}

// ParquetColumn is a column of a Parquet file.
type ParquetColumn struct {
	Name string
	// Type is what the column is cast to; that of the query when empty.
	Type string
}

// parquetGroup is the number of rows of a row group.
const parquetGroup = 100_000

// WriteParquet runs one SELECT as [File.Query] does, and writes its rows to a file, in
// their order. What is there after a failure is of no use.
//
// Errors: those of [File.Query]; [ErrFile].
func (f *File) WriteParquet(ctx context.Context, to ParquetFile, query string, args ...any) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !slices.Contains([]string{"snappy", "zstd"}, to.Compression) {
		return fmt.Errorf("%w: compression %q", ErrQuery, to.Compression)
	}
	c, err := f.take()
	if err != nil {
		return err
	}
	end := watchContext(ctx, c)
	defer func() {
		end()
		f.put(c)
		if ended := ctx.Err(); err != nil && ended != nil {
			err = ended // rather than the interrupt which it caused
		}
	}()
	// By itself first: it must be one SELECT.
	if _, err := c.prepare(query); err != nil {
		return err
	}
	return c.copyOut(to, query, args)
}

// copyOut runs a COPY of a query.
func (c *conn) copyOut(to ParquetFile, query string, args []any) error {
	names, shown := make([]string, len(to.Columns)), make([]string, len(to.Columns))
	for i, c := range to.Columns {
		names[i] = Ident(c.Name)
		if shown[i] = names[i]; c.Type != "" {
			shown[i] = fmt.Sprintf("CAST(%s AS %s) AS %[1]s", names[i], c.Type)
		}
	}
	statement := fmt.Sprintf("COPY (SELECT %s FROM (%s) AS lignes(%s)) TO %s (FORMAT parquet, COMPRESSION %s, ROW_GROUP_SIZE %d)",
		strings.Join(shown, ", "), query, strings.Join(names, ", "), Literal(to.Path), to.Compression, parquetGroup)
	var raw duck.PreparedStatement
	defer duck.DestroyPrepare(&raw)
	if duck.Prepare(c.raw, statement, &raw) == duck.StateError {
		return translateText(duck.PrepareError(raw))
	}
	if err := bind(raw, args); err != nil {
		return err
	}
	var res duck.Result
	defer duck.DestroyResult(&res)
	if duck.ExecutePrepared(raw, &res) == duck.StateError {
		return translateText(duck.ResultError(&res))
	}
	return nil
}
