package publisher

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// Changes is the content of changes.json: what differs from the release served
// before. Load dates are not compared.
type Changes struct {
	Dataset string `json:"dataset"`
	// Synthetic marks invented data.
	Synthetic bool `json:"synthetic"`
	// Previous is the release compared with; empty for the first release.
	Previous string         `json:"previous,omitempty"`
	Tables   []TableChanges `json:"tables"`
}

// TableChanges are the changes of one table.
type TableChanges struct {
	ID           string `json:"id"`
	Rows         int64  `json:"rows"`
	PreviousRows int64  `json:"previous_rows"`
	Added        int64  `json:"added"`
	Removed      int64  `json:"removed"`
	Changed      int64  `json:"changed"`
	// FieldsAdded and FieldsRemoved tell of a change of the table itself; rows
	// are then compared on the fields that both releases have.
	FieldsAdded   []string `json:"fields_added,omitempty"`
	FieldsRemoved []string `json:"fields_removed,omitempty"`
	// Key names the fields of the keys listed.
	Key []string `json:"key,omitempty"`
	// Keys lists the rows concerned by their keys, at most [maxKeys] of each sort;
	// Truncated says that there are more.
	Keys      *ChangedKeys `json:"keys,omitempty"`
	Truncated bool         `json:"truncated,omitempty"`
}

// ChangedKeys lists keys: one array per row, in the order of Key.
type ChangedKeys struct {
	Added   [][]*string `json:"added"`
	Removed [][]*string `json:"removed"`
	Changed [][]*string `json:"changed"`
}

const maxKeys = 10_000

// changes compares the finished tables with those of the served release.
func (r *run) changes(ctx context.Context) (Changes, error) {
	c := Changes{Dataset: r.dataset.ID, Synthetic: r.manifest.Synthetic}
	if r.previous != nil {
		c.Previous = r.previous.Release
	}
	for i, t := range r.dataset.Tables {
		one := TableChanges{ID: t.ID, Rows: r.tables[i].Rows, Added: r.tables[i].Rows}
		if r.previous != nil {
			r.tell(StepWrite, "changes of "+t.ID)
			var err error
			if one, err = r.compare(ctx, t, one); err != nil {
				return c, err
			}
		}
		c.Tables = append(c.Tables, one)
	}
	return c, nil
}

// compare fetches the former table and compares it with the new one.
func (r *run) compare(ctx context.Context, t datasets.Table, c TableChanges) (TableChanges, error) {
	o, ok := r.previous.Object(t.ID + ".parquet")
	if !ok {
		return c, nil
	}
	path := filepath.Join(r.dir, "previous-"+t.ID+".parquet")
	if err := r.archive.Fetch(ctx, release.ObjectName(r.dataset.ID, r.previous.Release, o.Name), o, path); err != nil {
		return c, fmt.Errorf("former table: %w", err)
	}
	former := "read_parquet(" + engine.Literal(path) + ", hive_partitioning = false)"
	cols, err := r.db.Columns(ctx, "SELECT * FROM "+former)
	if err != nil {
		return c, fmt.Errorf("former table: %w", err)
	}
	d := difference{table: t, former: former}
	for _, col := range cols {
		d.formerNames = append(d.formerNames, col.Name)
	}
	c.FieldsAdded, c.FieldsRemoved = without(t.Names(), d.formerNames), without(d.formerNames, t.Names())
	if len(without(t.Key, d.formerNames)) > 0 {
		return c, nil // another key: every row is another row
	}
	if err := r.db.Exec(ctx, d.create()); err != nil {
		return c, err
	}
	err = r.db.Row(ctx, `SELECT count(*) FILTER (WHERE sort = 'added'), count(*) FILTER (WHERE sort = 'removed'),
		count(*) FILTER (WHERE sort = 'changed'), (SELECT count(*) FROM `+former+`) FROM differences`,
		[]any{&c.Added, &c.Removed, &c.Changed, &c.PreviousRows})
	if err != nil {
		return c, err
	}
	c.Key = t.Key
	c.Keys, err = r.changedKeys(ctx, t)
	c.Truncated = max(c.Added, c.Removed, c.Changed) > maxKeys
	return c, errors.Join(err, r.db.Exec(ctx, "DROP TABLE differences"), os.Remove(path))
}

// difference is the SQL that compares two releases of a table.
type difference struct {
	table       datasets.Table
	former      string
	formerNames []string
}

// create makes the table differences: the keys of the rows that were added,
// removed or changed.
func (d difference) create() string {
	var keys, on, content []string
	for _, k := range d.table.Key {
		col := engine.Ident(k)
		keys = append(keys, fmt.Sprintf("coalesce(n.%[1]s, a.%[1]s) AS %[1]s", col))
		on = append(on, fmt.Sprintf("n.%[1]s IS NOT DISTINCT FROM a.%[1]s", col))
	}
	for _, name := range d.table.Names() {
		if slices.Contains(d.formerNames, name) && name != d.table.LoadDate && !slices.Contains(d.table.Key, name) {
			content = append(content, fmt.Sprintf("n.%[1]s IS DISTINCT FROM a.%[1]s", engine.Ident(name)))
		}
	}
	return fmt.Sprintf(`CREATE OR REPLACE TABLE differences AS
		SELECT %s, CASE WHEN a.present IS NULL THEN 'added' WHEN n.present IS NULL THEN 'removed' ELSE 'changed' END AS sort
		FROM (SELECT *, 1 AS present FROM %s) n FULL JOIN (SELECT *, 1 AS present FROM %s) a ON %s
		WHERE a.present IS NULL OR n.present IS NULL OR %s`,
		strings.Join(keys, ", "), engine.Ident(d.table.ID), d.former, strings.Join(on, " AND "), strings.Join(append(content, "false"), " OR "))
}

func (r *run) changedKeys(ctx context.Context, t datasets.Table) (*ChangedKeys, error) {
	out := &ChangedKeys{}
	for sort, list := range map[string]*[][]*string{"added": &out.Added, "removed": &out.Removed, "changed": &out.Changed} {
		*list = [][]*string{}
		var cols []string
		for _, k := range t.Key {
			cols = append(cols, "CAST("+engine.Ident(k)+" AS VARCHAR)")
		}
		q := fmt.Sprintf("SELECT %s FROM differences WHERE sort = %s ORDER BY ALL NULLS LAST LIMIT %d", strings.Join(cols, ", "), engine.Literal(sort), maxKeys)
		err := r.db.Texts(ctx, q, len(cols), func(row []engine.Text) error {
			key := make([]*string, len(row))
			for i, v := range row {
				if v.Valid {
					text := v.String
					key[i] = &text
				}
			}
			*list = append(*list, key)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// without returns the names of a that are not in b.
func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(n string) bool { return slices.Contains(b, n) })
}
