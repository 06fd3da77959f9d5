package publisher_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/publisher"
)

// planted changes the recipe of a table, or of its grid, so that what is published is not
// what it should be.
type planted struct {
	name, table string
	sql, grid   string // what stands around the query, %s
	why         string // of the refusal
}

// replaced is a query whose column is something else.
func replaced(column, value string) string {
	return "SELECT * REPLACE (" + value + " AS " + column + ") FROM (%s)"
}

var plantedFaults = []planted{
	{name: "four persons taken for five", sql: replaced("_titulaires", "greatest(_titulaires, 5)"), why: "rests on fewer than 5 persons"},
	{name: "a count in the detailed table", sql: replaced("nb_titulaires", "nb_titulaires + 1"), why: "nb_titulaires is not the number of persons"},
	{name: "a count in a summary", table: "_domaine_region", sql: replaced("nb_titulaires", "nb_titulaires + 1"), why: "nb_titulaires is not the number of persons"},
	{name: "files of a summary that are not the sum of its parts", table: "_region", sql: replaced("nb_dossiers", "nb_dossiers + 1"), why: "does not fit the sum"},
	{name: "a mean price", table: "_mensuel", sql: replaced("prix_moyen", "prix_moyen + 0.01"), why: "prix_moyen is not the mean"},
	{name: "a mean duration", table: "_certification", sql: replaced("duree_moyenne", "duree_moyenne + 0.01"), why: "duree_moyenne is not the mean"},
	{name: "a mean of few persons", table: "_region_modalite", sql: replaced("_titulaires_a_duree_connue", "5"), why: "duree_moyenne rests on too few persons"},
	{name: "the part of a funder", table: "_mensuel", sql: replaced("part_titulaire", "part_titulaire + 1"), why: "part_titulaire is not what the funder engages"},
	{name: "the files of a funder", table: "_region", sql: replaced("nb_dossiers_finances_par_titulaires", "nb_dossiers_finances_par_titulaires + 1"), why: "nb_dossiers_finances_par_titulaires is not the number of files"},
	{name: "a funder of few persons", table: "_domaine_region", sql: replaced("_financeurs", fundersTold), why: "the funder of part_region pays for too few persons"},
	{name: "a year", table: "_annuel", sql: replaced("nb_dossiers", "nb_dossiers + 1"), why: "nb_dossiers is not the sum of the months"},
	{name: "the euros of a year", table: "_annuel", sql: replaced("montant_engage", "NULL"), why: "montant_engage is not the sum of the months"},
	{name: "a status", table: "_statut", sql: replaced("montant_engage", "montant_engage + 0.01"), why: "montant_engage is not the sum"},
	{name: "a member that is not listed", table: "_region_modalite", grid: "SELECT * FROM (%s) WHERE modalite_presence <> 'À distance'", why: "a period lacks a member"},
	{name: "a certification that is not listed", table: "_certification_region", grid: "SELECT * FROM (%s) WHERE code_region_lieu_formation <> '00'", why: "a period lacks a member"},
	{name: "a member that cannot be", table: "_domaine_departement", grid: "FROM (%[1]s) UNION ALL BY NAME SELECT * REPLACE ('98' AS code_departement_lieu_formation) FROM (%[1]s)", why: "a period lacks a member"},
}

// fundersTold is the list of funders, each with five persons at least.
const fundersTold = `list_transform(_financeurs, f -> {financeur: f.financeur, nb_dossiers: f.nb_dossiers, part: f.part, titulaires: greatest(f.titulaires, 5),
	personnes: f.personnes, identites: f.identites, contributions_personnes: f.contributions_personnes, contributions_identites: f.contributions_identites, alea_1: f.alea_1, alea_2: f.alea_2})`

// plantedHub has, in each month of a year, ten persons at each of two places,
// and months with a cell of four, with durations of four, and with a funder of four.
func plantedHub(t *testing.T) string {
	t.Helper()
	var files []sceneFile
	for month := 1; month <= 12; month++ {
		day := fmt.Sprintf("2025-%02d-15", month)
		files = slices.Concat(files, buys("ABCDEFGHIJ", day), buys("KLMNOPQRST", day, "commune_formation=01033"))
	}
	files = slices.Concat(files,
		buys("abcdabcd", "2025-05-15", "type_referentiel=RS", "code_certification=6151", "code_certifinfo=106151"),
		buys("efghijkl", "2025-05-15", "type_referentiel=RS", "code_certification=6151", "code_certifinfo=106151", "commune_formation=01033"),
		buys("mnop", "2025-06-15", "modalite_presence=MIXTE"), buys("qrst", "2025-06-15", "modalite_presence=MIXTE", "duree_heures="))
	more := map[string][]hubtest.Record{}
	for i, who := range "ABCD" {
		id := fmt.Sprintf("F%d", i)
		files = append(files, buy(who, "2025-07-16", "0", "id_dossier="+id))
		more["financements"] = append(more["financements"], hubtest.Rec("financements", "id_dossier="+id, "type_financeur=region", "montant_engage=300"))
	}
	return extractOf(t, []scene{{files: files, more: more}})
}

// TestPlantedFaultsAreRefused: whatever is wrong in what is about to be published, nothing
// is stored.
func TestPlantedFaultsAreRefused(t *testing.T) {
	t.Parallel()
	dir := plantedHub(t)
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		b := newCellsBench(t, dir, "standard")
		b.dataset = engagees
		b.publish(t)
	})
	for _, p := range plantedFaults {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			b := newCellsBench(t, dir, "standard")
			b.dataset = engagees
			p.plant(t, b)
			_, err := b.Publish(t.Context(), publisher.Request{Dataset: engagees})
			if err == nil || !strings.Contains(err.Error(), p.why) {
				t.Errorf("published, or failed otherwise than because %s: %v", p.why, err)
			}
			if d := gocmp.Diff([]string(nil), b.storedNames(t)); d != "" {
				t.Errorf("refused, but stored: %s", d)
			}
		})
	}
}

func (p planted) plant(t *testing.T, b *bench) {
	t.Helper()
	all, err := datasets.Load()
	if err != nil {
		t.Fatal(err)
	}
	d, _ := datasets.Find(all, engagees)
	i := slices.IndexFunc(d.Tables, func(table datasets.Table) bool { return table.ID == engagees+p.table })
	if table := &d.Tables[i]; p.grid != "" {
		table.Grid = fmt.Sprintf(p.grid, table.Grid)
	} else {
		table.SQL = fmt.Sprintf(p.sql, table.SQL)
	}
	b.Datasets = all
}
