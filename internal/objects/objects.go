// Package objects keeps bytes under names.
//
// It owns the small contract that the rest of the program codes against ([Store]), the rules of names, a store in a
// directory ([Dir]) and one in object storage that speaks S3 ([S3]). The contract asks for nothing that such storage
// cannot give. What the bytes mean, which names exist and who may write them is left to the callers.
//
// The invariant: an object is visible whole or not at all. Whoever opens a name reads all the bytes of one write
// and nothing of another, whatever writers, readers, crashes and other processes do meanwhile; and of several
// writers that state a condition on the same state of a name, at most one succeeds.
//
// The suite in objectstest is the contract in executable form; every store passes it.
package objects

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"
)

// The kinds of failure, for errors.Is. An error reads "verb object: kind: cause". An error that is none of these is
// the caller's own: its context was cancelled, or the body it handed in could not be read.
var (
	// ErrNotFound means that there is no object of that name.
	ErrNotFound = errors.New("not found")
	// ErrConflict means that the condition of a Create or a Replace did not hold; nothing was written.
	ErrConflict = errors.New("conflict")
	// ErrInvalid means that the name or an argument breaks the contract; trying again cannot help.
	ErrInvalid = errors.New("invalid")
	// ErrUnavailable means that the store cannot be reached, is full, broken, or refuses. A write that ends so may
	// still have happened: read to know.
	ErrUnavailable = errors.New("store unavailable")
)

// MaxConditional is the greatest number of bytes that Create and Replace accept: 8 MiB. S3 honours a condition only
// when an object is sent in one piece.
const MaxConditional = 8 << 20

// Info describes one write of an object.
type Info struct {
	Name string
	Size int64
	// Version is opaque and not empty. It differs between writes of different bytes to one name, and is what Replace
	// compares. Writes of equal bytes may share a version, because S3 derives it from the content.
	Version string
	// Modified is when the object was written, by the store's clock. Writes may return it zero, because S3 does not
	// tell it then; Stat, Open and List always set it.
	Modified time.Time
}

// Store keeps bytes under names. It is safe for concurrent use.
//
// A name is 1 to 512 bytes of valid UTF-8 without control characters and backslashes: segments of 1 to 255 bytes
// joined by single slashes, none of them "." or "..", none beginning with ".tmp". Any other is [ErrInvalid], from
// every verb. Names are compared byte by byte. A name must not also be the folder of another ("a" beside "a/b"): a
// store may refuse the second with ErrInvalid, and need not.
//
// Every verb may also end in [ErrUnavailable], or in an error that wraps that of a cancelled context.
type Store interface {
	// Put streams an object in. It becomes visible whole or not at all and replaces what was there. Size is the
	// number of bytes of the body, or -1 if unknown; give it where it is known, S3 then needs less memory.
	//
	// Errors: ErrInvalid when the body is shorter or longer than size; an error of the body is returned wrapped. In
	// both cases what was there stays. A body that blocks is not interrupted by the context.
	Put(ctx context.Context, name string, body io.Reader, size int64) (Info, error)

	// Create writes an object of at most MaxConditional bytes if the name is free.
	//
	// Errors: ErrConflict when it is taken; ErrInvalid when data is too long.
	Create(ctx context.Context, name string, data []byte) (Info, error)

	// Replace writes an object of at most MaxConditional bytes if its version is still the given one.
	//
	// Errors: ErrConflict when the version is another; ErrNotFound when the object is gone; ErrInvalid when data is
	// too long or version is empty.
	Replace(ctx context.Context, name string, data []byte, version string) (Info, error)

	// Open returns the bytes of an object from offset on: length of them, or to the end if length is -1. A range
	// that runs past the end is clipped; one that begins there is empty. Info describes the whole object that the
	// bytes belong to. The reader goes on reading that same write when the object is replaced or deleted; it must be
	// closed, and is governed by ctx until then. Bytes that are missing before the end are an error, never an EOF.
	//
	// Errors: ErrNotFound; ErrInvalid when offset is below 0 or length below -1.
	Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, Info, error)

	// Stat describes an object.
	//
	// Errors: ErrNotFound.
	Stat(ctx context.Context, name string) (Info, error)

	// List yields the objects whose names begin with prefix, in the byte order of whole names. The prefix need not
	// end at a slash; the empty one lists everything. An object that is written or deleted meanwhile may be yielded
	// or not. An error is yielded last, with a zero Info.
	//
	// Errors: ErrInvalid when no name can begin with prefix.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]

	// Delete removes an object. It is no error when there is none.
	Delete(ctx context.Context, name string) error
}
