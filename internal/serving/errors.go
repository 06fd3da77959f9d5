package serving

import (
	"errors"
	"fmt"

	"github.com/parvis-opendata/parvis/publisher/release"
)

// Kinds of failure, for errors.Is.
var (
	// ErrUnknownTable: no dataset has such a table, or the release does not have it.
	ErrUnknownTable = errors.New("unknown table")
	// ErrUnknownRelease: the dataset has no such release.
	ErrUnknownRelease = errors.New("unknown release")
	// ErrUnpublished: no release of the dataset is served.
	ErrUnpublished = errors.New("no release is served")
	// ErrLoading: the release is being loaded; ask again.
	ErrLoading = errors.New("the release is being loaded")
	// ErrUnavailable: the release cannot be loaded now: the store cannot be read, an
	// object is damaged, the disk is full, or the library is closed.
	ErrUnavailable = errors.New("the release cannot be loaded")
)

// GoneError says that a release was pruned or withdrawn.
type GoneError struct{ Entry release.Entry }

// Error implements error.
func (e *GoneError) Error() string {
	return fmt.Sprintf("release %s of %s is %s", e.Entry.Manifest.Release, e.Entry.Manifest.Dataset, e.Entry.State)
}
