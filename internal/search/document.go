package search

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Document is a training, with the places where it is given. Its JSON names are those
// of the catalogue's columns where it has them.
type Document struct {
	Numero           string   `json:"numero_formation"`
	Title            string   `json:"intitule_formation"`
	Siret            string   `json:"siret"`
	Provider         string   `json:"nom_of"`
	Register         string   `json:"type_referentiel"`
	RNCP             string   `json:"code_rncp"`
	RS               string   `json:"code_inventaire"`
	Certifinfo       string   `json:"code_certifinfo"`
	Certification    string   `json:"intitule_certification"`
	Level            string   `json:"libelle_niveau_sortie_formation"`
	Formacode        string   `json:"libelle_code_formacode_principal"`
	Formacodes       []string `json:"codes_formacode"`
	Romes            []string `json:"codes_rome"`
	NSF              []string `json:"codes_nsf"`
	Domains          []string `json:"libelles_nsf"`
	Accreditation    string   `json:"habilitation"`
	Actions          int64    `json:"nb_action"`
	Sessions         int64    `json:"nb_session_active"`
	DistanceSessions int64    `json:"nb_session_a_distance"`
	// Hours and prices are over the places; nil if not given.
	HoursMin *float64 `json:"nombre_heures_total_min"`
	HoursMax *float64 `json:"nombre_heures_total_max"`
	PriceMin *float64 `json:"frais_ttc_tot_min"`
	PriceMax *float64 `json:"frais_ttc_tot_max"`
	Places   []Place  `json:"lieux"`
}

// Place is a département.
type Place struct {
	Departement     string `json:"code_departement"`
	DepartementName string `json:"nom_departement"`
	Region          string `json:"code_region"`
	RegionName      string `json:"nom_region"`
}

// Distance reports whether a session can be followed at a distance.
func (d *Document) Distance() bool { return d.DistanceSessions > 0 }

// Where returns the codes of the départements and régions of the places, each once.
func (d *Document) Where() (departements, regions []string) {
	for _, p := range d.Places {
		departements, regions = append(departements, p.Departement), append(regions, p.Region)
	}
	return compact(departements), compact(regions)
}

// Codes returns what names the training exactly, in lower case: its number, the SIRET and
// SIREN of the provider, the codes of the certification with and without their register,
// Formacode, ROME and NSF codes.
func (d *Document) Codes() []string {
	codes := []string{strings.ToLower(d.Numero), d.Siret}
	if len(d.Siret) == 14 {
		codes = append(codes, d.Siret[:9])
	}
	for _, c := range [][2]string{{"rncp", d.RNCP}, {"rs", d.RS}} {
		if c[1] != "" {
			codes = append(codes, c[1], c[0]+c[1])
		}
	}
	codes = append(codes, d.Certifinfo)
	for _, list := range [][]string{d.Formacodes, d.Romes, d.NSF} {
		for _, code := range list {
			codes = append(codes, strings.ToLower(code))
		}
	}
	return compact(codes)
}

// Completions are the texts that Suggest may return because of the training.
func (d *Document) Completions() []string {
	return compact([]string{d.Certification, d.Provider, d.Formacode})
}

// LevelNumber returns the digit of the level in the national framework, empty if none.
func LevelNumber(label string) string {
	rest, ok := strings.CutPrefix(strings.ToUpper(label), "NIVEAU ")
	if !ok || rest == "" {
		return ""
	}
	if _, err := strconv.Atoi(rest[:1]); err != nil {
		return ""
	}
	return rest[:1]
}

// Decode reads a document as [Encode] wrote it.
func Decode(text []byte) (Document, error) {
	var d Document
	err := json.Unmarshal(text, &d)
	return d, err
}

// Encode writes a document as JSON.
func Encode(d Document) ([]byte, error) { return json.Marshal(d) }

// compact leaves out what is empty or repeated, and keeps the order.
func compact(list []string) []string {
	seen := map[string]bool{"": true}
	kept := []string{}
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			kept = append(kept, s)
		}
	}
	return kept
}
