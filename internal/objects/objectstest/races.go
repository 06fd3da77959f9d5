package objectstest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/parvis-opendata/parvis/internal/objects"
)

var races = []outcome{
	{"of concurrent creators exactly one wins", func(t *testing.T, s objects.Store) {
		for round := range 10 {
			name := fmt.Sprintf("race/%d", round)
			oneWins(t, s, name, func(data []byte) error {
				_, err := s.Create(t.Context(), name, data)
				return err
			})
		}
	}},
	{"of concurrent replacers exactly one wins", func(t *testing.T, s objects.Store) {
		for round := range 10 {
			name := fmt.Sprintf("race/%d", round)
			from := mustPut(t, s, name, []byte("from here"))
			oneWins(t, s, name, func(data []byte) error {
				_, err := s.Replace(t.Context(), name, data, from.Version)
				return err
			})
		}
	}},
	{"no update is lost", func(t *testing.T, s objects.Store) {
		const writers, each = 16, 50
		mustCreate(t, s, "counter", []byte("0"))
		var group sync.WaitGroup
		for range writers {
			group.Go(func() {
				for range each {
					if err := increment(t.Context(), s, "counter"); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		wantBytes(t, s, "counter", []byte(strconv.Itoa(writers*each)))
	}},
	{"readers see an object that is overwritten whole", wholeUnderReaders},
	{"a put into a folder survives the deletion of its neighbour", func(t *testing.T, s objects.Store) {
		for round := range 50 {
			folder := fmt.Sprintf("d/%d/", round)
			mustPut(t, s, folder+"x", nil)
			var group sync.WaitGroup
			group.Go(func() {
				if err := s.Delete(t.Context(), folder+"x"); err != nil {
					t.Error(err)
				}
			})
			group.Go(func() {
				if err := put.call(t.Context(), s, folder+"y"); err != nil {
					t.Error(err)
				}
			})
			group.Wait()
			wantNames(t, s, folder, folder+"y")
		}
	}},
}

// oneWins lets writers race for one name. One must win, whose bytes stay; the others must see a conflict.
func oneWins(t *testing.T, s objects.Store, name string, write func(data []byte) error) {
	t.Helper()
	const writers = 12
	var (
		group sync.WaitGroup
		wins  atomic.Int64
		won   atomic.Pointer[[]byte]
		start = make(chan struct{})
	)
	for w := range writers {
		group.Go(func() {
			data := fmt.Appendf(nil, "writer %d", w)
			<-start
			switch err := write(data); {
			case err == nil:
				wins.Add(1)
				won.Store(&data)
			case !errors.Is(err, objects.ErrConflict):
				t.Error(err)
			}
		})
	}
	close(start)
	group.Wait()
	if wins.Load() != 1 {
		t.Fatalf("%d writers won, want 1", wins.Load())
	}
	wantBytes(t, s, name, *won.Load())
}

// increment adds one to the number that an object holds: read, replace, and again if another was faster.
func increment(ctx context.Context, s objects.Store, name string) error {
	for {
		data, info, err := objects.ReadAll(ctx, s, name, 20)
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(string(data))
		if err != nil {
			return err
		}
		_, err = s.Replace(ctx, name, []byte(strconv.Itoa(n+1)), info.Version)
		if !errors.Is(err, objects.ErrConflict) {
			return err
		}
	}
}

// wholeUnderReaders overwrites an object by others, each a repetition of one letter of which the length tells the
// letter. A read that mixes two writes shows.
func wholeUnderReaders(t *testing.T, s objects.Store) {
	write := func(i int) error {
		data := bytes.Repeat([]byte{byte('a' + i%20)}, 100_000+i%20)
		_, err := s.Put(t.Context(), "d/x", bytes.NewReader(data), int64(len(data)))
		return err
	}
	if err := write(0); err != nil {
		t.Fatal(err)
	}
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	for w := range 2 {
		writers.Go(func() {
			for i := range 50 {
				if err := write(i + 7*w); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 4 {
		readers.Go(func() { readUntil(t, s, done) })
	}
	writers.Wait()
	close(done)
	readers.Wait()
}

func readUntil(t *testing.T, s objects.Store, done <-chan struct{}) {
	for {
		data, info, err := objects.ReadAll(t.Context(), s, "d/x", 200_000)
		if err != nil {
			t.Error(err)
			return
		}
		letter := byte('a' + len(data) - 100_000)
		if int64(len(data)) != info.Size || bytes.Count(data, []byte{letter}) != len(data) {
			t.Errorf("a torn read: %d bytes of which %d are %q", len(data), bytes.Count(data, []byte{letter}), letter)
			return
		}
		select {
		case <-done:
			return
		default:
		}
	}
}
