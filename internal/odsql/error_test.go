package odsql_test

import (
	"errors"

	"github.com/parvis-opendata/parvis/internal/odsql"
)

// code is the code of an error of the package.
func code(err error) string {
	var e *odsql.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
