package meili

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/meilisearch/meilisearch-go"

	"github.com/parvis-opendata/parvis/internal/search"
)

// Limits of the making of an index.
const (
	requestTimeout = 2 * time.Minute  // of one request
	taskTimeout    = 30 * time.Minute // of what the server does in its own time
	tries          = 5                // of a request that the server does not answer
	firstPause     = 500 * time.Millisecond
	longestPause   = time.Second
)

// send asks the server for something that may be asked for twice.
func (e *Engine) send(ctx context.Context, request func(context.Context) error) error {
	return e.again(ctx, func() error { return e.once(ctx, request) })
}

// again does something again while the server does not answer.
func (e *Engine) again(ctx context.Context, do func() error) error {
	for n := 1; ; n++ {
		err := do()
		if n == tries || !errors.Is(err, search.ErrUnavailable) {
			return err
		}
		if err := pause(ctx, e.pause<<(n-1)); err != nil {
			return err
		}
	}
}

func (e *Engine) once(ctx context.Context, request func(context.Context) error) error {
	ctx, cancel := bounded(ctx, requestTimeout)
	defer cancel()
	return e.problem(ctx, request(ctx))
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// task is something that the server does in its own time.
type task func(context.Context) (*meilisearch.TaskInfo, error)

// start asks for a task and returns its number.
func (e *Engine) start(ctx context.Context, do task) (uid int64, err error) {
	err = e.send(ctx, func(ctx context.Context) error {
		info, err := do(ctx)
		if err == nil {
			uid = info.TaskUID
		}
		return err
	})
	return uid, err
}

// do asks for a task and waits until it is done.
func (e *Engine) do(ctx context.Context, do task) error {
	uid, err := e.start(ctx, do)
	if err != nil {
		return err
	}
	return e.wait(ctx, uid)
}

// wait waits until a task is done.
//
// Errors: what the server says is wrong.
func (e *Engine) wait(ctx context.Context, uid int64) error {
	began := time.Now()
	for d := e.pause / 20; ; d = min(2*d, longestPause) {
		var t *meilisearch.Task
		err := e.send(ctx, func(ctx context.Context) (err error) {
			t, err = e.client.GetTaskWithContext(ctx, uid)
			return err
		})
		switch {
		case err != nil:
			return err
		case t.Status == meilisearch.TaskStatusSucceeded:
			return nil
		case t.Status == meilisearch.TaskStatusFailed, t.Status == meilisearch.TaskStatusCanceled:
			return &taskError{number: uid, kind: string(t.Type), status: string(t.Status), code: t.Error.Code, message: t.Error.Message}
		case time.Since(began) > taskTimeout:
			return fmt.Errorf("%w: its task %d, %s, is not done after %s; see its log and its load", search.ErrUnavailable, uid, t.Type, taskTimeout)
		}
		if err := pause(ctx, d); err != nil {
			return err
		}
	}
}

// taskError is what went wrong with a task.
type taskError struct {
	number                      int64
	kind, status, code, message string
}

func (e *taskError) Error() string {
	return fmt.Sprintf("task %d of Meilisearch, %s, %s: %s %s", e.number, e.kind, e.status, e.code, short(e.message))
}
