package jobs

import (
	"hash/fnv"
	"strconv"
	"time"
)

// maxAttempts bounds the runs of one due date: with the pauses between them, about a
// day and a half.
const maxAttempts = 30

// Pause is how long to wait after a failed attempt, of which the first is 1: from first,
// doubled each time up to most, and up to half as much again, which follows from the key,
// so that those who failed together do not come back together.
func Pause(key string, attempt int, first, most time.Duration) time.Duration {
	base := most
	if doublings := max(0, attempt-1); doublings < 16 {
		base = min(most, first<<doublings)
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(key)) // a hash never fails
	return base + base*time.Duration(h.Sum32()%512)/1024
}

// pause is that between the runs of a due date.
func pause(job string, run int64, attempt int) time.Duration {
	return Pause(job+strconv.FormatInt(run, 10), attempt, time.Minute, time.Hour)
}
