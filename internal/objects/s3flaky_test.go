package objects_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/objects/s3test"
)

// flaky spoils one request of six, always in the same order for the same seed.
func flaky(seed uint64) func(*http.Request) s3test.Fault {
	random := rand.New(rand.NewPCG(seed, 0))
	faults := []s3test.Fault{
		s3test.Says(500, "InternalError"), s3test.Says(503, "SlowDown"), s3test.Plain(502), s3test.Reset, s3test.Lose, s3test.Lose, s3test.Lose, s3test.Truncate, s3test.Cut(0), s3test.Cut(3),
	}
	return func(*http.Request) s3test.Fault {
		if random.IntN(6) > 0 {
			return nil
		}
		return faults[random.IntN(len(faults))]
	}
}

// TestS3LosesNoUpdateOnAFlakyNetwork lets writers count in one object, each under a name of its own. A writer that is
// told that its write may have happened reads to know, as the contract says.
func TestS3LosesNoUpdateOnAFlakyNetwork(t *testing.T) {
	const writers, each = 6, 25
	direct, o := putOld(t, s3test.Start(t))
	if _, err := direct.Create(t.Context(), "d/counts", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	proxy, o := s3test.StartProxy(t, o)
	o.Patience.Attempts = 10
	s := s3test.Open(t, o)
	proxy.Set(flaky(20261124))
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			c := counter{store: s, key: fmt.Sprint("writer ", w)}
			for n := range each {
				if err := c.reach(t.Context(), n+1); err != nil {
					t.Errorf("%s: %v", c.key, err)
					return
				}
			}
			t.Logf("%s: %d conflicts, %d times it read to know", c.key, c.conflicts, c.unknown)
		})
	}
	group.Wait()
	got, _, err := objects.ReadAll(t.Context(), direct, "d/counts", 1000)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	if err := json.Unmarshal(got, &counts); err != nil {
		t.Fatal(err)
	}
	for w := range writers {
		if key := fmt.Sprint("writer ", w); counts[key] != each {
			t.Errorf("%s counted to %d, want %d", key, counts[key], each)
		}
	}
}

type counter struct {
	store              objects.Store
	key                string
	conflicts, unknown int
}

// reach takes the count from n-1 to n, exactly once.
func (c *counter) reach(ctx context.Context, n int) error {
	for {
		data, info, err := objects.ReadAll(ctx, c.store, "d/counts", 1000)
		if err != nil {
			return err
		}
		counts := map[string]int{}
		if err := json.Unmarshal(data, &counts); err != nil {
			return err
		}
		if counts[c.key] == n && c.unknown > 0 {
			return nil // it had happened
		}
		if counts[c.key] != n-1 {
			return fmt.Errorf("the count is %d, want %d", counts[c.key], n-1)
		}
		counts[c.key] = n
		if data, err = json.Marshal(counts); err != nil {
			return err
		}
		_, err = c.store.Replace(ctx, "d/counts", data, info.Version)
		switch {
		case errors.Is(err, objects.ErrConflict):
			c.conflicts++
		case errors.Is(err, objects.ErrUnavailable):
			c.unknown++
		default:
			return err
		}
	}
}

// Of creators on a flaky network at most one is told that it won, and it is the one whose bytes are there.
func TestS3LetsOneCreatorWinOnAFlakyNetwork(t *testing.T) {
	direct, o := putOld(t, s3test.Start(t))
	proxy, o := s3test.StartProxy(t, o)
	o.Patience.Attempts = 10
	s := s3test.Open(t, o)
	proxy.Set(flaky(4))
	for round := range 15 {
		name := fmt.Sprint("race/", round)
		winners := raceToCreate(t, s, name)
		got, _, err := objects.ReadAll(t.Context(), direct, name, 100)
		if err != nil {
			t.Fatal(err)
		}
		if len(winners) != 1 || winners[0] != string(got) {
			t.Errorf("%s: %q won, and it holds %q", name, winners, got)
		}
	}
}

// raceToCreate lets creators compete and returns those that were told that they won. None overwrites another, so that each
// can know.
func raceToCreate(t *testing.T, s objects.Store, name string) (winners []string) {
	t.Helper()
	var (
		group sync.WaitGroup
		mutex sync.Mutex
	)
	for w := range 6 {
		group.Go(func() {
			data := fmt.Sprint("creator ", w)
			_, err := s.Create(t.Context(), name, []byte(data))
			switch {
			case err == nil:
				mutex.Lock()
				defer mutex.Unlock()
				winners = append(winners, data)
			case !errors.Is(err, objects.ErrConflict) && !errors.Is(err, objects.ErrUnavailable):
				t.Error(err)
			}
		})
	}
	group.Wait()
	return winners
}
