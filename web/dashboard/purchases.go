package dashboard

import (
	"cmp"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/web/ask"
	"github.com/parvis-opendata/parvis/web/chart"
)

// Purchases is about what is bought with the account, month by month.
var Purchases = &Dashboard{
	Name: "engagements", Title: "Les engagements",
	Lead:     "Les formations achetées avec le compte personnel de formation : combien, à quel prix, où, et qui paie.",
	Datasets: []string{engagees, catalogue},
	Filters: []Filter{
		{Name: region, Label: "Région du lieu de formation", All: "Toute la France", Members: ask.Question{Table: engagees + "_region", GroupBy: "code_region_lieu_formation as valeur, region_lieu_formation as nom", Limit: -1}},
		{Name: domain, Label: "Domaine (NSF)", All: "Tous les domaines", Members: ask.Question{Table: engagees + "_domaine_region", GroupBy: "domaine_formation_nsf as valeur", Limit: -1}},
	},
	Periods: ask.Question{Table: engagees + "_mensuel", GroupBy: "date_validation as periode", OrderBy: "periode", Limit: -1},
	Recent:  12, PeriodName: "Mois",
	Keys: []Keys{
		{
			Ask: func(c Choice) ask.Question {
				return bought(c, "sum(nb_dossiers) as dossiers, sum(montant_engage) as montant, sum(montant_engage) / sum(nb_dossiers) as prix"+counted("nb_dossiers"), "", "", 0)
			},
			Least:   nationwide,
			Numbers: []Number{{Column: "dossiers", Label: "dossiers"}, {Column: "montant", Label: "engagés", Unit: "€"}, {Column: "prix", Label: "prix moyen", Unit: "€"}},
		},
		{
			// A mean may be secret where the number of files is not: such rows have no part in it.
			Ask: func(c Choice) ask.Question {
				return bought(c, "sum(duree_moyenne * nb_dossiers_a_duree_connue) / sum(nb_dossiers_a_duree_connue) as heures", "", "", 0, "duree_moyenne is not null")
			},
			Numbers: []Number{{Column: "heures", Label: "durée moyenne", Unit: "h"}},
		},
	},
	Figures: []Figure{
		monthly("dossiers", "Dossiers par mois", "Nombre de dossiers validés chaque mois.", "dossiers", "nb_dossiers"),
		monthly("montants", "Montants engagés par mois", "Montant engagé chaque mois, tous financeurs réunis.", "€", "montant_engage"),
		purchasesMap, purchasesDomains, purchasesRegions, purchasesCertifications, purchasesFunders, purchasesModes, purchasesStatus, offerAndDemand,
	},
}

// nationwide reports whether what was chosen is a domain in the whole of France: the table of
// the certifications has the most of it.
func nationwide(c Choice) bool { return c.Has(domain) && !c.Has(region) }

// fewLeftOut is said of sums over certifications: their tables have no row for those of which
// nothing is published in a month.
const fewLeftOut = "Au moins : une certification qui a trop peu de dossiers un mois n'y compte pas ce mois-là."

// bought is a question about the purchases that a reader chose, of the table in which the least
// of it is secret.
func bought(c Choice, what, by, order string, limit int, also ...string) ask.Question {
	table := engagees + "_mensuel"
	switch {
	case nationwide(c):
		table = engagees + "_certification"
	case c.Has(domain):
		table = engagees + "_domaine_region"
	case c.Has(region):
		table = engagees + "_region"
	}
	return purchasesIn(table, c, what, by, order, limit, also...)
}

func purchasesIn(table string, c Choice, what, by, order string, limit int, also ...string) ask.Question {
	fields := map[string]string{region: "code_region_lieu_formation", domain: "domaine_formation_nsf"}
	return ask.Question{Table: table, Select: what, GroupBy: by, OrderBy: order, Where: append(c.where(fields, "date_validation"), also...), Limit: limit}
}

// monthly is a figure of each month.
func monthly(name, title, description, unit, measure string) Figure {
	return Figure{
		Name: name, Title: title,
		Ask: func(c Choice) []ask.Question {
			return []ask.Question{bought(c, "date_validation, sum("+measure+") as total"+counted(measure), "date_validation", "date_validation", -1)}
		},
		Draw: func(c Choice, answers [][]ask.Row) Drawn {
			said := notes(answers[0])
			if nationwide(c) {
				said = []string{fewLeftOut}
				answers[0] = c.everyPeriod(answers[0], "date_validation")
			}
			return Drawn{c.overTime(c.figure(title, description, unit), answers[0], "date_validation", "total"), said}
		},
	}
}

var purchasesMap = Figure{
	Name: "departements", Title: "Dossiers par département du lieu de formation",
	Fits: func(c Choice) bool { return c.Chosen[region] != remote },
	Ask: func(c Choice) []ask.Question {
		return []ask.Question{purchasesIn(engagees+"_domaine_departement", c, "code_departement_lieu_formation, sum(nb_dossiers) as total"+counted("nb_dossiers"),
			"code_departement_lieu_formation", "code_departement_lieu_formation", -1, `code_departement_lieu_formation != "`+remote+`"`)}
	},
	Draw: func(c Choice, answers [][]ask.Row) Drawn {
		return Drawn{chart.Departements{
			Figure: c.figure("Dossiers par département du lieu de formation", "Nombre de dossiers validés pour une formation dans chaque département.", "dossiers"),
			Areas:  areas(answers[0], "code_departement_lieu_formation", "total", value),
		}, notes(answers[0], "Les formations à distance ou non localisées n'y figurent pas.")}
	},
}

// remote is the code of what has no place.
const remote = "00"

// ranked is a figure of bars over the purchases, in the table that a choice needs.
func ranked(name, title, label, field string, limit int, table func(Choice) string, fits func(Choice) bool) Figure {
	return Figure{
		Name: name, Title: title, Fits: fits,
		Ask: func(c Choice) []ask.Question {
			return []ask.Question{purchasesIn(engagees+table(c), c, field+", sum(nb_dossiers) as total"+counted("nb_dossiers"), field, "total desc", limit)}
		},
		Draw: func(c Choice, answers [][]ask.Row) Drawn {
			rows, others := first(answers[0], "total", limit)
			if table(c) == "_certification" {
				others = append(others, fewLeftOut)
			}
			return Drawn{chart.Bars{
				Figure: c.figure(title, "Nombre de dossiers validés, du plus grand au plus petit.", "dossiers"),
				Label:  label, Points: points(rows, field, "total", value),
			}, notes(answers[0], others...)}
		},
	}
}

var (
	purchasesDomains = ranked("domaines", "Domaines les plus demandés", "Domaine", "domaine_formation_nsf", 15,
		byDomain, func(c Choice) bool { return !c.Has(domain) })
	purchasesRegions = ranked("regions", "Dossiers par région", "Région", "region_lieu_formation", 20, regional, func(c Choice) bool { return !c.Has(region) })
	purchasesModes   = ranked("modalites", "Modalités de suivi", "Modalité", "modalite_presence", 10,
		func(Choice) string { return "_region_modalite" }, func(c Choice) bool { return !c.Has(domain) })
)

// byDomain is the table of the domains in which the least is secret.
func byDomain(c Choice) string {
	if c.Has(region) {
		return "_domaine_region"
	}
	return "_certification"
}

// regional is the table of the régions in which the least is secret.
func regional(c Choice) string {
	if c.Has(domain) {
		return "_domaine_region"
	}
	return "_region"
}

var purchasesCertifications = Figure{
	Name: "certifications", Title: "Certifications les plus demandées",
	Ask: func(c Choice) []ask.Question {
		table := engagees + "_certification"
		if c.Has(region) {
			table = engagees + "_certification_region"
		}
		return []ask.Question{purchasesIn(table, c, "intitule_certification, sum(nb_dossiers) as total"+counted("nb_dossiers"), "intitule_certification", "total desc", 15)}
	},
	Draw: func(c Choice, answers [][]ask.Row) Drawn {
		rows, others := first(answers[0], "total", 15)
		others = append(others, fewLeftOut)
		return Drawn{chart.Bars{
			Figure: c.figure("Certifications les plus demandées", "Nombre de dossiers validés, du plus grand au plus petit.", "dossiers"),
			Label:  "Certification", Points: points(rows, "intitule_certification", "total", value),
		}, notes(answers[0], others...)}
	},
}

// funders are the columns of what each pays, with their names.
var funders = [][2]string{
	{"part_france_competences", "France compétences"}, {"part_titulaire", "Titulaires"}, {"part_etat", "État"}, {"part_pole_emploi", "France Travail"},
	{"part_region", "Régions"}, {"part_opco", "Opco"}, {"part_entreprise", "Entreprises"}, {"part_cec", "Compte d'engagement citoyen"},
}

// fundersAsked are the sums of what each pays.
func fundersAsked() string {
	var what []string
	for _, f := range funders {
		what = append(what, "sum("+f[0]+") as "+f[0])
	}
	return strings.Join(what, ", ") + ", sum(montant_engage) as engage" + counted("part_titulaire")
}

// told says of how much of what is engaged it is known who pays; empty if of all.
func told(row ask.Row) []string {
	if empty, _ := partial([]ask.Row{row}); empty == 0 {
		return nil
	}
	known := 0.0
	for _, f := range funders {
		x, _ := row.Number(f[0])
		known += x
	}
	all, ok := row.Number("engage")
	if !ok || all <= 0 {
		return nil
	}
	return []string{"On ne sait qui paie que " + chart.Whole(int(known)) + "\u00a0€ des " + chart.Whole(int(all)) + "\u00a0€ engagés (" + chart.Whole(int(100*known/all)) + "\u00a0%)\u00a0: le reste est secret, et peut se répartir autrement."}
}

// funding draws what each pays.
func funding(c Choice, answers [][]ask.Row) Drawn {
	b := chart.Bars{Figure: c.figure("Qui paie", "Part de chaque financeur dans les montants engagés, en euros.", "€"), Label: "Financeur"}
	for _, row := range answers[0] {
		for _, f := range funders {
			b.Points = append(b.Points, chart.Point{Label: f[1], Value: value(row, f[0])})
		}
	}
	var said []string
	if len(answers[0]) > 0 {
		said = told(answers[0][0])
	}
	return Drawn{b, append(said, "La part de France compétences est ce que mobilisent les droits inscrits au compte.")}
}

var purchasesFunders = Figure{
	Name: "financeurs", Title: "Qui paie",
	Ask: func(c Choice) []ask.Question {
		if c.Has(domain) { // of the tables that have domains, this one has funders
			return []ask.Question{purchasesIn(engagees+"_domaine_region", c, fundersAsked(), "", "", 0)}
		}
		return []ask.Question{bought(c, fundersAsked(), "", "", 0)}
	},
	Draw: funding,
}

var purchasesStatus = Figure{
	Name: "statuts", Title: "Ce que sont devenus les dossiers",
	Fits: func(c Choice) bool { return !c.Has(region) && !c.Has(domain) },
	Ask: func(Choice) []ask.Question {
		return []ask.Question{{Table: engagees + "_statut", Select: "annee_de_validation, statut_dossier, sum(nb_dossiers) as total" + counted("nb_dossiers"), GroupBy: "annee_de_validation, statut_dossier", OrderBy: "annee_de_validation, statut_dossier", Limit: -1}}
	},
	Draw: func(c Choice, answers [][]ask.Row) Drawn {
		year := "" // the last one that the table has
		for _, row := range answers[0] {
			year = max(year, row.Text("annee_de_validation"))
		}
		rows := slices.DeleteFunc(answers[0], func(row ask.Row) bool { return row.Text("annee_de_validation") != year })
		slices.SortStableFunc(rows, func(a, b ask.Row) int {
			x, _ := a.Number("total")
			y, _ := b.Number("total")
			return cmp.Compare(y, x)
		})
		m := chart.Bars{Figure: chart.Figure{
			Title:       "Ce que sont devenus les dossiers validés en " + year,
			Description: "Nombre de dossiers dans chaque état au 31 mars de l'année suivante.", Unit: "dossiers", Source: c.Source,
		}, Label: "État au 31 mars suivant", Points: points(rows, "statut_dossier", "total", value)}
		return Drawn{m, notes(answers[0], "La dernière année connue ("+year+"), dossiers tels qu'ils étaient au 31 mars suivant, quelle que soit la période choisie.")}
	},
}
