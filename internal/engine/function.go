package engine

import (
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/duckdb/duckdb-go/v2"
)

// TextFunction is a Go function that SQL may call. It receives texts, none of
// them null (a null argument gives a null result without a call), and returns
// a text and some counts. It must be pure and safe for concurrent use.
type TextFunction func(args []string) (text string, counts []int32)

// Register makes fn callable in SQL under name, with n arguments of type
// VARCHAR. Its result is a structure with the field texte and one INTEGER field
// for each of the names in counts.
func (db *DB) Register(ctx context.Context, name string, n int, counts []string, fn TextFunction) error {
	conn, err := db.sql.Conn(ctx)
	if err != nil {
		return translate(err)
	}
	defer func() { _ = conn.Close() }() // returns the connection to the pool
	f, err := newScalar(n, counts, fn)
	if err != nil {
		return fmt.Errorf("register function %s: %w", name, err)
	}
	if err := duckdb.RegisterScalarUDF(conn, name, f); err != nil {
		return fmt.Errorf("register function %s: %w", name, translate(err))
	}
	return nil
}

// scalar is a TextFunction in the shape that the driver wants.
type scalar struct {
	config duckdb.ScalarFuncConfig
	counts []string
	fn     TextFunction
}

func newScalar(n int, counts []string, fn TextFunction) (*scalar, error) {
	varchar, err := duckdb.NewTypeInfo(duckdb.TYPE_VARCHAR)
	if err != nil {
		return nil, err
	}
	integer, err := duckdb.NewTypeInfo(duckdb.TYPE_INTEGER)
	if err != nil {
		return nil, err
	}
	text, err := duckdb.NewStructEntry(varchar, "texte")
	if err != nil {
		return nil, err
	}
	fields := make([]duckdb.StructEntry, len(counts))
	for i, c := range counts {
		if fields[i], err = duckdb.NewStructEntry(integer, c); err != nil {
			return nil, err
		}
	}
	result, err := duckdb.NewStructInfo(text, fields...)
	if err != nil {
		return nil, err
	}
	s := &scalar{counts: counts, fn: fn, config: duckdb.ScalarFuncConfig{ResultTypeInfo: result}}
	for range n {
		s.config.InputTypeInfos = append(s.config.InputTypeInfos, varchar)
	}
	return s, nil
}

// Config implements duckdb.ScalarFunc.
func (s *scalar) Config() duckdb.ScalarFuncConfig { return s.config }

// Executor implements duckdb.ScalarFunc.
func (s *scalar) Executor() duckdb.ScalarFuncExecutor {
	return duckdb.ScalarFuncExecutor{RowExecutor: s.call}
}

func (s *scalar) call(values []driver.Value) (any, error) {
	args := make([]string, len(values))
	for i, v := range values {
		text, ok := v.(string)
		if !ok {
			return nil, ErrQuery
		}
		args[i] = text
	}
	text, counts := s.fn(args)
	row := map[string]any{"texte": text}
	for i, name := range s.counts {
		row[name] = counts[i]
	}
	return row, nil
}
