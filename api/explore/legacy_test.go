package explore_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const search = "/api/records/1.0/search"

func TestSearchV1(t *testing.T) {
	s := open(t)
	for _, slash := range []string{"", "/"} {
		v := s.get(t, ask(search+slash, "dataset="+catalogue, "rows=1", "start=1", "sort=-frais_ttc_tot_mean", "fields=numero_formation,frais_ttc_tot_mean,code_departement,code_rome_1",
			"facet=code_nsf_1", "refine.code_region=11", "timezone=Europe/Paris")).json(t)
		id := fmt.Sprint(at(v, "records", 0, "recordid"))
		same(t, v, `{"nhits":6,"parameters":{"dataset":"`+catalogue+`","rows":1,"start":1,"format":"json","timezone":"Europe/Paris","fields":"numero_formation,frais_ttc_tot_mean,code_departement,code_rome_1",
			"facet":["code_nsf_1"],"sort":["-frais_ttc_tot_mean"],"refine":{"code_region":"11"}},
			"records":[{"datasetid":"`+catalogue+`","recordid":"`+id+`","fields":{"numero_formation":"F05","frais_ttc_tot_mean":600.5,"code_departement":"75"},"record_timestamp":"2026-11-22T07:00:00+01:00"}],
			"facet_groups":[{"name":"code_nsf_1","facets":[{"name":"136","path":"136","count":6,"state":"displayed"}]}]}`)
		same(t, s.get(t, ask(records+"/"+id, "select=numero_formation")).json(t), `{"numero_formation":"F05"}`)
	}
}

// TestTextQueriesV1 counts what the query language of version 1 finds.
func TestTextQueriesV1(t *testing.T) {
	s := open(t)
	for q, n := range map[string]int{
		"":                                    24,
		"anglais":                             12,
		"anglais professionnel":               12,
		"anglais mobile":                      0,
		`"test d'anglais"`:                    12,
		"anglais OR mobile":                   24,
		"NOT anglais":                         12,
		"anglais NOT Paris":                   6,
		"siret:00040000200010":                12,
		"siret=00040000200010":                12,
		"siret_of==00040000200010":            12,
		`nom_region:"Île-de-France"`:          6,
		"frais_ttc_tot_mean>2000":             5,
		"frais_ttc_tot_mean<=200.5":           2,
		"frais_ttc_tot_mean:[100.5 TO 300.5]": 3,
		"frais_ttc_tot_mean:[100.5 TO 300.5[": 2,
		"(code_region:11 OR code_region:93) AND code_nsf_1:136": 6,
		"date_extract:2026-11-01":                               24,
		"date_extract>=2026-11-02":                              0,
		"quelque:chose":                                         0,
	} {
		v := s.get(t, ask(search, "dataset="+catalogue, "rows=0", "q="+q)).json(t)
		if at(v, "nhits") != float64(n) {
			t.Errorf("%s: %v hits, want %d", q, at(v, "nhits"), n)
		}
	}
	for _, q := range []string{`"ouvert`, "#now()", "siret:[a b]", "(anglais", "OR OR"} {
		a := s.get(t, ask(search, "dataset="+catalogue, "q="+q))
		if a.StatusCode != http.StatusBadRequest || at(decode(t, a.body), "error") == nil {
			t.Errorf("%s: %d %s", q, a.StatusCode, a.body)
		}
	}
}

func TestDisjunctiveV1(t *testing.T) {
	s := open(t)
	path := ask(search, "dataset="+catalogue, "rows=0", "refine.code_region=11", "refine.code_region=93")
	if n := at(s.get(t, path).json(t), "nhits"); n != 0.0 {
		t.Errorf("%v", n)
	}
	if n := at(s.get(t, path+"&disjunctive.code_region=true").json(t), "nhits"); n != 12.0 {
		t.Errorf("%v", n)
	}
	if n := at(s.get(t, ask(search, "dataset="+catalogue, "rows=0", "exclude.code_region=11")).json(t), "nhits"); n != 18.0 {
		t.Errorf("%v", n)
	}
}

func TestRefusedV1(t *testing.T) {
	s := open(t)
	for parameters, status := range map[string]int{
		"dataset=inconnu": 404, "rows=1": 400, "dataset=" + catalogue + "&rows=10001": 400, "dataset=" + catalogue + "&start=9999": 400, "dataset=" + catalogue + "&sort=a b": 400,
		"dataset=" + catalogue + "&fields=a;b": 400, "dataset=" + catalogue + "&refine.rien=1": 400, "dataset=" + catalogue + "&geofilter.distance=1,2,3": 400,
		"dataset=" + catalogue + "&disjunctive.code_region=peut-être": 200,
	} {
		if a := s.get(t, ask(search, strings.Split(parameters, "&")...)); a.StatusCode != status {
			t.Errorf("%s: %d %s", parameters, a.StatusCode, a.body)
		}
	}
}

func TestAnalyzeV1(t *testing.T) {
	s := open(t)
	for _, c := range []struct {
		parameters []string
		want       string
	}{
		{[]string{"x=type_referentiel", "y.prix.func=AVG", "y.prix.expr=frais_ttc_tot_mean", "y.n.func=COUNT", "sort=-x"}, `[{"x":"RNCP","n":12,"prix":1200.5},{"x":"RS","n":12,"prix":1300.5}]`},
		{[]string{"x=type_referentiel", "y.total.func=sum", "y.total.expr=frais_ttc_tot_mean", "sort=total", "maxpoints=1"}, `[{"x":"RS","total":15606.0}]`},
		{[]string{"x=code_region", "x=type_referentiel", "y.m.func=QUANTILES", "y.m.expr=frais_ttc_tot_mean", "y.m.subsets=50", "refine.code_region=11"}, `[{"x":{"code_region":"11","type_referentiel":"RS"},"m":1200.5}]`},
		{[]string{"x=date_extract.year"}, `[{"x":2026,"count":24}]`},
	} {
		same(t, s.get(t, ask("/api/records/1.0/analyze", append(c.parameters, "dataset="+catalogue)...)).json(t), c.want)
	}
	for _, parameters := range []string{"y.n.func=COUNT", "x=siret&y.n.func=STDDEV", "x=siret&y.n.func=SUM", "x=a b", "x=siret&sort=autre", "x=date_extract.siècle", "x=siret&y.a b.func=COUNT"} {
		if a := s.get(t, ask("/api/records/1.0/analyze", append(strings.Split(parameters, "&"), "dataset="+catalogue)...)); a.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d %s", parameters, a.StatusCode, a.body)
		}
	}
}

func TestDownloadV1(t *testing.T) {
	s := open(t)
	page := "/explore/dataset/" + catalogue + "/download"
	for _, address := range []string{page, page + "/", "/api/records/1.0/download"} {
		a := s.get(t, ask(address, "dataset="+catalogue, "format=csv", "use_labels_for_header=true", "fields=siret,code_region", "rows=1", "timezone=Europe/Berlin", "lang=fr"))
		if string(a.body) != "siret_of;code_region\r\n00040000200010;84\r\n" {
			t.Errorf("%s: %d %q %v", address, a.StatusCode, a.body, a.Header)
		}
	}
	if a := s.get(t, ask(page, "csv_separator=,")); !strings.HasSuffix(a.Header.Get("Content-Location"), catalogue+".csv") {
		t.Errorf("%v", a.Header)
	}
	if n := strings.Count(string(s.get(t, ask(page, "q=anglais", "refine.code_region=11", "start=2")).body), "\r\n"); n != 5 {
		t.Errorf("%d lines", n)
	}
	if rows, _ := s.get(t, ask(page, "format=json")).json(t).([]any); len(rows) != 24 {
		t.Errorf("%d rows", len(rows))
	}
	if a := s.get(t, ask(page, "format=xlsx")); len(readSheet(t, a.body)) != 25 {
		t.Errorf("%d", a.StatusCode)
	}
	s.get(t, ask(page, "format=shp")).fault(t, 404, "NotFoundResource")
}

func TestOldPagesLeadToOurs(t *testing.T) {
	s := open(t)
	for _, path := range []string{"", "/", "/information/", "/table", "/export/", "/api"} {
		a := s.get(t, "/explore/dataset/"+engagees+"_mensuel"+path+"?disjunctive.x=1")
		if a.StatusCode != http.StatusFound || a.Header.Get("Location") != public+"/jeux-de-donnees/"+engagees+"#"+engagees+"_mensuel" {
			t.Errorf("%s: %d %s", path, a.StatusCode, a.Header.Get("Location"))
		}
	}
	if a := s.get(t, "/explore/dataset/"+engagees+"/information/"); a.Header.Get("Location") != public+"/jeux-de-donnees/"+engagees {
		t.Errorf("%d %s", a.StatusCode, a.Header.Get("Location"))
	}
	s.get(t, "/explore/dataset/inconnu/information/").fault(t, 404, "NotFoundResource")
	for name, file := range map[string]string{"parquet": ".parquet", "csv_gz": ".csv.gz", "excel_csv": ".excel.csv", catalogue + ".xlsx": ".xlsx"} {
		a := s.get(t, "/api/datasets/1.0/"+catalogue+"/alternative_exports/"+name+"/")
		if want := public + "/datasets/" + catalogue + "/releases/latest/" + catalogue + file; a.StatusCode != http.StatusFound || a.Header.Get("Location") != want {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.Header.Get("Location"))
		}
	}
	s.get(t, "/api/datasets/1.0/"+catalogue+"/alternative_exports/shp").fault(t, 404, "NotFoundResource")
}

// TestErrorsOfVersion1HaveTheirMessageWhereItsClientsLook: in error, at every address of
// version 1 and at none of version 2.1.
func TestErrorsOfVersion1HaveTheirMessageWhereItsClientsLook(t *testing.T) {
	s := open(t)
	for address, has := range map[string]bool{
		search + "?dataset=rien":                                 true,
		"/explore/dataset/rien/download/":                        true,
		"/explore/dataset/" + catalogue + "/download?format=shp": true,
		base + "/datasets/rien":                                  false,
	} {
		v := decode(t, s.get(t, address).body)
		if got := at(v, "error"); has != (got != nil) || has && got != at(v, "message") {
			t.Errorf("%s: %v", address, v)
		}
	}
}

// TestRefinementsOfPublicScripts: by fields that are no declared facets, by a name that a
// field had before, and with facets of both.
func TestRefinementsOfPublicScripts(t *testing.T) {
	s := open(t)
	v := s.get(t, ask(search, "dataset="+catalogue, "rows=2000", "facet=rsrncp", "facet=siret", "facet=libelle_nsf_2", "refine.rsrncp=RS", "refine.intitule_certification=Test d'anglais professionnel")).json(t)
	if n := at(v, "nhits"); n != float64(12) {
		t.Errorf("%v hits", n)
	}
	for i, want := range []string{"type_referentiel", "siret", "libelle_nsf_2"} {
		if name := at(v, "facet_groups", i, "name"); name != want {
			t.Errorf("facet %d is %v, want %s", i, name, want)
		}
	}
	s.get(t, ask(base+"/datasets/"+catalogue+"/facets", "facet=contenu_formation")).fault(t, 400, "ODSQLError")
}
