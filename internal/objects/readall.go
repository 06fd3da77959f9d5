package objects

import (
	"context"
	"fmt"
	"io"
)

// opener is the part of a Store that ReadAll needs.
type opener interface {
	Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, Info, error)
}

// ReadAll returns the bytes of an object of at most limit bytes.
//
// Errors: those of [Store] Open; ErrInvalid when the object is longer than limit.
func ReadAll(ctx context.Context, s opener, name string, limit int64) ([]byte, Info, error) {
	r, info, err := s.Open(ctx, name, 0, -1)
	if err != nil {
		return nil, Info{}, err
	}
	data, err := readWithin(r, info, limit)
	if closed := r.Close(); err == nil && closed != nil {
		err = fmt.Errorf("close %s: %w", name, closed)
	}
	if err != nil {
		return nil, Info{}, err
	}
	return data, info, nil
}

func readWithin(r io.Reader, info Info, limit int64) ([]byte, error) {
	if info.Size > limit {
		return nil, fmt.Errorf("read %s: %w: %d bytes, more than the %d expected", info.Name, ErrInvalid, info.Size, limit)
	}
	data := make([]byte, info.Size)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, fmt.Errorf("read %s: %w", info.Name, err)
	}
	return data, nil
}
