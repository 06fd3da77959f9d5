package alerts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/internal/objects"
)

// State is what became of an alert.
type State string

// States of an alert.
const (
	Pending       State = "pending"
	Delivered     State = "delivered"
	Undeliverable State = "undeliverable" // it is not tried again
)

// Alert is an event in the outbox, and what became of it. Every change is a conditional
// write.
type Alert struct {
	ID    string    `json:"id"`   // also that of the webhook
	Made  time.Time `json:"made"` // when it was put there
	Event Event     `json:"event"`
	State State     `json:"state"`
	// Attempts counts those that were begun. Next is when a pending alert may be tried
	// again: whoever tries it moves that on before, so that no other does.
	Attempts int       `json:"attempts"`
	Worker   string    `json:"worker,omitempty"` // who tried it last
	Next     time.Time `json:"next,omitzero"`
	Ended    time.Time `json:"ended,omitzero"`
	Answer   string    `json:"answer,omitempty"` // to the last attempt
}

// outboxName is where the alerts lie in the store.
const outboxName = "alerts/outbox/"

func alertName(id string) string { return outboxName + id + ".json" }

// add puts events into the outbox that are not there yet; store is its name. What happened
// so long ago that it would have been given up by now, since nobody watched, stays untold.
func (k *Keeper) add(ctx context.Context, store string, all []happening) error {
	for _, h := range all {
		now := stamp(k.Now())
		if now.Sub(h.event.Timestamp) >= triedFor {
			continue
		}
		alert := Alert{ID: store + "-" + h.key, Made: now, Event: h.event, State: Pending, Next: now}
		_, err := objects.WriteDocument(ctx, k.Store, alertName(alert.ID), alert, "")
		switch {
		case errors.Is(err, objects.ErrConflict): // it is there
		case err != nil:
			return err
		default:
			k.Log.Log(ctx, level(h.event.Type), "alert", slog.String("id", alert.ID), slog.String("type", string(h.event.Type)), slog.String("summary", h.event.Data.Summary))
		}
	}
	return nil
}

// level is how loud the log is about an event.
func level(t Type) slog.Level {
	if t == JobRecovered {
		return slog.LevelInfo
	}
	return slog.LevelWarn
}

// stored is an alert as it was read.
type stored struct {
	Alert
	version string
}

// outbox reads the alerts of a store, those that have not changed once only.
type outbox struct {
	store store
	known map[string]stored // by name
}

// read returns the alerts, the latest last.
//
// Errors: what could not be read, beside the alerts that could.
func (o *outbox) read(ctx context.Context) ([]stored, error) {
	there := map[string]stored{}
	var failures []error
	for info, err := range o.store.List(ctx, outboxName) {
		if err != nil {
			return nil, fmt.Errorf("list alerts: %w", err)
		}
		alert, same := o.known[info.Name]
		if !same || alert.version != info.Version {
			if alert, err = o.readOne(ctx, info.Name); err != nil {
				failures = append(failures, err)
				continue
			}
		}
		if alert.version != "" {
			there[info.Name] = alert
		}
	}
	o.known = there
	var all []stored
	for _, alert := range there {
		all = append(all, alert)
	}
	slices.SortFunc(all, func(a, b stored) int {
		if c := a.Made.Compare(b.Made); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all, errors.Join(failures...)
}

// readOne reads an alert; it has no version if it is gone.
func (o *outbox) readOne(ctx context.Context, name string) (s stored, err error) {
	s.version, err = objects.ReadDocument(ctx, o.store, name, &s.Alert)
	if errors.Is(err, objects.ErrNotFound) {
		return stored{}, nil
	}
	if err == nil && alertName(s.ID) != name {
		err = fmt.Errorf("read %s: it is no alert of the name %q; remove it", name, path.Base(name))
	}
	return s, err
}

// List returns the alerts of a store, the latest first: those that wait and those that
// ended lately.
func List(ctx context.Context, store store) ([]Alert, error) {
	read, err := (&outbox{store: store}).read(ctx)
	all := []Alert{}
	for _, alert := range slices.Backward(read) {
		all = append(all, alert.Alert)
	}
	return all, err
}

// What is kept of alerts that ended.
const (
	keptFor  = 30 * 24 * time.Hour
	keptMost = 500
)

// forget removes alerts that ended long ago, and the oldest of too many.
func (o *outbox) forget(ctx context.Context, all []stored, now time.Time) error {
	var ended []stored
	for _, alert := range all {
		if alert.State != Pending {
			ended = append(ended, alert)
		}
	}
	many := len(ended) - keptMost
	for i, alert := range ended {
		if i >= many && now.Sub(alert.Ended) < keptFor {
			continue
		}
		if err := o.store.Delete(ctx, alertName(alert.ID)); err != nil {
			return err
		}
	}
	return nil
}
