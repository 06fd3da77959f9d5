package outsider

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/datasets"
)

// Quantities of a cell: what adds up, and the number of persons, which does not. The
// figures of the funders follow, in the order of the tables.
const (
	files = iota
	persons
	timed
	hours // hundredths; published as a mean only
	amount
	baseQuantities
)

// Means of a cell; they count as fields after the quantities.
const (
	price    = 30 // amount by file
	duration = 31 // hours by file of known duration
)

// open is the dimension of whose members a table lists those only that have a shown
// cell.
const open = "certification"

// maxDimensions bounds the dimensions of a table besides the period.
const maxDimensions = 5

// layout is what the definition of a dataset says of its tables, for a reader.
type layout struct {
	dataset    datasets.Dataset
	tables     []*table
	quantities []quantity
	// parents says of a dimension that follows from another which one that is.
	parents map[string]string
}

// quantity is a figure that cells have.
type quantity struct {
	field  string
	cents  bool   // two decimals: counted in hundredths
	funder string // the funder of whom it tells; empty for none
}

// table is a table as a reader sees it.
type table struct {
	datasets.Table
	dimensions []string   // in order, the period left out
	columns    [][]string // public columns of each dimension
	within     []string   // dimensions that follow from others
	withinCols [][]string
	fields     [32]bool // quantities and means that the table has
	// detailed tables leave out the cells that are not shown.
	detailed bool
	// summed tables repeat files and amounts that other tables publish; only persons are
	// their own.
	summed bool
	// someParts: the parts of some funders are missing, so that they do not add up.
	someParts bool
}

// newLayout reads a definition.
//
// Errors: a table that is built as no reader could use it; a measure of which this
// package knows nothing.
func newLayout(d datasets.Dataset) (*layout, error) {
	if !d.Statistical() {
		return nil, ErrCountsNobody
	}
	l := &layout{dataset: d, parents: map[string]string{}}
	l.quantities = []quantity{{field: "nb_dossiers"}, {field: "nb_titulaires"}, {field: "nb_dossiers_a_duree_connue"}, {cents: true}, {field: "montant_engage", cents: true}}
	for _, t := range d.Tables {
		one := &table{Table: t, detailed: t.ID == d.ID, summed: t.Margin != nil}
		if err := errors.Join(one.place(), l.measure(one)); err != nil {
			return nil, fmt.Errorf("table %s: %w", t.ID, err)
		}
		l.tables = append(l.tables, one)
	}
	return l, l.relate()
}

// ErrCountsNobody means that a dataset shows a state and has no secret figures.
var ErrCountsNobody = errors.New("the dataset counts nobody: there is nothing to work out")

// place finds the public columns of the dimensions: those of the definition, else the
// one of the same name without "_", else what is left of the key.
func (t *table) place() error {
	rest := slices.DeleteFunc(slices.Clone(t.Key), func(c string) bool { return c == t.Period.Field })
	missing := -1
	for _, dimension := range slices.Sorted(maps.Keys(t.Cell)) {
		if dimension == "periode" {
			continue
		}
		t.dimensions = append(t.dimensions, dimension)
		column := t.public(t.Cell[dimension])
		if column == "" {
			if missing >= 0 {
				return fmt.Errorf("nothing published tells %s from %s", t.dimensions[missing], dimension)
			}
			missing = len(t.columns)
			t.columns = append(t.columns, nil)
			continue
		}
		t.columns = append(t.columns, []string{column})
		rest = slices.DeleteFunc(rest, func(c string) bool { return c == column })
	}
	if missing >= 0 {
		t.columns[missing] = rest
	}
	if len(t.dimensions) > maxDimensions {
		return fmt.Errorf("%d dimensions, at most %d are possible", len(t.dimensions), maxDimensions)
	}
	return nil
}

// public returns the published column that holds what a column of the raw table does;
// empty if there is none of its name.
func (t *table) public(column string) string {
	if _, ok := t.Field(column); ok {
		return column
	}
	if _, ok := t.Field(strings.TrimPrefix(column, "_")); ok {
		return strings.TrimPrefix(column, "_")
	}
	return ""
}

// measure says which quantities a table has.
func (l *layout) measure(t *table) error {
	for _, f := range t.Fields {
		switch {
		case !f.Measure:
		case f.Name == "prix_moyen":
			t.fields[price] = true
		case f.Name == "duree_moyenne":
			t.fields[duration], t.fields[hours] = true, true
		case f.Funder != "":
			t.fields[l.quantity(quantity{f.Name, f.Type == datasets.TypeDecimal, f.Funder})] = true
		default:
			k := slices.IndexFunc(l.quantities[:baseQuantities], func(q quantity) bool { return q.field == f.Name })
			if k < 0 {
				return fmt.Errorf("measure %s is not known", f.Name)
			}
			t.fields[k] = true
		}
	}
	if !t.fields[files] || !t.fields[amount] || t.fields[hours] && !t.fields[timed] {
		return errors.New("it has no files, no amount, or durations without the files that have one")
	}
	return nil
}

// quantity returns the number of a funder's quantity.
func (l *layout) quantity(q quantity) int {
	if k := slices.Index(l.quantities, q); k >= 0 {
		return k
	}
	l.quantities = append(l.quantities, q)
	return len(l.quantities) - 1
}

// relate finds from which dimension each of those in Within follows, and their public
// columns.
func (l *layout) relate() error {
	if len(l.quantities) > price {
		return fmt.Errorf("%d quantities, at most %d are possible", len(l.quantities), price)
	}
	columns := map[string][]string{}
	candidates := map[string][]string{}
	for _, t := range l.tables {
		for i, dimension := range t.dimensions {
			if former, ok := columns[dimension]; ok && !slices.Equal(former, t.columns[i]) {
				return fmt.Errorf("table %s: %s has other columns than elsewhere", t.ID, dimension)
			}
			columns[dimension] = t.columns[i]
		}
		for w := range t.Within {
			if _, ok := candidates[w]; !ok {
				candidates[w] = t.dimensions
			}
			candidates[w] = common(candidates[w], t.dimensions)
		}
	}
	for w, from := range candidates {
		if len(from) != 1 {
			return fmt.Errorf("%s follows from one of %v", w, from)
		}
		l.parents[w] = from[0]
	}
	for _, t := range l.tables {
		for _, w := range slices.Sorted(maps.Keys(t.Within)) {
			cols := columns[w]
			if column := t.public(t.Within[w]); column != "" {
				cols = []string{column}
			}
			if len(cols) == 0 || slices.ContainsFunc(cols, func(c string) bool { return t.public(c) != c }) {
				continue // no table is by that dimension, or this one does not publish it
			}
			t.within, t.withinCols = append(t.within, w), append(t.withinCols, cols)
		}
	}
	return nil
}

func common(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return !slices.Contains(b, s) })
}

// table returns the table with the given id, or nil.
func (l *layout) table(id string) *table {
	for _, t := range l.tables {
		if t.ID == id {
			return t
		}
	}
	return nil
}
