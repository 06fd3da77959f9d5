package synthetic_test

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// row is a line of a reference file, by column name.
type row map[string]string

func readCSV(t *testing.T, path string) []row {
	t.Helper()
	f, err := os.Open(filepath.FromSlash(path))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatalf("read %s: %v", path, err)
	}
	if len(records) < 2 {
		t.Fatalf("%s holds no row", path)
	}
	var rows []row
	for _, record := range records[1:] {
		r := row{}
		for i, name := range records[0] {
			r[name] = record[i]
		}
		rows = append(rows, r)
	}
	return rows
}

// codes returns the values of a key column and reports duplicates, blanks and values out of order.
func codes(t *testing.T, path, column string) map[string]bool {
	t.Helper()
	seen, last := map[string]bool{}, ""
	for i, r := range readCSV(t, path) {
		code := r[column]
		switch {
		case code == "":
			t.Errorf("%s row %d: %s is empty", path, i+1, column)
		case seen[code]:
			t.Errorf("%s row %d: %s %s appears twice", path, i+1, column, code)
		case code < last:
			t.Errorf("%s row %d: %s %s is after %s", path, i+1, column, code, last)
		}
		seen[code], last = true, code
	}
	return seen
}

func number(t *testing.T, r row, column string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(r[column], 64)
	if err != nil {
		t.Errorf("%s: %s: %v", r["intitule"], column, err)
	}
	return n
}

func TestDataKeysAreUnique(t *testing.T) {
	codes(t, "data/communes.csv", "commune")
	codes(t, "data/nsf.csv", "code_nsf")
	codes(t, "data/formacodes.csv", "code_formacode")
	codes(t, "data/romes.csv", "code_rome")
	codes(t, "data/exceptions_legales.csv", "code_certifinfo")
	codes(t, "../data/anciennes_communes.csv", "ancienne_commune")
}

func TestDataTerritories(t *testing.T) {
	departements := codes(t, "data/departements_poids.csv", "code_departement")
	if len(departements) != 101 {
		t.Errorf("%d départements, want 101", len(departements))
	}
	for _, r := range readCSV(t, "data/departements_poids.csv") {
		if number(t, r, "population") <= 0 {
			t.Errorf("département %s has no population", r["code_departement"])
		}
	}
	communes := map[string]int{}
	for _, r := range readCSV(t, "data/communes.csv") {
		communes[r["code_departement"]]++
		if number(t, r, "population") <= 0 {
			t.Errorf("commune %s has no population", r["commune"])
		}
		for _, column := range []string{"nom_commune", "nom_departement", "code_region", "nom_region"} {
			if r[column] == "" {
				t.Errorf("commune %s: %s is empty", r["commune"], column)
			}
		}
	}
	for code := range departements {
		if communes[code] == 0 {
			t.Errorf("département %s has no commune", code)
		}
	}
	for code := range communes {
		if !departements[code] {
			t.Errorf("communes of an unknown département %s", code)
		}
	}
	former := codes(t, "../data/anciennes_communes.csv", "ancienne_commune")
	for _, r := range readCSV(t, "../data/anciennes_communes.csv") {
		if former[r["commune"]] {
			t.Errorf("former commune %s leads to another former commune %s", r["ancienne_commune"], r["commune"])
		}
	}
}

var niveaux = map[string]bool{
	"Sans niveau spécifique":                              true,
	"NIVEAU 3 (CAP, BEP)":                                 true,
	"NIVEAU 4 (BAC)":                                      true,
	"NIVEAU 5 (BTS, DEUST...)":                            true,
	"NIVEAU 6 (Licence, licence professionnelle, BUT...)": true,
	"NIVEAU 7 (Master, titre ingénieur...)":               true,
}

func TestDataCertifications(t *testing.T) {
	code, certifinfo, title := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, r := range readCSV(t, "data/certifications.csv") {
		name := r["type_referentiel"] + r["code_certification"]
		if code[r["code_certification"]] || certifinfo[r["code_certifinfo"]] || title[r["intitule"]] {
			t.Errorf("%s: code, certifinfo or title appears twice", name)
		}
		code[r["code_certification"]], certifinfo[r["code_certifinfo"]], title[r["intitule"]] = true, true, true
		if r["type_referentiel"] != "RNCP" && r["type_referentiel"] != "RS" {
			t.Errorf("%s: unknown type_referentiel", name)
		}
		if invented := number(t, r, "code_certification") >= 900000; invented != (r["source"] == "invente") {
			t.Errorf("%s: code and source %q disagree", name, r["source"])
		}
		if r["type_referentiel"] == "RS" && r["libelle_niveau"] != "Sans niveau spécifique" {
			t.Errorf("%s: the Répertoire spécifique has no level, found %q", name, r["libelle_niveau"])
		}
		checkFigures(t, name, r)
	}
	for _, r := range readCSV(t, "data/exceptions_legales.csv") {
		if r["type_referentiel"] != "" || r["code_certification"] != "" || r["code_nsf_1"] != "" {
			t.Errorf("%s: an exception has neither referential, code nor domain", r["intitule"])
		}
		if certifinfo[r["code_certifinfo"]] {
			t.Errorf("%s: certifinfo %s is that of a certification", r["intitule"], r["code_certifinfo"])
		}
		checkFigures(t, r["intitule"], r)
	}
}

func checkFigures(t *testing.T, name string, r row) {
	t.Helper()
	if r["intitule"] == "" || r["source"] == "" {
		t.Errorf("%s: title or source is empty", name)
	}
	if !niveaux[r["libelle_niveau"]] {
		t.Errorf("%s: unknown level %q", name, r["libelle_niveau"])
	}
	if n := number(t, r, "code_certifinfo"); n <= 0 || n != math.Trunc(n) {
		t.Errorf("%s: certifinfo %q", name, r["code_certifinfo"])
	}
	for _, column := range []string{"popularite", "prix_median", "duree_mediane"} {
		if number(t, r, column) <= 0 {
			t.Errorf("%s: %s is not positive", name, column)
		}
	}
	if share := number(t, r, "a_distance"); share < 0 || share > 1 {
		t.Errorf("%s: a_distance %v is not a share", name, share)
	}
}

func TestDataReferencesAndFillRates(t *testing.T) {
	rows := readCSV(t, "data/certifications.csv")
	for _, list := range []struct {
		column, path string
		percent      []float64
	}{
		{"code_nsf", "data/nsf.csv", []float64{100, 16, 3}},
		{"code_formacode", "data/formacodes.csv", []float64{98, 59, 13, 5, 1}},
		{"code_rome", "data/romes.csv", []float64{24, 12, 7, 5, 3}},
	} {
		known := codes(t, list.path, list.column)
		filled := make([]int, len(list.percent))
		for _, r := range rows {
			full, seen := true, map[string]bool{}
			for i := range list.percent {
				code := r[fmt.Sprintf("%s_%d", list.column, i+1)]
				if code == "" {
					full = false
					continue
				}
				filled[i]++
				if !full || seen[code] || !known[code] {
					t.Errorf("%s: %s %s unknown, repeated or after a gap", r["intitule"], list.column, code)
				}
				seen[code] = true
			}
		}
		for i, want := range list.percent {
			if got := 100 * float64(filled[i]) / float64(len(rows)); math.Abs(got-want) > 1 {
				t.Errorf("%s_%d is filled in %.1f %% of rows, want %v %%", list.column, i+1, got, want)
			}
		}
	}
}

func TestDataFormerCodes(t *testing.T) {
	codes(t, "data/anciens_codes.csv", "ancienne_commune")
	communes, present := codes(t, "data/communes.csv", "commune"), map[string]string{}
	for _, r := range readCSV(t, "../data/anciennes_communes.csv") {
		present[r["ancienne_commune"]] = r["commune"]
	}
	for _, r := range readCSV(t, "data/anciens_codes.csv") {
		if !communes[r["commune"]] || present[r["ancienne_commune"]] != r["commune"] {
			t.Errorf("%s is not a former code of %s", r["ancienne_commune"], r["commune"])
		}
	}
}

func TestDataFragments(t *testing.T) {
	kinds := map[string]bool{"objectif": true, "contenu": true, "point_fort": true, "resultat": true, "phrase": true}
	for _, r := range readCSV(t, "data/fragments.csv") {
		if !kinds[r["genre"]] || r["domaine"] == "" || r["texte"] == "" {
			t.Errorf("fragment %q of kind %q, domain %q", r["texte"], r["genre"], r["domaine"])
		}
	}
}

// TestDataNoCommuneHasANumberOfInventedBirths: a NIR of ours names a commune number
// from 991 to 999.
func TestDataNoCommuneHasANumberOfInventedBirths(t *testing.T) {
	var all []string
	for _, r := range readCSV(t, "data/communes.csv") {
		all = append(all, r["commune"])
	}
	for _, r := range readCSV(t, "../data/anciennes_communes.csv") {
		all = append(all, r["ancienne_commune"], r["commune"])
	}
	for _, code := range all {
		if code[2:] >= "990" {
			t.Errorf("commune %s", code)
		}
	}
}
