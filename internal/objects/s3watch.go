package objects

import (
	"context"
	"errors"
	"time"
)

// errStalled is why a watch cancels a request.
var errStalled = errors.New("no answer in time")

// watch cancels a request that makes no progress for a while.
type watch struct {
	cancel context.CancelCauseFunc
	timer  *time.Timer
}

func newWatch(ctx context.Context, limit time.Duration) (context.Context, *watch) {
	ctx, cancel := context.WithCancelCause(ctx)
	return ctx, &watch{cancel: cancel, timer: time.AfterFunc(limit, func() { cancel(errStalled) })}
}

// expect gives the request another while from now on.
func (w *watch) expect(limit time.Duration) { w.timer.Reset(limit) }

// rest stops to watch until something is expected again.
func (w *watch) rest() { w.timer.Stop() }

// end frees what the request holds.
func (w *watch) end() {
	w.timer.Stop()
	w.cancel(nil)
}
