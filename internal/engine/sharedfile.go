package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// File is a database file that is only read. It is safe for concurrent use.
type File struct {
	shared *Shared
	name   string

	mu   sync.Mutex // of what follows
	idle []*conn
	used int
}

// maxIdle is how many connections of a file are kept for the next queries.
const maxIdle = 8

// errInUse: a file is closed while rows are open; a defect of the program.
var errInUse = errors.New("rows are open")

// Query runs one SELECT, in which the tables of the file go by their plain names.
// Args are the values of its parameters, in order: string, int64, float64, bool or
// nil. When ctx ends the query is interrupted. The caller closes the rows; as long as
// they are open they hold a connection.
//
// Errors: [ErrQuery] for anything but one SELECT; the other kinds of the package; that
// of ctx.
func (f *File) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c, err := f.take()
	if err != nil {
		return nil, err
	}
	r := &Rows{ctx: ctx, file: f, conn: c}
	r.watch = watchContext(ctx, c)
	if err := r.start(query, args); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// take returns a connection whose unqualified names are those of the file.
func (f *File) take() (*conn, error) {
	f.mu.Lock()
	f.used++
	if last := len(f.idle) - 1; last >= 0 {
		c := f.idle[last]
		f.idle = f.idle[:last]
		f.mu.Unlock()
		return c, nil
	}
	f.mu.Unlock()
	c, err := connect(f.shared.base)
	if err == nil {
		if err = c.exec("USE " + f.name); err != nil {
			c.close()
		}
	}
	if err != nil {
		f.mu.Lock()
		f.used--
		f.mu.Unlock()
		return nil, err
	}
	return c, nil
}

// put gives a connection back.
func (f *File) put(c *conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.used--
	if len(f.idle) < maxIdle {
		f.idle = append(f.idle, c)
		return
	}
	c.close()
}

// Close closes the connections and the file, which may be deleted then. No rows may be
// open.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.used > 0 {
		return fmt.Errorf("close %s: %w", f.name, errInUse)
	}
	for _, c := range f.idle {
		c.close()
	}
	f.idle = nil
	return f.shared.detach(f.name)
}
