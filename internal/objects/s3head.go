package objects

import (
	"context"
	"errors"

	"github.com/minio/minio-go/v7"
)

// head describes an object. An answer to HEAD has no body, and so does not tell what is missing: the object, the
// bucket, or the user (versitygw says 404 of an unknown key). A GET does.
func (s *S3) head(ctx context.Context, name string) (minio.ObjectInfo, error) {
	for range s.patience.Attempts {
		found, err := s.headOnce(ctx, name)
		if !errors.Is(err, ErrNotFound) {
			return found, err
		}
		if err := s.confirmMissing(ctx, name); err != nil {
			return minio.ObjectInfo{}, err
		}
		// Else it has come in between.
	}
	return minio.ObjectInfo{}, unavailable("the server has the object and does not describe it: check any proxy in front of it")
}

func (s *S3) headOnce(ctx context.Context, name string) (found minio.ObjectInfo, err error) {
	err = s.retry(ctx, func() error {
		return s.once(ctx, func(ctx context.Context, _ *watch) error {
			found, err = s.client.StatObject(ctx, s.bucket, s.key(name), minio.StatObjectOptions{})
			return err
		})
	})
	return found, err
}

// confirmMissing returns why an object cannot be read, or nil if it can.
func (s *S3) confirmMissing(ctx context.Context, name string) error {
	var f *s3Error
	p, err := s.get(ctx, name, span{0, 1}, "")
	switch {
	case err == nil:
		_ = p.close() // it was not to be read
	case errors.As(err, &f) && f.missing == missingRange: // it is empty
		return nil
	}
	return err
}
