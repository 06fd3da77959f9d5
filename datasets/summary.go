package datasets

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A summary table of a statistical dataset is a table of cells at a coarser grain than
// the detailed one. Its recipe gives names to the cells of a relation cellules; this
// file makes that relation from the dimensions of the definition and the queries
// that all grains share.

// dimensions returns the columns of champ that tell the cells of a table apart within
// a period, in order.
func (t Table) dimensions() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(t.Cell)), func(c string) bool { return c == "periode" })
}

// Funder is the measures of a table that tell of one funder.
type Funder struct {
	Code string // as the hub writes it
	Part string // field of the amount
	// Files is the field of the number of files, empty if the table has none.
	Files string
}

// Funders returns the funders of whose part a table tells, in the order of its
// fields; their parts add up to montant_engage.
func (t Table) Funders() []Funder {
	var all []Funder
	for _, f := range t.Fields {
		if f.Funder == "" {
			continue
		}
		i := slices.IndexFunc(all, func(o Funder) bool { return o.Code == f.Funder })
		if i < 0 {
			i, all = len(all), append(all, Funder{Code: f.Funder})
		}
		if f.Type == TypeInt {
			all[i].Files = f.Name
		} else {
			all[i].Part = f.Name
		}
	}
	return all
}

// compose completes a statistical dataset: the files in scope, the SQL of the summary
// tables, and what prepares them.
func (d *Dataset) compose() error {
	var err error
	if d.Scope, err = fill(d.ID+".champ", "$organisme", "CAST(NULL AS UBIGINT)"); err != nil {
		return err
	}
	if slices.ContainsFunc(d.Tables, Table.OfMonths) {
		if d.Published, err = recipe(d.ID + ".publies"); err != nil {
			return err
		}
	}
	d.Preparation = map[Unit]string{}
	for i := range d.Tables[1:] {
		t := &d.Tables[i+1]
		if err := t.compose(); err != nil {
			return fmt.Errorf("table %s: %w", t.ID, err)
		}
		if d.Preparation[t.Period.Unit] == "" {
			if d.Preparation[t.Period.Unit], err = d.preparation(t.Period.Unit); err != nil {
				return err
			}
		}
	}
	if err := d.checkSensitive(); err != nil {
		return err
	}
	return d.checkSums()
}

// checkSensitive refuses a sensitive dimension that the detailed table lacks: there would
// be nothing to tell its categories apart.
func (d *Dataset) checkSensitive() error {
	for i, dimension := range d.Sensitive {
		if !slices.Contains(d.Tables[0].dimensions(), dimension) || slices.Contains(d.Sensitive[:i], dimension) {
			return fmt.Errorf("sensitive: %q is no dimension of the detailed table, or stands there twice", dimension)
		}
	}
	return nil
}

// summaries are the summary tables of a unit of time.
func (d Dataset) summaries(unit Unit) []Table {
	return slices.DeleteFunc(slices.Clone(d.Tables[1:]), func(t Table) bool { return t.Period.Unit != unit })
}

// dimensions writes the dimensions of some tables, once each.
func dimensions(tables []Table) string {
	var all []string
	for _, t := range tables {
		all = append(all, t.dimensions()...)
	}
	return list(all)
}

// funded are the tables that tell of funders.
func funded(tables []Table) []Table {
	return slices.DeleteFunc(slices.Clone(tables), func(t Table) bool { return len(t.Funders()) == 0 })
}

// preparation is the SQL of what the summary tables of a unit of time are made from.
func (d *Dataset) preparation(unit Unit) (string, error) {
	tables := d.summaries(unit)
	hours := "NULL"
	for _, t := range tables {
		if slices.ContainsFunc(t.Fields, func(f Field) bool { return f.MeanOf == "duree_heures" }) {
			hours = "duree_heures"
		}
	}
	period := "periode"
	if unit != d.Tables[0].Period.Unit {
		period = "substr(periode, 1, 4)"
	}
	members, err := recipe(d.ID + ".membres")
	if err != nil {
		return "", err
	}
	shares, err := fill("apports", "$periode", period, "$dimensions", dimensions(tables), "$duree", hours)
	if funding := funded(tables); err == nil && len(funding) > 0 {
		var funders string
		funders, err = fill("apports_financeurs", "$dimensions", dimensions(funding))
		shares += funders
	}
	return members + shares, err
}

// list writes columns once each, in order.
func list(columns []string) string {
	columns = slices.Clone(columns)
	slices.Sort(columns)
	return strings.Join(slices.Compact(columns), ", ")
}

// fill returns the text of an SQL file with its parameters filled in.
func fill(name string, values ...string) (string, error) {
	sql, err := recipe(name)
	return strings.NewReplacer(values...).Replace(sql), err
}

// compose makes the SQL and the grid of a summary table from its recipe.
func (t *Table) compose() error {
	cells, err := t.withTotals(t.cells)
	if err != nil {
		return err
	}
	named := t.SQL
	t.SQL = "WITH cellules AS (\n" + cells + "\n)\n\nSELECT * FROM (\n" + named + "\n)"
	t.Grid = "WITH cellules AS (\n" + t.grid(cells) + "\n)\n\nSELECT * FROM (\n" + named + "\n)"
	return nil
}

// withTotals is the SQL of the cells of a table, made by a function of the dimensions
// that tell them apart, with the totals over each dimension that has a margin.
func (t *Table) withTotals(cells func(dimensions []string) (string, error)) (string, error) {
	finest, err := cells(t.dimensions())
	if err != nil {
		return "", err
	}
	queries := []string{finest}
	for _, dimension := range slices.Sorted(maps.Keys(t.Margin)) {
		rest := slices.DeleteFunc(t.dimensions(), func(c string) bool { return c == dimension })
		total, err := cells(rest)
		if err != nil {
			return "", err
		}
		queries = append(queries, fmt.Sprintf("SELECT '%s' AS %s, * FROM (\n%s\n)", t.Margin[dimension], dimension, total))
	}
	return strings.Join(queries, "\nUNION ALL BY NAME\n"), nil
}

// cells is the SQL of the cells that some dimensions tell apart, with the funders if
// the table tells of them.
func (t *Table) cells(dimensions []string) (string, error) {
	grain := strings.Join(append([]string{"periode"}, dimensions...), ", ")
	cells, err := fill("cellules", "$maille", grain, "$simples", "simples", "$repetes", "repetes")
	if err != nil || len(t.Funders()) == 0 {
		return cells, err
	}
	fundings, err := fill("cellules", "$maille", grain+", financeur", "$simples", "simples_financeurs", "$repetes", "repetes_financeurs")
	if err != nil {
		return "", err
	}
	funders, err := fill("financeurs", "$maille", grain, "$financements", fundings)
	return fmt.Sprintf("SELECT * FROM (\n%s\n) LEFT JOIN (\n%s\n) USING (%s)", cells, funders, grain), err
}

// grid is the SQL of a cell without measures for every combination of members that
// is possible. Of certifications there are those that have a shown cell.
func (t *Table) grid(cells string) string {
	from, columns := []string{"periodes"}, []string{"periode"}
	for _, c := range t.dimensions() {
		members := fmt.Sprintf("SELECT %s FROM membres_%[1]s", c)
		if code, ok := t.Margin[c]; ok {
			members += fmt.Sprintf(" UNION ALL SELECT '%s'", code)
		}
		if c == "certification" {
			from = append(from, "JOIN certifications_montrees USING (periode)")
		} else {
			from = append(from, fmt.Sprintf("CROSS JOIN (%s) AS m_%s", members, c))
		}
		columns = append(columns, c)
	}
	if t.Possible != "" {
		from = append(from, "WHERE", t.Possible)
	}
	grain := strings.Join(columns, ", ")
	return fmt.Sprintf("SELECT * FROM (SELECT %[1]s FROM %[2]s) LEFT JOIN (\nSELECT * FROM (\n%[3]s\n) LIMIT 0\n) USING (%[1]s)", grain, strings.Join(from, " "), cells)
}
