package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// Kinds of failure, for errors.Is.
var (
	// ErrNoRow: a query that should give one row gave none.
	ErrNoRow = errors.New("no row")
	// ErrData: the content of a file or table is not what the statement expects.
	ErrData = errors.New("data cannot be read")
	// ErrFile: a file cannot be opened, read or written, or the disk is full.
	ErrFile = errors.New("file cannot be read or written")
	// ErrMemory: the memory limit is too small for the statement.
	ErrMemory = errors.New("memory limit reached")
	// ErrQuery: the statement itself is wrong; a defect of the program.
	ErrQuery = errors.New("statement refused")
)

// translate gives a vendor error one of the kinds above and removes from it
// whatever could be a value of the data.
func translate(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNoRow
	}
	var vendor *duckdb.Error
	if !errors.As(err, &vendor) {
		return fmt.Errorf("%w (in the driver)", ErrQuery)
	}
	return translateText(vendor.Msg)
}

// kinds gives the classes of the engine's messages a kind; the others are [ErrData].
var kinds = map[string]error{
	"out of memory error":         ErrMemory,
	"io error":                    ErrFile,
	"permission error":            ErrFile,
	"binder error":                ErrQuery,
	"parser error":                ErrQuery,
	"catalog error":               ErrQuery,
	"syntax error":                ErrQuery,
	"settings error":              ErrQuery,
	"invalid configuration error": ErrQuery,
	"not implemented error":       ErrQuery,
}

// translateText is [translate] for a message of the engine.
func translateText(msg string) error {
	c := class(msg)
	if c == "interrupt error" {
		return context.Canceled
	}
	if kind, ok := kinds[c]; ok {
		return fmt.Errorf("%w: %s", kind, firstLine(msg))
	}
	return translateOther(c, msg)
}

// translateOther reads a message that may quote a value, such as that of a commit
// which breaks a constraint: only its class is told, unless it is about a file.
func translateOther(c, msg string) error {
	if c != "transactioncontext error" && c != "fatal error" {
		return fmt.Errorf("%w (%s)", ErrData, c)
	}
	for _, about := range []string{"No space left", "Could not write", "Cannot open file", "Could not fsync", "Could not truncate"} {
		if strings.Contains(msg, about) {
			return fmt.Errorf("%w: %s", ErrFile, firstLine(msg))
		}
	}
	return fmt.Errorf("%w (%s)", ErrData, c)
}

// class returns the words before the first colon of a message of the engine,
// which name its class ("Conversion Error").
func class(msg string) string {
	before, _, found := strings.Cut(msg, ":")
	if !found || len(before) > 40 {
		return "unclassified error"
	}
	return strings.ToLower(before)
}

func firstLine(msg string) string {
	line, _, _ := strings.Cut(msg, "\n")
	return strings.TrimSpace(line)
}
