package files

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
	"unicode/utf16"

	"github.com/klauspost/compress/zip"
	"github.com/xuri/excelize/v2"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// maxCell is the greatest number of UTF-16 units in a cell of XLSX (Microsoft,
// Excel specifications and limits).
const maxCell = 32767

// cutMark ends a text that does not fit in a cell.
const cutMark = " [texte coupé : voir le fichier CSV]"

const (
	dataSheet  = "Données"
	fieldSheet = "Champs"
)

// workbook is the sink that writes XLSX: the rows on the first sheet, what the
// fields mean on the second. Codes are text cells.
type workbook struct {
	book   *excelize.File
	stream *excelize.StreamWriter
	fields []datasets.Field
	path   string
	next   int // row of the next record
	cells  []any
	date   int // style of dates
	money  int // style of decimals

	bytes  int64
	sha256 string
}

func newWorkbook(s Source, rows int64, path, tmp string) (*workbook, error) {
	book := excelize.NewFile(excelize.Options{TmpDir: tmp})
	book.SetZipWriter(func(w io.Writer) excelize.ZipWriter { return zip.NewWriter(w) })
	w := &workbook{book: book, fields: s.Table.Fields, path: path, next: 2, cells: make([]any, len(s.Table.Fields))}
	if err := w.begin(s, rows); err != nil {
		return nil, errors.Join(err, book.Close())
	}
	return w, nil
}

func (w *workbook) begin(s Source, rows int64) error {
	if err := w.book.SetSheetName("Sheet1", dataSheet); err != nil {
		return err
	}
	// Some readers trust the dimension that a sheet states.
	corner, err := excelize.CoordinatesToCellName(len(w.fields), int(rows)+1)
	if err != nil {
		return err
	}
	if err := w.book.SetSheetDimension(dataSheet, "A1:"+corner); err != nil {
		return err
	}
	if err := w.explain(s); err != nil {
		return err
	}
	format := "yyyy-mm-dd"
	if w.date, err = w.book.NewStyle(&excelize.Style{CustomNumFmt: &format}); err != nil {
		return err
	}
	if w.money, err = w.book.NewStyle(&excelize.Style{NumFmt: 2}); err != nil {
		return err
	}
	bold, err := w.book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	if w.stream, err = w.book.NewStreamWriter(dataSheet); err != nil {
		return err
	}
	if err := w.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if err := w.stream.SetColWidth(1, len(w.fields), 18); err != nil {
		return err
	}
	head := make([]any, len(w.fields))
	for i, f := range w.fields {
		head[i] = excelize.Cell{StyleID: bold, Value: f.Name}
	}
	return w.stream.SetRow("A1", head)
}

// explain writes the second sheet.
func (w *workbook) explain(s Source) error {
	if _, err := w.book.NewSheet(fieldSheet); err != nil {
		return err
	}
	rows := [][]any{
		{"Jeu de données", s.Dataset.Title}, {"Table", s.Table.Title}, {"Grain", s.Table.Grain},
		{"Description", s.Table.Description}, {"Licence", s.Dataset.License + " (" + s.Dataset.LicenseURL + ")"},
		{}, {"Champ", "Titre", "Type", "Unité", "Description"},
	}
	for _, f := range w.fields {
		rows = append(rows, []any{f.Name, f.Title, string(f.Type), f.Unit, f.Description})
	}
	for i, r := range rows {
		if err := w.book.SetSheetRow(fieldSheet, fmt.Sprintf("A%d", i+1), &r); err != nil {
			return err
		}
	}
	return w.book.SetColWidth(fieldSheet, "A", "E", 30)
}

func (w *workbook) row(r []engine.Text) error {
	for i, v := range r {
		cell, err := w.cell(w.fields[i].Type, v)
		if err != nil {
			return err
		}
		w.cells[i] = cell
	}
	err := w.stream.SetRow("A"+strconv.Itoa(w.next), w.cells)
	w.next++
	return err
}

// cell returns a value as the library wants it. XLSX knows numbers in binary
// floating point only; two decimals under 10¹⁴ survive that exactly.
func (w *workbook) cell(t datasets.Type, v engine.Text) (any, error) {
	if !v.Valid {
		return nil, nil
	}
	switch t {
	case datasets.TypeInt:
		return strconv.ParseInt(v.String, 10, 64)
	case datasets.TypeDecimal:
		n, err := strconv.ParseFloat(v.String, 64)
		return excelize.Cell{StyleID: w.money, Value: n}, err
	case datasets.TypeDate:
		d, err := time.Parse(time.DateOnly, v.String)
		return excelize.Cell{StyleID: w.date, Value: d}, err
	default:
		return fitCell(v.String), nil
	}
}

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

func (w *workbook) close() (err error) {
	defer func() { err = errors.Join(err, w.book.Close()) }()
	if err := w.stream.Flush(); err != nil {
		return err
	}
	file, err := os.OpenFile(w.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(w.book.Write(file), file.Close()); err != nil {
		return err
	}
	f := File{Path: w.path}
	err = f.measure()
	w.bytes, w.sha256 = f.Bytes, f.SHA256
	return err
}
