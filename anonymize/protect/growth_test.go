package protect_test

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/anonymize/protect"
)

// BenchmarkGrowth protects months of four sizes, each twice the one before: time should
// grow about as the cells do.
func BenchmarkGrowth(b *testing.B) {
	for range b.N {
		fmt.Printf("\n%9s %10s %11s %6s %8s %9s\n", "cells", "sensitive", "secondaries", "unmet", "seconds", "peak heap")
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
			start := time.Now()
			mask := protect.Protect(&p, protect.Options{ZerosKnown: true})
			took := time.Since(start).Seconds()
			count, _ := secondaries(&p, mask.Hidden)
			fmt.Printf("%9d %10d %11d %6d %8.1f %6d MB\n", len(p.Cells), sensitive, count, mask.Unmet, took, peak()>>20)
		}
	}
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
