package dashboard

import (
	"github.com/parvis-opendata/parvis/web/ask"
	"github.com/parvis-opendata/parvis/web/chart"
)

// Users is about who enters training with the account, quarter by quarter.
var Users = &Dashboard{
	Name: "usagers", Title: "Les usagers",
	Lead:     "Qui entre en formation avec son compte personnel de formation : âge, genre, situation, lieu de résidence, et qui paie.",
	Datasets: []string{usagers},
	Filters: []Filter{
		{Name: region, Label: "Région de résidence", All: "Toute la France", Members: ask.Question{Table: usagers + "_departement", GroupBy: "code_region as valeur, nom_region as nom", Limit: -1}},
	},
	Periods: ask.Question{Table: usagers + "_departement", GroupBy: "trimestre as periode", OrderBy: "periode", Limit: -1},
	Recent:  4, PeriodName: "Trimestre",
	Keys: []Keys{
		{
			Ask: func(c Choice) ask.Question {
				return entered(c, "_departement", "sum(nb_dossiers) as entrees, sum(montant_engage) as montant, sum(montant_engage) / sum(nb_dossiers) as prix"+counted("nb_dossiers"), "", "", 0)
			},
			Numbers: []Number{{Column: "entrees", Label: "entrées en formation"}, {Column: "montant", Label: "engagés", Unit: "€"}, {Column: "prix", Label: "par entrée", Unit: "€"}},
		},
	},
	Figures: []Figure{
		{
			Name: "trimestres", Title: "Entrées par trimestre",
			Ask: func(c Choice) []ask.Question {
				return []ask.Question{entered(c, "_departement", "trimestre, sum(nb_dossiers) as total"+counted("nb_dossiers"), "trimestre", "trimestre", -1)}
			},
			Draw: func(c Choice, answers [][]ask.Row) Drawn {
				return Drawn{c.overTime(c.figure("Entrées par trimestre", "Nombre d'entrées en formation chaque trimestre.", "entrées"), answers[0], "trimestre", "total"), notes(answers[0])}
			},
		},
		usersSituations,
		{
			Name: "financeurs", Title: "Qui paie",
			Ask: func(c Choice) []ask.Question {
				return []ask.Question{entered(c, "_situation_region", fundersAsked(), "", "", 0)}
			},
			Draw: funding,
		},
		usersAges,
		{
			Name: "departements", Title: "Entrées par département de résidence",
			Fits: func(c Choice) bool { return c.Chosen[region] != abroad },
			Ask: func(c Choice) []ask.Question {
				return []ask.Question{entered(c, "_departement", "code_departement, sum(nb_dossiers) as total"+counted("nb_dossiers"), "code_departement", "code_departement", -1, `code_departement != "`+abroad+`"`)}
			},
			Draw: func(c Choice, answers [][]ask.Row) Drawn {
				return Drawn{chart.Departements{
					Figure: c.figure("Entrées par département de résidence", "Nombre d'entrées en formation des habitants de chaque département.", "entrées"),
					Areas:  areas(answers[0], "code_departement", "total", value),
				}, notes(answers[0], "Les résidences à l'étranger ou inconnues n'y figurent pas.")}
			},
		},
	},
}

// entered is a question about the entries that a reader chose.
func entered(c Choice, table, what, by, order string, limit int, also ...string) ask.Question {
	return ask.Question{
		Table: usagers + table, Select: what, GroupBy: by, OrderBy: order,
		Where: append(c.where(map[string]string{region: "code_region"}, "trimestre"), also...), Limit: limit,
	}
}

// abroad is the code of residences that are abroad or unknown.
const abroad = "99"

// detailed is the table of gender, age and situation: of France, or of the régions.
func detailed(c Choice) string {
	if c.Has(region) {
		return "_region"
	}
	return "_france"
}

// ages are the bands, from above.
var ages = []string{"Non renseignée", "65 ans et plus", "55-64 ans", "45-54 ans", "35-44 ans", "25-34 ans", "moins de 25 ans"}

var usersAges = Figure{
	Name: "ages", Title: "Âge et genre",
	Ask: func(c Choice) []ask.Question {
		return []ask.Question{entered(c, detailed(c), "tranche_age, genre, sum(nb_dossiers) as total"+counted("nb_dossiers"), "tranche_age, genre", "", -1)}
	},
	Draw: func(c Choice, answers [][]ask.Row) Drawn {
		found := map[[2]string]chart.Value{}
		for _, row := range answers[0] {
			found[[2]string{row.Text("genre"), row.Text("tranche_age")}] = value(row, "total")
		}
		k := chart.Pyramid{
			Figure: c.figure("Âge et genre", "Nombre d'entrées en formation par tranche d'âge : femmes à gauche, hommes à droite.", "entrées"),
			Label:  "Tranche d'âge", Labels: ages, Left: chart.Series{Name: "Femmes"}, Right: chart.Series{Name: "Hommes"},
		}
		for _, a := range k.Labels {
			k.Left.Values = append(k.Left.Values, found[[2]string{"Femme", a}])
			k.Right.Values = append(k.Right.Values, found[[2]string{"Homme", a}])
		}
		return Drawn{k, notes(answers[0], "Les personnes dont le genre n'est pas renseigné n'y figurent pas.")}
	},
}

var usersSituations = Figure{
	Name: "situations", Title: "Situation",
	Ask: func(c Choice) []ask.Question {
		return []ask.Question{entered(c, "_situation_region", "situation, sum(nb_dossiers) as total"+counted("nb_dossiers"), "situation", "total desc", -1)}
	},
	Draw: func(c Choice, answers [][]ask.Row) Drawn {
		return Drawn{chart.Bars{
			Figure: c.figure("Situation", "Nombre d'entrées en formation selon la situation : en recherche d'emploi, ou catégorie socioprofessionnelle.", "entrées"),
			Label:  "Situation", Points: points(answers[0], "situation", "total", value),
		}, notes(answers[0])}
	},
}
