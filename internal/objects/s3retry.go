package objects

import (
	"context"
	"crypto/rand"
	"errors"
	"math/big"
	"time"
)

const (
	firstWait = 100 * time.Millisecond
	maxWait   = 5 * time.Second
)

// retry runs an attempt until it succeeds, fails in a way that does not pass, or patience ends. The failure that it
// returns is the last one; it is in doubt if that of any attempt was.
func (s *S3) retry(ctx context.Context, attempt func() error) error {
	giveUp := time.Now().Add(s.patience.Retry)
	doubt := false
	for n := 1; ; n++ {
		var f *s3Error
		err := attempt()
		if !errors.As(err, &f) {
			return err
		}
		doubt = doubt || f.doubt
		f.doubt = doubt
		if !f.passes || n >= s.patience.Attempts || time.Now().After(giveUp) {
			f.attempts = n
			return f
		}
		if err := pause(ctx, n); err != nil {
			return err
		}
	}
}

// once makes one request, which must not outlive it.
func (s *S3) once(ctx context.Context, request func(context.Context, *watch) error) error {
	watched, w := newWatch(ctx, s.patience.Answer)
	defer w.end()
	return s.judge(ctx, watched, request(watched, w))
}

// pause waits before the attempt after the nth. A random part keeps writers that failed together from returning
// together.
func pause(ctx context.Context, n int) error {
	wait := min(firstWait<<min(n-1, 10), maxWait)
	random, err := rand.Int(rand.Reader, big.NewInt(int64(wait/2)))
	if err != nil {
		return err
	}
	timer := time.NewTimer(wait/2 + time.Duration(random.Int64()))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
