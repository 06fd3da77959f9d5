package problem

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// Mask is a mask that was read back.
type Mask struct {
	// Hidden has one entry per cell: true where no table prints the value.
	Hidden []bool
	// Problem is the problem as this mask prints it: a secret zero that a table prints
	// is not Unprinted.
	Problem tabular.Problem
	// Split are cells that one table prints and another hides. They are not hidden.
	Split []Split
	// Notes say what was read in a way that the user may not expect.
	Notes []string
}

// Split is a cell that one table prints and another hides.
type Split struct {
	Cell int
	// Printed and Hidden are the names of the tables.
	Printed, Hidden string
}

// ReadMask reads the file of each table of a mask, whoever made it. A cell is hidden
// where its value is empty or its row is missing; the status is not looked at.
//
// Errors: [InvalidError] if a file is missing, a row is none of the problem or there
// twice, or a printed figure is not that of the problem; those of the file system.
func (in *Input) ReadMask(fsys fs.FS) (*Mask, error) {
	m := &maskReader{Input: in, faults: &faults{}, seen: make([]int32, len(in.cells.key)), printed: make([]int32, len(in.cells.key)), hidden: make([]int32, len(in.cells.key))}
	for number, t := range in.tables {
		if err := m.readTable(fsys, t, int32(number)+1); err != nil {
			return nil, err
		}
	}
	if err := m.faults.err(); err != nil {
		return nil, err
	}
	mask := &Mask{Hidden: make([]bool, len(m.printed)), Problem: in.Problem, Notes: m.notes}
	shared := true
	for i, printed := range m.printed {
		mask.Hidden[i] = printed == 0
		if printed > 0 && m.hidden[i] > 0 {
			mask.Split = append(mask.Split, Split{Cell: i, Printed: in.tables[printed-1].name, Hidden: in.tables[m.hidden[i]-1].name})
		}
		if printed > 0 && in.Problem.Cells[i].Unprinted && !in.cells.implied[i] {
			if shared {
				mask.Problem.Cells, shared = slices.Clone(in.Problem.Cells), false
			}
			mask.Problem.Cells[i].Unprinted = false
		}
	}
	return mask, nil
}

// maskReader is the state of reading a mask. Tables are numbered from 1 in it.
type maskReader struct {
	*Input
	faults *faults
	notes  []string
	// seen is by cell the last table in whose file it has a row, printed the first that
	// prints it, hidden the first that hides it; 0 if there is none.
	seen, printed, hidden []int32
}

// maskColumns are the columns of a file of a mask; −1 if there is none.
type maskColumns struct {
	dims             []int
	value, frequency int
}

func (m *maskReader) readTable(fsys fs.FS, t *table, number int32) error {
	s, err := openSheet(fsys, MaskFile(t.name), m.faults)
	if s == nil || err != nil {
		return err
	}
	c, ok := m.columns(s, t)
	if !ok {
		return nil
	}
	others := map[uint64]bool{} // combinations that are no cell
	counts := 0                 // hidden cells with a frequency
	s.each(m.faults, func(record []string, line int) {
		if m.row(s, c, t, number, record, line, others) {
			counts++
		}
	})
	if counts > 0 {
		m.notes = append(m.notes, fmt.Sprintf("%s: %d rows print the frequency and no value; the cells count as hidden", s.file, counts))
	}
	for _, i := range t.cells {
		if m.printedIn(i, number) || m.cells.implied[i] {
			continue
		}
		if m.hidden[i] == 0 {
			m.hidden[i] = number
		}
	}
	return nil
}

// printedIn reports whether the table that is read prints a cell.
func (m *maskReader) printedIn(i, number int32) bool { return m.seen[i] == -number }

// columns finds the columns of a file. The frequency and the status may be missing.
func (m *maskReader) columns(s *sheet, t *table) (c maskColumns, ok bool) {
	before := m.faults.count()
	read := []string{statusColumn, m.value, m.frequency}
	for _, dim := range t.dims {
		name := m.dims[dim].name
		c.dims = append(c.dims, s.find(name, "a dimension of the table", m.faults))
		read = append(read, name)
	}
	c.value = s.find(m.value, "value", m.faults)
	c.frequency = -1
	if i, found := s.column[m.frequency]; found && m.frequency != m.value {
		c.frequency = i
	}
	var left []string
	for _, name := range s.header {
		if !slices.Contains(read, name) {
			left = append(left, name)
		}
	}
	if len(left) > 0 {
		m.notes = append(m.notes, fmt.Sprintf("%s: columns that are not read: %s", s.file, strings.Join(left, ", ")))
	}
	return c, m.faults.count() == before
}

// row reads one row of a mask. It reports whether it has a frequency and no value.
func (m *maskReader) row(s *sheet, c maskColumns, t *table, number int32, record []string, line int, others map[uint64]bool) (countOnly bool) {
	key, ok := m.key(s, c, t, record, line)
	if !ok {
		return false
	}
	at := place{file: s.file, line: line}
	var value, count int64
	i, found := m.cells.index[key]
	if found {
		value, count = m.cells.value[i], m.cells.count[i]
	}
	switch {
	case found && (m.seen[i] == number || m.seen[i] == -number), !found && others[key]:
		m.faults.addf(at, "%s has a row already; remove one of the rows", combination(m.dims, m.layout, t, key))
		return false
	case found:
		m.seen[i] = number
	default:
		others[key] = true
	}
	printed := m.compare(at, m.value, record[c.value], decimal{value, m.places}, found)
	counted := c.frequency >= 0 && m.compare(at, m.frequency, record[c.frequency], decimal{n: count}, found)
	if printed && found {
		m.seen[i] = -number
		if m.printed[i] == 0 {
			m.printed[i] = number
		}
	}
	return counted && !printed
}

// key returns the combination of a row.
func (m *maskReader) key(s *sheet, c maskColumns, t *table, record []string, line int) (key uint64, ok bool) {
	for k, dim := range t.dims {
		d := m.dims[dim]
		text := record[c.dims[k]]
		code, known := d.number[text]
		if !known {
			m.faults.addf(place{file: s.file, line: line, column: d.name}, "the problem has no code %s; correct it, or remove the row", quoted(text))
			return 0, false
		}
		key = m.layout.with(key, dim, code)
	}
	return key, true
}

// compare reports whether a figure is printed; it is a fault if it is not the true one.
func (m *maskReader) compare(at place, column, text string, truth decimal, found bool) bool {
	if strings.TrimSpace(text) == "" {
		return false
	}
	at.column = column
	figure, problem := parseDecimal(text)
	switch {
	case problem != "":
		m.faults.addf(at, "%s; leave it empty where the cell is hidden", problem)
	case figure.equal(truth):
	case !found:
		m.faults.addf(at, "prints %s, and the problem has no such cell or it is zero; remove the row", figure)
	default:
		m.faults.addf(at, "prints %s, and the problem has %s; a mask prints true figures only", figure, truth)
	}
	return true
}
