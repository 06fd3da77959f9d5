package explore_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/parvis-opendata/parvis/api"
	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/api/explore"
	"github.com/parvis-opendata/parvis/internal/search/indexes"
	"github.com/parvis-opendata/parvis/internal/serving"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// nothing is an answer that shows nothing.
var nothing = regexp.MustCompile(`"(results|hits|suggestions)":\[\]|Aucune formation`)

// TestExamplesInWordsRun asks for every address that a description of the contract shows
// after GET. [shop.get] compares the answers with the contract.
func TestExamplesInWordsRun(t *testing.T) {
	s := open(t)
	n := 0
	for _, tag := range promised().Spec().Tags {
		for line := range strings.Lines(tag.Description) {
			example, ok := strings.CutPrefix(strings.TrimSpace(line), "GET ")
			if !ok {
				continue
			}
			n++
			path, query, _ := strings.Cut(example, "?")
			var parameters []string
			if query != "" {
				parameters = strings.Split(query, "&")
			}
			a := s.get(t, ask(path, parameters...))
			if a.StatusCode != http.StatusOK || len(a.body) == 0 || nothing.Match(a.body) {
				t.Errorf("%s: %d %.300s", example, a.StatusCode, a.body)
			}
		}
	}
	if n < 20 {
		t.Errorf("only %d examples were found", n)
	}
}

// TestExamplesOfParametersRun asks for every address of the contract with the examples of
// its parameters together, as the page that shows it is filled in, and with those alone
// that must be given.
func TestExamplesOfParametersRun(t *testing.T) {
	s := open(t)
	id := recordID(t, s)
	for template, item := range promised().Spec().Paths.Map() {
		least, all := addressesOf(template, item.Get, id)
		for _, address := range []string{least, all} {
			a := s.get(t, address)
			if short := a.Header.Get("Location"); a.StatusCode == http.StatusFound && strings.HasPrefix(short, "recherche?") {
				a = s.get(t, "/"+short) // what is as by default need not be said
			}
			if a.StatusCode != expectedStatus(item.Get) || nothing.Match(a.body) {
				t.Errorf("%s: %d %.300s", address, a.StatusCode, a.body)
			}
		}
	}
}

func recordID(t *testing.T, s *shop) string {
	t.Helper()
	return fmt.Sprint(at(s.get(t, ask(records, "include_app_metas=true", "limit=1")).json(t), "results", 0, "_id"))
}

// addressesOf returns the address of a path with the examples of the parameters that must
// be given, and with those of all parameters. The id of a record, which has the key of its
// row in it, is no example.
func addressesOf(template string, o *openapi3.Operation, record string) (least, all string) {
	path := strings.ReplaceAll(template, "{record}", record)
	var needed, given []string
	for _, ref := range o.Parameters {
		p := ref.Value
		for _, example := range examplesOf(p) {
			switch {
			case p.In == "path":
				path = strings.ReplaceAll(path, "{"+p.Name+"}", example)
			case p.Required:
				needed = append(needed, p.Name+"="+example)
				fallthrough
			default:
				given = append(given, p.Name+"="+example)
			}
		}
	}
	return ask(path, needed...), ask(path, given...)
}

// examplesOf returns the examples of a parameter, or what it is without one.
func examplesOf(p *openapi3.Parameter) []string {
	value := p.Example
	if value == nil {
		value = p.Schema.Value.Default
	}
	switch value := value.(type) {
	case nil:
		return nil
	case []any:
		var all []string
		for _, v := range value {
			all = append(all, fmt.Sprint(v))
		}
		return all
	}
	return []string{fmt.Sprint(value)}
}

// expectedStatus is the first status that is documented: success, if there is one.
func expectedStatus(o *openapi3.Operation) int {
	for _, status := range []int{200, 302, 410} {
		if o.Responses.Status(status) != nil {
			return status
		}
	}
	return 0
}

// TestEveryDocumentedStatusHappens brings each status of each address about, and compares
// the answers with the contract. Those that only a store can bring about, by what was
// withdrawn or broke, are seen by the tests of package api.
func TestEveryDocumentedStatusHappens(t *testing.T) {
	s := open(t)
	broken := map[int]*httptest.Server{}
	for status, err := range map[int]error{
		404: serving.ErrUnpublished, 410: &serving.GoneError{Entry: release.Entry{State: release.Pruned}}, 503: serving.ErrLoading, 500: nil,
	} {
		broken[status] = s.serve(t, func(o *api.Options) { o.Library, o.Search = brokenLibrary{err}, brokenSearch{err} })
	}
	for template, item := range promised().Spec().Paths.Map() {
		least, _ := addressesOf(template, item.Get, recordID(t, s))
		for code := range item.Get.Responses.Map() {
			status, err := strconv.Atoi(code)
			check(t, err)
			c, ok := provoke(template, least, status)
			if !ok {
				continue
			}
			server := s.Server
			if c.broken {
				server = broken[status]
			}
			if a := do(t, server, http.MethodGet, c.address, c.headers...); a.StatusCode != status {
				t.Errorf("%.200s %.50v: %d, want the documented %d: %.200s", c.address, c.headers, a.StatusCode, status, a.body)
			}
		}
	}
}

// brokenLibrary has no table to lend; without an error it is of no use at all.
type brokenLibrary struct{ err error }

func (l brokenLibrary) Acquire(context.Context, string, string) (*serving.Table, error) {
	if l.err == nil {
		panic("broken")
	}
	return nil, l.err
}

func (l brokenLibrary) Ready() bool { return false }

// brokenSearch has no index to lend.
type brokenSearch struct{ err error }

func (s brokenSearch) Acquire(context.Context) (*indexes.Loan, error) {
	if s.err == nil {
		panic("broken")
	}
	return nil, s.err
}

func (s brokenSearch) State(context.Context) indexes.State { return indexes.State{Err: s.err} }

// provocation is a request that is answered with a certain status.
type provocation struct {
	address string
	headers []string
	broken  bool // of a server whose library is
}

// provoke returns a request for a status of an address; not ok where there is none that
// would not change the store.
func provoke(template, address string, status int) (provocation, bool) {
	with := func(query string) string {
		if strings.Contains(address, "?") {
			return address + "&" + query
		}
		return address + "?" + query
	}
	// With these an export is a file of the release, parts of which can be asked for.
	file := address
	if explore.Owns(template) {
		file = with("delimiter=,&csv_separator=,&with_bom=false")
	}
	searched := slices.Contains([]string{"/api/v1/search", "/api/v1/suggest", "/recherche"}, template) || strings.HasPrefix(template, "/recherche/export.")
	queried := explore.Owns(template) && !strings.Contains(template, "v2.0") || searched
	switch status {
	case 206:
		return provocation{address: file, headers: []string{"Range: bytes=0-9"}}, true
	case 302:
		if template == "/recherche" {
			return provocation{address: with("prix_max=")}, true
		}
		return provocation{address: address}, true
	case 304:
		return provocation{address: address, headers: []string{"If-None-Match: *"}}, true
	case 400:
		switch {
		case explore.Owns(template):
			return provocation{address: with("a=%zz")}, true
		case template == "/recherche":
			return provocation{address: with("page=0")}, true
		case strings.HasPrefix(template, "/recherche/"):
			return provocation{address: with("prix_max=cher")}, true
		case template == "/oembed":
			return provocation{address: with("format=yaml")}, true
		}
		return provocation{address: with("inconnu=1")}, true
	case 404:
		if queried {
			return provocation{address: address, broken: true}, true
		}
		return provocation{address: strings.NewReplacer(catalogue, "inconnu", "%2Foffre%3F", "%2Finconnu%3F", "docs.css", "inconnu", "parvis.css", "inconnu").Replace(address)}, true
	case 406:
		return provocation{address: address, headers: []string{"Accept-Encoding: *;q=0"}}, true
	case 410, 500, 503:
		acquires := queried && !slices.Contains([]string{"aggregates", "query", "snapshots", "reuses", "feedback", "{rest}"}, template[strings.LastIndexByte(template, '/')+1:])
		return provocation{address: address, broken: true}, acquires
	case 412:
		return provocation{address: address, headers: []string{`If-Match: "x"`}}, true
	case 414:
		return provocation{address: with("a=" + strings.Repeat("a", 64<<10))}, true
	case 416:
		return provocation{address: file, headers: []string{"Range: bytes=999999999-"}}, true
	case 431:
		return provocation{address: address, headers: []string{"Cookie: " + strings.Repeat("a", 16<<10)}}, true
	}
	return provocation{}, false
}

// odd are values as clients send them.
var odd = [][]string{
	{""}, {" "}, {"1"}, {" 1 "}, {"+5"}, {"-1"}, {"0"}, {"007"}, {"1.0"}, {"1e1"}, {"0x1"}, {"99999"}, {"99999999999999999999"}, {"true"}, {"TRUE"}, {" True"}, {"yes"}, {"On"}, {"oui"},
	{"fr"}, {" fr"}, {"FR"}, {";"}, {","}, {"\t"}, {`\t`}, {"|"}, {"zstd"}, {"Europe/Paris"}, {"csv"}, {"siret"}, {"x", "1"}, {"1", "x"}, {"", "1"}, {"\xff"}, {"a\x00b"},
}

// TestContractRefusesNothingThatHandlersTake asks the handlers themselves, and then the
// server, which checks the contract before.
func TestContractRefusesNothingThatHandlersTake(t *testing.T) {
	s := open(t)
	own, err := explore.New(explore.Options{Library: s.library, Now: now, Version: "test", Scratch: s.dir})
	check(t, err)
	asked, taken := 0, 0
	for _, e := range own.Endpoints() {
		if strings.Contains(e.Pattern, "/exports/") || len(e.Parameters) == 0 {
			continue // the parameters are those of records, and of the download
		}
		path := strings.NewReplacer(":dataset", catalogue, ":record", strings.Repeat("0", 40)).Replace(e.Pattern)
		for _, name := range e.Parameters {
			for _, values := range odd {
				if strings.HasSuffix(name, ".") {
					name += "siret"
				}
				query := url.Values{"dataset": {catalogue}, "x": {"siret"}, "rows": {"1"}, "limit": {"1"}}
				query[name] = values
				asked++
				if !takes(t, e, path, query) {
					continue
				}
				taken++
				w := httptest.NewRecorder()
				s.Config.Handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path+"?"+query.Encode(), http.NoBody))
				if w.Code >= 400 {
					t.Errorf("%s?%s: the handler takes it, the answer is %d %s", path, query.Encode(), w.Code, w.Body)
				}
			}
		}
	}
	if taken < asked/5 {
		t.Errorf("of %d requests only %d are taken by the handlers", asked, taken)
	}
}

// takes reports whether a handler answers a request when nothing stands before it.
func takes(t *testing.T, e explore.Endpoint, path string, query url.Values) bool {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path+"?"+query.Encode(), http.NoBody)
	parts := strings.Split(e.Pattern, "/")
	return e.Answer(&explore.Call{Call: exchange.Call{Writer: httptest.NewRecorder(), Request: r, Path: func(name string) string {
		if i := slices.Index(parts, ":"+name); i >= 0 {
			return strings.Split(path, "/")[i]
		}
		return ""
	}}}) == nil
}
