package publisher_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/datasets/datasetstest"
	"github.com/parvis-opendata/parvis/hub/hubtest"
)

// The tables of small extracts, written out by hand. Scenes are small sets of files, each in a period of its own, with the rows that
// may be published of them written out by hand.

// sceneFile is a file and what is engaged for it.
type sceneFile struct {
	hubtest.Record
	amount string
}

// scene is the files of a period.
type scene struct {
	name, period     string
	files            []sceneFile
	standard, strict []string                    // rows to be published
	more             map[string][]hubtest.Record // records besides the files and one funding for each
	outside          bool                        // no file counts: the period is not listed
}

// buy is a file of a person named by a letter: by default an employee of Lyon, a
// woman born on 15 January 1980, for a classroom training of 35 hours there, by a provider
// of his own.
func buy(who rune, day, amount string, changes ...string) sceneFile {
	r := hubtest.Rec("dossiers", append([]string{"nir=?", "nom_naissance=NOM" + string(who), "prenoms=Léa", "genre=2", "csp=5", "date_validation=" + day, "date_entree=" + day,
		"date_sortie=" + day, "date_cloture=" + day, "id_dossier=?", "organisme_siret=" + hubtest.Siret(fmt.Sprintf("0004%04d", who), 1)}, changes...)...)
	if r["nir"] == "?" {
		r["nir"] = nirOf(who, r["date_naissance"])
	}
	return sceneFile{r, amount}
}

func nirOf(who rune, born string) string {
	return hubtest.NIR(fmt.Sprintf("2%s0169990%03d", (born + "1980")[2:4], who))
}

// buys is a plain file of each person, of 100 euros.
func buys(who, day string, changes ...string) []sceneFile {
	var all []sceneFile
	for _, w := range who {
		all = append(all, buy(w, day, "100", changes...))
	}
	return all
}

// extractOf writes the files of all scenes as an extract of 1 November 2026.
func extractOf(t *testing.T, scenes []scene) string {
	t.Helper()
	records := map[string][]hubtest.Record{
		"territoires": {hubtest.Rec("territoires"), hubtest.Rec("territoires", "commune=01033", "nom_commune=Valserhône", "code_departement=01", "nom_departement=Ain")},
		"certifications": {
			hubtest.Rec("certifications", "code_formacode_1=31088", "libelle_formacode_1=Programmation"),
			hubtest.Rec("certifications", "code_certification=900002", "code_certifinfo=900002", "intitule=Sans domaine", "code_nsf_1=", "libelle_nsf_1="),
			hubtest.Rec("certifications", "type_referentiel=RS", "code_certification=6151", "code_certifinfo=106151", "intitule=Anglais", "code_nsf_1=136", "libelle_nsf_1=Langues"),
			hubtest.Rec("certifications", "type_referentiel=", "code_certification=", "code_certifinfo=200", "intitule=Permis B", "code_nsf_1=311", "libelle_nsf_1=Transport"),
		},
	}
	for i, s := range scenes {
		for j, f := range s.files {
			if f.Record["id_dossier"] == "?" {
				f.Record["id_dossier"] = fmt.Sprintf("S%d-%d", i, j)
			}
			records["dossiers"] = append(records["dossiers"], f.Record)
			records["financements"] = append(records["financements"], hubtest.Rec("financements", "id_dossier="+f.Record["id_dossier"], "montant_engage="+f.amount, "montant_realise="))
		}
		for entity, more := range s.more {
			records[entity] = append(records[entity], more...)
		}
	}
	return hubtest.Extract(t, records)
}

func with(files []sceneFile, more ...sceneFile) []sceneFile { return append(files, more...) }

var purchaseScenes = []scene{
	{name: "four persons", period: "2020-01", files: buys("ABCD", "2020-01-15")},
	{name: "five persons", period: "2020-02", files: buys("ABCDE", "2020-02-15"), standard: []string{"RNCP 900001 69: 5 5 100.00 5 35.00 500.00"}},
	{name: "ten persons", period: "2020-03", files: buys("ABCDEFGHIJ", "2020-03-15"), standard: []string{"RNCP 900001 69: 10 10 100.00 10 35.00 1000.00"}},
	{name: "eleven persons", period: "2020-04", files: buys("ABCDEFGHIJK", "2020-04-15"),
		standard: []string{"RNCP 900001 69: 11 11 100.00 11 35.00 1100.00"}, strict: []string{"RNCP 900001 69: 11 11 100.00 11 35.00 1100.00"}},
	{name: "two files of one of four", period: "2020-05", files: buys("ABCDD", "2020-05-15")},
	{name: "two files of one of five", period: "2020-06", files: buys("ABCDEE", "2020-06-15"), standard: []string{"RNCP 900001 69: 6 5 100.00 6 35.00 600.00"}},
	{name: "one of four with NIR and without", period: "2020-07", files: with(buys("ABCD", "2020-07-15"), buy('A', "2020-07-16", "100", "nir="))},
	{name: "one of five with NIR and without", period: "2020-08", files: with(buys("ABCDE", "2020-08-15"), buy('A', "2020-08-16", "100", "nir=")),
		standard: []string{"RNCP 900001 69: 6 5 100.00 6 35.00 600.00"}},
	{name: "a name written otherwise", period: "2020-09", files: with(buys("ABCD", "2020-09-15"), buy('A', "2020-09-16", "100", "nir=", "nom_naissance=nom-à", "prenoms=L É A"))},
	{name: "one identity with two NIR", period: "2020-10", files: with(buys("ABCD", "2020-10-15"), buy('A', "2020-10-15", "100", "nir="+nirOf('a', "1980")))},
	{name: "one NIR with two names", period: "2020-11", files: with(buys("ABCD", "2020-11-15"), buy('A', "2020-11-15", "100", "nom_naissance=AUTRE"))},
	{name: "a NIR without name", period: "2020-12", files: with(buys("ABCD", "2020-12-15"), buy('E', "2020-12-15", "100", "nom_naissance=")),
		standard: []string{"RNCP 900001 69: 5 5 100.00 5 35.00 500.00"}},
	{name: "homonyms of another day of birth", period: "2024-01", files: with(buys("ABCD", "2024-01-15", "nir="), buy('A', "2024-01-15", "100", "nir=", "date_naissance=1980-01-16")),
		standard: []string{"RNCP 900001 69: 5 5 100.00 5 35.00 500.00"}},

	{name: "the others are ten per cent of the largest", period: "2021-01",
		files:    with(dominated("2021-01-15", "25"), buy('F', "2021-01-15", "25")),
		standard: []string{"RNCP 900001 69: 6 6 200.00 6 35.00 1200.00"}},
	{name: "a cent less than ten per cent", period: "2021-02", files: with(dominated("2021-02-15", "25"), buy('F', "2021-02-15", "24.99"))},
	{name: "fifteen per cent", period: "2021-03", files: with(with(dominated("2021-03-15", "16"), buysOf("FGHIJ", "2021-03-15", "16")...), buy('K', "2021-03-15", "22")),
		standard: []string{"RNCP 900001 69: 11 11 113.64 11 35.00 1250.00"}, strict: []string{"RNCP 900001 69: 11 11 113.64 11 35.00 1250.00"}},
	{name: "a cent less than fifteen per cent", period: "2021-04", files: with(with(dominated("2021-04-15", "16"), buysOf("FGHIJ", "2021-04-15", "16")...), buy('K', "2021-04-15", "21.99")),
		standard: []string{"RNCP 900001 69: 11 11 113.64 11 35.00 1249.99"}},
	{name: "the largest with NIR and without", period: "2021-05",
		files: with(halves("2021-05-15", "33.33"), buy('A', "2021-05-15", "500", "nir="))},
	{name: "the largest with NIR and without, a cent more", period: "2021-06",
		files:    with(halves("2021-06-15", "33.34"), buy('A', "2021-06-15", "500", "nir=")),
		standard: []string{"RNCP 900001 69: 6 5 200.00 6 35.00 1200.00"}},
	{name: "the largest under two names", period: "2021-07",
		files: with(halves("2021-07-15", "33.33"), buy('A', "2021-07-15", "500", "nom_naissance=AUTRE"))},

	{name: "four durations", period: "2021-08", files: with(buys("ABCD", "2021-08-15"), buy('E', "2021-08-15", "100", "duree_heures=")),
		standard: []string{"RNCP 900001 69: 5 5 100.00 4 - 500.00"}},
	{name: "no duration", period: "2021-09", files: buys("ABCDE", "2021-09-15", "duree_heures="), standard: []string{"RNCP 900001 69: 5 5 100.00 0 - 500.00"}},
	{name: "durations of five in six files", period: "2021-10", files: with(buys("ABCDE", "2021-10-15"), buy('A', "2021-10-15", "100", "duree_heures=")),
		standard: []string{"RNCP 900001 69: 6 5 100.00 5 35.00 600.00"}},
	{name: "five durations of four persons", period: "2021-11", files: with(buys("ABCDD", "2021-11-15"), buy('E', "2021-11-15", "100", "duree_heures=")),
		standard: []string{"RNCP 900001 69: 6 5 100.00 5 - 600.00"}},
	{name: "durations of four by name", period: "2024-02",
		files:    with(buys("ABCD", "2024-02-15"), buy('A', "2024-02-15", "100", "nir="), buy('E', "2024-02-15", "100", "duree_heures=")),
		standard: []string{"RNCP 900001 69: 6 5 100.00 5 - 600.00"}},
	{name: "halves are rounded up", period: "2021-12", files: with(buys("ABCDEFG", "2021-12-15"), buy('H', "2021-12-15", "100.04", "duree_heures=35.04")),
		standard: []string{"RNCP 900001 69: 8 8 100.01 8 35.01 800.04"}},
	{name: "no hour is a known duration", period: "2022-01", files: buys("ABCDE", "2022-01-15", "duree_heures=0"), standard: []string{"RNCP 900001 69: 5 5 100.00 5 0.00 500.00"}},

	{name: "remote", period: "2022-02",
		files: with(with(buys("ABC", "2022-02-15", "modalite_presence=DISTANCE"), buys("DE", "2022-02-15", "commune_formation=")...), buys("FGHIJ", "2022-02-15", "modalite_presence=MIXTE")...),
		standard: []string{
			"RNCP 900001 00: 5 5 100.00 5 35.00 500.00",
			"RNCP 900001 69: 5 5 100.00 5 35.00 500.00",
		}},
	{name: "a former commune", period: "2022-03", files: with(buys("ABC", "2022-03-15", "commune_formation=01033"), buys("DE", "2022-03-15", "commune_formation=01018")...),
		standard: []string{"RNCP 900001 01: 5 5 100.00 5 35.00 500.00"}},
	{name: "a legal exception", period: "2022-04", files: with(buys("ABC", "2022-04-15", "type_referentiel=", "code_certification=", "code_certifinfo=200"),
		buys("DE", "2022-04-15", "type_referentiel=", "code_certification=-1", "code_certifinfo=200")...),
		standard: []string{"- 200 69: 5 5 100.00 5 35.00 500.00"}},
	{name: "unknown legal exceptions", period: "2022-05", files: with(buys("ABC", "2022-05-15", "type_referentiel=", "code_certification=", "code_certifinfo=777"),
		buy('D', "2022-05-15", "100", "type_referentiel=", "code_certification=", "code_certifinfo="),
		buy('E', "2022-05-15", "100", "type_referentiel=", "code_certification=", "code_certifinfo=900001")), // has a referentiel
		standard: []string{"- - 69: 5 5 100.00 5 35.00 500.00"}},
	{name: "the other register", period: "2022-06", files: buys("ABCDE", "2022-06-15", "type_referentiel=RS", "code_certification=6151", "code_certifinfo=106151"),
		standard: []string{"RS 6151 69: 5 5 100.00 5 35.00 500.00"}},
	{name: "another code in Certif Info", period: "2022-07", files: with(buys("ABC", "2022-07-15"), buys("DE", "2022-07-15", "code_certifinfo=777")...),
		standard: []string{"RNCP 900001 69: 5 5 100.00 5 35.00 500.00"}},

	{name: "another scheme", period: "2022-08", files: with(buys("ABCD", "2022-08-15"), buy('E', "2022-08-15", "100", "dispositif=POEI"))},
	{name: "whatever became of them", period: "2022-09", files: []sceneFile{
		buy('A', "2022-09-15", "100", "statut=ANNULE_OF"), buy('B', "2022-09-15", "100", "statut=ANNULE_TITULAIRE"), buy('C', "2022-09-15", "100", "statut=ANNULE_GESTIONNAIRE"),
		buy('D', "2022-09-15", "100", "statut=REJETE", "date_entree=", "date_sortie=", "date_cloture="), buy('E', "2022-09-15", "100", "statut=VALIDE", "date_entree=", "date_sortie=", "date_cloture="),
	}, standard: []string{"RNCP 900001 69: 5 5 100.00 5 35.00 500.00"}},
	{name: "last day of a month", period: "2022-10", files: buys("ABCDE", "2022-10-31"), standard: []string{"RNCP 900001 69: 5 5 100.00 5 35.00 500.00"}},
	{name: "first day of the next", period: "2022-11", files: buys("ABCDEF", "2022-11-01"), standard: []string{"RNCP 900001 69: 6 6 100.00 6 35.00 600.00"}},
	{name: "before the first month", period: "2019-12", files: buys("ABCDE", "2019-12-31"), outside: true},
	{name: "month before the extract", period: "2026-10", files: buys("ABCDE", "2026-10-31"), standard: []string{"RNCP 900001 69: 5 5 100.00 5 35.00 500.00"}},
	{name: "month of the extract", period: "2026-11", files: buys("ABCDE", "2026-11-01"), outside: true},
	{name: "no validation", period: "2023-11", files: buys("ABCDE", "2023-11-01", "statut=REJETE", "date_validation=", "date_entree=", "date_sortie=", "date_cloture="), outside: true},

	{name: "a version that moves to another scheme", period: "2022-12", files: with(buys("ABCD", "2022-12-15"), buy('E', "2022-12-15", "100", "id_dossier=V1")),
		more: map[string][]hubtest.Record{"dossiers": {buy('E', "2022-12-15", "", "id_dossier=V1", "version=2", "operation=M", "dispositif=AIF", "date_maj=2026-10-01").Record}}},
	{name: "a version that comes from another scheme", period: "2023-01", files: with(buys("ABCD", "2023-01-15"), buy('E', "2023-01-15", "100", "id_dossier=V2", "dispositif=AIF")),
		more:     map[string][]hubtest.Record{"dossiers": {buy('E', "2023-01-15", "", "id_dossier=V2", "version=2", "operation=M", "date_maj=2026-10-01").Record}},
		standard: []string{"RNCP 900001 69: 5 5 100.00 5 35.00 500.00"}},
	{name: "a file removed", period: "2023-02", files: with(buys("ABCD", "2023-02-15"), buy('E', "2023-02-15", "100", "id_dossier=V3")),
		more: map[string][]hubtest.Record{"dossiers": {{"id_dossier": "V3", "version": "2", "operation": "S", "date_maj": "2026-10-01"}}}},
	{name: "a file removed after the day of the run", period: "2023-03", files: with(buys("ABCD", "2023-03-15"), buy('E', "2023-03-15", "100", "id_dossier=V4")),
		more:     map[string][]hubtest.Record{"dossiers": {{"id_dossier": "V4", "version": "2", "operation": "S", "date_maj": "2026-11-21"}}},
		standard: []string{"RNCP 900001 69: 5 5 100.00 5 35.00 500.00"}},
	{name: "several funders, one of them twice", period: "2023-04", files: with(buys("ABCD", "2023-04-15"), buy('E', "2023-04-15", "900", "id_dossier=V5")),
		more: map[string][]hubtest.Record{"financements": {
			hubtest.Rec("financements", "id_dossier=V5", "montant_engage=150", "version=2"),
			hubtest.Rec("financements", "id_dossier=V5", "montant_engage=50.50", "type_financeur=region"),
		}},
		standard: []string{"RNCP 900001 69: 5 5 120.10 5 35.00 600.50"}},
	{name: "a funding removed", period: "2023-05", files: with(buys("ABCD", "2023-05-15"), buy('E', "2023-05-15", "100", "id_dossier=V6")),
		more: map[string][]hubtest.Record{"financements": {
			hubtest.Rec("financements", "id_dossier=V6", "montant_engage=900", "type_financeur=etat"),
			hubtest.Rec("financements", "id_dossier=V6", "montant_engage=900", "type_financeur=etat", "version=2", "operation=S"),
		}},
		standard: []string{"RNCP 900001 69: 5 5 100.00 5 35.00 500.00"}},
	{name: "a file in quarantine", period: "2023-06", files: with(buys("ABCDE", "2023-06-15"), buy('F', "2023-06-15", "100", "duree_heures=10001")),
		standard: []string{"RNCP 900001 69: 5 5 100.00 5 35.00 500.00"}},
	{name: "one of five in quarantine", period: "2023-07", files: with(buys("ABCD", "2023-07-15"), buy('E', "2023-07-15", "100", "nir=280016999006900"))},
	{name: "a funding in quarantine takes its file along", period: "2023-08", files: with(buys("ABCDE", "2023-08-15"), buy('F', "2023-08-15", "100", "id_dossier=V7")),
		more:     map[string][]hubtest.Record{"financements": {hubtest.Rec("financements", "id_dossier=V7", "type_financeur=mairie")}},
		standard: []string{"RNCP 900001 69: 5 5 100.00 5 35.00 500.00"}},
}

func buysOf(who, day, amount string) []sceneFile {
	var all []sceneFile
	for _, w := range who {
		all = append(all, buy(w, day, amount))
	}
	return all
}

// dominated is a person with 1000 euros, one with 100, and three of the others.
func dominated(day, others string) []sceneFile {
	return append([]sceneFile{buy('A', day, "1000"), buy('B', day, "100")}, buysOf("CDE", day, others)...)
}

// halves is a person with one of two files of 500 euros, one with 100, and two and
// a half others.
func halves(day, last string) []sceneFile {
	return []sceneFile{buy('A', day, "500"), buy('B', day, "100"), buy('C', day, "33.33"), buy('D', day, "33.33"), buy('E', day, last)}
}

var entryScenes = []scene{
	{name: "four persons", period: "2020-T1", files: buys("ABCD", "2020-02-15")},
	{name: "five persons", period: "2020-T2", files: buys("ABCDE", "2020-05-15"), standard: []string{"69 84 Femme, 35-44 ans, Employés: 5 5 500.00"}},
	{name: "ten persons", period: "2020-T3", files: buys("ABCDEFGHIJ", "2020-08-15"), standard: []string{"69 84 Femme, 35-44 ans, Employés: 10 10 1000.00"}},
	{name: "eleven persons", period: "2020-T4", files: buys("ABCDEFGHIJK", "2020-11-15"),
		standard: []string{"69 84 Femme, 35-44 ans, Employés: 11 11 1100.00"}, strict: []string{"69 84 Femme, 35-44 ans, Employés: 11 11 1100.00"}},
	{name: "birthday on the day of entry", period: "2021-T1", files: with(buys("ABCDE", "2021-03-10", "date_naissance=1996-03-10"), buys("FGHIJK", "2021-03-09", "date_naissance=1996-03-10")...),
		standard: []string{"69 84 Femme, 25-34 ans, Employés: 5 5 500.00", "69 84 Femme, moins de 25 ans, Employés: 6 6 600.00"}},
	{name: "the oldest", period: "2021-T2", files: with(buys("ABCDE", "2021-05-01", "date_naissance=1956-05-01"), buys("FGHIJK", "2021-04-30", "date_naissance=1956-05-01")...),
		standard: []string{"69 84 Femme, 55-64 ans, Employés: 6 6 600.00", "69 84 Femme, 65 ans et plus, Employés: 5 5 500.00"}},
	{name: "in between", period: "2021-T3", files: with(buys("ABCDE", "2021-08-01", "date_naissance=1986-08-01"), buys("FGHIJ", "2021-08-01", "date_naissance=1966-08-01")...),
		standard: []string{"69 84 Femme, 35-44 ans, Employés: 5 5 500.00", "69 84 Femme, 55-64 ans, Employés: 5 5 500.00"}},
	{name: "just before", period: "2021-T4", files: with(buys("ABCDE", "2021-11-01", "date_naissance=1986-11-02"), buys("FGHIJ", "2021-11-01", "date_naissance=1966-11-02")...),
		standard: []string{"69 84 Femme, 25-34 ans, Employés: 5 5 500.00", "69 84 Femme, 45-54 ans, Employés: 5 5 500.00"}},
	{name: "born on 29 February", period: "2025-T1", files: with(buys("ABCDE", "2025-03-01", "date_naissance=2000-02-29"), buys("FGHIJK", "2025-02-28", "date_naissance=2000-02-29")...),
		standard: []string{"69 84 Femme, 25-34 ans, Employés: 5 5 500.00", "69 84 Femme, moins de 25 ans, Employés: 6 6 600.00"}},

	{name: "cancelled and rejected", period: "2022-T1", files: with(buys("ABCD", "2022-02-15"), buy('E', "2022-02-15", "100", "statut=ANNULE_OF"), buy('F', "2022-02-15", "100", "statut=ANNULE_TITULAIRE"),
		buy('G', "2022-02-15", "100", "statut=ANNULE_GESTIONNAIRE"), buy('H', "2022-02-15", "100", "statut=REJETE", "date_entree=", "date_sortie=", "date_cloture="))},
	{name: "every other status", period: "2022-T2", files: []sceneFile{
		buy('A', "2022-05-15", "100", "statut=VALIDE", "date_sortie=", "date_cloture="), buy('B', "2022-05-15", "100", "statut=ENTREE", "date_sortie=", "date_cloture="),
		buy('C', "2022-05-15", "100", "statut=SORTIE", "date_cloture="), buy('D', "2022-05-15", "100", "statut=CLOS_PARTIEL"), buy('E', "2022-05-15", "100"),
	}, standard: []string{"69 84 Femme, 35-44 ans, Employés: 5 5 500.00"}},
	{name: "abroad and unknown", period: "2022-T3", files: with(buys("ABC", "2022-08-15", "commune_domicile=99100"), buys("DE", "2022-08-15", "commune_domicile=")...),
		standard: []string{"99 99 Femme, 35-44 ans, Employés: 5 5 500.00"}},
	{name: "a former commune", period: "2022-T4", files: with(buys("ABC", "2022-11-15", "commune_domicile=01018"), buys("DE", "2022-11-15", "commune_domicile=01033")...),
		standard: []string{"01 84 Femme, 35-44 ans, Employés: 5 5 500.00"}},
	{name: "gender", period: "2023-T1", files: with(buys("ABCDE", "2023-02-15", "genre="), buys("FGHIJK", "2023-02-15", "genre=1")...),
		standard: []string{"69 84 Homme, 35-44 ans, Employés: 6 6 600.00", "69 84 Non renseigné, 35-44 ans, Employés: 5 5 500.00"}},
	{name: "age unknown", period: "2023-T2", files: buys("ABCDE", "2023-05-15", "date_naissance="), standard: []string{"69 84 Femme, Non renseignée, Employés: 5 5 500.00"}},
	{name: "job seekers of any group, and others", period: "2023-T3", files: []sceneFile{
		buy('A', "2023-08-15", "100", "situation=DE", "csp=3"), buy('B', "2023-08-15", "100", "situation=DE", "csp="), buy('C', "2023-08-15", "100", "situation=DE", "csp=8"),
		buy('D', "2023-08-15", "100", "situation=DE"), buy('E', "2023-08-15", "100", "situation=DE"),
		buy('F', "2023-08-15", "100", "csp=7"), buy('G', "2023-08-15", "100", "csp=8"), buy('H', "2023-08-15", "100", "csp="), buy('I', "2023-08-15", "100", "situation=", "csp="),
		buy('J', "2023-08-15", "100", "situation=AU", "csp=7"),
	}, standard: []string{"69 84 Femme, 35-44 ans, Autre ou non renseigné: 5 5 500.00", "69 84 Femme, 35-44 ans, Demandeur d'emploi: 5 5 500.00"}},
	{name: "groups", period: "2025-T3",
		files: slices.Concat(buys("ABCDE", "2025-08-15", "csp=1"), buys("FGHIJ", "2025-08-15", "csp=2", "situation=IN"), buys("KLMNO", "2025-08-15", "csp=3"),
			buys("PQRST", "2025-08-15", "csp=4", "situation="), buys("UVWXY", "2025-08-15", "csp=6", "situation=AU")),
		standard: []string{
			"69 84 Femme, 45-54 ans, Agriculteurs exploitants: 5 5 500.00",
			"69 84 Femme, 45-54 ans, Artisans commerçants chefs d'entreprise: 5 5 500.00",
			"69 84 Femme, 45-54 ans, Cadres et professions intellectuelles supérieures: 5 5 500.00",
			"69 84 Femme, 45-54 ans, Ouvriers: 5 5 500.00",
			"69 84 Femme, 45-54 ans, Professions intermédiaires: 5 5 500.00",
		}},
	{name: "last day of a quarter", period: "2023-T4", files: buys("ABCDE", "2023-12-31"), standard: []string{"69 84 Femme, 35-44 ans, Employés: 5 5 500.00"}},
	{name: "first day of the next", period: "2024-T1", files: buys("ABCDEF", "2024-01-01"), standard: []string{"69 84 Femme, 35-44 ans, Employés: 6 6 600.00"}},
	{name: "not entered", period: "2024-T2", files: buys("ABCDE", "2024-05-15", "statut=VALIDE", "date_entree=", "date_sortie=", "date_cloture="), outside: true},
	{name: "bought in the quarter before", period: "2024-T3", files: buys("ABCDE", "2024-07-01", "date_validation=2024-06-30"), standard: []string{"69 84 Femme, 35-44 ans, Employés: 5 5 500.00"}},
	{name: "the others are ten per cent of the largest", period: "2024-T4", files: with(dominated("2024-11-15", "25"), buy('F', "2024-11-15", "25")),
		standard: []string{"69 84 Femme, 35-44 ans, Employés: 6 6 1200.00"}},
	{name: "a cent less than ten per cent", period: "2025-T2", files: with(dominated("2025-05-15", "25"), buy('F', "2025-05-15", "24.99"))},
	{name: "one person with NIR and without", period: "2025-T4", files: with(buys("ABCD", "2025-11-15"), buy('A', "2025-11-15", "100", "nir="))},
	{name: "another scheme", period: "2026-T1", files: with(buys("ABCD", "2026-02-15"), buy('E', "2026-02-15", "100", "dispositif=PTP"))},
	{name: "quarter before the extract", period: "2026-T3", files: buys("ABCDE", "2026-09-30"), standard: []string{"69 84 Femme, 45-54 ans, Employés: 5 5 500.00"}},
	{name: "quarter of the extract", period: "2026-T4", files: buys("ABCDE", "2026-10-01"), outside: true},
	{name: "before the first quarter", period: "2019-T4", files: buys("ABCDE", "2019-12-31"), outside: true},
}

// shortly says the part of a row that scenes are about; its period comes apart.
func shortly(row map[string]string) (period, text string) {
	or := func(name ...string) string {
		for _, n := range name {
			if row[n] != "" {
				return row[n]
			}
		}
		return "-"
	}
	if period := row["trimestre"]; period != "" {
		return period, fmt.Sprintf("%s %s %s, %s, %s: %s %s %s", row["code_departement"], row["code_region"], row["genre"], row["tranche_age"], row["situation"],
			row["nb_dossiers"], row["nb_titulaires"], row["montant_engage"])
	}
	return row["date_validation"], fmt.Sprintf("%s %s %s: %s %s %s %s %s %s", or("type_referentiel"), or("code_rncp", "code_rs", "code_certifinfo"), row["code_departement_lieu_formation"],
		row["nb_dossiers"], row["nb_titulaires"], row["prix_moyen"], row["nb_dossiers_a_duree_connue"], or("duree_moyenne"), row["montant_engage"])
}

func TestCellsByHand(t *testing.T) {
	t.Parallel()
	for profile := range refProfiles {
		t.Run(profile, func(t *testing.T) {
			t.Parallel()
			b := newCellsBench(t, extractOf(t, cloned(purchaseScenes)), profile)
			b.dataset = engagees
			res := b.publish(t)
			got := map[string][]string{}
			for _, row := range b.rows(t, res.Release) {
				period, text := shortly(row)
				got[period] = append(got[period], text)
			}
			compareScenes(t, purchaseScenes, profile, got)
			b.comparePeriods(t, res.Release, purchaseScenes)
		})
	}
}

// TestUsersByHand looks at the detailed table of users before it is protected, as far as the
// rules let its rows be shown: most of the scenes are of women of one age alone, which
// nobody must be told (P4). Of what is published, nothing must be another row.
func TestUsersByHand(t *testing.T) {
	t.Parallel()
	dir := extractOf(t, cloned(entryScenes))
	raw := datasetstest.Build(t, dir, hubtest.AsOf, "2026-09-30")
	table := raw.Tables(usagers)[0]
	names, lines := rawRows(t, raw, table)
	got := map[string][]string{}
	for _, line := range lines {
		row := map[string]string{"date_chargement": ""}
		for i, name := range names {
			row[name] = line[i]
		}
		if n, _ := strconv.Atoi(row["nb_titulaires"]); n >= 5 && !estimable(row["_contributions_personnes"], row["montant_engage"]) {
			period, text := shortly(row)
			got[period] = append(got[period], text)
		}
	}
	for _, rows := range got {
		slices.Sort(rows)
	}
	compareScenes(t, entryScenes, "standard", maps.Clone(got))
	b := newCellsBench(t, dir, "standard")
	b.dataset = usagers
	id := b.publish(t).Release
	b.comparePeriods(t, id, entryScenes)
	for _, row := range b.rows(t, id) {
		if period, text := shortly(row); !slices.Contains(got[period], text) {
			t.Errorf("%s: %q is published", period, text)
		}
	}
}

// estimable: what remains of an amount besides the two largest of some contributions is
// below 10 % of the largest.
func estimable(contributions, amount string) bool {
	parts := strings.Split(contributions, "+")
	value := func(text string) int64 { return cents(text).Num().Int64() }
	return 100*(value(amount)-value(parts[0])-value(parts[1])) < 10*value(parts[0])
}

// cloned copies scenes, since files are numbered when they are written.
func cloned(scenes []scene) []scene {
	out := slices.Clone(scenes)
	for i, s := range out {
		out[i].files = nil
		for _, f := range s.files {
			out[i].files = append(out[i].files, sceneFile{hubtest.Record{}, f.amount})
			for k, v := range f.Record {
				out[i].files[len(out[i].files)-1].Record[k] = v
			}
		}
	}
	return out
}

func compareScenes(t *testing.T, scenes []scene, profile string, got map[string][]string) {
	t.Helper()
	for _, s := range scenes {
		want := s.standard
		if profile == "strict" {
			want = s.strict
		}
		if d := gocmp.Diff(want, got[s.period]); d != "" {
			t.Errorf("%s, %s: -want +got\n%s", s.period, s.name, d)
		}
		delete(got, s.period)
	}
	for period, rows := range got {
		t.Errorf("%s has rows that no scene asks for: %s", period, strings.Join(rows, "; "))
	}
}

// comparePeriods wants a release to list the periods in which a scene has a file.
func (b *bench) comparePeriods(t *testing.T, id string, scenes []scene) {
	t.Helper()
	var periods []string
	for _, s := range scenes {
		if !s.outside {
			periods = append(periods, s.period)
		}
	}
	slices.Sort(periods)
	m, err := b.archive.Manifest(t.Context(), b.dataset, id)
	if d := gocmp.Diff(periods, m.Periods); err != nil || d != "" {
		t.Errorf("periods of the manifest: %v, -want +got\n%s", err, d)
	}
}

// TestRowsInFull is every column of some rows, as they are in the file.
func TestRowsInFull(t *testing.T) {
	t.Parallel()
	const day = "2026-09-15"
	purchases := slices.Concat(
		buys("ABCDE", day),
		buys("FGHIJ", day, "code_certification=900002", "code_certifinfo=900002", "commune_formation=01018", "commune_domicile=01018"),
		buys("KLMNO", day, "type_referentiel=RS", "code_certification=6151", "code_certifinfo=", "modalite_presence=DISTANCE", "commune_domicile=99100", "genre=1"),
		buys("PQRST", day, "type_referentiel=", "code_certification=", "code_certifinfo=200", "situation=DE"),
		buys("UVWXY", day, "type_referentiel=", "code_certification=", "code_certifinfo=777", "duree_heures=", "date_naissance=2006-09-15"),
	)
	var users []sceneFile
	for _, home := range []string{"69381", "99100"} {
		for _, born := range []string{"1980-01-15", "2006-09-15"} {
			for i, who := range []string{"ABCDE", "FGHIJ", "KLMNO", "PQRST"} {
				users = append(users, buys(who, day, "commune_domicile="+home, "date_naissance="+born, "genre="+[]string{"2", "1"}[i/2], "situation="+[]string{"SA", "DE"}[i%2])...)
			}
		}
	}
	for dataset, c := range map[string]struct {
		files []sceneFile
		want  string
	}{
		engagees: {purchases, `date_chargement,annee_de_validation,date_validation,type_referentiel,code_rs,code_rncp,code_certifinfo,intitule_certification,domaine_formation_nsf,formacode_principal,libelle_formacode_principal,region_lieu_formation,departement_lieu_formation,nb_dossiers,nb_titulaires,prix_moyen,nb_dossiers_a_duree_connue,duree_moyenne,montant_engage,code_nsf,code_region_lieu_formation,code_departement_lieu_formation
2026-11-01,2026,2026-09,RNCP,,900001,900001,Titre,Informatique,31088,Programmation,Auvergne-Rhône-Alpes,Rhône,5,5,100.00,5,35.00,500.00,326,84,69
2026-11-01,2026,2026-09,RNCP,,900002,900002,Sans domaine,Non renseigné,,,Auvergne-Rhône-Alpes,Ain,5,5,100.00,5,35.00,500.00,,84,01
2026-11-01,2026,2026-09,RS,6151,,106151,Anglais,Langues,,,À distance ou non localisé,À distance ou non localisé,5,5,100.00,5,35.00,500.00,136,00,00
2026-11-01,2026,2026-09,,,,200,Permis B,Sans objet,,,Auvergne-Rhône-Alpes,Rhône,5,5,100.00,5,35.00,500.00,,84,69
2026-11-01,2026,2026-09,,,,,Action éligible sans certification,Sans objet,,,Auvergne-Rhône-Alpes,Rhône,5,5,100.00,0,,500.00,,84,69
`},
		usagers: {users, `date_chargement,annee,trimestre,code_region,nom_region,code_departement,nom_departement,genre,tranche_age,situation,nb_dossiers,nb_titulaires,montant_engage
2026-11-01,2026,2026-T3,84,Auvergne-Rhône-Alpes,69,Rhône,Femme,45-54 ans,Demandeur d'emploi,5,5,500.00
2026-11-01,2026,2026-T3,84,Auvergne-Rhône-Alpes,69,Rhône,Femme,45-54 ans,Employés,5,5,500.00
2026-11-01,2026,2026-T3,84,Auvergne-Rhône-Alpes,69,Rhône,Femme,moins de 25 ans,Demandeur d'emploi,5,5,500.00
2026-11-01,2026,2026-T3,84,Auvergne-Rhône-Alpes,69,Rhône,Femme,moins de 25 ans,Employés,5,5,500.00
2026-11-01,2026,2026-T3,84,Auvergne-Rhône-Alpes,69,Rhône,Homme,45-54 ans,Demandeur d'emploi,5,5,500.00
2026-11-01,2026,2026-T3,84,Auvergne-Rhône-Alpes,69,Rhône,Homme,45-54 ans,Employés,5,5,500.00
2026-11-01,2026,2026-T3,84,Auvergne-Rhône-Alpes,69,Rhône,Homme,moins de 25 ans,Demandeur d'emploi,5,5,500.00
2026-11-01,2026,2026-T3,84,Auvergne-Rhône-Alpes,69,Rhône,Homme,moins de 25 ans,Employés,5,5,500.00
2026-11-01,2026,2026-T3,99,Hors de France ou non renseigné,99,Hors de France ou non renseigné,Femme,45-54 ans,Demandeur d'emploi,5,5,500.00
2026-11-01,2026,2026-T3,99,Hors de France ou non renseigné,99,Hors de France ou non renseigné,Femme,45-54 ans,Employés,5,5,500.00
2026-11-01,2026,2026-T3,99,Hors de France ou non renseigné,99,Hors de France ou non renseigné,Femme,moins de 25 ans,Demandeur d'emploi,5,5,500.00
2026-11-01,2026,2026-T3,99,Hors de France ou non renseigné,99,Hors de France ou non renseigné,Femme,moins de 25 ans,Employés,5,5,500.00
2026-11-01,2026,2026-T3,99,Hors de France ou non renseigné,99,Hors de France ou non renseigné,Homme,45-54 ans,Demandeur d'emploi,5,5,500.00
2026-11-01,2026,2026-T3,99,Hors de France ou non renseigné,99,Hors de France ou non renseigné,Homme,45-54 ans,Employés,5,5,500.00
2026-11-01,2026,2026-T3,99,Hors de France ou non renseigné,99,Hors de France ou non renseigné,Homme,moins de 25 ans,Demandeur d'emploi,5,5,500.00
2026-11-01,2026,2026-T3,99,Hors de France ou non renseigné,99,Hors de France ou non renseigné,Homme,moins de 25 ans,Employés,5,5,500.00
`},
	} {
		b := newCellsBench(t, extractOf(t, []scene{{files: c.files}}), "standard")
		b.dataset = dataset
		want := strings.ReplaceAll(c.want, "\n", "\r\n") // RFC 4180
		if d := gocmp.Diff(want, string(b.object(t, b.publish(t).Release, dataset+".csv"))); d != "" {
			t.Errorf("%s: -want +got\n%s", dataset, d)
		}
	}
}

// TestPeriodEndsBeforeTheExtract: the latest record seen is the day of the extract,
// and a month is over when that day is in a later one.
func TestPeriodEndsBeforeTheExtract(t *testing.T) {
	t.Parallel()
	for latest, want := range map[string]string{
		"2026-10-31T12:00:00":       "2026-09",
		"2026-10-31T22:30:00Z":      "2026-09", // 23.30 in Paris
		"2026-10-31T23:30:00Z":      "2026-10", // 0.30 in Paris
		"2026-11-01":                "2026-10",
		"2026-11-01T00:30:00+02:00": "2026-09", // 23.30 in Paris
		"2026-11-21T00:00:00":       "2026-09", // not seen
	} {
		t.Run(latest, func(t *testing.T) {
			t.Parallel()
			b := newCellsBench(t, twoMonths(t, latest, "dossiers", "financements"), "standard")
			b.dataset = engagees
			rows := b.rows(t, b.publish(t).Release)
			if got := rows[len(rows)-1]["date_validation"]; got != want {
				t.Errorf("the last month is %s, want %s", got, want)
			}
		})
	}
}

// TestPeriodWaitsForFilesAndFundings: a list that was renewed says nothing of the
// files, and files whose fundings are late would be left out for good.
func TestPeriodWaitsForFilesAndFundings(t *testing.T) {
	t.Parallel()
	for _, entity := range []string{"certifications", "territoires", "dossiers", "financements"} {
		b := newCellsBench(t, twoMonths(t, "2026-11-01", entity), "standard")
		b.dataset = engagees
		rows := b.rows(t, b.publish(t).Release)
		if got := rows[len(rows)-1]["date_validation"]; got != "2026-09" {
			t.Errorf("%s alone goes on: the last month is %s", entity, got)
		}
	}
}

// twoMonths makes an extract with purchases in September and October, all of which
// was changed in the middle of October, but for the last record of some entities.
func twoMonths(t *testing.T, latest string, changed ...string) string {
	t.Helper()
	dir := extractOf(t, []scene{{files: with(buys("ABCDE", "2026-10-31"), buys("ABCDEF", "2026-09-30")...)}})
	setBack(t, dir, func(entity string, last bool) string {
		if slices.Contains(changed, entity) && last {
			return latest
		}
		return "2026-10-15"
	})
	return dir
}

// setBack gives every record of an extract the day of change that day says, told
// whether it is the last of its entity.
func setBack(t *testing.T, dir string, day func(entity string, last bool) string) {
	t.Helper()
	for _, entity := range statEntities {
		var records []hubtest.Record
		all := readEntity(t, dir, entity)
		for i, r := range all {
			r.v["date_maj"] = day(entity, i == len(all)-1)
			records = append(records, r.v)
		}
		hubtest.WriteCSV(t, dir+"/"+entity+"/part-1.csv", entity, records)
	}
}
