package jobs

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// silence is how long a worker may give no sign of life: two minutes may be lost.
const silence = 3 * time.Minute

// Heartbeat is the path of the file by which a worker, which does not listen
// anywhere, says that it is alive: the time of the file is that of its last sign.
type Heartbeat string

// Beat gives a sign of life.
func (h Heartbeat) Beat(now time.Time) error {
	err := os.Chtimes(string(h), now, now)
	if errors.Is(err, os.ErrNotExist) {
		if err = os.WriteFile(string(h), nil, 0o600); err == nil {
			err = os.Chtimes(string(h), now, now)
		}
	}
	if err != nil {
		return fmt.Errorf("write heartbeat: %w", err)
	}
	return nil
}

// Check returns how long ago the last sign of life was.
//
// Errors: there is none, or it is too old.
func (h Heartbeat) Check(now time.Time) (age time.Duration, err error) {
	info, err := os.Stat(string(h))
	if errors.Is(err, os.ErrNotExist) {
		return 0, errors.New("no worker runs here")
	}
	if err != nil {
		return 0, fmt.Errorf("read heartbeat: %w", err)
	}
	if age = now.Sub(info.ModTime()); age > silence {
		return age, fmt.Errorf("no sign of life for %s; it died, hangs, or cannot stop a job that ran for %s", age.Round(time.Second), Longest)
	}
	return age, nil
}

// End takes the sign away when the worker stops.
func (h Heartbeat) End() error {
	if err := os.Remove(string(h)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove heartbeat: %w", err)
	}
	return nil
}
