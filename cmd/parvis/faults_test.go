package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/objects/s3test"
	"github.com/parvis-opendata/parvis/internal/search/meili"
	"github.com/parvis-opendata/parvis/jobs"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// soakFaults is how many times as many cases `make soak` asks for.
const soakFaults = "PARVIS_SOAK_FAULTS"

// faultSeed is what all cases are drawn from.
const faultSeed = 20261129

// faultKind is a way in which a request between two programs goes wrong.
type faultKind struct {
	name string
	draw func(r *rand.Rand) s3test.Fault
	// hits says which requests can; nil for all.
	hits func(r *http.Request) bool
}

// always is a fault that is the same each time.
func always(f s3test.Fault) func(*rand.Rand) s3test.Fault {
	return func(*rand.Rand) s3test.Fault { return f }
}

func sends(r *http.Request) bool { return r.ContentLength > 0 }

// faultKinds are those that cost no more than some seconds each.
var faultKinds = []faultKind{
	{"latency", func(r *rand.Rand) s3test.Fault { return s3test.Delay(time.Duration(r.IntN(300)) * time.Millisecond) }, nil},
	{"reset before the request", always(s3test.Reset), nil},
	{"reset within the request", always(s3test.Truncate), sends},
	{"lost answer", always(s3test.Lose), nil},
	{"500", always(s3test.Says(http.StatusInternalServerError, "InternalError")), nil},
	{"503", always(s3test.Says(http.StatusServiceUnavailable, "SlowDown")), nil},
	{"502 of a proxy", always(s3test.Plain(http.StatusBadGateway)), nil},
	{"half an answer", func(r *rand.Rand) s3test.Fault { return s3test.Cut(r.Int64N(2000)) }, func(r *http.Request) bool { return r.Method != http.MethodPut }},
	{"corrupted request", func(r *rand.Rand) s3test.Fault { return s3test.CorruptSent(r.Float64()) }, sends},
	{"corrupted answer", func(r *rand.Rand) s3test.Fault { return s3test.CorruptAnswer(r.Float64()) }, func(r *http.Request) bool { return r.Method == http.MethodGet }},
}

// reading are the kinds that a program can meet that sends nothing.
func reading() []faultKind {
	return slices.DeleteFunc(slices.Clone(faultKinds), func(k faultKind) bool { return k.name == "reset within the request" || k.name == "corrupted request" })
}

// stalls are those that last until patience ends: half a minute to a minute each.
var stalls = []faultKind{
	{"stall within an answer", func(r *rand.Rand) s3test.Fault { return s3test.Stall(r.Int64N(2000)) }, func(r *http.Request) bool { return r.Method == http.MethodGet }},
	{"no answer", always(s3test.Hold), nil},
	{"late answer", always(s3test.HoldDone), nil},
}

// faultSpread says how many of the requests that can be hit are.
type faultSpread struct {
	name string
	hit  func(r *rand.Rand, no, from int) bool // the no-th, in a case that begins with one
}

var faultSpreads = []faultSpread{
	{"once", func(_ *rand.Rand, no, from int) bool { return no == from }},
	{"five times", func(_ *rand.Rand, no, from int) bool { return no >= from && no < from+5 }},
	{"every fifth", func(r *rand.Rand, _, _ int) bool { return r.IntN(5) == 0 }},
	{"from then on", func(_ *rand.Rand, no, from int) bool { return no >= from }},
}

// faultCase is a kind of fault, where it begins, and how often it comes.
type faultCase struct {
	kind   faultKind
	spread faultSpread
	seed   uint64
}

func (f faultCase) String() string { return f.kind.name + ", " + f.spread.name }

// spoil lets a proxy make the faults of a case; usual are the requests of a run without.
func (f faultCase) spoil(p *s3test.Proxy, usual []*http.Request) {
	most := 0
	for _, r := range usual {
		if f.kind.hits == nil || f.kind.hits(r) {
			most++
		}
	}
	random := rand.New(rand.NewPCG(faultSeed, f.seed))
	from, no := random.IntN(most), -1
	p.Set(func(r *http.Request) s3test.Fault {
		if f.kind.hits != nil && !f.kind.hits(r) {
			return nil
		}
		if no++; !f.spread.hit(random, no, from) {
			return nil
		}
		return f.kind.draw(random)
	})
}

// faultCases are so many cases, times what a soak asks for: all kinds in turn, and all spreads.
func faultCases(t *testing.T, kinds []faultKind, n int) (all []faultCase) {
	t.Helper()
	if text := os.Getenv(soakFaults); text != "" {
		times, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		n *= times
	}
	for i := range n {
		all = append(all, faultCase{kinds[i%len(kinds)], faultSpreads[(i/len(kinds)+i)%len(faultSpreads)], uint64(i)})
	}
	return all
}

// faultSite is a store in object storage that programs reach through a proxy, and the
// test without.
type faultSite struct {
	*crashSite
	proxy   *s3test.Proxy
	through []string        // leads to the store through the proxy
	usual   []*http.Request // of a run without faults
	tally   map[string]int
}

func newFaultSite(t *testing.T) *faultSite {
	t.Helper()
	o := s3test.Start(t).Bucket(t)
	o.Prefix = "parvis"
	p := s3test.StartHTTPProxy(t, o.Endpoint)
	s := &faultSite{crashSite: newCrashSite(t, s3test.Open(t, o), storeOf(o)...), proxy: p, tally: map[string]int{}}
	o.Endpoint = p.Address
	s.through = storeOf(o)
	s.measure(func() (int, string) { return s.command(s.through, crashCommands["publish"]...) })
	return s
}

// measure notes the requests of a run that publishes without faults.
func (s *faultSite) measure(run func() (code int, log string)) {
	s.t.Helper()
	s.next()
	s.proxy.Set(func(r *http.Request) s3test.Fault {
		s.usual = append(s.usual, &http.Request{Method: r.Method, ContentLength: r.ContentLength})
		return nil
	})
	if code, log := run(); code != exitDone {
		s.t.Fatalf("exit %d:\n%s", code, log)
	}
	s.proxy.Set(nil)
}

// storeOf is the environment that leads to a store.
func storeOf(o objects.S3Options) []string {
	return []string{"PARVIS_STORE=" + address(o), "PARVIS_S3_ENDPOINT=" + o.Endpoint, "PARVIS_S3_ACCESS_KEY=" + o.AccessKey, "PARVIS_S3_SECRET_KEY=" + o.SecretKey}
}

// pointer is what is served.
func (s *faultSite) pointer() release.Current {
	s.t.Helper()
	c, _, err := release.NewArchive(s.store).Current(s.t.Context(), catalogue)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// whole checks that the served release is, and returns the price in it.
func (s *faultSite) whole(c release.Current) int {
	s.t.Helper()
	archive := release.NewArchive(s.store)
	e, err := archive.Entry(s.t.Context(), catalogue, c.Release)
	if err != nil || e.State != release.Served {
		s.t.Fatalf("serves %s, which is %s: %v", c.Release, e.State, err)
	}
	if faults, err := archive.Verify(s.t.Context(), e.Manifest); err != nil || len(faults) > 0 {
		s.t.Fatalf("%s is not whole: %v, %v", c.Release, faults, err)
	}
	csv, err := archive.Document(s.t.Context(), e.Manifest, catalogue+".csv")
	if err != nil {
		s.t.Fatal(err)
	}
	for price := s.price; price > 1000; price-- {
		if strings.Contains(string(csv), strconv.Itoa(price)+".00") {
			return price
		}
	}
	s.t.Fatalf("no price in\n%s", csv)
	return 0
}

// meets runs a program that publishes while requests go wrong, and checks what it leaves.
func (s *faultSite) meets(f faultCase, run func() (code int, log string)) {
	t := s.t
	before, price := s.pointer(), s.price
	s.next()
	f.spoil(s.proxy, s.usual)
	code, log := run()
	s.proxy.Set(nil)
	after := s.pointer()
	served := s.whole(after)
	switch {
	case code != exitDone && code != exitFailure:
		t.Errorf("exit %d:\n%s", code, log)
	case code == exitDone && served != s.price, served != s.price && served != price:
		t.Errorf("exit %d, serves price %d, was %d, published %d:\n%s", code, served, price, s.price, log)
	case len(after.History) > len(before.History)+1 || !slices.Equal(after.History[:len(before.History)], before.History):
		t.Errorf("served before %v, after %v", before.History, after.History)
	case !slices.IsSorted(after.History):
		t.Errorf("releases do not sort as they were served: %v", after.History)
	}
	if code == exitDone {
		s.tally["published"]++
	} else {
		s.tally["failed and repeated"]++
	}
	s.run(crashCommands["publish"]...)
	if served := s.whole(s.pointer()); served != s.price {
		t.Errorf("the next run serves price %d, want %d; the one before said:\n%s", served, s.price, log)
	}
	s.ended()
}

// ended checks that no run is recorded as if it went on.
func (s *faultSite) ended() {
	s.t.Helper()
	runs, err := (&jobs.Ledger{Store: s.store}).Runs(s.t.Context(), "catalogue", 3)
	if err != nil || len(runs) == 0 {
		s.t.Fatalf("%+v, %v", runs, err)
	}
	for _, run := range runs {
		if run.Outcome == jobs.Running {
			s.t.Errorf("run %d is recorded as if it went on", run.Run)
		}
	}
}

// command runs the program to its end, with more in its environment, which wins.
func (s *faultSite) command(more []string, args ...string) (code int, log string) {
	s.t.Helper()
	own := *s.crashSite
	own.environ = slices.Concat(s.environ, more)
	cmd, lines := own.start(args...)
	var all strings.Builder
	for lines.Scan() {
		all.WriteString(lines.Text() + "\n")
	}
	_ = cmd.Wait()
	return cmd.ProcessState.ExitCode(), all.String()
}

// each runs the cases as tests of their own.
func (s *faultSite) each(t *testing.T, cases []faultCase, run func() (code int, log string)) {
	for _, f := range cases {
		t.Run(fmt.Sprintf("%d %s", f.seed, f), func(t *testing.T) {
			s.t = t
			s.meets(f, run)
		})
	}
	t.Logf("%d cases over %d requests each: %v", len(cases), len(s.usual), s.tally)
}

// TestFaultsOfTheStore: whatever happens to the requests of a publication, the served
// release is whole, no older one is served over a newer, and the next run publishes.
func TestFaultsOfTheStore(t *testing.T) {
	t.Parallel()
	t.Run("stalls", func(t *testing.T) {
		if testing.Short() {
			t.Skip("each stall lasts for a minute")
		}
		t.Parallel()
		s := newFaultSite(t)
		cases := faultCases(t, stalls, len(stalls))
		if os.Getenv(soakFaults) == "" { // one each: five would take minutes
			for i := range cases {
				cases[i].spread = faultSpreads[0]
			}
		}
		s.each(t, cases, func() (int, string) { return s.command(s.through, crashCommands["publish"]...) })
	})
	t.Run("publish", func(t *testing.T) {
		t.Parallel()
		s := newFaultSite(t)
		s.each(t, faultCases(t, faultKinds, len(faultKinds)), func() (int, string) { return s.command(s.through, crashCommands["publish"]...) })
	})
	t.Run("jobs run", func(t *testing.T) {
		t.Parallel()
		s := newFaultSite(t)
		s.each(t, faultCases(t, faultKinds, 5), func() (int, string) { return s.command(s.through, "jobs", "run", "catalogue") })
	})
}

// TestFaultsOfTheHub: an extract in object storage that is hard to read is read whole, or
// not at all. A byte that is changed on its way nothing tells: the extract has no digest.
func TestFaultsOfTheHub(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	o := server.Bucket(t)
	extracts := s3test.Open(t, o)
	p := s3test.StartHTTPProxy(t, o.Endpoint)
	store := server.Bucket(t)
	store.Prefix = "parvis"
	s := &faultSite{crashSite: newCrashSite(t, s3test.Open(t, store), storeOf(store)...), proxy: p, tally: map[string]int{}}
	hub := func(endpoint string) []string {
		return []string{"PARVIS_HUB_S3_ENDPOINT=" + endpoint, "PARVIS_HUB_S3_ACCESS_KEY=" + o.AccessKey, "PARVIS_HUB_S3_SECRET_KEY=" + o.SecretKey}
	}
	kinds := slices.DeleteFunc(reading(), func(k faultKind) bool { return k.name == "corrupted answer" })
	run := func() (int, string) {
		here := s.hub
		defer func() { s.hub = here }()
		s.hub = fmt.Sprintf("s3://%s/%d", o.Bucket, s.price)
		for _, e := range extractOf(t, here) {
			if _, err := extracts.Put(t.Context(), fmt.Sprintf("%d/%s", s.price, e.name), strings.NewReader(e.text), int64(len(e.text))); err != nil {
				t.Fatal(err)
			}
		}
		return s.command(hub(p.Address), crashCommands["publish"]...)
	}
	s.measure(run)
	s.each(t, faultCases(t, kinds, 5), run)
}

// extractFile is a file of an extract.
type extractFile struct{ name, text string }

func extractOf(t *testing.T, dir string) (all []extractFile) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range names {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, extractFile{filepath.Base(filepath.Dir(path)) + "/" + filepath.Base(path), string(text)})
	}
	return all
}

// TestFaultsOfMeilisearch: a release is served when its index is made, or not at all.
func TestFaultsOfMeilisearch(t *testing.T) {
	at, master := os.Getenv("PARVIS_TEST_MEILI_URL"), os.Getenv("PARVIS_TEST_MEILI_KEY")
	if at == "" || master == "" {
		t.Skip("PARVIS_TEST_MEILI_URL and PARVIS_TEST_MEILI_KEY name no server of Meilisearch and its master key")
	}
	t.Parallel()
	s := newFaultSite(t)
	s.environ = append(s.environ, "PARVIS_SEARCH="+at, "PARVIS_MEILI_KEY="+master)
	s.proxy = s3test.StartHTTPProxy(t, at)
	engine, err := meili.New(meili.Options{URL: at, Key: master})
	if err != nil {
		t.Fatal(err)
	}
	kinds := slices.DeleteFunc(slices.Clone(faultKinds), func(k faultKind) bool { return strings.HasPrefix(k.name, "corrupted") })
	run := func() (int, string) {
		code, log := s.command([]string{"PARVIS_SEARCH=" + s.proxy.Address}, crashCommands["publish"]...)
		if x, err := engine.Open(t.Context(), s.pointer().Release); code == exitDone && err != nil {
			t.Errorf("what is served has no index: %v, %v", x, err)
		}
		return code, log
	}
	s.measure(run)
	s.each(t, faultCases(t, kinds, 8), run)
	if _, err := engine.Prune(t.Context()); err != nil {
		t.Error(err)
	}
}
