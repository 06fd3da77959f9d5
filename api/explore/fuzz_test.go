package explore_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/parvis-opendata/parvis/api"
)

// FuzzRequests: whatever the parameters, the answer is never a failure of ours, and is
// JSON where JSON is promised.
func FuzzRequests(f *testing.F) {
	s := open(f)
	for _, raw := range []string{
		"", "limit=1&offset=3", "select=count(*)&group_by=nom_region", "where=search(nom_of,%22a%22)", "refine=nom_region:x&exclude=code_region:11", "facet=facet(name=%22code_region%22,limit=1)",
		"select=frais_ttc_tot_mean/0", "order_by=-siret", "delimiter=;&quote_all=true", "dataset=" + catalogue + "&q=(a%20OR%20b)&sort=-siret&facet=code_region", "x=siret&y.a.func=AVG&y.a.expr=nb_action&dataset=" + catalogue,
		"include_links=true&include_app_metas=true&timezone=Asia/Kathmandu&lang=eu", "where=%ff", "select=date_format(date_extract,%27EEEE%27)", "release=latest",
	} {
		f.Add(raw)
	}
	server, err := api.New(api.Options{Store: s.store, Datasets: s.all, BaseURL: public, Version: "test", Now: now, Log: quiet, Library: s.library, Scratch: s.dir})
	if err != nil {
		f.Fatal(err)
	}
	paths := []string{records, facets, exports + "/csv", exports + "/json", base + "/datasets", base + "/facets", "/api/records/1.0/search", "/api/records/1.0/analyze", "/explore/dataset/" + catalogue + "/download"}
	f.Fuzz(func(t *testing.T, raw string) {
		for _, path := range paths {
			u := &url.URL{Path: path, RawQuery: raw}
			r := &http.Request{Method: http.MethodGet, URL: u, RequestURI: path + "?" + raw, Host: "x", Header: http.Header{}, Body: http.NoBody, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
			w := httptest.NewRecorder()
			server.ServeHTTP(w, r.WithContext(t.Context()))
			if w.Code >= http.StatusInternalServerError {
				t.Fatalf("%s?%s: %d %s", path, raw, w.Code, w.Body)
			}
			if w.Header().Get("Content-Type") == "application/json; charset=utf-8" && !json.Valid(w.Body.Bytes()) {
				t.Fatalf("%s?%s: no JSON: %s", path, raw, w.Body)
			}
		}
	})
}
