package synthetic

import (
	"fmt"
	"strings"

	"github.com/parvis-opendata/parvis/internal/engine"
)

// fault is a way in which a record is spoilt, named by the rule of the hub that
// finds it.
type fault struct {
	rule string
	// set lists the columns that it changes, "column = SQL", one a line.
	set string
	// text faults need a format without types.
	text bool
}

// structural are the faults that every entity has.
func structural(key string, own ...fault) []fault {
	return append([]fault{
		{rule: "key_missing", set: key + " = NULL"},
		{rule: "version_missing", set: "version = NULL"},
		{rule: "operation_unknown", set: "operation = 'X'"},
		{rule: "date_maj_missing", set: "date_maj = NULL"},
	}, own...)
}

// malformed is a value that is not of the kind of its column.
func malformed(column, value string) fault {
	return fault{rule: "malformed_" + column, set: column + " = " + engine.Literal(value), text: true}
}

// allFaults are the faults by entity. A rule of the hub that is not here is broken by
// the consequences of another fault, or by the unreadable lines.
var allFaults = map[string][]fault{
	"territoires": structural("commune",
		fault{rule: "commune_malformed", set: "commune = substr(commune, 1, 4)"},
		fault{rule: "territory_incomplete", set: "nom_region = NULL"}),
	"certifications": structural("code_certification = NULL\ncode_certifinfo",
		fault{rule: "referentiel_unknown", set: "type_referentiel = 'RNC'"},
		fault{rule: "title_missing", set: "intitule = NULL"},
		malformed("active", "peut-être"),
		malformed("date_fin", "31/12/2027")),
	"organismes": structural("siret",
		fault{rule: "siret_invalid", set: "siret = siret_faux(siret)"},
		fault{rule: "name_missing", set: "raison_sociale = NULL"},
		fault{rule: "diffusion_unknown", set: "statut_diffusion = 'N'"},
		malformed("personne_physique", "inconnu"),
		malformed("qualiopi", "en cours")),
	"habilitations": structural("siret",
		fault{rule: "siret_invalid", set: "siret = siret_faux(siret)"},
		fault{rule: "referentiel_unknown", set: "type_referentiel = 'RNC'"},
		fault{rule: "certification_unknown", set: "code_certification = '999999'"},
		fault{rule: "date_far_future", set: "date_liste = DATE '2099-01-01'"},
		malformed("date_liste", "janvier")),
	"formations": structural("numero_formation",
		fault{rule: "number_malformed", set: "numero_formation = numero_formation || ' bis'"},
		fault{rule: "siret_invalid", set: "siret = siret_faux(siret)"},
		fault{rule: "referentiel_unknown", set: "type_referentiel = 'RNC'"},
		fault{rule: "certification_unknown", set: "type_referentiel = 'RNCP'\ncode_certification = '999999'"},
		fault{rule: "title_missing", set: "intitule_formation = NULL"},
		fault{rule: "provider_unknown", set: "siret = siret_temoin(999)"}),
	"actions": structural("numero_action",
		fault{rule: "duration_out_of_range", set: "nombre_heures = 12000"},
		fault{rule: "amount_negative", set: "frais_ttc = -frais_ttc"},
		fault{rule: "amount_too_large", set: "frais_ttc = 20000000"},
		fault{rule: "commune_unknown", set: "commune = '69999'"},
		fault{rule: "training_unknown", set: "numero_formation = numero_formation || '_X'"},
		malformed("nombre_heures", "trente-cinq"),
		malformed("frais_ttc", "1 250,00")),
	"sessions": structural("numero_session",
		fault{rule: "dates_out_of_order", set: "date_fin = date_debut - 1"},
		fault{rule: "date_far_future", set: "date_debut = DATE '2098-01-05'\ndate_fin = DATE '2099-01-01'"},
		fault{rule: "state_unknown", set: "etat = 'ouverte'"},
		fault{rule: "action_unknown", set: "numero_action = numero_action || '_X'"},
		malformed("date_debut", "05/01/2026"),
		malformed("date_fin", "2026-13-45"),
		malformed("a_distance", "partiellement")),
	"financements": structural("type_financeur",
		fault{rule: "funder_unknown", set: "type_financeur = 'mairie'"},
		fault{rule: "amount_missing", set: "montant_engage = NULL"},
		fault{rule: "amount_negative", set: "montant_engage = -montant_engage"},
		fault{rule: "amount_too_large", set: "montant_engage = 20000000"},
		fault{rule: "file_unknown"}, // its file is left out
		malformed("montant_engage", "1 250,00"),
		malformed("montant_realise", "n.c.")),
	"dossiers": structural("id_dossier",
		fault{rule: "nir_malformed", set: "nir = substr(nir_complet, 1, 13) || lpad(CAST(CAST(substr(nir_complet, 14, 2) AS INTEGER) % 97 + 1 AS VARCHAR), 2, '0')"},
		fault{rule: "nir_birth_year", set: "nir = nir_complet\ndate_naissance = CAST(date_naissance + INTERVAL 1 YEAR AS DATE)"},
		fault{rule: "person_missing", set: "nir = NULL\nnom_naissance = NULL"},
		fault{rule: "birth_date_out_of_range", set: "nir = NULL\ndate_naissance = DATE '2101-05-20'"},
		fault{rule: "gender_unknown", set: "genre = '3'"},
		fault{rule: "situation_unknown", set: "situation = 'XX'"},
		fault{rule: "csp_unknown", set: "csp = '9'"},
		fault{rule: "scheme_missing", set: "dispositif = NULL"},
		fault{rule: "status_unknown", set: "statut = 'EN_COURS'"},
		fault{rule: "mode_unknown", set: "modalite_presence = 'VISIO'"},
		fault{rule: "validation_missing", set: "statut = 'VALIDE'\ndate_validation = NULL\ndate_sortie = NULL\ndate_cloture = NULL"},
		fault{rule: "dates_out_of_order", set: "date_entree = coalesce(date_validation, date_cloture) - 40"},
		fault{rule: "date_far_future", set: "date_cloture = DATE '2099-01-01'"},
		fault{rule: "status_dates", set: "statut = 'SORTIE'\ndate_sortie = NULL"},
		fault{rule: "duration_out_of_range", set: "duree_heures = 12000"},
		fault{rule: "referentiel_unknown", set: "type_referentiel = 'RNC'"},
		fault{rule: "certification_unknown", set: "type_referentiel = 'RNCP'\ncode_certification = '999999'"},
		fault{rule: "commune_unknown", set: "commune_formation = '69999'"},
		fault{rule: "residence_unknown", set: "commune_domicile = '69999'"},
		fault{rule: "siret_invalid", set: "organisme_siret = siret_faux(organisme_siret)"},
		fault{rule: "cpf_without_amount", set: "dispositif = 'CPF'"}, // its fundings are left out
		malformed("date_naissance", "31/02/1980"),
		malformed("qpv", "x"),
		malformed("date_validation", "hier"),
		malformed("date_entree", "avril"),
		malformed("date_sortie", "2024-13-45"),
		malformed("date_cloture", "00/00/0000"),
		malformed("duree_heures", "trente-cinq")),
}

// minSown is the number of files and trainings together below which no fault is
// sown: a few would be too large a share.
const minSown = 1200

// sown returns the faults that the format can carry, by entity.
func sown(o Options) map[string][]fault {
	faults := map[string][]fault{}
	for entity, list := range allFaults {
		for _, f := range list {
			if !f.text || o.Format != "parquet" {
				faults[entity] = append(faults[entity], f)
			}
		}
	}
	return faults
}

// faultNames returns SQL for the list of the names of the faults of entities, each
// with its entity before it.
func (d *draw) faultNames(entities ...string) string {
	if d.Dossiers+d.Formations < minSown {
		return "[CAST(NULL AS VARCHAR)]"
	}
	var names []string
	for _, e := range entities {
		for _, f := range d.faults[e] {
			names = append(names, e+"."+f.rule)
		}
	}
	return "[" + engine.Literals(names) + "]"
}

// faultRows returns how many faulty records are added to a reference list of n
// records: one for each fault, more to a long list, and never so many that the
// list by itself is refused.
func (d *draw) faultRows(entity string, n int64) int64 {
	if d.Dossiers+d.Formations < minSown {
		return 0
	}
	rows := max(int64(len(d.faults[entity])), n/250)
	if n > 900 {
		rows = min(rows, n*7/1000)
	}
	return rows
}

// spoil returns SQL for the value of a column in the form that as gives it ("%s" as it
// is), spoilt where the record has a fault.
func (d *draw) spoil(entity, column, as string) string {
	var cases []string
	for _, f := range d.faults[entity] {
		for line := range strings.Lines(f.set) {
			if name, sql, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " = "); name == column {
				cases = append(cases, fmt.Sprintf("WHEN %s THEN "+as, engine.Literal(entity+"."+f.rule), sql))
			}
		}
	}
	plain := fmt.Sprintf(as, engine.Ident(column))
	if len(cases) == 0 {
		return plain
	}
	return "CASE faute " + strings.Join(cases, " ") + " ELSE " + plain + " END"
}
