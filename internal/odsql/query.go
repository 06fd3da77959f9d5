package odsql

// Statement is SQL with the values of its parameters, in order: each is a string,
// an int64, a float64 or a bool.
type Statement struct {
	SQL  string
	Args []any
}

// Column is one column of the answer.
type Column struct {
	// Name is the key in the answer: the field's name, the alias, or the text of the
	// expression.
	Name string
	// Label is the field's label, or else the name.
	Label string
	Type  Type
	// Multivalued columns hold lists of text.
	Multivalued bool
	// Field is the name of the field that the column shows as it is; empty for others.
	Field string
}

// Cost is how much work a query is.
type Cost int

// Classes of cost, cheapest first.
const (
	CostPage      Cost = iota // reads the first rows in the table's own order
	CostScan                  // filters or sorts the whole table
	CostAggregate             // groups or aggregates the whole table
)

// Query is a checked query. It is immutable and safe for concurrent use.
type Query struct {
	// Columns are the columns of a statement's rows, in order.
	Columns []Column
	// Grouped queries have one row per group.
	Grouped bool
	// Aggregated queries without groups have exactly one row.
	Aggregated bool
}

// Page reads limit rows after offset, in the total order of the query.
func (q *Query) Page(limit, offset int) Statement { return Statement{} }

// All reads every row, in the total order of the query.
func (q *Query) All() Statement { return Statement{} }

// Count reads one BIGINT: the number of rows or groups.
func (q *Query) Count() Statement { return Statement{} }

// Canonical is a text that is equal for two spellings of one query, whatever its
// page, to be used as the key of a cache.
func (q *Query) Canonical() string { return "" }

// Cost estimates the work.
func (q *Query) Cost() Cost { return CostPage }
