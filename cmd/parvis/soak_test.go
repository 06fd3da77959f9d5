package main

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// soakMinutes is for how long `make soak` serves and works under load.
const soakMinutes = "PARVIS_SOAK_MINUTES"

// soakTime is how long the soak under load goes on; without it, the test is skipped.
func soakTime(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv(soakMinutes)
	if text == "" {
		t.Skip(soakMinutes + " says for how many minutes to serve under load; see make soak")
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 2 {
		t.Fatalf("%s is %q: give at least 2", soakMinutes, text)
	}
	return time.Duration(n) * time.Minute
}

// sample is what a process holds at a moment.
type sample struct {
	after                    time.Duration
	goroutines, files        int
	memory, heap, disk, jobs float64 // MB; jobs is a count of releases or runs
}

func (s sample) String() string {
	return fmt.Sprintf("%6.0f s  %4d goroutines  %4d files  %6.1f MB resident  %6.1f MB of heap  %6.1f MB of disk  %4.0f done",
		s.after.Seconds(), s.goroutines, s.files, s.memory, s.heap, s.disk, s.jobs)
}

// samples are those of a process.
type samples struct {
	t      *testing.T
	began  time.Time
	server *liveServer
	disk   string // directory of the process
	all    []sample
}

func (s *samples) take(done int) sample {
	s.t.Helper()
	r := s.server.ask(s.server.metrics)
	if r.err != nil || r.status != http.StatusOK {
		s.t.Fatalf("metrics: %s", r)
	}
	value := func(name string) float64 {
		found := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindSubmatch(r.body)
		if found == nil {
			s.t.Fatalf("no metric %s", name)
		}
		v, err := strconv.ParseFloat(string(found[1]), 64)
		if err != nil {
			s.t.Fatal(err)
		}
		return v
	}
	one := sample{
		after: time.Since(s.began), goroutines: int(value("go_goroutines")), files: int(value("process_open_fds")),
		memory: value("process_resident_memory_bytes") / 1e6, heap: value("go_memstats_heap_inuse_bytes") / 1e6, disk: megabytesIn(s.disk), jobs: float64(done),
	}
	s.all = append(s.all, one)
	return one
}

// megabytesIn is the size of the files of a directory, in MB; some may vanish meanwhile.
func megabytesIn(dir string) (mb float64) {
	_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			if info, err := e.Info(); err == nil {
				mb += float64(info.Size()) / 1e6
			}
		}
		return nil
	})
	return mb
}

// quarter returns a value of the samples of a quarter of the time, in order of size.
func (s *samples) quarter(no int, value func(sample) float64) []float64 {
	n := len(s.all)
	var all []float64
	for _, one := range s.all[n*(no-1)/4 : n*no/4] {
		all = append(all, value(one))
	}
	slices.Sort(all)
	return all
}

// flat compares the median of the last quarter with that of the second.
func (s *samples) flat(what string, share, slack float64, value func(sample) float64) {
	s.t.Helper()
	second, last := s.quarter(2, value), s.quarter(4, value)
	before, after := second[len(second)/2], last[len(last)/2]
	s.t.Logf("%s: median of the second quarter %.1f, of the last %.1f (least %.1f and %.1f)", what, before, after, second[0], last[0])
	if after > before*(1+share)+slack {
		s.t.Errorf("%s grows: %.1f in the second quarter, %.1f in the last", what, before, after)
	}
}

// report logs some of the samples.
func (s *samples) report() {
	for i := 0; i < len(s.all); i += max(1, len(s.all)/20) {
		s.t.Log(s.all[i])
	}
	s.t.Log(s.all[len(s.all)-1])
}

// extracts draws an extract of another content each time.
type extracts struct {
	t    *testing.T
	dir  string
	days int // between one and the next
	seed int
}

func (e *extracts) next() string {
	e.t.Helper()
	e.seed++
	dir := filepath.Join(e.dir, strconv.Itoa(e.seed))
	until := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, e.seed*e.days)
	if r := program(e.t, 0, "hub", "generate", "--out", dir, "--seed", strconv.Itoa(e.seed), "--dossiers", "100", "--formations", "1500", "--until", until.Format(time.DateOnly)); r.code != exitDone {
		e.t.Errorf("%+v", r)
	}
	_ = os.RemoveAll(filepath.Join(e.dir, strconv.Itoa(e.seed-2)))
	return dir
}

// crowd is some clients of a server.
type crowd struct {
	t      *testing.T
	server *liveServer
	stop   chan struct{}
	all    sync.WaitGroup
	asked  atomic.Int64
}

// crowdAsks is what clients ask for, in turn.
var crowdAsks = []string{
	catalogueRecords, catalogueSearch, catalogueFile, "/openapi.json", "/api/v1/suggest?q=ang", catalogueExport,
	"/api/explore/v2.1/catalog/datasets/" + catalogue + "/records?select=count(*)%20as%20n&group_by=nom_region&limit=20",
	"/datasets/" + catalogue + "/releases/latest/" + catalogue + ".parquet", "/api/v1/datasets", "/docs",
	"/api/explore/v2.1/catalog/datasets/" + catalogue + "/exports/parquet?limit=200", "/api/v1/datasets/" + catalogue + "/releases",
}

func (c *crowd) begin(clients int) {
	c.stop = make(chan struct{})
	for i := range clients {
		c.all.Go(func() { c.client(i) })
	}
}

func (c *crowd) client(no int) {
	random := rand.New(rand.NewPCG(faultSeed, uint64(no)))
	for i := no; ; i++ {
		select {
		case <-c.stop:
			return
		case <-time.After(time.Duration(random.IntN(100)) * time.Millisecond):
		}
		path, want := crowdAsks[i%len(crowdAsks)], http.StatusOK
		var headers []string
		if strings.HasPrefix(path, "/datasets/") && random.IntN(2) == 0 {
			first := random.IntN(2000)
			headers, want = []string{fmt.Sprintf("Range: bytes=%d-%d", first, first+random.IntN(5000))}, http.StatusPartialContent
		}
		r := c.server.get(path, headers...)
		c.asked.Add(1)
		if r.status != want || r.err != nil || path == catalogueFile && want == http.StatusOK && !r.whole() {
			c.t.Errorf("%s %v: %s", path, headers, r)
		}
	}
}

func (c *crowd) end() {
	close(c.stop)
	c.all.Wait()
	c.server.client.CloseIdleConnections()
}

// serveSoak is a server under load, and a publisher of release after release.
type serveSoak struct {
	*samples
	crowd   crowd
	hubs    extracts
	store   string
	work    string
	done    atomic.Int64  // releases
	between time.Duration // two of them
}

// publish publishes the next release, and removes those before the last.
func (s *serveSoak) publish() {
	s.t.Helper()
	for _, args := range [][]string{
		{"publish", catalogue, "--hub", s.hubs.next(), "--force", "input_shrank", "--force", "older_extract"},
		{"releases", "prune", catalogue, "--retention", "0d"},
	} {
		if r := program(s.t, 0, append(args, "--store", s.store, "--workdir", s.work)...); r.code != exitDone {
			s.t.Errorf("%v: %+v", args, r)
		}
	}
	s.done.Add(1)
}

// load asks and publishes for a while, and takes samples.
func (s *serveSoak) load(d time.Duration) {
	s.crowd.begin(12)
	defer s.crowd.end()
	until := time.Now().Add(d)
	var publisher sync.WaitGroup
	defer publisher.Wait()
	publisher.Go(func() {
		for next := time.Now(); next.Before(until); next = next.Add(s.between) {
			time.Sleep(time.Until(next))
			s.publish()
		}
	})
	for ; time.Now().Before(until); time.Sleep(2 * time.Second) {
		s.take(int(s.done.Load()))
	}
}

// settling is more than the time after which memory is collected and idle connections end.
const settling = 150 * time.Second

// idle waits until the last release is served and nothing was asked for a while, and until no
// more is held than a sample says, or for twice as long.
func (s *serveSoak) idle(than *sample) sample {
	s.t.Helper()
	listed := program(s.t, 0, "releases", "list", catalogue, "--store", s.store)
	latest, _, _ := strings.Cut(listed.out, " ")
	await(s.t, "the last release is served and searched", func() bool {
		return s.server.get(catalogueRecords).header.Get("X-Release") == latest && s.server.get(catalogueSearch).header.Get("X-Release") == latest
	})
	s.server.client.CloseIdleConnections()
	var one sample
	for deadline := time.Now().Add(2 * settling); ; {
		time.Sleep(settling)
		one = s.take(int(s.done.Load()))
		s.all = s.all[:len(s.all)-1] // it is not one under load
		within := than == nil || one.goroutines <= than.goroutines && one.files <= than.files
		if within || time.Now().After(deadline) {
			return one
		}
	}
}

// TestServesUnderLoadWithoutLeaks: clients ask a server for everything while releases come
// and go. No answer fails, and it holds no more in the end than before.
func TestServesUnderLoadWithoutLeaks(t *testing.T) {
	d := soakTime(t)
	t.Parallel()
	root := t.TempDir()
	s := &serveSoak{hubs: extracts{t: t, dir: filepath.Join(root, "hubs")}, store: filepath.Join(root, "store"), work: filepath.Join(root, "publish"), between: 20 * time.Second}
	own := filepath.Join(root, "serve")
	s.samples = &samples{t: t, began: time.Now(), disk: own}
	s.publish()
	s.publish()
	s.server = startServer(t, "PARVIS_STORE="+s.store, "PARVIS_WORKDIR="+own)
	s.crowd = crowd{t: t, server: s.server}
	await(t, "a release is searched", func() bool { return s.server.get(catalogueSearch).status == http.StatusOK })

	s.load(d / 4)
	first := s.idle(nil)
	s.load(d - d/4)
	last := s.idle(&first)

	s.report()
	t.Logf("%d requests, %d releases\nidle after a quarter: %s\nidle at the end:      %s", s.crowd.asked.Load(), s.done.Load(), first, last)
	if last.goroutines > first.goroutines || last.files > first.files {
		t.Error("goroutines or files are left over")
	}
	if last.heap > first.heap*1.2+10 {
		t.Error("memory is left over")
	}
	s.flat("resident memory", 0.10, 0, func(s sample) float64 { return s.memory })
	s.flat("heap", 0.20, 10, func(s sample) float64 { return s.heap })
	s.flat("disk", 0.20, 10, func(s sample) float64 { return s.disk })
}

// TestWorksWithoutLeaks: a worker publishes, verifies and prunes each minute.
func TestWorksWithoutLeaks(t *testing.T) {
	d := soakTime(t)
	t.Parallel()
	root := t.TempDir()
	hubs, hub, own, store := extracts{t: t, dir: filepath.Join(root, "hubs"), days: 31}, filepath.Join(root, "hub"), filepath.Join(root, "work"), filepath.Join(root, "store")
	swap := func() {
		next := hub + ".next"
		if err := os.Symlink(hubs.next(), next); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(next, hub); err != nil {
			t.Fatal(err)
		}
	}
	swap()
	const minutely = "* * * * *"
	w := startProcess(t, []string{"work"}, "PARVIS_STORE="+store, "PARVIS_WORKDIR="+own, "PARVIS_HUB="+hub, "PARVIS_RETENTION=0d",
		"PARVIS_SCHEDULE_CATALOGUE="+minutely, "PARVIS_SCHEDULE_VERIFY="+minutely, "PARVIS_SCHEDULE_PRUNE="+minutely)
	s := &samples{t: t, began: time.Now(), server: w, disk: own}
	runs := func() int { return strings.Count(w.log.text(), `msg="job is done"`) }
	await(t, "all jobs have run once", func() bool { return runs() >= 5 })
	s.began = time.Now()
	for n := 1; time.Since(s.began) < d; time.Sleep(2 * time.Second) {
		if time.Since(s.began) > time.Duration(n)*time.Minute {
			n++
			swap()
		}
		s.take(runs())
	}
	s.report()
	if failed := strings.Count(w.log.text(), `msg="job failed"`) + strings.Count(w.log.text(), "level=ERROR"); failed > 0 || runs() < int(d.Minutes())*2 {
		t.Errorf("%d runs, %d failures", runs(), failed)
	}
	s.flat("resident memory", 0.10, 0, func(s sample) float64 { return s.memory })
	// Most of the time no job runs. The quarantine of each run stays for some weeks.
	for _, idle := range []struct {
		what  string
		slack float64
		value func(sample) float64
	}{
		{"goroutines", 0, func(s sample) float64 { return float64(s.goroutines) }},
		{"files", 0, func(s sample) float64 { return float64(s.files) }},
		{"disk", 5, func(s sample) float64 { return s.disk }},
	} {
		second, last := s.quarter(2, idle.value), s.quarter(4, idle.value)
		before, after := second[len(second)/4], last[len(last)/4]
		t.Logf("%s between runs: %.1f in the second quarter, %.1f in the last", idle.what, before, after)
		if after > before+idle.slack {
			t.Errorf("%s are left over", idle.what)
		}
	}
}
