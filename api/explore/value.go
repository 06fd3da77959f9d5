package explore

import (
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/parvis-opendata/parvis/internal/engine"
)

// zonedTime is how datetimes are written, in the zone that was asked for.
const zonedTime = "2006-01-02T15:04:05-07:00"

// appendJSON appends a value of a row as JSON.
func appendJSON(b []byte, rows *engine.Rows, column int, kind engine.Kind, zone *time.Location) []byte {
	if rows.Null(column) {
		return append(b, "null"...)
	}
	switch kind {
	case engine.KindText:
		return appendJSONText(b, rows.Bytes(column))
	case engine.KindDecimal:
		return appendDecimal(b, rows, column)
	case engine.KindDouble:
		return appendDouble(b, rows.Float(column))
	case engine.KindDate:
		return append(rows.Append(append(b, '"'), column), '"')
	case engine.KindDateTime:
		return append(appendDateTime(append(b, '"'), rows.Int(column), zone), '"')
	case engine.KindTexts:
		b = append(b, '[')
		for i, text := range rows.Texts(column) {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSONText(b, text)
		}
		return append(b, ']')
	default: // whole numbers, true and false
		return rows.Append(b, column)
	}
}

// appendPlain appends a value that is no list as plain text, nothing for null.
func appendPlain(b []byte, rows *engine.Rows, column int, kind engine.Kind, zone *time.Location) []byte {
	if rows.Null(column) {
		return b
	}
	switch kind {
	case engine.KindDouble:
		return appendDouble(b, rows.Float(column))
	case engine.KindDateTime:
		return appendDateTime(b, rows.Int(column), zone)
	default:
		return rows.Append(b, column)
	}
}

// appendDecimal appends a decimal number without the zeros that end it, but for one
// after the point: 12.5, 12.0.
func appendDecimal(b []byte, rows *engine.Rows, column int) []byte {
	start := len(b)
	b = rows.Append(b, column)
	point := -1
	for i := start; i < len(b); i++ {
		if b[i] == '.' {
			point = i
		}
	}
	if point < 0 {
		return b
	}
	for len(b) > point+2 && b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	return b
}

// appendDouble appends the shortest number that reads as the same double; null for
// what is no number.
func appendDouble(b []byte, x float64) []byte {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return append(b, "null"...)
	}
	format := byte('f')
	if size := math.Abs(x); size != 0 && (size < 1e-6 || size >= 1e21) {
		format = 'e'
	}
	start := len(b)
	b = strconv.AppendFloat(b, x, format, -1, 64)
	if format == 'f' {
		for _, c := range b[start:] {
			if c == '.' {
				return b
			}
		}
		b = append(b, ".0"...)
	}
	return b
}

func appendDateTime(b []byte, micros int64, zone *time.Location) []byte {
	return time.UnixMicro(micros).In(zone).AppendFormat(b, zonedTime)
}

// plainByte says which bytes stand for themselves in a JSON string.
func plainByte(c byte) bool { return c >= 0x20 && c != '"' && c != '\\' }

// appendJSONText appends a text as a JSON string. Only what JSON demands is escaped,
// so that accents stay readable.
func appendJSONText[T string | []byte](b []byte, text T) []byte {
	b = append(b, '"')
	start := 0
	for i := range len(text) {
		c := text[i]
		if plainByte(c) {
			continue
		}
		b = append(b, text[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			const digits = "0123456789abcdef"
			b = append(b, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
	}
	return append(append(b, text[start:]...), '"')
}

// appendJSONWord is appendJSONText for what a client wrote, which may be no UTF-8.
func appendJSONWord(b []byte, text string) []byte {
	if utf8.ValidString(text) {
		return appendJSONText(b, text)
	}
	return appendJSONText(b, []byte(string([]rune(text))))
}
