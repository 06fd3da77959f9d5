package alerts

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/jobs"
)

const (
	firstPause = 5 * time.Second
	mostPause  = time.Hour
	// claimed is for how long an attempt that was begun keeps others from it.
	claimed = time.Minute
	// triedFor is when an alert is given up.
	triedFor = 3 * 24 * time.Hour
	// noteTime bounds how long it may take to note what came of an attempt.
	noteTime = 10 * time.Second
)

// deliver tries the alerts whose time has come, and returns when to look again. An attempt
// that failed and may yet succeed ends the turn: the next would meet the same receiver.
func (k *Keeper) deliver(ctx context.Context) (wait time.Duration, err error) {
	all, err := k.outbox.read(ctx)
	err = errors.Join(err, k.outbox.forget(ctx, all, k.Now()))
	all = slices.DeleteFunc(all, func(a stored) bool { return a.State != Pending })
	slices.SortStableFunc(all, func(a, b stored) int { return a.Next.Compare(b.Next) })
	for i := range all {
		now := k.Now()
		if now.Before(all[i].Next) || now.Before(k.hold) || ctx.Err() != nil {
			break
		}
		further, failed := k.try(ctx, &all[i])
		err = errors.Join(err, failed)
		if !further {
			break
		}
	}
	return k.wait(all), err
}

// wait is how long there is nothing to do.
func (k *Keeper) wait(all []stored) time.Duration {
	now, wait := k.Now(), every
	for _, alert := range all {
		if alert.State == Pending {
			wait = min(wait, alert.Next.Sub(now))
		}
	}
	return min(every, max(wait, k.hold.Sub(now), firstPause))
}

// try makes an attempt, and notes what came of it. Further says that the receiver takes
// others.
func (k *Keeper) try(ctx context.Context, alert *stored) (further bool, err error) {
	now := stamp(k.Now())
	alert.Attempts++
	pause := jobs.Pause(alert.ID, alert.Attempts, firstPause, mostPause)
	alert.Worker, alert.Next = k.Ledger.Holder, now.Add(max(pause, claimed))
	err = k.put(ctx, alert)
	if errors.Is(err, objects.ErrConflict) {
		return true, nil // another delivers it
	}
	if err != nil {
		return false, err
	}
	body, err := json.Marshal(alert.Event)
	if err != nil {
		return true, err
	}
	answer := k.Webhook.Post(ctx, alert.ID, now, body)
	if !answer.Good() && ctx.Err() != nil {
		return false, nil // it was broken off, and is tried again
	}
	k.settle(alert, answer, pause)
	note, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
	defer cancel()
	return answer.Good() || alert.State == Undeliverable, k.put(note, alert)
}

// settle makes of an alert what an answer makes of it.
func (k *Keeper) settle(alert *stored, answer Answer, pause time.Duration) {
	now := stamp(k.Now())
	log := k.Log.With(slog.String("id", alert.ID), slog.String("to", k.Webhook.Host()), slog.Int("attempt", alert.Attempts), slog.String("answer", answer.String()))
	alert.Answer = answer.String()
	switch {
	case answer.Good():
		alert.State, alert.Ended, alert.Next = Delivered, now, time.Time{}
		log.Info("alert is delivered")
	case !answer.Passes(), now.Sub(alert.Made) >= triedFor:
		alert.State, alert.Ended, alert.Next = Undeliverable, now, time.Time{}
		log.Error("alert is given up: correct the receiver or the settings, then run parvis alerts test")
	default:
		after := min(answer.After, mostPause)
		if after > 0 {
			k.hold = now.Add(after)
		}
		alert.Next = now.Add(max(pause, after))
		log.Warn("alert was not delivered", slog.Time("again", alert.Next))
	}
}

// put writes an alert that was read.
func (k *Keeper) put(ctx context.Context, alert *stored) (err error) {
	version, err := objects.WriteDocument(ctx, k.Store, alertName(alert.ID), alert.Alert, alert.version)
	if err == nil {
		alert.version = version
		k.outbox.known[alertName(alert.ID)] = *alert
	}
	return err
}
