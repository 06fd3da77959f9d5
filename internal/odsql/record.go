package odsql

import "regexp"

// recordID is the form of the id of a record.
var recordID = regexp.MustCompile(`^[0-9a-f]{40}$`)

// record writes the id of a record: the first 40 hexadecimal digits of the SHA-256 of
// the values of the row's key as text, a null as U+001E, each followed by U+001F.
func (s *Schema) record() fragment {
	parts := make([]fragment, len(s.Key))
	for i, name := range s.Key {
		parts[i] = sqlf("coalesce(CAST(@ AS VARCHAR), chr(30)), chr(31)", ident(name))
	}
	return sqlf("left(sha256(concat(@)), 40)", list(", ", parts...))
}

// WithRecordID returns the query with one more column, _id, the record's id. A query of
// groups or aggregates is returned as it is.
func (q *Query) WithRecordID() *Query {
	if q.Grouped || q.Aggregated {
		return q
	}
	more := *q
	more.Columns = with(q.Columns, Column{Name: "_id", Label: "_id", Type: Text})
	more.outputs = with(q.outputs, q.schema.record())
	return &more
}
