package engine

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/duckdb/duckdb-go/v2"
)

// Append adds rows to a table, many at a time. Fill is given add, which takes the
// values of one row in the order of the table's columns; the rows are there when
// Append returns without error.
//
// Errors: that of fill; a value that does not fit its column.
func (db *DB) Append(ctx context.Context, table string, fill func(add func(values ...driver.Value) error) error) error {
	return db.AppendTo(ctx, "", table, fill)
}

// AppendTo is [DB.Append] to a table of a schema.
func (db *DB) AppendTo(ctx context.Context, schema, table string, fill func(add func(values ...driver.Value) error) error) error {
	conn, err := db.sql.Conn(ctx)
	if err != nil {
		return translate(err)
	}
	defer func() { _ = conn.Close() }() // returns the connection to the pool
	err = conn.Raw(func(raw any) error {
		c, ok := raw.(driver.Conn)
		if !ok {
			return ErrQuery
		}
		appender, err := duckdb.NewAppenderFromConn(c, schema, table)
		if err != nil {
			return translate(err)
		}
		err = fill(func(values ...driver.Value) error { return translate(appender.AppendRow(values...)) })
		return errors.Join(err, translate(appender.Close()))
	})
	if err != nil {
		return fmt.Errorf("append to %s: %w", table, err)
	}
	return nil
}
