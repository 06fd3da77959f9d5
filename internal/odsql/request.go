package odsql

import "time"

// Request holds the clauses of a query as the client wrote them. Empty means absent.
type Request struct {
	Select, GroupBy, OrderBy string
	// Where clauses are joined with AND.
	Where []string
	// Refine and Exclude hold facet:value.
	Refine, Exclude []string
	// Lang is the language of names of months and days: fr (default), en, de, es, it,
	// nl, pt, ca, sv, eu; other languages of the contract give English names.
	Lang string
	// Zone is the time zone of datetimes and of now(); nil means UTC.
	Zone *time.Location
	// Now is the instant that now() stands for.
	Now time.Time
	// Record restricts the rows to the one of this record id.
	Record string
	// Disjunctive are the facets of which several refinements are joined with OR.
	Disjunctive []string
}

// Compile reads a request and checks it against a schema. The vocabulary may be
// nil: searches then find exact tokens and beginnings of tokens.
//
// Errors: [*Error], for the client to read.
func Compile(s *Schema, r Request, v Vocabulary) (*Query, error) {
	return nil, &Error{Code: CodeQuery}
}
