package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"slices"
	"time"

	"github.com/parvis-opendata/parvis/internal/memo"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// Store is what the server needs of object storage: it only reads.
type Store interface {
	Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, objects.Info, error)
	List(ctx context.Context, prefix string) iter.Seq2[objects.Info, error]
}

// shelf is the store as this process sees it. It keeps the documents of releases
// in memory, which never change, and refuses to write.
type shelf struct {
	Store
	documents memo.Memo[document]
}

// document is a small object of a release, whole.
type document struct {
	data   []byte
	info   objects.Info
	sha256 string
}

const (
	maxDocument  = objects.MaxConditional
	maxDocuments = 64 << 20 // bytes of documents in memory
)

// documentNames are the objects that are kept in memory.
var documentNames = []string{release.ManifestName, "schema.json", "quality.json", "disclosure.json", "changes.json"}

func newShelf(s Store, now func() time.Time) *shelf {
	kept := &shelf{Store: s}
	kept.documents = memo.Memo[document]{
		Read: func(ctx context.Context, name string) (document, error) {
			data, info, err := objects.ReadAll(ctx, s, name, maxDocument)
			sum := sha256.Sum256(data)
			d := document{data, info, hex.EncodeToString(sum[:])}
			if err == nil {
				err = kept.whole(ctx, name, d)
			}
			return d, err
		},
		// A document never changes. One that is not there may come: its absence is
		// forgotten by Open.
		Keep: 1 << 62, Stale: staleFor, Weigh: func(d document) int64 { return int64(len(d.data)) }, Limit: maxDocuments, Now: now, Absent: isNotFound,
	}
	return kept
}

// whole checks a document against the manifest of its release before it is kept.
func (s *shelf) whole(ctx context.Context, name string, d document) error {
	if path.Base(name) == release.ManifestName {
		return nil
	}
	manifest, err := s.document(ctx, path.Dir(name)+"/"+release.ManifestName)
	if err != nil {
		return err
	}
	var m release.Manifest
	if err := json.Unmarshal(manifest.data, &m); err != nil {
		return fmt.Errorf("read the manifest of %s: %w", name, err)
	}
	if o, ok := m.Object(path.Base(name)); ok && o.SHA256 != d.sha256 {
		return fmt.Errorf("%w: %s is not what the manifest says; run parvis releases verify", objects.ErrUnavailable, name)
	}
	return nil
}

// Open implements [Store].
func (s *shelf) Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, objects.Info, error) {
	if !slices.Contains(documentNames, path.Base(name)) || offset < 0 || length < -1 {
		return s.Store.Open(ctx, name, offset, length)
	}
	d, err := s.document(ctx, name)
	if errors.Is(err, objects.ErrInvalid) { // too long to be kept
		return s.Store.Open(ctx, name, offset, length)
	}
	if err != nil {
		return nil, objects.Info{}, err
	}
	part := d.data[min(offset, int64(len(d.data))):]
	if length >= 0 {
		part = part[:min(length, int64(len(part)))]
	}
	return io.NopCloser(bytes.NewReader(part)), d.info, nil
}

// document returns a document of a release.
func (s *shelf) document(ctx context.Context, name string) (document, error) {
	d, err := s.documents.Get(ctx, name)
	if isNotFound(err) {
		s.documents.Forget(name)
	}
	return d, err
}

var errReadOnly = errors.New("the process that serves the public does not write")

// Create refuses.
func (s *shelf) Create(context.Context, string, []byte) (objects.Info, error) {
	return objects.Info{}, errReadOnly
}

// Replace refuses.
func (s *shelf) Replace(context.Context, string, []byte, string) (objects.Info, error) {
	return objects.Info{}, errReadOnly
}

// Delete refuses.
func (s *shelf) Delete(context.Context, string) error { return errReadOnly }
