package explore

import (
	"encoding/json"
	"time"

	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/odsql"
)

// prepared is a query that is ready to run.
type prepared struct {
	*odsql.Query
	loan    loan
	request odsql.Request
	// shown are the indexes of the columns that are part of the answer, in order.
	shown []int
	// id is the index of the column of the records' ids; -1 if there is none.
	id int
}

// prepare compiles a request over a table; with ids, if its rows are records, they
// carry their ids.
//
// Errors: [*odsql.Error].
func prepare(l loan, r odsql.Request, ids bool) (*prepared, error) {
	return prepareOver(l.Schema(), l, r, ids)
}

func prepareOver(s *odsql.Schema, l loan, r odsql.Request, ids bool) (*prepared, error) {
	q, err := odsql.Compile(s, r, l.Vocabulary())
	if err != nil {
		return nil, err
	}
	p := &prepared{Query: q, loan: l, request: r, id: -1}
	for i := range q.Columns {
		p.shown = append(p.shown, i)
	}
	if ids && !q.Grouped && !q.Aggregated {
		p.Query, p.id = q.WithRecordID(), len(q.Columns)
	}
	return p, nil
}

// filtered reports whether the query leaves rows out.
func (p *prepared) filtered() bool {
	r := p.request
	return len(r.Where)+len(r.Refine)+len(r.Exclude) > 0 || r.Record != "" || r.Among != nil
}

// locale is what of an answer depends on the language and the zone.
func (p *prepared) locale() string { return p.request.Lang + " " + zoneOf(p.request).String() }

func zoneOf(r odsql.Request) *time.Location {
	if r.Zone == nil {
		return time.UTC
	}
	return r.Zone
}

// objects writes the rows of a query as JSON objects.
type objects struct {
	keys    []string // `"name":`, after a comma but for the first
	columns []int
	nested  []bool        // columns of texts that are JSON
	kinds   []engine.Kind // by column of the rows; known at the first row
	zone    *time.Location
	// sparse leaves out the fields that are null.
	sparse bool
}

func newObjects(p *prepared) *objects {
	o := &objects{zone: zoneOf(p.request), columns: p.shown}
	for _, i := range p.shown {
		o.keys = append(o.keys, string(appendJSONWord(nil, p.Columns[i].Name))+":")
		o.nested = append(o.nested, p.Columns[i].JSON)
	}
	return o
}

// appendFields appends the fields of a row, without the braces around them.
func (o *objects) appendFields(b []byte, rows *engine.Rows) []byte {
	if o.kinds == nil {
		o.kinds = kindsOf(rows)
	}
	comma := false
	for i, column := range o.columns {
		if o.sparse && rows.Null(column) {
			continue
		}
		if comma {
			b = append(b, ',')
		}
		comma = true
		b = append(b, o.keys[i]...)
		if o.nested[i] && !rows.Null(column) && json.Valid(rows.Bytes(column)) {
			b = append(b, rows.Bytes(column)...)
			continue
		}
		b = appendJSON(b, rows, column, o.kinds[column], o.zone)
	}
	return b
}

func kindsOf(rows *engine.Rows) []engine.Kind {
	var kinds []engine.Kind
	for _, c := range rows.Columns() {
		kinds = append(kinds, c.Kind)
	}
	return kinds
}
