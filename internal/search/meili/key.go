package meili

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/meilisearch/meilisearch-go"
)

// SearchKey returns the key for servers of the public: it may search the indexes of this
// prefix, and nothing else. It is made once, under a number that depends on the prefix;
// Meilisearch derives the key from that number and its master key. The engine must have
// the master key, or one that may make keys.
//
// Errors: [ErrRefused], [search.ErrUnavailable]; those of ctx.
func (e *Engine) SearchKey(ctx context.Context) (string, error) {
	wanted := &meilisearch.Key{
		UID: e.keyUID(), Name: "parvis: search", Description: "Searches the indexes " + e.uid("*") + ", and nothing else.",
		Actions: []string{"search"}, Indexes: []string{e.uid("*")},
	}
	made, err := e.searchKey(ctx, wanted)
	if err != nil {
		return "", fmt.Errorf("make the search key: %w", err)
	}
	return made.Key, nil
}

func (e *Engine) searchKey(ctx context.Context, wanted *meilisearch.Key) (made *meilisearch.Key, err error) {
	err = e.once(ctx, func(ctx context.Context) (err error) {
		made, err = e.client.GetKeyWithContext(ctx, wanted.UID)
		return err
	})
	switch {
	case err == nil && slices.Equal(made.Actions, wanted.Actions) && slices.Equal(made.Indexes, wanted.Indexes) && made.ExpiresAt.IsZero():
		return made, nil
	case err == nil: // what a key may do cannot be changed
		err = e.once(ctx, func(ctx context.Context) error {
			_, err := e.client.DeleteKeyWithContext(ctx, wanted.UID)
			return err
		})
		if err != nil {
			return nil, err
		}
	case !errors.Is(err, errNoKey):
		return nil, err
	}
	err = e.once(ctx, func(ctx context.Context) (err error) {
		made, err = e.client.CreateKeyWithContext(ctx, wanted)
		return err
	})
	return made, err
}

// keyUID is a number of version 4 that is always the same for a prefix.
func (e *Engine) keyUID() string {
	h := sha256.Sum256([]byte("parvis search key " + e.prefix))
	h[6], h[8] = h[6]&0x0f|0x40, h[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])
}
