package files

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/engine"
)

const (
	dataSheet  = "Données"
	fieldSheet = "Champs"
)

// workbook is the sink that writes XLSX: the rows on the first sheet, what the
// fields mean on the second. Codes are text cells.
type workbook struct {
	sheet  *Sheet
	fields []datasets.Field
	path   string
	cells  []any

	bytes  int64
	sha256 string
}

func newWorkbook(s Source, rows int64, path, tmp string) (*workbook, error) {
	w := &workbook{fields: s.Table.Fields, path: path, cells: make([]any, len(s.Table.Fields))}
	var err error
	w.sheet, err = newSheet(s.Table.Names(), tmp, func(book *excelize.File) error {
		// Some readers trust the dimension that a sheet states.
		corner, err := excelize.CoordinatesToCellName(len(w.fields), int(rows)+1)
		if err != nil {
			return err
		}
		if err := book.SetSheetDimension(dataSheet, "A1:"+corner); err != nil {
			return err
		}
		return s.explain(book)
	})
	return w, err
}

// explain writes the second sheet.
func (s Source) explain(book *excelize.File) error {
	if _, err := book.NewSheet(fieldSheet); err != nil {
		return err
	}
	rows := [][]any{
		{"Jeu de données", s.Dataset.Title}, {"Table", s.Table.Title}, {"Grain", s.Table.Grain},
		{"Description", s.Table.Description}, {"Licence", s.Dataset.License + " (" + s.Dataset.LicenseURL + ")"},
		{}, {"Champ", "Titre", "Type", "Unité", "Description"},
	}
	for _, f := range s.Table.Fields {
		rows = append(rows, []any{f.Name, f.Title, string(f.Type), f.Unit, f.Description})
	}
	for i, r := range rows {
		if err := book.SetSheetRow(fieldSheet, fmt.Sprintf("A%d", i+1), &r); err != nil {
			return err
		}
	}
	return book.SetColWidth(fieldSheet, "A", "E", 30)
}

func (w *workbook) row(r []engine.Text) error {
	for i, v := range r {
		cell, err := w.cell(w.fields[i].Type, v)
		if err != nil {
			return err
		}
		w.cells[i] = cell
	}
	return w.sheet.Append(w.cells)
}

// cell returns a value as the sheet wants it.
func (w *workbook) cell(t datasets.Type, v engine.Text) (any, error) {
	if !v.Valid {
		return nil, nil
	}
	switch t {
	case datasets.TypeInt:
		return strconv.ParseInt(v.String, 10, 64)
	case datasets.TypeDecimal:
		return Number{Text: v.String, Money: true}, nil
	case datasets.TypeDate:
		return time.Parse(time.DateOnly, v.String)
	default:
		return v.String, nil
	}
}

func (w *workbook) close() (err error) {
	defer func() { err = errors.Join(err, w.sheet.Close()) }()
	file, err := os.OpenFile(w.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(w.sheet.Save(file), file.Close()); err != nil {
		return err
	}
	f := File{Path: w.path}
	err = f.measure()
	w.bytes, w.sha256 = f.Bytes, f.SHA256
	return err
}
