package problem

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// tableColumn is the column that says which table a known figure is of.
const tableColumn = "table"

// Known are figures that an attacker has from elsewhere.
type Known struct {
	// Cells has one entry per cell.
	Cells []bool
	// Notes say what was read in a way that the user may not expect.
	Notes []string
}

// ReadKnown reads a list of cells that an attacker knows from elsewhere, as CSV: the
// dimensions of a table, and perhaps a column table and the value. A dimension without a
// column, or without a code in a row, stands at its total.
//
// Errors: [InvalidError] if the file is missing, a row names no cell, a table that has
// not the cell, or a figure that is not that of the problem; those of the file system.
func (in *Input) ReadKnown(fsys fs.FS, file string) (*Known, error) {
	k := &knownReader{Input: in, faults: &faults{}, known: &Known{Cells: make([]bool, len(in.cells.key))}, within: map[string]map[int32]bool{}}
	s, err := openSheet(fsys, file, k.faults)
	if err != nil {
		return nil, err
	}
	if s != nil && k.columns(s) {
		s.each(k.faults, k.row)
	}
	if err := k.faults.err(); err != nil {
		return nil, err
	}
	if k.zeros > 0 {
		k.known.Notes = append(k.known.Notes, fmt.Sprintf("%s: %d rows name no cell; they are zero, and not read", file, k.zeros))
	}
	return k.known, nil
}

// knownReader is the state of reading known figures.
type knownReader struct {
	*Input
	faults *faults
	known  *Known
	file   string
	// names stands for the columns in messages: the dimensions of the file.
	names        *table
	columnOf     []int // by dimension of names
	value, table int
	within       map[string]map[int32]bool // table → its cells
	zeros        int
}

// columns finds the columns of the file.
func (k *knownReader) columns(s *sheet) bool {
	k.file, k.names, k.value, k.table = s.file, &table{}, -1, -1
	var left []string
	for i, name := range s.header {
		dim := slices.IndexFunc(k.dims, func(d *dimension) bool { return d.name == name })
		switch {
		case dim >= 0:
			k.names.dims, k.columnOf = append(k.names.dims, dim), append(k.columnOf, i)
		case name == k.Input.value:
			k.value = i
		case name == tableColumn:
			k.table = i
		default:
			left = append(left, name)
		}
	}
	if len(k.names.dims) == 0 && len(k.dims) > 0 {
		k.faults.addf(place{file: s.file, line: 1}, "has no column of a dimension; name at least one, the header has: %s", strings.Join(s.header, ", "))
		return false
	}
	if len(left) > 0 {
		k.known.Notes = append(k.known.Notes, fmt.Sprintf("%s: columns that are not read: %s", s.file, strings.Join(left, ", ")))
	}
	return true
}

// row reads one row.
func (k *knownReader) row(record []string, line int) {
	at := place{file: k.file, line: line}
	key, ok := k.key(record, at)
	if !ok {
		return
	}
	cell, found := k.cells.index[key]
	if k.table >= 0 && record[k.table] != "" {
		if !k.inTable(record[k.table], cell, found, key, at) {
			return
		}
	}
	truth := decimal{places: k.places}
	if found {
		truth.n = k.cells.value[cell]
	}
	if k.value >= 0 && strings.TrimSpace(record[k.value]) != "" {
		at.column = k.Input.value
		figure, problem := parseDecimal(record[k.value])
		switch {
		case problem != "":
			k.faults.addf(at, "%s; or leave it empty", problem)
		case !figure.equal(truth):
			k.faults.addf(at, "is %s, and the problem has %s; a known figure is the true one", figure, truth)
		}
	}
	if !found {
		k.zeros++
		return
	}
	k.known.Cells[cell] = true
}

// key returns the combination of a row.
func (k *knownReader) key(record []string, at place) (key uint64, ok bool) {
	for n, dim := range k.names.dims {
		d, text := k.dims[dim], record[k.columnOf[n]]
		code, known := d.number[text]
		if text == "" {
			code, known = total, true
		}
		if !known {
			at.column = d.name
			k.faults.addf(at, "the problem has no code %s; correct it, or remove the row", quoted(text))
			return 0, false
		}
		key = k.layout.with(key, dim, code)
	}
	return key, true
}

// inTable says whether the table that a row names has its cell.
func (k *knownReader) inTable(name string, cell int32, found bool, key uint64, at place) bool {
	at.column = tableColumn
	if k.within[name] == nil {
		i := slices.IndexFunc(k.tables, func(t *table) bool { return t.name == name })
		if i < 0 {
			k.faults.addf(at, "there is no table %s; name one of: %s", quoted(name), strings.Join(k.Tables(), ", "))
			return false
		}
		k.within[name] = map[int32]bool{}
		for _, c := range k.tables[i].cells {
			k.within[name][c] = true
		}
	}
	if found && !k.within[name][cell] {
		k.faults.addf(at, "%s has no %s; correct the row, or leave the table empty", quoted(name), combination(k.dims, k.layout, k.names, key))
		return false
	}
	return true
}
