package explore_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/api"
	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// rowsOf is the address of the rows of a table.
func rowsOf(table string) string { return "/api/v1/tables/" + table + "/rows" }

// rowsPage is an answer with rows.
type rowsPage struct {
	Release string
	Rows    []json.RawMessage
	Next    *string
}

func (s *shop) rowsPage(t testing.TB, address string) rowsPage {
	t.Helper()
	a := s.get(t, address)
	if a.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s", address, a.StatusCode, a.body)
	}
	var p rowsPage
	check(t, json.Unmarshal(a.body, &p))
	link := ""
	if p.Next != nil {
		link = "<" + *p.Next + `>; rel="next"`
	}
	if a.Header.Get("Link") != link || a.Header.Get("X-Release") != p.Release {
		t.Errorf("%s: Link %q, X-Release %q", address, a.Header.Get("Link"), a.Header.Get("X-Release"))
	}
	return p
}

// allRows reads every page, and calls between after each.
func (s *shop) allRows(t testing.TB, address string, between func(n int)) (pages []rowsPage, rows []string) {
	t.Helper()
	for {
		p := s.rowsPage(t, address)
		pages = append(pages, p)
		for _, r := range p.Rows {
			rows = append(rows, string(r))
		}
		if p.Next == nil {
			return pages, rows
		}
		next, ok := strings.CutPrefix(*p.Next, public)
		if !ok {
			t.Fatal(*p.Next)
		}
		address = next
		between(len(pages))
	}
}

// export reads all rows of a table as the export has them.
func (s *shop) export(t testing.TB, table string, parameters ...string) []string {
	t.Helper()
	a := s.get(t, ask(base+"/datasets/"+table+"/exports/jsonl", parameters...))
	if a.StatusCode != http.StatusOK {
		t.Fatalf("%s", a.body)
	}
	return strings.Split(strings.TrimSpace(string(a.body)), "\n")
}

// TestPagesOfRowsMakeTheTable: in whatever order, the pages have each row once, in the
// order of the export.
func TestPagesOfRowsMakeTheTable(t *testing.T) {
	s := open(t)
	orders := []string{
		"", "frais_ttc_tot_mean desc", "nb_action", "code_departement", "code_departement desc, frais_ttc_tot_min", "date_extract desc", "length(intitule_formation), nom_of desc",
		"code_region, nb_action desc, siret", "numero_formation desc", "lower(nom_of)", "random(7)", "year(date_extract), frais_ttc_tot_max / 3", "-nombre_heures_total_mean",
	}
	for _, order := range orders {
		for _, limit := range []int{1, 7, 24, 1000} {
			parameters := []string{fmt.Sprintf("limit=%d", limit)}
			var want []string
			if order != "" {
				parameters = append(parameters, "order_by="+order)
				want = s.export(t, catalogue, "order_by="+order)
			} else {
				want = s.export(t, catalogue)
			}
			pages, got := s.allRows(t, ask(rowsOf(catalogue), parameters...), func(int) {})
			if !slices.Equal(got, want) {
				t.Errorf("order_by=%s, limit=%d: %d rows, want %d", order, limit, len(got), len(want))
			}
			if n := (len(want) + limit - 1) / limit; len(pages) != n {
				t.Errorf("order_by=%s, limit=%d: %d pages, want %d", order, limit, len(pages), n)
			}
		}
	}
	where := []string{"where=code_region = '11' OR nb_action > 0", "where=NOT search(\"introuvable\")", "select=siret, frais_ttc_tot_mean * 2 as double", "order_by=double desc"}
	_, got := s.allRows(t, ask(rowsOf(catalogue), append(where, "limit=5")...), func(int) {})
	if want := s.export(t, catalogue, where...); !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if _, got := s.allRows(t, ask(rowsOf(engagees+"_mensuel"), "limit=1", "order_by=montant_engage"), func(int) {}); len(got) != 2 {
		t.Error(got)
	}
	if p := s.rowsPage(t, ask(rowsOf(catalogue), "select=count(*) as n, max(nb_action) as m", "limit=1")); len(p.Rows) != 1 || string(p.Rows[0]) != `{"n":24,"m":1}` || p.Next != nil {
		t.Errorf("%s", p.Rows)
	}
	if p := s.rowsPage(t, ask(rowsOf(catalogue), "where=nb_action < 0")); len(p.Rows) != 0 || p.Next != nil {
		t.Errorf("%s", p.Rows)
	}
	// Every page means the instant of the first.
	address := ask(rowsOf(catalogue), "where=date_extract < now(days=1)", "limit=20")
	later := s.serve(t, func(o *api.Options) { o.Now = func() time.Time { return instant.Add(time.Hour) } })
	p := s.rowsPage(t, address)
	if a := do(t, later, http.MethodGet, strings.TrimPrefix(*p.Next, public)); a.StatusCode != http.StatusOK || !strings.HasPrefix(string(a.body), `{"release":"`+p.Release) {
		t.Errorf("%s", a.body)
	}
}

// TestRowsStayInTheirRelease begins to read, publishes, and reads on.
func TestRowsStayInTheirRelease(t *testing.T) {
	s := newShop(t, catalogue)
	defer s.end()
	first := s.served(t, catalogue).Release
	want := s.export(t, catalogue, "order_by=frais_ttc_tot_mean desc")
	s.change = func(all map[string][]hubtest.Record) {
		for _, r := range all["actions"][:3] {
			r["frais_ttc"] = "9999.00"
		}
		for _, rows := range all {
			for _, r := range rows {
				r["date_maj"] = "2026-11-21T10:00:00"
			}
		}
	}
	var cursor string
	pages, got := s.allRows(t, ask(rowsOf(catalogue), "order_by=frais_ttc_tot_mean desc", "limit=5"), func(n int) {
		if n == 2 {
			s.publish(t, instant.Add(24*time.Hour), catalogue)
			second := s.served(t, catalogue).Release
			for deadline := time.Now().Add(time.Minute); s.get(t, records).Header.Get("X-Release") != second; time.Sleep(20 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("%+v", s.library.State())
				}
			}
		}
	})
	if !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	for _, p := range pages {
		if p.Release != first {
			t.Errorf("a page is of %s", p.Release)
		}
		if p.Next != nil {
			cursor = strings.TrimPrefix(*p.Next, public)
		}
	}
	if p := s.rowsPage(t, rowsOf(catalogue)); p.Release == first {
		t.Error("a first page is of the old release")
	}
	if p := s.rowsPage(t, ask(rowsOf(catalogue), "release="+first, "limit=1000")); p.Release != first || len(p.Rows) != 24 {
		t.Error(p.Release)
	}
	if _, _, err := release.NewArchive(s.store).Withdraw(t.Context(), catalogue, first, "une adresse est restée", time.Now()); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		a := s.get(t, cursor)
		if a.StatusCode == http.StatusGone {
			p := a.problem(t, 410, "publication-retiree")
			if !strings.Contains(p.Detail, "Motif : une adresse est restée.") || len(p.Fixes) == 0 || !strings.Contains(p.Fixes[0], "Reprenez depuis la première page") {
				t.Errorf("%+v", p)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the release is still served")
		}
	}
}

// problem is an answer in the form of RFC 9457.
type problem struct {
	Type, Title, Detail string
	Status              int
	Fixes               []string
	Clause              string
	Position            int
	Found, Expected     string
}

func (a answer) problem(t testing.TB, status int, name string) problem {
	t.Helper()
	var p problem
	if err := json.Unmarshal(a.body, &p); err != nil || a.StatusCode != status || p.Status != status || !strings.HasSuffix(p.Type, "/problemes/"+name) ||
		p.Title == "" || p.Detail == "" || len(p.Fixes) == 0 || p.Fixes[0] == "" {
		t.Fatalf("%s: status %d, want %d %s: %s", a.Request.URL, a.StatusCode, status, name, a.body)
	}
	if h := a.Header; h.Get("Content-Type") != "application/problem+json" || h.Get("Cache-Control") != "no-store" || h.Get("ETag") != "" || h.Get("Content-Encoding") != "" {
		t.Errorf("headers of a problem: %v", h)
	}
	return p
}

func TestErrorsOfRows(t *testing.T) {
	s := open(t)
	served := s.served(t, catalogue).Release
	first := s.rowsPage(t, ask(rowsOf(catalogue), "limit=5"))
	u, err := url.Parse(*first.Next)
	check(t, err)
	cursor := u.Query().Get("cursor")
	for _, c := range []struct {
		address string
		status  int
		name    string
	}{
		{rowsOf("nothing"), 404, "table-inconnue"},
		{rowsOf("catalog"), 404, "table-inconnue"},
		{ask(rowsOf(catalogue), "offset=3"), 400, "parametre"},
		{ask(rowsOf(catalogue), "group_by=siret"), 400, "parametre"},
		{ask(rowsOf(catalogue), "limit=5", "limit=6"), 400, "parametre"},
		{ask(rowsOf(catalogue), "limit=0"), 400, "parametre"},
		{ask(rowsOf(catalogue), "limit=1001"), 400, "parametre"},
		{ask(rowsOf(catalogue), "limit=dix"), 400, "parametre"},
		{ask(rowsOf(catalogue), "timezone=Mars/Phobos"), 400, "parametre"},
		{ask(rowsOf(catalogue), "lang=xx"), 400, "parametre"},
		{ask(rowsOf(catalogue), "release=hier"), 404, "publication-inconnue"},
		{ask(rowsOf(catalogue), "release=20200101T000000Z-00000000"), 404, "publication-inconnue"},
		{ask(rowsOf(catalogue), "cursor=x"), 400, "parametre"},
		{ask(rowsOf(catalogue), "cursor="+served+"..x"), 400, "parametre"},
		{ask(rowsOf(catalogue), "cursor="+cursor+"A"), 400, "parametre"},
		{ask(rowsOf(catalogue), "cursor="+cursor, "order_by=siret"), 400, "parametre"},
		{ask(rowsOf(catalogue), "cursor="+cursor, "release=20200101T000000Z-00000000"), 400, "parametre"},
		{ask(rowsOf(catalogue), "cursor=20200101T000000Z-00000000.."+strings.SplitN(cursor, ".", 3)[2]), 400, "parametre"},
		{ask(rowsOf(catalogue), "where=siret ="), 400, "requete"},
		{ask(rowsOf(catalogue), "select=rien"), 400, "requete"},
		{ask(rowsOf(catalogue), "order_by=sum(siret)"), 400, "requete"},
		{rowsOf(catalogue) + "?where=%zz", 400, "parametre"},
	} {
		s.get(t, c.address).problem(t, c.status, c.name)
	}
	p := s.get(t, ask(rowsOf(catalogue), "where=nb_action > 0", "where=nb_action >> 1")).problem(t, 400, "requete")
	if p.Clause != "where" || p.Position != 12 || p.Found != ">" || p.Expected == "" || !strings.Contains(p.Detail, "caractère 12") || !strings.Contains(p.Fixes[0], "where") {
		t.Errorf("%+v", p)
	}
	if p := s.get(t, ask(rowsOf(catalogue), "order_by=siret,,")).problem(t, 400, "requete"); p.Clause != "order_by" || p.Position != 7 {
		t.Errorf("%+v", p)
	}
	if p := s.get(t, ask(rowsOf(catalogue), "offset=3")).problem(t, 400, "parametre"); !strings.Contains(p.Detail, "« offset »") || !strings.Contains(p.Fixes[0], "cursor") {
		t.Errorf("%+v", p)
	}
	s.get(t, rowsOf(catalogue), "Accept-Encoding: br, identity;q=0").problem(t, 406, "codage")
	s.get(t, rowsOf(catalogue), `If-Match: "x"`).problem(t, 412, "precondition")
	a := s.get(t, rowsOf(catalogue))
	if b := s.get(t, rowsOf(catalogue), "If-None-Match: "+a.Header.Get("ETag")); b.StatusCode != http.StatusNotModified || len(b.body) > 0 {
		t.Error(b.StatusCode)
	}
	if h := s.get(t, strings.TrimPrefix(*first.Next, public)).Header; h.Get("Cache-Control") != "public, max-age=600, s-maxage=600" {
		t.Errorf("%v", h)
	}
	if a := do(t, s.Server, http.MethodHead, rowsOf(catalogue)); a.StatusCode != http.StatusOK || len(a.body) > 0 {
		t.Error(a.StatusCode)
	}
}

func TestDatasetsLeadToRows(t *testing.T) {
	s := open(t)
	for i := range 10 {
		d := s.get(t, "/api/v1/datasets/"+engagees).json(t)
		address, _ := at(d, "tables", i, "links", "rows").(string)
		if p := s.rowsPage(t, strings.TrimPrefix(address, public)); p.Release != at(d, "served", "release") {
			t.Errorf("%s: %s", address, p.Release)
		}
	}
}
