package objects

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/minio/minio-go/v7"
)

// markKey names the mark of a write in the metadata of its object, as the answer to HEAD spells it.
const markKey = "Parvis-Write"

// digestKey names the SHA-256 of what a conditional write wrote, likewise.
const digestKey = "Parvis-Sha256"

// s3Write is one write of one object, by as many requests as it takes. All of them carry the same mark.
type s3Write struct {
	store    *S3
	name     string
	mark     string
	options  minio.PutObjectOptions
	replaces bool // it demands that there is an object
}

func (s *S3) newWrite(name string) *s3Write {
	w := &s3Write{store: s, name: name, mark: rand.Text()}
	w.options.UserMetadata = map[string]string{markKey: w.mark}
	w.options.DisableContentSha256 = true // send signs the digest of the whole instead of pieces
	return w
}

// send writes data by a single request, the only kind of which S3 honours a condition.
func (w *s3Write) send(ctx context.Context, data []byte) (Info, error) {
	s, sum := w.store, digest(data)
	var sent minio.UploadInfo
	err := s.retry(ctx, func() error {
		return s.once(ctx, func(ctx context.Context, watch *watch) (err error) {
			lent := lend(data, func() { watch.expect(s.patience.Answer) })
			defer lent.takeBack()
			sent, err = s.client.PutObject(ctx, s.bucket, s.key(w.name), lent, int64(len(data)), "", sum, w.options)
			return err
		})
	})
	if err != nil {
		return w.settle(ctx, err)
	}
	return w.done(ctx, sent.ETag, int64(len(data)))
}

// done describes a write that was confirmed.
func (w *s3Write) done(ctx context.Context, etag string, size int64) (Info, error) {
	if etag != "" {
		return Info{Name: w.name, Size: size, Version: toVersion(etag)}, nil
	}
	found, err := w.store.head(ctx, w.name)
	return w.store.describe(found), err
}

// settle finds out what became of a write that was not confirmed, by the mark of the object that is there now.
func (w *s3Write) settle(ctx context.Context, err error) (Info, error) {
	var f *s3Error
	if !errors.As(err, &f) {
		return Info{}, err
	}
	refused := isRefusal(f)
	if known := !refused || !w.replaces; known && !f.doubt {
		return Info{}, err
	}
	found, lookup := w.store.head(ctx, w.name)
	switch {
	case lookup == nil && found.UserMetadata[markKey] == w.mark:
		return w.store.describe(found), nil
	case refused && !f.doubt && errors.Is(lookup, ErrNotFound): // some servers call an object that is gone changed
		return Info{}, &s3Error{kind: ErrNotFound}
	case refused && !f.doubt:
		return Info{}, err
	case refused:
		return Info{}, unavailable("an answer got lost, and the condition did not hold afterwards: " +
			"the write may have happened and been overwritten since: read to know")
	}
	return Info{}, fmt.Errorf("%w; it may have happened: read to know", err)
}

// newDocument is a write by Create or Replace: it carries the digest by which those who open
// the object know that they read what was written. Of what Put writes, its callers know it.
func (s *S3) newDocument(name string, data []byte) *s3Write {
	w := s.newWrite(name)
	w.options.UserMetadata[digestKey] = digest(data)
	return w
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
