package objects

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// A store that sends the body over a network must never have been handed all the bytes announced when there are more.
func TestBodyHoldsTheLastByteBackWhenMoreFollow(t *testing.T) {
	for _, c := range []struct {
		name string
		from io.Reader
	}{
		{"in one piece", strings.NewReader("0123456789+")},
		{"byte by byte", iotest.OneByteReader(strings.NewReader("0123456789+"))},
		{"end told with the data", iotest.DataErrReader(strings.NewReader("0123456789+"))},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &body{ctx: t.Context(), from: c.from, size: 10}
			got := make([]byte, 10)
			n, err := io.ReadFull(b, got)
			if n >= 10 || !errors.Is(err, ErrInvalid) || !fromBody(err) {
				t.Errorf("got %q, error %v", got[:n], err)
			}
		})
	}
}
