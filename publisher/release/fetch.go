package release

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/parvis-opendata/parvis/internal/objects"
)

// remedy is what to do about an object that is not what its manifest says.
const remedy = "run parvis releases verify, then restore the object or roll back to a whole release"

// Document returns an object of a release that is no longer than a conditional write, and
// checks that it is whole.
func (a *Archive) Document(ctx context.Context, m Manifest, name string) ([]byte, error) {
	full := ObjectName(m.Dataset, m.Release, name)
	data, _, err := objects.ReadAll(ctx, a.store, full, maxDocument)
	if err != nil {
		return nil, fmt.Errorf("%w; %s", err, remedy)
	}
	sum := sha256.Sum256(data)
	if o, ok := m.Object(name); ok && hex.EncodeToString(sum[:]) != o.SHA256 {
		return nil, fmt.Errorf("read %s: it is not what the manifest says; %s", full, remedy)
	}
	return data, nil
}

// Fetch copies an object of a release, by the name under which it is stored, to a new
// file, and checks that it is whole.
func (a *Archive) Fetch(ctx context.Context, name string, o Object, path string) (err error) {
	body, _, err := a.store.Open(ctx, name, 0, -1)
	if err != nil {
		return fmt.Errorf("%w; %s", err, remedy)
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	digest := sha256.New()
	_, err = io.Copy(io.MultiWriter(file, digest), body)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if hex.EncodeToString(digest.Sum(nil)) != o.SHA256 {
		return fmt.Errorf("read %s: it is not what the manifest says; %s", name, remedy)
	}
	return nil
}
