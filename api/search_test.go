package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/parvis-opendata/parvis/api"
	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/internal/search/indexes"
	"github.com/parvis-opendata/parvis/internal/search/searchtest"
)

const searchPath = "/api/v1/search"

// found is an answer of the search.
type found struct {
	Release       string
	Total, Page   int
	PerPage       int `json:"per_page"`
	Hits          []map[string]any
	Facets        map[string][]search.Count
	Suggestions   []string
	numbers       []int
	header        http.Header
	contentLength int
}

// find asks for an address, with a query of parts "name=value", and reads the answer.
func (s *searching) find(t testing.TB, path string, parts ...string) found {
	t.Helper()
	a := s.get(t, with(path, parts...))
	if a.StatusCode != http.StatusOK {
		t.Fatalf("%s %v: %d %s", path, parts, a.StatusCode, a.body)
	}
	f := found{header: a.Header, contentLength: len(a.body)}
	if err := json.Unmarshal(a.body, &f); err != nil {
		t.Fatal(err)
	}
	for _, h := range f.Hits {
		f.numbers = append(f.numbers, numberOf(t, h))
	}
	if a.Header.Get("X-Release") != f.Release || a.Header.Get("X-Synthetic") != "true" {
		t.Errorf("%s: release %s, %v", path, f.Release, a.Header)
	}
	return f
}

// numberOf is the number of a training on the shelf.
func numberOf(t testing.TB, hit map[string]any) int {
	t.Helper()
	_, text, _ := strings.Cut(fmt.Sprint(hit["numero_formation"]), "_F-")
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func with(path string, parts ...string) string {
	var pairs []string
	for _, p := range parts {
		name, value, _ := strings.Cut(p, "=")
		pairs = append(pairs, name+"="+url.QueryEscape(value))
	}
	if len(pairs) == 0 {
		return path
	}
	return path + "?" + strings.Join(pairs, "&")
}

func TestSearchFindsTrainings(t *testing.T) {
	everyEngine(t, func(t *testing.T, e search.Engine) {
		s := newSearching(t, e)
		for _, c := range []struct {
			parts []string
			total int
			want  []int // the first ones
		}{
			{nil, 15, []int{8, 6}},
			{[]string{"q=cap boulangere lyon"}, 1, []int{1}},
			{[]string{"q=tabluer"}, 1, []int{6}},
			{[]string{"q=rncp 37674"}, 2, []int{5, 4}},
			{[]string{"departement=69"}, 2, nil},
			{[]string{"departement=69", "departement=2a"}, 3, nil},
			{[]string{"region=84", "q=cap"}, 3, nil},
			{[]string{"niveau=5", "referentiel=RNCP"}, 3, nil},
			{[]string{"niveau=NIVEAU 3 (CAP, BEP)"}, 6, nil},
			{[]string{"a_distance=true", "sort=prix"}, 4, []int{6, 7, 9, 4}},
			{[]string{"a_distance=true", "a_distance=false"}, 15, nil},
			{[]string{"nsf=221", "habilitation=sans objet"}, 15, nil},
			{[]string{"nsf=326"}, 0, nil},
			{[]string{"prix_max=700", "heures_max=20"}, 1, []int{6}},
			{[]string{"sort=-heures", "per_page=1", "page=2"}, 15, []int{5}},
			{[]string{"per_page=10", "page=3"}, 15, nil},
			{[]string{"q=xyzzyqwkj"}, 0, nil},
		} {
			f := s.find(t, searchPath, c.parts...)
			if f.Total != c.total || len(f.numbers) < len(c.want) || !slices.Equal(f.numbers[:len(c.want)], c.want) || f.Hits == nil || len(f.Facets) != 7 {
				t.Errorf("%v: %v of %d, want %v of %d", c.parts, f.numbers, f.Total, c.want, c.total)
			}
			if f.Release != first {
				t.Errorf("%v: release %s", c.parts, f.Release)
			}
		}
	})
}

func TestSearchAnswer(t *testing.T) {
	everyEngine(t, func(t *testing.T, e search.Engine) {
		s := newSearching(t, e)
		f := s.find(t, searchPath, "q=cap boulangere", "departement=69", "per_page=5")
		if f.Page != 1 || f.PerPage != 5 {
			t.Errorf("page %d of %d", f.Page, f.PerPage)
		}
		h := f.Hits[0]
		if h["frais_ttc_tot_min"] != 4200.0 || h["nom_of"] != "Atelier du Pain" || h["_highlight"].(map[string]any)["intitule_formation"] != "<em>CAP</em> <em>Boulanger</em>" {
			t.Errorf("%v", h)
		}
		if place := h["lieux"].([]any)[0].(map[string]any); place["nom_departement"] != "Rhône" || place["code_region"] != "84" {
			t.Errorf("%v", place)
		}
		// A facet that is filtered by still says what else there is.
		want := []search.Count{{Value: "69", Label: "Rhône", Count: 1}, {Value: "75", Label: "Paris", Count: 1}}
		if got := f.Facets[search.Departement]; len(got) != 2 || !slices.Contains(got, want[0]) || !slices.Contains(got, want[1]) {
			t.Errorf("%v", got)
		}
		if got := f.Facets[search.Level]; len(got) != 1 || got[0] != (search.Count{Value: "3", Label: "NIVEAU 3 (CAP, BEP)", Count: 1}) {
			t.Errorf("%v", got)
		}
		if got := f.Facets[search.NSF]; len(got) != 1 || got[0].Label != "Agro-alimentaire, alimentation, cuisine" {
			t.Errorf("%v", got)
		}
		f = s.find(t, "/api/v1/suggest", "q=boul")
		if f.Release != first || len(f.Suggestions) == 0 || f.Suggestions[0] != "CAP - Boulanger" {
			t.Errorf("%+v", f)
		}
		if f = s.find(t, "/api/v1/suggest", "q="); f.Suggestions == nil || len(f.Suggestions) > 0 {
			t.Errorf("%+v", f)
		}
	})
}

func TestSearchIsCached(t *testing.T) {
	s := newSearching(t, engines(t)["embedded"], func(o *api.Options) { o.RateLimit = 100 })
	address := with(searchPath, "q=boulanger", "region=84", "region=11")
	a := s.get(t, address)
	h := a.Header
	tag := h.Get("ETag")
	if tag == "" || h.Get("Cache-Control") != "public, max-age=60, s-maxage=60, must-revalidate" || h.Get("Access-Control-Allow-Origin") != "*" ||
		h.Get("Last-Modified") != "Sun, 22 Nov 2026 04:18:00 GMT" || h.Get("Vary") != "Accept-Encoding" || h.Get("RateLimit-Remaining") != "99" {
		t.Errorf("%v", h)
	}
	// The same question in other words has the same answer, from memory: a tenth of a call.
	same := s.get(t, with(searchPath, "region=11", "sort=pertinence", "page=1", "per_page=20", "region=84", "q=boulanger"))
	if same.Header.Get("ETag") != tag || string(same.body) != string(a.body) || same.Header.Get("RateLimit-Remaining") != "98" {
		t.Errorf("%v", same.Header)
	}
	for range 9 {
		if again := s.get(t, address, "If-None-Match: "+tag); again.StatusCode != http.StatusNotModified || len(again.body) > 0 {
			t.Errorf("%d", again.StatusCode)
		}
	}
	if left := s.get(t, address).Header.Get("RateLimit-Remaining"); left != "97" {
		t.Errorf("%s calls are left", left)
	}
	for _, coding := range []string{"gzip", "zstd"} {
		packed := s.get(t, address, "Accept-Encoding: "+coding)
		if packed.Header.Get("Content-Encoding") != coding || packed.Header.Get("ETag") == tag || len(packed.body) >= len(a.body) {
			t.Errorf("%s: %d bytes, %v", coding, len(packed.body), packed.Header)
		}
	}
	head := s.do(t, http.MethodHead, address)
	if head.StatusCode != http.StatusOK || len(head.body) > 0 || head.Header.Get("ETag") != tag || head.Header.Get("X-Release") != first {
		t.Errorf("HEAD: %d %v", head.StatusCode, head.Header)
	}
	s.get(t, address, "Accept-Encoding: *;q=0").problem(t, http.StatusNotAcceptable)
	s.get(t, address, `If-Match: "x"`).problem(t, http.StatusPreconditionFailed)
	if other := s.get(t, with(searchPath, "q=boulanger")).Header.Get("ETag"); other == tag {
		t.Error("another question has the same tag")
	}
	s.offers.serve(second)
	s.until(t, second)
	if next := s.get(t, address).Header.Get("ETag"); next == tag {
		t.Error("another release has the same tag")
	}
}

func TestSearchRefusesWhatItDoesNotKnow(t *testing.T) {
	s := newSearching(t, engines(t)["embedded"])
	for query, say := range map[string]string{
		"ville=lyon": "« ville »", "q=a&q=b": "plusieurs fois", "departement=Lyon": "« departement »", "departement=": "« departement »", "region=ara": "« region »", "niveau=9": "« niveau »",
		"referentiel=X": "RNCP RS", "nsf=3": "« nsf »", "prix_max=cher": "« prix_max »", "prix_max=-1": "« prix_max »", "prix_max=NaN": "", "heures_max=Inf": "", "a_distance=oui": "« a_distance »",
		"sort=nom": "-sessions", "page=0": "« page »", "page=51": "1000 premières", "per_page=101": "1 à 100", "per_page=0": "« per_page »", "habilitation=oui": "« habilitation »",
		"page=99999999999999999999": "« page »", "q=%zz": "bien formée", "limit=10": "« limit »", "release=" + first: "« release »", strings.Repeat("region=84&", 40): "30",
	} {
		p := s.get(t, searchPath+"?"+query).problem(t, http.StatusBadRequest)
		if !strings.HasSuffix(p.Type, "/problemes/parametre") || !strings.Contains(p.Detail+strings.Join(p.Fixes, " "), say) {
			t.Errorf("%.60s: %+v", query, p)
		}
	}
	for _, query := range []string{"", "?q=a&sort=prix", "?q=a&q=b"} {
		s.get(t, "/api/v1/suggest"+query).problem(t, http.StatusBadRequest)
	}
	if a := s.do(t, http.MethodPost, searchPath); a.StatusCode != http.StatusMethodNotAllowed {
		t.Error(a.StatusCode)
	}
}

// hostileTexts are texts that nobody means well by.
var hostileTexts = []string{
	strings.Repeat("boulanger ", 5_000), strings.Repeat("a", 50_000), "\x00\xff\xfe", "'; DROP TABLE catalogue; --", `intitule:"x" AND (NOT *) OR /.*/ ~9^9`,
	"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "*", "+++---", "🧁 boulanger", "面包师", strings.Repeat("lyon paris marseille ", 300), strings.Repeat("RNCP37674 ", 400), "1e309",
	"../../etc/passwd", "{{.Root}}", "\u202eregnaluob", strings.Repeat("é", 199) + "è", "%s%n", "${jndi:ldap://x}", strings.Repeat("dévelopeur ", 35), strings.Repeat("ab cd ef ", 40),
}

func TestHostileSearches(t *testing.T) {
	everyEngine(t, func(t *testing.T, e search.Engine) {
		s := newSearching(t, e)
		for _, text := range hostileTexts {
			for _, path := range []string{searchPath, "/api/v1/suggest", "/recherche"} {
				a := s.get(t, with(path, "q="+text))
				for a.StatusCode == http.StatusFound {
					a = s.get(t, "/"+a.Header.Get("Location"))
				}
				if a.StatusCode != http.StatusOK && a.StatusCode != http.StatusRequestURITooLong {
					t.Errorf("%s %.40q: %d", path, text, a.StatusCode)
				}
				if body := string(a.body); path == "/recherche" && (strings.Contains(body, "<script>") || strings.Contains(body, "<img src=x")) {
					t.Errorf("%.40q comes back as it is", text)
				}
			}
		}
	})
}

// TestReleasesAreNotMixed searches all the time while releases come and go: no search
// fails, and each finds trainings of the release that it names only.
func TestReleasesAreNotMixed(t *testing.T) {
	everyEngine(t, func(t *testing.T, e search.Engine) {
		s := newSearching(t, e, func(o *api.Options) { o.AnswerCache = -1 })
		var ids []string
		for i := range 6 {
			id := fmt.Sprintf("20261122T0415%02dZ-0000000%d", i, i)
			ids = append(ids, id)
			documents := searchtest.Shelf()
			for n := range documents {
				documents[n].Provider = id
			}
			s.offers.documents[id] = documents
		}
		s.offers.serve(ids[0])
		s.until(t, ids[0])
		ctx, stop := context.WithCancel(t.Context())
		var clients sync.WaitGroup
		for i := range 4 {
			clients.Go(func() {
				for ctx.Err() == nil {
					f := s.find(t, searchPath, "per_page=7", "page="+strconv.Itoa(i%2+1))
					for _, h := range f.Hits {
						if h["nom_of"] != f.Release {
							t.Errorf("release %s finds a training of %s", f.Release, h["nom_of"])
						}
					}
					if f.Total != 15 {
						t.Errorf("half an index: %d", f.Total)
					}
				}
			})
		}
		for _, id := range append(ids[1:], ids[4], ids[0]) { // forward, and back to one that is kept and one that is not
			s.offers.serve(id)
			s.until(t, id)
		}
		stop()
		clients.Wait()
	})
}

// checks asks for the state of the service.
func (s *searching) checks(t testing.TB) (status int, search string) {
	t.Helper()
	a := s.get(t, "/readyz")
	var body struct {
		Checks []struct{ Name, Status, Detail string }
	}
	if err := json.Unmarshal(a.body, &body); err != nil {
		t.Fatal(err)
	}
	for _, c := range body.Checks {
		if c.Name == "search" {
			return a.StatusCode, strings.TrimSpace(c.Status + " " + c.Detail)
		}
	}
	t.Fatalf("no check of the search: %s", a.body)
	return 0, ""
}

// away checks that the search, and nothing else, is not to be had now.
func (s *searching) away(t testing.TB, say string) {
	t.Helper()
	for _, path := range []string{searchPath + "?q=boulanger", "/api/v1/suggest?q=boul"} {
		a := s.get(t, path)
		p := a.problem(t, http.StatusServiceUnavailable)
		if after, err := strconv.Atoi(a.Header.Get("Retry-After")); err != nil || after < 1 || !strings.HasSuffix(p.Type, "/problemes/recherche-indisponible") || !strings.Contains(p.Detail, say) {
			t.Errorf("%s: %+v %v", path, p, a.Header)
		}
	}
	page := s.get(t, "/recherche?q=boulanger")
	if page.StatusCode != http.StatusServiceUnavailable || page.Header.Get("Retry-After") == "" || page.Header.Get("Cache-Control") != "no-store" ||
		!strings.Contains(string(page.body), say) || !strings.Contains(string(page.body), `value="boulanger"`) {
		t.Errorf("page: %d %s", page.StatusCode, page.body)
	}
	if a := s.get(t, "/api/v1/datasets"); a.StatusCode != http.StatusOK {
		t.Errorf("the rest: %d", a.StatusCode)
	}
	if status, state := s.checks(t); status != http.StatusOK || !strings.HasPrefix(state, "failing ") {
		t.Errorf("readiness %d, search %q", status, state)
	}
}

func TestSearchThatIsNotReady(t *testing.T) {
	everyEngine(t, func(t *testing.T, e search.Engine) {
		s := keep(t, indexes.Built(e))
		s.publish(t, "2026-11-21")
		s.get(t, searchPath).problem(t, http.StatusNotFound)
		if status, state := s.checks(t); status != http.StatusOK || state != "absent" {
			t.Errorf("readiness %d, search %q", status, state)
		}
	})
}

// TestWithdrawnReleaseIsNotFound: until its successor can be searched there is nothing.
func TestWithdrawnReleaseIsNotFound(t *testing.T) {
	everyEngine(t, func(t *testing.T, e search.Engine) {
		s := newSearching(t, e)
		address := with(searchPath, "q=boulanger")
		s.get(t, address) // now it is in the cache
		goOn := s.offers.hold()
		s.offers.serve(second)
		if f := s.find(t, searchPath, "q=boulanger"); f.Release != first {
			t.Errorf("%s answers while the index of its successor is made", f.Release)
		}
		page := s.get(t, "/recherche?q=boulanger")
		if !strings.Contains(string(page.body), "en cours d&#39;indexation") && !strings.Contains(string(page.body), "en cours d'indexation") {
			t.Error("the page does not say that it is behind")
		}
		s.offers.withdraw(first)
		s.away(t, "en préparation")
		goOn()
		s.until(t, second)
		if f := s.find(t, searchPath, "q=boulanger"); f.Release != second || f.Total == 0 {
			t.Errorf("%s", f.Release)
		}
		s.offers.serve(third)
		s.until(t, third)
		s.offers.serve(second) // a rollback
		if f := s.find(t, searchPath, "q=boulanger"); f.Release != second {
			t.Errorf("after a rollback %s answers", f.Release)
		}
	})
}

// deaf is an index whose engine does not answer.
type deaf struct{}

var errDeaf = fmt.Errorf("ask engine: %w: connection refused by 10.0.0.7", search.ErrUnavailable)

func (deaf) Search(context.Context, search.Query) (search.Answer, error) {
	return search.Answer{}, errDeaf
}

func (deaf) Suggest(context.Context, string, int) ([]string, error) { return nil, errDeaf }

func (deaf) Close() error { return nil }

func TestEngineThatDoesNotAnswer(t *testing.T) {
	s := keep(t, func(context.Context, indexes.Edition) (search.Index, error) { return deaf{}, nil })
	s.publish(t, "2026-11-21")
	s.offers.serve(first)
	s.until(t, first)
	s.away(t, "ne répond pas")
	if a := s.get(t, searchPath); strings.Contains(string(a.body), "10.0.0.7") {
		t.Errorf("the answer tells of the inside: %s", a.body)
	}
}

func TestEngineThatCannotBeReachedAtTheStart(t *testing.T) {
	var mu sync.Mutex
	down := errors.New("down")
	e := engines(t)["embedded"]
	s := keep(t, func(ctx context.Context, edition indexes.Edition) (search.Index, error) {
		mu.Lock()
		defer mu.Unlock()
		if down != nil {
			return nil, down
		}
		return indexes.Built(e)(ctx, edition)
	})
	s.publish(t, "2026-11-21")
	s.offers.serve(first)
	s.away(t, "en préparation")
	mu.Lock()
	down = nil
	mu.Unlock()
	s.until(t, first)
	if f := s.find(t, searchPath); f.Total != 15 {
		t.Errorf("%d", f.Total)
	}
}

// broken is an index that fails in a way that nobody foresaw.
type broken struct{ deaf }

func (broken) Search(context.Context, search.Query) (search.Answer, error) {
	return search.Answer{}, errors.New("secret of the inside")
}

func TestSearchThatFailsTellsNothing(t *testing.T) {
	s := keep(t, func(context.Context, indexes.Edition) (search.Index, error) { return broken{}, nil })
	s.offers.serve(first)
	s.until(t, first)
	a := s.get(t, searchPath)
	a.problem(t, http.StatusInternalServerError)
	page := s.get(t, "/recherche")
	if page.StatusCode != http.StatusInternalServerError || !strings.Contains(string(page.body), page.Header.Get("X-Request-Id")) {
		t.Errorf("page: %d", page.StatusCode)
	}
	if strings.Contains(string(a.body)+string(page.body), "secret") || !strings.Contains(s.log.String(), "secret of the inside") {
		t.Error("the cause belongs in the log, and nowhere else")
	}
}

// TestMoreThanAFileTakes: a file of what was found is never cut.
func TestMoreThanAFileTakes(t *testing.T) {
	everyEngine(t, func(t *testing.T, e search.Engine) {
		var documents []search.Document
		for i := range search.MaxHits + 1 {
			d := searchtest.Shelf()[0]
			d.Numero = fmt.Sprintf("00040001000013_F-%d", i)
			documents = append(documents, d)
		}
		s := newSearchingOf(t, e, documents)
		for _, format := range []string{"csv", "xlsx"} {
			a := s.get(t, "/recherche/export."+format+"?q=boulanger")
			if a.StatusCode != http.StatusBadRequest || !strings.Contains(string(a.body), "rien n&#39;est coupé en silence") || a.Header.Get("Content-Disposition") != "" {
				t.Errorf("%d %v %s", a.StatusCode, a.Header, a.body)
			}
		}
		if page := s.get(t, "/recherche?q=boulanger"); !strings.Contains(string(page.body), "précisez-la pour le télécharger") {
			t.Errorf("%s", page.body)
		}
	})
}

func TestFileOfASearchThatIsNotReady(t *testing.T) {
	s := keep(t, func(context.Context, indexes.Edition) (search.Index, error) { return deaf{}, nil })
	if a := s.get(t, "/recherche/export.csv"); a.StatusCode != http.StatusNotFound {
		t.Errorf("nothing is published: %d", a.StatusCode)
	}
	s.offers.serve(first)
	s.until(t, first)
	a := s.get(t, "/recherche/export.csv")
	if a.StatusCode != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" || !strings.Contains(string(a.body), "ne répond pas") {
		t.Errorf("%d %v", a.StatusCode, a.Header)
	}
	for _, path := range []string{"/formations/1", "/certifications/RNCP37674"} { // without tables
		if a := s.get(t, path); a.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(a.body), "<h1>Service momentanément indisponible</h1>") || a.Header.Get("Retry-After") == "" {
			t.Errorf("%s: %d %s", path, a.StatusCode, a.body)
		}
	}
}
