package publisher_test

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/objects/s3test"
	"github.com/parvis-opendata/parvis/publisher"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// choice says which requests meet which fault; nil is none.
type choice func(r *http.Request) s3test.Fault

// each lets the requests of some kinds for names with a part meet a fault: the first
// so many of each name, or all if some is 0.
func each(f s3test.Fault, some int, part string, kinds ...s3test.Request) choice {
	met := map[string]int{}
	return func(r *http.Request) s3test.Fault {
		kind := s3test.KindOf(r)
		if !slices.Contains(kinds, kind) || !strings.Contains(r.URL.Path, part) {
			return nil
		}
		key := string(kind) + r.URL.Path
		if met[key]++; some > 0 && met[key] > some {
			return nil
		}
		return f
	}
}

// deaf lets a write be applied and its answer be lost, and breaks every request that
// follows: nobody can find out.
func deaf(part string) choice {
	lost := false
	return func(r *http.Request) s3test.Fault {
		switch {
		case lost:
			return s3test.Reset
		case s3test.KindOf(r) == s3test.PutRequest && strings.Contains(r.URL.Path, part):
			lost = true
			return s3test.Lose
		}
		return nil
	}
}

// all are the kinds of requests that a publication makes.
var all = []s3test.Request{s3test.PutRequest, s3test.GetRequest, s3test.HeadRequest, s3test.ListRequest, s3test.DeleteRequest}

const (
	anyName  = ""
	released = "/datasets/"
	table    = catalogue + ".csv"
	manifest = "manifest.json"
	pointer  = "current.json"
)

// faultCase is what can happen between a publication and object storage.
type faultCase struct {
	name   string
	choose choice
	// want is a part of the error; "" if the publication succeeds all the same.
	want string
	// silent cases last until patience ends, which is then short.
	silent bool
	// flipped: the publication fails, and has moved the pointer all the same.
	flipped bool
}

// storeFaults are made anew for each run, because they count.
func storeFaults() []faultCase {
	return []faultCase{
		{name: "one 500 to each request", choose: each(s3test.Says(500, "InternalError"), 1, anyName, all...)},
		{name: "500 to all requests", choose: each(s3test.Says(500, "InternalError"), 0, anyName, all...), want: "the server failed: see its log"},
		{name: "500 to all writes", choose: each(s3test.Says(500, "InternalError"), 0, anyName, s3test.PutRequest), want: "the server failed: see its log"},
		{name: "500 to the write of an object", choose: each(s3test.Says(500, "InternalError"), 0, table, s3test.PutRequest), want: "store: put datasets/" + catalogue},
		{name: "500 to the manifest", choose: each(s3test.Says(500, "InternalError"), 0, manifest, s3test.PutRequest), want: "store: create datasets/" + catalogue},
		{name: "500 to the pointer", choose: each(s3test.Says(500, "InternalError"), 0, pointer, s3test.PutRequest), want: "flip: flip pointer of " + catalogue},
		{name: "one overload at each request", choose: each(s3test.Says(503, "SlowDown"), 1, anyName, all...)},
		{name: "always overloaded", choose: each(s3test.Says(503, "SlowDown"), 0, anyName, all...), want: "the server is overloaded: wait"},
		{name: "a gateway in front is broken", choose: each(s3test.Plain(502), 0, anyName, s3test.PutRequest), want: "the server failed"},
		{name: "each answer stops once in its middle", choose: each(s3test.Cut(20), 1, anyName, s3test.GetRequest, s3test.ListRequest)},
		{name: "answers always stop in their middle", choose: each(s3test.Cut(20), 0, pointer, s3test.GetRequest), want: "open datasets/" + catalogue + "/current.json"},
		{name: "each request stops once in its middle", choose: each(s3test.Truncate, 1, anyName, s3test.PutRequest)},
		{name: "an object never arrives whole", choose: each(s3test.Truncate, 0, table, s3test.PutRequest), want: "store: put datasets/" + catalogue},
		{name: "silence once in each answer", silent: true, choose: each(s3test.Stall(20), 1, "quality.json", s3test.GetRequest)},
		{name: "silence in place of answers", silent: true, choose: each(s3test.Hold, 0, table, s3test.PutRequest), want: "the server does not answer"},
		{name: "the pointer is not answered", silent: true, choose: each(s3test.HoldDone, 0, pointer, s3test.PutRequest)},
		{name: "each connection breaks once", choose: each(s3test.Reset, 1, anyName, all...)},
		{name: "connections always break", choose: each(s3test.Reset, 0, anyName, all...), want: "the connection broke"},
		{name: "an answer about an object is lost", choose: each(s3test.Lose, 1, table, s3test.PutRequest)},
		{name: "an answer about the manifest is lost", choose: each(s3test.Lose, 1, manifest, s3test.PutRequest)},
		{name: "an answer about the pointer is lost", choose: each(s3test.Lose, 1, pointer, s3test.PutRequest)},
		{name: "all answers to writes are lost", choose: each(s3test.Lose, 0, released, s3test.PutRequest)},
		{name: "the pointer is written, and cannot be looked at", choose: each2(each(s3test.Lose, 0, pointer, s3test.PutRequest), each(s3test.Reset, 0, pointer, s3test.HeadRequest))},
		{name: "an object is written, and nobody can find out", choose: deaf(table), want: "read to know"},
		{name: "the manifest is written, and nobody can find out", choose: deaf(manifest), want: "read to know"},
		{name: "the pointer is written, and nobody can find out", flipped: true, choose: deaf(pointer), want: "read to know"},
		{name: "no right to write", choose: each(s3test.Says(403, "AccessDenied"), 0, anyName, s3test.PutRequest), want: "access denied: check the key and the policy"},
		{name: "no right to read", choose: each(s3test.Says(403, "AccessDenied"), 0, anyName, s3test.GetRequest), want: "access denied: check the key and the policy"},
		{name: "no right to delete", choose: each(s3test.Says(403, "AccessDenied"), 0, anyName, s3test.DeleteRequest), want: "access denied: check the key and the policy"},
		{name: "no right to move the pointer", choose: each(s3test.Says(403, "AccessDenied"), 0, pointer, s3test.PutRequest), want: "flip: flip pointer of " + catalogue},
		{name: "the storage is full", choose: each(s3test.Says(507, "XMinioStorageFull"), 0, table, s3test.PutRequest), want: "free some space"},
	}
}

// hubFaults are those of an extract.
func hubFaults() []faultCase {
	const file = "sessions/part-1.csv"
	return []faultCase{
		{name: "one 500 to each request", choose: each(s3test.Says(500, "InternalError"), 1, anyName, all...)},
		{name: "500 to a file", choose: each(s3test.Says(500, "InternalError"), 0, file, s3test.GetRequest), want: "the server failed"},
		{name: "overloaded", choose: each(s3test.Says(503, "SlowDown"), 0, file, s3test.GetRequest), want: "overloaded"},
		{name: "each file stops once in its middle", choose: each(s3test.Cut(40), 1, ".csv", s3test.GetRequest)},
		{name: "a file always stops in its middle", choose: each(s3test.Cut(40), 0, file, s3test.GetRequest), want: "copy " + file},
		{name: "a file goes silent in its middle", silent: true, choose: each(s3test.Stall(40), 0, file, s3test.GetRequest), want: "copy " + file},
		{name: "each connection breaks once", choose: each(s3test.Reset, 1, anyName, all...)},
		{name: "connections break", choose: each(s3test.Reset, 0, file, s3test.GetRequest), want: "the connection broke"},
		{name: "the list stops in its middle", choose: each(s3test.Cut(40), 0, anyName, s3test.ListRequest), want: "list hub extract"},
		{name: "no right to list", choose: each(s3test.Says(403, "AccessDenied"), 0, anyName, s3test.ListRequest), want: "access denied: check the key"},
		{name: "no right to read", choose: each(s3test.Says(403, "AccessDenied"), 0, file, s3test.GetRequest), want: "access denied: check the key"},
	}
}

// each2 is one choice, else another.
func each2(a, b choice) choice {
	return func(r *http.Request) s3test.Fault {
		if f := a(r); f != nil {
			return f
		}
		return b(r)
	}
}

// served is a store in which a release is served, to be copied for each case.
type served struct {
	store   objects.Store
	release string
}

func newServed(t *testing.T) served {
	t.Helper()
	b := newBench(t, hubtest.Extract(t, nil))
	return served{release: b.publish(t).Release, store: b.Store}
}

// copyTo makes another store serve the same.
func (s served) copyTo(t *testing.T, to objects.Store) {
	t.Helper()
	for info, err := range s.store.List(t.Context(), "datasets/") {
		if err != nil {
			t.Fatal(err)
		}
		data, _, err := objects.ReadAll(t.Context(), s.store, info.Name, 1<<20)
		if err == nil {
			_, err = to.Put(t.Context(), info.Name, bytes.NewReader(data), info.Size)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// nextExtract is an extract of another content than the served release has.
func nextExtract(t *testing.T) string {
	t.Helper()
	return hubtest.Extract(t, map[string][]hubtest.Record{"actions": {hubtest.Rec("actions", "frais_ttc=1200.00")}})
}

// faultBench is a bench before the next publication, with a proxy in front of its
// store or of its hub.
type faultBench struct {
	*bench
	proxy  *s3test.Proxy
	served string
	mend   func() // takes the proxy out of the way
}

// throughProxy opens a bucket directly and through a proxy.
func throughProxy(t *testing.T, o objects.S3Options, silent bool) (proxy *s3test.Proxy, direct, spoilt *objects.S3) {
	t.Helper()
	direct = s3test.Open(t, o)
	proxy, o = s3test.StartProxy(t, o)
	if o.Patience.Attempts = 3; silent {
		o.Patience.Answer = time.Second
	}
	return proxy, direct, s3test.Open(t, o)
}

func newStoreFaultBench(t *testing.T, server *s3test.Server, before served, silent bool) *faultBench {
	t.Helper()
	o := server.Bucket(t)
	o.Prefix = "parvis"
	proxy, direct, spoilt := throughProxy(t, o, silent)
	before.copyTo(t, direct)
	b := newBench(t, nextExtract(t))
	b.now = b.now.Add(time.Hour)
	b.Store, b.archive = spoilt, release.NewArchive(direct)
	return &faultBench{bench: b, proxy: proxy, served: before.release, mend: func() { b.Store = direct }}
}

func newHubFaultBench(t *testing.T, server *s3test.Server, before served, silent bool) *faultBench {
	t.Helper()
	proxy, direct, spoilt := throughProxy(t, server.Bucket(t), silent)
	extract := nextExtract(t)
	hubtest.Upload(t, direct, extract)
	b := newBench(t, extract)
	b.now = b.now.Add(time.Hour)
	before.copyTo(t, b.Store)
	b.Hub = hub.NewObjects(spoilt, "s3://hub")
	return &faultBench{bench: b, proxy: proxy, served: before.release, mend: func() { b.Hub = hub.NewObjects(direct, "s3://hub") }}
}

// meets publishes while faults happen, and checks what it came to; then publishes
// without faults.
func (b *faultBench) meets(t *testing.T, c faultCase) {
	t.Helper()
	b.proxy.Set(c.choose)
	res, err := b.Publish(t.Context(), publisher.Request{Dataset: catalogue})
	b.proxy.Set(nil)
	now := b.wholeServed(t)
	switch {
	case c.want == "" && err != nil:
		t.Errorf("error %v", err)
	case c.want == "":
		if now != res.Release || now == b.served {
			t.Errorf("serves %s after %+v", now, res)
		}
	default:
		b.failed(t, err, c.want)
		if c.flipped == (now == b.served) {
			t.Errorf("serves %s, and before %s", now, b.served)
		}
	}
	b.publishesAgain(t)
}

// failed checks that a publication failed because something could not be reached, in
// one line that says what to do, and refused nothing.
func (b *faultBench) failed(t *testing.T, err error, want string) {
	t.Helper()
	var refused *publisher.RefusedError
	if !errors.Is(err, objects.ErrUnavailable) || errors.As(err, &refused) {
		t.Fatalf("error %v", err)
	}
	if text := err.Error(); !strings.Contains(text, want) || !strings.HasPrefix(text, "publish "+catalogue+": ") || strings.Contains(text, "\n") {
		t.Errorf("error %q, want it to say %q", text, want)
	}
	if _, err := os.Stat(filepath.Join(b.root, "work", "run-"+catalogue)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the private directory is still there: %v", err)
	}
}

// publishesAgain checks that a publication without faults serves the next content,
// whatever the one before left.
func (b *faultBench) publishesAgain(t *testing.T) {
	t.Helper()
	b.mend()
	res := b.publish(t)
	if now := b.wholeServed(t); now != res.Release || now == b.served {
		t.Errorf("serves %s after %+v", now, res)
	}
	if rows := b.rows(t, res.Release); rows[0]["frais_ttc_tot_mean"] != "1200.00" {
		t.Errorf("serves %v", rows)
	}
}

func TestPublicationSurvivesFaultsOfTheStore(t *testing.T) {
	server, before := s3test.Start(t), newServed(t)
	for _, c := range storeFaults() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			newStoreFaultBench(t, server, before, c.silent).meets(t, c)
		})
	}
}

func TestPublicationSurvivesFaultsOfTheHub(t *testing.T) {
	server, before := s3test.Start(t), newServed(t)
	for _, c := range hubFaults() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			newHubFaultBench(t, server, before, c.silent).meets(t, c)
		})
	}
}

func TestPublicationToAStoreThatIsGone(t *testing.T) {
	b := newStoreFaultBench(t, s3test.Start(t), newServed(t), false)
	b.Progress = func(_ string, step publisher.Step, _ string) {
		if step == publisher.StepStore {
			b.proxy.Stop()
		}
	}
	_, err := b.Publish(t.Context(), publisher.Request{Dataset: catalogue})
	b.failed(t, err, "cannot reach the host, check the endpoint, the network and whether the server runs")
	if now := b.wholeServed(t); now != b.served {
		t.Errorf("serves %s, want %s", now, b.served)
	}
	b.Progress = nil
	b.publishesAgain(t)
}

// TestExtractThatIsBeingReplacedIsRefused: a file that changes between its listing
// and its reading is half an extract.
func TestExtractThatIsBeingReplacedIsRefused(t *testing.T) {
	const file = "sessions/part-1.csv"
	b := newBench(t, hubtest.Extract(t, nil))
	before := b.publish(t).Release
	store := s3test.Open(t, s3test.Start(t).Bucket(t))
	hubtest.Upload(t, store, nextExtract(t))
	b.Hub = hub.NewObjects(store, "s3://hub")
	b.Progress = func(_ string, step publisher.Step, detail string) {
		if step == publisher.StepRead && strings.HasSuffix(detail, file) {
			if _, err := store.Put(t.Context(), file, strings.NewReader("another"), -1); err != nil {
				t.Error(err)
			}
		}
	}
	_, err := b.Publish(t.Context(), publisher.Request{Dataset: catalogue})
	var refused *publisher.RefusedError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), file+": the file changed while it was read") {
		t.Errorf("error %v", err)
	}
	if now := b.wholeServed(t); now != before {
		t.Errorf("serves %s, want %s", now, before)
	}
}
