package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// load is how a system is asked: by so many clients, each of which asks again when it
// has its answer, for so long after a warm-up.
type load struct {
	Clients      int
	Warm, During time.Duration
}

// figures are what one system did under a load.
type figures struct {
	Requests int
	Took     time.Duration
	P50, P99 time.Duration
	// CPU is the time of the processors that the system's process took.
	CPU time.Duration
	// Resident is the memory of the process at most, in bytes, as seen five times a second.
	Resident int64
}

func (f figures) perSecond() float64 { return float64(f.Requests) / f.Took.Seconds() }

// perThousand is the processor time of 1 000 requests, in seconds.
func (f figures) perThousand() float64 { return f.CPU.Seconds() * 1000 / float64(f.Requests) }

// run asks process pid with ask, which is given other numbers each time.
func (l load) run(pid int, ask func(i int) error) (figures, error) {
	var next atomic.Int64
	if _, err := l.loop(l.Warm, &next, ask); err != nil {
		return figures{}, err
	}
	before, err := processorTime(pid)
	if err != nil {
		return figures{}, err
	}
	stop := watchMemory(pid)
	began := time.Now()
	all, err := l.loop(l.During, &next, ask)
	f := figures{Requests: len(all), Took: time.Since(began), Resident: stop()}
	if err != nil {
		return f, err
	}
	after, err := processorTime(pid)
	f.CPU = after - before
	slices.Sort(all)
	f.P50, f.P99 = all[len(all)/2], all[len(all)*99/100]
	return f, err
}

// loop asks until the time is over, and returns how long each answer took; there is one
// at least.
func (l load) loop(during time.Duration, next *atomic.Int64, ask func(i int) error) ([]time.Duration, error) {
	until := time.Now().Add(during)
	took, errs := make([][]time.Duration, l.Clients), make([]error, l.Clients)
	var clients sync.WaitGroup
	for c := range l.Clients {
		clients.Go(func() {
			for {
				began := time.Now()
				if errs[c] = ask(int(next.Add(1))); errs[c] != nil {
					return
				}
				took[c] = append(took[c], time.Since(began))
				if time.Now().After(until) {
					return
				}
			}
		})
	}
	clients.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return slices.Concat(took...), nil
}

// median takes the middle of each figure, and the most memory.
func median(all []figures) figures {
	middle := func(of func(figures) time.Duration) time.Duration {
		values := make([]time.Duration, len(all))
		for i, f := range all {
			values[i] = of(f)
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	const n = 1_000_000 // requests that the medians of their times are given for
	f := figures{
		Requests: n,
		Took:     middle(func(f figures) time.Duration { return time.Duration(n / f.perSecond() * float64(time.Second)) }),
		CPU:      middle(func(f figures) time.Duration { return time.Duration(n / 1000 * f.perThousand() * float64(time.Second)) }),
		P50:      middle(func(f figures) time.Duration { return f.P50 }),
		P99:      middle(func(f figures) time.Duration { return f.P99 }),
	}
	for _, one := range all {
		f.Resident = max(f.Resident, one.Resident)
	}
	return f
}

// ticks is how often a second the kernel counts processor time in /proc.
const ticks = 100

// processorTime is the time that all threads of a process have computed so far.
func processorTime(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// The second field, in parentheses, is the only one that may hold blanks; the times
	// are the 14th and the 15th.
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	user, err := strconv.ParseInt(string(fields[11]), 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(string(fields[12]), 10, 64)
	return time.Duration(user+system) * time.Second / ticks, err
}

// watchMemory watches the memory of a process until the function it returns is called,
// which says the most that there was, in bytes.
func watchMemory(pid int) func() int64 {
	var most int64
	done := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		for {
			most = max(most, residentMemory(pid))
			select {
			case <-done:
				return
			case <-time.After(200 * time.Millisecond):
			}
		}
	})
	return func() int64 {
		close(done)
		watch.Wait()
		return most
	}
}

// residentMemory is the memory of a process in bytes, 0 when it is gone.
func residentMemory(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	var size, resident int64
	_, _ = fmt.Sscan(string(text), &size, &resident)
	return resident * int64(os.Getpagesize())
}
