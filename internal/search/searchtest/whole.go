package searchtest

import (
	"errors"
	"reflect"
	"testing"

	"github.com/parvis-opendata/parvis/internal/search"
)

func isQuery(err error) bool { return errors.Is(err, search.ErrQuery) }

// testWhole checks that a hit is the document that was given.
func testWhole(t *testing.T, x search.Index) {
	a := ask(t, x, search.Query{Text: "oenologie"})
	if len(a.Hits) != 1 || !reflect.DeepEqual(a.Hits[0].Document, Shelf()[11]) {
		t.Errorf("found %+v", a.Hits)
	}
}

// testBroken checks that an index is whole or is not.
func testBroken(t *testing.T, e search.Engine) {
	broken := errors.New("broken")
	x, err := e.Build(t.Context(), "broken", func(yield func(search.Document, error) bool) {
		if yield(Shelf()[0], nil) {
			yield(search.Document{}, broken)
		}
	})
	if !errors.Is(err, broken) || x != nil {
		t.Errorf("an index of documents that cannot be read: %v, %v", x, err)
	}
	again, err := e.Build(t.Context(), "broken", sequence(Shelf()))
	if err != nil {
		t.Fatalf("after a failure: %v", err)
	}
	first(t, again, search.Query{Text: "patissier"}, 3)
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func testEmpty(t *testing.T, e search.Engine) {
	x, err := e.Build(t.Context(), "empty", sequence(nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "boulanger", "lyon"} {
		if a := ask(t, x, search.Query{Text: text, Facets: search.Facets}); a.Total != 0 {
			t.Errorf("%q finds %d", text, a.Total)
		}
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
}
