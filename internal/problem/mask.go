package problem

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
)

// Words of the column status.
const (
	published = "published"
	primary   = "sensitive"
	secondary = "secondary"
)

// Create writes a file of the given name with what write writes, whole or not at all.
type Create func(name string, write func(io.Writer) error) error

// WriteMask writes one file NAME.csv per table: the dimensions, the value and the
// frequency, both empty where the cell is hidden, and the status. Rows are those of
// the input in its order, zeros included, then the margins of a detailed table in the
// order of codes.
//
// Inputs: one entry per cell, true where it is hidden. Every sensitive cell is.
//
// Errors: a sensitive cell that is not hidden; those of create.
func (in *Input) WriteMask(hidden []bool, create Create) error {
	if len(hidden) != len(in.Problem.Cells) {
		return fmt.Errorf("write mask: it has %d cells, the problem %d", len(hidden), len(in.Problem.Cells))
	}
	for i, cell := range in.Problem.Cells {
		if cell.Sensitive && !hidden[i] {
			return fmt.Errorf("write mask: %s is sensitive and not hidden; nothing is written", in.Name(i))
		}
	}
	for _, t := range in.tables {
		err := create(MaskFile(t.name), func(w io.Writer) error { return in.writeTable(w, t, hidden) })
		if err != nil {
			return fmt.Errorf("write mask of %s: %w", t.name, err)
		}
	}
	return nil
}

// MaskFile is the name of the file of a table in a mask.
func MaskFile(table string) string { return table + ".csv" }

// status says what becomes of a cell in print.
func (in *Input) status(i int32, hidden []bool) string {
	switch cell := &in.Problem.Cells[i]; {
	case cell.Sensitive || cell.Unprinted:
		return primary
	case hidden[i]:
		return secondary
	default:
		return published
	}
}

func (in *Input) writeTable(w io.Writer, t *table, hidden []bool) error {
	buffer := bufio.NewWriterSize(w, 1<<16)
	out := csv.NewWriter(buffer)
	n := len(t.dims)
	figures := []string{in.value, in.frequency, statusColumn}
	if in.frequency == in.value {
		figures = figures[1:]
	}
	record := make([]string, n+len(figures))
	for k, dim := range t.dims {
		record[k] = in.dims[dim].name
	}
	copy(record[n:], figures)
	if err := out.Write(record); err != nil {
		return err
	}
	write := func(key uint64, value decimal, count int64, status string) error {
		for k, dim := range t.dims {
			record[k] = in.dims[dim].codes[in.layout.code(key, dim)]
		}
		for k := n; k < len(record)-1; k++ {
			record[k] = ""
		}
		if status == published {
			record[n] = value.String()
			if len(figures) == 3 {
				record[n+1] = decimal{n: count}.String()
			}
		}
		record[len(record)-1] = status
		return out.Write(record)
	}
	for row, i := range t.cell {
		status := published
		if i >= 0 {
			status = in.status(i, hidden)
		}
		if err := write(t.key[row], t.value[row], t.count[row], status); err != nil {
			return err
		}
	}
	c, unit := in.cells, powers[in.places-t.places]
	for _, i := range t.margins {
		if err := write(c.key[i], decimal{c.value[i] / unit, t.places}, c.count[i], in.status(i, hidden)); err != nil {
			return err
		}
	}
	if out.Flush(); out.Error() != nil {
		return out.Error()
	}
	return buffer.Flush()
}

// Summary counts the cells of a mask, each once over all tables.
type Summary struct {
	// Cells are those that a table has and that are not secret zeros.
	Cells int
	// Sensitive are the cells that the rules or the user call so.
	Sensitive int
	// Secondary are the cells hidden besides them, SecondaryValue the sum of their
	// values as a decimal number.
	Secondary      int
	SecondaryValue string
}

// Summary says what a mask hides.
func (in *Input) Summary(hidden []bool) Summary {
	s := Summary{}
	var value sum
	for i, cell := range in.Problem.Cells {
		if cell.Unprinted {
			continue
		}
		s.Cells++
		switch {
		case cell.Sensitive:
			s.Sensitive++
		case hidden[i]:
			s.Secondary++
			value.add(cell.Values[0])
		}
	}
	s.SecondaryValue = value.text(in.places)
	return s
}
