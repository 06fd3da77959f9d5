package explore

import (
	"context"
	"strconv"
	"strings"

	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/odsql"
)

// facets answers with the values of facets of a table, or of the catalogue.
func (a *API) facets(c *Call, p params, l loan) error {
	r, err := a.request(p)
	if err != nil {
		return err
	}
	q, err := prepare(l, r, false)
	if err != nil {
		return err
	}
	specs := p.all("facet")
	set, err := prepareFacets(q, specs)
	if err != nil {
		return err
	}
	key := a.key(l, "facets", q.Canonical(), q.locale(), strings.Join(specs, "\x00"))
	return a.answer(c, l, key, func() ([]byte, error) { return a.facetsBody(c.Request.Context(), set) })
}

func (a *API) facetsBody(ctx context.Context, set facetSet) ([]byte, error) {
	body := []byte(`{"links":[],"facets":[`)
	for i, f := range set.facets {
		values, total, err := a.facetValues(ctx, set, f)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			body = append(body, ',')
		}
		body = appendJSONText(append(body, `{"name":`...), f.Name)
		body = append(appendFacetValues(body, values, total), '}')
	}
	return append(body, "]}\n"...), nil
}

// facetSet are the facets of a request, under one query.
type facetSet struct {
	query  *prepared
	facets []odsql.Facet
}

// prepareFacets reads the specifications of facets; without any, all that are
// declared are meant.
func prepareFacets(q *prepared, specs []string) (facetSet, error) {
	all, err := q.Facets(specs)
	return facetSet{q, all}, err
}

// facetValues runs the query of a facet.
func (a *API) facetValues(ctx context.Context, set facetSet, f odsql.Facet) (values []odsql.FacetValue, total int64, err error) {
	var all []odsql.FacetRow
	err = a.run(ctx, work{table: set.query.loan.Table, statement: f.Statement, cost: odsql.CostAggregate}, func(rows *engine.Rows, _ *meter) error {
		all = append(all, odsql.FacetRow{
			Parent: rows.String(0), Name: rows.String(1), Path: rows.String(2), Count: rows.Int(3), State: rows.String(4), Total: rows.Int(5),
		})
		return nil
	})
	values, total = f.Tree(all)
	return values, total, err
}

// appendFacetValues appends the member facets, and what says that it was cut.
func appendFacetValues(b []byte, values []odsql.FacetValue, total int64) []byte {
	b = append(b, `,"facets":[`...)
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSONText(append(b, `{"name":`...), v.Name)
		b = strconv.AppendInt(append(b, `,"count":`...), v.Count, 10)
		b = appendJSONText(append(b, `,"value":`...), v.Path)
		b = appendJSONText(append(b, `,"state":`...), v.State)
		if len(v.Facets) > 0 {
			b = appendFacetValues(b, v.Facets, v.Total)
		}
		b = append(b, '}')
	}
	b = append(b, ']')
	if total > int64(len(values)) {
		b = strconv.AppendInt(append(b, `,"truncated":true,"total_values":`...), total, 10)
	}
	return b
}
