package datasets_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/datasets/datasetstest"
)

// The columns of the summary tables, in order: the date, the dimensions of the grain,
// the measures, and the columns that are ours.
const (
	when          = "date_chargement annee_de_validation date_validation "
	certification = "type_referentiel code_rs code_rncp code_certifinfo intitule_certification domaine_formation_nsf formacode_principal libelle_formacode_principal "
	base          = "nb_dossiers nb_titulaires prix_moyen nb_dossiers_a_duree_connue duree_moyenne montant_engage "
	funders       = `part_france_competences nb_dossiers_finances_par_titulaires part_titulaire nb_dossiers_finances_par_etat part_etat
		nb_dossiers_finances_par_pole_emploi part_pole_emploi nb_dossiers_finances_par_regions part_region nb_dossiers_finances_par_opco part_opco
		nb_dossiers_finances_par_entreprises part_entreprise nb_dossiers_finances_par_cec part_cec `
	usersWhen = "date_chargement annee trimestre "
	usersBase = "nb_dossiers nb_titulaires montant_engage "
)

var summaryColumns = map[string]string{
	"_certification_region": when + certification + "region_lieu_formation " + base + "code_nsf code_region_lieu_formation",
	"_certification":        when + certification + base + "code_nsf",
	"_domaine_departement": when + "domaine_formation_nsf region_lieu_formation departement_lieu_formation " + base +
		"code_nsf code_region_lieu_formation code_departement_lieu_formation",
	"_domaine_region":  when + "domaine_formation_nsf region_lieu_formation " + base + funders + "code_nsf code_region_lieu_formation",
	"_region":          when + "region_lieu_formation " + base + funders + "code_region_lieu_formation",
	"_mensuel":         when + base + funders,
	"_region_modalite": when + "modalite_presence region_lieu_formation " + base + "code_region_lieu_formation",
	"_annuel":          "date_chargement annee_de_validation region_lieu_formation nb_dossiers nb_titulaires montant_engage code_region_lieu_formation",
	"_statut":          "date_chargement annee_de_validation statut_dossier nb_dossiers montant_engage",
}

var usersColumns = map[string]string{
	"_region":           usersWhen + "code_region nom_region genre tranche_age situation " + usersBase,
	"_france":           usersWhen + "genre tranche_age situation " + usersBase,
	"_departement":      usersWhen + "code_region nom_region code_departement nom_departement " + usersBase,
	"_situation_region": usersWhen + "code_region nom_region situation " + usersBase + funders,
}

func TestSummariesHaveTheirColumns(t *testing.T) {
	for id, tables := range map[string]map[string]string{datasetstest.Purchases: summaryColumns, datasetstest.Users: usersColumns} {
		d, _ := datasets.Find(load(t), id)
		if len(d.Tables)-1 != len(tables) {
			t.Errorf("%s: %d summary tables, want %d", id, len(d.Tables)-1, len(tables))
		}
		for _, table := range d.Tables[1:] {
			if diff := cmp.Diff(strings.Fields(tables[strings.TrimPrefix(table.ID, id)]), table.Names()); diff != "" {
				t.Errorf("%s: -want +got\n%s", table.ID, diff)
			}
			if !table.Joined {
				t.Errorf("%s is not said to have joined the dataset later", table.ID)
			}
			for _, f := range table.Fields {
				if f.Measure && f.Required {
					t.Errorf("%s.%s is required, and may be secret", table.ID, f.Name)
				}
			}
		}
	}
}

func TestFundersOfATable(t *testing.T) {
	d, _ := datasets.Find(load(t), datasetstest.Users)
	want := []datasets.Funder{
		{Code: "france_competences", Part: "part_france_competences"},
		{Code: "titulaire", Part: "part_titulaire", Files: "nb_dossiers_finances_par_titulaires"},
		{Code: "etat", Part: "part_etat", Files: "nb_dossiers_finances_par_etat"},
		{Code: "pole_emploi", Part: "part_pole_emploi", Files: "nb_dossiers_finances_par_pole_emploi"},
		{Code: "region", Part: "part_region", Files: "nb_dossiers_finances_par_regions"},
		{Code: "opco", Part: "part_opco", Files: "nb_dossiers_finances_par_opco"},
		{Code: "entreprise", Part: "part_entreprise", Files: "nb_dossiers_finances_par_entreprises"},
		{Code: "cec", Part: "part_cec", Files: "nb_dossiers_finances_par_cec"},
	}
	for _, table := range d.Tables[1:] {
		wanted := want
		if table.ID != datasetstest.Users+"_situation_region" {
			wanted = nil
		}
		if diff := cmp.Diff(wanted, table.Funders()); diff != "" {
			t.Errorf("%s: %s", table.ID, diff)
		}
	}
}

// TestSharedColumns: the rows of two tables meet by codes, also where the parts have the
// code only since it follows from another.
func TestSharedColumns(t *testing.T) {
	d, _ := datasets.Find(load(t), datasetstest.Purchases)
	month := datasets.Shared{Dimension: "periode", Total: "date_validation", Parts: "date_validation"}
	for _, c := range []struct {
		total, parts string
		want         []datasets.Shared
	}{
		{"_domaine_departement", "", []datasets.Shared{
			{Dimension: "code_departement", Total: "code_departement_lieu_formation", Parts: "code_departement_lieu_formation"},
			{Dimension: "domaine", Total: "_domaine", Parts: "_domaine"}, month,
		}},
		{"_domaine_region", "_domaine_departement", []datasets.Shared{
			{Dimension: "code_region", Total: "code_region_lieu_formation", Parts: "code_region_lieu_formation"},
			{Dimension: "domaine", Total: "_domaine", Parts: "_domaine"}, month,
		}},
		{"_mensuel", "_certification", []datasets.Shared{month}},
		{"_annuel", "_annuel", []datasets.Shared{{Dimension: "periode", Total: "annee_de_validation", Parts: "annee_de_validation"}}},
	} {
		i := slices.IndexFunc(d.Sums, func(s datasets.Sum) bool { return s.Total == d.ID+c.total && s.Parts == d.ID+c.parts })
		if i < 0 {
			t.Errorf("%s is not said to be the sum of %s", c.total, c.parts)
			continue
		}
		if diff := cmp.Diff(c.want, d.Shared(d.Sums[i])); diff != "" {
			t.Errorf("%s of %s: %s", c.total, c.parts, diff)
		}
	}
}
