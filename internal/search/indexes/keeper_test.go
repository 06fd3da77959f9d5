package indexes_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/internal/search/indexes"
	"github.com/parvis-opendata/parvis/internal/serving"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// shop is a catalogue whose releases come and go, and an engine whose indexes find the
// release that they are of.
type shop struct {
	mu      sync.Mutex
	changed chan struct{}
	served  string
	gone    map[string]bool
	lent    int // editions that were not released

	makes time.Duration // how long it takes to make an index
	fails error
	made  []string
	open  map[string]bool // indexes that are not closed
}

func newShop() *shop {
	return &shop{changed: make(chan struct{}), gone: map[string]bool{}, open: map[string]bool{}, makes: 10 * time.Second}
}

// serve makes a release the served one; none if empty.
func (s *shop) serve(release string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.served = release
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *shop) withdraw(release string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gone[release] = true
}

func (s *shop) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails = err
}

// slow sets how long it takes to make an index.
func (s *shop) slow(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.makes = d
}

func (s *shop) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

func (s *shop) Served(context.Context) (indexes.Edition, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.served == "" {
		return nil, serving.ErrUnpublished
	}
	s.lent++
	return &edition{s, s.served}, nil
}

func (s *shop) Check(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone[id] {
		return &serving.GoneError{Entry: release.Entry{State: release.Withdrawn}}
	}
	return nil
}

type edition struct {
	shop    *shop
	release string
}

func (e *edition) ReleaseID() string   { return e.release }
func (e *edition) Modified() time.Time { return time.Unix(0, 0) }
func (e *edition) Synthetic() bool     { return true }
func (e *edition) Documents(context.Context) iter.Seq2[search.Document, error] {
	return func(yield func(search.Document, error) bool) { yield(search.Document{Numero: e.release}, nil) }
}

func (e *edition) Release() {
	e.shop.mu.Lock()
	defer e.shop.mu.Unlock()
	e.shop.lent--
}

// Build makes an index in a while.
func (s *shop) Build(ctx context.Context, name string, documents iter.Seq2[search.Document, error]) (search.Index, error) {
	s.mu.Lock()
	wait := time.After(s.makes)
	s.mu.Unlock()
	select {
	case <-wait:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails != nil {
		return nil, s.fails
	}
	for d, err := range documents {
		if err != nil {
			return nil, err
		}
		s.made, s.open[name] = append(s.made, d.Numero), true
		return &index{shop: s, name: name, release: d.Numero}, nil
	}
	return nil, errors.New("no document")
}

type index struct {
	shop          *shop
	name, release string
}

func (x *index) Search(ctx context.Context, _ search.Query) (search.Answer, error) {
	x.shop.mu.Lock()
	defer x.shop.mu.Unlock()
	if !x.shop.open[x.name] {
		panic("a closed index is searched")
	}
	return search.Answer{Total: 1, Hits: []search.Hit{{Document: search.Document{Numero: x.release}}}}, ctx.Err()
}

func (x *index) Suggest(context.Context, string, int) ([]string, error) {
	return []string{x.release}, nil
}

func (x *index) Close() error {
	x.shop.mu.Lock()
	defer x.shop.mu.Unlock()
	delete(x.shop.open, x.name)
	return nil
}

// opened are the releases of the indexes that are open.
func (s *shop) opened() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []string{}
	for name := range s.open {
		all = append(all, name[:1])
	}
	slices.Sort(all)
	return all
}

// in runs a test with a keeper over a shop, in time of its own. At the end everything has
// been given back.
func in(t *testing.T, test func(t *testing.T, s *shop, k *indexes.Keeper)) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop()
		k, err := indexes.Open(t.Context(), indexes.Options{Catalogue: s, Make: indexes.Built(s), Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		test(t, s, k)
		if err := k.Close(); err != nil {
			t.Error(err)
		}
		if _, err := k.Acquire(t.Context()); err == nil {
			t.Error("a closed keeper lends")
		}
		if s.lent != 0 || len(s.open) > 0 {
			t.Errorf("%d editions and the indexes %v were not given back", s.lent, s.open)
		}
	})
}

// after lets time pass.
func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// finds checks which release is searched; none if empty.
func finds(t *testing.T, k *indexes.Keeper, want string, behind bool) {
	t.Helper()
	l, err := k.Acquire(t.Context())
	if want == "" {
		if err == nil {
			t.Errorf("release %s is searched", l.Release)
			l.GiveBack()
		}
		return
	}
	if err != nil {
		t.Errorf("want release %s: %v", want, err)
		return
	}
	defer l.GiveBack()
	a, err := l.Search(t.Context(), search.Query{})
	if err != nil || a.Hits[0].Numero != want || l.Release != want || l.Behind != behind || !l.Synthetic || l.Modified.IsZero() {
		t.Errorf("found %v, %v in %s (behind: %t), want %s (behind: %t)", a.Hits, err, l.Release, l.Behind, want, behind)
	}
}

func TestServedReleaseIsSearched(t *testing.T) {
	in(t, func(t *testing.T, s *shop, k *indexes.Keeper) {
		synctest.Wait()
		finds(t, k, "", false)
		s.serve("A")
		after(9 * time.Second)
		finds(t, k, "", false) // half an index is none
		after(2 * time.Second)
		finds(t, k, "A", false)
		s.serve("B")
		after(9 * time.Second)
		finds(t, k, "A", true)
		after(2 * time.Second)
		finds(t, k, "B", false)
		s.serve("")
		synctest.Wait()
		finds(t, k, "", false)
	})
}

func TestRollbackIsAtOnce(t *testing.T) {
	in(t, func(t *testing.T, s *shop, k *indexes.Keeper) {
		for _, release := range []string{"A", "B", "C"} {
			s.serve(release)
			after(11 * time.Second)
		}
		if got := s.opened(); !slices.Equal(got, []string{"B", "C"}) {
			t.Errorf("open are %v", got)
		}
		s.serve("B")
		finds(t, k, "B", false) // before anything else runs
		synctest.Wait()
		s.serve("C")
		synctest.Wait()
		finds(t, k, "C", false)
		s.serve("A")
		after(11 * time.Second)
		finds(t, k, "A", false)
		if !slices.Equal(s.made, []string{"A", "B", "C", "A"}) {
			t.Errorf("made are %v", s.made)
		}
	})
}

// TestWithdrawnIsNotFound: neither while its successor has no index, nor as the release
// before.
func TestWithdrawnIsNotFound(t *testing.T) {
	in(t, func(t *testing.T, s *shop, k *indexes.Keeper) {
		s.serve("A")
		after(11 * time.Second)
		s.serve("B")
		after(11 * time.Second)
		s.withdraw("B")
		s.serve("C")
		finds(t, k, "", false)
		synctest.Wait()
		finds(t, k, "", false) // A was served before B, and not since
		if got := s.opened(); !slices.Equal(got, []string{"A"}) {
			t.Errorf("open are %v", got)
		}
		after(11 * time.Second)
		finds(t, k, "C", false)
		s.withdraw("A")
		after(16 * time.Second)
		if got := s.opened(); !slices.Equal(got, []string{"C"}) {
			t.Errorf("open are %v", got)
		}
	})
}

// TestWithdrawnWhileItsSuccessorIsMade: the one who asks finds out first.
func TestWithdrawnWhileItsSuccessorIsMade(t *testing.T) {
	in(t, func(t *testing.T, s *shop, k *indexes.Keeper) {
		s.serve("A")
		after(11 * time.Second)
		s.serve("B")
		after(time.Second)
		finds(t, k, "A", true)
		s.withdraw("A")
		finds(t, k, "", false)
		synctest.Wait()
		if got := s.opened(); len(got) > 0 {
			t.Errorf("open are %v", got)
		}
	})
}

func TestIndexInUseIsClosedAfterTheLastSearch(t *testing.T) {
	in(t, func(t *testing.T, s *shop, k *indexes.Keeper) {
		s.serve("A")
		after(11 * time.Second)
		l, err := k.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s.withdraw("A")
		s.serve("B")
		after(11 * time.Second)
		if a, err := l.Search(t.Context(), search.Query{}); err != nil || a.Hits[0].Numero != "A" {
			t.Errorf("%v, %v", a, err)
		}
		l.GiveBack()
		l.GiveBack()
		synctest.Wait()
		if got := s.opened(); !slices.Equal(got, []string{"B"}) {
			t.Errorf("open are %v", got)
		}
	})
}

// TestObsoleteIndexIsNotMade: what is served meanwhile comes first.
func TestObsoleteIndexIsNotMade(t *testing.T) {
	in(t, func(t *testing.T, s *shop, k *indexes.Keeper) {
		s.serve("A")
		after(11 * time.Second)
		for _, release := range []string{"B", "C", "D"} {
			s.serve(release)
			after(5 * time.Second)
			finds(t, k, "A", true)
		}
		after(6 * time.Second)
		finds(t, k, "D", false)
		if !slices.Equal(s.made, []string{"A", "D"}) {
			t.Errorf("made are %v", s.made)
		}
	})
}

func TestFailureIsTriedAgain(t *testing.T) {
	in(t, func(t *testing.T, s *shop, k *indexes.Keeper) {
		down := errors.New("down")
		s.slow(0)
		s.serve("A")
		synctest.Wait()
		s.fail(down)
		s.serve("B")
		after(10 * time.Minute)
		finds(t, k, "A", true)
		if st := k.State(t.Context()); st.Release != "A" || !st.Behind || st.Err != nil || !errors.Is(st.Failure, down) {
			t.Errorf("%+v", st)
		}
		s.withdraw("A")
		after(16 * time.Second)
		if _, err := k.Acquire(t.Context()); !errors.Is(err, indexes.ErrNotReady) || !errors.Is(err, down) {
			t.Errorf("error %v", err)
		}
		if st := k.State(t.Context()); st.Release != "" || !errors.Is(st.Err, down) {
			t.Errorf("%+v", st)
		}
		s.slow(10 * time.Second)
		s.serve("C")
		after(time.Second)
		if _, err := k.Acquire(t.Context()); !errors.Is(err, indexes.ErrNotReady) || errors.Is(err, down) {
			t.Errorf("the failure of another release is told: %v", err)
		}
		s.slow(0)
		after(10 * time.Second)
		s.fail(nil)
		s.serve("B")
		after(time.Minute)
		finds(t, k, "B", false)
		if st := k.State(t.Context()); st.Release != "B" || st.Err != nil || st.Behind {
			t.Errorf("%+v", st)
		}
	})
}

// TestRetriesAreFewerAndFewer counts how often an engine that is down is asked.
func TestRetriesAreFewerAndFewer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, times := newShop(), atomic.Int64{}
		s.serve("A")
		k, err := indexes.Open(t.Context(), indexes.Options{Catalogue: s, Log: slog.New(slog.DiscardHandler), Make: func(context.Context, indexes.Edition) (search.Index, error) {
			times.Add(1)
			return nil, errors.New("down")
		}})
		if err != nil {
			t.Fatal(err)
		}
		after(time.Minute)
		if n := times.Swap(0); n < 5 || n > 8 {
			t.Errorf("%d times in the first minute", n)
		}
		after(10 * time.Minute)
		if n := times.Load(); n < 9 || n > 11 {
			t.Errorf("%d times in ten minutes", n)
		}
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
}

// opener has the indexes that a publisher made.
type opener struct{ *shop }

func (o opener) Open(_ context.Context, release string) (search.Index, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.open[release] = true
	return &index{o.shop, release, release}, nil
}

func TestIndexThatIsThereIsOpened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop()
		k, err := indexes.Open(t.Context(), indexes.Options{Catalogue: s, Make: indexes.Opened(opener{s}), Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		s.serve("A")
		synctest.Wait()
		finds(t, k, "A", false)
		if err := k.Close(); err != nil || len(s.open) > 0 || s.lent > 0 {
			t.Errorf("%v, %v, %d", err, s.open, s.lent)
		}
	})
}

func TestCloseWhileAnIndexIsMade(t *testing.T) {
	in(t, func(_ *testing.T, s *shop, _ *indexes.Keeper) {
		s.serve("A")
		after(time.Second)
	})
}

// TestSearchesDuringSwaps: whoever searches all the time always finds one whole release.
func TestSearchesDuringSwaps(t *testing.T) {
	in(t, func(t *testing.T, s *shop, k *indexes.Keeper) {
		s.slow(time.Millisecond)
		s.serve("A")
		after(time.Second)
		ctx, stop := context.WithCancel(t.Context())
		var clients sync.WaitGroup
		for range 8 {
			clients.Go(func() {
				for ctx.Err() == nil {
					l, err := k.Acquire(t.Context())
					if err != nil {
						t.Error(err)
						return
					}
					time.Sleep(time.Millisecond)
					a, err := l.Search(t.Context(), search.Query{})
					if err != nil || a.Hits[0].Numero != l.Release {
						t.Errorf("%v, %v of %s", a, err, l.Release)
					}
					l.GiveBack()
				}
			})
		}
		for i := range 300 {
			s.serve(string(rune('A' + i%7)))
			time.Sleep(time.Duration(i%5) * time.Millisecond)
		}
		stop()
		clients.Wait()
	})
}

func TestDirectoryIsEmptied(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "indexes")
	if err := os.MkdirAll(filepath.Join(dir, "left"), 0o700); err != nil {
		t.Fatal(err)
	}
	k, err := indexes.Open(t.Context(), indexes.Options{Catalogue: newShop(), Make: indexes.Built(newShop()), Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
	if err := k.Close(); err != nil {
		t.Error(err)
	}
	if err := k.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the directory: %v", err)
	}
}

func TestOptionsAreNeeded(t *testing.T) {
	if _, err := indexes.Open(t.Context(), indexes.Options{}); err == nil {
		t.Error("opened without a catalogue")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	o := indexes.Options{Catalogue: newShop(), Make: indexes.Built(newShop()), Dir: filepath.Join(file, "below"), Log: slog.New(slog.DiscardHandler)}
	if _, err := indexes.Open(t.Context(), o); err == nil {
		t.Error(fmt.Sprint("opened in ", o.Dir))
	}
}
