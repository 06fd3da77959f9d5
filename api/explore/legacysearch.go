package explore

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/odsql"
)

// searchV1 answers a search of version 1.
func (a *API) searchV1(c *Call, p params, l loan) error {
	r, err := a.requestV1(p, l.Schema())
	if err != nil {
		return err
	}
	if r.OrderBy, err = sortV1(p); err != nil {
		return err
	}
	hint := " L'export rend toutes les lignes : " + c.dataset(l.ID()).exports("csv")
	part := page{reach: maxReach}
	if part.limit, err = p.whole("rows", defaultLimit, -1, maxReach, hint); err != nil {
		return err
	}
	if part.offset, err = p.whole("start", 0, 0, maxReach, hint); err != nil {
		return err
	}
	if part.limit < 0 {
		part.limit = maxReach - part.offset
	}
	if part.offset+part.limit > maxReach {
		return parameterError("start + rows ne peut dépasser " + strconv.Itoa(maxReach) + "." + hint)
	}
	q, err := prepareOver(disjunctive(l.Schema(), p), l, r, true)
	if err != nil {
		return err
	}
	facets := facetSet{query: q}
	if specs := p.all("facet"); len(specs) > 0 {
		if facets, err = prepareFacets(q, specs); err != nil {
			return err
		}
	}
	key := a.key(l, "search 1.0", q.Canonical(), q.locale(), part.key(), c.addressKey(true))
	return a.answer(c, l, key, func() ([]byte, error) { return a.searchBody(c, q, part, facets, p) })
}

// searchBody makes the answer to a search of version 1.
func (a *API) searchBody(c *Call, q *prepared, part page, facets facetSet, p params) ([]byte, error) {
	ctx := c.Request.Context()
	fields := newObjects(q)
	fields.sparse = true
	head := appendJSONText([]byte(`{"datasetid":`), q.loan.ID())
	head = append(head, `,"recordid":`...)
	tail := appendJSONText([]byte(`},"record_timestamp":`), q.loan.Modified().In(zoneOf(q.request)).Format(time.RFC3339))
	tail = append(tail, '}')
	var records []byte
	n := 0
	if part.limit > 0 {
		err := a.run(ctx, work{table: q.loan.Table, statement: q.Page(part.limit, part.offset), cost: q.Cost()}, func(rows *engine.Rows, _ *meter) error {
			if n > 0 {
				records = append(records, ',')
			}
			n++
			records = appendJSONText(append(records, head...), rows.Bytes(q.id))
			records = fields.appendFields(append(records, `,"fields":{`...), rows)
			records = append(records, tail...)
			return bounded(records)
		})
		if err != nil {
			return nil, err
		}
	}
	total, err := a.total(ctx, q, part, n)
	if err != nil {
		return nil, err
	}
	body := strconv.AppendInt([]byte(`{"nhits":`), total, 10)
	echo, err := marshal(echoV1(p, q, part))
	if err != nil {
		return nil, err
	}
	body = append(append(body, `,"parameters":`...), echo...)
	body = append(append(append(body, `,"records":[`...), records...), ']')
	if len(facets.facets) > 0 {
		body = append(body, `,"facet_groups":[`...)
		for i, f := range facets.facets {
			if i > 0 {
				body = append(body, ',')
			}
			values, _, err := a.facetValues(ctx, facets, f)
			if err != nil {
				return nil, err
			}
			body = appendJSONText(append(body, `{"name":`...), f.Name)
			body = append(appendFacetsV1(append(body, `,"facets":`...), values), '}')
		}
		body = append(body, ']')
	}
	return append(body, "}\n"...), nil
}

// echoV1 repeats what was asked for, as version 1 does.
func echoV1(p params, q *prepared, part page) properties {
	out := properties{
		{"dataset", q.loan.ID()}, {"rows", part.limit}, {"start", part.offset}, {"format", "json"}, {"timezone", zoneOf(q.request).String()},
	}
	for _, parameter := range []string{"q", "lang", "fields"} {
		if v := p.text(parameter); v != "" {
			out = append(out, property{parameter, v})
		}
	}
	for _, parameter := range []string{"facet", "sort"} {
		if v := p.all(parameter); len(v) > 0 {
			out = append(out, property{parameter, v})
		}
	}
	for _, group := range []string{"refine", "exclude", "disjunctive"} {
		values := properties{}
		for _, parameter := range sortedNames(p) {
			if facet, ok := strings.CutPrefix(parameter, group+"."); ok {
				values = append(values, property{facet, p.values.Get(parameter)})
			}
		}
		if len(values) > 0 {
			out = append(out, property{group, values})
		}
	}
	return out
}

func appendFacetsV1(b []byte, values []odsql.FacetValue) []byte {
	b = append(b, '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSONText(append(b, `{"name":`...), v.Name)
		b = appendJSONText(append(b, `,"path":`...), v.Path)
		b = strconv.AppendInt(append(b, `,"count":`...), v.Count, 10)
		b = appendJSONText(append(b, `,"state":`...), v.State)
		if len(v.Facets) > 0 {
			b = appendFacetsV1(append(b, `,"facets":`...), v.Facets)
		}
		b = append(b, '}')
	}
	return append(b, ']')
}

// downloadV1 answers with an export, asked for as in version 1.
func (a *API) downloadV1(c *Call, p params, l loan) error {
	kind := p.text("format")
	if kind == "" {
		kind = "csv"
	}
	f, err := findFormat(kind, false)
	if err != nil {
		return err
	}
	o := exportOptions{format: f, compression: "snappy", csv: csvOptions{separator: ","}}
	if o.labels, err = p.flag("use_labels_for_header", false); err != nil {
		return err
	}
	o.labels = o.labels && f.headed
	if o.csv.bom, err = p.flag("with_bom", false); err != nil {
		return err
	}
	if o.csv.delimiter, err = readDelimiter(p, "csv_separator"); err != nil {
		return err
	}
	if o.limit, err = p.whole("rows", -1, -1, math.MaxInt32, ""); err != nil {
		return err
	}
	if o.offset, err = p.whole("start", 0, 0, math.MaxInt32, ""); err != nil {
		return err
	}
	r, err := a.requestV1(p, l.Schema())
	if err != nil {
		return err
	}
	if r.OrderBy, err = sortV1(p); err != nil {
		return err
	}
	q, err := prepareOver(disjunctive(l.Schema(), p), l, r, false)
	if err != nil {
		return err
	}
	return a.sendExport(c, q, o)
}
