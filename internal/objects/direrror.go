package objects

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// lookupError says which object a verb failed on, and turns the absence of a file into ErrNotFound.
func lookupError(verb, name string, err error) error {
	if missing(err) {
		return fmt.Errorf("%s %s: %w", verb, name, ErrNotFound)
	}
	return storeError(verb, name, err)
}

// missing reports whether err says that there is no such file, or that what should be its folder is a file.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// storeError says which object a verb failed on. What has no kind yet and is not the caller's own (its context, its
// body) comes from the operating system and becomes ErrUnavailable, with a remedy where one is known.
func storeError(verb, name string, err error) error {
	switch {
	case err == nil:
		return nil
	case fromBody(err), hasKind(err), isCancelled(err):
		return fmt.Errorf("%s %s: %w", verb, name, err)
	}
	return fmt.Errorf("%s %s: %w: %s%w", verb, name, ErrUnavailable, remedy(err), err)
}

func hasKind(err error) bool {
	return errors.Is(err, ErrNotFound) || errors.Is(err, ErrConflict) || errors.Is(err, ErrInvalid)
}

func isCancelled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// remedies are what an operator can do about a failure of the operating system.
var remedies = []struct {
	cause  syscall.Errno
	remedy string
}{
	{syscall.ENOSPC, "disk full, free some space or enlarge the volume"},
	{syscall.EDQUOT, "disk quota used up, free some space or raise the quota"},
	{syscall.EACCES, "permission denied, let the user that runs this read and write the directory"},
	{syscall.EPERM, "permission denied, let the user that runs this own the directory"},
	{syscall.EROFS, "read-only file system, mount it for writing"},
	{syscall.EIO, "input/output error, check the disk"},
	{syscall.EMFILE, "too many open files, raise the limit of the process"},
	{syscall.ENFILE, "too many open files, raise the limit of the system"},
	{syscall.ESTALE, "stale network mount, mount it again"},
}

func remedy(err error) string {
	for _, r := range remedies {
		if errors.Is(err, r.cause) {
			return r.remedy + ": "
		}
	}
	return ""
}
