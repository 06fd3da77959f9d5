package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/parvis-opendata/parvis/api/exchange"
)

// pieceSize is how many bytes go to the client at a time.
const pieceSize = 64 << 10

// outgoing is an answer whose bytes still lie in the store.
type outgoing struct {
	name   string
	size   int64 // by the manifest
	spans  []span
	header map[string]string
}

// stream sends an object whole, or the spans of it that were asked for. Nothing
// has been sent, and no header set, when the first span cannot be opened.
func (s *Server) stream(c *gin.Context, o outgoing) error {
	if c.Request.Method == http.MethodHead {
		o.begin(c, http.StatusOK, o.size)
		return nil
	}
	first := span{0, o.size}
	if len(o.spans) > 0 {
		first = o.spans[0]
	}
	opened, err := s.open(c.Request.Context(), o, first)
	if err != nil {
		return err
	}
	defer func() { _ = opened.Close() }() // everything was read, or the answer is broken off
	w := exchange.NewPaced(c.Writer, s.options.Stall)
	switch len(o.spans) {
	case 0:
		o.begin(c, http.StatusOK, o.size)
		return s.copySpan(w, opened, o.size)
	case 1:
		o.header["Content-Range"] = first.contentRange(o.size)
		o.begin(c, http.StatusPartialContent, first.length)
		return s.copySpan(w, opened, first.length)
	}
	return s.streamParts(c, w, o, opened)
}

// streamParts sends several spans, the first of which is open.
func (s *Server) streamParts(c *gin.Context, w io.Writer, o outgoing, opened io.Reader) error {
	parts := newByteranges(o.spans, o.size, o.header["Content-Type"])
	length, err := parts.length()
	if err != nil {
		return err
	}
	o.header["Content-Type"] = parts.contentType()
	o.begin(c, http.StatusPartialContent, length)
	return parts.write(w, func(part io.Writer, one span) error {
		if opened != nil {
			first := opened
			opened = nil
			return s.copySpan(part, first, one.length)
		}
		next, err := s.open(c.Request.Context(), o, one)
		if err != nil {
			return err
		}
		defer func() { _ = next.Close() }()
		return s.copySpan(part, next, one.length)
	})
}

// open opens a span of an object.
//
// Errors: those of the store; errInternal when the object has another size than
// the manifest says.
func (s *Server) open(ctx context.Context, o outgoing, one span) (io.ReadCloser, error) {
	r, info, err := s.library.shelf.Open(ctx, o.name, one.start, one.length)
	if err != nil {
		return nil, err
	}
	if info.Size != o.size {
		return nil, errors.Join(fmt.Errorf("%w: %s has %d bytes, the manifest says %d", errInternal, o.name, info.Size, o.size), r.Close())
	}
	return r, nil
}

// begin sends the head of the answer.
func (o outgoing) begin(c *gin.Context, status int, length int64) {
	for name, value := range o.header {
		c.Header(name, value)
	}
	c.Header("Content-Length", strconv.FormatInt(length, 10))
	c.Writer.WriteHeader(status)
	c.Writer.WriteHeaderNow()
}

// copySpan copies exactly length bytes.
func (s *Server) copySpan(w io.Writer, r io.Reader, length int64) error {
	buffer := s.buffers.Get().(*[pieceSize]byte) //nolint:forcetypeassert // the pool holds nothing else
	defer s.buffers.Put(buffer)
	for length > 0 {
		n, err := r.Read(buffer[:min(length, pieceSize)])
		if n > 0 {
			if _, err := w.Write(buffer[:n]); err != nil {
				return fmt.Errorf("send: %w", err)
			}
		}
		length -= int64(n)
		switch {
		case err == nil, length == 0:
		case errors.Is(err, io.EOF):
			return fmt.Errorf("read: %w: %d bytes are missing", io.ErrUnexpectedEOF, length)
		default:
			return fmt.Errorf("read: %w", err)
		}
	}
	return nil
}
