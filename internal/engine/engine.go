// Package engine runs SQL over files and tables with bounded memory. It owns the
// DuckDB library: nothing else in the project imports it. What the SQL says is
// the business of its callers.
//
// Invariant: an error that leaves this package never repeats a value of the
// data. DuckDB quotes the offending value in its conversion and parsing errors;
// [translate] keeps the class of such an error and drops its text.
package engine

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// Options says how much of the machine a database may use.
type Options struct {
	// File is where tables are kept; empty keeps them in memory.
	File string
	// TempDir receives what does not fit in memory; empty means next to File.
	TempDir string
	// MemoryLimit is a size such as "2GB"; empty leaves the engine's default.
	MemoryLimit string
	// Threads is the number of threads; 0 means one per core.
	Threads int
	// Lasting makes the file one to be read for long: rows stay in the order of their
	// insertion, and are compressed.
	Lasting bool
	// TimeZone is the zone in which a timestamp without offset is read;
	// empty means UTC.
	TimeZone string
}

// DB is one database. It is safe for concurrent use.
type DB struct {
	sql *sql.DB
	run runner
	tmp string
}

// runner runs statements: a pool of connections or one of them.
type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Open makes a database. The caller closes it.
func Open(ctx context.Context, o Options) (*DB, error) {
	connector, err := duckdb.NewConnector("", func(e driver.ExecerContext) error {
		for _, q := range o.session() {
			if _, err := e.ExecContext(ctx, q, nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("open engine: %w", translate(err))
	}
	pool := sql.OpenDB(connector)
	db := &DB{sql: pool, run: pool, tmp: o.TempDir}
	for _, q := range o.global() {
		if err := db.Exec(ctx, q); err != nil {
			return nil, errors.Join(fmt.Errorf("open engine: %w", err), db.Close())
		}
	}
	return db, nil
}

// global returns the statements that hold for every connection.
func (o Options) global() []string {
	q := []string{
		"SET GLOBAL autoinstall_known_extensions = false",
		"SET GLOBAL autoload_known_extensions = false",
	}
	if !o.Lasting {
		q = append(q,
			// Tables have no order; whoever needs one says so. Keeping the order of
			// insertion costs memory.
			"SET GLOBAL preserve_insertion_order = false",
			// Tables live as long as a run: compressing texts takes longer than writing
			// them.
			"SET GLOBAL force_compression = 'uncompressed'")
	}
	if o.MemoryLimit != "" {
		q = append(q, "SET GLOBAL memory_limit = "+Literal(o.MemoryLimit))
	}
	if o.Threads > 0 {
		q = append(q, fmt.Sprintf("SET GLOBAL threads = %d", o.Threads))
	}
	if o.TempDir != "" {
		q = append(q, "SET GLOBAL temp_directory = "+Literal(o.TempDir))
	}
	return q
}

// session returns the statements that each new connection begins with. A file
// is attached rather than opened, so that any path is accepted as it is.
func (o Options) session() []string {
	var q []string
	if o.File != "" {
		// A thread holds a row group in memory before it is written; with long
		// texts, the default of 122 880 rows is several hundred megabytes.
		options := "ROW_GROUP_SIZE 30720"
		if o.Lasting {
			// Compressing needs more memory; the latest format compresses texts better.
			options = "ROW_GROUP_SIZE 10240, STORAGE_VERSION 'latest'"
		}
		q = append(q, "ATTACH IF NOT EXISTS "+Literal(o.File)+" AS parvis ("+options+")", "USE parvis")
	}
	zone := o.TimeZone
	if zone == "" {
		zone = "UTC"
	}
	return append(q, "SET TimeZone = "+Literal(zone))
}

// Close ends the database. Its file stays.
func (db *DB) Close() error { return translate(db.sql.Close()) }

// Pin gives fn a view of the database that keeps to one connection, on which
// temporary tables live. The connection is closed afterwards and they with it.
func (db *DB) Pin(ctx context.Context, fn func(*DB) error) error {
	conn, err := db.sql.Conn(ctx)
	if err != nil {
		return translate(err)
	}
	err = fn(&DB{sql: db.sql, run: conn, tmp: db.tmp})
	discard := conn.Raw(func(any) error { return driver.ErrBadConn })
	if discard != nil && !errors.Is(discard, driver.ErrBadConn) {
		err = errors.Join(err, translate(discard))
	}
	return err
}

// Exec runs one statement or several.
func (db *DB) Exec(ctx context.Context, query string, args ...any) error {
	_, err := db.run.ExecContext(ctx, query, args...)
	return translate(err)
}

// Row reads the single row of a query into dest.
//
// Errors: [ErrNoRow] when there is none.
func (db *DB) Row(ctx context.Context, query string, dest []any, args ...any) error {
	return translate(db.run.QueryRowContext(ctx, query, args...).Scan(dest...))
}

// Count reads the single whole number of a query; no row or null is zero.
func (db *DB) Count(ctx context.Context, query string, args ...any) (int64, error) {
	var n sql.NullInt64
	err := db.Row(ctx, query, []any{&n}, args...)
	if errors.Is(err, ErrNoRow) {
		err = nil
	}
	return n.Int64, err
}

// Each calls fn for every row of a query; scan copies the row's values.
func (db *DB) Each(ctx context.Context, query string, fn func(scan func(dest ...any) error) error, args ...any) (err error) {
	rows, err := db.run.QueryContext(ctx, query, args...)
	if err != nil {
		return translate(err)
	}
	defer func() { err = errors.Join(err, translate(rows.Close())) }()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return translate(rows.Err())
}

// Text is a value as text, or null.
type Text = sql.NullString

// Texts calls fn for every row of a query whose n columns are all text. The
// slice is reused from row to row; the strings are not.
func (db *DB) Texts(ctx context.Context, query string, n int, fn func(row []Text) error) error {
	row := make([]Text, n)
	dest := make([]any, n)
	for i := range row {
		dest[i] = &row[i]
	}
	return db.Each(ctx, query, func(scan func(...any) error) error {
		if err := scan(dest...); err != nil {
			return translate(err)
		}
		return fn(row)
	})
}

// Column is a column of a relation: its name and its type in SQL.
type Column struct{ Name, Type string }

// Columns returns the columns of a query in order, without running it.
func (db *DB) Columns(ctx context.Context, query string) ([]Column, error) {
	var cols []Column
	err := db.Each(ctx, "SELECT column_name, column_type FROM (DESCRIBE "+query+")", func(scan func(...any) error) error {
		var c Column
		if err := scan(&c.Name, &c.Type); err != nil {
			return err
		}
		cols = append(cols, c)
		return nil
	})
	return cols, err
}

// SpilledBytes returns the size in bytes of what lies in the temporary
// directory now.
func (db *DB) SpilledBytes() int64 {
	var sum int64
	entries, err := os.ReadDir(db.tmp)
	if err != nil {
		return 0
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			sum += info.Size()
		}
	}
	return sum
}

// Ident quotes a name for use in SQL.
func Ident(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// Literal quotes a text for use in SQL.
func Literal(text string) string {
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// Literals quotes texts as a comma-separated list.
func Literals(texts []string) string {
	q := make([]string, len(texts))
	for i, t := range texts {
		q[i] = Literal(t)
	}
	return strings.Join(q, ", ")
}
