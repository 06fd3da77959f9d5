package odsql

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

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
	// JSON columns hold texts that an answer in JSON has as JSON, if they are.
	JSON bool
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
	// Instant queries depend on [Request.Now].
	Instant bool

	schema      *Schema
	zone        *time.Location
	filters     []fragment
	refinements []refinement
	groups      []group
	outputs     []fragment
	order       []ordering
	sorted      bool
}

// Page reads limit rows after offset, in the total order of the query.
func (q *Query) Page(limit, offset int) Statement {
	if q.Numbered() {
		return q.statement(sqlf("@"+between(limit, offset), q.unordered()))
	}
	if q.lies() {
		return q.statement(sqlf("@"+part(limit, offset), q.unordered()))
	}
	return q.statement(q.page(q.outputs, fragment{}, limit, offset))
}

// maxFound is up to how many rows of a page are found before their columns are read.
const maxFound = 20000

// page writes some of the rows. Which ones is found out before their columns are read:
// sorting would carry along the long texts of all.
func (q *Query) page(columns []fragment, condition fragment, limit, offset int) fragment {
	if q.Grouped || q.Aggregated || limit > maxFound {
		return sqlf("@"+part(limit, offset), q.rows(columns, q.source(condition)))
	}
	row := fragment{sql: "rowid"}
	found := sqlf("@"+part(limit, offset), q.rows([]fragment{row}, q.source(condition)))
	return q.rows(columns, sqlf("FROM @ WHERE rowid IN (@)", fragment{sql: q.schema.Relation}, found))
}

// part writes which rows are read.
func part(limit, offset int) string {
	return " LIMIT " + strconv.Itoa(max(limit, 0)) + " OFFSET " + strconv.Itoa(max(offset, 0))
}

// between writes which rows of the whole table are read, by their numbers: the engine then
// goes to them, and where they are few reads no text of their neighbours. A limit would
// have it read two thousand rows at least, on every thread.
func between(limit, offset int) string {
	from := max(offset, 0)
	return " AND rowid >= " + strconv.Itoa(from) + " AND rowid < " + strconv.Itoa(from+max(limit, 0))
}

// Numbered reports whether the rows are all those of the table, as they lie: a page is then
// found by the numbers of its rows, whatever comes before.
func (q *Query) Numbered() bool { return q.lies() && q.whole() }

// whole reports whether no row is left out.
func (q *Query) whole() bool { return len(q.filters) == 0 && len(q.refinements) == 0 }

// lies reports whether the rows lie in the table in the order of the query. What is looked
// for in another table may come out in any order.
func (q *Query) lies() bool {
	return q.schema.Sorted && !q.Grouped && !q.Aggregated && !q.sorted && !strings.Contains(q.where().sql, "SELECT")
}

// All reads every row, in the total order of the query.
func (q *Query) All() Statement {
	if q.lies() {
		return q.statement(q.unordered())
	}
	return q.statement(q.rows(q.outputs, q.source(fragment{})))
}

// unordered writes the rows as they lie.
func (q *Query) unordered() fragment { return q.columns(q.outputs, q.source(fragment{})) }

// Count reads one BIGINT: the number of rows or groups.
func (q *Query) Count() Statement {
	switch {
	case q.Aggregated:
		return Statement{SQL: "SELECT CAST(1 AS BIGINT)"}
	case q.Grouped:
		return q.statement(sqlf("SELECT count(*) FROM (SELECT 1 @)", q.source(fragment{})))
	}
	return q.statement(sqlf("SELECT count(*) @", q.source(fragment{})))
}

// Canonical is a text that is equal for two spellings of one query, whatever its
// page, to be used as the key of a cache. It does not tell releases apart.
func (q *Query) Canonical() string {
	all := q.All()
	return digest(all.SQL, all.Args, q.Columns, q.zone.String())
}

// digest hashes values.
func digest(values ...any) string {
	h := sha256.New()
	enc := json.NewEncoder(h)
	for _, v := range values {
		_ = enc.Encode(v) // texts and finite numbers can be encoded, and a hash cannot fail
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Cost estimates the work.
func (q *Query) Cost() Cost {
	switch {
	case q.Grouped || q.Aggregated:
		return CostAggregate
	case q.sorted || !q.whole():
		return CostScan
	}
	return CostPage
}

func (q *Query) statement(f fragment) Statement { return Statement{SQL: f.sql, Args: f.args} }

// where writes the filters of the query, those of its refinements included.
func (q *Query) where() fragment {
	every := func(refinement) bool { return true }
	return allOf(with(q.filters, q.refined(every, nil)...))
}

// source writes what stands after the columns: the rows or groups, without order. The
// condition, if there is one, is on rows or groups.
func (q *Query) source(condition fragment) fragment {
	where := q.where()
	relation := fragment{sql: q.schema.Relation}
	if !q.Grouped {
		if condition.sql != "" {
			where = allOf([]fragment{where, condition})
		}
		return sqlf("FROM @ WHERE @", relation, where)
	}
	keys, refs := []fragment{{sql: "*"}}, []fragment{}
	conditions := []fragment{where}
	for i, g := range q.groups {
		keys = append(keys, sqlf("@ AS @", g.key, own("k", i)))
		refs = append(refs, own("k", i))
		if g.keep.sql != "" {
			conditions = append(conditions, g.keep)
		}
	}
	f := sqlf("FROM (SELECT @ FROM @ WHERE @) GROUP BY @", list(", ", keys...), relation, allOf(conditions), list(", ", refs...))
	if condition.sql != "" {
		f = sqlf("@ HAVING @", f, condition)
	}
	return f
}

// rows writes columns of rows or groups, in order.
func (q *Query) rows(columns []fragment, source fragment) fragment {
	f := q.columns(columns, source)
	if len(q.order) == 0 {
		return f
	}
	by := make([]fragment, len(q.order))
	for i, o := range q.order {
		by[i] = sqlf("@ "+o.direction()+" NULLS LAST", o.sql)
	}
	return sqlf("@ ORDER BY @", f, list(", ", by...))
}

// columns writes columns of rows or groups.
func (q *Query) columns(columns []fragment, source fragment) fragment {
	named := make([]fragment, len(columns))
	for i, c := range columns {
		named[i] = sqlf("@ AS @", c, own("c", i))
	}
	return sqlf("SELECT @ @", list(", ", named...), source)
}

func (o ordering) direction() string {
	if o.desc {
		return "DESC"
	}
	return "ASC"
}
