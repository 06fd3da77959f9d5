package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/internal/objects"
)

// bucket is what [Objects] needs of object storage. It lists in byte order of the
// names, and a reader goes on reading one write of an object.
type bucket interface {
	List(ctx context.Context, prefix string) iter.Seq2[objects.Info, error]
	Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, objects.Info, error)
	Stat(ctx context.Context, name string) (objects.Info, error)
}

// Objects is an extract in object storage. Nothing but what is being read lies on
// disk: one file, or small ones that are read together.
//
// A store that cannot be reached is never a fault of the extract: it is an error
// that refuses nothing, and reading again may help.
type Objects struct {
	bucket bucket
	place  string
}

// NewObjects returns the extract in object storage. Errors name it by place, which
// must hold no secret.
func NewObjects(b bucket, place string) *Objects { return &Objects{bucket: b, place: place} }

// Files implements [Source].
func (o *Objects) Files(ctx context.Context) ([]File, error) {
	var files []File
	for info, err := range o.all(ctx) {
		if err != nil {
			return nil, o.failed("list hub extract", err)
		}
		if slices.ContainsFunc(strings.Split(info.Name, "/"), hidden) {
			continue
		}
		entity, _, _ := strings.Cut(info.Name, "/")
		files = append(files, File{Entity: entity, Name: info.Name, Size: info.Size, Modified: info.Modified, version: info.Version})
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return files, nil
}

// all yields every object, also those under keys that the store does not take for
// names: they may hold records, and must not be passed over.
func (o *Objects) all(ctx context.Context) iter.Seq2[objects.Info, error] {
	lists := []iter.Seq2[objects.Info, error]{o.bucket.List(ctx, "")}
	if s, ok := o.bucket.(interface {
		Foreign(ctx context.Context) iter.Seq2[objects.Info, error]
	}); ok {
		lists = append(lists, s.Foreign(ctx))
	}
	return func(yield func(objects.Info, error) bool) {
		for _, list := range lists {
			for info, err := range list {
				if !yield(info, err) {
					return
				}
			}
		}
	}
}

// Synthetic implements [Source].
func (o *Objects) Synthetic(ctx context.Context) (bool, error) {
	_, err := o.bucket.Stat(ctx, SyntheticMarker)
	if errors.Is(err, objects.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, o.failed("open hub extract", err)
	}
	return true, nil
}

// Local implements [Source]: it copies the object that was listed into a folder of
// dir that only the user of parvis can enter, and release deletes it.
func (o *Objects) Local(ctx context.Context, f File, dir string) (string, func(), error) {
	if dir == "" {
		return "", nil, fmt.Errorf("copy %s: no private directory to copy it to", f.Name)
	}
	folder, err := os.MkdirTemp(dir, "hub-") // mode 0700
	if err != nil {
		return "", nil, fmt.Errorf("copy %s: %w", f.Name, err)
	}
	remove := func() { _ = os.RemoveAll(folder) } // dir is emptied after the run all the same
	path := filepath.Join(folder, "file")
	if err := o.copy(ctx, f, path); err != nil {
		remove()
		return "", nil, err
	}
	plain, unlink, err := plainPath(path)
	if err != nil {
		remove()
		return "", nil, fmt.Errorf("copy %s: %w", f.Name, err)
	}
	return plain, func() { unlink(); remove() }, nil
}

// copy brings an object to a path, and makes sure that it is the one that was
// listed, whole, and still is when it has come.
func (o *Objects) copy(ctx context.Context, f File, path string) error {
	body, info, err := o.bucket.Open(ctx, f.Name, 0, -1)
	if err != nil {
		return o.uncopied(f, err)
	}
	if info.Version != f.version || info.Size != f.Size {
		_ = body.Close() // nothing was read
		return changed(f.Name)
	}
	err = write(path, body, f)
	if closed := body.Close(); err == nil {
		err = closed
	}
	if err == nil {
		info, err = o.bucket.Stat(ctx, f.Name)
	}
	if err != nil {
		return o.uncopied(f, err)
	}
	if info.Version != f.version {
		return changed(f.Name)
	}
	return nil
}

// uncopied says why an object did not come.
func (o *Objects) uncopied(f File, err error) error {
	switch {
	case errors.Is(err, objects.ErrNotFound):
		return changed(f.Name)
	case errors.Is(err, objects.ErrInvalid):
		return &FileError{File: f.Name, Problem: "has a name with an empty part, a backslash or a control character, or one too long", Remedy: "give it a plain name"}
	default:
		return o.failed("copy "+f.Name, err)
	}
}

// write makes the file at path from what comes, with the time of the object, by
// which the reader later sees that nobody has touched it.
func write(path string, from io.Reader, f File) (err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	n, err := io.Copy(file, from)
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if n != f.Size {
		return fmt.Errorf("%d bytes came of %d", n, f.Size)
	}
	return os.Chtimes(path, f.Modified, f.Modified)
}

// failed says what could not be done, and to run again if the store is to blame.
func (o *Objects) failed(verb string, err error) error {
	if errors.Is(err, objects.ErrUnavailable) {
		err = fmt.Errorf("%w; run again when it can be read", err)
	}
	return fmt.Errorf("%s from %s: %w", verb, o.place, err)
}
