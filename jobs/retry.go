package jobs

import (
	"hash/fnv"
	"strconv"
	"time"
)

// maxAttempts bounds the runs of one due date: with the pauses between them, about a
// day and a half.
const maxAttempts = 30

// pause is how long to wait after a failed attempt: from one minute, doubled each
// time up to an hour, and up to half as much again, so that those who failed together
// do not come back together.
func pause(job string, run int64, attempt int) time.Duration {
	base := time.Hour
	if attempt < 7 {
		base = min(base, time.Minute<<max(0, attempt-1))
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(job + strconv.FormatInt(run, 10))) // a hash never fails
	return base + base*time.Duration(h.Sum32()%512)/1024
}
