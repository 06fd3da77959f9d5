package objects

import (
	"bytes"
	"context"
	"errors"
)

// Landed reports whether a Create or a Replace that ended in err is there all the same, and
// its version: what carries the answer back may lose it, and what repeats a request on the
// way may turn it into a conflict with itself.
func Landed(ctx context.Context, s opener, name string, data []byte, err error) (version string, yes bool) {
	if !errors.Is(err, ErrConflict) && !errors.Is(err, ErrUnavailable) {
		return "", false
	}
	there, info, err := ReadAll(ctx, s, name, MaxConditional)
	return info.Version, err == nil && bytes.Equal(there, data)
}
