package objects

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// body is the reader that a store copies an object from. It stops when the context is cancelled, ends in an error
// unless exactly size bytes come (any number if size is -1), and marks every failure as the caller's.
//
// It looks past the last byte before it hands that byte on: a store that sends what it reads over the network has
// then not yet sent the whole of an object that turns out too long.
type body struct {
	ctx  context.Context
	from io.Reader
	size int64
	read int64
}

// bodyError marks an error that came from the body, and not from the store.
type bodyError struct{ cause error }

func (e *bodyError) Error() string { return e.cause.Error() }
func (e *bodyError) Unwrap() error { return e.cause }

// fromBody reports whether the caller's body or context caused err.
func fromBody(err error) bool {
	var mark *bodyError
	return errors.As(err, &mark)
}

func (b *body) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, &bodyError{err}
	}
	n, err := b.from.Read(p)
	b.read += int64(n)
	if err == nil && b.size >= 0 && b.read >= b.size {
		err = b.lookPast()
	}
	return b.judge(n, err)
}

// lookPast returns io.EOF if the body ends here.
func (b *body) lookPast() error {
	extra, err := io.ReadFull(b.from, make([]byte, 1))
	b.read += int64(extra)
	return err
}

func (b *body) judge(n int, err error) (int, error) {
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return 0, &bodyError{fmt.Errorf("read body: %w", err)}
	case b.size >= 0 && b.read > b.size:
		return 0, &bodyError{fmt.Errorf("%w: the body is longer than the %d bytes announced", ErrInvalid, b.size)}
	case err == nil:
		return n, nil
	case b.size >= 0 && b.read < b.size:
		return 0, &bodyError{fmt.Errorf("%w: the body ends after %d of %d bytes announced", ErrInvalid, b.read, b.size)}
	}
	return n, io.EOF
}
