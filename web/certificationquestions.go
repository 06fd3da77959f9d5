package web

import (
	"maps"
	"slices"

	"github.com/parvis-opendata/parvis/web/ask"
)

// Tables of the purchases that the page of a certification asks.
const (
	byCertification       = engageesID + "_certification"
	byCertificationRegion = engageesID + "_certification_region"
)

// How much of the offer, and of the time, the page shows.
const (
	shownProviders = 50
	shownMonths    = 36
)

// OfferQuestions are what the page of a certification asks of the catalogue, by name.
func OfferQuestions(c Code) map[string]ask.Question {
	const trainings = "count(distinct numero_formation) as formations"
	this := []string{c.offered()}
	of := func(q ask.Question) ask.Question {
		q.Table, q.Where = catalogueID, append(slices.Clone(this), q.Where...)
		return q
	}
	return map[string]ask.Question{
		"fiche": of(ask.Question{
			Select:  "intitule_certification, type_referentiel, code_rncp, code_inventaire, code_certifinfo, libelle_niveau_sortie_formation, libelle_nsf_1, libelle_nsf_2, libelle_nsf_3, " + trainings,
			GroupBy: "intitule_certification, type_referentiel, code_rncp, code_inventaire, code_certifinfo, libelle_niveau_sortie_formation, libelle_nsf_1, libelle_nsf_2, libelle_nsf_3",
			OrderBy: "formations desc, code_certifinfo", Limit: 20,
		}),
		"offre": of(ask.Question{
			Select: trainings + ", count(distinct siret) as organismes, count(distinct code_departement) as departements, sum(nb_session_active) as sessions, max(date_extract) as date_extract",
		}),
		"distance":     of(ask.Question{Select: trainings, Where: []string{"nb_session_a_distance > 0"}}),
		"departements": of(ask.Question{Select: "code_departement, nom_departement, " + trainings + ", count(distinct siret) as organismes", GroupBy: "code_departement, nom_departement", OrderBy: "formations desc, code_departement", Limit: -1}),
		"prix":         of(spread("frais_ttc_tot_mean", "frais_ttc_tot_mean is not null")),
		"durees":       of(spread("nombre_heures_total_mean", "nombre_heures_total_mean > 0")),
		"organismes": of(ask.Question{
			Select:  "siret, nom_of, habilitation, " + trainings + ", min(frais_ttc_tot_min) as prix_min, max(frais_ttc_tot_max) as prix_max, count(distinct code_departement) as departements, sum(nb_session_a_distance) as sessions_a_distance",
			GroupBy: "siret, nom_of, habilitation", OrderBy: "formations desc, siret", Limit: shownProviders,
		}),
		"habilitation": of(ask.Question{
			Select:  "habilitation, count(distinct siret) as organismes, " + trainings + ", max(date_habilitation) as date_habilitation",
			GroupBy: "habilitation", OrderBy: "organismes desc, habilitation",
		}),
	}
}

// spread asks how a figure lies.
func spread(column, condition string) ask.Question {
	return ask.Question{
		Select: "min(" + column + ") as minimum, percentile(" + column + ", 25) as premier_quartile, median(" + column + ") as mediane, percentile(" + column + ", 75) as troisieme_quartile, max(" + column + ") as maximum, count(*) as lignes",
		Where:  []string{condition},
	}
}

// DemandQuestions are what the page asks of the purchases, by name. A month, or a région,
// where part of what it has is secret is to be shown as secret: lignes says how many cells
// there are, connues how many of them are shown.
func DemandQuestions(c Code) map[string]ask.Question {
	const cells = "sum(nb_dossiers) as nb_dossiers, sum(montant_engage) as montant_engage, count(*) as lignes, count(nb_dossiers) as connues"
	return map[string]ask.Question{
		"achetée": {
			Table: byCertification, Where: []string{c.bought()}, OrderBy: "date_validation desc", Limit: 1,
			Select: "date_validation, intitule_certification, type_referentiel, code_rncp, code_rs, code_certifinfo, domaine_formation_nsf",
		},
		"publiés": {Table: engageesID + "_mensuel", Select: "date_validation", OrderBy: "date_validation desc", Limit: shownMonths},
		"mois":    {Table: byCertification, Where: []string{c.bought()}, Select: "date_validation, " + cells, GroupBy: "date_validation", OrderBy: "date_validation desc", Limit: shownMonths},
	}
}

// RegionQuestion asks for the purchases of a month by région.
func RegionQuestion(c Code, month string) ask.Question {
	return ask.Question{
		Table: byCertificationRegion, Where: []string{c.bought(), "date_validation = date'" + month + "'"}, GroupBy: "code_region_lieu_formation, region_lieu_formation",
		OrderBy: "nb_dossiers desc, region_lieu_formation", Limit: -1,
		Select: "code_region_lieu_formation, region_lieu_formation, sum(nb_dossiers) as nb_dossiers, sum(montant_engage) as montant_engage, count(*) as lignes, count(nb_dossiers) as connues",
	}
}

// Names are those of questions, in order.
func Names(all map[string]ask.Question) []string { return slices.Sorted(maps.Keys(all)) }
