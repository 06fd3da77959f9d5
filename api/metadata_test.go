package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/api"
	"github.com/parvis-opendata/parvis/publisher/release"
)

const root = "/api/v1/datasets/" + catalogue

// read decodes an answer of status 200.
func (a answer) read(t testing.TB) map[string]any {
	t.Helper()
	if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("%d %s: %s", a.StatusCode, a.Header.Get("Content-Type"), a.body)
	}
	var v map[string]any
	if err := json.Unmarshal(a.body, &v); err != nil {
		t.Fatal(err)
	}
	return v
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

func TestDatasets(t *testing.T) {
	b := newBench(t)
	r := b.publish(t, "2026-11-21")
	all := b.get(t, "/api/v1/datasets").read(t)
	if at(all, "datasets", 0, "id") != catalogue || at(all, "synthetic") != false || at(all, "notice") != nil || at(all, "datasets", 0, "tables", 0, "fields") != nil {
		t.Errorf("%v", all)
	}
	a := b.get(t, root)
	one := a.read(t)
	got := map[string]any{}
	for name, steps := range map[string][]any{
		"license": {"license_id"}, "release": {"served", "release"}, "extract": {"served", "date_extract"}, "since": {"served", "served_since"},
		"rows": {"served", "rows"}, "table rows": {"tables", 0, "rows"}, "key": {"tables", 0, "key", 0}, "field": {"tables", 0, "fields", 0, "name"},
		"label": {"tables", 0, "fields", 0, "label"}, "type": {"tables", 0, "fields", 0, "type"},
		"required": {"tables", 0, "fields", 0, "constraints", "required"}, "object": {"served", "objects", 1, "name"}, "url": {"served", "objects", 1, "url"},
		"latest url": {"served", "objects", 1, "latest_url"}, "sha256": {"served", "objects", 1, "sha256"}, "quality": {"links", "quality"}, "synthetic": {"synthetic"},
	} {
		got[name] = at(one, steps...)
	}
	const base = "https://donnees.example.fr"
	want := map[string]any{
		"license": "etalab-2.0", "release": r.id, "extract": "2026-11-21", "since": "2026-11-22T06:00:00Z", "rows": 2000.0, "table rows": 2000.0,
		"key": "numero_formation", "field": "date_extract", "label": "date_chargement", "type": "date", "required": true,
		"object": csvName, "url": base + path(r.id, csvName), "latest url": base + path("latest", csvName), "sha256": strings.Trim(r.tags[csvName], `"`),
		"quality": base + root + "/quality", "synthetic": false,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if a.Header.Get("X-Release") != r.id || a.Header.Get("Cache-Control") != "public, max-age=60, s-maxage=60, must-revalidate" {
		t.Errorf("%v", a.Header)
	}
	if again := b.get(t, root, "If-None-Match: "+a.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
		t.Errorf("%d, want 304", again.StatusCode)
	}
	for _, h := range []string{"If-Modified-Since: Sun, 22 Nov 2037 06:00:00 GMT", "If-Unmodified-Since: Sun, 22 Nov 1998 06:00:00 GMT"} {
		if again := b.get(t, root, h); again.StatusCode != http.StatusOK {
			t.Errorf("%s: %d although the answer has no date", h, again.StatusCode)
		}
	}
	if head := b.do(t, "HEAD", root); head.StatusCode != http.StatusOK || head.Header.Get("ETag") != a.Header.Get("ETag") || head.ContentLength != int64(len(a.body)) {
		t.Errorf("HEAD: %d %v", head.StatusCode, head.Header)
	}
}

func TestSyntheticDataAreAnnounced(t *testing.T) {
	b := newBench(t)
	r := b.publish(t, "2026-11-21", func(m *release.Manifest) { m.Synthetic = true })
	for _, p := range []string{"/api/v1/datasets", root, root + "/releases", root + "/releases/latest", root + "/releases/" + r.id} {
		v := b.get(t, p).read(t)
		if n, _ := at(v, "notice").(string); at(v, "synthetic") != true || !strings.Contains(n, "Données fictives") {
			t.Errorf("%s: %v, %v", p, at(v, "synthetic"), at(v, "notice"))
		}
	}
	for _, p := range []string{root, root + "/quality", root + "/releases/latest", path("latest", "manifest.json")} {
		if b.get(t, p).Header.Get("X-Synthetic") != "true" {
			t.Errorf("%s: no X-Synthetic", p)
		}
	}
}

func TestReleases(t *testing.T) {
	b := newBench(t)
	pruned := b.publish(t, "2026-05-11")
	b.publish(t, "2026-05-01")
	kept := b.publish(t, "2026-11-19", func(m *release.Manifest) { m.Note = "Erratum : deux régions étaient inversées." })
	served := b.publish(t, "2026-11-20")
	withdrawn := b.publish(t, "2026-11-21", func(m *release.Manifest) { m.Previous = served.id })
	if _, _, err := b.archive.Withdraw(t.Context(), catalogue, withdrawn.id, "erreur", b.clock.Now()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.archive.Prune(t.Context(), catalogue, release.DefaultRetention(), b.clock.Now(), false); err != nil {
		t.Fatal(err)
	}
	list := b.get(t, root+"/releases").read(t)
	var got [][]any
	for i := range 5 {
		one := func(name string) any { return at(list, "releases", i, name) }
		got = append(got, []any{one("release"), one("state"), one("since"), one("reason"), one("previous"), one("note"), one("nearest"), at(one("tables"), 0, "rows")})
	}
	now := "2026-11-22T06:00:00Z"
	want := [][]any{
		{withdrawn.id, "withdrawn", now, "erreur", served.id, nil, served.id, 2000.0},
		{served.id, "served", now, nil, nil, nil, nil, 2000.0},
		{kept.id, "kept", nil, nil, nil, "Erratum : deux régions étaient inversées.", nil, 2000.0},
		{pruned.id, "pruned", now, "conservation 90d,monthly", nil, nil, at(list, "releases", 4, "release"), 2000.0},
		{at(list, "releases", 4, "release"), "kept", nil, nil, nil, nil, nil, 2000.0},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if one := b.get(t, root+"/releases/latest").read(t); at(one, "release") != served.id || at(one, "objects", 0, "latest_url") == nil {
		t.Errorf("%v", one)
	}
	if one := b.get(t, root+"/releases/"+kept.id).read(t); at(one, "state") != "kept" || at(one, "objects", 0, "url") == nil || at(one, "objects", 0, "latest_url") != nil {
		t.Errorf("%v", one)
	}
	if one := b.get(t, root+"/releases/"+withdrawn.id).read(t); at(one, "state") != "withdrawn" || at(one, "objects") != nil || at(one, "links", "manifest") != nil {
		t.Errorf("%v", one)
	}
}

// TestDigestOfWithdrawnIsNotTold: whoever kept the other rows could try guesses of
// a withdrawn one against the digest.
func TestDigestOfWithdrawnIsNotTold(t *testing.T) {
	b := newBench(t)
	kept := b.publish(t, "2026-11-20")
	gone := b.publish(t, "2026-11-21")
	digest := func(r made) string {
		m, err := b.archive.Manifest(t.Context(), catalogue, r.id)
		if err != nil {
			t.Fatal(err)
		}
		return m.ContentDigest
	}
	if _, _, err := b.archive.Withdraw(t.Context(), catalogue, gone.id, "erreur", b.clock.Now()); err != nil {
		t.Fatal(err)
	}
	secret := digest(gone)
	for _, p := range []string{
		"/api/v1/datasets", root, root + "/releases", root + "/releases/" + gone.id, root + "/releases/latest",
		root + "/quality?release=" + gone.id, root + "/changes?release=" + gone.id, root + "/disclosure?release=" + gone.id,
		path(gone.id, release.ManifestName), path(gone.id, "schema.json"), path("latest", release.ManifestName),
	} {
		if a := b.get(t, p); strings.Contains(string(a.body), secret) {
			t.Errorf("%s tells the digest of a withdrawn release: %s", p, a.body)
		}
	}
	b.get(t, path(gone.id, release.ManifestName)).problem(t, http.StatusGone)
	if digest, there := b.get(t, root+"/releases/"+gone.id).read(t)["content_digest"]; there {
		t.Errorf("digest %v", digest)
	}
	list := b.get(t, root+"/releases").read(t)
	if at(list, "releases", 0, "content_digest") != nil || at(list, "releases", 1, "content_digest") != digest(kept) {
		t.Errorf("%v", list)
	}
}

func TestReports(t *testing.T) {
	b := newBench(t)
	old := b.publish(t, "2026-11-20")
	r := b.publish(t, "2026-11-21")
	for _, name := range []string{"changes", "quality", "disclosure"} {
		a := b.get(t, root+"/"+name)
		if string(a.body) != string(r.content[name+".json"]) || a.Header.Get("X-Release") != r.id || a.Header.Get("ETag") != r.tags[name+".json"] ||
			a.Header.Get("Content-Disposition") != "" || a.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %s %v", name, a.body, a.Header)
		}
		if a := b.get(t, root+"/"+name, "If-None-Match: "+r.tags[name+".json"]); a.StatusCode != http.StatusNotModified {
			t.Errorf("%s: %d, want 304", name, a.StatusCode)
		}
		a = b.get(t, root+"/"+name+"?release="+old.id)
		if string(a.body) != string(old.content[name+".json"]) || a.Header.Get("X-Release") != old.id || !strings.Contains(a.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %s %v", name, a.body, a.Header)
		}
	}
}

func TestUnknownParametersAreRefusedByName(t *testing.T) {
	b := newBench(t)
	r := b.publish(t, "2026-11-21")
	for p, word := range map[string]string{
		"/api/v1/datasets?limit=3":              "« limit »",
		root + "?release=" + r.id:               "« release »",
		root + "/quality?releases=" + r.id:      "« releases »",
		root + "/quality?release=a&release=b":   "plusieurs fois",
		root + "/releases/latest?%C3%A9t%C3%A9": "« été »",
		root + "/quality?a=%zz":                 "n'est pas bien formée",
		root + "/quality?a;b":                   "n'est pas bien formée",
	} {
		if problem := b.get(t, p).problem(t, 400); !strings.Contains(problem.Detail, word) {
			t.Errorf("%s: %s", p, problem.Detail)
		}
	}
	if a := b.get(t, path("latest", csvName)+"?v=1"); a.StatusCode != http.StatusOK {
		t.Errorf("a file is refused for a parameter: %d", a.StatusCode)
	}
}

func TestLinksFollowTheRequestWithoutBaseURL(t *testing.T) {
	for _, c := range []struct {
		outcome string
		trusted []string
		host    string
		want    string
	}{
		{"nobody is believed", nil, "donnees.example.fr", "http://donnees.example.fr"},
		{"proxy is believed", []string{"127.0.0.0/8", "::1"}, "donnees.example.fr", "https://donnees.example.fr"},
		{"another is not", []string{"192.0.2.1"}, "donnees.example.fr:8080", "http://donnees.example.fr:8080"},
		{"strange host", nil, `x"<y>`, "http://localhost"},
	} {
		t.Run(c.outcome, func(t *testing.T) {
			b := newBench(t, func(o *api.Options) { o.BaseURL, o.TrustedProxies = "", c.trusted })
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.URL+root, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			req.Host = c.host
			req.Header.Set("X-Forwarded-Proto", "https")
			resp, err := b.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			var v map[string]any
			if err := json.NewDecoder(resp.Body).Decode(&v); err == nil && resp.StatusCode == http.StatusOK {
				if at(v, "links", "self") != c.want+root {
					t.Errorf("%v, want %s", at(v, "links", "self"), c.want)
				}
			} else if resp.StatusCode != http.StatusBadRequest { // net/http refuses such a host itself
				t.Errorf("%d %v", resp.StatusCode, err)
			}
		})
	}
}

func TestHealth(t *testing.T) {
	b := newBench(t)
	if v := b.get(t, "/healthz").read(t); at(v, "status") != "ok" || at(v, "version") != "test" {
		t.Errorf("%v", v)
	}
	if a := b.get(t, "/readyz"); a.StatusCode != http.StatusServiceUnavailable || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", a.StatusCode, a.Header)
	}
	r := b.publish(t, "2026-11-21")
	a := b.get(t, "/readyz")
	want := map[string]any{"status": "ok", "checks": []any{
		map[string]any{"name": "store", "status": "ok"},
		map[string]any{"name": "dataset:" + catalogue, "status": "ok", "release": r.id},
		map[string]any{"name": "dataset:moncompteformation_formations_engagees", "status": "absent", "detail": "Aucune publication n'est en service."},
		map[string]any{"name": "dataset:moncompteformation_usagers", "status": "absent", "detail": "Aucune publication n'est en service."},
	}}
	if diff := cmp.Diff(want, a.read(t)); diff != "" || a.Header.Get("Cache-Control") != "no-store" {
		t.Error(diff)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	good := newBench(t).options
	for name, change := range map[string]func(*api.Options){
		"no store":       func(o *api.Options) { o.Store = nil },
		"no log":         func(o *api.Options) { o.Log = nil },
		"no clock":       func(o *api.Options) { o.Now = nil },
		"relative base":  func(o *api.Options) { o.BaseURL = "donnees.example.fr" },
		"base of a file": func(o *api.Options) { o.BaseURL = "file:///x" },
		"base with ?":    func(o *api.Options) { o.BaseURL = "https://x/?y" },
		"named proxy":    func(o *api.Options) { o.TrustedProxies = []string{"proxy"} },
		"faulty network": func(o *api.Options) { o.TrustedProxies = []string{"10.0.0.0/64"} },
	} {
		o := good
		change(&o)
		if _, err := api.New(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	good.BaseURL = "https://donnees.example.fr/"
	if _, err := api.New(good); err != nil {
		t.Error(err)
	}
}
