package api

import (
	"errors"
	"fmt"
	"io"
	"math"
	"mime/multipart"
	"net/textproto"
	"strconv"
	"strings"
)

// span is a part of a representation.
type span struct{ start, length int64 }

// contentRange describes the span for Content-Range.
func (s span) contentRange(size int64) string {
	return fmt.Sprintf("bytes %d-%d/%d", s.start, s.start+s.length-1, size)
}

// maxSpans is the greatest number of ranges honoured in one request; each costs a
// read of the store. More are ignored, as RFC 9110, section 14.2 allows.
const maxSpans = 100

var (
	errBadRange = errors.New("malformed range")
	errOutside  = errors.New("no range begins inside")
)

// parseRange reads a Range header (RFC 9110, section 14.2).
//
// Result: the spans to send, none if the whole is to be sent: there is no header,
// its unit is not bytes, it asks for more bytes than there are, or for too many
// parts. Spans are not merged or sorted.
//
// Errors: errBadRange; errOutside when every range lies outside.
func parseRange(header string, size int64) ([]span, error) {
	unit, list, ok := strings.Cut(header, "=")
	if !ok && strings.EqualFold(strings.TrimSpace(unit), "bytes") {
		return nil, errBadRange
	}
	if !strings.EqualFold(strings.TrimSpace(unit), "bytes") {
		return nil, nil
	}
	var spans []span
	outside := false
	var sum int64
	for text := range strings.SplitSeq(list, ",") {
		if text = textproto.TrimString(text); text == "" {
			continue
		}
		one, ok, err := parseSpan(text, size)
		if err != nil {
			return nil, err
		}
		if !ok {
			outside = true
			continue
		}
		spans = append(spans, one)
		if sum += one.length; sum > size {
			sum = size + 1 // however many follow
		}
	}
	switch {
	case len(spans) == 0 && outside && size > 0:
		return nil, errOutside
	case sum > size || len(spans) > maxSpans:
		return nil, nil
	}
	return spans, nil
}

// parseSpan reads one range: 5-9, 5- or -5. It is not ok if it lies outside.
func parseSpan(text string, size int64) (s span, ok bool, err error) {
	first, last, dash := strings.Cut(text, "-")
	first, last = textproto.TrimString(first), textproto.TrimString(last)
	if !dash || first == "" && last == "" {
		return span{}, false, errBadRange
	}
	if first == "" {
		n, err := parsePosition(last)
		n = min(n, size)
		return span{size - n, n}, n > 0, err
	}
	start, err := parsePosition(first)
	if err != nil {
		return span{}, false, err
	}
	if start >= size {
		return span{}, false, nil
	}
	end := int64(math.MaxInt64)
	if last != "" {
		if end, err = parsePosition(last); err != nil || end < start {
			return span{}, false, errBadRange
		}
	}
	return span{start, min(end, size-1) - start + 1}, true, nil
}

// parsePosition reads digits; a number too great for 64 bits is as good as the
// greatest.
func parsePosition(text string) (int64, error) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, errBadRange
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return math.MaxInt64, nil //nolint:nilerr // only digits: it is out of range
	}
	return n, nil
}

// byteranges writes several spans as multipart/byteranges (RFC 9110, section 14.6).
type byteranges struct {
	spans     []span
	size      int64
	mediaType string
	boundary  string
}

func newByteranges(spans []span, size int64, mediaType string) byteranges {
	return byteranges{spans, size, mediaType, multipart.NewWriter(io.Discard).Boundary()}
}

func (b byteranges) contentType() string { return "multipart/byteranges; boundary=" + b.boundary }

// write writes the parts, whose bytes copy provides.
func (b byteranges) write(w io.Writer, copySpan func(io.Writer, span) error) error {
	parts := multipart.NewWriter(w)
	if err := parts.SetBoundary(b.boundary); err != nil {
		return err
	}
	for _, s := range b.spans {
		part, err := parts.CreatePart(textproto.MIMEHeader{
			"Content-Range": {s.contentRange(b.size)},
			"Content-Type":  {b.mediaType},
		})
		if err != nil {
			return err
		}
		if err := copySpan(part, s); err != nil {
			return err
		}
	}
	return parts.Close()
}

// length returns the bytes that write will write.
func (b byteranges) length() (int64, error) {
	var n counter
	err := b.write(&n, func(_ io.Writer, s span) error {
		n += counter(s.length)
		return nil
	})
	return int64(n), err
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
