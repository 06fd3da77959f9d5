package meili_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/internal/search/meili"
	"github.com/parvis-opendata/parvis/internal/search/searchtest"
)

func TestBuildConfiguresThenSendsThenChecksThenMarks(t *testing.T) {
	f, e := newFake(t)
	made, err := e.Ensure(t.Context(), "a", sequence(searchtest.Shelf()))
	if err != nil || !made {
		t.Fatalf("made %v, %v", made, err)
	}
	want := []string{
		"POST /multi-search", "DELETE /indexes/test--a--completions", "DELETE /indexes/test--a", "GET /version",
		"POST /indexes", "PATCH /indexes/test--a/settings", "PUT /indexes/test--a/settings/filterable-attributes",
		"POST /indexes/test--a/documents", "GET /indexes/test--a/stats", "GET /indexes/test--a/documents",
		"POST /indexes", "PATCH /indexes/test--a--completions/settings", "PUT /indexes/test--a--completions/settings/filterable-attributes",
		"POST /indexes/test--a--completions/documents", "GET /indexes/test--a--completions/stats", "POST /indexes/test--a--completions/documents",
	}
	var got []string
	for _, line := range f.log {
		got = append(got, strings.TrimRight(line, "/0123456789"))
	}
	got = slices.Compact(got)
	if !slices.Equal(got, want) {
		t.Errorf("asked for\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	made, err = e.Ensure(t.Context(), "a", func(func(search.Document, error) bool) { t.Error("a finished index is made again") })
	if err != nil || made {
		t.Errorf("made again: %v, %v", made, err)
	}
}

// nothingLeft checks that a failed build left no index.
func nothingLeft(t *testing.T, f *fake) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.indexes) > 0 {
		t.Errorf("left behind: %d indexes", len(f.indexes))
	}
}

func TestFaultsOfTheServer(t *testing.T) {
	refused := func(status int, body string, when func(*http.Request) bool) func(*http.Request) (int, string) {
		return func(r *http.Request) (int, string) {
			if when(r) {
				return status, body
			}
			return 0, ""
		}
	}
	documents := func(r *http.Request) bool {
		return strings.HasSuffix(r.URL.Path, "/documents") && r.Method == http.MethodPost
	}
	for name, c := range map[string]struct {
		set  func(*fake)
		kind error
		says string
	}{
		"too old":      {func(f *fake) { f.version = "1.3.4" }, meili.ErrTooOld, "upgrade it to 1.40"},
		"no version":   {func(f *fake) { f.version = "" }, search.ErrUnavailable, "PARVIS_SEARCH"},
		"another site": {func(f *fake) { f.fault = refused(200, "<html>", func(*http.Request) bool { return true }) }, search.ErrUnavailable, "PARVIS_SEARCH"},
		"key refused": {func(f *fake) {
			f.fault = refused(403, `{"code":"invalid_api_key","message":"x"}`, func(*http.Request) bool { return true })
		}, meili.ErrRefused, "PARVIS_MEILI_KEY"},
		"no key": {func(f *fake) {
			f.fault = refused(401, `{"code":"missing_authorization_header"}`, func(*http.Request) bool { return true })
		}, meili.ErrRefused, "PARVIS_MEILI_KEY"},
		"always broken": {func(f *fake) { f.fault = refused(500, "", documents) }, search.ErrUnavailable, "see its log"},
		"busy":          {func(f *fake) { f.fault = refused(503, `{"code":"too_many_search_requests"}`, documents) }, search.ErrUnavailable, "503 too_many_search_requests"},
		"refuses":       {func(f *fake) { f.fault = refused(400, `{"code":"invalid_document_fields","message":"no"}`, documents) }, nil, "invalid_document_fields: no"},
		"task fails": {func(f *fake) {
			f.failed = func(task string) string { return map[string]string{"documents": "no_space_left_on_device"}[task] }
		}, nil, "no_space_left_on_device what is wrong"},
		"loses some": {func(f *fake) { f.lost = 1 }, nil, "14 documents of 15"},
	} {
		t.Run(name, func(t *testing.T) {
			f, e := newFake(t)
			c.set(f)
			x, err := e.Build(t.Context(), "a", sequence(searchtest.Shelf()))
			if x != nil || err == nil || c.kind != nil && !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("built %v: %v; want %v, saying %q", x, err, c.kind, c.says)
			}
			if err != nil && strings.Contains(err.Error(), "master") {
				t.Errorf("the error tells the key: %v", err)
			}
			nothingLeft(t, f)
		})
	}
}

func TestBuildForACallerThatHasGone(t *testing.T) {
	f, e := newFake(t)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := e.Build(ctx, "a", func(yield func(search.Document, error) bool) {
		for _, d := range searchtest.Shelf() {
			cancel()
			if !yield(d, nil) {
				return
			}
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("built: %v", err)
	}
	nothingLeft(t, f)
}

func TestEnsureWaitsForAServerThatStarts(t *testing.T) {
	f, e := newFake(t)
	n := 0
	f.fault = func(*http.Request) (int, string) {
		if n++; n < 4 {
			return http.StatusServiceUnavailable, ""
		}
		return 0, ""
	}
	if made, err := e.Ensure(t.Context(), "a", sequence(searchtest.Shelf())); err != nil || !made {
		t.Errorf("made %v, %v", made, err)
	}
}

func TestBuildGoesOnAfterAFault(t *testing.T) {
	f, e := newFake(t)
	n := 0
	f.fault = func(*http.Request) (int, string) {
		if n++; n%3 == 2 {
			return http.StatusBadGateway, ""
		}
		return 0, ""
	}
	if _, err := e.Build(t.Context(), "a", sequence(searchtest.Shelf())); err != nil {
		t.Error(err)
	}
	if got := len(f.indexes["test--a"]); got != len(searchtest.Shelf()) {
		t.Errorf("%d documents", got)
	}
}

func TestBuildLeavesWhatIsNotItsOwn(t *testing.T) {
	f, e := newFake(t)
	if _, err := e.Build(t.Context(), "a", sequence(searchtest.Shelf())); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Build(t.Context(), "a", sequence(nil)); err == nil || !strings.Contains(err.Error(), "index_already_exists") {
		t.Errorf("an index of a name that is taken: %v", err)
	}
	if len(f.indexes["test--a"]) != len(searchtest.Shelf()) {
		t.Error("the index that had the name is not as it was")
	}
	if _, err := e.Build(t.Context(), "a/b", sequence(nil)); err == nil {
		t.Error("a name that no index can have is taken")
	}
}

func TestAbsentServer(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	e, err := meili.New(meili.Options{URL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	_, built := e.Build(t.Context(), "a", sequence(nil))
	_, opened := e.Open(t.Context(), "a")
	for _, err := range []error{built, opened, e.Alive(t.Context())} {
		if !errors.Is(err, search.ErrUnavailable) || !strings.Contains(err.Error(), "PARVIS_SEARCH") {
			t.Errorf("no server: %v", err)
		}
	}
}

func TestSearchOfAServerThatFails(t *testing.T) {
	f, e := newFake(t)
	x, err := e.Build(t.Context(), "a", sequence(searchtest.Shelf()))
	if err != nil {
		t.Fatal(err)
	}
	ask := func(ctx context.Context) []error {
		_, found := x.Search(ctx, search.Query{Text: "boulanger"})
		_, suggested := x.Suggest(ctx, "boul", 3)
		return []error{found, suggested}
	}
	for status, body := range map[int]string{500: "", 429: "", 200: "<html>", 404: `{"code":"index_not_found"}`, 403: `{"code":"invalid_api_key"}`, 400: `{"code":"bad_request"}`} {
		f.fault = func(*http.Request) (int, string) { return status, body }
		for _, err := range ask(t.Context()) {
			if !errors.Is(err, search.ErrUnavailable) {
				t.Errorf("%d: %v", status, err)
			}
		}
	}
	release := make(chan struct{})
	f.fault = func(*http.Request) (int, string) { <-release; return 500, "" }
	for _, err := range ask(t.Context()) {
		if !errors.Is(err, search.ErrUnavailable) || !strings.Contains(err.Error(), "in time") {
			t.Errorf("slow: %v", err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	for _, err := range ask(ctx) {
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, search.ErrUnavailable) {
			t.Errorf("the caller has gone: %v", err)
		}
	}
	close(release)
}

func TestOpenRefusesWhatIsNotFinished(t *testing.T) {
	f, e := newFake(t)
	refuse := func(what string) {
		t.Helper()
		if _, err := e.Open(t.Context(), "a"); !errors.Is(err, meili.ErrMissing) || !strings.Contains(err.Error(), "parvis search index") {
			t.Errorf("%s: %v", what, err)
		}
	}
	refuse("nothing there")
	if _, err := e.Build(t.Context(), "a", sequence(searchtest.Shelf())); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Open(t.Context(), "a"); err != nil {
		t.Error(err)
	}
	mark := f.indexes["test--a--completions"]["0"]
	delete(f.indexes["test--a--completions"], "0")
	refuse("not finished")
	f.indexes["test--a--completions"]["0"] = []byte(`{"document":"{\"forme\":0,\"formations\":15}"}`)
	refuse("of another form")
	f.indexes["test--a--completions"]["0"] = mark
	delete(f.indexes["test--a"], "3")
	refuse("a document is gone")
	if made, err := e.Ensure(t.Context(), "a", sequence(searchtest.Shelf())); err != nil || !made {
		t.Errorf("made again: %v, %v", made, err)
	}
}

func TestPrune(t *testing.T) {
	f, e := newFake(t)
	for _, name := range []string{"a", "b", "c"} {
		if _, err := e.Build(t.Context(), name, sequence(searchtest.Shelf())); err != nil {
			t.Fatal(err)
		}
	}
	f.indexes["others"], f.indexes["test-b--a"] = nil, nil
	f.indexes["test--half"] = nil // without completions: a process was killed
	removed, err := e.Prune(t.Context(), "b", "")
	if err != nil || !slices.Equal(removed, []string{"a", "c", "half"}) {
		t.Errorf("removed %v, %v", removed, err)
	}
	if _, ok := f.indexes["others"]; !ok || len(f.indexes) != 4 {
		t.Errorf("%d indexes are left", len(f.indexes))
	}
}

func TestSearchKey(t *testing.T) {
	f, e := newFake(t)
	first, err := e.SearchKey(t.Context())
	if err != nil || first == "" {
		t.Fatalf("key %q, %v", first, err)
	}
	again, err := e.SearchKey(t.Context())
	if err != nil || again != first || len(f.keys) != 1 {
		t.Errorf("again %q, %v, %d keys", again, err, len(f.keys))
	}
	for uid, k := range f.keys {
		if !slices.Equal(k["actions"].([]any), []any{"search"}) || !slices.Equal(k["indexes"].([]any), []any{"test--*"}) { //nolint:forcetypeassert // a test
			t.Errorf("the key may do %v", k)
		}
		if len(uid) != 36 || uid[14] != '4' {
			t.Errorf("%s is no number of version 4", uid)
		}
		k["actions"] = []any{"*"}
	}
	if _, err := e.SearchKey(t.Context()); err != nil || len(f.keys) != 1 {
		t.Errorf("a key with other rights: %v, %d keys", err, len(f.keys))
	}
	for _, k := range f.keys {
		if !slices.Equal(k["actions"].([]any), []any{"search"}) { //nolint:forcetypeassert // a test
			t.Errorf("the key still may do %v", k["actions"])
		}
	}
}

func TestAddressesThatCannotBeRight(t *testing.T) {
	for _, o := range []meili.Options{
		{URL: ""}, {URL: "search:7700"}, {URL: "ftp://search"}, {URL: "http://user:secret@search:7700"}, {URL: "http://search?key=secret"},
		{URL: "http://search:7700", Prefix: "a--b"}, {URL: "http://search:7700", Prefix: "a-"}, {URL: "http://search:7700", Prefix: "é"},
	} {
		if _, err := meili.New(o); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
