package exchange

import (
	"bytes"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Content codings.
const (
	Zstd = "zstd"
	Gzip = "gzip"
)

// Choose returns the content coding that a client likes best of those that are offered,
// the one that makes least to send first, or "" for none; among equals the first. False if
// it refuses them all.
func (a Accepts) Choose(offered ...string) (coding string, ok bool) {
	best := 0.0
	for _, name := range offered {
		if q := a.weight(name); q > best {
			best, coding = q, name
		}
	}
	q, given := a.identity()
	if best > 0 && (!given || best >= q) {
		return coding, true
	}
	return "", q > 0
}

// Tag is the entity tag of an answer in a coding; other bytes need another one.
func Tag(key, coding string) string {
	if coding == "" {
		return `"` + key + `"`
	}
	return `"` + key + "-" + coding + `"`
}

// zstdWindow bounds what a client, and an encoder here, must keep in memory. RFC 9659
// allows eight times as much.
const zstdWindow = 1 << 20

// NewEncoder returns a writer that codes what is written to w as zstd or gzip. Closing
// it ends the coding, not w.
func NewEncoder(coding string, w io.Writer) io.WriteCloser {
	if coding == Zstd {
		z, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(zstdWindow), zstd.WithLowerEncoderMem(true))
		if err != nil {
			panic(err) // the options are constants that fit
		}
		return z
	}
	z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is one that there is
	}
	return z
}

// NewDecoder reads what [NewEncoder] wrote as zstd. Closing it does not close r.
func NewDecoder(r io.Reader) (io.ReadCloser, error) {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindow), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, err
	}
	return z.IOReadCloser(), nil
}

// Encode codes a whole body; "" leaves it as it is.
func Encode(coding string, body []byte) ([]byte, error) {
	if coding == "" {
		return body, nil
	}
	var out bytes.Buffer
	z := NewEncoder(coding, &out)
	if _, err := z.Write(body); err != nil {
		return nil, err
	}
	err := z.Close()
	return out.Bytes(), err
}
