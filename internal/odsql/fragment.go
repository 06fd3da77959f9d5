package odsql

import (
	"slices"
	"strconv"
	"strings"
)

// fragment is a piece of SQL with the values of its parameters in order.
type fragment struct {
	sql  string
	args []any
}

// sqlf makes a fragment: each @ of the format stands for the next part, a fragment, and
// each ? for the next part as a parameter. Formats are constants of this package.
func sqlf(format string, parts ...any) fragment {
	var b strings.Builder
	var args []any
	for {
		i := strings.IndexAny(format, "@?")
		if i < 0 {
			b.WriteString(format)
			return fragment{b.String(), args}
		}
		b.WriteString(format[:i])
		if format[i] == '?' {
			b.WriteByte('?')
			args = append(args, parts[0])
		} else {
			f := parts[0].(fragment)
			b.WriteString(f.sql)
			args = append(args, f.args...)
		}
		format, parts = format[i+1:], parts[1:]
	}
}

// list joins fragments with a separator.
func list(separator string, all ...fragment) fragment {
	var b strings.Builder
	var args []any
	for i, f := range all {
		if i > 0 {
			b.WriteString(separator)
		}
		b.WriteString(f.sql)
		args = append(args, f.args...)
	}
	return fragment{b.String(), args}
}

// with returns a new slice that has more values.
func with[T any](all []T, more ...T) []T { return append(slices.Clip(all), more...) }

// same reports whether two fragments are the same expression.
func (f fragment) same(other fragment) bool {
	return f.sql == other.sql && slices.Equal(f.args, other.args)
}

// Conditions that are never, or always, met.
var (
	never  = fragment{sql: "FALSE"}
	always = fragment{sql: "TRUE"}
)

// anyOf joins conditions with OR.
func anyOf(all []fragment) fragment { return logic(all, " OR ", never, always) }

// allOf joins conditions with AND.
func allOf(all []fragment) fragment { return logic(all, " AND ", always, never) }

// logic joins conditions. The neutral one is left out; the absorbing one alone stays.
func logic(all []fragment, operator string, neutral, absorbing fragment) fragment {
	kept := make([]fragment, 0, len(all))
	for _, f := range all {
		if f.sql == absorbing.sql {
			return absorbing
		}
		if f.sql != neutral.sql {
			kept = append(kept, f)
		}
	}
	switch len(kept) {
	case 0:
		return neutral
	case 1:
		return kept[0]
	}
	return sqlf("(@)", list(operator, kept...))
}

// ident quotes a name of the schema.
func ident(name string) fragment {
	return fragment{sql: `"` + strings.ReplaceAll(name, `"`, `""`) + `"`}
}

// own is the name of a column of ours within a statement; names of fields cannot begin so.
func own(letter string, i int) fragment {
	return fragment{sql: `"@` + letter + strconv.Itoa(i) + `"`}
}
