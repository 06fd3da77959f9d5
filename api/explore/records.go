package explore

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/odsql"
)

// Limits of a page.
const (
	defaultLimit   = 10
	maxLimit       = 100
	maxReach       = 10_000 // offset + limit
	maxGroupLimit  = 20_000
	maxGroupsReach = 20_000
)

// page is the part of the rows that is asked for.
type page struct {
	limit, offset int
	reach         int // the greatest offset + limit
}

// readPage reads limit and offset. Beyond is the address of an export, which has no
// such limits.
func readPage(p params, grouped bool, beyond string) (page, error) {
	most, out := maxLimit, page{reach: maxReach}
	if grouped {
		most, out.reach = maxGroupLimit, maxGroupsReach
	}
	hint := " L'export rend toutes les lignes : " + beyond
	var err error
	if out.limit, err = p.whole("limit", defaultLimit, -1, most, hint); err != nil {
		return out, err
	}
	if out.offset, err = p.whole("offset", 0, 0, out.reach, hint); err != nil {
		return out, err
	}
	if out.limit < 0 {
		out.limit = min(most, out.reach-out.offset)
	}
	if out.offset+out.limit > out.reach {
		return out, parameterError(fmt.Sprintf("offset + limit vaut %d et ne peut dépasser %d.%s", out.offset+out.limit, out.reach, hint))
	}
	return out, nil
}

func (p page) key() string { return strconv.Itoa(p.limit) + "+" + strconv.Itoa(p.offset) }

// extras is what a request wants besides the fields.
type extras struct{ links, metas bool }

func readExtras(p params) (e extras, err error) {
	err = p.flags(map[string]*bool{"include_links": &e.links, "include_app_metas": &e.metas})
	return e, err
}

func (e extras) any() bool { return e.links || e.metas }

// records answers with a page of the rows, groups or aggregates of a table.
func (a *API) records(c *Call, p params, l loan) error {
	return a.answerPage(c, p, l, c.dataset(l.ID()).exports("csv"))
}

// answerPage answers with a page of a table.
func (a *API) answerPage(c *Call, p params, l loan, beyond string) error {
	r, err := a.request(p)
	if err != nil {
		return err
	}
	e, err := readExtras(p)
	if err != nil {
		return err
	}
	part, err := readPage(p, r.GroupBy != "", beyond)
	if err != nil {
		return err
	}
	q, err := prepare(l, r, e.any())
	if err != nil {
		return err
	}
	key := a.key(l, "records", q.Canonical(), q.locale(), part.key(), fmt.Sprint(e), c.addressKey(e.links))
	return a.answer(c, l, key, func() ([]byte, error) { return a.recordsBody(c, q, part, e) })
}

// recordsBody makes the answer with a page.
func (a *API) recordsBody(c *Call, q *prepared, part page, e extras) ([]byte, error) {
	results, n, err := a.results(c, q, part, e)
	if err != nil {
		return nil, err
	}
	total, err := a.total(c.Request.Context(), q, part, n)
	if err != nil {
		return nil, err
	}
	body := append(make([]byte, 0, len(results)+512), `{"total_count":`...)
	body = strconv.AppendInt(body, total, 10)
	if e.links {
		body = appendLinks(append(body, `,"_links":`...), c.pageLinks(part, total))
	}
	body = append(body, `,"results":[`...)
	body = append(body, results...)
	return append(body, "]}\n"...), nil
}

// results are the rows of a page as objects, with commas between, and how many.
func (a *API) results(c *Call, q *prepared, part page, e extras) (results []byte, n int, err error) {
	switch {
	case part.limit == 0, q.Aggregated && part.offset > 0:
		return nil, 0, nil
	case q.Numbered() && !e.any():
		return a.leaves(c, q, part)
	}
	w := newRecordWriter(c, q, e)
	err = a.run(c.Request.Context(), work{table: q.loan.Table, statement: q.Page(part.limit, part.offset), cost: q.Cost()}, func(rows *engine.Rows, _ *meter) error {
		if n > 0 {
			results = append(results, ',')
		}
		n++
		results = w.append(results, rows)
		return bounded(results)
	})
	return results, n, err
}

// total is the number of rows, or of groups, of which n stand in the part.
func (a *API) total(ctx context.Context, q *prepared, part page, n int) (int64, error) {
	if q.Aggregated {
		// The rows that are aggregated, as the original counts.
		plain := q.request
		plain.Select, plain.OrderBy = "", ""
		all, err := prepare(q.loan, plain, false)
		if err != nil {
			return 0, err
		}
		q = all
	} else if n < part.limit && (n > 0 || part.offset == 0) {
		return int64(part.offset + n), nil
	}
	if !q.Grouped && !q.filtered() {
		return q.loan.Rows(), nil
	}
	total, err := a.count(ctx, q.loan.Table, q.Query)
	if q.Grouped {
		total = min(total, maxGroupsReach)
	}
	return total, err
}

// recordWriter writes rows as the API shows records.
type recordWriter struct {
	fields    *objects
	query     *prepared
	extras    extras
	address   datasetAddress
	timestamp string
	scratch   []byte
}

func newRecordWriter(c *Call, q *prepared, e extras) *recordWriter {
	return &recordWriter{
		fields: newObjects(q), query: q, extras: e, address: c.dataset(q.loan.ID()),
		timestamp: q.loan.Modified().In(zoneOf(q.request)).Format(time.RFC3339),
	}
}

// append appends a row as an object.
func (w *recordWriter) append(b []byte, rows *engine.Rows) []byte {
	if w.query.id < 0 {
		return append(w.fields.appendFields(append(b, '{'), rows), '}')
	}
	w.scratch = w.fields.appendFields(w.scratch[:0], rows)
	id := rows.String(w.query.id)
	b = append(b, '{')
	if w.extras.links {
		b = appendLinks(append(b, `"_links":`...), []link{
			{"self", w.address.record(id)}, {"catalog", w.address.catalog + "/datasets"}, {"dataset", w.address.self()}, {"records", w.address.records()},
		})
		b = append(b, ',')
	}
	if w.extras.metas {
		b = appendJSONText(append(b, `"_id":`...), id)
		b = appendJSONText(append(b, `,"_timestamp":`...), w.timestamp)
		b = strconv.AppendInt(append(b, `,"_size":`...), int64(len(w.scratch)+2), 10)
		b = append(b, ',')
	}
	if len(w.scratch) == 0 {
		b = b[:len(b)-1]
	}
	return append(append(b, w.scratch...), '}')
}

// record answers with one row.
func (a *API) record(c *Call, p params, l loan) error {
	lang, zone, err := p.locale()
	if err != nil {
		return err
	}
	e, err := readExtras(p)
	if err != nil {
		return err
	}
	id := c.Path("record")
	q, err := prepare(l, odsql.Request{Select: p.text("select"), Record: id, Lang: lang, Zone: zone, Now: a.now()}, e.any())
	if err != nil {
		return err
	}
	return a.answerRecord(c, q, e, id)
}

func (a *API) answerRecord(c *Call, q *prepared, e extras, id string) error {
	var body []byte
	w := newRecordWriter(c, q, e)
	err := a.run(c.Request.Context(), work{table: q.loan.Table, statement: q.Page(1, 0), cost: odsql.CostScan}, func(rows *engine.Rows, _ *meter) error {
		body = append(w.append(nil, rows), '\n')
		return nil
	})
	if err != nil {
		return err
	}
	if body == nil {
		return notFound(fmt.Sprintf("Le jeu de données « %s » n'a pas d'enregistrement « %s » dans cette publication.", q.loan.ID(), cut(id, 60)))
	}
	// Only now: what is not there has no validator.
	key := a.key(q.loan, "record", q.Canonical(), q.locale(), fmt.Sprint(e), c.addressKey(e.links))
	return a.answer(c, q.loan, key, func() ([]byte, error) { return body, nil })
}

// link is an entry of _links.
type link struct{ rel, href string }

func appendLinks(b []byte, all []link) []byte {
	b = append(b, '[')
	for i, l := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSONText(append(b, `{"rel":`...), l.rel)
		b = appendJSONWord(append(b, `,"href":`...), l.href)
		b = append(b, '}')
	}
	return append(b, ']')
}

// pageLinks are the links of a page of rows.
func (c *Call) pageLinks(part page, total int64) []link {
	at := func(offset int) string {
		values := url.Values{}
		if p, err := readParams(c.Request); err == nil {
			values = p.values
		}
		values.Set("limit", strconv.Itoa(part.limit))
		values.Set("offset", strconv.Itoa(offset))
		return c.Base + c.Request.URL.EscapedPath() + "?" + values.Encode()
	}
	self := c.Base + c.Request.URL.EscapedPath()
	if c.Request.URL.RawQuery != "" {
		self += "?" + c.Request.URL.RawQuery
	}
	all := []link{{"self", self}, {"first", at(0)}}
	if part.limit == 0 {
		return all
	}
	last := 0
	if reachable := min(total, int64(part.reach)); reachable > 0 {
		last = int((reachable - 1) / int64(part.limit) * int64(part.limit))
	}
	if last+part.limit > part.reach {
		last = part.reach - part.limit
	}
	all = append(all, link{"last", at(last)})
	if next := part.offset + part.limit; int64(next) < total && next+part.limit <= part.reach {
		all = append(all, link{"next", at(next)})
	}
	return all
}
