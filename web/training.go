package web

import (
	"cmp"
	"html/template"
	"net/url"
	"strings"

	"github.com/parvis-opendata/parvis/web/ask"
	"github.com/parvis-opendata/parvis/web/chart"
)

// TrainingQuestion asks for the training itself: a row of it, of which all but the place,
// sessions, hours and prices are those of all its rows.
func TrainingQuestion(numero string) ask.Question {
	return ask.Question{Table: catalogueID, Where: []string{ask.Equals("numero_formation", numero)}, Limit: 1}
}

// TrainingQuestions are what the page of a training asks besides, by name. The row is the
// answer to [TrainingQuestion].
func TrainingQuestions(row ask.Row) map[string]ask.Question {
	this := ask.Equals("numero_formation", row.Text("numero_formation"))
	all := map[string]ask.Question{
		"ensemble": {
			Table: catalogueID, Where: []string{this},
			Select: "min(frais_ttc_tot_min) as prix_min, max(frais_ttc_tot_max) as prix_max, sum(nb_session_active) as sessions, sum(nb_session_a_distance) as sessions_a_distance",
		},
		"durees": {
			Table: catalogueID, Where: []string{this, "nombre_heures_total_min > 0"},
			Select: "min(nombre_heures_total_min) as heures_min, max(nombre_heures_total_max) as heures_max",
		},
		"lieux": {
			Table: catalogueID, Where: []string{this}, GroupBy: "code_departement, nom_departement, nom_region", OrderBy: "code_departement", Limit: -1,
			Select: "code_departement, nom_departement, nom_region, sum(nb_session_active) as sessions, min(frais_ttc_tot_min) as prix_min, max(frais_ttc_tot_max) as prix_max",
		},
	}
	if code := given(row.Text("code_certifinfo")); code != "" {
		all["voisines"] = ask.Question{
			Table: catalogueID, Where: []string{ask.Equals("code_certifinfo", code), "not (" + this + ")"}, GroupBy: "numero_formation, intitule_formation, nom_of", OrderBy: "sessions desc, numero_formation", Limit: 4,
			Select: "numero_formation, intitule_formation, nom_of, sum(nb_session_active) as sessions, min(frais_ttc_tot_min) as prix_min, max(frais_ttc_tot_max) as prix_max, count(code_departement) as lieux",
		}
	}
	return all
}

// Training is what the page of a training shows.
type Training struct {
	// Row is the answer to [TrainingQuestion], Answers are those to [TrainingQuestions].
	Row     ask.Row
	Answers map[string][]ask.Row
	Release string
}

// trainingView is the page as the template sees it.
type trainingView struct {
	Frame

	Numero, Title, Provider, Siret, Extract, Release string
	ByProvider                                       string // a search for all that the provider offers
	Certification                                    ficheCertification
	Accreditation                                    accreditation
	Formacode                                        string
	Price, Hours, Sessions                           string
	Distance, Everywhere                             bool
	Texts                                            []section
	Places                                           []placeRow
	Map                                              template.HTML
	Others                                           []otherTraining
	JSON, CSV                                        string
	Course                                           map[string]any
}

// section is a text of the provider under a heading.
type section struct{ Title, Text string }

// placeRow is a département where the training is given.
type placeRow struct{ Name, Region, Sessions, Price string }

// otherTraining is one that leads to the same certification.
type otherTraining struct{ Title, Provider, Address, Price string }

// manyPlaces is from how many départements on a map says more than a list.
const manyPlaces = 8

// Training renders the page of a training.
func (s *Site) Training(f Frame, t Training) ([]byte, error) {
	row := t.Row
	numero := row.Text("numero_formation")
	v := trainingView{
		Frame: f, Numero: numero, Provider: row.Text("nom_of"), Siret: siret(row.Text("siret")), Extract: date(row.Text("date_extract")), Release: t.Release,
		ByProvider:    f.Root + "recherche?" + query("q", row.Text("siret")),
		Certification: certificationOf(f.Root, row), Accreditation: accreditationOf(row), Formacode: row.Text("libelle_code_formacode_principal"),
		JSON: f.Root + "api/v1/tables/" + catalogueID + "/rows?" + query("where", ask.Equals("numero_formation", numero)),
		CSV:  ask.Question{Table: catalogueID, Where: []string{ask.Equals("numero_formation", numero)}}.Export(f.Root, "csv"),
	}
	v.Title = cmp.Or(row.Text("intitule_formation"), v.Certification.Title, "Formation sans intitulé")
	for _, text := range [][2]string{{"objectif_formation", "Objectifs"}, {"contenu_formation", "Contenu"}, {"resultats_attendus_formation", "Résultats attendus"}, {"points_forts", "Points forts"}} {
		if given := strings.TrimSpace(row.Text(text[0])); given != "" {
			v.Texts = append(v.Texts, section{text[1], given})
		}
	}
	v.offer(t)
	v.others(t)
	v.Course = v.course(t)
	return s.render("formation", v)
}

// offer reads what is offered, where and at what price.
func (v *trainingView) offer(t Training) {
	sum := first(t.Answers["ensemble"])
	v.Price, v.Hours = interval(sum, "prix_min", "prix_max", "€"), interval(first(t.Answers["durees"]), "heures_min", "heures_max", "h")
	v.Sessions = sessionsOf(sum)
	v.Distance = sum.Text("sessions_a_distance") != "" && sum.Text("sessions_a_distance") != "0"
	var areas []chart.Area
	for _, p := range t.Answers["lieux"] {
		code := p.Text("code_departement")
		if code == "" {
			v.Everywhere = true
			continue
		}
		n, _ := p.Number("sessions")
		v.Places = append(v.Places, placeRow{p.Text("nom_departement") + " (" + code + ")", p.Text("nom_region"), number(int(n)), interval(p, "prix_min", "prix_max", "€")})
		areas = append(areas, chart.Area{Code: code, Value: chart.Known(n)})
	}
	if len(areas) >= manyPlaces {
		v.Map = chart.Both(chart.Departements{Figure: chart.Figure{
			Title: "Sessions ouvertes par département", Unit: "sessions", Description: "Les départements où cette formation a des sessions ouvertes ; le tableau des lieux dit combien.",
		}, Areas: areas}, "lieux", chart.Wide)
	}
}

// sessionsOf says how many sessions are open, and how many at a distance.
func sessionsOf(row ask.Row) string {
	all, far := whole(row, "sessions"), whole(row, "sessions_a_distance")
	return sessionCount(all, far)
}

// others reads the trainings for the same certification.
func (v *trainingView) others(t Training) {
	for _, o := range t.Answers["voisines"] {
		v.Others = append(v.Others, otherTraining{
			cmp.Or(o.Text("intitule_formation"), v.Certification.Title), o.Text("nom_of"), v.Root + trainingPath(o.Text("numero_formation")), interval(o, "prix_min", "prix_max", "€"),
		})
	}
}

// trainingPath is the path of the page of a training, below the address of the service.
func trainingPath(numero string) string { return "formations/" + url.PathEscape(numero) }

// Summary says the training in a line, for who sees the page elsewhere.
func (v trainingView) Summary() string {
	parts := []string{cmp.Or(v.Provider, "Organisme dont le nom n'est pas publié")}
	if v.Certification.Title != "" && v.Certification.Title != v.Title {
		parts = append(parts, v.Certification.Title)
	}
	return strings.Join(clean(append(parts, v.Price, v.Hours)), " · ")
}
