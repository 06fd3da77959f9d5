package explore

import (
	"regexp"
	"slices"
	"time"

	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/odsql"
)

// idField is the name of the id of a record where it is asked for.
const idField = "_id"

var namesID = regexp.MustCompile(`\b` + idField + `\b`)

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
	schema, asked := l.Schema(), namesID.MatchString(r.Select)
	if ids || asked {
		schema = withIDs(schema)
	}
	q, err := odsql.Compile(schema, r, l.Vocabulary())
	if err != nil {
		return nil, err
	}
	p := &prepared{Query: q, loan: l, request: r, id: -1}
	if !ids || q.Grouped || q.Aggregated {
		p.show(func(c odsql.Column) bool { return true })
		return p, nil
	}
	if p.id = idColumn(q); p.id < 0 {
		r.Select += ", " + idField
		if p.Query, err = odsql.Compile(schema, r, l.Vocabulary()); err != nil {
			return nil, err
		}
		p.id = idColumn(p.Query)
	}
	p.show(func(c odsql.Column) bool { return asked || c.Field != idField })
	return p, nil
}

func (p *prepared) show(wanted func(odsql.Column) bool) {
	for i, c := range p.Columns {
		if wanted(c) {
			p.shown = append(p.shown, i)
		}
	}
}

func idColumn(q *odsql.Query) int {
	return slices.IndexFunc(q.Columns, func(c odsql.Column) bool { return c.Field == idField })
}

// withIDs is a schema whose rows have one more field at the end, their id.
func withIDs(s *odsql.Schema) *odsql.Schema {
	return &odsql.Schema{
		Relation: "(SELECT *, " + s.RecordID() + " AS " + engine.Ident(idField) + " FROM " + s.Relation + ")",
		Fields:   append(slices.Clone(s.Fields), odsql.Field{Name: idField, Label: idField, Type: odsql.Text}),
		Key:      s.Key, Elsewhere: s.Elsewhere,
	}
}

// filtered reports whether the query leaves rows out.
func (p *prepared) filtered() bool {
	r := p.request
	return len(r.Where)+len(r.Refine)+len(r.Exclude) > 0 || r.Record != ""
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
	kinds   []engine.Kind // by column of the rows; known at the first row
	zone    *time.Location
	// sparse leaves out the fields that are null.
	sparse bool
}

func newObjects(p *prepared) *objects {
	o := &objects{zone: zoneOf(p.request), columns: p.shown}
	for _, i := range p.shown {
		o.keys = append(o.keys, string(appendJSONWord(nil, p.Columns[i].Name))+":")
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
