package files_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/publisher/files"
)

// table has a field of each type; its rows hold what breaks careless writers.
var table = datasets.Table{
	ID: "essai", Title: "Essai", Grain: "ligne", Key: []string{"code", "place"}, LoadDate: "charge",
	Fields: []datasets.Field{
		{Name: "charge", Type: datasets.TypeDate}, {Name: "code", Type: datasets.TypeText}, {Name: "place", Type: datasets.TypeText},
		{Name: "texte", Type: datasets.TypeText}, {Name: "n", Type: datasets.TypeInt}, {Name: "prix", Type: datasets.TypeDecimal},
	},
}

const rows = `VALUES
	(DATE '2026-11-21', '0123', '2A', 'a;b,"c"', 1, 1234.50),
	(DATE '2026-11-21', '0123', NULL, '=1+1', -1, 0.10),
	(DATE '2026-11-21', '-1', '01', '-1', NULL, NULL),
	(DATE '2026-11-21', '99700001100017', '971', 'ligne 1' || chr(10) || 'ligne 2', 0, 99999999999.99),
	(DATE '2026-11-21', '99700001100017', '976', ' blanc ', 7, 0.00),
	(DATE '2026-11-21', 'é', 'œ', '<b>&amp; "x" \ ' || chr(9) || '😀', 7, 3.00)`

// write writes the rows of a query and returns the files by extension.
func write(t *testing.T, query string, threads int) (files.Table, map[string][]byte) {
	t.Helper()
	db, err := engine.Open(t.Context(), engine.Options{Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.Exec(t.Context(), "CREATE TABLE essai AS SELECT * FROM ("+query+") t(charge, code, place, texte, n, prix)"); err != nil {
		t.Fatal(err)
	}
	out, err := files.Write(t.Context(), files.Source{DB: db, Relation: "essai", Table: table, Dataset: datasets.Dataset{Title: "Jeu"}}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	content := map[string][]byte{}
	for _, f := range out.Files {
		b, err := os.ReadFile(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(b)) != f.Bytes {
			t.Errorf("%s: %d bytes, %d announced", f.Name, len(b), f.Bytes)
		}
		content[strings.TrimPrefix(f.Name, "essai")] = b
	}
	return out, content
}

func gunzip(t *testing.T, b []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCSV(t *testing.T) {
	_, content := write(t, rows, 2)
	want := "charge,code,place,texte,n,prix\r\n" +
		"2026-11-21,-1,01,-1,,\r\n" +
		"2026-11-21,0123,2A,\"a;b,\"\"c\"\"\",1,1234.50\r\n" +
		"2026-11-21,0123,,=1+1,-1,0.10\r\n" +
		"2026-11-21,99700001100017,971,\"ligne 1\nligne 2\",0,99999999999.99\r\n" +
		"2026-11-21,99700001100017,976,\" blanc \",7,0.00\r\n" +
		"2026-11-21,é,œ,\"<b>&amp; \"\"x\"\" \\ \t😀\",7,3.00\r\n"
	if diff := cmp.Diff(want, string(content[".csv"])); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, string(gunzip(t, content[".csv.gz"]))); diff != "" {
		t.Error(diff)
	}
	if _, err := csv.NewReader(bytes.NewReader(content[".csv"])).ReadAll(); err != nil {
		t.Error(err)
	}
}

func TestFrenchCSV(t *testing.T) {
	_, content := write(t, rows, 2)
	want := "\ufeffcharge;code;place;texte;n;prix\r\n" +
		"2026-11-21;-1;01;-1;;\r\n" +
		"2026-11-21;0123;2A;\"a;b,\"\"c\"\"\";1;1234,50\r\n" +
		"2026-11-21;0123;;'=1+1;-1;0,10\r\n" +
		"2026-11-21;99700001100017;971;\"ligne 1\nligne 2\";0;99999999999,99\r\n" +
		"2026-11-21;99700001100017;976;\" blanc \";7;0,00\r\n" +
		"2026-11-21;é;œ;\"<b>&amp; \"\"x\"\" \\ \t😀\";7;3,00\r\n"
	if diff := cmp.Diff(want, string(content[".excel.csv"])); diff != "" {
		t.Error(diff)
	}
}

func TestJSONLines(t *testing.T) {
	_, content := write(t, rows, 2)
	lines := strings.Split(strings.TrimSpace(string(gunzip(t, content[".jsonl.gz"]))), "\n")
	if len(lines) != 6 {
		t.Fatalf("%d lines", len(lines))
	}
	if want := `{"charge":"2026-11-21","code":"-1","place":"01","texte":"-1","n":null,"prix":null}`; lines[0] != want {
		t.Errorf("got %s", lines[0])
	}
	if want := `{"charge":"2026-11-21","code":"0123","place":"2A","texte":"a;b,\"c\"","n":1,"prix":1234.50}`; lines[1] != want {
		t.Errorf("got %s", lines[1])
	}
	var last map[string]any
	if err := json.Unmarshal([]byte(lines[5]), &last); err != nil || last["texte"] != "<b>&amp; \"x\" \\ \t😀" {
		t.Errorf("last line %v, %v", last, err)
	}
}

func TestWorkbook(t *testing.T) {
	_, content := write(t, rows, 2)
	book, err := excelize.OpenReader(bytes.NewReader(content[".xlsx"]))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	got, err := book.GetRows("Données", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"charge", "code", "place", "texte", "n", "prix"},
		{"46347", "-1", "01", "-1"},
		{"46347", "0123", "2A", "a;b,\"c\"", "1", "1234.5"},
		{"46347", "0123", "", "=1+1", "-1", "0.1"},
		{"46347", "99700001100017", "971", "ligne 1\nligne 2", "0", "99999999999.99"},
		{"46347", "99700001100017", "976", " blanc ", "7", "0"},
		{"46347", "é", "œ", "<b>&amp; \"x\" \\ \t😀", "7", "3"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if dimension, err := book.GetSheetDimension("Données"); err != nil || dimension != "A1:F7" {
		t.Errorf("dimension %s, %v", dimension, err)
	}
	for cell, want := range map[string]excelize.CellType{"B3": excelize.CellTypeInlineString, "C3": excelize.CellTypeInlineString, "D4": excelize.CellTypeInlineString} {
		if kind, err := book.GetCellType("Données", cell); err != nil || kind != want {
			t.Errorf("cell %s is of type %v, %v", cell, kind, err)
		}
	}
	if formula, err := book.GetCellFormula("Données", "D4"); err != nil || formula != "" {
		t.Errorf("cell D4 is the formula %q, %v", formula, err)
	}
}

func TestLongTextIsCutInTheWorkbookOnly(t *testing.T) {
	long := strings.Repeat("é😀", 20000)
	_, content := write(t, fmt.Sprintf("VALUES (DATE '2026-11-21', 'a', 'b', '%s', 1, 1.00)", long), 1)
	book, err := excelize.OpenReader(bytes.NewReader(content[".xlsx"]))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	cell, err := book.GetCellValue("Données", "D2")
	if err != nil || !strings.HasSuffix(cell, "[texte coupé : voir le fichier CSV]") || !strings.HasPrefix(long, strings.TrimSuffix(cell, " [texte coupé : voir le fichier CSV]")) {
		t.Errorf("cell of %d bytes, %v", len(cell), err)
	}
	if !bytes.Contains(content[".csv"], []byte(long)) {
		t.Error("the CSV lost text")
	}
}

func TestParquet(t *testing.T) {
	out, _ := write(t, rows, 2)
	db, err := engine.Open(t.Context(), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	file := "read_parquet(" + engine.Literal(out.Files[0].Path) + ")"
	cols, err := db.Columns(t.Context(), "SELECT * FROM "+file)
	if err != nil {
		t.Fatal(err)
	}
	want := []engine.Column{{Name: "charge", Type: "DATE"}, {Name: "code", Type: "VARCHAR"}, {Name: "place", Type: "VARCHAR"},
		{Name: "texte", Type: "VARCHAR"}, {Name: "n", Type: "INTEGER"}, {Name: "prix", Type: "DECIMAL(13,2)"}}
	if diff := cmp.Diff(want, cols); diff != "" {
		t.Error(diff)
	}
	n, err := db.Count(t.Context(), "SELECT count(*) FROM "+file+" WHERE code = '0123' AND place IS NULL AND prix = 0.10")
	if err != nil || n != 1 {
		t.Errorf("%d rows, %v", n, err)
	}
}

const manyRows = `SELECT DATE '2026-11-21', (hash(i) % 50000)::VARCHAR, i::VARCHAR, repeat('texte ' || hash(i * 7) || ' ', 5), (i % 97)::INTEGER, ((hash(i * 3) % 1000000) / 100)::DECIMAL(14,2) FROM range(110000) r(i)`

func TestBytesDoNotDependOnThreads(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 110 000 rows twice")
	}
	first, _ := write(t, manyRows, 1)
	for _, threads := range []int{8} {
		next, _ := write(t, manyRows, threads)
		if next.Digest != first.Digest {
			t.Errorf("%d threads: another digest of the content", threads)
		}
		for i, f := range next.Files {
			if f.SHA256 != first.Files[i].SHA256 {
				t.Errorf("%d threads: %s differs", threads, f.Name)
			}
		}
	}
}

func TestDigestLeavesOutTheLoadDateAlone(t *testing.T) {
	first, _ := write(t, rows, 1)
	other, _ := write(t, strings.ReplaceAll(rows, "2026-11-21", "2026-11-22"), 1)
	if first.Digest != other.Digest {
		t.Error("another load date gives another digest")
	}
	for _, change := range [][2]string{{"'2A'", "'2B'"}, {"NULL, '=1+1'", "'', '=1+1'"}, {"1234.50", "1234.51"}, {"'0123', '2A'", "'01232', 'A'"}} {
		changed, _ := write(t, strings.Replace(rows, change[0], change[1], 1), 1)
		if first.Digest == changed.Digest {
			t.Errorf("%s for %s gives the same digest", change[1], change[0])
		}
	}
}

func TestFailedWriteLeavesAnError(t *testing.T) {
	db, err := engine.Open(t.Context(), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.Exec(t.Context(), "CREATE TABLE essai AS SELECT * FROM ("+rows+") t(charge, code, place, texte, n, prix)"); err != nil {
		t.Fatal(err)
	}
	src := files.Source{DB: db, Relation: "essai", Table: table}
	if _, err := files.Write(t.Context(), src, filepath.Join(t.TempDir(), "absent")); err == nil {
		t.Error("no error without a directory")
	}
}
