package explore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/parvis-opendata/parvis/api/fairuse"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/odsql"
	"github.com/parvis-opendata/parvis/internal/traces"
)

// work is a statement to run, and how much that is.
type work struct {
	table     queried
	statement odsql.Statement
	cost      odsql.Cost
	// export says that all rows are read, which takes as long as the client takes.
	export bool
}

// lane is where the work waits for its turn.
func (w work) lane() fairuse.Lane {
	switch {
	case w.export:
		return fairuse.Export
	case w.cost == odsql.CostAggregate:
		return fairuse.Aggregate
	}
	return fairuse.Page
}

// queried is what statements are run on; as serving.Table is.
type queried interface {
	Query(ctx context.Context, sql string, args ...any) (*engine.Rows, error)
}

// spend does some work on the engine. Every query of this package passes here, and
// nowhere else: what bounds their number or their time belongs here.
//
// It waits for its turn first. The time that it then may take is measured by a [meter],
// which do pauses while it waits for something else than the engine.
//
// Errors: those of do; errTimeout; [*fairuse.RefusedError].
func (a *API) spend(ctx context.Context, w work, do func(context.Context, *meter) error) (err error) {
	turn, err := a.o.Use.Enter(ctx, w.lane())
	if err != nil {
		return err
	}
	defer turn.Leave()
	ctx, span := traces.Begin(ctx, "query")
	span.Text("parvis.kind", w.lane().String())
	defer func() { span.End(err) }()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	m := newMeter(turn, a.o.Timeout, func() { cancel(errTimeout) })
	defer m.stop()
	err = do(ctx, m)
	if err != nil && errors.Is(context.Cause(ctx), errTimeout) {
		err = fmt.Errorf("%w: %w", errTimeout, err)
	}
	return err
}

// run runs a statement and hands over its rows.
//
// Errors: those of the engine and of each; errTimeout.
func (a *API) run(ctx context.Context, w work, each func(*engine.Rows, *meter) error) error {
	return a.spend(ctx, w, func(ctx context.Context, m *meter) error { return w.read(ctx, m, each) })
}

// read runs the statement and hands over its rows.
func (w work) read(ctx context.Context, m *meter, each func(*engine.Rows, *meter) error) (err error) {
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
}

// produce does some work on the engine, and then sends what came of it. Meanwhile others
// have the engine, but the work still counts as under way, since its file takes disk.
//
// Errors: as [API.spend]; those of send.
func (a *API) produce(ctx context.Context, w work, do func(context.Context, *meter) error, send func() error) error {
	return a.spend(ctx, w, func(ctx context.Context, m *meter) error {
		if err := do(ctx, m); err != nil {
			return err
		}
		m.timer.Stop()
		m.turn.Pause()
		return send()
	})
}

// meter gives up on a query that takes too long.
type meter struct {
	turn  *fairuse.Turn
	timer *time.Timer
	limit time.Duration
}

func newMeter(turn *fairuse.Turn, limit time.Duration, giveUp func()) *meter {
	return &meter{turn, time.AfterFunc(limit, giveUp), limit}
}

func (m *meter) stop() { m.timer.Stop() }

// restart gives the query the whole time again.
func (m *meter) restart() { m.timer.Reset(m.limit) }

// pause lets others have the engine while do, which the client keeps waiting, does
// something else. Then the query takes its turn again, and has the whole time.
func (m *meter) pause(ctx context.Context, do func() error) error {
	m.timer.Stop()
	m.turn.Pause()
	if err := do(); err != nil {
		return err
	}
	if err := m.turn.Resume(ctx); err != nil {
		return err
	}
	m.restart()
	return nil
}

// count runs a statement that counts.
func (a *API) count(ctx context.Context, t queried, q *odsql.Query) (n int64, err error) {
	err = a.run(ctx, work{table: t, statement: q.Count(), cost: max(q.Cost(), odsql.CostScan)}, func(rows *engine.Rows, _ *meter) error {
		n = rows.Int(0)
		return nil
	})
	return n, err
}
