package explore

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/parvis-opendata/parvis/internal/odsql"
)

// format is a format of exports.
type format struct {
	name, mediaType string
	// headed formats have names of columns at their head, which may be labels.
	headed bool
	// dense formats are compressed in themselves.
	dense bool
	// catalogue says that the catalogue is exported in it too.
	catalogue bool
}

var formats = []format{
	{"csv", "text/csv; charset=utf-8", true, false, true},
	{"json", jsonType, false, false, true},
	{"jsonl", "application/x-ndjson; charset=utf-8", false, false, true},
	{"parquet", "application/vnd.apache.parquet", false, true, false},
	{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", true, true, true},
}

// findFormat returns a format by its name.
//
// Errors: there is none, or not for the catalogue.
func findFormat(name string, catalogue bool) (format, error) {
	var names []string
	for _, f := range formats {
		if catalogue && !f.catalogue {
			continue
		}
		if f.name == name {
			return f, nil
		}
		names = append(names, f.name)
	}
	return format{}, notFound(fmt.Sprintf("Il n'y a pas d'export « %s » ; les formats sont %s.", cut(name, 40), strings.Join(names, ", ")))
}

// exportOptions are how an export is written.
type exportOptions struct {
	format     format
	limit      int // -1 for all rows
	offset     int // of the catalogue only
	labels     bool
	compressed bool
	csv        csvOptions
	// title is the name of the file, without its ending; that of the table if empty.
	title string
	// compression is that of Parquet: snappy or zstd.
	compression string
}

// csvOptions are how CSV is written.
type csvOptions struct {
	delimiter, separator string
	quoteAll, bom        bool
}

func readExportOptions(p params, f format) (exportOptions, error) {
	o := exportOptions{format: f}
	var err error
	if o.limit, err = p.whole("limit", -1, -1, math.MaxInt32, " -1 rend toutes les lignes."); err != nil {
		return o, err
	}
	if _, err = p.whole("epsg", 4326, 0, math.MaxInt32, ""); err != nil { // nothing has a geometry
		return o, err
	}
	if err = p.flags(map[string]*bool{"use_labels": &o.labels, "compressed": &o.compressed, "quote_all": &o.csv.quoteAll}); err != nil {
		return o, err
	}
	if o.csv.bom, err = p.flag("with_bom", true); err != nil {
		return o, err
	}
	if o.csv.delimiter, err = readDelimiter(p, "delimiter"); err != nil {
		return o, err
	}
	if o.csv.separator = p.values.Get("list_separator"); o.csv.separator == "" {
		o.csv.separator = ","
	}
	o.compression, err = p.choice("parquet_compression", "snappy", "zstd")
	o.labels = o.labels && f.headed
	return o, err
}

// readDelimiter reads the delimiter of CSV; the two characters \t are a tabulator too.
func readDelimiter(p params, name string) (string, error) {
	if p.values.Get(name) == `\t` {
		return "\t", nil
	}
	return p.choice(name, ";", ",", "\t", "|")
}

// key says in what way the export is written.
func (o exportOptions) key() string {
	parts := []string{o.format.name, page{limit: o.limit, offset: o.offset}.key(), strconv.FormatBool(o.labels), strconv.FormatBool(o.compressed)}
	switch o.format.name {
	case "csv":
		parts = append(parts, fmt.Sprintf("%q %q %t %t", o.csv.delimiter, o.csv.separator, o.csv.quoteAll, o.csv.bom))
	case "parquet":
		parts = append(parts, o.compression)
	}
	return strings.Join(parts, " ")
}

// dense reports whether the file is compressed in itself.
func (o exportOptions) dense() bool { return o.compressed || o.format.dense }

// fileName is the name of the file for whoever keeps it.
func (o exportOptions) fileName(id string) string {
	name := cmp.Or(o.title, id) + "." + o.format.name
	if o.compressed {
		name += ".gz"
	}
	return name
}

func (o exportOptions) mediaType() string {
	if o.compressed {
		return "application/gzip"
	}
	return o.format.mediaType
}

// export answers with all rows of a query, in a format.
func (a *API) export(c *Call, p params, l loan) error {
	f, err := findFormat(c.Path("format"), false)
	if err != nil {
		return err
	}
	o, err := readExportOptions(p, f)
	if err != nil {
		return err
	}
	r, err := a.request(p)
	if err != nil {
		return err
	}
	q, err := prepare(l, r, false)
	if err != nil {
		return err
	}
	return a.sendExport(c, q, o)
}

// sendExport answers with the rows of a query: with a file of the release if that is
// just what is asked for.
func (a *API) sendExport(c *Call, q *prepared, o exportOptions) error {
	l := q.loan
	name := o.fileName(l.ID())
	c.Writer.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	if object, ok := storedObject(q, o); ok && c.SendFile != nil {
		c.Writer.Header().Set("Content-Location", c.file(l.Dataset().ID, l.ReleaseID(), object))
		return c.SendFile(StoredFile{Dataset: l.Dataset(), Release: l.ReleaseID(), Object: object, Pinned: l.pinned})
	}
	pre, err := c.open(l, a.key(l, "export", q.Canonical(), q.locale(), o.key()), o.dense())
	if err != nil || pre.Over {
		return err
	}
	if err := a.fits(c, q, o); err != nil {
		return err
	}
	if c.onlyHead() {
		return pre.Head(c.Writer, o.mediaType())
	}
	switch o.format.name {
	case "xlsx":
		return a.sendWorkbook(c, q, o, pre)
	case "parquet":
		return a.sendParquet(c, q, o, pre)
	default:
		return a.sendRows(c, q, o, pre)
	}
}

// rows is the statement of the export.
func (o exportOptions) rows(q *prepared) odsql.Statement {
	switch {
	case o.limit >= 0:
		return q.Page(o.limit, o.offset)
	case o.offset > 0:
		return q.Page(math.MaxInt32, o.offset)
	}
	return q.All()
}

// fits refuses an export that its format cannot hold.
func (a *API) fits(c *Call, q *prepared, o exportOptions) error {
	l := q.loan
	if o.format.name != "xlsx" || q.Aggregated || l.Rows() <= a.sheetRows || o.limit >= 0 && int64(o.limit) <= a.sheetRows {
		return nil
	}
	n := l.Rows()
	if q.Grouped || q.filtered() {
		var err error
		if n, err = a.count(c.Request.Context(), l.Table, q.Query); err != nil {
			return err
		}
	}
	if o.limit >= 0 {
		n = min(n, int64(o.limit))
	}
	if n <= a.sheetRows {
		return nil
	}
	return parameterError(fmt.Sprintf("L'export a %d lignes, et une feuille XLSX n'en tient que %d. Prenez le format csv : %s", n, a.sheetRows, c.dataset(l.ID()).exports("csv")))
}

// listExports answers with the formats of a table.
func (a *API) listExports(c *Call, _ params, l loan) error {
	return a.answerFormats(c, l, c.dataset(l.ID()).self(), func(format) bool { return true })
}

// listCatalogExports answers with the formats of the catalogue.
func (a *API) listCatalogExports(c *Call, _ params, l loan) error {
	return a.answerFormats(c, l, c.catalog(), func(f format) bool { return f.catalogue })
}

func (a *API) answerFormats(c *Call, l loan, of string, offered func(format) bool) error {
	links := []link{{"self", of + "/exports"}}
	for _, f := range formats {
		if offered(f) {
			links = append(links, link{f.name, of + "/exports/" + f.name})
		}
	}
	return a.answer(c, l, a.key(l, "links", c.addressKey(true)), func() ([]byte, error) {
		return append(appendLinks([]byte(`{"links":`), links), "}\n"...), nil
	})
}
