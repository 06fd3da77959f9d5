package odsql

// Facet is the count of rows by value of one field, under the filters of a query.
type Facet struct {
	// Name is the field's name.
	Name string
	// Limit is how many values of a level are shown.
	Limit int
	// Statement reads the rows of the facet, in order, for [Facet.Tree]: parent, name
	// and path VARCHAR, count BIGINT, state VARCHAR (displayed, refined, excluded), total
	// BIGINT (the number of values of its level, those that are cut off included).
	Statement Statement
}

// FacetRow is one row of a facet's statement.
type FacetRow struct {
	Parent, Name, Path string
	Count              int64
	State              string
	Total              int64
}

// FacetValue is one value of a facet.
type FacetValue struct {
	Name string
	// Path is what refine takes: the value, for a date "2020/12".
	Path  string
	Count int64
	// State is displayed, refined or excluded.
	State string
	// Total is the number of values in Facets before it was cut.
	Total  int64
	Facets []FacetValue
}

// Facet reads the specification of a facet: a name, or facet(name="x", …).
//
// Errors: [*Error].
func (q *Query) Facet(spec string) (*Facet, error) { return nil, nil }

// FacetNames are the declared facets, in the order of the fields.
func (s *Schema) FacetNames() []string { return nil }

// Tree arranges the rows of the statement: the values of the facet, and how many
// there are in all, those that are cut off included.
func (f *Facet) Tree(rows []FacetRow) (values []FacetValue, total int64) { return nil, 0 }

// FacetDisjunctive returns the name of the field when a specification says
// disjunctive=true, for [Request.Disjunctive]; "" when it does not, or is wrong.
func FacetDisjunctive(spec string) string { return "" }
