package alerts

import (
	"context"
	"io"
	"iter"
	"log/slog"
	"sync"
	"time"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/jobs"
)

// store is what alerts need of object storage.
type store interface {
	Create(ctx context.Context, name string, data []byte) (objects.Info, error)
	Replace(ctx context.Context, name string, data []byte, version string) (objects.Info, error)
	Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, objects.Info, error)
	List(ctx context.Context, prefix string) iter.Seq2[objects.Info, error]
	Delete(ctx context.Context, name string) error
}

// every is how often a keeper looks.
const every = time.Minute

// Keeper looks what has happened to jobs, and delivers what is to be told. Any number of
// them may share a store.
type Keeper struct {
	Store   store
	Ledger  *jobs.Ledger
	Jobs    []jobs.Job
	Webhook *Webhook
	Now     func() time.Time
	Log     *slog.Logger

	since  time.Time // when it began to look
	outbox outbox
	hold   time.Time // until when the receiver wants to be left alone

	mutex sync.Mutex
	sum   Sum
	known bool
}

// Run looks and delivers until ctx ends.
func (k *Keeper) Run(ctx context.Context) {
	k.since, k.outbox.store = k.Now(), k.Store
	k.Log.Info("alerts are sent", slog.String("to", k.Webhook.Host()))
	for ctx.Err() == nil {
		err := k.look(ctx)
		if err != nil && ctx.Err() == nil {
			k.Log.Warn("cannot look what has happened to the jobs; no alert is sent of it yet", slog.Any("error", err))
		}
		wait, failed := k.deliver(ctx)
		if failed != nil && ctx.Err() == nil {
			k.Log.Warn("alerts cannot be read or written in the store; they are delivered later", slog.Any("error", failed))
		}
		k.tell(err == nil && failed == nil)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}
