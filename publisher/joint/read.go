package joint

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// Read reads the rows of one period. Their order is that of their members.
func (t *Tables) Read(ctx context.Context, db *engine.DB, period string) (*Period, error) {
	p := &Period{Tables: t, Label: period}
	for i, table := range t.Tables {
		p.starts = append(p.starts, len(p.rows))
		if err := p.read(ctx, db, i, table); err != nil {
			return nil, fmt.Errorf("table %s: %w", table.ID, err)
		}
		slices.SortFunc(p.rows[p.starts[i]:], func(a, b row) int { return slices.Compare(a.at, b.at) })
		if len(table.Funders()) > 0 {
			if err := p.readFunders(ctx, db, i, table); err != nil {
				return nil, fmt.Errorf("funders of table %s: %w", table.ID, err)
			}
		}
	}
	p.starts = append(p.starts, len(p.rows))
	return p, nil
}

// selection is the columns of a query and where their values go.
type selection struct {
	columns []string
	dest    []any
}

func (s *selection) add(column string, dest any) {
	s.columns, s.dest = append(s.columns, column), append(s.dest, dest)
}

// figures adds the columns of what a cell has; prefix begins the names of those that are not
// published.
func (s *selection) figures(f *figures, prefix, amount string, threshold int) {
	s.add("CAST("+prefix+"nb_dossiers AS BIGINT)", &f.files)
	s.add("CAST(100 * "+amount+" AS BIGINT)", &f.cents)
	for i := range f.same {
		s.add(fmt.Sprintf("CAST(%salea_%d %% 18446744073709551616 AS UBIGINT)", prefix, i+1), &f.same[i])
	}
	for way, list := range []string{"personnes", "identites"} {
		s.behind(f, way, prefix+list, prefix+"contributions_"+list, threshold)
	}
}

// behind adds the columns that say who of one kind is behind a cell.
func (s *selection) behind(f *figures, kind int, smallest, largest string, threshold int) {
	f.smallest[kind] = make([]uint64, threshold)
	for i := range threshold {
		s.add(fmt.Sprintf("coalesce(%s[%d], 0)", smallest, i+1), &f.smallest[kind][i])
	}
	f.largest[kind] = make([]share, 3)
	for i := range f.largest[kind] {
		one := fmt.Sprintf("%s[%d]", largest, i+1)
		s.add("coalesce(CAST(100 * "+one+".montant AS BIGINT), 0)", &f.largest[kind][i].cents)
		s.add("coalesce("+one+".numero, 0)", &f.largest[kind][i].number)
	}
}

// keep returns a copy of what was read, without the numbers that are not there. Nobody
// has the number 0.
func (f *figures) keep() figures {
	c := *f
	for way := range kinds {
		c.smallest[way] = slices.DeleteFunc(slices.Clone(f.smallest[way]), func(n uint64) bool { return n == 0 })
		c.largest[way] = slices.DeleteFunc(slices.Clone(f.largest[way]), func(s share) bool { return s.number == 0 })
	}
	return c
}

// read reads the rows of one table.
func (p *Period) read(ctx context.Context, db *engine.DB, i int, table datasets.Table) error {
	var s selection
	var r row
	r.table = i
	s.add("rowid", &r.id)
	_, columns := dimensions(table)
	at := make([]string, len(columns))
	for k, c := range columns {
		s.add("coalesce(CAST("+engine.Ident(c)+" AS VARCHAR), '')", &at[k])
	}
	s.add("_titulaires", &r.persons)
	s.figures(&r.figures, "_", "_montant_engage", p.Profile.Persons.Threshold)
	if p.Profile.Organisations.On() {
		s.behind(&r.figures, providers, "_organismes", "_contributions_organismes", p.Profile.Persons.Threshold)
	}
	if len(table.Means()) > 0 {
		s.add("coalesce(_titulaires_a_duree_connue, 0)", &r.knownPersons)
		s.add("coalesce(nb_dossiers_a_duree_connue, 0)", &r.knownFiles)
		s.add("coalesce(CAST(100 * _heures AS BIGINT), 0)", &r.hours)
	}
	// A year has files and euros of its own beside the sums of its months.
	own := "nb_dossiers AS _nb_dossiers, montant_engage AS _montant_engage"
	if table.OfMonths() {
		own = "1 AS _"
	}
	from := fmt.Sprintf("(SELECT rowid, *, %s FROM %s WHERE CAST(%s AS VARCHAR) = %s)",
		own, engine.Ident(p.Raw(table.ID)), engine.Ident(table.Period.Field), engine.Literal(p.Label))
	return db.Each(ctx, "SELECT "+strings.Join(s.columns, ", ")+" FROM "+from, func(scan func(...any) error) error {
		if err := scan(s.dest...); err != nil {
			return err
		}
		one := r
		one.figures, one.at = r.keep(), slices.Clone(at)
		p.rows = append(p.rows, one)
		return nil
	})
}

// readFunders reads what each funder brings to the rows of one table, which are the last
// that were read.
func (p *Period) readFunders(ctx context.Context, db *engine.DB, i int, table datasets.Table) error {
	place := map[int64]int{}
	for k := p.starts[i]; k < len(p.rows); k++ {
		place[p.rows[k].id] = k
	}
	var s selection
	var id int64
	var f funding
	s.add("id", &id)
	s.add("f.financeur", &f.funder)
	s.add("f.titulaires", &f.persons)
	s.figures(&f.figures, "f.", "f.part", p.Profile.Persons.Threshold)
	theirs := "NULL"
	if p.Profile.Organisations.On() {
		theirs = "_organismes_financeurs"
		mine := "list_filter(o, lambda x: x.financeur = f.financeur)[1]"
		s.behind(&f.figures, providers, mine+".organismes", mine+".contributions_organismes", p.Profile.Persons.Threshold)
	}
	from := fmt.Sprintf("(SELECT rowid AS id, %s AS o, unnest(_financeurs) AS f FROM %s WHERE CAST(%s AS VARCHAR) = %s) ORDER BY id, f.financeur",
		theirs, engine.Ident(p.Raw(table.ID)), engine.Ident(table.Period.Field), engine.Literal(p.Label))
	return db.Each(ctx, "SELECT "+strings.Join(s.columns, ", ")+" FROM "+from, func(scan func(...any) error) error {
		if err := scan(s.dest...); err != nil {
			return err
		}
		one := f
		one.figures = f.keep()
		r := &p.rows[place[id]]
		r.funders = append(r.funders, one)
		return nil
	})
}
