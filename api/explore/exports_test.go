package explore_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/api/explore"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// TestCSV compares whole files.
func TestCSV(t *testing.T) {
	s := open(t)
	for name, c := range map[string]struct {
		parameters []string
		want       string
	}{
		"as it comes":  {[]string{"select=nom_of,frais_ttc_tot_mean,nom_region", "limit=2", "order_by=numero_formation"}, "\ufeffnom_of;frais_ttc_tot_mean;nom_region\r\nORGANISME UN;100.50;Auvergne-Rhône-Alpes\r\n\"ANGLAIS; \"\"SARL\"\"\";200.50;Île-de-France\r\n"},
		"comma, bare":  {[]string{"select=siret,code_region", "limit=1", "delimiter=,", "with_bom=false"}, "siret,code_region\r\n00040000200010,84\r\n"},
		"tabulator":    {[]string{"select=siret,code_region", "limit=1", "delimiter=\t", "with_bom=false"}, "siret\tcode_region\r\n00040000200010\t84\r\n"},
		"quoted":       {[]string{"select=siret,nb_action,nom_region", "limit=1", "offset=3", "with_bom=false", "quote_all=true", "where=nom_region is null"}, "\"siret\";\"nb_action\";\"nom_region\"\r\n\"00050000900014\";1;\r\n"},
		"labels":       {[]string{"select=siret,date_extract,code_inventaire,nb_action as n", "limit=1", "with_bom=false", "use_labels=true"}, "siret_of;date_chargement;code_rs;n\r\n00040000200010;2026-11-01;-1;1\r\n"},
		"groups":       {[]string{"select=avg(frais_ttc_tot_mean) as m, count(*) as n", "group_by=code_nsf_1", "with_bom=false"}, "code_nsf_1;m;n\r\n136;1300.5;12\r\n326;1200.5;12\r\n"},
		"an aggregate": {[]string{"select=sum(frais_ttc_tot_mean) as s", "with_bom=false"}, "s\r\n30012.00\r\n"},
		"no rows":      {[]string{"select=siret", "where=siret='x'", "with_bom=false"}, "siret\r\n"},
		"limit 0":      {[]string{"select=siret", "limit=0", "with_bom=false"}, "siret\r\n"},
		"truth":        {[]string{"select=siret", "where=nb_session_a_distance>0", "limit=1", "with_bom=false", "epsg=2154", "lang=en", "timezone=Europe/Paris"}, "siret\r\n00050000900014\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.get(t, ask(exports+"/csv", c.parameters...))
			if a.StatusCode != http.StatusOK || string(a.body) != c.want {
				t.Errorf("%d\n%q\n%q", a.StatusCode, a.body, c.want)
			}
		})
	}
	if a := s.get(t, exports+"/csv/?delimiter=;&limit=1&select=siret&with_bom=false"); string(a.body) != "siret\r\n00040000200010\r\n" {
		t.Errorf("a semicolon as it is: %q", a.body)
	}
}

func TestExportHeaders(t *testing.T) {
	s := open(t)
	a := s.get(t, ask(exports+"/csv", "where=code_region='11'"))
	h := a.Header
	if h.Get("Content-Disposition") != `attachment; filename="`+catalogue+`.csv"` || h.Get("Content-Type") != "text/csv; charset=utf-8" || h.Get("X-Release") == "" || h.Get("ETag") == "" {
		t.Errorf("%v", h)
	}
	if a.Trailer.Get("X-Total-Rows") != "6" {
		t.Errorf("trailer %v", a.Trailer)
	}
	a = s.get(t, ask(exports+"/jsonl", "limit=3", "offset=2", "compressed=true"))
	if h := a.Header; h.Get("Content-Type") != "application/gzip" || h.Get("Content-Encoding") != "" || !strings.Contains(h.Get("Content-Disposition"), ".jsonl.gz") || h.Get("X-Ignored-Parameters") != "offset" {
		t.Errorf("%v", h)
	}
	if lines := bytes.Count(unpack(t, a.body), []byte("\n")); lines != 3 {
		t.Errorf("%d lines", lines)
	}
	packed := s.get(t, ask(exports+"/json", "limit=3"), "Accept-Encoding: gzip")
	plain := s.get(t, ask(exports+"/json", "limit=3"))
	if packed.Header.Get("Content-Encoding") != "gzip" || !bytes.Equal(unpack(t, packed.body), plain.body) || packed.Header.Get("ETag") == plain.Header.Get("ETag") {
		t.Errorf("%v", packed.Header)
	}
	for _, dense := range []string{"/parquet?limit=1", "/xlsx?limit=1", "/csv?limit=1&compressed=true"} {
		a := s.get(t, exports+dense, "Accept-Encoding: gzip")
		if a.Header.Get("Content-Encoding") != "" || strings.HasSuffix(a.Header.Get("ETag"), `-gzip"`) {
			t.Errorf("%s: %v", dense, a.Header)
		}
		if a := s.get(t, exports+dense, "Accept-Encoding: gzip, identity;q=0"); a.Header.Get("Content-Encoding") != "gzip" || len(unpack(t, a.body)) == 0 {
			t.Errorf("%s: %v", dense, a.Header)
		}
	}
	if head := do(t, s.Server, http.MethodHead, exports+"/xlsx?limit=1"); head.StatusCode != http.StatusOK || head.Header.Get("ETag") == "" || len(head.body) > 0 {
		t.Errorf("HEAD: %d %v", head.StatusCode, head.Header)
	}
}

func unpack(t testing.TB, data []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(data))
	check(t, err)
	out, err := io.ReadAll(z)
	check(t, err)
	return out
}

// TestFormatsHoldTheSameRows compares every format with the pages of the API.
func TestFormatsHoldTheSameRows(t *testing.T) {
	s := open(t)
	query := []string{"select=numero_formation,nom_region,date_extract,nb_action,frais_ttc_tot_mean", "where=code_nsf_1='136'", "order_by=frais_ttc_tot_mean desc"}
	want, _ := at(s.get(t, ask(records, append(query, "limit=100")...)).json(t), "results").([]any)
	if len(want) != 12 {
		t.Fatalf("%d rows", len(want))
	}
	lines := bytes.Split(bytes.TrimSpace(s.get(t, ask(exports+"/jsonl", query...)).body), []byte("\n"))
	array, _ := s.get(t, ask(exports+"/json", query...)).json(t).([]any)
	sheet := readSheet(t, s.get(t, ask(exports+"/xlsx", query...)).body)
	table := readCSV(t, s.get(t, ask(exports+"/csv", append(query, "with_bom=false")...)).body)
	parquet := readParquet(t, s.get(t, ask(exports+"/parquet", query...)).body, "numero_formation")
	if len(lines) != 12 || len(array) != 12 || len(sheet) != 13 || len(table) != 13 || len(parquet) != 12 {
		t.Fatalf("%d %d %d %d %d", len(lines), len(array), len(sheet), len(table), len(parquet))
	}
	for i, row := range want {
		text := fmt.Sprint(row)
		if got := fmt.Sprint(array[i]); got != text {
			t.Errorf("json: %s, want %s", got, text)
		}
		if got := fmt.Sprint(decode(t, lines[i])); got != text {
			t.Errorf("jsonl: %s, want %s", got, text)
		}
		number := fmt.Sprint(at(row, "numero_formation"))
		if table[i+1][0] != number || sheet[i+1][0] != number || parquet[i] != number {
			t.Errorf("row %d: csv %s, xlsx %s, parquet %s, want %s", i, table[i+1][0], sheet[i+1][0], parquet[i], number)
		}
	}
}

func readCSV(t testing.TB, data []byte) [][]string {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma = ';'
	rows, err := r.ReadAll()
	check(t, err)
	return rows
}

func readSheet(t testing.TB, data []byte) [][]string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	check(t, err)
	defer func() { _ = f.Close() }()
	rows, err := f.GetRows("Données", excelize.Options{RawCellValue: true})
	check(t, err)
	return rows
}

// openParquet writes a file that the engine reads, and returns its path.
func openParquet(t testing.TB, data []byte) (*engine.DB, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.parquet")
	check(t, os.WriteFile(path, data, 0o600))
	db, err := engine.Open(t.Context(), engine.Options{Threads: 1})
	check(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db, "read_parquet(" + engine.Literal(path) + ", file_row_number = true)"
}

func readParquet(t testing.TB, data []byte, column string) []string {
	t.Helper()
	db, source := openParquet(t, data)
	var out []string
	check(t, db.Texts(t.Context(), "SELECT CAST("+column+" AS VARCHAR) FROM "+source+" ORDER BY file_row_number", 1, func(row []engine.Text) error {
		out = append(out, row[0].String)
		return nil
	}))
	return out
}

// TestSheetsStateNoSizeThatIsTooSmall: readers that believe the size which a sheet states
// would read its first cell alone.
func TestSheetsStateNoSizeThatIsTooSmall(t *testing.T) {
	s := open(t)
	f, err := excelize.OpenReader(bytes.NewReader(s.get(t, exports+"/xlsx?limit=3").body))
	check(t, err)
	defer func() { _ = f.Close() }()
	if size, err := f.GetSheetDimension("Données"); err != nil || size != "" {
		t.Errorf("the size is %q, %v", size, err)
	}
}

func TestParquetTypes(t *testing.T) {
	s := open(t)
	a := s.get(t, ask(exports+"/parquet", "select=date_extract,nb_action,frais_ttc_tot_mean,siret,nb_action / 8 as q,frais_ttc_tot_mean * 2 as d", "limit=1"))
	if a.Header.Get("Content-Length") != fmt.Sprint(len(a.body)) {
		t.Errorf("%v", a.Header)
	}
	db, source := openParquet(t, a.body)
	columns, err := db.Columns(t.Context(), "SELECT * EXCLUDE (file_row_number) FROM "+source)
	check(t, err)
	var got []string
	for _, c := range columns {
		got = append(got, c.Name+" "+c.Type)
	}
	if want := "date_extract DATE, nb_action INTEGER, frais_ttc_tot_mean DECIMAL(14,2), siret VARCHAR, q DOUBLE, d DOUBLE"; strings.Join(got, ", ") != want {
		t.Errorf("%s", strings.Join(got, ", "))
	}
	for given, codec := range map[string]string{"": "SNAPPY", "snappy": "SNAPPY", "zstd": "ZSTD"} {
		a := s.get(t, ask(exports+"/parquet", "select=siret", "parquet_compression="+given))
		db, source := openParquet(t, a.body)
		var used string
		check(t, db.Row(t.Context(), "SELECT DISTINCT compression FROM parquet_metadata("+strings.TrimSuffix(strings.TrimPrefix(source, "read_parquet("), ", file_row_number = true)")+")", []any{&used}))
		if used != codec {
			t.Errorf("%q: %s", given, used)
		}
	}
}

func TestSheetCells(t *testing.T) {
	s := open(t)
	rows := readSheet(t, s.get(t, ask(exports+"/xlsx", "select=siret,date_extract,frais_ttc_tot_mean,nb_action", "limit=1", "use_labels=true")).body)
	if got := fmt.Sprint(rows); got != "[[siret_of date_chargement frais_ttc_tot_mean nb_action] [00040000200010 46327 100.5 1]]" {
		t.Error(got)
	}
}

// TestStoredFiles: an export that is a file of the release is that file.
func TestStoredFiles(t *testing.T) {
	s := open(t)
	m := s.served(t, catalogue)
	latest := "/datasets/" + catalogue + "/releases/latest/" + catalogue
	for _, c := range []struct {
		format     string
		parameters []string
		file       string // "" when it must be made
	}{
		{"csv", []string{"delimiter=,", "with_bom=false"}, ".csv"},
		{"csv", []string{"delimiter=,", "with_bom=false", "compressed=true"}, ".csv.gz"},
		{"csv", []string{"delimiter=,", "with_bom=false", "lang=en", "timezone=Europe/Paris", "epsg=4326", "limit=-1"}, ".csv"},
		{"parquet", []string{"parquet_compression=zstd"}, ".parquet"},
		{"xlsx", nil, ".xlsx"},
		{"jsonl", []string{"compressed=true"}, ".jsonl.gz"},
		{"csv", nil, ""},
		{"csv", []string{"delimiter=,"}, ""},
		{"csv", []string{"with_bom=false"}, ""},
		{"csv", []string{"delimiter=,", "with_bom=false", "quote_all=true"}, ""},
		{"csv", []string{"delimiter=,", "with_bom=false", "use_labels=true"}, ""},
		{"csv", []string{"delimiter=,", "with_bom=false", "where=siret is not null"}, ""},
		{"csv", []string{"delimiter=,", "with_bom=false", "order_by=siret"}, ""},
		{"csv", []string{"delimiter=,", "with_bom=false", "limit=24"}, ""},
		{"csv", []string{"delimiter=,", "with_bom=false", "refine=code_region:11"}, ""},
		{"xlsx", []string{"use_labels=true"}, ""},
		{"parquet", nil, ""},
		{"jsonl", nil, ""},
	} {
		address := ask(exports+"/"+c.format, c.parameters...)
		a := s.get(t, address)
		location := a.Header.Get("Content-Location")
		if a.StatusCode != http.StatusOK || a.Header.Get("X-Release") != m.Release || a.Header.Get("Cache-Control") != "public, max-age=60, s-maxage=60, must-revalidate" {
			t.Errorf("%s: %d %v", address, a.StatusCode, a.Header)
		}
		if c.file == "" {
			if location != "" {
				t.Errorf("%s: %s", address, location)
			}
			continue
		}
		if want := public + "/datasets/" + catalogue + "/releases/" + m.Release + "/" + catalogue + c.file; location != want {
			t.Errorf("%s: %q", address, location)
		}
		if file := s.get(t, latest+c.file); !bytes.Equal(a.body, file.body) || a.Header.Get("ETag") != file.Header.Get("ETag") {
			t.Errorf("%s is not %s", address, c.file)
		}
	}
}

// TestMadeEqualsStored: what is made row by row has the bytes of the file, or its
// values.
func TestMadeEqualsStored(t *testing.T) {
	s := open(t)
	latest := "/datasets/" + catalogue + "/releases/latest/" + catalogue
	made := s.get(t, ask(exports+"/csv", "delimiter=,", "with_bom=false", "limit=1000000"))
	if stored := s.get(t, latest+".csv"); made.Header.Get("Content-Location") != "" || !bytes.Equal(made.body, stored.body) {
		t.Error("CSV differs")
	}
	var mine, theirs []any
	for _, c := range []struct {
		into *[]any
		text []byte
	}{{&mine, s.get(t, exports+"/jsonl").body}, {&theirs, unpack(t, s.get(t, latest+".jsonl.gz").body)}} {
		d := json.NewDecoder(bytes.NewReader(c.text))
		for d.More() {
			var v any
			check(t, d.Decode(&v))
			*c.into = append(*c.into, v)
		}
	}
	if fmt.Sprint(mine) != fmt.Sprint(theirs) || len(mine) != 24 {
		t.Error("JSON lines differ")
	}
}

func TestRefusedExports(t *testing.T) {
	s := open(t)
	for _, c := range []struct{ path, code string }{
		{exports + "/csv?delimiter=x", "InvalidRESTParameterError"},
		{exports + "/csv?limit=-2", "InvalidRESTParameterError"},
		{exports + "/csv?use_labels=oui", "InvalidRESTParameterError"},
		{exports + "/parquet?parquet_compression=gzip", "InvalidRESTParameterError"},
		{exports + "/csv?epsg=lambert", "InvalidRESTParameterError"},
		{exports + "/csv?select=inconnu", "ODSQLError"},
	} {
		s.get(t, c.path).fault(t, 400, c.code)
	}
	for _, format := range []string{"geojson", "shp", "kml", "CSV", "csv2"} {
		if m := s.get(t, exports+"/"+format).fault(t, 404, "NotFoundResource"); !strings.Contains(m, "csv, json, jsonl, parquet, xlsx") {
			t.Error(m)
		}
	}
}

// TestSheetsThatAreTooLong asks an API of which sheets have ten rows at most.
func TestSheetsThatAreTooLong(t *testing.T) {
	s := open(t)
	a, err := explore.New(explore.Options{Library: s.library, Now: now, Scratch: s.dir})
	check(t, err)
	a.LimitSheets(10)
	for query, refused := range map[string]string{
		"":                           "24 lignes",
		"limit=11&use_labels=true":   "11 lignes",
		"where=code_nsf_1='136'":     "12 lignes",
		"group_by=numero_formation":  "24 lignes",
		"limit=10":                   "",
		"where=code_region='11'":     "",
		"group_by=code_region":       "",
		"select=count(*)":            "",
		"order_by=siret&limit=0":     "",
		"refine=type_referentiel:XX": "",
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?"+query, http.NoBody)
		err := endpoint(t, a, base+"/datasets/:dataset/exports/:format").Answer(&explore.Call{
			Call: exchange.Call{Writer: w, Request: r, Base: public, Path: func(name string) string { return map[string]string{"dataset": catalogue, "format": "xlsx"}[name] }},
		})
		var refusal *explore.Error
		switch {
		case refused == "" && err != nil:
			t.Errorf("%s: %v", query, err)
		case refused != "" && (!errors.As(err, &refusal) || refusal.Status != 400 || !strings.Contains(refusal.Message, refused) || !strings.HasSuffix(refusal.Message, "Prenez le format csv : "+public+exports+"/csv")):
			t.Errorf("%s: %v", query, err)
		}
	}
}

func endpoint(t testing.TB, a *explore.API, pattern string) explore.Endpoint {
	t.Helper()
	for _, e := range a.Endpoints() {
		if e.Pattern == pattern {
			return e
		}
	}
	t.Fatalf("no endpoint %s", pattern)
	return explore.Endpoint{}
}

// TestSecretCellsAreNull in every format, so that columns of numbers hold numbers.
func TestSecretCellsAreNull(t *testing.T) {
	s := open(t)
	path := base + "/datasets/" + engagees + "_region"
	query := []string{"select=nb_dossiers,montant_engage,code_region_lieu_formation", "where=code_region_lieu_formation='00'", "limit=1"}
	same(t, s.get(t, ask(path+"/records", query...)).json(t), `{"total_count":2,"results":[{"nb_dossiers":null,"montant_engage":null,"code_region_lieu_formation":"00"}]}`)
	same(t, s.get(t, ask(path+"/exports/json", query...)).json(t), `[{"nb_dossiers":null,"montant_engage":null,"code_region_lieu_formation":"00"}]`)
	if got := string(s.get(t, ask(path+"/exports/csv", append(query, "with_bom=false")...)).body); got != "nb_dossiers;montant_engage;code_region_lieu_formation\r\n;;00\r\n" {
		t.Errorf("%q", got)
	}
	if rows := readSheet(t, s.get(t, ask(path+"/exports/xlsx", query...)).body); rows[1][0] != "" || rows[1][2] != "00" {
		t.Errorf("%v", rows)
	}
	db, source := openParquet(t, s.get(t, ask(path+"/exports/parquet", query...)).body)
	n, err := db.Count(t.Context(), "SELECT count(*) FROM "+source+" WHERE nb_dossiers IS NULL AND montant_engage IS NULL AND typeof(montant_engage) = 'DECIMAL(14,2)'")
	if err != nil || n != 1 {
		t.Errorf("%d rows, %v", n, err)
	}
}
