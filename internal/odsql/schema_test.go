package odsql_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/odsql"
)

const (
	catalogue = "moncompteformation_catalogueformation"
	purchases = "moncompteformation_formations_engagees"
)

// published returns the schema of a published table, which it makes, without rows.
func published(t *testing.T, db *engine.DB, dataset, table string) *odsql.Schema {
	t.Helper()
	all, err := datasets.Load()
	if err != nil {
		t.Fatal(err)
	}
	d, ok := datasets.Find(all, dataset)
	if !ok {
		t.Fatalf("no dataset %s", dataset)
	}
	s, err := odsql.NewSchema(d, table)
	if err != nil {
		t.Fatal(err)
	}
	s.Relation = engine.Ident(table)
	var columns []string
	for _, f := range s.Fields {
		columns = append(columns, engine.Ident(f.Name)+" "+datasets.Type(f.Type).SQL())
	}
	if err := db.Exec(t.Context(), "CREATE TABLE IF NOT EXISTS "+s.Relation+" ("+strings.Join(columns, ", ")+")"); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestQueriesThatReusersSend compiles and runs queries that public code sends.
func TestQueriesThatReusersSend(t *testing.T) {
	db := open(t)
	offer := published(t, db, catalogue, catalogue)
	bought := published(t, db, purchases, purchases)
	for _, c := range []struct {
		s *odsql.Schema
		r odsql.Request
	}{
		{offer, odsql.Request{Select: "*"}},
		{offer, odsql.Request{Where: []string{`siret_of="13002526500013"`}}},
		{offer, odsql.Request{Where: []string{`code_rncp=37674`}}},
		{offer, odsql.Request{Where: []string{`code_rncp="37674"`, `code_inventaire != -1`}}},
		{offer, odsql.Request{Where: []string{`search(intitule_certification, "developpeur web")`}}},
		{offer, odsql.Request{Where: []string{`intitule_formation LIKE "%excel%"`}}},
		{offer, odsql.Request{Where: []string{`nom_region IN ("Bretagne","Normandie")`}}},
		{offer, odsql.Request{Where: []string{`libelle_nsf_1 IS NOT NULL AND startswith(code_departement, "97")`}}},
		{offer, odsql.Request{Where: []string{`siret = 13002526500013 or code_rs=6151`}}},
		{offer, odsql.Request{Where: []string{`"bilan de compétences"`}, Refine: []string{`nom_departement:"Rhône"`, `type_referentiel:RS`}}},
		{offer, odsql.Request{Select: "exclude(contenu*)", OrderBy: "-frais_ttc_tot_mean"}},
		{offer, odsql.Request{Select: "count(distinct siret)"}},
		{offer, odsql.Request{Select: "nom_region, avg(frais_ttc_tot_mean) as prix, median(frais_ttc_tot_mean) as m, count(*) as nb, sum(nb_session_active) as s", GroupBy: "nom_region", OrderBy: "nb desc"}},
		{offer, odsql.Request{Select: "count(*)", GroupBy: "range(frais_ttc_tot_mean, [*, 500, 1000, *])"}},
		{offer, odsql.Request{Select: "count(*) as count", GroupBy: "code_nsf_1,libelle_nsf_1", OrderBy: "count DESC"}},
		{bought, odsql.Request{Where: []string{`date_validation >= date'2024'`}}},
		{bought, odsql.Request{Where: []string{`date_validation >= '2024-01' and date_validation<'2025-01'`}}},
		{bought, odsql.Request{Select: "year(date_validation) as annee, sum(montant_engage) as euros, sum(nb_dossiers)", GroupBy: "year(date_validation)", OrderBy: "annee"}},
		{bought, odsql.Request{Select: "sum(nb_dossiers) as n", GroupBy: "date_format(date_validation, 'YYYY/MM') as mois, region_lieu_formation", OrderBy: "mois"}},
		{bought, odsql.Request{Where: []string{`annee_de_validation=2024`}, Refine: []string{"annee_de_validation:2024"}}},
	} {
		q, err := odsql.Compile(c.s, c.r, nil)
		if err != nil {
			t.Errorf("%+v: %v", c.r, err)
			continue
		}
		run(t, db, q.Page(100, 0), len(q.Columns))
		facets, err := q.Facets(nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range facets {
			run(t, db, f.Statement, 6)
		}
	}
}

func TestSchemaOfPublishedTables(t *testing.T) {
	db := open(t)
	all, err := datasets.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		for _, table := range d.Tables {
			s := published(t, db, d.ID, table.ID)
			if diff := cmp.Diff(table.Key, s.Key); diff != "" {
				t.Error(diff)
			}
			for _, f := range s.Fields {
				code := strings.HasPrefix(f.Name, "code") || f.Name == "siret" || f.Name == "numero_formation" || f.Name == "formacode_principal"
				if code && !f.Code {
					t.Errorf("%s.%s is a code", table.ID, f.Name)
				}
				if f.Code && (strings.HasPrefix(f.Name, "nom_") || strings.HasPrefix(f.Name, "intitule") || strings.HasPrefix(f.Name, "libelle")) {
					t.Errorf("%s.%s is no code", table.ID, f.Name)
				}
			}
			if len(s.FacetNames()) != len(table.Facets) {
				t.Errorf("%s has the facets %v", table.ID, s.FacetNames())
			}
		}
	}
	s := published(t, db, purchases, purchases)
	_, err = odsql.Compile(s, odsql.Request{Where: []string{`statut_dossier = "Rejeté"`}}, nil)
	if err == nil || !strings.Contains(err.Error(), purchases+"_statut") {
		t.Errorf("statut_dossier: %v", err)
	}
	_, err = odsql.Compile(s, odsql.Request{Select: `modalite_presence`}, nil)
	if err == nil || !strings.Contains(err.Error(), purchases+"_region_modalite") {
		t.Errorf("modalite_presence: %v", err)
	}
	if _, err := odsql.NewSchema(all[0], "unknown"); err == nil {
		t.Error("a table that the dataset lacks has a schema")
	}
}

func TestCostTellsCheapQueries(t *testing.T) {
	for _, c := range []struct {
		r    odsql.Request
		want odsql.Cost
	}{
		{odsql.Request{Select: "id"}, odsql.CostPage},
		{odsql.Request{Where: []string{"n=1"}}, odsql.CostScan},
		{odsql.Request{Refine: []string{"region:x"}}, odsql.CostScan},
		{odsql.Request{OrderBy: "n"}, odsql.CostScan},
		{odsql.Request{GroupBy: "region"}, odsql.CostAggregate},
		{odsql.Request{Select: "count(*)"}, odsql.CostAggregate},
	} {
		if got := compile(t, c.r).Cost(); got != c.want {
			t.Errorf("%+v: cost %d, want %d", c.r, got, c.want)
		}
	}
}
