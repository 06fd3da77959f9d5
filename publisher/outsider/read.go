package outsider

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// reader reads the finished tables.
type reader struct {
	db        *engine.DB
	layout    *layout
	relations map[string]string // by id of the table; an expression of SQL
	held      map[string][]string
}

// hold lists the periods of each table. A measure that a table lacks is not published.
func (r *reader) hold(ctx context.Context) error {
	r.held = map[string][]string{}
	for _, t := range r.layout.tables {
		from, ok := r.relations[t.ID]
		if !ok {
			continue
		}
		there, err := r.db.Columns(ctx, "SELECT * FROM "+from)
		if err != nil {
			return fmt.Errorf("table %s: %w", t.ID, err)
		}
		t.keep(r.layout, there)
		q := fmt.Sprintf("SELECT DISTINCT CAST(%s AS VARCHAR) AS periode FROM %s ORDER BY periode", engine.Ident(t.Period.Field), from)
		err = r.db.Texts(ctx, q, 1, func(row []engine.Text) error {
			r.held[t.ID] = append(r.held[t.ID], row[0].String)
			return nil
		})
		if err != nil {
			return fmt.Errorf("table %s: %w", t.ID, err)
		}
	}
	return nil
}

// keep leaves the measures out that are not among some columns.
func (t *table) keep(l *layout, there []engine.Column) {
	for field := range t.fields {
		name, _ := l.column(field)
		if name != "" && !slices.ContainsFunc(there, func(c engine.Column) bool { return c.Name == name }) {
			t.someParts = t.someParts || t.fields[field] && field < len(l.quantities) && l.quantities[field].funder != ""
			t.fields[field] = false
		}
	}
	t.fields[hours] = t.fields[hours] && t.fields[duration] && t.fields[timed]
}

// periods lists the periods of a unit, in order.
func (r *reader) periods(unit datasets.Unit) []string {
	var all []string
	for _, t := range r.layout.tables {
		if t.Period.Unit == unit {
			all = append(all, r.held[t.ID]...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// load reads what is printed of a period into a system. A table that has no row for it
// was not published for it, but for the detailed one, which lists shown cells only.
func (r *reader) load(ctx context.Context, unit datasets.Unit, period string) (*system, error) {
	s := newSystem(r.layout, period)
	for _, t := range r.layout.tables {
		if t.Period.Unit != unit || r.relations[t.ID] == "" || !t.detailed && !slices.Contains(r.held[t.ID], period) {
			continue
		}
		if err := r.loadTable(ctx, s, t, period); err != nil {
			return nil, fmt.Errorf("table %s: %w", t.ID, err)
		}
		if !t.summed {
			continue
		}
		for _, month := range months(period) {
			for _, m := range r.layout.summedBy(t) {
				if slices.Contains(r.held[m.ID], month) {
					if err := r.loadTable(ctx, s, m, month); err != nil {
						return nil, fmt.Errorf("table %s: %w", m.ID, err)
					}
				}
			}
		}
	}
	return s, nil
}

// months lists the months of a year.
func months(year string) []string {
	all := make([]string, 12)
	for i := range all {
		all[i] = fmt.Sprintf("%s-%02d", year, i+1)
	}
	return all
}

// summedBy returns the monthly tables whose figures a yearly table repeats in sums:
// that of the same dimensions, and that of those over which it has no margin.
func (l *layout) summedBy(year *table) []*table {
	var all []*table
	for _, t := range l.tables {
		if t.Period.Unit != datasets.UnitMonth {
			continue
		}
		rest := slices.DeleteFunc(slices.Clone(year.dimensions), func(d string) bool { return year.Margin[d] != "" })
		if slices.Equal(t.dimensions, year.dimensions) || slices.Equal(t.dimensions, rest) {
			all = append(all, t)
		}
	}
	return all
}

// loadTable adds an instance of a table with its printed rows.
func (r *reader) loadTable(ctx context.Context, s *system, t *table, period string) error {
	in := &instance{table: t, period: period, cells: map[key]int32{}}
	number := int32(len(s.instances))
	s.instances = append(s.instances, in)
	query, fields := t.query(s.layout, r.relations[t.ID], period)
	texts := make([]string, len(t.dimensions)+len(t.within))
	numbers := make([]sql.NullInt64, len(fields))
	dest := make([]any, 0, len(texts)+len(numbers))
	for i := range texts {
		dest = append(dest, &texts[i])
	}
	for i := range numbers {
		dest = append(dest, &numbers[i])
	}
	return r.db.Each(ctx, query, func(scan func(...any) error) error {
		if err := scan(dest...); err != nil {
			return err
		}
		id, err := s.addRow(number, texts)
		if err != nil {
			return err
		}
		for i, field := range fields {
			if numbers[i].Valid {
				s.print(id, field, numbers[i].Int64)
			}
		}
		if !t.summed && s.isPrinted(id, files) {
			s.narrow(files, id, 1, infinite) // zero is never written
		}
		return nil
	})
}

// query is the SQL of the rows of a table in a period: a text for each dimension and
// for each one that follows from another, then numbers for the fields returned.
func (t *table) query(l *layout, from, period string) (query string, fields []int) {
	var cols []string
	for _, names := range slices.Concat(t.columns, t.withinCols) {
		var parts []string
		for _, name := range names {
			parts = append(parts, fmt.Sprintf("coalesce(CAST(%s AS VARCHAR), chr(1))", engine.Ident(name)))
		}
		cols = append(cols, strings.Join(parts, " || chr(31) || "))
	}
	for field, has := range t.fields {
		name, factor := l.column(field)
		if has && name != "" {
			cols, fields = append(cols, fmt.Sprintf("CAST(%d * %s AS BIGINT)", factor, engine.Ident(name))), append(fields, field)
		}
	}
	value := engine.Literal(period)
	if f, _ := t.Field(t.Period.Field); f.Type == datasets.TypeInt {
		value = "CAST(" + value + " AS INTEGER)"
	}
	return fmt.Sprintf("SELECT %s FROM %s WHERE %s = %s", strings.Join(cols, ", "), from, engine.Ident(t.Period.Field), value), fields
}

// column returns the name of a field, and how many units are one in print.
func (l *layout) column(field int) (name string, factor int64) {
	switch {
	case field == price:
		return "prix_moyen", 100
	case field == duration:
		return "duree_moyenne", 100
	case field >= len(l.quantities):
		return "", 1
	case l.quantities[field].cents:
		return l.quantities[field].field, 100
	default:
		return l.quantities[field].field, 1
	}
}

// addRow adds the cell of a row, and what the row says of its members.
func (s *system) addRow(number int32, texts []string) (int32, error) {
	in := s.instances[number]
	k := emptyKey
	for i, dimension := range in.dimensions {
		k[i] = s.dimension(dimension).id(texts[i])
	}
	for i, w := range in.within {
		parent := s.dimension(w).id(texts[len(in.dimensions)+i])
		child := s.child(w)
		of := &child.parent[k[in.position(s.layout.parents[w])]]
		if *of != none && *of != parent {
			s.failf("a member of %s belongs to two members of %s", s.layout.parents[w], w)
		}
		*of = parent
	}
	if in.find(k) != none {
		return none, fmt.Errorf("%s: two rows of the same key in %s", in.ID, in.period)
	}
	return s.add(number, k, true), nil
}
