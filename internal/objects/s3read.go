package objects

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
)

// readAhead is up to how many bytes Open reads before it returns.
const readAhead = 64 << 10

// Open implements [Store]. When the connection breaks, the reader goes on with another one, as long as the object is
// still the same. A range of at most 64 KiB, and the whole of what Create or Replace wrote, is read before Open returns,
// and can be asked for again as a whole: pointers that change often are read at the first call.
//
// Errors: a Read also ends in ErrUnavailable when the connection breaks and the object was replaced or deleted.
func (s *S3) Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, Info, error) {
	if err := beginOpen(ctx, name, offset, length); err != nil {
		return nil, Info{}, err
	}
	piece, err := s.open(ctx, name, span{offset, length})
	if err != nil {
		return nil, Info{}, fmt.Errorf("open %s: %w", name, err)
	}
	r := &s3Reader{ctx: ctx, store: s, name: name, info: piece.info, offset: offset, left: piece.length, piece: piece}
	return r, piece.info, nil
}

// open asks for a range, and describes the object instead if it has none of those bytes.
func (s *S3) open(ctx context.Context, name string, r span) (*piece, error) {
	for range s.patience.Attempts {
		var f *s3Error
		if r.length != 0 {
			p, err := s.get(ctx, name, r, "")
			if !errors.As(err, &f) || f.missing != missingRange {
				return p, err
			}
		}
		found, err := s.head(ctx, name)
		if err != nil {
			return nil, err
		}
		if info := s.describe(found); r.length == 0 || info.Size <= r.offset {
			return &piece{info: info}, nil
		}
		// Else it has grown in between.
	}
	return nil, unavailable("the server has the object and denies its bytes: check any proxy in front of it")
}

// piece is the body of one answer. A nil body has no bytes.
type piece struct {
	info   Info
	length int64
	body   io.ReadCloser
	watch  *watch
}

func (p *piece) close() error {
	if p.body == nil {
		return nil
	}
	p.watch.end()
	err := p.body.Close()
	p.body = nil
	return err
}

// get asks for a range that is not empty, of the given version unless it is empty.
func (s *S3) get(ctx context.Context, name string, r span, version string) (p *piece, err error) {
	err = s.retry(ctx, func() error {
		watched, w := newWatch(ctx, s.patience.Answer)
		p, err = s.getOnce(watched, name, r, version)
		if err != nil {
			w.end()
			return s.judge(ctx, watched, err)
		}
		w.rest()
		p.watch = w
		return nil
	})
	return p, err
}

func (s *S3) getOnce(ctx context.Context, name string, r span, version string) (*piece, error) {
	body, answer, header, err := s.client.GetObject(ctx, s.bucket, s.key(name), r.options(version))
	if err != nil {
		return nil, err
	}
	p := &piece{info: s.describe(answer), body: body}
	p.info.Size, p.length, err = r.sizes(answer, header)
	if err == nil && version != "" && p.info.Version != version {
		err = unavailable("the object was replaced while it was read: read it again")
	}
	sum := answer.UserMetadata[digestKey]
	if p.length < p.info.Size || p.info.Size > MaxConditional {
		sum = "" // it is not that of these bytes
	}
	if err == nil && (p.length <= readAhead || sum != "") {
		err = p.readAhead(sum)
	}
	if err != nil {
		_ = body.Close() // it is not used: the first error tells more
		return nil, err
	}
	return p, nil
}

// readAhead takes the whole body in, which has the given digest unless that is empty.
func (p *piece) readAhead(sum string) error {
	data := make([]byte, p.length)
	if _, err := io.ReadFull(p.body, data); err != nil {
		return err
	}
	if sum != "" && digest(data) != sum {
		f := unavailable("the bytes that came are not those that were written: check any proxy and the disks of the server")
		f.passes = true
		return f
	}
	err := p.body.Close()
	p.body = io.NopCloser(bytes.NewReader(data))
	return err
}

// s3Reader reads a range of one write of an object, from one piece after the other.
type s3Reader struct {
	ctx          context.Context
	store        *S3
	name         string
	info         Info
	offset, left int64
	piece        *piece
	failed       error
	breaks       int   // since the last partSize bytes
	broke        int64 // the offset of the last break
}

func (r *s3Reader) Read(p []byte) (int, error) {
	n, err := r.read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.failed = err
		return n, fmt.Errorf("read %s: %w", r.name, err)
	}
	return n, err
}

func (r *s3Reader) read(p []byte) (int, error) {
	for {
		switch {
		case r.failed != nil:
			return 0, r.failed
		case r.ctx.Err() != nil:
			return 0, r.ctx.Err()
		case r.left == 0:
			return 0, io.EOF
		case len(p) == 0:
			return 0, nil
		}
		if n, err := r.readPiece(p); n > 0 {
			return n, nil
		} else if err != nil {
			if err := r.resume(err); err != nil {
				return 0, err
			}
		}
	}
}

// readPiece reads from the answer that is coming in. An error that comes with bytes comes again without.
func (r *s3Reader) readPiece(p []byte) (int, error) {
	r.piece.watch.expect(r.store.patience.Stall)
	n, err := r.piece.body.Read(p[:min(int64(len(p)), r.left)])
	r.piece.watch.rest()
	r.offset += int64(n)
	r.left -= int64(n)
	return n, err
}

// resume asks for what is missing behind a break.
func (r *s3Reader) resume(cause error) error {
	_ = r.piece.close() // it is broken
	if r.offset-r.broke >= partSize {
		r.breaks = 0
	}
	r.breaks++
	r.broke = r.offset
	if r.breaks > r.store.patience.Attempts {
		return unavailable(r.store.clean(fmt.Sprintf("the connection broke %d times: check the network and the load of the server: %v", r.breaks, cause)))
	}
	if r.breaks > 1 {
		if err := pause(r.ctx, r.breaks-1); err != nil {
			return err
		}
	}
	next, err := r.store.get(r.ctx, r.name, span{r.offset, r.left}, r.info.Version)
	if err != nil {
		return r.gone(err)
	}
	if next.length != r.left {
		_ = next.close() // nothing was read: it is another object
		return r.gone(ErrConflict)
	}
	r.piece = next
	return nil
}

// gone says what it means to a reader that its write is no longer there.
func (r *s3Reader) gone(err error) error {
	var f *s3Error
	missing := errors.As(err, &f) && f.missing == missingRange
	if missing || errors.Is(err, ErrConflict) || errors.Is(err, ErrNotFound) {
		return unavailable("the connection broke, and the object was replaced or deleted meanwhile: read it again")
	}
	return err
}

func (r *s3Reader) Close() error {
	if err := r.piece.close(); err != nil && r.failed == nil && r.ctx.Err() == nil {
		return fmt.Errorf("close %s: %w: %s", r.name, ErrUnavailable, r.store.clean(err.Error()))
	}
	return nil
}
