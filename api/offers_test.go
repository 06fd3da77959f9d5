package api_test

import (
	"context"
	"iter"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/api"
	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/internal/search/embedded"
	"github.com/parvis-opendata/parvis/internal/search/indexes"
	"github.com/parvis-opendata/parvis/internal/search/searchtest"
	"github.com/parvis-opendata/parvis/internal/serving"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// engines are those that the tests of the search run over.
func engines(t testing.TB) map[string]search.Engine {
	return map[string]search.Engine{"embedded": embedded.Engine{Dir: t.TempDir()}}
}

// everyEngine runs a test over each engine.
func everyEngine(t *testing.T, test func(t *testing.T, e search.Engine)) {
	for name, e := range engines(t) {
		t.Run(name, func(t *testing.T) { test(t, e) })
	}
}

// offers is a catalogue whose releases come and go.
type offers struct {
	mu        sync.Mutex
	changed   chan struct{}
	served    string
	gone      map[string]bool
	documents map[string][]search.Document // by release; those of the shelf if there are none
	held      chan struct{}                // documents are not read before it is closed
}

func newOffers() *offers {
	held := make(chan struct{})
	close(held)
	return &offers{changed: make(chan struct{}), gone: map[string]bool{}, documents: map[string][]search.Document{}, held: held}
}

// serve makes a release the served one.
func (o *offers) serve(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.served = id
	close(o.changed)
	o.changed = make(chan struct{})
}

func (o *offers) withdraw(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.gone[id] = true
}

// hold keeps the next indexes from being made until it is called.
func (o *offers) hold() (release func()) {
	held := make(chan struct{})
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held = held
	return sync.OnceFunc(func() { close(held) })
}

func (o *offers) Changed() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.changed
}

func (o *offers) Served(context.Context) (indexes.Edition, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.served == "" {
		return nil, serving.ErrUnpublished
	}
	documents, ok := o.documents[o.served]
	if !ok {
		documents = searchtest.Shelf()
	}
	return offer{o.served, documents, o.held}, nil
}

func (o *offers) Check(_ context.Context, id string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.gone[id] {
		return &serving.GoneError{Entry: release.Entry{State: release.Withdrawn}}
	}
	return nil
}

// offer is one release.
type offer struct {
	id        string
	documents []search.Document
	held      chan struct{}
}

func (o offer) ReleaseID() string   { return o.id }
func (o offer) Modified() time.Time { return time.Date(2026, 11, 22, 4, 18, 0, 0, time.UTC) }
func (o offer) Synthetic() bool     { return true }
func (o offer) Release()            {}

func (o offer) Documents(ctx context.Context) iter.Seq2[search.Document, error] {
	return func(yield func(search.Document, error) bool) {
		select {
		case <-o.held:
		case <-ctx.Done():
			yield(search.Document{}, ctx.Err())
			return
		}
		for _, d := range o.documents {
			if !yield(d, nil) {
				return
			}
		}
	}
}

const (
	first  = "20261121T041500Z-00000001"
	second = "20261122T041500Z-00000002"
	third  = "20261123T041500Z-00000003"
)

// searching is a server of which a catalogue can be searched.
type searching struct {
	*bench
	offers *offers
	keeper *indexes.Keeper
}

// newSearching serves a first release, and waits until it is searched.
func newSearching(t testing.TB, e search.Engine, change ...func(*api.Options)) *searching {
	t.Helper()
	return newSearchingOf(t, e, searchtest.Shelf(), change...)
}

// newSearchingOf is newSearching of other documents.
func newSearchingOf(t testing.TB, e search.Engine, documents []search.Document, change ...func(*api.Options)) *searching {
	t.Helper()
	s := keep(t, indexes.Built(e), change...)
	s.publish(t, "2026-11-21")
	s.offers.documents[first] = documents
	s.offers.serve(first)
	s.until(t, first)
	return s
}

// keep makes a server over the indexes that are made so.
func keep(t testing.TB, maker indexes.Make, change ...func(*api.Options)) *searching {
	t.Helper()
	s := &searching{offers: newOffers()}
	s.bench = newBench(t, append(slices.Clone(change), func(o *api.Options) {
		var err error
		if s.keeper, err = indexes.Open(t.Context(), indexes.Options{Catalogue: s.offers, Make: maker, Log: o.Log}); err != nil {
			t.Fatal(err)
		}
		o.Search = s.keeper
	})...)
	s.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	t.Cleanup(func() {
		s.CloseClientConnections()
		if err := s.keeper.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// until waits until a release is searched.
func (s *searching) until(t testing.TB, id string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		l, err := s.keeper.Acquire(t.Context())
		if err == nil {
			searched := l.Release
			l.GiveBack()
			if searched == id {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is not searched: %v", id, err)
		}
	}
}
