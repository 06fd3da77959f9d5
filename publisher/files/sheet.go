package files

import (
	"errors"
	"io"
	"strconv"
	"time"
	"unicode/utf16"

	"github.com/klauspost/compress/zip"
	"github.com/xuri/excelize/v2"
)

// maxCell is the greatest number of UTF-16 units in a cell of XLSX (Microsoft,
// Excel specifications and limits).
const maxCell = 32767

// cutMark ends a text that does not fit in a cell.
const cutMark = " [texte coupé : voir le fichier CSV]"

// Sheet is an XLSX file that is written row by row, with bounded memory: one sheet
// under a header in bold that stays in place. The bytes depend on the rows alone.
type Sheet struct {
	book   *excelize.File
	stream *excelize.StreamWriter
	next   int // row of the next record
	cells  []any
	date   int // style of dates
	money  int // style of decimals
}

// Number is a decimal number, for a cell.
type Number struct {
	Text string
	// Money shows it with two decimals.
	Money bool
}

// NewSheet begins a sheet with the given header. Rows that do not fit in memory go to
// the directory tmp. The file does not say how large the sheet is, since that is not known
// when its head is written: readers that believe a size would read no more than it.
func NewSheet(head []string, tmp string) (*Sheet, error) {
	return newSheet(head, tmp, func(book *excelize.File) error { return book.SetSheetDimension(dataSheet, "") })
}

// newSheet begins a sheet; size is called when the book has it, empty, and sets the range
// that it will have.
func newSheet(head []string, tmp string, size func(*excelize.File) error) (*Sheet, error) {
	book := excelize.NewFile(excelize.Options{TmpDir: tmp})
	book.SetZipWriter(func(w io.Writer) excelize.ZipWriter { return zip.NewWriter(w) })
	s := &Sheet{book: book, next: 2}
	if err := s.begin(head, size); err != nil {
		return nil, errors.Join(err, book.Close())
	}
	return s, nil
}

func (s *Sheet) begin(head []string, size func(*excelize.File) error) error {
	if err := s.book.SetSheetName("Sheet1", dataSheet); err != nil {
		return err
	}
	if err := size(s.book); err != nil {
		return err
	}
	format := "yyyy-mm-dd"
	var err error
	if s.date, err = s.book.NewStyle(&excelize.Style{CustomNumFmt: &format}); err != nil {
		return err
	}
	if s.money, err = s.book.NewStyle(&excelize.Style{NumFmt: 2}); err != nil {
		return err
	}
	bold, err := s.book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	if s.stream, err = s.book.NewStreamWriter(dataSheet); err != nil {
		return err
	}
	if err := s.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if err := s.stream.SetColWidth(1, max(len(head), 1), 18); err != nil {
		return err
	}
	cells := make([]any, len(head))
	for i, name := range head {
		cells[i] = excelize.Cell{StyleID: bold, Value: name}
	}
	return s.stream.SetRow("A1", cells)
}

// Append adds a row. A cell is nil, a string, an int64, a float64, a bool, a
// [time.Time] (a day) or a [Number].
func (s *Sheet) Append(row []any) error {
	s.cells = s.cells[:0]
	for _, v := range row {
		cell, err := s.cell(v)
		if err != nil {
			return err
		}
		s.cells = append(s.cells, cell)
	}
	err := s.stream.SetRow("A"+strconv.Itoa(s.next), s.cells)
	s.next++
	return err
}

// cell returns a value as the library wants it. XLSX knows numbers in binary floating
// point only; two decimals under 10¹⁴ survive that exactly.
func (s *Sheet) cell(v any) (any, error) {
	switch v := v.(type) {
	case string:
		return fitCell(v), nil
	case Number:
		n, err := strconv.ParseFloat(v.Text, 64)
		if v.Money {
			return excelize.Cell{StyleID: s.money, Value: n}, err
		}
		return n, err
	case time.Time:
		return excelize.Cell{StyleID: s.date, Value: v}, nil
	default:
		return v, nil
	}
}

// Save writes the file, after the last row.
func (s *Sheet) Save(w io.Writer) error {
	if err := s.stream.Flush(); err != nil {
		return err
	}
	return s.book.Write(w)
}

// Close lets go of what the sheet holds.
func (s *Sheet) Close() error { return s.book.Close() }

// fitCell cuts a text that is too long for a cell, and says so in the cell.
func fitCell(text string) string {
	if len(text) <= maxCell {
		return text
	}
	units, room := 0, maxCell-len(utf16.Encode([]rune(cutMark)))
	for i, r := range text {
		if n := units + utf16.RuneLen(r); n > room {
			if countUnits(text) <= maxCell {
				return text
			}
			return text[:i] + cutMark
		}
		units += utf16.RuneLen(r)
	}
	return text
}

func countUnits(text string) int {
	n := 0
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}
