package hub

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
}

// Source gives the files of an extract. A directory is one; object storage is
// another that brings each file into the private working directory first.
type Source interface {
	// Files lists what the extract holds, in byte order of the names.
	Files(ctx context.Context) ([]File, error)
	// Local returns a path under which the engine can read the file, and what
	// must be called when it is no longer needed.
	Local(ctx context.Context, f File) (path string, release func(), err error)
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
	return &Dir{path: path}, nil
}

// Files implements [Source].
func (d *Dir) Files(ctx context.Context) ([]File, error) {
	folders, err := os.ReadDir(d.path)
	if err != nil {
		return nil, fmt.Errorf("list hub extract: %w", err)
	}
	var files []File
	for _, folder := range folders {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		path := filepath.Join(d.path, folder.Name())
		if info, err := os.Stat(path); err != nil || !info.IsDir() || hidden(folder.Name()) {
			continue
		}
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, fmt.Errorf("list hub extract: %w; the user of parvis must be able to read it", err)
		}
		for _, e := range entries {
			info, err := os.Stat(filepath.Join(path, e.Name()))
			if err != nil {
				return nil, fmt.Errorf("list hub extract: %w", err)
			}
			if info.IsDir() || hidden(e.Name()) {
				continue
			}
			files = append(files, File{Entity: folder.Name(), Name: folder.Name() + "/" + e.Name(), Size: info.Size(), Modified: info.ModTime()})
		}
	}
	sort.Slice(files, func(i, j int) bool { return files[i].Name < files[j].Name })
	return files, nil
}

// Local implements [Source]: the file is read where it lies.
func (d *Dir) Local(_ context.Context, f File) (string, func(), error) {
	path := filepath.Join(d.path, filepath.FromSlash(f.Name))
	file, err := os.Open(path)
	if err != nil {
		return "", nil, fmt.Errorf("read %s: %w; the user of parvis must be able to read it", f.Name, errors.Unwrap(err))
	}
	return path, func() {}, file.Close()
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

func (f File) gzipped() bool { return strings.HasSuffix(strings.ToLower(f.Name), ".gz") }
