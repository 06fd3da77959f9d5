package objects

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/minio/minio-go/v7"
)

// pageSize is how many keys a server lists at once.
const pageSize = 1000

// List implements [Store]. It holds a page of names in memory.
//
// Errors: also ErrUnavailable when the server lists in another order than S3 does.
func (s *S3) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		err := s.list(ctx, prefix, func(info Info) bool { return checkName(info.Name) != nil || yield(info, nil) })
		if err != nil {
			yield(Info{}, fmt.Errorf("list %q: %w", prefix, err))
		}
	}
}

// Foreign yields the objects that others have put below the prefix of the store under keys that are no names, and that
// List therefore leaves out. Keys that end in a slash, by which some tools mark folders, are not among them.
func (s *S3) Foreign(ctx context.Context) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		err := s.list(ctx, "", func(info Info) bool {
			return checkName(info.Name) == nil || strings.HasSuffix(info.Name, "/") || yield(info, nil)
		})
		if err != nil {
			yield(Info{}, fmt.Errorf("list: %w", err))
		}
	}
}

// list yields every object whose name begins with prefix, be it a name or not. It returns nil when the listing is over,
// or was left.
func (s *S3) list(ctx context.Context, prefix string, yield func(Info) bool) error {
	if err := checkPrefix(prefix); err != nil {
		return err
	}
	// MinIO refuses a prefix that ends in a segment of dots, with which names may begin all the same.
	asked := prefix
	if folder, last := splitPrefix(prefix); last == "." || last == ".." {
		asked = folder
	}
	for last := ""; ; {
		page, err := s.page(ctx, asked, last, pageSize)
		if err != nil {
			return err
		}
		for _, object := range page {
			if object.Key <= last {
				return unavailable("the server does not list in the order of keys: use one that does")
			}
			last = object.Key
			if err := ctx.Err(); err != nil {
				return err
			}
			info := s.describe(object)
			if strings.HasPrefix(info.Name, prefix) && !yield(info) {
				return nil
			}
		}
		if len(page) < pageSize {
			return nil
		}
	}
}

// page returns up to limit objects whose names begin with prefix and whose keys follow the key after. It is short of
// the limit only at the end.
func (s *S3) page(ctx context.Context, prefix, after string, limit int) (page []minio.ObjectInfo, err error) {
	err = s.retry(ctx, func() error {
		return s.once(ctx, func(ctx context.Context, watch *watch) error {
			page = nil
			for object := range s.client.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{
				Prefix: s.folder + prefix, StartAfter: after, MaxKeys: limit, Recursive: true, FetchOwner: new(false),
			}) {
				if object.Err != nil {
					return object.Err
				}
				watch.expect(s.patience.Answer)
				if page = append(page, object); len(page) == limit {
					return nil
				}
			}
			return ctx.Err()
		})
	})
	return page, err
}
