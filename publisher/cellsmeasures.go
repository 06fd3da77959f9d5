package publisher

import (
	"fmt"
	"strings"

	"github.com/parvis-opendata/parvis/anonymize"
)

// measuresTexts says what protects persons in the tables of a statistical dataset, for the
// public.
//
// Inputs: the rules of the new periods; the least threshold of all periods.
func measuresTexts(rules anonymize.Profile, threshold int) []string {
	all := []string{
		fmt.Sprintf("Une cellule n'est publiée que si elle repose sur au moins %d personnes distinctes, comptées de la plus prudente de deux façons : par NIR, à défaut par identité ; par identité seule.", threshold),
		concentrationText("individuels", "une personne", rules.Amounts),
	}
	if o := rules.Organisations; o.On() {
		all = append(all, fmt.Sprintf("Une cellule n'est publiée que si elle repose sur au moins %d organismes de formation distincts.", max(o.MinFrequency, 1)), concentrationText("d'organismes", "un organisme", o.AmountsRule))
	}
	all = append(all,
		"Toutes les tables d'une même période sont protégées ensemble : d'autres cellules sont masquées pour qu'aucune cellule secrète ne se déduise des totaux, des autres tables ou de ce qu'un titulaire sait de lui-même.")
	if rules.Remainder {
		all = append(all, "Dans chaque somme publiée, les cellules masquées suivent ensemble les mêmes règles qu'une cellule : leur total se calcule.")
	}
	if rules.Levels {
		all = append(all, "Ce que l'on peut calculer d'un montant que ces règles de concentration rendent secret ne permet pas l'estimation qu'elles interdisent : l'intervalle atteint, au-dessus et au-dessous, le niveau de protection du manuel européen (« Handbook on Statistical Disclosure Control »).")
	}
	if t := rules.Persons.Threshold; rules.Persons.Interval {
		all = append(all, fmt.Sprintf("Ce que l'on peut calculer du nombre de dossiers d'une cellule de moins de %d personnes va jusqu'à 0 ou jusqu'à %d.", t, t))
	}
	if k := rules.Group.AtMost; k > 0 {
		all = append(all, fmt.Sprintf("Qu'à %d près toutes les personnes d'une ligne publiée soient d'une même catégorie sensible (situation, âge, genre) ne se déduit pas des tables.", k))
	}
	return append(all,
		"Une moyenne qui repose sur une partie des dossiers d'une cellule est vide si elle repose sur un plus petit nombre de personnes, ou si elle permettrait d'en calculer une telle.",
		"Les quinze mesures des financeurs d'une ligne sont publiées ensemble, si chaque financeur qui y engage un montant repose sur assez de personnes et si aucune autre ne s'en déduit ; sinon elles sont toutes vides.",
		"Dans les tables de synthèse, une ligne vide est nulle ou secrète ; dans les tables détaillées, une combinaison absente l'est.",
		"Ces règles et leurs seuils (« rules ») sont ceux des périodes nouvelles ; une période publiée auparavant garde ceux de son profil (« periods »).",
		"Les comptes de cellules secrètes sont arrondis, et la part masquée d'une période n'est donnée que si la période est assez grande pour qu'elle ne dise rien d'une cellule.",
		"Une période est publiée une fois et n'est pas révisée : deux versions ne diffèrent sur aucune période, et ne se soustraient pas.",
	)
}

// concentrationText says which tests of concentration hold for the amounts of one kind of
// contributor.
func concentrationText(whose, one string, r anonymize.AmountsRule) string {
	var tests []string
	if r.PPercent > 0 {
		tests = append(tests, fmt.Sprintf("si, hors les deux plus gros montants %s, ce qui reste n'atteint pas %d %% du plus gros", whose, r.PPercent))
	}
	if r.DominancePercent > 0 {
		tests = append(tests, fmt.Sprintf("si %s porte plus de %d %% du montant", one, r.DominancePercent))
	}
	if len(tests) == 0 {
		return fmt.Sprintf("Aucune règle de concentration des montants %s n'est appliquée.", whose)
	}
	return "Une cellule n'est pas publiée " + strings.Join(tests, ", ni ") + "."
}
