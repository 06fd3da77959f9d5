package hub

import "fmt"

// Codes of the contract, as the hub writes them.
var (
	funders  = []string{"france_competences", "titulaire", "etat", "pole_emploi", "region", "opco", "entreprise", "cec"}
	statuses = []string{
		"VALIDE", "ENTREE", "SORTIE", "CLOS_TOTAL", "CLOS_PARTIEL",
		"ANNULE_OF", "ANNULE_TITULAIRE", "ANNULE_GESTIONNAIRE", "REJETE",
	}
	modes = []string{"PRESENTIEL", "DISTANCE", "MIXTE"}
)

func financements() Entity {
	return Entity{
		Name:    "financements",
		Key:     []string{"id_dossier", "type_financeur"},
		Columns: columns(`id_dossier code, type_financeur, montant_engage decimal, montant_realise decimal`),
		Rules: append(amountRules("montant_engage", "montant_realise"),
			Rule{ID: "funder_unknown", Fields: "type_financeur", Broken: notIn("type_financeur", funders),
				Title: "Type de financeur inconnu", Remedy: "donner l'un des huit types du contrat"},
			Rule{ID: "amount_missing", Fields: "montant_engage", Broken: "montant_engage IS NULL",
				Title: "Montant engagé absent", Remedy: "donner le montant engagé, 0 compris"},
			Rule{ID: "file_unknown", Fields: "id_dossier",
				Broken: "id_dossier NOT IN (SELECT id_dossier FROM hub.dossiers) AND id_dossier NOT IN (" + setAside + ")",
				Title:  "Financement sans dossier", Remedy: "livrer le dossier, ou supprimer le financement", Reference: true, Late: true},
			Rule{ID: "file_in_quarantine", Fields: "id_dossier",
				Broken: "id_dossier IN (" + setAside + ") AND rid NOT IN (SELECT rid FROM stage.quarantaine WHERE entite = 'financements')",
				Title:  "Financement d'un dossier en quarantaine", Remedy: "corriger le dossier", Reference: true, Late: true},
		),
	}
}

// setAside are the keys of the files in quarantine.
const setAside = `SELECT id_dossier FROM stage.dossiers WHERE id_dossier IS NOT NULL
	AND rid IN (SELECT rid FROM stage.dossiers_ecartes WHERE cause = 'quarantined')`

func dossiers() Entity {
	return Entity{
		Name: "dossiers",
		Key:  []string{"id_dossier"},
		Columns: columns(`id_dossier code, nir code nominatif, nom_naissance nominatif, prenoms nominatif,
			date_naissance date, genre, commune_domicile code, situation, csp, qpv bool inutile,
			dispositif, financeur_siret code, statut, date_validation date, date_entree date, date_sortie date, date_cloture date,
			type_referentiel, code_certification code, code_certifinfo code, organisme_siret code, numero_formation code inutile,
			commune_formation code, modalite_presence, duree_heures decimal`),
		Working: []derived{
			{"parvis_nir_valide", "BOOLEAN", nirValid},
			{"parvis_identite", "UBIGINT", "hash($graine, 'identite', " + letters("nom_naissance") + ", " + letters("prenoms") + ", date_naissance, genre)"},
		},
		Derived: personNumbers(),
		Rules: []Rule{
			{ID: "nir_malformed", Fields: "nir", Broken: "nir IS NOT NULL AND NOT parvis_nir_valide",
				Title: "NIR mal formé ou clé fausse", Remedy: "corriger le NIR (13 caractères et clé), ou le laisser vide"},
			{ID: "nir_birth_year", Fields: "nir, date_naissance",
				Broken: "parvis_nir_valide AND substr(nir, 2, 2) <> strftime(date_naissance, '%y')",
				Title:  "Année de naissance en désaccord avec le NIR", Remedy: "corriger le NIR ou la date de naissance"},
			{ID: "person_missing", Fields: "nir, nom_naissance, prenoms, date_naissance",
				Broken: "nir IS NULL AND (nom_naissance IS NULL OR prenoms IS NULL OR date_naissance IS NULL)",
				Title:  "Personne non identifiable", Remedy: "donner le NIR, ou le nom, les prénoms et la date de naissance"},
			{ID: "birth_date_out_of_range", Fields: "date_naissance",
				Broken: "date_naissance > coalesce(date_validation, $asof)",
				Title:  "Date de naissance invraisemblable", Remedy: "corriger la date de naissance"},
			{ID: "gender_unknown", Fields: "genre", Broken: notIn("genre", []string{"1", "2"}),
				Title: "Genre inconnu", Remedy: "donner 1, 2 ou vide"},
			{ID: "situation_unknown", Fields: "situation", Broken: notIn("situation", []string{"DE", "SA", "IN", "AU"}),
				Title: "Situation inconnue", Remedy: "donner DE, SA, IN, AU ou vide"},
			{ID: "csp_unknown", Fields: "csp", Broken: "NOT regexp_full_match(csp, '[1-8]')",
				Title: "Groupe socioprofessionnel inconnu", Remedy: "donner un chiffre de 1 à 8, ou vide"},
			{ID: "scheme_missing", Fields: "dispositif", Broken: "dispositif IS NULL",
				Title: "Dispositif absent", Remedy: "donner le dispositif"},
			{ID: "status_unknown", Fields: "statut", Broken: "statut IS NULL OR " + notIn("statut", statuses),
				Title: "Statut inconnu", Remedy: "donner l'un des neuf statuts du contrat"},
			{ID: "mode_unknown", Fields: "modalite_presence", Broken: "modalite_presence IS NULL OR " + notIn("modalite_presence", modes),
				Title: "Modalité de présence inconnue", Remedy: "donner PRESENTIEL, DISTANCE ou MIXTE"},
			{ID: "validation_missing", Fields: "date_validation", Broken: "date_validation IS NULL AND statut <> 'REJETE'",
				Title: "Date de validation absente", Remedy: "donner la date de validation"},
			datesRule("date_validation", "date_entree", "date_sortie", "date_cloture"),
			farFutureRule("date_validation", "date_entree", "date_sortie", "date_cloture"),
			{ID: "status_dates", Fields: "statut, date_entree, date_sortie, date_cloture", Broken: statusDates,
				Title: "Statut en désaccord avec les dates", Remedy: "corriger le statut ou les dates"},
			durationRule("duree_heures"),
			referentielRule(), certificationRule(),
			communeRule("commune_formation"),
			{ID: "residence_unknown", Fields: "commune_domicile",
				Broken: "NOT starts_with(commune_domicile, '99') AND commune_domicile NOT IN (SELECT commune FROM hub.communes)",
				Title:  "Commune de domicile inconnue", Remedy: "donner un code INSEE connu, 99… à l'étranger", Reference: true},
			{ID: "siret_invalid", Fields: "organisme_siret, financeur_siret",
				Broken: "organisme_siret IS NULL OR organisme_siret IN (SELECT siret FROM stage.siret_faux) OR financeur_siret IN (SELECT siret FROM stage.siret_faux)",
				Title:  "SIRET absent ou faux", Remedy: "corriger le SIRET (14 chiffres, clé de Luhn)", Reference: true},
			{ID: "funding_faulty", Fields: "id_dossier", Broken: "id_dossier IN (SELECT id_dossier FROM stage.financements_fautifs)",
				Title: "Dossier dont un financement est en quarantaine", Remedy: "corriger le financement", Reference: true},
			{ID: "cpf_without_amount", Fields: "dispositif",
				Broken: "dispositif = 'CPF' AND id_dossier NOT IN (SELECT id_dossier FROM hub.montants_engages WHERE montant_engage > 0)",
				Title:  "Dossier CPF sans montant engagé", Remedy: "livrer les financements du dossier, de somme positive", Reference: true},
		},
	}
}

// statusDates is true when the status says another thing than the dates.
const statusDates = `CASE statut
	WHEN 'VALIDE' THEN date_cloture IS NOT NULL
	WHEN 'ENTREE' THEN date_entree IS NULL OR date_entree > $asof OR date_cloture IS NOT NULL
	WHEN 'SORTIE' THEN date_entree IS NULL OR date_sortie IS NULL OR date_cloture IS NOT NULL
	WHEN 'CLOS_TOTAL' THEN date_entree IS NULL OR date_sortie IS NULL OR date_cloture IS NULL
	WHEN 'CLOS_PARTIEL' THEN date_entree IS NULL OR date_sortie IS NULL OR date_cloture IS NULL
	WHEN 'REJETE' THEN date_entree IS NOT NULL
	ELSE false END`

// prepareDossiers lists, before the references of the files are checked, the
// SIRET that are false among the few that occur, what is engaged for each file by
// all its funders together, and the files one of whose fundings is faulty.
var prepareDossiers = []string{
	// In one statement, the engine would check every record instead of every number.
	`CREATE TABLE stage.siret_cites AS
		SELECT DISTINCT organisme_siret AS siret FROM stage.dossiers UNION SELECT DISTINCT financeur_siret FROM stage.dossiers`,
	`CREATE TABLE stage.siret_faux AS
		SELECT siret FROM stage.siret_cites WHERE siret IS NOT NULL AND NOT (` + siretValid("siret") + `)`,
	`CREATE TABLE hub.montants_engages AS
		SELECT id_dossier, CAST(sum(montant_engage) AS DECIMAL(14,2)) AS montant_engage FROM hub.financements GROUP BY id_dossier`,
	`CREATE TABLE stage.financements_fautifs AS
		SELECT DISTINCT id_dossier FROM stage.financements
		WHERE id_dossier IS NOT NULL AND rid IN (SELECT rid FROM stage.quarantaine WHERE entite = 'financements')`,
}

// nirValid is true for a NIR of the right form whose key is right. Corsica's 2A
// and 2B count as 19 and 18 (INSEE, structure of the NIR).
const nirValid = `regexp_full_match(nir, '[1-478][0-9]{2}(0[1-9]|1[0-2]|[2-9][0-9])([0-9]{2}|2[AB])[0-9]{8}')
	AND 97 - TRY_CAST(replace(replace(substr(nir, 1, 13), '2A', '19'), '2B', '18') AS BIGINT) % 97 = TRY_CAST(substr(nir, 14, 2) AS INTEGER)`

// personNumbers returns the two numbers under which a file's person is counted:
// by NIR, else by identity; and by identity alone, which is the NIR where the
// identity is incomplete. $graine is a random number that lives as long as the
// run, so that numbers of two runs cannot be compared.
//
// Notes: numbers have 64 bits; with ten million persons two of them share one
// with probability 3·10⁻⁶, which would count them as one: the safe direction.
func personNumbers() []derived {
	const byNIR = `hash($graine, 'nir', substr(nir, 1, 13))`
	incomplete := "nom_naissance IS NULL OR prenoms IS NULL OR date_naissance IS NULL"
	return []derived{
		{"personne", "UBIGINT", fmt.Sprintf("CASE WHEN nir IS NOT NULL THEN %s ELSE parvis_identite END", byNIR)},
		{"identite", "UBIGINT", fmt.Sprintf("CASE WHEN nir IS NOT NULL AND (%s) THEN %s ELSE parvis_identite END", incomplete, byNIR)},
	}
}

// letters is SQL for the letters of a name, without accents, in capitals, ligatures
// as two letters: the same name is written in several ways. Many names are already so.
func letters(column string) string {
	capitals := "upper(" + column + ")"
	for _, l := range [][2]string{{"Œ", "OE"}, {"Æ", "AE"}, {"ß", "SS"}, {"ẞ", "SS"}} {
		capitals = fmt.Sprintf("replace(%s, '%s', '%s')", capitals, l[0], l[1])
	}
	return fmt.Sprintf("CASE WHEN regexp_full_match(%[1]s, '[A-Z]+') THEN %[1]s ELSE regexp_replace(strip_accents(%[2]s), '[^A-Z]', '', 'g') END", column, capitals)
}
