package dashboard

import (
	"github.com/parvis-opendata/parvis/web/ask"
	"github.com/parvis-opendata/parvis/web/chart"
)

// Names of filters.
const (
	region   = "region"
	domain   = "domaine"
	register = "referentiel"
	level    = "niveau"
)

// distinct counts trainings, each once wherever it takes place.
const distinct = "count(distinct numero_formation) as formations"

// Offer is about the trainings that can be bought now.
var Offer = &Dashboard{
	Name: "offre", Title: "L'offre de formation",
	Lead:     "Les formations que l'on peut acheter aujourd'hui avec son compte personnel de formation : où, dans quels domaines, à quel prix et par qui.",
	Datasets: []string{catalogue},
	Filters: []Filter{
		{Name: region, Label: "Région", All: "Toute la France", Members: ask.Question{Table: catalogue, GroupBy: "code_region as valeur, nom_region as nom", Where: []string{"code_region is not null"}, Limit: -1}},
		{Name: domain, Label: "Domaine (NSF)", All: "Tous les domaines", Members: ask.Question{Table: catalogue, GroupBy: "libelle_nsf_1 as valeur", Where: []string{"libelle_nsf_1 is not null"}, Limit: -1}},
		{Name: register, Label: "Référentiel", All: "Tous", Members: ask.Question{Table: catalogue, GroupBy: "type_referentiel as valeur", Where: []string{"type_referentiel is not null"}, Limit: -1}},
		{Name: level, Label: "Niveau de sortie", All: "Tous les niveaux", Members: ask.Question{Table: catalogue, GroupBy: "libelle_niveau_sortie_formation as valeur", Where: []string{"libelle_niveau_sortie_formation is not null"}, Limit: -1}},
	},
	Keys: []Keys{
		{
			Ask: func(c Choice) ask.Question {
				return offered(c, distinct+", count(distinct siret) as organismes, count(distinct code_certifinfo) as certifications, median(frais_ttc_tot_mean) as prix", "", "", 0)
			},
			Numbers: []Number{{Column: "formations", Label: "formations ouvertes"}, {Column: "organismes", Label: "organismes"}, {Column: "certifications", Label: "certifications"}, {Column: "prix", Label: "prix médian, par formation et lieu", Unit: "€"}},
		},
		{
			Ask: func(c Choice) ask.Question {
				return offered(c, "median(nombre_heures_total_mean) as heures", "", "", 0, "nombre_heures_total_mean > 0")
			},
			Numbers: []Number{{Column: "heures", Label: "durée médiane, par formation et lieu", Unit: "h"}},
		},
		{
			Ask:     func(c Choice) ask.Question { return offered(c, distinct, "", "", 0, "nb_session_a_distance > 0") },
			Numbers: []Number{{Column: "formations", Label: "formations à distance"}},
		},
	},
	Figures: []Figure{offerMap, offerDomains, offerPrices, offerLevels, offerProviders, offerCertifications, offerAccreditation},
}

// offered is a question about the trainings that a reader chose.
func offered(c Choice, what, by, order string, limit int, also ...string) ask.Question {
	fields := map[string]string{region: "code_region", domain: "libelle_nsf_1", register: "type_referentiel", level: "libelle_niveau_sortie_formation"}
	return ask.Question{Table: catalogue, Select: what, GroupBy: by, OrderBy: order, Where: append(c.where(fields, ""), also...), Limit: limit}
}

// ranking is a figure of bars over the trainings.
func ranking(name, title, label, field string, limit int, notes ...string) Figure {
	return Figure{
		Name: name, Title: title,
		Ask: func(c Choice) []ask.Question {
			return []ask.Question{offered(c, field+", "+distinct, field, "formations desc", limit, field+" is not null")}
		},
		Draw: func(c Choice, answers [][]ask.Row) Drawn {
			return Drawn{chart.Bars{
				Figure: c.figure(title, "Nombre de formations ouvertes, du plus grand au plus petit.", "formations ouvertes"),
				Label:  label, Points: points(answers[0], field, "formations", given),
			}, notes}
		},
	}
}

var offerMap = Figure{
	Name: "departements", Title: "Formations par département",
	Ask: func(c Choice) []ask.Question {
		return []ask.Question{offered(c, "code_departement, nom_departement, "+distinct, "code_departement, nom_departement", "code_departement", -1, "code_departement is not null")}
	},
	Draw: func(c Choice, answers [][]ask.Row) Drawn {
		return Drawn{chart.Departements{
			Figure: c.figure("Formations par département", "Nombre de formations ouvertes dans chaque département.", "formations ouvertes"),
			Areas:  areas(answers[0], "code_departement", "formations", given),
		}, []string{"Une formation donnée en plusieurs départements compte dans chacun. Celles qui sont à distance ou nationales n'ont pas de département."}}
	},
}

var (
	offerDomains        = ranking("domaines", "Domaines les plus offerts", "Domaine", "libelle_nsf_1", 15)
	offerLevels         = ranking("niveaux", "Niveaux de sortie", "Niveau", "libelle_niveau_sortie_formation", 10, "Une formation qui ne mène ni à un diplôme ni à un titre n'a pas de niveau de sortie.")
	offerProviders      = ranking("organismes", "Organismes qui offrent le plus", "Organisme", "nom_of", 15, "Le nom d'un organisme qui est une personne physique peut ne pas être publié.")
	offerCertifications = ranking("certifications", "Certifications les plus offertes", "Certification", "intitule_certification", 15)
	offerAccreditation  = ranking("habilitation", "Habilitation des organismes", "Habilitation", "habilitation", 3,
		"« habilité » : la liste du certificateur nomme l'organisme ; « non recensé » : elle existe et ne le nomme pas, mais peut être en retard ; « sans objet » : le certificateur n'en dépose pas.")
)

var offerPrices = Figure{
	Name: "prix", Title: "Prix selon le domaine",
	Ask: func(c Choice) []ask.Question {
		return []ask.Question{offered(c,
			"libelle_nsf_1, count(*) as nb, min(frais_ttc_tot_mean) as bas, percentile(frais_ttc_tot_mean, 25) as q1, median(frais_ttc_tot_mean) as milieu, percentile(frais_ttc_tot_mean, 75) as q3, max(frais_ttc_tot_mean) as haut",
			"libelle_nsf_1", "nb desc", 12, "libelle_nsf_1 is not null", "frais_ttc_tot_mean is not null")}
	},
	Draw: func(c Choice, answers [][]ask.Row) Drawn {
		s := chart.Spread{
			Figure: c.figure("Prix selon le domaine", "Prix du quart des formations le moins cher, prix médian et prix du quart le plus cher, dans les domaines les plus offerts.", "€"),
			Label:  "Domaine",
		}
		for _, row := range answers[0] {
			s.Rows = append(s.Rows, chart.Range{
				Label: row.Text("libelle_nsf_1"), Least: given(row, "bas"), Low: given(row, "q1"), Median: given(row, "milieu"), High: given(row, "q3"), Top: given(row, "haut"),
			})
		}
		return Drawn{s, []string{"Prix moyens des formations, toutes taxes comprises ; une formation compte dans chaque département où elle est donnée."}}
	},
}
