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
	switch vendor.Type {
	case duckdb.ErrorTypeInterrupt:
		return context.Canceled
	case duckdb.ErrorTypeOutOfMemory:
		return fmt.Errorf("%w: %s", ErrMemory, firstLine(vendor.Msg))
	case duckdb.ErrorTypeIO, duckdb.ErrorTypePermission:
		return fmt.Errorf("%w: %s", ErrFile, firstLine(vendor.Msg))
	case duckdb.ErrorTypeTransaction, duckdb.ErrorTypeFatal:
		return translateCommit(vendor.Msg)
	case duckdb.ErrorTypeBinder, duckdb.ErrorTypeParser, duckdb.ErrorTypeCatalog, duckdb.ErrorTypeSyntax,
		duckdb.ErrorTypeSettings, duckdb.ErrorTypeInvalidConfiguration, duckdb.ErrorTypeNotImplemented:
		return fmt.Errorf("%w: %s", ErrQuery, firstLine(vendor.Msg))
	default:
		return fmt.Errorf("%w (%s)", ErrData, class(vendor.Msg))
	}
}

// translateCommit reads the message of a failed commit: about a file it is told,
// about a constraint it would quote a key, so only its class is.
func translateCommit(msg string) error {
	for _, about := range []string{"No space left", "Could not write", "Cannot open file", "Could not fsync", "Could not truncate"} {
		if strings.Contains(msg, about) {
			return fmt.Errorf("%w: %s", ErrFile, firstLine(msg))
		}
	}
	return fmt.Errorf("%w (%s)", ErrData, class(msg))
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
