package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// SharedOptions says how much of the machine an instance may use.
type SharedOptions struct {
	// Dir is where the database files lie; the instance reads nothing outside.
	Dir string
	// TempDir receives what does not fit in memory.
	TempDir string
	// MemoryLimit is a size such as "2GB", for all files and queries together; empty
	// leaves the engine's default.
	MemoryLimit string
	// Threads is the number of threads of all queries together; 0 means one per core.
	Threads int
}

// Shared is one instance of the engine that only reads: the files that are
// attached to it share its memory and its threads. It is safe for concurrent use.
//
// It is opened read-only over an empty file, so that nothing can be attached to it
// for writing; it has no access to files outside its directory; and its settings are
// locked.
type Shared struct {
	base duck.Database

	mu    sync.Mutex // of what follows
	admin *conn
	count int // files attached so far
}

// emptyFile is the database that an instance begins with.
const emptyFile = "empty.duckdb"

// OpenShared makes an instance without files. The caller closes it.
//
// Errors: [ErrFile]; [ErrQuery] when an option does not hold.
func OpenShared(ctx context.Context, o SharedOptions) (*Shared, error) {
	s, err := openShared(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("open engine: %w", err)
	}
	return s, nil
}

func openShared(ctx context.Context, o SharedOptions) (*Shared, error) {
	empty := filepath.Join(o.Dir, emptyFile)
	if err := os.Remove(empty); err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	seed, err := Open(ctx, Options{File: empty, Threads: 1})
	if err != nil {
		return nil, err
	}
	if err := seed.Close(); err != nil {
		return nil, err
	}
	s := &Shared{}
	if s.base, err = openBase(empty, o.config()); err != nil {
		return nil, err
	}
	if s.admin, err = connect(s.base); err != nil {
		duck.Close(&s.base)
		return nil, err
	}
	for _, q := range []string{
		"SET GLOBAL TimeZone = 'UTC'",
		"SET GLOBAL allowed_directories = [" + Literal(o.Dir) + "]",
		"SET GLOBAL enable_external_access = false",
		"SET GLOBAL lock_configuration = true",
	} {
		if err := s.admin.exec(q); err != nil {
			s.end()
			return nil, err
		}
	}
	return s, nil
}

// config returns the settings that an instance is opened with.
func (o SharedOptions) config() map[string]string {
	c := map[string]string{
		"access_mode":                  "READ_ONLY",
		"autoinstall_known_extensions": "false",
		"autoload_known_extensions":    "false",
	}
	if o.TempDir != "" {
		c["temp_directory"] = o.TempDir
	}
	if o.MemoryLimit != "" {
		c["memory_limit"] = o.MemoryLimit
	}
	if o.Threads > 0 {
		c["threads"] = strconv.Itoa(o.Threads)
	}
	return c
}

func openBase(path string, settings map[string]string) (duck.Database, error) {
	var (
		config duck.Config
		base   duck.Database
		msg    string
	)
	if duck.CreateConfig(&config) == duck.StateError {
		return base, ErrMemory
	}
	defer duck.DestroyConfig(&config)
	for name, value := range settings {
		if duck.SetConfig(config, name, value) == duck.StateError {
			return base, fmt.Errorf("%w: setting %s", ErrQuery, name)
		}
	}
	if duck.OpenExt(path, &base, config, &msg) == duck.StateError {
		return base, translateText(msg)
	}
	return base, nil
}

// Attach opens a database file, made by [Open] in the directory of the instance, for
// reading.
//
// Errors: [ErrFile].
func (s *Shared) Attach(path string) (*File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	f := &File{shared: s, name: "f" + strconv.Itoa(s.count)}
	if err := s.admin.exec("ATTACH " + Literal(path) + " AS " + f.name + " (READ_ONLY)"); err != nil {
		return nil, fmt.Errorf("attach %s: %w", filepath.Base(path), err)
	}
	return f, nil
}

// detach closes a file on which no connection is left.
func (s *Shared) detach(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.admin.exec("DETACH " + name)
}

// Close ends the instance. Its files must be closed before.
func (s *Shared) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end()
	return nil
}

func (s *Shared) end() {
	s.admin.close()
	duck.Close(&s.base)
}
