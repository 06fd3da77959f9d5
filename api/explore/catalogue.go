package explore

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/serving"
)

// listDatasets answers with a page of the catalogue: the tables, or what a query
// makes of their metadata.
func (a *API) listDatasets(c *Call, p params, l loan) error {
	names, ok := propertyNames(p.text("select"))
	if !ok || p.text("group_by") != "" {
		return a.answerPage(c, p, l, c.catalog()+"/exports/csv")
	}
	r, err := a.request(p)
	if err != nil {
		return err
	}
	e, err := readExtras(p)
	if err != nil {
		return err
	}
	part, err := readPage(p, false, c.catalog()+"/exports/json")
	if err != nil {
		return err
	}
	r.Select = catalogueSelect
	q, err := prepare(l, r, false)
	if err != nil {
		return err
	}
	key := a.key(l, "datasets", q.Canonical(), q.locale(), part.key(), strings.Join(names, ","), fmt.Sprint(e), c.Base, c.addressKey(e.links))
	return a.answer(c, l, key, func() ([]byte, error) { return a.datasetsBody(c, q, part, names, e) })
}

func (a *API) datasetsBody(c *Call, q *prepared, part page, names []string, e extras) ([]byte, error) {
	bodies, err := a.describeAll(c, q, part, names, e)
	if err != nil {
		return nil, err
	}
	total, err := a.total(c.Request.Context(), q, part, len(bodies))
	if err != nil {
		return nil, err
	}
	out := properties{{"total_count", total}}
	if e.links {
		out = append(out, property{"_links", linkBodies(c.pageLinks(part, total))})
	}
	text, err := marshal(append(out, property{"results", bodies}))
	return append(text, '\n'), err
}

func linkBodies(all []link) []properties {
	out := make([]properties, len(all))
	for i, l := range all {
		out[i] = properties{{"rel", l.rel}, {"href", l.href}}
	}
	return out
}

var propertyName = regexp.MustCompile("^`?([A-Za-z_][A-Za-z0-9_.]*)`?$")

// propertyNames reads a select clause that names properties of datasets, or all of
// them. It is not ok for expressions, which only a query over the metadata can
// compute.
func propertyNames(text string) (names []string, ok bool) {
	if text == "" || text == "*" {
		return nil, true
	}
	for item := range strings.SplitSeq(text, ",") {
		m := propertyName.FindStringSubmatch(strings.TrimSpace(item))
		if m == nil {
			return nil, false
		}
		names = append(names, m[1])
	}
	return names, true
}

// catalogueSelect are the columns of the catalogue that a description is made from.
const catalogueSelect = "dataset_id, release, modified"

// describeAll describes the tables in a part of the catalogue. The query selects
// [catalogueSelect].
func (a *API) describeAll(c *Call, q *prepared, part page, names []string, e extras) ([]properties, error) {
	type entry struct {
		id, release string
		modified    time.Time
	}
	var entries []entry
	if part.limit > 0 {
		err := a.run(c.Request.Context(), work{table: q.loan.Table, statement: q.Page(part.limit, part.offset), cost: q.Cost()}, func(rows *engine.Rows, _ *meter) error {
			entries = append(entries, entry{rows.String(0), rows.String(1), time.UnixMicro(rows.Int(2))})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	out := make([]properties, 0, len(entries))
	for _, one := range entries {
		body, err := a.describeOne(c, one.id, one.release, func(l loan) properties {
			return c.describe(described{l, one.modified, zoneOf(q.request), e})
		})
		if err != nil {
			return nil, err
		}
		if body, err = body.choose(names); err != nil {
			return nil, err
		}
		out = append(out, body)
	}
	return out, nil
}

// describeOne describes a table of the release that the catalogue names.
func (a *API) describeOne(c *Call, id, release string, describe func(loan) properties) (properties, error) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), a.o.Timeout)
	defer cancel()
	t, err := a.o.Library.Acquire(ctx, id, release)
	if err != nil {
		return nil, err
	}
	defer t.Release()
	return describe(loan{Table: t}), nil
}

// exportCatalog answers with the whole catalogue, in a format: JSON has the
// descriptions of the datasets, sheets the metadata in columns.
func (a *API) exportCatalog(c *Call, p params, l loan) error {
	f, err := findFormat(c.Path("format"), true)
	if err != nil {
		return err
	}
	o, err := readExportOptions(p, f)
	if err != nil {
		return err
	}
	if o.offset, err = p.whole("offset", 0, 0, maxReach, ""); err != nil {
		return err
	}
	r, err := a.request(p)
	if err != nil {
		return err
	}
	names, ok := propertyNames(r.Select)
	if !ok || r.GroupBy != "" || f.headed {
		q, err := prepare(l, r, false)
		if err != nil {
			return err
		}
		return a.sendExport(c, q, o)
	}
	r.Select = catalogueSelect
	q, err := prepare(l, r, false)
	if err != nil {
		return err
	}
	return a.exportDescriptions(c, q, o, names)
}

// exportDescriptions answers with the descriptions of datasets, as JSON or as JSON
// lines.
func (a *API) exportDescriptions(c *Call, q *prepared, o exportOptions, names []string) error {
	c.Writer.Header().Set("Content-Disposition", `attachment; filename="`+o.fileName(serving.CatalogueID)+`"`)
	pre, err := c.open(q.loan, a.key(q.loan, "descriptions", q.Canonical(), q.locale(), strings.Join(names, ","), o.key(), c.Base), o.dense())
	if err != nil || pre.Over {
		return err
	}
	if c.onlyHead() {
		return pre.Head(c.Writer, o.mediaType())
	}
	limit := o.limit
	if limit < 0 {
		limit = maxReach
	}
	bodies, err := a.describeAll(c, q, page{limit: limit, offset: o.offset}, names, extras{})
	if err != nil {
		return err
	}
	begin, between, end := "[", ",\n", "]\n"
	if o.format.name == "jsonl" {
		begin, between, end = "", "\n", "\n"
	}
	body := []byte(begin)
	for i, one := range bodies {
		text, err := marshal(one)
		if err != nil {
			return err
		}
		if i > 0 {
			body = append(body, between...)
		}
		body = append(body, text...)
	}
	out := a.newOutgoing(c, o, pre)
	if _, err := out.Write(append(body, end...)); err != nil {
		return err
	}
	if err := out.finish(); err != nil {
		return err
	}
	c.Writer.Header().Set(rowsTrailer, strconv.Itoa(len(bodies)))
	return nil
}
