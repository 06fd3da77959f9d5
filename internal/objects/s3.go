package objects

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
)

// S3 is a [Store] under a prefix of a bucket in object storage that speaks S3.
//
// An object's key is the prefix, a slash and its name; a version is the ETag. Requests that fail in a way that can
// pass are repeated (see [S3Patience]). Every write carries a random mark in the metadata of the object
// ("x-amz-meta-parvis-write"): when the answer to a write got lost, the mark tells whether the object that is there
// now is this write. If it is another one, the write may have been there before it, and ends in ErrUnavailable; only
// a write of which no attempt can have been applied ends in ErrConflict.
//
// Create and Replace also add the SHA-256 of the data ("x-amz-meta-parvis-sha256"). Open checks it, and asks again for
// what came as other bytes.
//
// What S3 cannot give: a request that was given up may still take effect late, and a Put or Delete that is repeated
// after a lost answer takes effect again, over what another writer did in between. Names that several writers change
// belong to Create and Replace.
//
// Memory: a Put holds one part of 16 MiB (less if the announced size is less), Create and Replace nothing but the
// data of the caller, Open 64 KiB or what Create or Replace wrote, List a page of a thousand names.
//
// Crashed writers leave parts of unfinished uploads behind, which are not visible but take space: let the bucket
// expire them after a day (AbortIncompleteMultipartUpload).
type S3 struct {
	client   *minio.Core
	bucket   string
	folder   string // what comes before names: "" or the prefix and a slash
	patience S3Patience
	parts    *sync.Pool // of *[]byte, partSize long
	redact   *strings.Replacer
	close    func()
	place    string
}

// Close ends the use of the store and its idle connections. Readers that are open stay usable.
func (s *S3) Close() error {
	s.close()
	return nil
}

// String names the bucket and the server, and no secret.
func (s *S3) String() string { return s.place }

// Format implements [fmt.Formatter]: every verb prints the same as String, so that none prints a secret.
func (s *S3) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.place) }

// Put implements [Store]. An object of more than one part is uploaded part by part, each when it is full, and
// becomes visible with the last request.
//
// Errors: also ErrInvalid when the body is longer than 10 000 parts (156 GiB).
func (s *S3) Put(ctx context.Context, name string, from io.Reader, size int64) (Info, error) {
	if err := beginPut(ctx, name, size); err != nil {
		return Info{}, err
	}
	info, err := s.newWrite(name).stream(ctx, &body{ctx: ctx, from: from, size: size})
	if err != nil {
		return Info{}, fmt.Errorf("put %s: %w", name, unconditional(err))
	}
	return info, nil
}

// Create implements [Store].
func (s *S3) Create(ctx context.Context, name string, data []byte) (Info, error) {
	if err := beginCreate(ctx, name, data); err != nil {
		return Info{}, err
	}
	w := s.newDocument(name, data)
	w.options.SetMatchETagExcept("*")
	info, err := w.send(ctx, data)
	if err != nil {
		return Info{}, fmt.Errorf("create %s: %w", name, err)
	}
	return info, nil
}

// Replace implements [Store].
//
// Errors: also ErrInvalid when version is not one that S3 could have given.
func (s *S3) Replace(ctx context.Context, name string, data []byte, version string) (Info, error) {
	if err := beginReplace(ctx, name, data, version); err != nil {
		return Info{}, err
	}
	if !isVersion(version) {
		return Info{}, fmt.Errorf("replace %s: %w: %q is no version of an object in S3", name, ErrInvalid, version)
	}
	w := s.newDocument(name, data)
	w.replaces = true
	w.options.SetMatchETag(version)
	info, err := w.send(ctx, data)
	if err != nil {
		return Info{}, fmt.Errorf("replace %s: %w", name, err)
	}
	return info, nil
}

// Stat implements [Store].
func (s *S3) Stat(ctx context.Context, name string) (Info, error) {
	if err := begin(ctx, "stat", name); err != nil {
		return Info{}, err
	}
	found, err := s.head(ctx, name)
	if err != nil {
		return Info{}, fmt.Errorf("stat %s: %w", name, err)
	}
	return s.describe(found), nil
}

// Delete implements [Store].
func (s *S3) Delete(ctx context.Context, name string) error {
	if err := begin(ctx, "delete", name); err != nil {
		return err
	}
	err := s.retry(ctx, func() error {
		return s.once(ctx, func(ctx context.Context, _ *watch) error {
			return s.client.RemoveObject(ctx, s.bucket, s.key(name), minio.RemoveObjectOptions{})
		})
	})
	if err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("delete %s: %w", name, err)
	}
	return nil
}

func (s *S3) key(name string) string { return s.folder + name }

// describe tells times in whole seconds, because that is what all requests but the listing tell them in.
func (s *S3) describe(found minio.ObjectInfo) Info {
	return Info{
		Name:     strings.TrimPrefix(found.Key, s.folder),
		Size:     found.Size,
		Version:  toVersion(found.ETag),
		Modified: found.LastModified.UTC().Truncate(time.Second),
	}
}

// toVersion takes the quotes of an ETag away, and the sign by which a proxy says that it compressed the answer.
func toVersion(etag string) string {
	return strings.Trim(strings.TrimPrefix(etag, "W/"), `"`)
}

// isVersion reports whether a text can be sent as an ETag. The lone star would match everything.
func isVersion(version string) bool {
	unfit := func(r rune) bool { return r <= ' ' || r == '"' || r > '~' }
	return version != "*" && !strings.ContainsFunc(version, unfit)
}
