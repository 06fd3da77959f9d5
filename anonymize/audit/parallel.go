package audit

import (
	"sync"
	"sync/atomic"
)

// parallel calls do for 0..n−1, each once, on some goroutines; worker is below threads
// and belongs to one goroutine at a time.
func parallel(threads, n int, do func(worker, i int)) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for worker := range min(threads, n) {
		wait.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				do(worker, int(i))
			}
		})
	}
	wait.Wait()
}
