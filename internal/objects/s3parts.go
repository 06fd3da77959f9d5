package objects

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/minio/minio-go/v7"
)

const (
	// partSize is what a Put holds in memory. S3 wants parts of 5 MiB at least.
	partSize = 16 << 20
	maxParts = 10_000
	// abortTime is how long the parts of a failed upload are tried to be removed.
	abortTime = 15 * time.Second
)

// stream writes a body: by a single request if it fits in one part.
func (w *s3Write) stream(ctx context.Context, from *body) (Info, error) {
	if from.size > maxParts*partSize {
		return Info{}, tooManyParts()
	}
	buffer, giveBack := w.store.buffer(from.size)
	defer giveBack()
	n, ended, err := fill(buffer, from)
	switch {
	case err != nil:
		return Info{}, err
	case ended:
		return w.send(ctx, buffer[:n])
	}
	return w.upload(ctx, buffer, from)
}

// buffer returns room for a part, or for a smaller body and the byte that would make it too long.
func (s *S3) buffer(size int64) (buffer []byte, giveBack func()) {
	if size >= 0 && size < partSize {
		return make([]byte, size+1), func() {}
	}
	part, _ := s.parts.Get().(*[]byte)
	return *part, func() { s.parts.Put(part) }
}

// fill reads until the buffer is full or the body ends.
func fill(buffer []byte, from io.Reader) (n int, ended bool, err error) {
	for n < len(buffer) {
		read, err := from.Read(buffer[n:])
		n += read
		if errors.Is(err, io.EOF) {
			return n, true, nil
		}
		if err != nil {
			return n, false, err
		}
	}
	return n, false, nil
}

func tooManyParts() error {
	return fmt.Errorf("%w: the body is longer than %d parts of %d bytes", ErrInvalid, maxParts, partSize)
}

// upload is a multipart upload.
type upload struct {
	*s3Write
	id    string
	parts []minio.CompletePart
	size  int64
}

// upload writes a body of which the first part is in the buffer.
func (w *s3Write) upload(ctx context.Context, buffer []byte, from *body) (Info, error) {
	u := &upload{s3Write: w}
	if err := u.start(ctx); err != nil {
		return Info{}, err
	}
	info, err := u.run(ctx, buffer, from)
	if err != nil {
		u.abort(ctx)
	}
	return info, err
}

func (u *upload) run(ctx context.Context, buffer []byte, from *body) (Info, error) {
	for n, ended := len(buffer), false; n > 0; {
		if len(u.parts) == maxParts {
			return Info{}, tooManyParts()
		}
		err := u.sendPart(ctx, buffer[:n])
		switch {
		case err != nil:
			return Info{}, err
		case ended:
			return u.complete(ctx)
		}
		if n, ended, err = fill(buffer, from); err != nil {
			return Info{}, err
		}
	}
	return u.complete(ctx)
}

func (u *upload) start(ctx context.Context) error {
	s := u.store
	return s.retry(ctx, func() error {
		return s.once(ctx, func(ctx context.Context, _ *watch) (err error) {
			u.id, err = s.client.NewMultipartUpload(ctx, s.bucket, s.key(u.name), u.options)
			return err
		})
	})
}

func (u *upload) sendPart(ctx context.Context, data []byte) error {
	s, number := u.store, len(u.parts)+1
	options := minio.PutObjectPartOptions{Sha256Hex: digest(data), DisableContentSha256: true}
	err := s.retry(ctx, func() error {
		return s.once(ctx, func(ctx context.Context, watch *watch) error {
			lent := lend(data, func() { watch.expect(s.patience.Answer) })
			defer lent.takeBack()
			part, err := s.client.PutObjectPart(ctx, s.bucket, s.key(u.name), u.id, number, lent, int64(len(data)), options)
			if err != nil {
				return err
			}
			u.parts = append(u.parts, minio.CompletePart{PartNumber: number, ETag: part.ETag})
			return nil
		})
	})
	u.size += int64(len(data))
	return err
}

// complete makes the object visible. A server that has done so, and whose answer got lost, no longer knows the upload
// when it is asked again.
func (u *upload) complete(ctx context.Context) (Info, error) {
	s := u.store
	var sent minio.UploadInfo
	err := s.retry(ctx, func() error {
		return s.once(ctx, func(ctx context.Context, _ *watch) (err error) {
			sent, err = s.client.CompleteMultipartUpload(ctx, s.bucket, s.key(u.name), u.id, u.parts, minio.PutObjectOptions{})
			return err
		})
	})
	if err != nil {
		return u.settle(ctx, err)
	}
	return u.done(ctx, sent.ETag, u.size)
}

// abort removes the parts, also when the caller's context has ended. Parts that stay are invisible; a rule of the
// bucket removes them.
func (u *upload) abort(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTime)
	defer cancel()
	s := u.store
	_ = s.retry(ctx, func() error {
		return s.once(ctx, func(ctx context.Context, _ *watch) error {
			return s.client.AbortMultipartUpload(ctx, s.bucket, s.key(u.name), u.id)
		})
	})
}
