package odsql

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
)

// cursorSum is the number of bytes of the checksum that a cursor begins with, and
// maxCursor how long a cursor may be.
const (
	cursorSum = 12
	maxCursor = 64 << 10
)

// After reads limit rows that follow the row which cursor stands for, in the total
// order of the query; an empty cursor reads from the first row. Each row has one more
// column after those of the query: a VARCHAR, the mark of the row, never null, from which
// [Query.Cursor] makes the cursor to go on from. The caller binds the cursor to a
// release.
//
// Errors: [*Error] when the cursor is damaged or of another query.
func (q *Query) After(cursor string, limit int) (Statement, error) {
	condition := fragment{}
	if cursor != "" {
		values, ok := q.decode(cursor)
		if !ok {
			return Statement{}, parameter("cursor", cursor, "le curseur n'est pas celui de cette requête, ou il est abîmé ; reprenez depuis la première page.")
		}
		condition = q.beyond(values)
	}
	marks := make([]fragment, len(q.order))
	for i, o := range q.order {
		marks[i] = sqlf("CAST(@ AS VARCHAR)", o.sql)
	}
	mark := fragment{sql: "'[]'"}
	if len(marks) > 0 {
		mark = sqlf("CAST(to_json([@]) AS VARCHAR)", list(", ", marks...))
	}
	columns := with(q.outputs, mark)
	return q.statement(q.page(columns, condition, limit, 0)), nil
}

// beyond writes that a row comes after another in the order.
func (q *Query) beyond(values []*string) fragment {
	var after, equal []fragment
	for i, o := range q.order {
		last := fragment{sql: "NULL"}
		if values[i] != nil {
			last = sqlf("TRY_CAST(? AS "+o.cast+")", *values[i])
			comparison := " > "
			if o.desc {
				comparison = " < "
			}
			later := sqlf("(@"+comparison+"@ OR @ IS NULL)", o.sql, last, o.sql)
			after = append(after, allOf(with(equal, later)))
		}
		equal = append(equal, sqlf("(@ IS NOT DISTINCT FROM @)", o.sql, last))
	}
	return anyOf(after)
}

// Cursor encodes the mark of a row as an opaque text for a URL.
func (q *Query) Cursor(mark string) string {
	return base64.RawURLEncoding.EncodeToString(append(q.checksum(mark), mark...))
}

// checksum ties a mark to the query; it is no secret.
func (q *Query) checksum(mark string) []byte {
	sum := sha256.Sum256([]byte(q.Canonical() + mark))
	return sum[:cursorSum]
}

// decode reads a cursor of this query.
func (q *Query) decode(cursor string) ([]*string, bool) {
	if len(cursor) > maxCursor {
		return nil, false
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) < cursorSum {
		return nil, false
	}
	mark := string(b[cursorSum:])
	if string(q.checksum(mark)) != string(b[:cursorSum]) {
		return nil, false
	}
	var values []*string
	if json.Unmarshal([]byte(mark), &values) != nil || len(values) != len(q.order) {
		return nil, false
	}
	return values, true
}
