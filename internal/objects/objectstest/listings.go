package objectstest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/parvis-opendata/parvis/internal/objects"
)

var listings = []outcome{
	{"an empty store lists nothing", func(t *testing.T, s objects.Store) {
		wantNames(t, s, "")
		wantNames(t, s, "a")
		wantNames(t, s, "a/")
	}},
	{"a listing is in byte order and keeps to its prefix", func(t *testing.T, s objects.Store) {
		for _, name := range inOrder {
			mustPut(t, s, name, []byte(name))
		}
		for _, prefix := range []string{
			"", "a", "a-", "a/", "a/b", "a/b/", "a/b/c", "a0", "a0x", "B", "b/", "b/e", "b/é", "c", "c/d", "c/d/e/f", "none", "none/", ".", "..",
		} {
			t.Run("prefix "+prefix, func(t *testing.T) {
				without := func(name string) bool { return !strings.HasPrefix(name, prefix) }
				want := slices.DeleteFunc(slices.Clone(inOrder), without)
				if len(want) == 0 {
					want = nil
				}
				wantNames(t, s, prefix, want...)
			})
		}
	}},
	{"a listing can be left early", func(t *testing.T, s objects.Store) {
		for _, name := range inOrder {
			mustPut(t, s, name, nil)
		}
		var got []string
		for info, err := range s.List(t.Context(), "") {
			if err != nil {
				t.Fatal(err)
			}
			if got = append(got, info.Name); len(got) == 6 {
				break
			}
		}
		if !slices.Equal(got, inOrder[:6]) {
			t.Errorf("got %q, want %q", got, inOrder[:6])
		}
	}},
	{"a listing stops when its context is cancelled", func(t *testing.T, s objects.Store) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		mustPut(t, s, "a", nil)
		for info, err := range s.List(ctx, "") {
			if err == nil {
				t.Fatalf("yields %q", info.Name)
			}
			wantError(t, err, context.Canceled)
		}
	}},
	{"thousands of objects are listed in order", thousands},
	{"an object that stays is listed while others come and go", comeAndGo},
}

// inOrder are names in byte order. A slash sorts between the dot and the zero, a folder does not sort as its name
// does, and in UTF-16 the last two would change places.
var inOrder = []string{
	".hidden", "A", "B/x", "_", "a b", "a-b", "a-c/d", "a.b", "a/b", "a0", "a1/x", "aa/b-c", "aa/b/c", "aa/b/d", "aa/b0",
	"b/e", "b/ea", "b/f", "b/é", "b/～", "b/🚲", "c/d/e/f",
}

func thousands(t *testing.T, s objects.Store) {
	const count, writers = 2500, 16
	want := make([]string, count)
	for i := range want {
		want[i] = fmt.Sprintf("many/%02d/%05d.csv", i/1000, i)
	}
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := w; i < count; i += writers {
				if _, err := s.Create(t.Context(), want[i], []byte("x")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	wantNames(t, s, "", want...)
	wantNames(t, s, "many/01/", want[1000:2000]...)
	wantNames(t, s, "many/01/012", want[1200:1300]...)
}

func comeAndGo(t *testing.T, s objects.Store) {
	mustPut(t, s, "d/m/stays", nil)
	done := make(chan struct{})
	var group sync.WaitGroup
	for _, name := range []string{"d/a/x", "d/m/x", "d/z/x"} {
		group.Go(func() {
			for range 30 {
				if err := put.call(t.Context(), s, name); err != nil {
					t.Error(err)
				}
				if err := s.Delete(t.Context(), name); err != nil {
					t.Error(err)
				}
			}
		})
	}
	go func() { group.Wait(); close(done) }()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		wantStays(t, s)
	}
	wantNames(t, s, "", "d/m/stays")
}

func wantStays(t *testing.T, s objects.Store) {
	t.Helper()
	var got []string
	for info, err := range s.List(t.Context(), "d/") {
		if err != nil {
			t.Errorf("list: %v", err)
			continue
		}
		got = append(got, info.Name)
	}
	if !slices.Contains(got, "d/m/stays") || !slices.IsSorted(got) {
		t.Errorf("got %q", got)
	}
}
