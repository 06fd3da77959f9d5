package publisher

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// batchFiles is how many training files are counted by one statement, whole periods
// together: enough that starting it costs nothing, few enough that it needs little
// memory.
const batchFiles = 2_000_000

// scopeTable holds the files in scope of the new periods; the recipes see those of
// some periods of it as champ.
const scopeTable = "champ_complet"

// buildCells makes the raw tables of a statistical dataset for the periods that are new.
// Those of longer periods wait until the tables of the first unit of time are finished.
func (r *run) buildCells(ctx context.Context) error {
	if r.settled = r.served(r.lastFile()); r.settled {
		return nil
	}
	r.tell(StepBuild, "files in scope")
	sql, err := r.scope()
	if err != nil {
		return err
	}
	if err := r.db.Exec(ctx, sql); err != nil {
		return fmt.Errorf("files in scope: %w", err)
	}
	for _, unit := range r.units() {
		batches, err := r.batches(ctx, unit)
		if err != nil {
			return err
		}
		for _, c := range r.calendars {
			if c.period.Unit == unit {
				due := c.due(r.lastFile())
				c.fresh = slices.DeleteFunc(slices.Concat(batches...), func(p string) bool { return !slices.Contains(due, p) })
			}
		}
	}
	if len(r.periods()) == 0 {
		return r.refused([]hub.Refusal{{Reason: fmt.Sprintf("no file in scope falls in a period that ended before %s, the day up to which the extract has files and fundings", r.lastFile().Format(time.DateOnly))}})
	}
	return r.buildUnit(ctx, r.units()[0])
}

// units are the units of time of the tables, that of the dataset first.
func (r *run) units() []datasets.Unit {
	var all []datasets.Unit
	for _, c := range r.calendars {
		if !slices.Contains(all, c.period.Unit) {
			all = append(all, c.period.Unit)
		}
	}
	return all
}

// buildUnit makes the raw tables of one unit of time.
func (r *run) buildUnit(ctx context.Context, unit datasets.Unit) error {
	batches, err := r.batches(ctx, unit)
	if err != nil {
		return err
	}
	into := map[string]string{}
	for _, b := range batches {
		if err := r.db.Exec(ctx, champ(unit, b)+r.dataset.Preparation[unit]); err != nil {
			return fmt.Errorf("what the tables by %s share: %w", unit, err)
		}
		for _, c := range r.calendars {
			if c.period.Unit != unit {
				continue
			}
			for _, t := range c.tables {
				r.tell(StepBuild, t.ID+" "+strings.Join(b, " "))
				if into[t.ID] == "" {
					into[t.ID] = "CREATE TABLE " + engine.Ident(rawPrefix+t.ID) + " AS\n"
				}
				if err := r.db.Exec(ctx, into[t.ID]+"SELECT * FROM (\n"+r.recipe(t.SQL)+"\n) WHERE "+inPeriods(t, c.fresh)); err != nil {
					return fmt.Errorf("table %s: %w", t.ID, err)
				}
				into[t.ID] = "INSERT INTO " + engine.Ident(rawPrefix+t.ID) + "\n"
			}
		}
	}
	return nil
}

// lastFile is the day up to which the extract tells of training files and of their
// fundings. A period is over when both go on after its end: a list that was renewed
// says nothing of it, and a file whose fundings are late would be left out for good.
func (r *run) lastFile() time.Time {
	files, fundings := r.report.Latest("dossiers"), r.report.Latest("financements")
	if fundings.Before(files) {
		return fundings
	}
	return files
}

// scope is the SQL that makes the table of the files in scope of all periods that are
// due.
func (r *run) scope() (string, error) {
	first, last := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	conditions := []string{"false"}
	for _, c := range r.calendars {
		due := c.due(r.lastFile())
		if len(due) == 0 {
			continue
		}
		start, err := c.period.Unit.Start(due[0])
		if err != nil {
			return "", err
		}
		end, err := c.period.Unit.Start(due[len(due)-1])
		if err != nil {
			return "", err
		}
		if len(conditions) == 1 || start.Before(first) {
			first = start
		}
		if end = c.period.Unit.End(end); end.After(last) {
			last = end
		}
		conditions = append(conditions, fmt.Sprintf("%s IN (%s)", label(c.period.Unit), engine.Literals(due)))
	}
	sql := strings.NewReplacer(
		"$debut", "DATE "+engine.Literal(first.Format(time.DateOnly)), "$fin", "DATE "+engine.Literal(last.Format(time.DateOnly))).Replace(r.dataset.Scope)
	return fmt.Sprintf("CREATE OR REPLACE TABLE %s AS SELECT * FROM (\n%s\n) WHERE %s", scopeTable, sql, strings.Join(conditions, " OR ")), nil
}

// label is the SQL of the label of the period of a unit of time in which a file of champ
// counts.
func label(unit datasets.Unit) string {
	if unit == datasets.UnitYear {
		return "substr(periode, 1, 4)"
	}
	return "periode"
}

// champ is the SQL that shows the recipes the files of some periods of a unit of time.
func champ(unit datasets.Unit, periods []string) string {
	return fmt.Sprintf("CREATE OR REPLACE VIEW champ AS SELECT * FROM %s WHERE %s IN (%s);\n", scopeTable, label(unit), engine.Literals(append([]string{""}, periods...)))
}

// inPeriods is the SQL condition that a row of a table is of one of some periods.
func inPeriods(t datasets.Table, periods []string) string {
	return fmt.Sprintf("CAST(%s AS VARCHAR) IN (%s)", engine.Ident(t.Period.Field), engine.Literals(append([]string{""}, periods...)))
}

// batches parts the periods of a unit of time that have files in scope into lots of about
// [batchFiles] files; one empty lot if there is none. Periods of which not all is in
// scope, as a year of which a month is new, are not due and in none.
func (r *run) batches(ctx context.Context, unit datasets.Unit) ([][]string, error) {
	var due []string
	for _, c := range r.calendars {
		if c.period.Unit == unit {
			due = append(due, c.due(r.lastFile())...)
		}
	}
	all := [][]string{{}}
	var files int64
	q := fmt.Sprintf("SELECT %[1]s AS label, count(*) FROM %[2]s WHERE label IN (%[3]s) GROUP BY label ORDER BY label", label(unit), scopeTable, engine.Literals(append(due, "")))
	err := r.db.Each(ctx, q, func(scan func(...any) error) error {
		var p string
		var n int64
		if err := scan(&p, &n); err != nil {
			return err
		}
		if files > 0 && files+n > batchFiles {
			all, files = append(all, nil), 0
		}
		all[len(all)-1], files = append(all[len(all)-1], p), files+n
		return nil
	})
	return all, err
}
