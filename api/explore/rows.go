package explore

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/odsql"
	"github.com/parvis-opendata/parvis/internal/serving"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// Limits of a page of rows by cursor, of which there are as many as the table needs.
const (
	defaultRows = 100
	maxRows     = 1000
)

// RowsParameters are the query parameters of [API.Rows].
var RowsParameters = []string{"select", "where", "order_by", "limit", "cursor", "release", "timezone", "lang"}

// errCursor says that a cursor was not made here, or was changed.
var errCursor = &Error{Status: http.StatusBadRequest, Code: odsql.CodeParameter, Kind: KindCursor,
	Message: "Le curseur n'est pas celui de cette requête, ou il est abîmé ; reprenez depuis la première page (sans « cursor »)."}

// cursor says where a page begins: in which release, and for a query whose meaning
// depends on the time, what time it is.
type cursor struct {
	release string
	at      time.Time // zero if the time does not matter
	after   string    // as [odsql.Query.Cursor] made it
}

func (c cursor) String() string {
	instant := ""
	if !c.at.IsZero() {
		instant = strconv.FormatInt(c.at.Unix(), 36)
	}
	return c.release + "." + instant + "." + c.after
}

// readCursor reads a cursor; an empty text stands for the first page.
//
// Errors: [errCursor].
func readCursor(text string) (cursor, error) {
	if text == "" {
		return cursor{}, nil
	}
	parts := strings.Split(text, ".")
	if len(parts) != 3 || !release.ValidID(parts[0]) || parts[2] == "" {
		return cursor{}, errCursor
	}
	c := cursor{release: parts[0], after: parts[2]}
	if parts[1] != "" {
		seconds, err := strconv.ParseInt(parts[1], 36, 64)
		if err != nil || seconds < 0 || seconds > 1<<36 {
			return cursor{}, errCursor
		}
		c.at = time.Unix(seconds, 0)
	}
	return c, nil
}

// Rows answers with a page of the rows of a table, of one release from the first page to
// the last: {"release", "rows", "next"}, where next is the address of the next page, or
// null. Path names the table.
//
// Errors: those that [ErrorOf] knows.
func (a *API) Rows(c *Call) error {
	p, err := readParams(c.Request)
	if err != nil {
		return err
	}
	from, err := readCursor(p.text("cursor"))
	if err != nil {
		return err
	}
	if name := p.text("release"); from.release != "" && name != "" && name != from.release {
		return &Error{Status: http.StatusBadRequest, Code: odsql.CodeParameter, Kind: KindCursor,
			Message: "Le curseur est d'une autre publication que « release » ; retirez « release », ou reprenez depuis la première page (sans « cursor »)."}
	}
	limit, err := p.whole("limit", defaultRows, 1, maxRows, " Les pages se suivent par « next », sans limite de nombre.")
	if err != nil {
		return err
	}
	l, err := a.acquireRows(c, p, from)
	if err != nil {
		return err
	}
	defer l.Release()
	return a.answerRows(c, p, l, from, limit)
}

// acquireRows borrows the table in the release of the cursor, if there is one.
func (a *API) acquireRows(c *Call, p params, from cursor) (loan, error) {
	if from.release == "" {
		return a.acquireTable(c, c.Path("table"), p)
	}
	pinned := params{url.Values{"release": {from.release}}}
	l, err := a.acquireTable(c, c.Path("table"), pinned)
	if errors.Is(err, serving.ErrUnknownRelease) {
		return l, errCursor
	}
	return l, err
}

func (a *API) answerRows(c *Call, p params, l loan, from cursor, limit int) error {
	r, err := a.request(p)
	if err != nil {
		return err
	}
	if !from.at.IsZero() {
		r.Now = from.at
	}
	q, err := prepare(l, r, false)
	if err != nil {
		return err
	}
	if q.Instant {
		from.at = r.Now // the pages that follow mean the same instant
	}
	statement, err := q.After(from.after, limit+1)
	if err != nil {
		return errCursor
	}
	key := a.key(l, "rows", q.Canonical(), q.locale(), strconv.Itoa(limit), from.String(), c.addressKey(true))
	return a.answerLinked(c, l, key, func() (exchange.Body, error) {
		return a.rowsBody(c, rowsPage{q, statement, from, limit})
	})
}

// rowsPage is a page of rows that is asked for. Its statement reads one row more than
// the page has.
type rowsPage struct {
	query     *prepared
	statement odsql.Statement
	from      cursor
	limit     int
}

func (a *API) rowsBody(c *Call, page rowsPage) (exchange.Body, error) {
	q := page.query
	fields, mark := newObjects(q), len(q.Columns)
	body := appendJSONText([]byte(`{"release":`), q.loan.ReleaseID())
	body = append(body, `,"rows":[`...)
	last, n := "", 0
	err := a.run(c.Request.Context(), work{table: q.loan.Table, statement: page.statement, cost: q.Cost()}, func(rows *engine.Rows, _ *meter) error {
		if n++; n > page.limit {
			return nil
		}
		if n > 1 {
			body = append(body, ',', '\n')
		}
		body = append(fields.appendFields(append(body, '{'), rows), '}')
		last = rows.String(mark)
		return bounded(body)
	})
	if err != nil {
		return exchange.Body{}, err
	}
	body = append(body, `],"next":`...)
	if n <= page.limit {
		return exchange.Body{Bytes: append(body, "null}\n"...)}, nil
	}
	next := page.from
	next.release, next.after = q.loan.ReleaseID(), q.Cursor(last)
	address := c.pageAt(next)
	return exchange.Body{Bytes: append(appendJSONWord(body, address), "}\n"...), Link: "<" + address + `>; rel="next"`}, nil
}

// pageAt is the address of the request with another cursor.
func (c *Call) pageAt(at cursor) string {
	values := url.Values{}
	if p, err := readParams(c.Request); err == nil {
		values = p.values
	}
	values.Set("cursor", at.String())
	return c.Base + c.Request.URL.EscapedPath() + "?" + values.Encode()
}
