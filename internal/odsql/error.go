package odsql

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

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
	// Message says it all in sentences, clause and position included.
	Message string
}

// Error implements error.
func (e *Error) Error() string { return e.Message }

// clause is the text of one clause, which errors point into.
type clause struct{ name, src string }

// longestQuote is how many characters of a query an error repeats.
const longestQuote = 60

// shorten cuts a text for use in a message.
func shorten(text string) string {
	text = strings.ToValidUTF8(text, "�")
	if utf8.RuneCountInString(text) <= longestQuote {
		return text
	}
	return string([]rune(text)[:longestQuote]) + "…"
}

// position turns an offset in bytes into the count of characters from 1.
func (c clause) position(offset int) int {
	return utf8.RuneCountInString(c.src[:min(offset, len(c.src))]) + 1
}

// fail makes an error about what stands at an offset of the clause.
func (c clause) fail(code string, offset int, found, format string, args ...any) *Error {
	e := &Error{Code: code, Clause: c.name, Position: c.position(offset), Found: shorten(found)}
	e.Message = fmt.Sprintf("Clause %s, caractère %d : %s", c.name, e.Position, fmt.Sprintf(format, args...))
	return e
}

// unexpected makes a syntax error: this was found, that was expected.
func (c clause) unexpected(offset int, found, expected string) *Error {
	what := "fin de la clause"
	if found != "" {
		what = "« " + shorten(found) + " »"
	}
	e := c.fail(CodeSyntax, offset, found, "%s, alors qu'on attend %s.", what, expected)
	e.Expected = expected
	return e
}

// parameter makes an error about a value that is no expression.
func parameter(name, found, format string, args ...any) *Error {
	return &Error{Code: CodeParameter, Clause: name, Found: shorten(found), Message: fmt.Sprintf("Paramètre %s : %s", name, fmt.Sprintf(format, args...))}
}
