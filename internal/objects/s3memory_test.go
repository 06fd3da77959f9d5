package objects_test

import (
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/objects/s3test"
)

// TestS3HoldsAPartInMemory streams an object of 300 MB in, of which the size is unknown, and out again.
func TestS3HoldsAPartInMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("300 MB take too long for -short")
	}
	const size, limit = 300_000_000, 32 << 20
	server := s3test.Start(t)
	s := s3test.Open(t, server.Bucket(t))
	sent, received := sha256.New(), sha256.New()
	peak := heapPeak(func() {
		body := io.TeeReader(io.LimitReader(rand.NewChaCha8([32]byte{1}), size), sent)
		if info, err := s.Put(t.Context(), "big", body, -1); err != nil || info.Size != size {
			t.Fatal(info, err)
		}
	})
	t.Logf("put of %d bytes: heap grows by %.1f MiB", size, float64(peak)/(1<<20))
	if peak > limit {
		t.Errorf("heap grows by %d bytes, want at most %d", peak, limit)
	}
	peak = heapPeak(func() {
		r, _, err := s.Open(t.Context(), "big", 0, -1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(received, r); err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Logf("read of %d bytes: heap grows by %.1f MiB", size, float64(peak)/(1<<20))
	if peak > limit/4 {
		t.Errorf("heap grows by %d bytes, want at most %d", peak, limit/4)
	}
	if string(sent.Sum(nil)) != string(received.Sum(nil)) {
		t.Error("other bytes")
	}
}

// heapPeak returns by how much the heap grows at most while a function runs.
func heapPeak(run func()) (growth uint64) {
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			runtime.ReadMemStats(&now)
			if now.HeapInuse > before.HeapInuse {
				growth = max(growth, now.HeapInuse-before.HeapInuse)
			}
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	run()
	close(stop)
	<-done
	return growth
}
