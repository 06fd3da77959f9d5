package engine

// Kind is how a value of a column is read.
type Kind uint8

// Kinds of column.
const (
	KindText     Kind = iota // Bytes, String
	KindInt                  // Int
	KindDecimal              // Append writes exactly its digits
	KindDouble               // Float
	KindBool                 // Bool
	KindDate                 // Append writes 2006-01-02; Int counts days since 1970-01-01
	KindDateTime             // Append writes 2006-01-02T15:04:05.999999 without zone; Int counts microseconds since 1970-01-01
	KindTexts                // Texts: a list of text
)

// RowColumn is a column of [Rows].
type RowColumn struct {
	Name string
	Kind Kind
	// Scale is the number of decimals of a KindDecimal.
	Scale int
}

// Rows are the rows of a query, read as they are computed. They are not safe for
// concurrent use. A column is named by its place, from 0; reading it as another kind
// than its own panics.
type Rows struct{}

// Columns describes the columns, in order.
func (r *Rows) Columns() []RowColumn { return nil }

// Next goes to the next row; false at the end, and on an error, which Err then tells.
func (r *Rows) Next() bool { return false }

// Err returns what ended the rows before their end, nil if nothing did.
func (r *Rows) Err() error { return nil }

// Close ends the query. It may be called twice.
func (r *Rows) Close() error { return nil }

// Null reports whether the value is null. The other readers give the zero value then.
func (r *Rows) Null(column int) bool { return false }

// Bytes returns a text that is valid until the next call of Next or Close, and must
// not be changed.
func (r *Rows) Bytes(column int) []byte { return nil }

// String returns a text that stays valid.
func (r *Rows) String(column int) string { return "" }

// Int returns a whole number, a date in days or a datetime in microseconds.
func (r *Rows) Int(column int) int64 { return 0 }

// Float returns a double.
func (r *Rows) Float(column int) float64 { return 0 }

// Bool returns a boolean.
func (r *Rows) Bool(column int) bool { return false }

// Texts returns the elements of a list, null ones left out; they stay valid.
func (r *Rows) Texts(column int) []string { return nil }

// Append appends the plain text of a value that is neither null nor a list: a text as
// it is, numbers with a point and all their digits, true and false, dates as ISO 8601.
func (r *Rows) Append(dst []byte, column int) []byte { return dst }

// Value returns a value of the row that stays valid: nil, string, int64, float64,
// bool, []string; decimals, dates and datetimes as the string that Append writes.
func (r *Rows) Value(column int) any { return nil }
