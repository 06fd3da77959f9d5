package objects

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// Open implements [Store].
func (d *Dir) Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, Info, error) {
	if err := beginOpen(ctx, name, offset, length); err != nil {
		return nil, Info{}, err
	}
	file, info, err := d.openFile(name)
	if err != nil {
		return nil, Info{}, lookupError("open", name, err)
	}
	left := max(info.Size-offset, 0)
	if length >= 0 {
		left = min(left, length)
	}
	return &dirReader{ctx: ctx, name: name, file: file, offset: offset, left: left}, info, nil
}

func (d *Dir) openFile(name string) (*os.File, Info, error) {
	if _, err := d.look(name); err != nil {
		return nil, Info{}, err
	}
	// Should something else than a file have come under the name since, O_NONBLOCK keeps the open from waiting on it.
	file, err := d.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, Info{}, err
	}
	stat, err := file.Stat()
	if err == nil && !stat.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		_ = file.Close() // nothing was read: the first error tells more
		return nil, Info{}, err
	}
	return file, describe(name, stat), nil
}

// dirReader reads a range of an object. The open file stays what it was when another takes over its name.
type dirReader struct {
	ctx          context.Context
	name         string
	file         *os.File
	offset, left int64
}

func (r *dirReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, storeError("read", r.name, err)
	}
	if r.left == 0 {
		return 0, io.EOF
	}
	n, err := r.file.ReadAt(p[:min(int64(len(p)), r.left)], r.offset)
	r.offset += int64(n)
	r.left -= int64(n)
	switch {
	case err == nil, r.left == 0:
		return n, nil
	case errors.Is(err, io.EOF): // only somebody else's hand shortens a file
		err = io.ErrUnexpectedEOF
	}
	return n, storeError("read", r.name, err)
}

func (r *dirReader) Close() error {
	if err := r.file.Close(); err != nil {
		return storeError("close", r.name, err)
	}
	return nil
}
