package explore_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/parvis-opendata/parvis/anonymize"
	"github.com/parvis-opendata/parvis/api"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/search/embedded"
	"github.com/parvis-opendata/parvis/internal/search/indexes"
	"github.com/parvis-opendata/parvis/internal/serving"
	"github.com/parvis-opendata/parvis/openapi"
	"github.com/parvis-opendata/parvis/openapi/openapitest"
	"github.com/parvis-opendata/parvis/publisher"
	"github.com/parvis-opendata/parvis/publisher/release"
)

const (
	base      = "/api/explore/v2.1/catalog"
	catalogue = "moncompteformation_catalogueformation"
	engagees  = "moncompteformation_formations_engagees"
	records   = base + "/datasets/" + catalogue + "/records"
	exports   = base + "/datasets/" + catalogue + "/exports"
	public    = "https://donnees.example.fr"
)

// shop is a server over real HTTP, whose store holds a publication of the offer and
// of the purchases. All tests share it: they only read.
type shop struct {
	*httptest.Server
	store   objects.Store
	library *serving.Library
	search  *indexes.Keeper // nil if the offer is not served
	all     []datasets.Dataset
	dir     string
	change  func(map[string][]hubtest.Record) // of the extract, before a publication
	close   []func()
}

var (
	shared     *shop
	openShared sync.Once
)

func TestMain(m *testing.M) {
	code := m.Run()
	if shared != nil {
		shared.end()
	}
	// Bleve has workers of its own as long as the program runs.
	if err := goleak.Find(goleak.IgnoreTopFunction("github.com/blevesearch/bleve_index_api.AnalysisWorker")); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// end closes what the shop has open.
func (s *shop) end() {
	for i := len(s.close) - 1; i >= 0; i-- {
		s.close[i]()
	}
}

// open returns the shared server.
func open(t testing.TB) *shop {
	t.Helper()
	openShared.Do(func() { shared = newShop(t, catalogue, engagees) })
	if shared == nil || shared.Server == nil {
		t.Fatal("the server could not be made")
	}
	return shared
}

var instant = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)

func now() time.Time { return instant }

var quiet = slog.New(slog.DiscardHandler)

// newShop publishes some datasets, and serves them.
func newShop(t testing.TB, ids ...string) *shop {
	t.Helper()
	dir, err := os.MkdirTemp("", "explore-test-")
	check(t, err)
	s := &shop{dir: dir, close: []func(){func() { _ = os.RemoveAll(dir) }}}
	check(t, os.Mkdir(filepath.Join(dir, "store"), 0o700))
	store, err := objects.OpenDir(filepath.Join(dir, "store"))
	check(t, err)
	s.store = store
	s.close = append(s.close, func() { _ = store.Close() })
	s.all, err = datasets.Load()
	check(t, err)
	s.publish(t, instant, ids...)
	s.library, err = serving.Open(t.Context(), serving.Options{
		Store: store, Datasets: s.all, Dir: filepath.Join(dir, "serve"), MemoryLimit: "512MB", Threads: 1, Log: quiet, Now: time.Now,
	})
	check(t, err)
	s.close = append(s.close, func() { _ = s.library.Close() })
	want := 0
	for _, d := range s.all {
		if slices.Contains(ids, d.ID) {
			want += len(d.Tables)
		}
	}
	for deadline := time.Now().Add(time.Minute); s.catalogued(t) < int64(want); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not loaded: %+v", s.library.State())
		}
	}
	if slices.Contains(ids, catalogue) {
		s.index(t)
	}
	s.Server = s.serve(t, func(*api.Options) {})
	return s
}

// index makes the index of the offer.
func (s *shop) index(t testing.TB) {
	t.Helper()
	dir := filepath.Join(s.dir, "indexes")
	keeper, err := indexes.Open(t.Context(), indexes.Options{Catalogue: indexes.Of(s.library, catalogue), Make: indexes.Built(embedded.Engine{Dir: dir}), Dir: dir, Log: quiet})
	check(t, err)
	s.search = keeper
	s.close = append(s.close, func() { _ = keeper.Close() })
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		l, err := keeper.Acquire(t.Context())
		if err == nil {
			l.GiveBack()
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// serve starts a server of its own over the shared library.
func (s *shop) serve(t testing.TB, change func(*api.Options)) *httptest.Server {
	t.Helper()
	o := api.Options{
		Store: s.store, Datasets: s.all, BaseURL: public, Version: "test", Now: now, Log: quiet, Library: s.library,
		Scratch: s.dir,
	}
	if s.search != nil {
		o.Search = s.search
	}
	change(&o)
	server, err := api.New(o)
	check(t, err)
	h := httptest.NewServer(server)
	h.Client().Transport.(*http.Transport).DisableCompression = true
	s.close = append(s.close, h.Close)
	return h
}

// tables are those of the two datasets.
const tables = 11

// catalogued is the number of tables that the catalogue has.
func (s *shop) catalogued(t testing.TB) int64 {
	t.Helper()
	c, err := s.library.Acquire(t.Context(), serving.CatalogueID, serving.Latest)
	if errors.Is(err, serving.ErrLoading) {
		return 0
	}
	check(t, err)
	defer c.Release()
	return c.Rows()
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// publish makes a release of each dataset from an invented extract.
func (s *shop) publish(t testing.TB, at time.Time, ids ...string) {
	t.Helper()
	source, err := hub.OpenDir(s.extract(t))
	check(t, err)
	profile, err := anonymize.EmbeddedProfile("standard")
	check(t, err)
	p := publisher.Publisher{
		Datasets: s.all, Hub: source, Store: s.store, Profile: profile, WorkDir: filepath.Join(s.dir, "work"), Thresholds: hub.DefaultThresholds(), Zone: time.UTC,
		Threads: 1, Version: "test", Log: quiet, Now: func() time.Time { return at },
	}
	for _, id := range ids {
		if _, err := p.Publish(t.Context(), publisher.Request{Dataset: id}); err != nil {
			t.Fatal(err)
		}
	}
}

// places are the communes of the trainings, none for one at a distance.
var places = []string{"69381", "75101", "13201", ""}

// extract writes 24 trainings: the odd ones in computing by a first provider, the
// even ones in English by a second one, in three départements and at a distance; and
// purchases of two months.
func (s *shop) extract(t testing.TB) string {
	t.Helper()
	all := map[string][]hubtest.Record{
		"territoires": {
			hubtest.Rec("territoires"),
			hubtest.Rec("territoires", "commune=75101", "nom_commune=Paris 1er", "code_departement=75", "nom_departement=Paris", "code_region=11", "nom_region=Île-de-France"),
			hubtest.Rec("territoires", "commune=13201", "nom_commune=Marseille 1er", "code_departement=13", "nom_departement=Bouches-du-Rhône", "code_region=93", "nom_region=Provence-Alpes-Côte d'Azur"),
		},
		"certifications": {
			hubtest.Rec("certifications", "intitule=Développeur web et web mobile"),
			hubtest.Rec("certifications", "type_referentiel=RS", "code_certification=6151", "code_certifinfo=106151", "intitule=Test d'anglais professionnel", "code_nsf_1=136", "libelle_nsf_1=Langues vivantes", "libelle_niveau="),
		},
		"organismes": {hubtest.Rec("organismes"), hubtest.Rec("organismes", "siret="+hubtest.Siret("00050000", 1), "raison_sociale=ANGLAIS; \"SARL\"")},
	}
	for i := range 24 {
		formation := []string{fmt.Sprintf("numero_formation=F%02d", i), fmt.Sprintf("intitule_formation=Formation numéro %d", i)}
		if i%2 == 1 {
			formation = append(formation, "siret="+hubtest.Siret("00050000", 1), "type_referentiel=RS", "code_certification=6151", "code_certifinfo=106151")
		}
		all["formations"] = append(all["formations"], hubtest.Rec("formations", formation...))
		mode := "a_distance=false"
		if places[i%4] == "" {
			mode = "a_distance=true"
		}
		all["actions"] = append(all["actions"], hubtest.Rec("actions", fmt.Sprintf("numero_action=A%02d", i), fmt.Sprintf("numero_formation=F%02d", i),
			"commune="+places[i%4], fmt.Sprintf("frais_ttc=%d.50", 100*(i+1))))
		all["sessions"] = append(all["sessions"], hubtest.Rec("sessions", fmt.Sprintf("numero_session=S%02d", i), fmt.Sprintf("numero_action=A%02d", i), mode))
	}
	for _, month := range []string{"2025-03", "2025-04"} {
		for i := range 40 {
			id := fmt.Sprintf("D%s-%d", month, i)
			all["dossiers"] = append(all["dossiers"], hubtest.Rec("dossiers", "id_dossier="+id, "nir="+hubtest.NIR(fmt.Sprintf("1800169990%03d", i)),
				fmt.Sprintf("nom_naissance=NOM%c%c", 'A'+i/26, 'A'+i%26), "date_validation="+month+"-15", "date_entree="+month+"-20", "date_sortie="+month+"-25", "date_cloture="+month+"-28",
				"commune_formation="+places[i%3]))
			all["financements"] = append(all["financements"], hubtest.Rec("financements", "id_dossier="+id, "montant_engage=1000.00", "montant_realise=500.00"))
		}
	}
	dir := filepath.Join(s.dir, "hub")
	if s.change != nil {
		s.change(all)
	}
	for entity := range hubtest.Good {
		rows, ok := all[entity]
		if !ok {
			rows = []hubtest.Record{hubtest.Rec(entity)}
		}
		hubtest.WriteCSV(t, filepath.Join(dir, entity, "part-1.csv"), entity, rows)
	}
	return dir
}

// served returns the manifest of the served release of a dataset.
func (s *shop) served(t testing.TB, dataset string) release.Manifest {
	t.Helper()
	archive := release.NewArchive(s.store)
	current, _, err := archive.Current(t.Context(), dataset)
	check(t, err)
	m, err := archive.Manifest(t.Context(), dataset, current.Release)
	check(t, err)
	return m
}

// answer is a response that was read to its end.
type answer struct {
	*http.Response
	body []byte
}

// ask makes an address of a path and of parameters "name=value", which are encoded.
func ask(path string, parameters ...string) string {
	var pairs []string
	for _, p := range parameters {
		name, value, _ := strings.Cut(p, "=")
		pairs = append(pairs, url.QueryEscape(name)+"="+url.QueryEscape(value))
	}
	if len(pairs) == 0 {
		return path
	}
	return path + "?" + strings.Join(pairs, "&")
}

func do(t testing.TB, s *httptest.Server, method, address string, headers ...string) answer {
	t.Helper()
	a, err := try(t, s, method, address, headers...)
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	return a
}

func try(t testing.TB, s *httptest.Server, method, address string, headers ...string) (answer, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+address, http.NoBody)
	check(t, err)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Add(name, value)
	}
	client := *s.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return answer{resp, body}, err
	}
	if err := openapitest.Check(promised(), resp, body); err != nil {
		t.Errorf("%s %s: the answer is not as documented: %v", method, address, err)
	}
	return answer{resp, body}, nil
}

// promised is the contract, with which every answer is compared.
func promised() *openapi.Document {
	d, err := openapi.Load()
	if err != nil {
		panic(err)
	}
	return d
}

func (s *shop) get(t testing.TB, address string, headers ...string) answer {
	t.Helper()
	return do(t, s.Server, http.MethodGet, address, headers...)
}

// json reads an answer of status 200.
func (a answer) json(t testing.TB) any {
	t.Helper()
	if a.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d: %s", a.Request.URL, a.StatusCode, a.body)
	}
	return decode(t, a.body)
}

func decode(t testing.TB, text []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

// same compares decoded JSON with a JSON text.
func same(t testing.TB, got any, want string) {
	t.Helper()
	if diff := cmp.Diff(decode(t, []byte(want)), got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// at follows keys and indexes into decoded JSON.
func at(v any, steps ...any) any {
	for _, s := range steps {
		switch s := s.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[s]
		case int:
			l, _ := v.([]any)
			if s >= len(l) {
				return nil
			}
			v = l[s]
		}
	}
	return v
}

// fault checks an answer that is an error, and returns its message.
func (a answer) fault(t testing.TB, status int, code string) string {
	t.Helper()
	var f struct {
		Code    string `json:"error_code"`
		Message string
	}
	if err := json.Unmarshal(a.body, &f); err != nil || a.StatusCode != status || f.Code != code || f.Message == "" {
		t.Fatalf("%s: status %d, want %d %s: %s", a.Request.URL, a.StatusCode, status, code, a.body)
	}
	if a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("ETag") != "" || a.Header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("headers of an error: %v", a.Header)
	}
	return f.Message
}
