package api

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/search/indexes"
	"github.com/parvis-opendata/parvis/internal/serving"
	"github.com/parvis-opendata/parvis/openapi"
)

// emptyServer is a server of all routes, over nothing.
func emptyServer(t testing.TB) *Server {
	t.Helper()
	store, err := objects.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	all, err := datasets.Load()
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	s, err := New(Options{Store: store, Datasets: all, Log: log, Now: time.Now, Library: noLibrary{}, Search: noSearch{}, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestRoutesAndDocumentAgree: every route but those of pages is documented, and everything documented is a
// route, with the same parameters.
func TestRoutesAndDocumentAgree(t *testing.T) {
	s := emptyServer(t)
	seen := map[string]bool{}
	for _, r := range s.routes() {
		o := s.promised.Operation(r.pattern)
		if o == nil && s.isPage(r.pattern) { // for people; it is documented where programs read it too
			seen[strings.TrimSuffix(r.pattern, "/")] = true
			continue
		}
		if o == nil {
			t.Errorf("%s is not documented", r.pattern)
			continue
		}
		seen[strings.TrimSuffix(r.pattern, "/")] = true
		documented, known := o.Parameters(), slices.Clone(r.parameters)
		slices.Sort(documented)
		slices.Sort(known)
		if diff := cmp.Diff(documented, known, sameIfEmpty); diff != "" {
			t.Errorf("%s: parameters, -documented +known\n%s", r.pattern, diff)
		}
	}
	for _, r := range s.engine.Routes() {
		if !seen[strings.TrimSuffix(r.Path, "/")] {
			t.Errorf("%s is not in the list of routes", r.Path)
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			t.Errorf("%s %s: the document says that there is no such method", r.Method, r.Path)
		}
	}
	for path := range s.promised.Spec().Paths.Map() {
		pattern := strings.NewReplacer("{rest}", "*rest", "{", ":", "}", "").Replace(path)
		if !seen[pattern] {
			t.Errorf("%s is documented, and is no route", path)
		}
	}
}

var sameIfEmpty = cmp.FilterValues(func(a, b []string) bool { return len(a)+len(b) == 0 }, cmp.Ignore())

// noLibrary has no table.
type noLibrary struct{}

func (noLibrary) Acquire(context.Context, string, string) (*serving.Table, error) {
	return nil, serving.ErrUnavailable
}

func (noLibrary) Ready() bool { return false }

// noSearch has no index.
type noSearch struct{}

func (noSearch) Acquire(context.Context) (*indexes.Loan, error) { return nil, indexes.ErrNotReady }

func (noSearch) State(context.Context) indexes.State { return indexes.State{Err: indexes.ErrNotReady} }

// TestFaultsAreToldInTheFormOfTheirAddress: what the contract refuses is answered in
// French, and tells nothing of how it was found.
func TestFaultsAreToldInTheFormOfTheirAddress(t *testing.T) {
	s := emptyServer(t)
	w := ask(s, "/api/explore/v2.1/catalog/datasets?limit=dix")
	want := `{"error_code":"InvalidRESTParameterError","message":"Le paramètre « limit » vaut « dix » ; il faut un nombre entier de -1 à 20000. ` +
		`L'export rend toutes les lignes, sans cette limite : /api/explore/v2.1/catalog/datasets/{dataset_id}/exports/csv"}`
	if w.Code != http.StatusBadRequest || w.Body.String() != want {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func ask(s *Server, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, http.NoBody)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// BenchmarkContract asks for a page of rows, which a server without tables refuses, with
// and without the check of the contract.
func BenchmarkContract(b *testing.B) {
	with := emptyServer(b)
	without := emptyServer(b)
	without.promised = &openapi.Document{}
	var err error
	if without.engine, err = without.newEngine(); err != nil {
		b.Fatal(err)
	}
	target := "/api/explore/v2.1/catalog/datasets/x/records?" + url.Values{
		"select": {"nom_region, count(*) AS n"}, "where": {"code_region = '11'"}, "group_by": {"nom_region"}, "limit": {"100"}, "offset": {"20"},
		"timezone": {"Europe/Paris"}, "refine": {"code_region:11"},
	}.Encode()
	for name, s := range map[string]*Server{"with": with, "without": without} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if w := ask(s, target); w.Code != http.StatusServiceUnavailable {
					b.Fatal(w.Code)
				}
			}
		})
	}
}
