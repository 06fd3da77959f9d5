package objects

import (
	"context"
	"fmt"
)

// The checks that every store makes before it touches anything, in one place so that they refuse alike.

func begin(ctx context.Context, verb, name string) error {
	if err := checkName(name); err != nil {
		return fmt.Errorf("%s %q: %w", verb, name, err)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s %s: %w", verb, name, err)
	}
	return nil
}

func beginPut(ctx context.Context, name string, size int64) error {
	if size < -1 {
		return fmt.Errorf("put %q: %w: size %d", name, ErrInvalid, size)
	}
	return begin(ctx, "put", name)
}

func beginCreate(ctx context.Context, name string, data []byte) error {
	if len(data) > MaxConditional {
		return tooLong("create", name, data)
	}
	return begin(ctx, "create", name)
}

func beginReplace(ctx context.Context, name string, data []byte, version string) error {
	if len(data) > MaxConditional {
		return tooLong("replace", name, data)
	}
	if version == "" {
		return fmt.Errorf("replace %q: %w: no version to compare with", name, ErrInvalid)
	}
	return begin(ctx, "replace", name)
}

func beginOpen(ctx context.Context, name string, offset, length int64) error {
	if offset < 0 || length < -1 {
		return fmt.Errorf("open %q: %w: range from %d, length %d", name, ErrInvalid, offset, length)
	}
	return begin(ctx, "open", name)
}

func tooLong(verb, name string, data []byte) error {
	return fmt.Errorf("%s %q: %w: %d bytes, conditional writes take at most %d",
		verb, name, ErrInvalid, len(data), MaxConditional)
}
