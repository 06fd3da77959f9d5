package publisher_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/datasets/datasetstest"
	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// The raw summary tables of small sets of files, each in periods of its own, with the
// rows of some tables written out by hand.

// summaryScene is the files of a month, a quarter or a year.
type summaryScene struct {
	scene
	want map[string][]string // rows of the period, by table
}

// briefs are the SQL of what scenes say of a row, by table; counts and euros come after,
// then the funders.
var briefs = map[string]string{
	engagees + "_certification_region": "concat_ws(' ', coalesce(code_rncp, code_rs, code_certifinfo, '-'), code_region_lieu_formation)",
	engagees + "_certification":        "concat_ws(' ', coalesce(code_rncp, code_rs, code_certifinfo, '-'), domaine_formation_nsf)",
	engagees + "_domaine_departement":  "concat_ws(' ', domaine_formation_nsf, code_departement_lieu_formation, code_region_lieu_formation)",
	engagees + "_domaine_region":       "concat_ws(' ', domaine_formation_nsf, code_region_lieu_formation)",
	engagees + "_region":               "code_region_lieu_formation",
	engagees + "_mensuel":              "'France'",
	engagees + "_region_modalite":      "concat_ws(' ', code_region_lieu_formation, modalite_presence)",
	engagees + "_annuel":               "code_region_lieu_formation",
	engagees + "_statut":               "statut_dossier",
	usagers + "_region":                "concat_ws(', ', code_region, genre, tranche_age, situation)",
	usagers + "_france":                "concat_ws(', ', genre, tranche_age, situation)",
	usagers + "_departement":           "concat_ws(' ', code_departement, code_region)",
	usagers + "_situation_region":      "concat_ws(' ', code_region, situation)",
}

// ended are the columns of a file that ended on a day, or has not.
func ended(status, day string) []string {
	if status == "VALIDE" || status == "REJETE" {
		return []string{"statut=" + status, "date_entree=", "date_sortie=", "date_cloture=" + day}
	}
	return []string{"statut=" + status, "date_cloture=" + day}
}

var summaryScenes = []summaryScene{
	{scene: scene{name: "one person with NIR and without, in two départements", period: "2024-01",
		files: []sceneFile{buy('A', "2024-01-15", "100"), buy('A', "2024-01-16", "100", "nir=", "commune_formation=01033"), buy('B', "2024-01-15", "100")}},
		want: map[string][]string{
			"_region": {"84: 3 2 300.00 titulaire 3 300.00 2"}, "_mensuel": {"France: 3 2 300.00 titulaire 3 300.00 2"},
			"_domaine_departement": {"Informatique 01 84: 1 1 100.00", "Informatique 69 84: 2 2 200.00"}, "_region_modalite": {"84 Présentiel: 3 2 300.00"},
		}},
	{scene: scene{name: "a name with a ligature and without", period: "2024-02",
		files: []sceneFile{buy('A', "2024-02-15", "100", "nir=", "nom_naissance=Cœur"), buy('A', "2024-02-15", "100", "nir=", "nom_naissance=COEUR", "commune_formation=01033"),
			buy('A', "2024-02-15", "100", "nir=", "nom_naissance=Cour", "commune_formation=01033")}},
		want: map[string][]string{"_certification_region": {"900001 84: 3 2 300.00"}}},
	{scene: scene{name: "two NIR under one name, and one NIR under two names", period: "2024-03",
		files: []sceneFile{buy('A', "2024-03-15", "100"), buy('A', "2024-03-15", "100", "nir="+nirOf('a', "1980"), "commune_formation=01033"),
			buy('B', "2024-03-15", "100"), buy('B', "2024-03-15", "100", "nom_naissance=AUTRE", "commune_formation=01033")}},
		want: map[string][]string{"_certification": {"900001 Informatique: 4 3 400.00"}}},
	{scene: scene{name: "remote, without place, and half remote", period: "2024-04",
		files: slices.Concat(buys("AB", "2024-04-15", "modalite_presence=DISTANCE"), buys("C", "2024-04-15", "commune_formation="), buys("DE", "2024-04-15", "modalite_presence=MIXTE"),
			buys("A", "2024-04-16", "modalite_presence=MIXTE", "commune_formation="))},
		want: map[string][]string{
			"_region_modalite": {"00 Mixte: 1 1 100.00", "00 Présentiel: 1 1 100.00", "00 À distance: 2 2 200.00", "84 Mixte: 2 2 200.00"},
			"_region":          {"00: 4 3 400.00 titulaire 4 400.00 3", "84: 2 2 200.00 titulaire 2 200.00 2"},
		}},
	{scene: scene{name: "legal exceptions, and a certification without domain", period: "2024-05",
		files: slices.Concat(buys("A", "2024-05-15", "type_referentiel=", "code_certification=", "code_certifinfo=200"),
			buys("AB", "2024-05-15", "type_referentiel=", "code_certification=", "code_certifinfo=777"), buys("C", "2024-05-15", "code_certification=900002", "code_certifinfo=900002"),
			buys("D", "2024-05-15", "type_referentiel=RS", "code_certification=6151", "code_certifinfo=106151"))},
		want: map[string][]string{
			"_certification": {"- Sans objet: 2 2 200.00", "200 Sans objet: 1 1 100.00", "6151 Langues: 1 1 100.00", "900002 Non renseigné: 1 1 100.00"},
			"_domaine_region": {"Langues 84: 1 1 100.00 titulaire 1 100.00 1", "Non renseigné 84: 1 1 100.00 titulaire 1 100.00 1",
				"Sans objet 84: 3 2 300.00 titulaire 3 300.00 2"},
		}},
	{scene: scene{name: "several funders; fundings corrected, removed, zero, of another file", period: "2024-06",
		files: []sceneFile{buy('A', "2024-06-15", "900", "id_dossier=F1"), buy('A', "2024-06-15", "100", "id_dossier=F2", "nir="), buy('B', "2024-06-15", "100", "id_dossier=F3")},
		more: map[string][]hubtest.Record{"financements": {
			hubtest.Rec("financements", "id_dossier=F1", "montant_engage=150", "version=2"),
			hubtest.Rec("financements", "id_dossier=F1", "montant_engage=50.50", "type_financeur=region"),
			hubtest.Rec("financements", "id_dossier=F2", "montant_engage=0.01", "type_financeur=region"),
			hubtest.Rec("financements", "id_dossier=F2", "montant_engage=0", "type_financeur=cec"),
			hubtest.Rec("financements", "id_dossier=F3", "montant_engage=800", "type_financeur=etat"),
			hubtest.Rec("financements", "id_dossier=F3", "montant_engage=800", "type_financeur=etat", "version=2", "operation=S"),
			hubtest.Rec("financements", "id_dossier=F3", "montant_engage=20", "type_financeur=france_competences", "date_maj=2026-11-21"),
			hubtest.Rec("financements", "id_dossier=F9", "montant_engage=700", "type_financeur=opco"),
		}}},
		want: map[string][]string{"_mensuel": {"France: 3 2 400.51 region 2 50.51 1, titulaire 3 350.00 2"}, "_region": {"84: 3 2 400.51 region 2 50.51 1, titulaire 3 350.00 2"}}},
	{scene: scene{name: "a file of another scheme and one in quarantine bring no funder", period: "2024-07",
		files: []sceneFile{buy('A', "2024-07-15", "100"), buy('B', "2024-07-15", "100", "dispositif=POEI"), buy('C', "2024-07-15", "100", "duree_heures=10001")}},
		want: map[string][]string{"_mensuel": {"France: 1 1 100.00 titulaire 1 100.00 1"}}},
	{scene: scene{name: "a year counts each person once", period: "2021",
		files: []sceneFile{buy('A', "2021-01-15", "100"), buy('A', "2021-02-15", "100", "nir="), buy('A', "2021-12-31", "100", "modalite_presence=DISTANCE"), buy('B', "2021-03-15", "100")}},
		want: map[string][]string{"_annuel": {"00: 1 1 100.00", "84: 3 2 300.00", "FR: 4 2 400.00"}}},
	{scene: scene{name: "statuses on 31 March", period: "2022", files: []sceneFile{
		buy('A', "2022-01-01", "100", ended("CLOS_TOTAL", "2023-03-31")...), buy('B', "2022-12-31", "200", ended("CLOS_TOTAL", "2023-04-01")...),
		buy('C', "2022-02-15", "100", ended("CLOS_PARTIEL", "2022-06-01")...), buy('D', "2022-02-15", "100", ended("VALIDE", "")...),
		buy('E', "2022-02-15", "100", ended("ANNULE_OF", "")...), buy('F', "2022-02-15", "100", ended("ANNULE_TITULAIRE", "2023-04-02")...),
		buy('G', "2022-02-15", "100", ended("ANNULE_GESTIONNAIRE", "2022-03-01")...), buy('H', "2022-02-15", "100", ended("REJETE", "")...),
		buy('I', "2022-02-15", "100", "statut=SORTIE", "date_cloture="), buy('J', "2022-02-15", "100", "statut=ENTREE", "date_sortie=", "date_cloture="),
	}}, want: map[string][]string{"_statut": {"Annulé par l'organisme: 1 1 100.00", "Annulé par le gestionnaire: 1 1 100.00", "En cours: 5 5 600.00",
		"Rejeté: 1 1 100.00", "Réalisé partiellement: 1 1 100.00", "Réalisé totalement: 1 1 100.00"}}},
	{scene: scene{name: "one person in two départements and two situations", period: "2025-T1",
		files: []sceneFile{buy('A', "2025-01-15", "100"), buy('A', "2025-02-15", "100", "nir=", "commune_domicile=01033", "situation=DE"), buy('A', "2025-03-31", "100", "commune_domicile=99100"),
			buy('B', "2025-01-15", "100", "commune_domicile=")}},
		want: map[string][]string{
			"_departement":      {"01 84: 1 1 100.00", "69 84: 1 1 100.00", "99 99: 2 2 200.00"},
			"_situation_region": {"84 Demandeur d'emploi: 1 1 100.00 titulaire 1 100.00 1", "84 Employés: 1 1 100.00 titulaire 1 100.00 1", "99 Employés: 2 2 200.00 titulaire 2 200.00 2"},
			"_region":           {"84, Femme, 45-54 ans, Demandeur d'emploi: 1 1 100.00", "84, Femme, 45-54 ans, Employés: 1 1 100.00", "99, Femme, 45-54 ans, Employés: 2 2 200.00"},
			"_france":           {"Femme, 45-54 ans, Demandeur d'emploi: 1 1 100.00", "Femme, 45-54 ans, Employés: 3 2 300.00"},
		}},
	{scene: scene{name: "cancelled and rejected have not entered", period: "2025-T3", files: []sceneFile{
		buy('A', "2025-08-15", "100"), buy('B', "2025-08-15", "100", "statut=ANNULE_OF"), buy('C', "2025-08-15", "100", ended("REJETE", "")...)}},
		want: map[string][]string{"_departement": {"69 84: 1 1 100.00"}}},
}

func TestSummariesByHand(t *testing.T) {
	t.Parallel()
	var scenes []scene
	for _, s := range summaryScenes {
		scenes = append(scenes, s.scene)
	}
	raw := datasetstest.Build(t, extractOf(t, cloned(scenes)), hubtest.AsOf, lastDay)
	for _, s := range summaryScenes {
		t.Run(s.name, func(t *testing.T) {
			id := engagees
			if strings.Contains(s.period, "T") {
				id = usagers
			}
			for suffix, want := range s.want {
				if d := gocmp.Diff(want, briefly(t, raw, id, id+suffix, s.period)); d != "" {
					t.Errorf("%s: -want +got\n%s", suffix, d)
				}
			}
		})
	}
}

// briefly says what scenes want to know of the rows of a period, in order: the members,
// files, persons, euros, and for each funder files, euros, persons.
func briefly(t *testing.T, raw *datasetstest.Raw, dataset, id, period string) []string {
	t.Helper()
	var out []string
	for _, table := range raw.Tables(dataset) {
		if table.ID != id {
			continue
		}
		files, amount, funders := "nb_dossiers", "montant_engage", "''"
		if table.Margin != nil {
			files, amount = "_nb_dossiers", "_montant_engage"
		}
		if len(table.Funders()) > 0 {
			funders = "' ' || array_to_string(list_transform(_financeurs, f -> concat_ws(' ', f.financeur, f.nb_dossiers, CAST(f.part AS DECIMAL(14, 2)), f.titulaires)), ', ')"
		}
		q := fmt.Sprintf("SELECT %s || ': ' || concat_ws(' ', %s, _titulaires, CAST(%s AS DECIMAL(14, 2))) || %s AS rang FROM brut_%s WHERE %s = %s ORDER BY encode(rang)",
			briefs[id], files, amount, funders, id, table.Period.Field, engine.Literal(period))
		err := raw.Texts(t.Context(), q, 1, func(row []engine.Text) error {
			out = append(out, row[0].String)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}
