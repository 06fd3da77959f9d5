package publisher_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub/hubtest"
)

// This file counts the statistical tables again from an extract with maps and
// loops, from the text of the contract, and says which cells may be shown. It
// shares no query and no rule with the product.

const (
	engagees = "moncompteformation_formations_engagees"
	usagers  = "moncompteformation_usagers"
)

// statEntities are what the statistical datasets are made from, in the order in
// which they refer to each other.
var statEntities = []string{"territoires", "certifications", "financements", "dossiers"}

// refRules are the rules of a profile: the least number of persons, and the per
// cent of the largest contribution that those besides the two largest must reach; the same
// of providers, and the per cent of the whole that one of them may have; zero: no rule.
type refRules struct {
	persons         int
	percent         int64
	providers       int
	share, provided int64
}

var refProfiles = map[string]refRules{"standard": {persons: 5, percent: 10}, "strict": {11, 15, 3, 85, 10}}

// refStat says what a statistical table counts.
type refStat struct {
	day    func(v map[string]string) string                         // by which a file counts; "" when it is out of scope
	member func(h *refHub, v map[string]string) map[string]string   // what it counts as
	name   func(year, month int) (period string, dims [2][2]string) // of the period of a day
}

var refStats = map[string]refStat{
	engagees: {purchaseDay, (*refHub).purchase, func(year, month int) (string, [2][2]string) {
		period := fmt.Sprintf("%04d-%02d", year, month)
		return period, [2][2]string{{"annee_de_validation", strconv.Itoa(year)}, {"date_validation", period}}
	}},
	usagers: {entryDay, (*refHub).user, func(year, month int) (string, [2][2]string) {
		period := fmt.Sprintf("%04d-T%d", year, (month+2)/3)
		return period, [2][2]string{{"annee", strconv.Itoa(year)}, {"trimestre", period}}
	}},
}

// purchaseDay: files of the personal account, whatever became of them.
func purchaseDay(v map[string]string) string {
	if v["dispositif"] != "CPF" {
		return ""
	}
	return v["date_validation"]
}

// entryDay: files of the personal account, neither cancelled nor rejected.
func entryDay(v map[string]string) string {
	if v["dispositif"] != "CPF" || v["statut"] == "REJETE" || strings.HasPrefix(v["statut"], "ANNULE_") {
		return ""
	}
	return v["date_entree"]
}

// purchase is what a file counts as among the purchases of certifications.
func (h *refHub) purchase(v map[string]string) map[string]string {
	d := h.bought(v)
	land := map[string]string{"code_departement": "00", "nom_departement": "À distance ou non localisé", "code_region": "00", "nom_region": "À distance ou non localisé"}
	if v["modalite_presence"] != "DISTANCE" && v["commune_formation"] != "" {
		land = h.territory(v["commune_formation"])
	}
	d["region_lieu_formation"], d["code_region_lieu_formation"] = land["nom_region"], land["code_region"]
	d["departement_lieu_formation"], d["code_departement_lieu_formation"] = land["nom_departement"], land["code_departement"]
	return d
}

// bought is the certification of a file, or its legal exception.
func (h *refHub) bought(v map[string]string) map[string]string {
	c, d := h.listed(v), map[string]string{}
	switch v["type_referentiel"] {
	case "RS":
		d["code_rs"] = v["code_certification"]
	case "RNCP":
		d["code_rncp"] = v["code_certification"]
	default:
		c = h.exception(v["code_certifinfo"])
	}
	d["type_referentiel"], d["code_certifinfo"], d["intitule_certification"] = v["type_referentiel"], c["code_certifinfo"], c["intitule"]
	d["formacode_principal"], d["libelle_formacode_principal"] = c["code_formacode_1"], c["libelle_formacode_1"]
	if v["type_referentiel"] == "" {
		d["domaine_formation_nsf"] = "Sans objet"
	} else {
		d["domaine_formation_nsf"], d["code_nsf"] = h.domain(c["code_nsf_1"]), c["code_nsf_1"]
	}
	return d
}

// exception is the legal exception of a code in Certif Info; what the list does
// not know is one member.
func (h *refHub) exception(code string) map[string]string {
	for _, c := range h.byKey["certifications"] {
		if code != "" && c["type_referentiel"] == "" && c["code_certifinfo"] == code {
			return c
		}
	}
	return map[string]string{"intitule": "Action éligible sans certification"}
}

// domain is the name of a domain: the first of those that the list gives it.
func (h *refHub) domain(code string) string {
	name := ""
	for _, c := range h.byKey["certifications"] {
		if code != "" && c["code_nsf_1"] == code && c["libelle_nsf_1"] != "" && (name == "" || c["libelle_nsf_1"] < name) {
			name = c["libelle_nsf_1"]
		}
	}
	return cmp.Or(name, "Non renseigné")
}

// user is what a file counts as among the entries in training.
func (h *refHub) user(v map[string]string) map[string]string {
	land := map[string]string{"code_departement": "99", "nom_departement": "Hors de France ou non renseigné", "code_region": "99", "nom_region": "Hors de France ou non renseigné"}
	if home := v["commune_domicile"]; home != "" && !strings.HasPrefix(home, "99") {
		land = h.territory(home)
	}
	d := map[string]string{"genre": map[string]string{"1": "Homme", "2": "Femme", "": "Non renseigné"}[v["genre"]], "tranche_age": ageBand(v["date_naissance"], v["date_entree"])}
	for _, name := range []string{"code_departement", "nom_departement", "code_region", "nom_region"} {
		d[name] = land[name]
	}
	groups := map[string]string{"1": "Agriculteurs exploitants", "2": "Artisans commerçants chefs d'entreprise", "3": "Cadres et professions intellectuelles supérieures",
		"4": "Professions intermédiaires", "5": "Employés", "6": "Ouvriers"}
	d["situation"] = cmp.Or(groups[v["csp"]], "Autre ou non renseigné")
	if v["situation"] == "DE" {
		d["situation"] = "Demandeur d'emploi"
	}
	return d
}

// ageBand compares calendar days, so that who was born on 29 February is a year
// older on 1 March where there is no such day.
func ageBand(born, day string) string {
	if born == "" {
		return "Non renseignée"
	}
	year := func(s string) int { n, _ := strconv.Atoi(s[:4]); return n }
	age := year(day) - year(born)
	if day[5:] < born[5:] {
		age--
	}
	for _, b := range []struct {
		below int
		name  string
	}{{25, "moins de 25 ans"}, {35, "25-34 ans"}, {45, "35-44 ans"}, {55, "45-54 ans"}, {65, "55-64 ans"}} {
		if age < b.below {
			return b.name
		}
	}
	return "65 ans et plus"
}

// refFile is a file in scope.
type refFile struct {
	byNIR, byName string // its person, counted in two ways
	provider      string
	cents, hours  int64 // hours in hundredths
	timed         bool  // its duration is known
}

func fileOf(v map[string]string, amount int64) refFile {
	name := strings.Join([]string{lettersOf(v["nom_naissance"]), lettersOf(v["prenoms"]), v["date_naissance"], v["genre"]}, "|")
	f := refFile{byNIR: name, byName: name, provider: v["organisme_siret"][:9], cents: amount}
	if v["nir"] != "" {
		f.byNIR = v["nir"][:13]
		if v["nom_naissance"] == "" || v["prenoms"] == "" || v["date_naissance"] == "" {
			f.byName = f.byNIR
		}
	}
	if hours := cents(v["duree_heures"]); hours != nil {
		f.hours, f.timed = hours.Num().Int64(), true
	}
	return f
}

// lettersOf is a name in capitals without accents, blanks or signs.
func lettersOf(name string) string {
	name = strings.NewReplacer("É", "E", "È", "E", "Ë", "E", "Ï", "I", "Ç", "C", "Ù", "U").Replace(strings.ToUpper(name))
	return strings.Map(func(c rune) rune {
		if c < 'A' || c > 'Z' {
			return -1
		}
		return c
	}, name)
}

func byNIR(f refFile) string    { return f.byNIR }
func byName(f refFile) string   { return f.byName }
func provider(f refFile) string { return f.provider }

// contributions are the amounts of the persons, the largest first.
func contributions(files []refFile, person func(refFile) string) []int64 {
	sums := map[string]int64{}
	for _, f := range files {
		sums[person(f)] += f.cents
	}
	return slices.SortedFunc(maps.Values(sums), func(a, b int64) int { return cmp.Compare(b, a) })
}

// holders is the number of persons, by the way of counting that finds fewer.
func holders(files []refFile) int {
	return min(len(contributions(files, byNIR)), len(contributions(files, byName)))
}

// few: some persons, but too few (P1, P5).
func (r refRules) few(files []refFile) bool { return len(files) > 0 && holders(files) < r.persons }

// secret: some files must not be shown for their own sake (P1 to P3).
func (r refRules) secret(files []refFile) bool {
	return r.few(files) || estimated(files, byNIR, r.percent) || estimated(files, byName, r.percent) ||
		r.providers > 0 && (len(contributions(files, provider)) < r.providers || estimated(files, provider, r.provided) || 100*contributions(files, provider)[0] > r.share*sum(files, euros))
}

// estimated: the second contributor could tell too well what the first brings.
func estimated(files []refFile, by func(refFile) string, percent int64) bool {
	parts := contributions(files, by)
	var rest int64
	for _, x := range parts[min(2, len(parts)):] {
		rest += x
	}
	return 100*rest < percent*parts[0]
}

func timed(files []refFile) []refFile {
	return slices.DeleteFunc(slices.Clone(files), func(f refFile) bool { return !f.timed })
}

// sum adds up the cents or hours of some files.
func sum(files []refFile, of func(refFile) int64) int64 {
	var n int64
	for _, f := range files {
		n += of(f)
	}
	return n
}

func euros(f refFile) int64 { return f.cents }
func hours(f refFile) int64 { return f.hours }

func meanOf(files []refFile, of func(refFile) int64) string {
	return money(roundHalfUp(big.NewRat(sum(files, of), int64(len(files)))))
}

// sortRows orders rows by the key of their table.
func sortRows(table datasets.Table, rows [][]string) {
	at := map[string]int{}
	for i, name := range table.Names() {
		at[name] = i
	}
	slices.SortFunc(rows, func(a, b []string) int {
		for _, k := range table.Key {
			if n := nullsLast(a[at[k]], b[at[k]]); n != 0 {
				return n
			}
		}
		return 0
	})
}

// percent is a share to the per cent, half up.
func percent(part, whole int64) int { return int((200*part + whole) / (2 * whole)) }

// fundingFaults and fileFaults are the rules of the contract for fundings and
// files.
func (f *faultList) fundingFaults(v map[string]string) {
	funders := []string{"france_competences", "titulaire", "etat", "pole_emploi", "region", "opco", "entreprise", "cec"}
	engaged, paid := cents(v["montant_engage"]), cents(v["montant_realise"])
	f.add("funder_unknown", v["type_financeur"] != "" && !slices.Contains(funders, v["type_financeur"]))
	f.add("amount_missing", engaged == nil)
	f.add("amount_negative", engaged != nil && engaged.Sign() < 0 || paid != nil && paid.Sign() < 0)
	f.add("amount_too_large", tooLarge(engaged) || tooLarge(paid))
}

func (h *refHub) fileFaults(f *faultList, v map[string]string) {
	for column, codes := range map[string]string{"genre": " 1 2", "situation": " DE SA IN AU", "csp": " 1 2 3 4 5 6 7 8", "type_referentiel": " RNCP RS",
		"modalite_presence": "PRESENTIEL DISTANCE MIXTE", "statut": "VALIDE ENTREE SORTIE CLOS_TOTAL CLOS_PARTIEL ANNULE_OF ANNULE_TITULAIRE ANNULE_GESTIONNAIRE REJETE"} {
		f.add(column+"_unknown", !slices.Contains(strings.Split(codes, " "), v[column]))
	}
	f.add("scheme_missing", v["dispositif"] == "")
	nameless := v["nom_naissance"] == "" || v["prenoms"] == "" || v["date_naissance"] == ""
	f.add("nir_malformed", v["nir"] != "" && (len(v["nir"]) != 15 || hubtest.NIR(v["nir"][:13]) != v["nir"]))
	f.add("nir_birth_year", len(v["nir"]) == 15 && v["date_naissance"] != "" && v["nir"][1:3] != v["date_naissance"][2:4])
	f.add("person_missing", v["nir"] == "" && nameless)
	f.add("birth_date_out_of_range", v["date_naissance"] > cmp.Or(v["date_validation"], h.asOf.Format(time.DateOnly)))
	f.add("siret_invalid", !siretOK(v["organisme_siret"]) || v["financeur_siret"] != "" && !siretOK(v["financeur_siret"]))
	f.add("commune_unknown", v["commune_formation"] != "" && h.territory(v["commune_formation"]) == nil)
	f.add("residence_unknown", v["commune_domicile"] != "" && !strings.HasPrefix(v["commune_domicile"], "99") && h.territory(v["commune_domicile"]) == nil)
	f.add("certification_unknown", v["type_referentiel"] != "" && h.listed(v) == nil)
	hours := cents(v["duree_heures"])
	f.add("duration_out_of_range", hours != nil && (hours.Sign() < 0 || hours.Cmp(big.NewRat(1_000_000, 1)) > 0))
	h.dateFaults(f, v)
	h.amountFaults(f, v)
}

func (h *refHub) dateFaults(f *faultList, v map[string]string) {
	last := ""
	for _, c := range []string{"date_validation", "date_entree", "date_sortie", "date_cloture"} {
		f.add("dates_out_of_order", v[c] != "" && v[c] < last)
		f.add("date_far_future", h.farFuture(v[c]))
		last = max(last, v[c])
	}
	in, out, closed := v["date_entree"] != "", v["date_sortie"] != "", v["date_cloture"] != ""
	f.add("validation_missing", v["date_validation"] == "" && v["statut"] != "REJETE")
	agrees := true
	switch v["statut"] {
	case "VALIDE":
		agrees = !closed
	case "ENTREE":
		agrees = in && v["date_entree"] <= h.asOf.Format(time.DateOnly) && !closed
	case "SORTIE":
		agrees = in && out && !closed
	case "CLOS_TOTAL", "CLOS_PARTIEL":
		agrees = in && out && closed
	case "REJETE":
		agrees = !in
	}
	f.add("status_dates", !agrees)
}

func (h *refHub) amountFaults(f *faultList, v map[string]string) {
	f.add("funding_faulty", h.unfunded[v["id_dossier"]])
	f.add("cpf_without_amount", v["dispositif"] == "CPF" && h.engaged()[v["id_dossier"]] == 0)
}

// engaged is what all funders together engage for each file, in cents.
func (h *refHub) engaged() map[string]int64 {
	if h.amounts == nil {
		h.amounts = map[string]int64{}
		for _, f := range h.entities["financements"].kept {
			h.amounts[f.v["id_dossier"]] += cents(f.v["montant_engage"]).Num().Int64()
		}
	}
	return h.amounts
}
