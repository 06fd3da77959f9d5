package explore_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestDatasetsAreTables(t *testing.T) {
	s := open(t)
	for _, c := range []struct {
		parameters []string
		want       string
	}{
		{[]string{"select=dataset_id,records_count", "where=dataset_id='" + catalogue + "'"}, `{"total_count":1,"results":[{"dataset_id":"` + catalogue + `","records_count":24}]}`},
		{[]string{"select=default.title", "where=title LIKE 'offre'"}, `{"total_count":1,"results":[{"default.title":"L'offre de formation du CPF"}]}`},
		{[]string{"select=count(*) as n", "group_by=license"}, `{"total_count":1,"results":[{"license":"Licence Ouverte / Open Licence version 2.0","n":11}]}`},
		{[]string{"select=dataset_id", "order_by=dataset_id", "limit=1"}, `{"total_count":11,"results":[{"dataset_id":"` + catalogue + `"}]}`},
		{[]string{"select=dataset_id as id", "limit=1"}, `{"total_count":11,"results":[{"id":"` + catalogue + `"}]}`},
		{[]string{"limit=0"}, `{"total_count":11,"results":[]}`},
		{[]string{"select=dataset_id", "offset=11"}, `{"total_count":11,"results":[]}`},
	} {
		same(t, s.get(t, ask(base+"/datasets", c.parameters...)).json(t), c.want)
	}
	s.get(t, ask(base+"/datasets", "select=inconnu")).fault(t, 400, "ODSQLError")
	s.get(t, ask(base+"/datasets", "limit=101")).fault(t, 400, "InvalidRESTParameterError")
	s.get(t, ask(base+"/datasets", "where=inconnu=1")).fault(t, 400, "ODSQLError")
}

func TestDataset(t *testing.T) {
	s := open(t)
	m := s.served(t, engagees)
	id := engagees + "_mensuel"
	listed := at(s.get(t, ask(base+"/datasets", "where=dataset_id='"+id+"'")).json(t), "results", 0)
	for _, slash := range []string{"", "/"} {
		a := s.get(t, base+"/datasets/"+id+slash)
		one := a.json(t)
		if a.Header.Get("X-Release") != m.Release {
			t.Errorf("X-Release %q", a.Header.Get("X-Release"))
		}
		text := fmt.Sprint(one)
		if text != fmt.Sprint(listed) {
			t.Errorf("alone: %v\nin the list: %v", one, listed)
		}
	}
	for _, c := range []struct {
		want  any
		steps []any
	}{
		{id, []any{"dataset_id"}}, {true, []any{"has_records"}}, {true, []any{"data_visible"}}, {2.0, []any{"metas", "default", "records_count"}},
		{"fr", []any{"metas", "default", "language"}}, {"2026-11-22T06:00:00+00:00", []any{"metas", "default", "modified"}},
		{m.Release, []any{"metas", "custom", "release"}}, {"date_chargement", []any{"fields", 0, "name"}}, {"date", []any{"fields", 0, "type"}},
		{"int", []any{"fields", 1, "type"}}, {"date", []any{"fields", 2, "type"}}, {"month", []any{"fields", 2, "annotations", "timeserie_precision", 0}},
		{"double", []any{"fields", 5, "type"}}, {"EUR", []any{"fields", 5, "annotations", "unit", 0}}, {"analyze", []any{"features", 0}},
		{public + "/jeux-de-donnees/" + engagees, []any{"metas", "default", "references"}}, {id + ".parquet", []any{"alternative_exports", 0, "title"}},
	} {
		if got := at(listed, c.steps...); got != c.want {
			t.Errorf("%v: %v, want %v", c.steps, got, c.want)
		}
	}
	same(t, s.get(t, ask(base+"/datasets/"+id, "select=dataset_id,metas.default.language", "include_links=true")).json(t), `{"dataset_id":"`+id+`","metas.default.language":"fr"}`)
	links, _ := at(s.get(t, ask(base+"/datasets/"+id, "include_links=true")).json(t), "_links").([]any)
	for _, l := range links {
		if a := s.get(t, strings.TrimPrefix(fmt.Sprint(at(l, "href")), public)); a.StatusCode != http.StatusOK {
			t.Errorf("%v: %d", l, a.StatusCode)
		}
	}
	if href := at(s.get(t, ask(base+"/datasets/"+id, "include_links=true")).json(t), "_links", 0, "href"); href != public+base+"/datasets/"+id {
		t.Errorf("%v", href)
	}
	s.get(t, ask(base+"/datasets/"+id, "select=count(*)")).fault(t, 400, "ODSQLError")
	s.get(t, base+"/datasets/inconnu").fault(t, 404, "NotFoundResource")
}

func TestAttachmentsAreThere(t *testing.T) {
	s := open(t)
	all, _ := at(s.get(t, base+"/datasets/"+catalogue+"/attachments").json(t), "attachments").([]any)
	if len(all) != 5 {
		t.Errorf("%d attachments", len(all))
	}
	for _, one := range all {
		href := fmt.Sprint(at(one, "href"))
		if a := s.get(t, strings.TrimPrefix(href, public)); a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != at(one, "metas", "mime-type") {
			t.Errorf("%s: %d", href, a.StatusCode)
		}
	}
}

func TestCatalogFacets(t *testing.T) {
	s := open(t)
	same(t, s.get(t, ask(base+"/facets", "facet=dataset")).json(t), `{"links":[],"facets":[{"name":"dataset","facets":[
		{"name":"`+engagees+`","count":10,"value":"`+engagees+`","state":"displayed"},{"name":"`+catalogue+`","count":1,"value":"`+catalogue+`","state":"displayed"}]}]}`)
}

func TestCatalogExports(t *testing.T) {
	s := open(t)
	var names []string
	links, _ := at(s.get(t, base+"/exports/").json(t), "links").([]any)
	for _, l := range links[1:] {
		names = append(names, fmt.Sprint(at(l, "rel")))
		if a := s.get(t, strings.TrimPrefix(fmt.Sprint(at(l, "href")), public)); a.StatusCode != http.StatusOK || len(a.body) == 0 {
			t.Errorf("%v: %d", l, a.StatusCode)
		}
	}
	if got := strings.Join(names, " "); got != "csv json jsonl xlsx" {
		t.Error(got)
	}
	for _, absent := range []string{"rss", "dcat", "dcat_ap_ch", "ttl", "rdf", "data.json", "parquet", "dublin_core"} {
		s.get(t, base+"/exports/"+absent).fault(t, 404, "NotFoundResource")
	}
	all, _ := s.get(t, base+"/exports/json").json(t).([]any)
	if len(all) != tables || at(all, 0, "metas", "default", "title") == nil {
		t.Errorf("%d datasets", len(all))
	}
	r := csv.NewReader(strings.NewReader(string(s.get(t, ask(base+"/exports/csv", "delimiter=|", "with_bom=false", "list_separator= / ", "limit=1", "select=dataset_id,theme,has_records,modified", "timezone=Europe/Paris")).body)))
	r.Comma = '|'
	rows, err := r.ReadAll()
	if err != nil || fmt.Sprint(rows) != "[[dataset_id theme has_records modified] ["+catalogue+" Éducation, formation / Emploi 1 2026-11-22T07:00:00+01:00]]" {
		t.Errorf("%v %v", rows, err)
	}
	if lines := strings.Count(string(s.get(t, ask(base+"/exports/jsonl", "offset=2", "select=dataset_id")).body), "\n"); lines != tables-2 {
		t.Errorf("%d lines", lines)
	}
}

func TestRemovedEndpoints(t *testing.T) {
	s := open(t)
	for _, path := range []string{
		base + "/aggregates", base + "/query", base + "/datasets/" + catalogue + "/aggregates", base + "/datasets/" + catalogue + "/query/", base + "/datasets/" + catalogue + "/snapshots",
		base + "/datasets/" + catalogue + "/reuses", base + "/datasets/" + catalogue + "/feedback", "/api/explore/v2.0/catalog/datasets", "/api/v2/catalog/datasets/x/records",
	} {
		if m := s.get(t, path).fault(t, 410, "RemovedEndpoint"); !strings.Contains(m, "/api/explore/v2.1/") {
			t.Errorf("%s: %s", path, m)
		}
	}
	for _, path := range []string{base, base + "/nothing", base + "/datasets/" + catalogue + "/nothing", "/api/explore/v2.1", "/explore/nothing"} {
		s.get(t, path).fault(t, 404, "NotFoundResource")
	}
	if a := do(t, s.Server, http.MethodPost, records); a.StatusCode != http.StatusMethodNotAllowed {
		t.Error(a.StatusCode)
	}
}
