package portal

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/publisher/release"
	"github.com/parvis-opendata/parvis/web"
)

const (
	// recent is how many releases a page tells of, and notable how many older ones that
	// were withdrawn or have a note.
	recent, notable = 12, 12
)

// past is what a page tells of the history of a dataset.
type past struct {
	shown []event
	older int
}

// event is a release of the history, without what a page does not need.
type event struct {
	Dataset, Release, Note, Reason string
	DateExtract                    string
	State                          release.State
	PublishedAt, Since             time.Time
	Rows                           int64
	Title                          string
}

func (p *Portal) past(ctx context.Context, d datasets.Dataset, current release.Current) (past, error) {
	all, err := p.o.Releases.History(ctx, d)
	if err != nil {
		return past{}, err
	}
	var told past
	extra := 0
	for i, e := range all {
		if i >= recent {
			if extra == notable || e.State != release.Withdrawn && e.Manifest.Note == "" {
				told.older++
				continue
			}
			extra++
		}
		told.shown = append(told.shown, newEvent(d, e, current))
	}
	return told, nil
}

// newEvent tells of a release; which one is served is for the pointer to say, since the
// history may be some seconds older.
func newEvent(d datasets.Dataset, e release.Entry, current release.Current) event {
	m := e.Manifest
	state := e.State
	if state == release.Served || state == release.Kept {
		state = release.Kept
		if m.Release == current.Release {
			state = release.Served
		}
	}
	return event{d.ID, m.Release, m.Note, e.Reason, m.DateExtract, state, m.PublishedAt, e.Since, m.Rows(), d.Title}
}

// told is an event as a page shows it, with what changed if that can still be read.
func (p *Portal) told(ctx context.Context, e event) (web.Release, error) {
	r := web.Release{
		ID: e.Release, State: string(e.State), PublishedAt: e.PublishedAt, DateExtract: e.DateExtract, Rows: e.Rows, Note: e.Note, Since: e.Since, Reason: e.Reason,
	}
	if e.State != release.Served && e.State != release.Kept {
		return r, nil
	}
	var err error
	r.Changes, err = p.changes(ctx, e)
	if errors.Is(err, ErrNoDocument) {
		return r, nil
	}
	return r, err
}

// changes are those of a release, in rows. They are kept without the keys of the rows, of
// which there may be many.
func (p *Portal) changes(ctx context.Context, e event) (*web.Changes, error) {
	key := exchange.Key("changes", e.Dataset, e.Release)
	var c web.Changes
	if kept, ok := p.o.Cache.Get(key); ok {
		return &c, json.Unmarshal(kept.Bytes, &c)
	}
	if err := p.document(ctx, release.Manifest{Dataset: e.Dataset, Release: e.Release}, "changes.json", &c); err != nil {
		return nil, err
	}
	text, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	p.o.Cache.Keep(key, exchange.Body{Bytes: text})
	return &c, nil
}
