package explore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/odsql"
)

// work is a statement to run, and how much that is.
type work struct {
	table     queried
	statement odsql.Statement
	cost      odsql.Cost
}

// queried is what statements are run on; as serving.Table is.
type queried interface {
	Query(ctx context.Context, sql string, args ...any) (*engine.Rows, error)
}

// spend does some work on the engine. Every query of this package passes here, and
// nowhere else: what bounds their number or their time belongs here.
//
// The time that the work may take is measured by a [meter], which do may stop while it
// waits for something else than the engine.
//
// Errors: those of do; errTimeout.
func (a *API) spend(ctx context.Context, _ work, do func(context.Context, *meter) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	m := newMeter(a.o.Timeout, func() { cancel(errTimeout) })
	defer m.stop()
	err := do(ctx, m)
	if err != nil && errors.Is(context.Cause(ctx), errTimeout) {
		err = fmt.Errorf("%w: %w", errTimeout, err)
	}
	return err
}

// run runs a statement and hands over its rows.
//
// Errors: those of the engine and of each; errTimeout.
func (a *API) run(ctx context.Context, w work, each func(*engine.Rows, *meter) error) error {
	return a.spend(ctx, w, func(ctx context.Context, m *meter) (err error) {
		rows, err := w.table.Query(ctx, w.statement.SQL, w.statement.Args...)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		for rows.Next() {
			if err := each(rows, m); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// meter gives up on a query that takes too long.
type meter struct {
	timer *time.Timer
	limit time.Duration
}

func newMeter(limit time.Duration, giveUp func()) *meter {
	return &meter{time.AfterFunc(limit, giveUp), limit}
}

func (m *meter) stop() { m.timer.Stop() }

// restart gives the query the whole time again.
func (m *meter) restart() { m.timer.Reset(m.limit) }

// count runs a statement that counts.
func (a *API) count(ctx context.Context, t queried, q *odsql.Query) (n int64, err error) {
	err = a.run(ctx, work{t, q.Count(), max(q.Cost(), odsql.CostScan)}, func(rows *engine.Rows, _ *meter) error {
		n = rows.Int(0)
		return nil
	})
	return n, err
}
