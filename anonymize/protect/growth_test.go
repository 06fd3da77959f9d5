package protect_test

import (
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/anonymize/audit"
	"github.com/parvis-opendata/parvis/anonymize/protect"
)

// A month is protected the same way whatever the number of threads, and passes the audit.
func TestMonth(t *testing.T) {
	p := month(140, 20000)
	mask := protect.Protect(&p, protect.Options{ZerosKnown: true})
	report, err := audit.Check(p, mask.Hidden, audit.Options{ZerosKnown: true})
	if err != nil || !report.OK() || mask.Unmet > 0 {
		t.Fatalf("unmet %d, faults %+v, error %v", mask.Unmet, report.Faults, err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	again := protect.Protect(&p, protect.Options{ZerosKnown: true})
	if !slices.Equal(again.Hidden, mask.Hidden) {
		t.Error("one thread gives another mask than several")
	}
}

// BenchmarkGrowth protects months of four sizes, each twice the one before, and attacks the
// masks: time should grow about as the cells do.
func BenchmarkGrowth(b *testing.B) {
	for range b.N {
		fmt.Printf("\n%9s %10s %11s %6s %6s %8s %6s %8s %6s %9s\n", "cells", "sensitive", "secondaries", "unmet", "faults", "protect", "cpu", "audit", "cpu", "peak heap")
		for size := 1; size <= 8; size *= 2 {
			p := month(500*size, 72000*size)
			sensitive := 0
			for _, c := range p.Cells {
				if c.Sensitive {
					sensitive++
				}
			}
			runtime.GC()
			peak := watchHeap()
			start, cpu := time.Now(), processor(b)
			mask := protect.Protect(&p, protect.Options{ZerosKnown: true})
			made, protecting := time.Since(start).Seconds(), processor(b)-cpu
			report, err := audit.Check(p, mask.Hidden, audit.Options{ZerosKnown: true})
			if err != nil {
				b.Fatal(err)
			}
			took, all := time.Since(start).Seconds(), processor(b)-cpu
			count, _ := secondaries(&p, mask.Hidden)
			fmt.Printf("%9d %10d %11d %6d %6d %6.1f s %6.1f %6.1f s %6.1f %6d MB\n",
				len(p.Cells), sensitive, count, mask.Unmet, len(report.Faults), made, protecting, took-made, all-protecting, peak()>>20)
		}
	}
}

// processor is the time, in seconds, that processors have worked for us.
func processor(b *testing.B) float64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

// watchHeap looks at the heap every few milliseconds until the function that it gives
// is called, which says how large it was at most.
func watchHeap() func() uint64 {
	var stop atomic.Bool
	most := make(chan uint64)
	go func() {
		high := uint64(0)
		for !stop.Load() {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			high = max(high, m.HeapInuse)
			time.Sleep(20 * time.Millisecond)
		}
		most <- high
	}()
	return func() uint64 {
		stop.Store(true)
		return <-most
	}
}
