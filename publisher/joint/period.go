package joint

import (
	"slices"

	"github.com/parvis-opendata/parvis/anonymize"
	"github.com/parvis-opendata/parvis/datasets"
)

// Tables are the tables of a dataset that have one unit of time, before they are
// protected.
type Tables struct {
	Dataset datasets.Dataset
	Tables  []datasets.Table
	// Raw names the relation of the raw table with an id.
	Raw     func(id string) string
	Profile anonymize.Profile
}

// Period is the rows of one period of all tables.
type Period struct {
	*Tables
	Label string
	rows  []row
	// starts are the numbers of the first row of each table, and of the end.
	starts []int
}

// row is one row of a raw table.
type row struct {
	table int
	id    int64    // rowid of the raw table
	at    []string // its members, in the order of dimensions
	figures
	persons      int64 // the smaller of both counts
	knownPersons int64 // of the files of known duration
	knownFiles   int64
	hours        int64 // hundredths
	funders      []funding
}

// figures are what a cell has, and who is behind it.
type figures struct {
	files, cents int64
	same         [2]uint64 // two sums of random numbers of the files
	smallest     [kinds][]uint64
	largest      [kinds][]share
}

// Kinds of those behind a cell: persons in both ways of counting them, by number, else by
// identity, and by identity alone; and providers, where a rule is on them.
const (
	ways      = 2
	providers = ways
	kinds     = ways + 1
)

// share is what one of them brings to a cell.
type share struct {
	cents  int64
	number uint64
}

// funding is what one funder brings to a row.
type funding struct {
	funder string
	figures
	persons int64
}

// dimensions are the columns of champ by which the rows of a table meet those of others,
// and the columns of the table that hold them.
func dimensions(t datasets.Table) (names, columns []string) {
	for name := range t.Cell {
		if name != "periode" {
			names = append(names, name)
		}
	}
	for name := range t.Within {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		column, ok := t.Cell[name]
		if !ok {
			column = t.Within[name]
		}
		columns = append(columns, column)
	}
	return names, columns
}

// telling reports whether any table tells of durations.
func (t *Tables) telling() bool {
	return slices.ContainsFunc(t.Tables, func(t datasets.Table) bool { return len(t.Means()) > 0 })
}

// of returns the rows of the table with an id.
func (p *Period) of(id string) (rows []row, first int) {
	i := slices.IndexFunc(p.Tables.Tables, func(t datasets.Table) bool { return t.ID == id })
	if i < 0 {
		return nil, 0
	}
	return p.rows[p.starts[i]:p.starts[i+1]], p.starts[i]
}
