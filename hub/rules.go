package hub

import (
	"fmt"
	"strings"

	"github.com/parvis-opendata/parvis/internal/engine"
)

// Rule is one check of a record. Broken is SQL over the columns of the entity,
// true when the rule is broken; null counts as false. In it $asof is the as-of
// date of the run.
type Rule struct {
	// ID is the name in reports and in the quarantine, in lower case.
	ID string
	// Fields names the columns at fault, for the reader of a report.
	Fields string
	// Title says in French what is wrong, Remedy what the sender should do.
	Title, Remedy string
	Broken        string
	// Reference rules look at other entities; they are checked on the current
	// version of a record only, after those entities.
	Reference bool
	// Late rules wait until all entities were checked.
	Late bool
}

// yearsAhead is how far in the future a date may lie: trainings are sold some
// years before they end, never ten.
const yearsAhead = 5

// maxHours bounds the duration of a training (hub contract, "What is checked").
const maxHours = 10000

// maxEuros bounds an amount: the dearest training costs a hundredth of it, and sums
// of amounts below it never overflow.
const maxEuros = 10_000_000

// ruleset returns all rules of an entity: those that every entity has, then its
// own. The position of a rule is its bit in the column broken of the stage.
// The first n are structural: a record that breaks one cannot be told from its
// other versions.
func (e Entity) ruleset() (rules []Rule, structural int) {
	rules = []Rule{
		{ID: "key_missing", Fields: e.keyFields(), Broken: keyMissing(e.Key),
			Title: "Clé absente", Remedy: "donner la clé de l'enregistrement"},
		{ID: "version_missing", Fields: "version", Broken: "version IS NULL",
			Title: "Version absente ou mal formée", Remedy: "donner un nombre entier"},
		{ID: "date_maj_missing", Fields: "date_maj", Broken: "date_maj IS NULL",
			Title: "Date de mise à jour absente ou mal formée", Remedy: "donner une date et une heure ISO 8601"},
	}
	structural = len(rules)
	rules = append(rules,
		Rule{ID: "operation_unknown", Fields: "operation", Broken: "operation IS NULL OR " + notIn("operation", []string{"C", "M", "S"}),
			Title: "Opération inconnue", Remedy: "donner C, M ou S"},
		Rule{ID: "rank_unclear", Fields: "version, date_maj", Broken: fmt.Sprintf("stage.%s.broken & %d = 0 AND ", e.Name, 1<<structural-1) + e.keyText() + " IN (SELECT cle FROM stage." + e.Name + "_inclassables)",
			Title: "Une autre version de l'enregistrement a une version ou une date illisible", Remedy: "corriger l'autre version", Reference: true},
	)
	for _, c := range e.Columns {
		if !c.Kind.typed() || c.Name == "version" || c.Name == "date_maj" {
			continue
		}
		rules = append(rules, Rule{ID: "malformed_" + c.Name, Fields: c.Name, Broken: malformedFlag(c),
			Title: "Valeur mal formée dans " + c.Name, Remedy: kindRemedy(c.Kind)})
	}
	return append(rules, e.Rules...), structural
}

// unreadable is the rule of a line that the engine could not split into the
// columns of the file.
var unreadable = Rule{ID: "unreadable", Fields: "",
	Title: "Ligne illisible (nombre de colonnes, guillemets ou JSON)", Remedy: "exporter la ligne selon la RFC 4180, ou en JSON valide"}

// keyFields names the columns that the key is made of.
func (e Entity) keyFields() string {
	var names []string
	for _, c := range e.Columns {
		if strings.Contains(strings.Join(e.Key, " ")+",", c.Name) {
			names = append(names, c.Name)
		}
	}
	return strings.Join(names, ", ")
}

// keyText is SQL for the key as one text; chr(31) parts its columns.
func (e Entity) keyText() string {
	return "concat_ws(chr(31), " + strings.Join(e.Key, ", ") + ")"
}

func keyMissing(key []string) string {
	conds := make([]string, len(key))
	for i, k := range key {
		conds[i] = k + " IS NULL"
	}
	return strings.Join(conds, " OR ")
}

func kindRemedy(k Kind) string {
	switch k {
	case Integer:
		return "donner un nombre entier"
	case Decimal:
		return "donner un nombre décimal avec un point"
	case Date:
		return "donner une date AAAA-MM-JJ"
	case Boolean:
		return "donner true ou false"
	default:
		return "donner une date et une heure ISO 8601"
	}
}

func notIn(column string, codes []string) string {
	return column + " NOT IN (" + engine.Literals(codes) + ")"
}

func siretRule(column string) Rule {
	return Rule{ID: "siret_invalid", Fields: column, Broken: column + " IS NULL OR NOT (" + siretValid(column) + ")",
		Title: "SIRET absent ou faux", Remedy: "corriger le SIRET (14 chiffres, clé de Luhn)"}
}

// siretValid is true for fourteen digits whose Luhn sum is a multiple of ten, or,
// for the establishments of La Poste (SIREN 356000000), whose digits add up to a
// multiple of five (INSEE, Sirene documentation).
func siretValid(column string) string {
	digit := func(i int) string { return fmt.Sprintf("(ascii(substr(%s, %d, 1)) - 48)", column, i) }
	var luhn, plain []string
	for i := 1; i <= 14; i++ {
		d := digit(i)
		plain = append(plain, d)
		if i%2 == 1 {
			d = fmt.Sprintf("(CASE WHEN %s > 4 THEN 2 * %s - 9 ELSE 2 * %s END)", d, d, d)
		}
		luhn = append(luhn, d)
	}
	return fmt.Sprintf("regexp_full_match(%[1]s, '[0-9]{14}') AND ((%[2]s) %% 10 = 0 OR (starts_with(%[1]s, '356000000') AND (%[3]s) %% 5 = 0))",
		column, strings.Join(luhn, " + "), strings.Join(plain, " + "))
}

func referentielRule() Rule {
	return Rule{ID: "referentiel_unknown", Fields: "type_referentiel", Broken: notIn("type_referentiel", []string{"RNCP", "RS"}),
		Title: "Référentiel inconnu", Remedy: "donner RNCP, RS ou vide"}
}

// certificationRule wants the certification of a record in the reference list. A
// record without referentiel is one of the legal exceptions; nothing names it.
func certificationRule() Rule {
	return Rule{ID: "certification_unknown", Fields: "type_referentiel, code_certification",
		Broken: `type_referentiel IS NOT NULL AND (code_certification IS NULL OR
			type_referentiel || ':' || code_certification NOT IN (SELECT type_referentiel || ':' || code_certification FROM hub.certifications
				WHERE type_referentiel IS NOT NULL AND code_certification IS NOT NULL))`,
		Title: "Certification inconnue", Remedy: "corriger le code, ou compléter la liste des certifications", Reference: true}
}

func communeRule(column string) Rule {
	return Rule{ID: "commune_unknown", Fields: column, Broken: column + " NOT IN (SELECT commune FROM hub.communes)",
		Title: "Commune inconnue", Remedy: "donner un code INSEE actuel ou ancien", Reference: true}
}

func durationRule(column string) Rule {
	return Rule{ID: "duration_out_of_range", Fields: column, Broken: fmt.Sprintf("%s NOT BETWEEN 0 AND %d", column, maxHours),
		Title: "Durée hors de 0 à 10 000 heures", Remedy: "corriger la durée, ou la laisser vide"}
}

// amountRules want amounts that are not negative, and no greater than anyone pays.
func amountRules(cols ...string) []Rule {
	rule := func(id, condition, title string) Rule {
		conds := make([]string, len(cols))
		for i, c := range cols {
			conds[i] = fmt.Sprintf("coalesce(%s %s, false)", c, condition)
		}
		return Rule{ID: id, Fields: strings.Join(cols, ", "), Broken: strings.Join(conds, " OR "), Title: title, Remedy: "corriger le montant"}
	}
	return []Rule{
		rule("amount_negative", "< 0", "Montant négatif"),
		rule("amount_too_large", fmt.Sprintf("> %d", maxEuros), "Montant supérieur à dix millions d'euros"),
	}
}

// datesRule wants dates in the order given, whichever of them are known.
func datesRule(cols ...string) Rule {
	var conds []string
	for i, early := range cols {
		for _, late := range cols[i+1:] {
			conds = append(conds, fmt.Sprintf("coalesce(%s > %s, false)", early, late))
		}
	}
	return Rule{ID: "dates_out_of_order", Fields: strings.Join(cols, ", "), Broken: strings.Join(conds, " OR "),
		Title: "Dates en désordre", Remedy: "corriger les dates"}
}

func farFutureRule(cols ...string) Rule {
	conds := make([]string, len(cols))
	for i, c := range cols {
		conds[i] = fmt.Sprintf("coalesce(%s > $asof + INTERVAL %d YEAR, false)", c, yearsAhead)
	}
	return Rule{ID: "date_far_future", Fields: strings.Join(cols, ", "), Broken: strings.Join(conds, " OR "),
		Title: "Date dans un avenir lointain", Remedy: "corriger la date"}
}
