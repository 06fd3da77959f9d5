package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// conn is a connection with the statements that were prepared on it.
type conn struct {
	raw   duck.Connection
	stmts []prepared // the latest used last
}

type prepared struct {
	query string
	raw   duck.PreparedStatement
}

// maxPrepared is how many statements a connection keeps prepared. Planning a page of
// 47 columns costs more than reading it.
const maxPrepared = 32

func connect(base duck.Database) (*conn, error) {
	c := &conn{}
	if duck.Connect(base, &c.raw) == duck.StateError {
		return nil, ErrMemory
	}
	return c, nil
}

func (c *conn) close() {
	for i := range c.stmts {
		duck.DestroyPrepare(&c.stmts[i].raw)
	}
	c.stmts = nil
	duck.Disconnect(&c.raw)
}

// exec runs a statement without result.
func (c *conn) exec(query string) error {
	var res duck.Result
	defer duck.DestroyResult(&res)
	if duck.Query(c.raw, query, &res) == duck.StateError {
		return translateText(duck.ResultError(&res))
	}
	return nil
}

// prepare returns a SELECT, prepared.
func (c *conn) prepare(query string) (duck.PreparedStatement, error) {
	if i := slices.IndexFunc(c.stmts, func(p prepared) bool { return p.query == query }); i >= 0 {
		p := c.stmts[i]
		c.stmts = append(slices.Delete(c.stmts, i, i+1), p)
		duck.ClearBindings(p.raw)
		return p.raw, nil
	}
	var raw duck.PreparedStatement
	if duck.Prepare(c.raw, query, &raw) == duck.StateError {
		defer duck.DestroyPrepare(&raw)
		return raw, translateText(duck.PrepareError(raw))
	}
	if duck.PreparedStatementType(raw) != duck.StatementTypeSelect {
		duck.DestroyPrepare(&raw)
		return raw, fmt.Errorf("%w: not a SELECT", ErrQuery)
	}
	if len(c.stmts) == maxPrepared {
		duck.DestroyPrepare(&c.stmts[0].raw)
		c.stmts = slices.Delete(c.stmts, 0, 1)
	}
	c.stmts = append(c.stmts, prepared{query, raw})
	return raw, nil
}

// bind gives the parameters of a statement their values.
func bind(stmt duck.PreparedStatement, args []any) error {
	if n := int(duck.NParams(stmt)); n != len(args) {
		return fmt.Errorf("%w: %d parameters, %d values", ErrQuery, n, len(args))
	}
	for i, arg := range args {
		if bindOne(stmt, duck.IdxT(i+1), arg) == duck.StateError {
			return fmt.Errorf("%w: parameter %d cannot be a %T", ErrQuery, i+1, arg)
		}
	}
	return nil
}

func bindOne(stmt duck.PreparedStatement, i duck.IdxT, arg any) duck.State {
	switch v := arg.(type) {
	case string:
		return duck.BindVarcharLength(stmt, i, v, duck.IdxT(len(v)))
	case int64:
		return duck.BindInt64(stmt, i, v)
	case float64:
		return duck.BindDouble(stmt, i, v)
	case bool:
		return duck.BindBoolean(stmt, i, v)
	case nil:
		return duck.BindNull(stmt, i)
	default:
		return duck.StateError
	}
}

// interruptEvery is the pause between interrupts: one that comes between two statements
// is lost.
const interruptEvery = 10 * time.Millisecond

// watchContext interrupts what runs on a connection when ctx ends, until the returned
// function is called; then it touches the connection no more.
func watchContext(ctx context.Context, c *conn) (end func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		tick := time.NewTicker(interruptEvery)
		defer tick.Stop()
		for {
			duck.Interrupt(c.raw)
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	})
	return func() {
		if !stop() {
			close(done)
			<-ended
		}
	}
}
