package hub

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"
)

// File is one file of an extract.
type File struct {
	Entity   string
	Name     string // entity/name.ext, with forward slashes
	Size     int64  // bytes
	Modified time.Time
	version  string // of the object, in object storage
}

// Source gives the files of an extract. A directory ([Dir]) is one; object storage
// ([Objects]) is another that brings each file into a private directory first.
type Source interface {
	// Files lists what the extract holds, in byte order of the names.
	Files(ctx context.Context) ([]File, error)
	// Local returns a path under which the engine can read the file, and what
	// must be called when it is no longer needed. What it has to copy, it copies
	// to dir, which is private.
	//
	// Errors: a [*FileError] when the file is refused, another when the extract
	// cannot be reached.
	Local(ctx context.Context, f File, dir string) (path string, release func(), err error)
	// Synthetic reports whether the extract says of itself that it is invented.
	Synthetic(ctx context.Context) (bool, error)
}

// SyntheticMarker is the file at the root of an extract by which a synthetic hub
// says of itself that nobody in it is real.
const SyntheticMarker = "_synthetic.json"

// Dir is an extract in a directory.
type Dir struct{ path string }

// OpenDir returns the extract in the directory at path.
func OpenDir(path string) (*Dir, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open hub extract: %w; give the directory of the extract with PARVIS_HUB or --hub", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("open hub extract: %s is not a directory; give the directory that holds one folder per entity", path)
	}
	// Of a link, the files are listed where it leads now; that it moves later is of no matter.
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return nil, fmt.Errorf("open hub extract: %w", err)
	}
	return &Dir{path: path}, nil
}

// Files implements [Source].
func (d *Dir) Files(ctx context.Context) ([]File, error) {
	var files []File
	err := filepath.WalkDir(d.path, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("list hub extract: %w; the user of parvis must be able to read it", err)
		case ctx.Err() != nil:
			return ctx.Err()
		case path == d.path:
			return nil
		case hidden(entry.Name()) && entry.IsDir():
			return filepath.SkipDir
		case hidden(entry.Name()) || entry.IsDir():
			return nil
		}
		info, err := os.Stat(path) // a link counts as what it leads to
		if err != nil {
			return fmt.Errorf("list hub extract: %w", err)
		}
		name, err := filepath.Rel(d.path, path)
		if err != nil || info.IsDir() {
			return err
		}
		name = filepath.ToSlash(name)
		entity, _, _ := strings.Cut(name, "/")
		files = append(files, File{Entity: entity, Name: name, Size: info.Size(), Modified: info.ModTime()})
		return nil
	})
	sort.Slice(files, func(i, j int) bool { return files[i].Name < files[j].Name })
	return files, err
}

// Local implements [Source]: the file is read where it lies.
func (d *Dir) Local(_ context.Context, f File, _ string) (string, func(), error) {
	path, err := filepath.Abs(filepath.Join(d.path, filepath.FromSlash(f.Name)))
	if err != nil {
		return "", nil, fmt.Errorf("read %s: %w", f.Name, err)
	}
	file, err := os.Open(path)
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		return "", nil, &FileError{File: f.Name, Problem: "cannot be opened", Remedy: "check its permissions and the connection to the hub"}
	}
	plain, release, err := plainPath(path)
	if err != nil {
		return "", nil, fmt.Errorf("read %s: %w", f.Name, err)
	}
	return plain, release, nil
}

// plainPath returns a path that the engine takes as it is. The engine takes some
// signs in a name for a pattern; such a file is read through a link of another name.
func plainPath(path string) (plain string, release func(), err error) {
	if !strings.ContainsAny(path, "*?[]{}") {
		return path, func() {}, nil
	}
	dir, err := os.MkdirTemp("", "parvis-link-")
	if err != nil {
		return "", nil, err
	}
	release = func() { _ = os.RemoveAll(dir) } // only a link
	link := filepath.Join(dir, "file")
	if err := os.Symlink(path, link); err != nil {
		release()
		return "", nil, err
	}
	return link, release, nil
}

// Synthetic implements [Source].
func (d *Dir) Synthetic(context.Context) (bool, error) {
	_, err := os.Stat(filepath.Join(d.path, SyntheticMarker))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// hidden reports whether a name is set apart by convention: dot files and the
// markers that writers leave (_SUCCESS).
func hidden(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}

// format returns how a file is read, from its name; "" if it is not of a kind
// that the contract knows.
func (f File) format() string {
	name := strings.ToLower(f.Name)
	for _, ext := range []string{".parquet", ".csv", ".csv.gz", ".jsonl", ".jsonl.gz"} {
		if strings.HasSuffix(name, ext) {
			return strings.TrimSuffix(ext[1:], ".gz")
		}
	}
	return ""
}

// readable reports whether the file lies directly in the folder of its entity and
// is of a format that is read.
func (f File) readable() bool {
	return f.format() != "" && strings.Count(f.Name, "/") == 1
}

// misplaced says why a file that nothing would read is likely to hold records that
// the sender means to be read; "" if it is not.
func (f File) misplaced() (problem, remedy string) {
	folder, rest, inFolder := strings.Cut(f.Name, "/")
	known := slices.Contains(EntityNames(), folder)
	switch {
	case known && strings.Contains(rest, "/"):
		return "lies in a folder of its own", "put it into " + folder + "/ itself"
	case inFolder && !known && slices.Contains(EntityNames(), strings.ToLower(folder)):
		return "lies in a folder that is not spelt as in the contract", "name the folder " + strings.ToLower(folder)
	case known && likelyData.MatchString(strings.ToLower(rest)):
		return "is of a format that is not read", "export it as .parquet, .csv, .csv.gz, .jsonl or .jsonl.gz"
	default:
		return "", ""
	}
}

var likelyData = regexp.MustCompile(`\.(json|ndjson|tsv|xlsx?|ods|avro|orc|zip|(csv|jsonl|parquet)\.(zst|bz2|xz|zip|lz4))$`)

func (f File) gzipped() bool { return strings.HasSuffix(strings.ToLower(f.Name), ".gz") }
