package explore_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRecords asks for pages, and compares the whole answers.
func TestRecords(t *testing.T) {
	s := open(t)
	for name, c := range map[string]struct {
		parameters []string
		want       string
	}{
		"a page in the order of the key": {[]string{"select=numero_formation,code_departement,frais_ttc_tot_mean", "limit=2", "offset=3"},
			`{"total_count":24,"results":[{"numero_formation":"F03","code_departement":null,"frais_ttc_tot_mean":400.5},{"numero_formation":"F04","code_departement":"69","frais_ttc_tot_mean":500.5}]}`},
		"types": {[]string{"select=date_extract,nb_action,nombre_heures_total_mean,date_habilitation,frais_ttc_tot_mean / 8 as huitieme", "limit=1"},
			`{"total_count":24,"results":[{"date_extract":"2026-11-01","nb_action":1,"nombre_heures_total_mean":35.0,"date_habilitation":"2026-01-15","huitieme":12.5625}]}`},
		"by SIRET":              {[]string{"select=count(*) as n", "where=siret=\"00040000200010\""}, `{"total_count":12,"results":[{"n":12}]}`},
		"by an alias of SIRET":  {[]string{"select=count(*) as n", "where=siret_of='00040000200010'"}, `{"total_count":12,"results":[{"n":12}]}`},
		"a number as a code":    {[]string{"select=count(*) as n", "where=code_rncp=900001"}, `{"total_count":12,"results":[{"n":12}]}`},
		"by NSF":                {[]string{"select=count(*) as n", "where=code_nsf_1='136'"}, `{"total_count":12,"results":[{"n":12}]}`},
		"by région":             {[]string{"select=count(*) as n", "where=nom_region='Île-de-France'"}, `{"total_count":6,"results":[{"n":6}]}`},
		"where twice":           {[]string{"select=count(*) as n", "where=code_nsf_1='136'", "where=code_region='93'"}, `{"total_count":0,"results":[{"n":0}]}`},
		"search":                {[]string{"select=intitule_certification", "where=search(intitule_certification, \"developpeur\")", "limit=1"}, `{"total_count":12,"results":[{"intitule_certification":"Développeur web et web mobile"}]}`},
		"search with a slip":    {[]string{"select=count(*) as n", "where=search(intitule_certification, \"dévelopeur web\")"}, `{"total_count":12,"results":[{"n":12}]}`},
		"LIKE":                  {[]string{"select=count(*) as n", "where=intitule_certification LIKE \"anglais\""}, `{"total_count":12,"results":[{"n":12}]}`},
		"full text":             {[]string{"select=count(*) as n", "where=\"anglais professionnel\""}, `{"total_count":12,"results":[{"n":12}]}`},
		"refine":                {[]string{"select=count(*) as n", "refine=nom_region:Île-de-France"}, `{"total_count":6,"results":[{"n":6}]}`},
		"exclude":               {[]string{"select=count(*) as n", "exclude=type_referentiel:RS"}, `{"total_count":12,"results":[{"n":12}]}`},
		"an aggregate, one row": {[]string{"select=count(*)", "limit=5"}, `{"total_count":24,"results":[{"count(*)":24}]}`},
		"groups": {[]string{"select=count(*) as n, avg(frais_ttc_tot_mean) as moyenne, median(frais_ttc_tot_mean) as mediane", "group_by=nom_region", "order_by=moyenne desc", "limit=2"},
			`{"total_count":4,"results":[{"nom_region":null,"n":6,"moyenne":1400.5,"mediane":1400.5},{"nom_region":"Provence-Alpes-Côte d'Azur","n":6,"moyenne":1300.5,"mediane":1300.5}]}`},
		"groups without select": {[]string{"group_by=type_referentiel"}, `{"total_count":2,"results":[{"type_referentiel":"RNCP"},{"type_referentiel":"RS"}]}`},
		"exact distinct":        {[]string{"select=count(distinct siret) as of"}, `{"total_count":24,"results":[{"of":2}]}`},
		"order":                 {[]string{"select=numero_formation", "order_by=-frais_ttc_tot_mean", "limit=1"}, `{"total_count":24,"results":[{"numero_formation":"F23"}]}`},
		"no rows":               {[]string{"limit=0"}, `{"total_count":24,"results":[]}`},
		"beyond the end":        {[]string{"offset=24"}, `{"total_count":24,"results":[]}`},
		"nothing found":         {[]string{"where=nom_of='personne'"}, `{"total_count":0,"results":[]}`},
		"an unknown parameter":  {[]string{"select=count(*)", "rows=5"}, `{"total_count":24,"results":[{"count(*)":24}]}`},
		"language and zone":     {[]string{"select=date_format(date_extract, 'MMMM') as mois", "lang=en", "timezone=Europe/Paris", "limit=1"}, `{"total_count":24,"results":[{"mois":"November"}]}`},
	} {
		t.Run(name, func(t *testing.T) { same(t, s.get(t, ask(records, c.parameters...)).json(t), c.want) })
	}
}

func TestMonthsAreDates(t *testing.T) {
	s := open(t)
	path := base + "/datasets/" + engagees + "/records"
	for _, where := range []string{"date_validation=date'2025-03'", "year(date_validation)=2025 and month(date_validation)=3", "date_validation<'2025-04-01'"} {
		same(t, s.get(t, ask(path, "select=date_validation,nb_dossiers,montant_engage", "limit=1", "where="+where)).json(t),
			`{"total_count":3,"results":[{"date_validation":"2025-03","nb_dossiers":13,"montant_engage":13000.0}]}`)
	}
	same(t, s.get(t, ask(path, "select=count(*) as n", "refine=date_validation:2025/03")).json(t), `{"total_count":3,"results":[{"n":3}]}`)
}

// TestKeysKeepTheOrderOfColumns looks at the text, since decoded JSON has no order.
func TestKeysKeepTheOrderOfColumns(t *testing.T) {
	s := open(t)
	a := s.get(t, ask(records, "select=siret,nom_of,code_region", "limit=1"))
	if want := `{"siret":"00040000200010","nom_of":"ORGANISME UN","code_region":"84"}`; !strings.Contains(string(a.body), want) {
		t.Errorf("%s", a.body)
	}
	a = s.get(t, ask(records, "limit=1"))
	table := s.all[0].Tables[0]
	last := -1
	for _, f := range table.Fields {
		i := strings.Index(string(a.body), `"`+f.Name+`":`)
		if i <= last {
			t.Errorf("%s stands at %d, after %d", f.Name, i, last)
		}
		last = i
	}
}

// TestPagesNeitherRepeatNorLoseRows reads all rows page by page, in an order with many
// ties.
func TestPagesNeitherRepeatNorLoseRows(t *testing.T) {
	s := open(t)
	var got []string
	for offset := 0; offset < 24; offset += 5 {
		page := s.get(t, ask(records, "select=numero_formation", "order_by=type_referentiel desc", "limit=5", fmt.Sprintf("offset=%d", offset))).json(t)
		results, _ := at(page, "results").([]any)
		for _, r := range results {
			got = append(got, fmt.Sprint(at(r, "numero_formation")))
		}
	}
	slices.Sort(got)
	if len(got) != 24 || len(slices.Compact(got)) != 24 {
		t.Errorf("%v", got)
	}
}

// TestPagesOfAWholeTable compares pages of all sizes at all offsets with the whole, in an
// order in which some of their rows are known already and some are not.
func TestPagesOfAWholeTable(t *testing.T) {
	s := open(t)
	whole, _ := s.get(t, ask(exports+"/json")).json(t).([]any)
	if len(whole) != 24 {
		t.Fatalf("%d rows", len(whole))
	}
	for i := range 25 * 25 {
		offset, limit := i*7%25, 1+i/25
		page := s.get(t, ask(records, fmt.Sprintf("limit=%d", limit), fmt.Sprintf("offset=%d", offset))).json(t)
		want := append([]any{}, whole[min(offset, 24):min(offset+limit, 24)]...)
		if diff := cmp.Diff(map[string]any{"total_count": 24., "results": want}, page); diff != "" {
			t.Fatalf("limit %d, offset %d: -want +got\n%s", limit, offset, diff)
		}
	}
}

func TestRecordIDs(t *testing.T) {
	s := open(t)
	page := s.get(t, ask(records, "select=nom_of", "limit=1", "offset=1", "include_app_metas=true", "include_links=true")).json(t)
	record := at(page, "results", 0)
	id := fmt.Sprint(at(record, "_id"))
	if len(id) != 40 || at(record, "_timestamp") != "2026-11-22T06:00:00Z" || at(record, "_size") != float64(len(`{"nom_of":"ANGLAIS; \"SARL\""}`)) || at(record, "nom_of") != `ANGLAIS; "SARL"` {
		t.Errorf("%v", record)
	}
	if href := at(record, "_links", 0, "href"); href != public+records+"/"+id {
		t.Errorf("%v", href)
	}
	links, _ := at(record, "_links").([]any)
	for _, l := range links {
		if a := s.get(t, strings.TrimPrefix(fmt.Sprint(at(l, "href")), public)); a.StatusCode != http.StatusOK {
			t.Errorf("%v: %d", l, a.StatusCode)
		}
	}
	for _, slash := range []string{"", "/"} {
		same(t, s.get(t, ask(records+"/"+id+slash, "select=numero_formation")).json(t), `{"numero_formation":"F01"}`)
	}
	one := s.get(t, records+"/"+id).json(t).(map[string]any)
	if len(one) != len(s.all[0].Tables[0].Fields) {
		t.Errorf("%d fields", len(one))
	}
	s.get(t, records+"/"+strings.Repeat("0", 40)).fault(t, 404, "NotFoundResource")
	s.get(t, records+"/x").fault(t, 404, "NotFoundResource")
}

func TestLinksOfPages(t *testing.T) {
	s := open(t)
	links := func(parameters ...string) map[string]string {
		t.Helper()
		page := s.get(t, ask(records, append(parameters, "include_links=true")...)).json(t)
		out := map[string]string{}
		all, _ := at(page, "_links").([]any)
		for _, l := range all {
			out[fmt.Sprint(at(l, "rel"))] = strings.TrimPrefix(fmt.Sprint(at(l, "href")), public)
		}
		return out
	}
	middle := links("limit=10", "offset=10", "select=siret")
	for rel, offset := range map[string]string{"first": "offset=0", "next": "offset=20", "last": "offset=20"} {
		if !strings.HasPrefix(middle[rel], records+"?") || !strings.Contains(middle[rel], offset+"&") {
			t.Errorf("%s: %s", rel, middle[rel])
		}
		if a := s.get(t, middle[rel]); a.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", rel, a.StatusCode)
		}
	}
	if end := links("limit=10", "offset=20"); end["next"] != "" || end["self"] == "" {
		t.Errorf("%v", end)
	}
}

func TestRefusedQueries(t *testing.T) {
	s := open(t)
	const (
		query, syntax, parameter = "ODSQLError", "ODSQLSyntaxError", "InvalidRESTParameterError"
	)
	for _, c := range []struct {
		parameter, code, says string
	}{
		{"limit=101", parameter, "-1 ≤ limit ≤ 100"},
		{"limit=-2", parameter, "« -2 »"},
		{"limit=dix", parameter, "« dix »"},
		{"offset=-1", parameter, "offset"},
		{"offset=9999", parameter, "ne peut dépasser 10000. L'export rend toutes les lignes : " + public + exports + "/csv"},
		{"offset=10001", parameter, "exports/csv"},
		{"lang=xx", parameter, "lang"},
		{"timezone=Mars/Phobos", parameter, "timezone"},
		{"timezone=Local", parameter, "timezone"},
		{"include_links=peut-être", parameter, "true ou false"},
		{"select=inconnu", query, "inconnu"},
		{"where=inconnu=1", query, "inconnu"},
		{"where=siret=", syntax, "where"},
		{"where=modalite_presence='x'", query, ""},
		{"order_by=inconnu", query, "order_by"},
		{"group_by=inconnu", query, "group_by"},
		{"refine=rien:1", query, "rien"},
		{"refine=nom_region", "", "refine"},
		{"where=within_distance(nom_of, geom'POINT(1 2)', 1km)", query, "nom_of"},
		{"select=avg(nom_of)", query, "nom_of"},
	} {
		a := s.get(t, ask(records, c.parameter))
		code := c.code
		if code == "" {
			code = syntax
		}
		if m := a.fault(t, 400, code); !strings.Contains(m, c.says) {
			t.Errorf("%s: %s", c.parameter, m)
		}
	}
	s.get(t, records+"?where=%zz").fault(t, 400, parameter)
	s.get(t, base+"/datasets/inconnu/records").fault(t, 404, "NotFoundResource")
	s.get(t, base+"/datasets/catalog/records").fault(t, 404, "NotFoundResource")
}

// TestAFieldOfAnotherTable is answered with the table that has it.
func TestAFieldOfAnotherTable(t *testing.T) {
	s := open(t)
	path := base + "/datasets/" + engagees + "/records"
	for field, table := range map[string]string{"statut_dossier": "_statut", "modalite_presence": "_region_modalite"} {
		if m := s.get(t, ask(path, "where="+field+"='x'")).fault(t, 400, "ODSQLError"); !strings.Contains(m, engagees+table) {
			t.Errorf("%s: %s", field, m)
		}
	}
}

func TestLimits(t *testing.T) {
	s := open(t)
	for _, c := range []struct {
		parameters []string
		n          int
	}{
		{[]string{}, 10}, {[]string{"limit=-1"}, 24}, {[]string{"limit=100", "offset=9900"}, 0}, {[]string{"limit=20000", "group_by=siret"}, 2},
		{[]string{"limit=-1", "group_by=numero_formation"}, 24}, {[]string{"limit=-1", "offset=10000"}, 0},
	} {
		results, _ := at(s.get(t, ask(records, c.parameters...)).json(t), "results").([]any)
		if len(results) != c.n {
			t.Errorf("%v: %d results", c.parameters, len(results))
		}
	}
	s.get(t, ask(records, "limit=20001", "group_by=siret")).fault(t, 400, "InvalidRESTParameterError")
}

func TestIgnoredParametersAreListed(t *testing.T) {
	s := open(t)
	a := s.get(t, records+"?limit=1&q=x&%0d%0aEvil=1&zeta=&apikey=secret")
	if got := a.Header.Get("X-Ignored-Parameters"); got != "%0D%0AEvil, apikey, q, zeta" {
		t.Errorf("%q", got)
	}
	if a := s.get(t, records+"?limit=1"); a.Header.Get("X-Ignored-Parameters") != "" {
		t.Errorf("%q", a.Header.Get("X-Ignored-Parameters"))
	}
}
