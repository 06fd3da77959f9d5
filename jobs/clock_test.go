package jobs

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parvis-opendata/parvis/publisher/release"
)

// jumping is a clock that is set forth and back by up to half a day, now and then.
type jumping struct {
	mutex  sync.Mutex
	random *rand.Rand
	ahead  time.Duration
	until  time.Time
	jumps  int
}

func (j *jumping) now() time.Time {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	if right := time.Now(); !right.Before(j.until) {
		j.ahead = time.Duration(j.random.IntN(24*60)-12*60) * time.Minute
		j.until = right.Add(time.Duration(1+j.random.IntN(9*60)) * time.Minute)
		j.jumps++
	}
	return time.Now().Add(j.ahead)
}

// settle sets the clock right for good.
func (j *jumping) settle() {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.ahead, j.until = 0, time.Now().AddDate(1, 0, 0)
}

// TestClocksThatAreSetForthAndBack: over leases, due dates and names of releases. No due date is
// published twice, none after a later one, and the names of releases sort as they were served.
// When the clocks are right again, so is everything else.
func TestClocksThatAreSetForthAndBack(t *testing.T) {
	const days, workers = 60, 3
	zone := paris(t)
	synctest.Test(t, func(t *testing.T) {
		begin := time.Date(2026, 1, 10, 12, 0, 0, 0, zone)
		time.Sleep(time.Until(begin))
		w := &world{t: t, shared: newMemory(), zone: zone, made: map[string]publication{}, done: map[string]map[int64]int{}, events: map[string]int{}}
		ctx, stop := context.WithCancel(t.Context())
		var lives sync.WaitGroup
		var clocks []*jumping
		for i := range workers {
			clock := &jumping{random: rand.New(rand.NewPCG(3, uint64(i)))}
			clocks = append(clocks, clock)
			m := w.newMember(i, 3, 0)
			m.ledger.Now = clock.now
			m.clock = clock.now
			job := Job{Name: "catalogue", Schedule: schedule(t, "15 4 * * *"), Run: m.publish}
			lives.Go(func() {
				(&Worker{Jobs: []Job{job}, Ledger: m.ledger, Log: quiet(), Alive: func() error { return nil }}).Run(ctx)
			})
		}
		time.Sleep(days * 24 * time.Hour)
		for _, clock := range clocks {
			clock.settle()
		}
		time.Sleep(3 * 24 * time.Hour)
		stop()
		lives.Wait()
		current, _, err := release.NewArchive(w.shared).Current(context.WithoutCancel(t.Context()), "catalogue")
		if err != nil {
			t.Fatal(err)
		}
		var last publication
		for _, id := range current.History {
			if p := w.made[id]; !p.due.After(last.due) || p.run <= last.run {
				t.Errorf("run %d for %s was served over run %d for %s", p.run, p.due, last.run, last.due)
			} else {
				last = p
			}
		}
		if !slices.IsSorted(current.History) {
			t.Errorf("served in the order %v", current.History)
		}
		if want := schedule(t, "15 4 * * *").Last(time.Now()); !last.due.Equal(want) {
			t.Errorf("the last due date that is served is %s, want %s", last.due, want)
		}
		// One that comes due while a clock is ahead, and the next before anybody looks, are one.
		if n := len(current.History); n < days-days/10 || n > days+3+1 {
			t.Errorf("%d releases in %d days", n, days+3)
		}
		jumps := ""
		for _, clock := range clocks {
			jumps += fmt.Sprintf(" %d", clock.jumps)
		}
		t.Logf("%d due dates published in %d days; clocks were set%s times", len(current.History), days+3, jumps)
	})
}
