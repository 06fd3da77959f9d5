package odsql

// Codes of errors, as the contract names them.
const (
	CodeQuery     = "ODSQLError"
	CodeSyntax    = "ODSQLSyntaxError"
	CodeTypes     = "IncompatibleTypesInComparisonFilter"
	CodeParameter = "InvalidRESTParameterError"
)

// Error is what is wrong with a request, for its author to read, in French.
type Error struct {
	Code string
	// Clause is select, where, group_by, order_by, refine, exclude, facet or cursor.
	Clause string
	// Position counts characters of the clause from 1; 0 when there is none.
	Position int
	// Found and Expected are what stands there and what could; either may be empty.
	Found, Expected string
	Message         string
}

// Error implements error.
func (e *Error) Error() string { return e.Message }
