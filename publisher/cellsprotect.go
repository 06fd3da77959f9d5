package publisher

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/publisher/joint"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// shownTable holds the rows of raw tables that may be shown, and what of them may not.
const shownTable = "lignes_montrees"

// protectCells makes the tables that may be published: of the new periods, the cells
// that are neither secret nor needed to keep another secret, and the rows of the periods
// published before as they are.
func (r *run) protectCells(ctx context.Context) error {
	for _, unit := range r.units() {
		if unit != r.units()[0] {
			if err := r.buildUnit(ctx, unit); err != nil {
				return err
			}
		}
		for _, c := range r.calendars {
			if c.period.Unit != unit {
				continue
			}
			if err := r.protectCalendar(ctx, c); err != nil {
				return err
			}
		}
		if unit == r.units()[0] && r.dataset.Published != "" {
			if err := r.db.Exec(ctx, r.dataset.Published); err != nil {
				return fmt.Errorf("figures as they are published: %w", err)
			}
		}
	}
	r.result.Cells, r.result.Periods = r.cells, r.calendars[0].fresh
	return nil
}

// protectCalendar protects the tables of one calendar, all of them together and each
// period by itself, and finishes them.
func (r *run) protectCalendar(ctx context.Context, c *calendar) error {
	if err := r.db.Exec(ctx, "CREATE OR REPLACE TABLE "+shownTable+" (\"table\" VARCHAR, ligne BIGINT, sans_moyenne BOOLEAN, sans_financeurs BOOLEAN)"); err != nil {
		return err
	}
	tallies := map[string]*tally{}
	for _, t := range c.tables {
		tallies[t.ID] = newTally(t.ID, r.Profile)
	}
	err := r.db.Append(ctx, shownTable, func(add func(...driver.Value) error) error {
		return r.decide(ctx, c, func(period string, d joint.Decision) error {
			r.judgeFaults(period, d)
			for _, row := range d.Rows {
				tallies[row.Table].add(period, row)
				if row.Hidden {
					continue
				}
				if err := add(row.Table, row.ID, row.NoMean, row.NoFunders); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	if err := r.prepareGrids(ctx, c); err != nil {
		return err
	}
	for _, t := range c.tables {
		r.tell(StepProtect, t.ID)
		r.cells = append(r.cells, tallies[t.ID].count())
		if err := r.finishTable(ctx, c, t); err != nil {
			return fmt.Errorf("table %s: %w", t.ID, err)
		}
	}
	return nil
}

// decide protects the new periods, several at a time, and tells of each in order.
func (r *run) decide(ctx context.Context, c *calendar, fn func(period string, d joint.Decision) error) error {
	tables := &joint.Tables{Dataset: r.dataset, Tables: c.tables, Raw: func(id string) string { return rawPrefix + id }, Profile: r.Profile}
	type outcome struct {
		decision joint.Decision
		err      error
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	ahead := make(chan chan outcome, r.processors()) // as many periods are held in memory, and one more
	running.Go(func() {
		defer close(ahead)
		for _, period := range c.fresh {
			p, err := tables.Read(ctx, r.db, period)
			done := make(chan outcome, 1)
			select {
			case ahead <- done:
			case <-ctx.Done():
				return
			}
			if err != nil {
				done <- outcome{err: err}
				return
			}
			running.Go(func() {
				d, err := p.Protect()
				done <- outcome{d, err}
			})
		}
	})
	i := 0
	for done := range ahead {
		o := <-done
		if o.err != nil {
			return fmt.Errorf("period %s: %w", c.fresh[i], o.err)
		}
		r.tell(StepProtect, c.fresh[i])
		if err := fn(c.fresh[i], o.decision); err != nil {
			return err
		}
		i++
	}
	return ctx.Err()
}

// prepareGrids makes what the grids of summary tables are drawn from: the new periods, and
// the certifications that have a cell that is shown.
func (r *run) prepareGrids(ctx context.Context, c *calendar) error {
	named := []string{"SELECT '' AS periode, '' AS certification WHERE false"}
	for _, t := range c.tables {
		if column, ok := t.Cell["certification"]; ok {
			named = append(named, fmt.Sprintf("SELECT CAST(%s AS VARCHAR), %s FROM %s", engine.Ident(t.Period.Field), engine.Ident(column), shownRows(t)))
		}
	}
	periods := fmt.Sprintf("SELECT periode FROM (SELECT unnest([%s]) AS periode) WHERE periode <> ''", engine.Literals(append([]string{""}, c.fresh...)))
	return r.db.Exec(ctx, "CREATE OR REPLACE TABLE periodes AS "+periods+";\nCREATE OR REPLACE TABLE certifications_montrees AS\n"+strings.Join(named, "\nUNION\n"))
}

// shownRows is the SQL relation of the rows of a raw table that are shown.
func shownRows(t datasets.Table) string {
	return fmt.Sprintf("%s AS brut JOIN %s AS m ON m.\"table\" = %s AND m.ligne = brut.rowid", engine.Ident(rawPrefix+t.ID), shownTable, engine.Literal(t.ID))
}

// finishTable makes a table as it is published: the rows that are shown, of a summary the
// other members too, without figures, and the rows published before.
func (r *run) finishTable(ctx context.Context, c *calendar, t datasets.Table) error {
	if err := r.fetchCarried(ctx, c, t); err != nil {
		return err
	}
	carried, err := r.carriedRows(ctx, c, t)
	if err != nil {
		return err
	}
	name := engine.Ident(t.ID)
	create := "CREATE TABLE " + name + " AS\n" + strings.Join(append([]string{shownCells(t)}, carried...), "\nUNION ALL BY NAME\n")
	if err := r.db.Exec(ctx, create); err != nil {
		return err
	}
	if t.Grid != "" {
		if err := r.db.Exec(ctx, "INSERT INTO "+name+" BY NAME\n"+otherMembers(t, r.recipe(t.Grid))); err != nil {
			return err
		}
	}
	return r.db.Exec(ctx, "DROP TABLE "+engine.Ident(rawPrefix+t.ID))
}

// shownCells is the SQL of the cells that may be shown, with what tells the audit
// which files they were made from.
func shownCells(t datasets.Table) string {
	var cols []string
	for _, f := range t.Fields {
		value := engine.Ident(f.Name)
		switch {
		case f.RestsOn != "":
			value = fmt.Sprintf("CASE WHEN NOT sans_moyenne THEN %s END", value)
		case f.Funder != "":
			value = fmt.Sprintf("CASE WHEN NOT sans_financeurs THEN coalesce(%s, 0) END", value)
		}
		cols = append(cols, fmt.Sprintf("CAST(%s AS %s) AS %s", value, f.Type.SQL(), engine.Ident(f.Name)))
	}
	for _, name := range t.Hidden() {
		cols = append(cols, engine.Ident(name))
	}
	return fmt.Sprintf("SELECT %s FROM %s", strings.Join(cols, ", "), shownRows(t))
}

// otherMembers is the SQL of the rows of a grid that are not in the table yet, without any
// figure.
func otherMembers(t datasets.Table, grid string) string {
	var cols, on []string
	for _, f := range t.Fields {
		value := "g." + engine.Ident(f.Name)
		if f.Measure {
			value = "NULL"
		}
		cols = append(cols, fmt.Sprintf("CAST(%s AS %s) AS %s", value, f.Type.SQL(), engine.Ident(f.Name)))
	}
	for _, name := range t.Hidden() {
		cols = append(cols, "g."+engine.Ident(name))
	}
	for _, name := range t.Key {
		on = append(on, fmt.Sprintf("g.%[1]s IS NOT DISTINCT FROM t.%[1]s", engine.Ident(name)))
	}
	return fmt.Sprintf("SELECT %s FROM (\n%s\n) AS g ANTI JOIN %s AS t ON %s", strings.Join(cols, ", "), grid, engine.Ident(t.ID), strings.Join(on, " AND "))
}

// fetchCarried fetches the tables that hold the periods published before.
func (r *run) fetchCarried(ctx context.Context, c *calendar, t datasets.Table) error {
	for _, s := range c.sources {
		o, ok := s.manifest.Object(t.ID + ".parquet")
		if !ok && t.Joined {
			continue
		}
		if !ok {
			return fmt.Errorf("release %s has no such table; withdraw it, so that its periods are computed anew", s.manifest.Release)
		}
		if err := r.archive.Fetch(ctx, release.ObjectName(r.dataset.ID, s.manifest.Release, o.Name), o, r.carriedPath(s, t)); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) carriedPath(s source, t datasets.Table) string {
	return filepath.Join(r.dir, "carried-"+s.manifest.Release+"-"+t.ID+".parquet")
}

// carriedRows is the SQL of the rows published before, one query per release that
// gives some. A field that a release did not have yet is null; a release made before the
// table joined the dataset has no row of it.
func (r *run) carriedRows(ctx context.Context, c *calendar, t datasets.Table) ([]string, error) {
	var all []string
	for _, s := range c.sources {
		if _, ok := s.manifest.Object(t.ID + ".parquet"); !ok {
			continue
		}
		file := "read_parquet(" + engine.Literal(r.carriedPath(s, t)) + ", hive_partitioning = false)"
		there, err := r.db.Columns(ctx, "SELECT * FROM "+file)
		if err != nil {
			return nil, err
		}
		cols := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			value := "NULL"
			if slices.ContainsFunc(there, func(c engine.Column) bool { return c.Name == f.Name }) {
				value = engine.Ident(f.Name)
			}
			cols[i] = fmt.Sprintf("CAST(%s AS %s) AS %s", value, f.Type.SQL(), engine.Ident(f.Name))
		}
		all = append(all, fmt.Sprintf("SELECT %s FROM %s WHERE %s", strings.Join(cols, ", "), file, inPeriods(t, s.periods)))
	}
	return all, nil
}

// judgeFaults notes what an attacker would learn of a period.
func (r *run) judgeFaults(period string, d joint.Decision) {
	r.attacked += d.Checks
	if d.Checks > 0 {
		r.widths = append(r.widths, DisclosureWidth{Period: period, Narrowest: d.Narrowest, Median: d.Median})
	}
	for _, f := range d.Faults {
		r.faults = append(r.faults, errors.New("period "+period+": "+f.String()))
	}
}

// processors is how many periods are protected at a time.
func (r *run) processors() int {
	if r.Threads > 0 {
		return r.Threads
	}
	return runtime.GOMAXPROCS(0)
}
