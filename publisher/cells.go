package publisher

import (
	"context"
	"database/sql/driver"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/anonymize"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// batchFiles is how many training files are counted by one statement, whole periods
// together: enough that starting it costs nothing, few enough that it needs little
// memory.
const batchFiles = 2_000_000

// scopeTable holds the files in scope of the new periods; the recipes see those of
// some periods of it as champ.
const scopeTable = "champ_complet"

// buildCells makes the tables of a statistical dataset for the periods that are new.
func (r *run) buildCells(ctx context.Context) error {
	due := r.due(r.lastFile())
	if r.settled = r.served(due); r.settled {
		return nil
	}
	r.tell(StepBuild, "files in scope")
	sql, err := r.scope(due)
	if err != nil {
		return err
	}
	if err := r.db.Exec(ctx, sql); err != nil {
		return fmt.Errorf("files in scope: %w", err)
	}
	batches, err := r.batches(ctx)
	if err != nil {
		return err
	}
	r.calendar.fresh = slices.Concat(batches...)
	if len(r.calendar.periods()) == 0 {
		return r.refused([]hub.Refusal{{Reason: fmt.Sprintf("no file in scope falls in a period that ended before %s, the day up to which the extract has files and fundings", r.lastFile().Format(time.DateOnly))}})
	}
	for _, t := range r.dataset.Tables {
		into := "CREATE TABLE " + engine.Ident(rawPrefix+t.ID) + " AS\n"
		for _, b := range batches {
			r.tell(StepBuild, t.ID+" "+strings.Join(b, " "))
			if err := r.db.Exec(ctx, champ(b)+into+r.recipe(t)); err != nil {
				return fmt.Errorf("table %s: %w", t.ID, err)
			}
			into = "INSERT INTO " + engine.Ident(rawPrefix+t.ID) + "\n"
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

// scope is the SQL that makes the table of the files in scope of some periods.
func (r *run) scope(due []string) (string, error) {
	first, last := "1900-01-01", "1900-01-01"
	if len(due) > 0 {
		unit := r.period().Unit
		start, err := unit.Start(due[0])
		if err != nil {
			return "", err
		}
		end, err := unit.Start(due[len(due)-1])
		if err != nil {
			return "", err
		}
		first, last = start.Format(time.DateOnly), unit.End(end).Format(time.DateOnly)
	}
	sql := strings.NewReplacer("$debut", "DATE "+engine.Literal(first), "$fin", "DATE "+engine.Literal(last)).Replace(r.dataset.Scope)
	return fmt.Sprintf("CREATE OR REPLACE TABLE %s AS SELECT * FROM (\n%s\n) WHERE periode IN (%s)", scopeTable, sql, engine.Literals(append(due, ""))), nil
}

// champ is the SQL that shows the recipes the files of some periods.
func champ(periods []string) string {
	return fmt.Sprintf("CREATE OR REPLACE VIEW champ AS SELECT * FROM %s WHERE periode IN (%s);\n", scopeTable, engine.Literals(append([]string{""}, periods...)))
}

// batches parts the new periods that have files into lots of about [batchFiles]
// files; one empty lot if there is none.
func (r *run) batches(ctx context.Context) ([][]string, error) {
	all := [][]string{{}}
	var files int64
	q := "SELECT periode, count(*) FROM " + scopeTable + " GROUP BY periode ORDER BY periode"
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

// shownTable holds the cells that may be shown, by their row in the raw table, and
// as bits which of their means are secret.
const shownTable = "cellules_montrees"

// protectCells makes the tables that may be published: the cells of the new periods
// that no rule hides, and the rows of the periods published before as they are.
func (r *run) protectCells(ctx context.Context) error {
	for _, t := range r.dataset.Tables {
		r.tell(StepProtect, t.ID)
		count, err := r.judgeCells(ctx, t)
		if err != nil {
			return fmt.Errorf("table %s: %w", t.ID, err)
		}
		r.cells = append(r.cells, count)
		if err := r.fetchCarried(ctx, t); err != nil {
			return fmt.Errorf("table %s: %w", t.ID, err)
		}
		carried, err := r.carriedRows(ctx, t)
		if err != nil {
			return fmt.Errorf("table %s: %w", t.ID, err)
		}
		for _, q := range []string{
			"CREATE TABLE " + engine.Ident(t.ID) + " AS\n" + strings.Join(append([]string{shownCells(t)}, carried...), "\nUNION ALL BY NAME\n"),
			"DROP TABLE " + shownTable,
			"DROP TABLE " + engine.Ident(rawPrefix+t.ID),
		} {
			if err := r.db.Exec(ctx, q); err != nil {
				return fmt.Errorf("table %s: %w", t.ID, err)
			}
		}
	}
	r.result.Cells, r.result.Periods = r.cells, r.calendar.fresh
	return nil
}

// judgeCells applies the rules to every cell of the new periods.
func (r *run) judgeCells(ctx context.Context, t datasets.Table) (CellCount, error) {
	if err := r.db.Exec(ctx, "CREATE OR REPLACE TABLE "+shownTable+" (cellule BIGINT, moyennes BIGINT)"); err != nil {
		return CellCount{}, err
	}
	tally := newTally(t.ID, r.Profile)
	err := r.db.Append(ctx, shownTable, func(add func(...driver.Value) error) error {
		return r.eachCell(ctx, t, func(c rawCell) error {
			secret := r.Profile.Sensitive(c.Cell)
			tally.add(c, secret)
			if secret {
				return nil
			}
			return add(c.row, r.secretMeans(c))
		})
	})
	return tally.count(), err
}

// rawCell is a cell as the rules see it.
type rawCell struct {
	anonymize.Cell
	row    int64
	period string
	files  int64
	means  []int64 // persons on whom each mean rests
}

// secretMeans returns the means that must not be shown, as bits.
func (r *run) secretMeans(c rawCell) int64 {
	var bits int64
	for i, persons := range c.means {
		if r.Profile.HidesMean(persons) {
			bits |= 1 << i
		}
	}
	return bits
}

// eachCell reads the cells of a raw table.
func (r *run) eachCell(ctx context.Context, t datasets.Table, fn func(rawCell) error) error {
	var c rawCell
	cols := []string{"rowid", engine.Ident(t.Period.Field), "CAST(nb_dossiers AS BIGINT)", "_titulaires", "CAST(100 * montant_engage AS BIGINT)"}
	dest := []any{&c.row, &c.period, &c.files, &c.Persons, &c.Shares[0].Total}
	for i, list := range []string{"_contributions_personnes", "_contributions_identites"} {
		for rank, cents := range []*int64{&c.Shares[i].First, &c.Shares[i].Second} {
			cols = append(cols, fmt.Sprintf("coalesce(CAST(100 * %s[%d].montant AS BIGINT), 0)", list, rank+1))
			dest = append(dest, cents)
		}
	}
	means := means(t)
	c.means = make([]int64, len(means))
	for i, f := range means {
		cols = append(cols, f.RestsOn)
		dest = append(dest, &c.means[i])
	}
	return r.db.Each(ctx, "SELECT "+strings.Join(cols, ", ")+" FROM "+engine.Ident(rawPrefix+t.ID), func(scan func(...any) error) error {
		if err := scan(dest...); err != nil {
			return err
		}
		c.Shares[1].Total = c.Shares[0].Total
		return fn(c)
	})
}

// means returns the fields that are means over some of the persons of a cell.
func means(t datasets.Table) []datasets.Field {
	var out []datasets.Field
	for _, f := range t.Fields {
		if f.RestsOn != "" {
			out = append(out, f)
		}
	}
	return out
}

// shownCells is the SQL of the cells that may be shown, with what tells the audit
// which files they were made from.
func shownCells(t datasets.Table) string {
	var cols []string
	bit := 0
	for _, f := range t.Fields {
		value := engine.Ident(f.Name)
		if f.RestsOn != "" {
			value = fmt.Sprintf("CASE WHEN moyennes & %d = 0 THEN %s END", 1<<bit, value)
			bit++
		}
		cols = append(cols, fmt.Sprintf("CAST(%s AS %s) AS %s", value, f.Type.SQL(), engine.Ident(f.Name)))
	}
	for _, name := range t.Hidden() {
		cols = append(cols, engine.Ident(name))
	}
	raw := engine.Ident(rawPrefix + t.ID)
	return fmt.Sprintf("SELECT %s FROM %s AS brut JOIN %s AS m ON m.cellule = brut.rowid", strings.Join(cols, ", "), raw, shownTable)
}

// fetchCarried fetches the tables that hold the periods published before.
func (r *run) fetchCarried(ctx context.Context, t datasets.Table) error {
	for _, s := range r.calendar.sources {
		o, ok := s.manifest.Object(t.ID + ".parquet")
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
// gives some. A field that a release did not have yet is null.
func (r *run) carriedRows(ctx context.Context, t datasets.Table) ([]string, error) {
	var all []string
	for _, s := range r.calendar.sources {
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
		all = append(all, fmt.Sprintf("SELECT %s FROM %s WHERE %s IN (%s)",
			strings.Join(cols, ", "), file, engine.Ident(t.Period.Field), engine.Literals(s.periods)))
	}
	return all, nil
}
