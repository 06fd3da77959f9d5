package release

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
)

// Fetch copies an object of a release, by the name under which it is stored, to a new
// file, and checks that it is whole.
func (a *Archive) Fetch(ctx context.Context, name string, o Object, path string) (err error) {
	const remedy = "run parvis releases verify, then restore the object or roll back to a whole release"
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
