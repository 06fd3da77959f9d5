package explore

import (
	"net/url"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/internal/odsql"
)

// Extract is some rows of a table as a file: those whose field has one of some values.
type Extract struct {
	// Release is the release's identifier.
	Table, Release string
	Field          string
	Values         []string
	// Format is that of an export, such as csv.
	Format string
	// Title is the name of the file, without its ending.
	Title string
}

// SendExtract answers, as an export of the table does, with the rows of an extract.
//
// Errors: those of a request, see [ErrorOf]; those of the exchange.
func (a *API) SendExtract(c *exchange.Call, e Extract) error {
	p := params{url.Values{"release": {e.Release}}}
	l, err := a.borrow(c.Request.Context(), e.Table, p)
	if err != nil {
		return err
	}
	defer l.Release()
	l.pinned = false // the address names no release
	l.mark(c.Writer)
	f, err := findFormat(e.Format, false)
	if err != nil {
		return err
	}
	o, err := readExportOptions(p, f)
	if err != nil {
		return err
	}
	o.title = e.Title
	r, err := a.request(p)
	if err != nil {
		return err
	}
	r.Among = &odsql.Among{Field: e.Field, Values: e.Values}
	q, err := prepare(l, r, false)
	if err != nil {
		return err
	}
	return a.sendExport(&Call{Call: *c}, q, o)
}
