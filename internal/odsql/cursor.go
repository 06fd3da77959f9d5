package odsql

// After reads limit rows that follow the row which cursor stands for, in the total
// order of the query; an empty cursor reads from the first row. Each row has one
// more column after those of the query: a VARCHAR, the mark of the row, never null,
// from which [Query.Cursor] makes the cursor to go on from. The caller binds the cursor to a
// release.
//
// Errors: [*Error] when the cursor is damaged or of another query.
func (q *Query) After(cursor string, limit int) (Statement, error) { return Statement{}, nil }

// Cursor encodes the mark of a row as an opaque text for a URL.
func (q *Query) Cursor(mark string) string { return "" }
