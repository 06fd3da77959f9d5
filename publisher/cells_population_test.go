package publisher_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/hub/hubtest"
)

// population makes the files of few persons in few places, so that many cells lie
// near the thresholds.
type population struct {
	*gen
	persons []hubtest.Record
	sirets  []string
	homes   []string
}

func newPopulation(seed uint64, persons int) *population {
	g := newGen(seed)
	g.tame = true // a place or a certification less would take many files along
	g.territories()
	g.certifications(8)
	g.tame = false
	p := &population{gen: g}
	for i := range 6 {
		p.sirets = append(p.sirets, hubtest.Siret(fmt.Sprintf("0004%04d", i), 1))
	}
	p.homes = append(slices.Clone(g.communes[:9]), "01018", "99100", "")
	for i := range persons {
		p.persons = append(p.persons, p.person(i))
	}
	return p
}

// person makes someone; some are homonyms of the one before, and some have no
// civil status but their NIR.
func (p *population) person(i int) hubtest.Record {
	year := pick(p.gen, 1961, 1979, 1985, 1985, 1991, 2000, 2001, 2001)
	born := fmt.Sprintf("%d-%02d-%02d", year, 1+p.IntN(12), 1+p.IntN(28))
	if year == 2000 && p.chance(50) {
		born = "2000-02-29"
	}
	r := hubtest.Record{"nom_naissance": "NOM" + alphabetic(i), "prenoms": "Léa", "date_naissance": born, "genre": pick(p.gen, "1", "2", "2", "2", ""),
		"commune_domicile": pick(p.gen, pick(p.gen, p.homes...), p.homes[0]), "situation": pick(p.gen, "SA", "SA", "DE", "IN", "AU", ""), "csp": pick(p.gen, "5", "5", "6", "3", "7", "")}
	if i > 0 && p.chance(8) {
		before := p.persons[i-1]
		r["nom_naissance"], r["date_naissance"], r["genre"] = before["nom_naissance"], before["date_naissance"], before["genre"]
	}
	sex := cmp.Or(r["genre"], "1")
	r["nir"] = hubtest.NIR(fmt.Sprintf("%s%s01%s%06d", sex, r["date_naissance"][2:4], pick(p.gen, "69", "2A", "2B"), i))
	if p.chance(5) {
		r[pick(p.gen, "nom_naissance", "prenoms")] = ""
	}
	return r
}

// alphabetic writes a number in letters.
func alphabetic(n int) string {
	return string([]byte{'A' + byte(n/676%26), 'A' + byte(n/26%26), 'A' + byte(n%26)})
}

// buy makes a file of one of the persons on a day near the given one.
func (p *population) buy(id string, day time.Time) {
	r := maps.Clone(pick(p.gen, p.persons...))
	r["id_dossier"], r["organisme_siret"], r["qpv"] = id, pick(p.gen, p.sirets...), pick(p.gen, "true", "false", "")
	p.disguise(r)
	p.choose(r)
	p.date(r, day)
	p.emit("dossiers", r)
	for i := range 1 + p.IntN(100)/75 {
		funder := []string{"france_competences", "titulaire"}[i]
		p.emit("financements", hubtest.Record{"id_dossier": id, "type_financeur": funder, "montant_engage": pick(p.gen, "100", "150.55", "500", "500.005", "1490.99", "1490.99", "60000"), "montant_realise": pick(p.gen, "", "50")})
	}
}

// disguise writes a person in another way.
func (p *population) disguise(r hubtest.Record) {
	if r["nom_naissance"] != "" && r["prenoms"] != "" && p.chance(20) {
		r["nir"] = ""
	}
	if r["prenoms"] != "" {
		r["prenoms"] = pick(p.gen, "Léa", "LEA", "l é-a", "Lè'a")
	}
	if r["nom_naissance"] != "" && p.chance(5) {
		r["nom_naissance"] += " EPOUSE"
	}
	r["nom_naissance"] = pick(p.gen, r["nom_naissance"], strings.ToLower(r["nom_naissance"]))
}

// choose fills in what is bought, and where.
func (p *population) choose(r hubtest.Record) {
	cert := strings.Split(pick(p.gen, pick(p.gen, p.certs...), p.certs[2]), ":")
	r["type_referentiel"], r["code_certification"], r["code_certifinfo"] = cert[0], cert[1], pick(p.gen, "", cert[2], "777")
	if cert[0] == "" {
		r["code_certifinfo"] = pick(p.gen, cert[2], cert[2], "777", "", "1900005") // the last has a referentiel
		r["code_certification"] = pick(p.gen, "", "", "X")                         // means nothing without one
	}
	r["dispositif"] = pick(p.gen, "CPF", "CPF", "CPF", "CPF", "CPF", "CPF", "CPF", "POEI")
	r["modalite_presence"] = pick(p.gen, "PRESENTIEL", "PRESENTIEL", "MIXTE", "DISTANCE")
	r["commune_formation"] = pick(p.gen, "", p.communes[0], p.communes[1], p.communes[3], "01018")
	r["duree_heures"] = pick(p.gen, "", "", "0", "7", "35.5", "33.33", "1.005")
}

// date fills in a status and the dates that agree with it.
func (p *population) date(r hubtest.Record, day time.Time) {
	at := func() string {
		s := day.Format(time.DateOnly)
		day = day.AddDate(0, 0, pick(p.gen, 0, 1, 20, 45))
		return s
	}
	r["statut"] = pick(p.gen, "VALIDE", "ENTREE", "SORTIE", "CLOS_TOTAL", "CLOS_TOTAL", "CLOS_PARTIEL", "ANNULE_OF", "ANNULE_TITULAIRE", "ANNULE_GESTIONNAIRE", "REJETE")
	r["date_validation"] = at()
	if r["statut"] == "REJETE" {
		r["date_validation"] = pick(p.gen, r["date_validation"], "")
		return
	}
	if r["statut"] != "VALIDE" || p.chance(50) {
		r["date_entree"] = at()
	}
	if r["statut"] == "SORTIE" || strings.HasPrefix(r["statut"], "CLOS") {
		r["date_sortie"] = at()
	}
	if strings.HasPrefix(r["statut"], "CLOS") {
		r["date_cloture"] = at()
	}
}

// refDays are first and last days of periods, and some in between.
var refDays = []string{"2019-12-31", "2020-01-01", "2026-03-31", "2026-04-01", "2026-06-30", "2026-07-01", "2026-09-30", "2026-10-01", "2026-10-31", "2026-11-01", "2026-11-19"}

func (p *population) buyMany(n int, prefix string, from time.Time, days int) {
	for i := range n {
		day := from.AddDate(0, 0, p.IntN(days))
		if p.chance(10) {
			day, _ = time.Parse(time.DateOnly, pick(p.gen, refDays...))
		}
		p.buy(prefix+strconv.Itoa(i), day)
	}
}

func calendarDay(text string) time.Time {
	day, _ := time.Parse(time.DateOnly, text)
	return day
}
