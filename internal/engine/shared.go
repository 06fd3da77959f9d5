package engine

import "context"

// SharedOptions says how much of the machine an instance may use.
type SharedOptions struct {
	// Dir is where the database files lie; the instance reads nothing outside.
	Dir string
	// TempDir receives what does not fit in memory.
	TempDir string
	// MemoryLimit is a size such as "2GB", for all files and queries together.
	MemoryLimit string
	// Threads is the number of threads of all queries together; 0 means one per core.
	Threads int
}

// Shared is one instance of the engine that only reads: the files that are
// attached to it share its memory and its threads. It is safe for concurrent use.
type Shared struct{}

// OpenShared makes an instance without files. The caller closes it.
func OpenShared(ctx context.Context, o SharedOptions) (*Shared, error) { return &Shared{}, nil }

// Attach opens a database file, made by [Open], for reading.
//
// Errors: [ErrFile].
func (s *Shared) Attach(ctx context.Context, path string) (*File, error) { return &File{}, nil }

// Close ends the instance. Its files must be closed before.
func (s *Shared) Close() error { return nil }

// File is a database file that is only read. It is safe for concurrent use.
type File struct{}

// Query runs one SELECT, in which the tables of the file go by their plain names.
// Args are the values of its parameters, in order: string, int64, float64, bool or
// nil. When ctx ends the query is interrupted. The caller closes the rows; as long as
// they are open they hold a connection.
//
// Errors: [ErrQuery] for anything but one SELECT; the other kinds of the package.
func (f *File) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	return &Rows{}, nil
}

// Close closes the connections and the file, which may be deleted then. No rows may be
// open.
func (f *File) Close() error { return nil }
