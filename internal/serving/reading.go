package serving

import (
	"context"
	"errors"

	"github.com/parvis-opendata/parvis/internal/objects"
)

// reading is a store for an archive that is only read.
type reading struct{ Store }

var errReadOnly = errors.New("the process that serves the public does not write")

// Create refuses.
func (reading) Create(context.Context, string, []byte) (objects.Info, error) {
	return objects.Info{}, errReadOnly
}

// Replace refuses.
func (reading) Replace(context.Context, string, []byte, string) (objects.Info, error) {
	return objects.Info{}, errReadOnly
}

// Delete refuses.
func (reading) Delete(context.Context, string) error { return errReadOnly }
