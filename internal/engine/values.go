package engine

import (
	"math/bits"
	"strconv"
	"time"
)

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

// at returns a column of the current row for reading as one of some kinds.
func (r *Rows) at(column int, kinds ...Kind) (v *vector, null bool) {
	kind := r.columns[column].Kind
	for _, k := range kinds {
		if k == kind {
			v = &r.vectors[column]
			return v, v.null(r.row)
		}
	}
	panic("engine: column " + r.columns[column].Name + " is read as another kind than its own")
}

// Null reports whether the value is null. The other readers give the zero value then.
func (r *Rows) Null(column int) bool { return r.vectors[column].null(r.row) }

// Bytes returns a text that is valid until the next call of Next or Close, and must
// not be changed.
func (r *Rows) Bytes(column int) []byte {
	v, null := r.at(column, KindText)
	if null {
		return nil
	}
	return v.text(r.row)
}

// String returns a text that stays valid.
func (r *Rows) String(column int) string { return string(r.Bytes(column)) }

// Int returns a whole number, a date in days or a datetime in microseconds.
func (r *Rows) Int(column int) int64 {
	v, null := r.at(column, KindInt, KindDate, KindDateTime)
	if null {
		return 0
	}
	return v.int(r.row)
}

// Float returns a double.
func (r *Rows) Float(column int) float64 {
	v, null := r.at(column, KindDouble)
	if null {
		return 0
	}
	return v.float(r.row)
}

// Bool returns a boolean.
func (r *Rows) Bool(column int) bool {
	v, null := r.at(column, KindBool)
	return !null && v.int(r.row) != 0
}

// Texts returns the elements of a list, null ones left out; they stay valid.
func (r *Rows) Texts(column int) []string {
	v, null := r.at(column, KindTexts)
	if null {
		return nil
	}
	return v.texts(r.row)
}

// Append appends the plain text of a value that is neither null nor a list: a text as
// it is, numbers with a point and all their digits, true and false, dates as ISO 8601.
func (r *Rows) Append(dst []byte, column int) []byte {
	v, row := &r.vectors[column], r.row
	switch r.columns[column].Kind {
	case KindText:
		return append(dst, v.text(row)...)
	case KindInt:
		return strconv.AppendInt(dst, v.int(row), 10)
	case KindDecimal:
		hi, lo := v.wide(row)
		return appendDecimal(dst, hi, lo, r.columns[column].Scale)
	case KindDouble:
		return strconv.AppendFloat(dst, v.float(row), 'g', -1, 64)
	case KindBool:
		return strconv.AppendBool(dst, v.int(row) != 0)
	case KindDate:
		return time.Unix(v.int(row)*24*60*60, 0).UTC().AppendFormat(dst, time.DateOnly)
	case KindDateTime:
		return time.UnixMicro(v.int(row)).UTC().AppendFormat(dst, "2006-01-02T15:04:05.999999")
	default:
		panic("engine: column " + r.columns[column].Name + " is a list")
	}
}

// Value returns a value of the row that stays valid: nil, string, int64, float64,
// bool, []string; decimals, dates and datetimes as the string that Append writes.
func (r *Rows) Value(column int) any {
	if r.Null(column) {
		return nil
	}
	switch r.columns[column].Kind {
	case KindInt:
		return r.Int(column)
	case KindDouble:
		return r.Float(column)
	case KindBool:
		return r.Bool(column)
	case KindTexts:
		return r.Texts(column)
	default:
		return string(r.Append(nil, column))
	}
}

// appendDecimal writes a whole number of 128 bits, scaled down by a power of ten.
func appendDecimal(dst []byte, hi int64, lo uint64, scale int) []byte {
	high := uint64(hi)
	if hi < 0 {
		dst = append(dst, '-')
		var carry uint64
		lo, carry = bits.Add64(^lo, 1, 0)
		high = ^high + carry
	}
	var digits [40]byte // 2^127 has 39
	at := len(digits)
	for n := 0; high > 0 || lo > 0 || n <= scale; n++ {
		var digit uint64
		high, digit = high/10, high%10
		lo, digit = bits.Div64(digit, lo, 10)
		at--
		digits[at] = byte('0' + digit)
	}
	point := len(digits) - scale
	dst = append(dst, digits[at:point]...)
	if scale > 0 {
		dst = append(append(dst, '.'), digits[point:]...)
	}
	return dst
}
