package jobs

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// publication is a release that a run made.
type publication struct {
	due time.Time
	run int64
}

// span is a stretch of time.
type span struct{ from, to time.Time }

// world is some workers with a store in common, for a year.
type world struct {
	t       *testing.T
	shared  *memory
	zone    *time.Location
	outages []span // in which nobody works
	end     time.Time

	mutex  sync.Mutex
	made   map[string]publication   // by release
	done   map[string]map[int64]int // due dates that a job other than a publication came to the end of
	up     []span                   // in which somebody worked undisturbed
	events map[string]int
}

// timesOfWorld are the schedules of the jobs; the first four publish.
var timesOfWorld = []struct{ job, times string }{
	{"catalogue", "15 4 * * *"}, {"engagees", "30 4 2 * *"}, {"usagers", "45 4 3 1,4,7,10 *"}, {"night", "30 2 * * *"},
	{"verify", "15 4 * * *"}, {"prune", "45 5 * * 0"},
}

const publishing = 4

func timesOf(job string) string {
	return timesOfWorld[slices.IndexFunc(timesOfWorld, func(row struct{ job, times string }) bool { return row.job == job })].times
}

// member is a worker of the world, which is stopped, killed, paused and started again.
type member struct {
	*world
	ledger  *Ledger
	way     *link
	archive *release.Archive
	random  *rand.Rand
	clock   func() time.Time // by which releases are named
}

func (w *world) newMember(no int, seed uint64, skew time.Duration) *member {
	m := &member{world: w, way: &link{store: w.shared}, random: rand.New(rand.NewPCG(seed, uint64(no))), clock: time.Now}
	m.archive = release.NewArchive(m.way)
	m.ledger = newLedger(w.t, m.way, quiet(), fmt.Sprintf("worker %d", no))
	m.ledger.Now = func() time.Time { return time.Now().Add(skew) }
	m.ledger.Reached = func(ctx context.Context, job string) (int64, error) { return m.archive.Fence(ctx, job) }
	return m
}

// jobs are those of the world as this member runs them.
func (m *member) jobs() (all []Job) {
	for i, row := range timesOfWorld {
		run := m.keepUp
		if i < publishing {
			run = m.publish
		}
		all = append(all, Job{Name: row.job, Schedule: schedule(m.t, row.times), Run: run})
	}
	return all
}

// work takes some time, if it is left to.
func (m *member) work(ctx context.Context) error {
	select {
	case <-time.After(time.Duration(m.random.IntN(20*60)) * time.Second):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// publish does what a publication does to the archive.
func (m *member) publish(ctx context.Context, run *Run) error {
	dataset := run.record.Job
	current, version, err := m.archive.Claim(ctx, dataset, run.Number())
	if err == nil {
		err = m.work(ctx)
	}
	if err != nil || !run.Due().After(current.Due) {
		return err
	}
	current.Due = run.Due()
	digest := fmt.Sprintf("%08x", run.Number())
	manifest := release.Manifest{Dataset: dataset, Release: release.ID(current.After(m.clock()), digest), ContentDigest: digest, Previous: current.Release}
	if err := m.archive.Seal(ctx, manifest); err != nil {
		return err
	}
	m.mutex.Lock()
	m.made[manifest.Release] = publication{run.record.Due, run.Number()}
	m.mutex.Unlock()
	return m.archive.Flip(ctx, current.Serve(manifest, time.Now()), version)
}

// keepUp is a job that may run twice. What comes due at the same moment runs before.
func (m *member) keepUp(ctx context.Context, run *Run) error {
	if run.record.Job == "verify" {
		lease, err := m.ledger.Lease(ctx, "catalogue")
		if err == nil && lease.Done.Before(run.record.Due) {
			m.t.Errorf("verify for %s begins before the catalogue is served", run.record.Due)
		}
	}
	if err := m.work(ctx); err != nil {
		return err
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.done[run.record.Job] == nil {
		m.done[run.record.Job] = map[int64]int{}
	}
	m.done[run.record.Job][run.record.Due.Unix()]++
	return nil
}

// live lives until the end of the world.
func (m *member) live() {
	for time.Now().Before(m.end) {
		until := time.Now().Add(time.Duration(m.random.IntN(15*24*60)) * time.Minute)
		for _, o := range m.outages {
			if !time.Now().Before(o.from) && time.Now().Before(o.to) {
				time.Sleep(time.Until(o.to))
			}
			if time.Now().Before(o.from) && until.After(o.from) {
				until = o.from
			}
		}
		if until.After(m.end) {
			until = m.end
		}
		m.spell(until)
		time.Sleep(time.Duration(m.random.IntN(90)) * time.Minute)
	}
}

// spell is one life of a process.
func (m *member) spell(until time.Time) {
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	w := &Worker{Jobs: m.jobs(), Ledger: m.ledger, Log: quiet(), Alive: func() error { return nil }}
	go func() { defer close(stopped); w.Run(ctx) }()
	from := time.Now()
	// More often than by chance, something happens while jobs run.
	if at := m.night(until); m.random.IntN(4) > 0 && at.Before(until) {
		until = at
	}
	time.Sleep(time.Until(until))
	m.mutex.Lock()
	m.up = append(m.up, span{from, until})
	m.mutex.Unlock()
	switch m.random.IntN(3) {
	case 0:
		m.happened("stopped")
	case 1:
		m.happened("killed")
		m.way.set(broken)
	case 2:
		m.happened("paused")
		// What it asks of the store happens when it wakes up, whatever has happened since.
		resumes := time.Now().Add(time.Duration(m.random.IntN(120)) * time.Minute)
		m.way.set(func(context.Context) error { time.Sleep(time.Until(resumes)); return nil })
		time.Sleep(time.Until(resumes) + time.Duration(m.random.IntN(40))*time.Minute)
	}
	cancel()
	<-stopped
	m.way.set(nil)
}

// night is a moment at which jobs are likely to run, in the week before a time.
func (m *member) night(before time.Time) time.Time {
	day := before.In(m.zone).AddDate(0, 0, -m.random.IntN(7))
	at := time.Date(day.Year(), day.Month(), day.Day(), 2+2*m.random.IntN(2), 15+m.random.IntN(60), m.random.IntN(60), 0, m.zone)
	if at.Before(time.Now()) {
		return before
	}
	return at
}

func (m *member) happened(what string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.events[what]++
}

// check compares what was served with what should have been.
func (w *world) check(from time.Time) {
	archive := release.NewArchive(w.shared)
	for i, row := range timesOfWorld {
		served := map[int64]int{}
		if i >= publishing {
			served = w.done[row.job]
		} else {
			current, _, err := archive.Current(w.t.Context(), row.job)
			if err != nil {
				w.t.Fatal(err)
			}
			var last publication
			for _, id := range current.History {
				p := w.made[id]
				if !p.due.After(last.due) || p.run <= last.run {
					w.t.Errorf("%s: run %d for %s was served over run %d for %s", row.job, p.run, p.due, last.run, last.due)
				}
				served[p.due.Unix()]++
				last = p
			}
			w.leftovers(archive, current)
		}
		w.checkDates(row.job, i < publishing, from, served)
	}
}

// leftovers checks that what killed and paused runs sealed in vain can be told from
// what was served.
func (w *world) leftovers(archive *release.Archive, current release.Current) {
	if _, err := archive.TakeBack(w.t.Context(), current); err != nil {
		w.t.Fatal(err)
	}
	history, err := archive.History(w.t.Context(), current.Dataset)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range history {
		if !slices.Contains(current.History, e.Manifest.Release) && e.Manifest.Previous != current.Release {
			w.t.Errorf("%s %s is left over", current.Dataset, e.Manifest.Release)
		}
	}
}

// checkDates compares the due dates of a job with those that were served.
func (w *world) checkDates(job string, published bool, from time.Time, served map[int64]int) {
	s, all := schedule(w.t, timesOf(job)), 0
	for due := s.Next(from); due.Before(w.end); {
		next := s.Next(due)
		times, could, must := served[due.Unix()], w.worked(due, next, 0), w.worked(due, next, 6*time.Hour)
		switch {
		case times == 0 && must, times > 0 && !could, times > 1 && published:
			w.t.Errorf("%s: due date %s was served %d times", job, due.In(w.zone).Format("2006-01-02 15:04 -07"), times)
		}
		all += times
		due = next
	}
	if all < 3 {
		w.t.Errorf("%s: %d due dates were served", job, all)
	}
	w.t.Logf("%s: %d due dates served", job, all)
}

// worked reports whether somebody worked undisturbed between two moments for so long.
func (w *world) worked(from, to time.Time, long time.Duration) bool {
	return slices.ContainsFunc(w.up, func(s span) bool {
		if s.from.Before(from) {
			s.from = from
		}
		if s.to.After(to) {
			s.to = to
		}
		return s.to.Sub(s.from) >= max(long, 1)
	})
}

// TestAYearOfSchedules: with outages over both changes of the clock, workers that
// are stopped, killed and paused in the middle of their jobs, and clocks that differ,
// every due date that somebody was there for is served, once; none is served after a
// later one.
func TestAYearOfSchedules(t *testing.T) {
	zone := paris(t)
	for _, c := range []struct {
		seed  uint64
		skews []time.Duration
	}{{1, []time.Duration{0, 0}}, {2, []time.Duration{0, 20 * time.Second, -20 * time.Second}}} {
		t.Run(fmt.Sprintf("%d workers", len(c.skews)), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Date(2026, 1, 10, 12, 0, 0, 0, zone)
				w := &world{
					t: t, shared: newMemory(), zone: zone, end: begin.AddDate(1, 0, 0),
					made: map[string]publication{}, done: map[string]map[int64]int{}, events: map[string]int{},
				}
				day := func(month time.Month, day, hour, minute int) time.Time {
					return time.Date(2026, month, day, hour, minute, 0, 0, zone)
				}
				w.outages = []span{
					{day(2, 1, 20, 0), day(2, 6, 9, 0)},     // over the day of the engagements
					{day(3, 29, 1, 45), day(3, 29, 4, 30)},  // over the change of the clock, and the catalogue
					{day(6, 30, 12, 0), day(7, 20, 12, 0)},  // over the quarter
					{day(10, 25, 1, 30), day(10, 25, 2, 0)}, // until just before the hour that comes twice
				}
				time.Sleep(time.Until(begin))
				var lives sync.WaitGroup
				for i, skew := range c.skews {
					m := w.newMember(i, c.seed, skew)
					lives.Go(m.live)
				}
				lives.Wait()
				t.Logf("%v", w.events)
				w.check(begin)
			})
		})
	}
}

// TestWorkersRaceOverRealStores: workers with clocks that are hours apart take each
// other's leases in the middle of their publications. Each due date is published
// once all the same, and never an older one over a newer.
func TestWorkersRaceOverRealStores(t *testing.T) {
	for _, c := range stores {
		t.Run(c.name, func(t *testing.T) {
			const dates, workers = 12, 3
			open := c.open(t)
			var mutex sync.Mutex
			made := map[string]publication{}
			var all sync.WaitGroup
			for i := range workers {
				store := open()
				archive, random := release.NewArchive(store), rand.New(rand.NewPCG(7, uint64(i)))
				l := newLedger(t, store, quiet(), fmt.Sprintf("worker %d", i))
				l.Reached = func(ctx context.Context, job string) (int64, error) { return archive.Fence(ctx, job) }
				l.Now = func() time.Time { return time.Now().Add(time.Duration(random.IntN(7)-3) * time.Hour) }
				publish := func(ctx context.Context, run *Run) error {
					current, version, err := archive.Claim(ctx, "job", run.Number())
					if err != nil || !run.Due().After(current.Due) {
						return err
					}
					current.Due = run.Due()
					time.Sleep(time.Duration(random.IntN(30)) * time.Millisecond)
					digest := fmt.Sprintf("%08x", run.Number())
					m := release.Manifest{Dataset: "job", Release: release.ID(time.Now(), digest), ContentDigest: digest, Previous: current.Release}
					if err := archive.Seal(ctx, m); err != nil {
						return err
					}
					mutex.Lock()
					made[m.Release] = publication{run.record.Due, run.Number()}
					mutex.Unlock()
					time.Sleep(time.Duration(random.IntN(30)) * time.Millisecond)
					return archive.Flip(ctx, current.Serve(m, time.Now()), version)
				}
				all.Go(func() {
					for n := range dates {
						due := noon().AddDate(0, 0, n)
						for {
							lease, err := l.Lease(t.Context(), "job")
							if err == nil && !due.After(lease.Done) {
								break
							}
							_, err = l.Do(t.Context(), Job{Name: "job", Run: publish}, Order{Due: due})
							if err != nil && errors.Is(err, objects.ErrUnavailable) {
								t.Error(err)
								return
							}
						}
					}
				})
			}
			all.Wait()
			current, _, err := release.NewArchive(open()).Current(t.Context(), "job")
			if err != nil || len(current.History) != dates {
				t.Fatalf("%d releases of %d due dates, %v", len(current.History), dates, err)
			}
			for i, id := range current.History {
				if p := made[id]; !p.due.Equal(noon().AddDate(0, 0, i)) || i > 0 && p.run <= made[current.History[i-1]].run {
					t.Errorf("release %d is of run %d for %s", i, p.run, p.due)
				}
			}
		})
	}
}
