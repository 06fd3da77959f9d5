package objects

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// conditional is the part of a Store that WriteDocument needs.
type conditional interface {
	opener
	Create(ctx context.Context, name string, data []byte) (Info, error)
	Replace(ctx context.Context, name string, data []byte, version string) (Info, error)
}

// ReadDocument decodes a JSON document, and returns its version.
//
// Errors: those of [ReadAll], and that it is no such document.
func ReadDocument(ctx context.Context, s opener, name string, into any) (version string, err error) {
	data, info, err := ReadAll(ctx, s, name, MaxConditional)
	if err != nil {
		return "", err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return "", fmt.Errorf("read %s: the document is damaged: %w; remove it", name, err)
	}
	return info.Version, nil
}

// WriteDocument writes a JSON document if it is still of the given version, or, if that is
// empty, if there is none, and returns its new version. A write whose answer was lost is
// looked up.
//
// Errors: [ErrConflict], also if it is gone.
func WriteDocument(ctx context.Context, s conditional, name string, document any, version string) (string, error) {
	data, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		return "", err
	}
	data = append(data, '\n')
	var info Info
	if version == "" {
		info, err = s.Create(ctx, name, data)
	} else {
		info, err = s.Replace(ctx, name, data, version)
	}
	switch {
	case err == nil:
		return info.Version, nil
	case errors.Is(err, ErrNotFound):
		return "", errors.Join(ErrConflict, err)
	}
	if there, landed := Landed(ctx, s, name, data, err); landed {
		return there, nil
	}
	return "", err
}
