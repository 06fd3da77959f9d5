package objects

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
)

// Probe checks at start that a store can be written, read and deleted from and honours the conditions of Create and
// Replace: one that ignores them would let two writers overwrite each other without a sign. It works on one object
// under ".parvis-probe/" and deletes it.
//
// Errors: ErrUnavailable, with what to do about it, when the store ignores a condition or returns other bytes than
// were written; else whatever the failing verb returned.
func Probe(ctx context.Context, s Store) error {
	p := probe{store: s, name: ".parvis-probe/" + rand.Text()}
	err := p.run(ctx)
	// What the probe wrote is taken away even if the probe was interrupted.
	if deleted := s.Delete(context.WithoutCancel(ctx), p.name); err == nil {
		err = deleted
	}
	if err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	return nil
}

type probe struct {
	store Store
	name  string
}

func (p *probe) run(ctx context.Context) error {
	first, err := p.store.Create(ctx, p.name, []byte("first"))
	if err != nil {
		return err
	}
	_, err = p.store.Create(ctx, p.name, []byte("second"))
	if err := p.refused(err, "If-None-Match", ErrConflict); err != nil {
		return err
	}
	second, err := p.store.Replace(ctx, p.name, []byte("third"), first.Version)
	if err != nil {
		return err
	}
	_, err = p.store.Replace(ctx, p.name, []byte("fourth"), first.Version)
	if err := p.refused(err, "If-Match", ErrConflict); err != nil {
		return err
	}
	if err := p.holds(ctx, []byte("third")); err != nil {
		return err
	}
	return p.deletes(ctx, second.Version)
}

// refused returns nil if err is one of the kinds a refusal may have. No error at all means that the store wrote
// although the condition did not hold.
func (p *probe) refused(err error, condition string, kinds ...error) error {
	if err == nil {
		return fmt.Errorf("%w: it ignores %s on a PUT, so two writers would overwrite each other's work: "+
			"use a store that honours conditional writes (check its version and any proxy in front), or a directory",
			ErrUnavailable, condition)
	}
	for _, kind := range kinds {
		if errors.Is(err, kind) {
			return nil
		}
	}
	return err
}

func (p *probe) holds(ctx context.Context, want []byte) error {
	got, _, err := ReadAll(ctx, p.store, p.name, MaxConditional)
	if err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("%w: %s holds other bytes than were written last: check for a cache or a proxy in front of it",
			ErrUnavailable, p.name)
	}
	return nil
}

// deletes checks that a deleted object is no longer there, neither to read nor to replace.
func (p *probe) deletes(ctx context.Context, version string) error {
	if err := p.store.Delete(ctx, p.name); err != nil {
		return err
	}
	_, err := p.store.Stat(ctx, p.name)
	if err == nil {
		return fmt.Errorf("%w: %s is still there after it was deleted: check for a cache or a proxy in front of it",
			ErrUnavailable, p.name)
	}
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	_, err = p.store.Replace(ctx, p.name, []byte("fifth"), version)
	return p.refused(err, "If-Match", ErrNotFound, ErrConflict)
}
