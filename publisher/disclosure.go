package publisher

import (
	"context"

	"github.com/parvis-opendata/parvis/anonymize"
)

// Disclosure is the content of disclosure.json: what protects persons in this
// release, and what was withheld.
type Disclosure struct {
	Dataset     string `json:"dataset"`
	DateExtract string `json:"date_extract"`
	Synthetic   bool   `json:"synthetic"`
	// Inputs is a digest of the training files that the new periods were counted from: the
	// same files give the same digest; absent for a dataset that counts nobody.
	Inputs   string   `json:"inputs_digest,omitempty"`
	Measures []string `json:"measures"`
	// Rules are those by which the new periods were made secret; absent for a
	// dataset that counts nobody.
	Rules *anonymize.Profile `json:"rules,omitempty"`
	// Tables are the cells of a statistical dataset.
	Tables []DisclosureTable `json:"tables,omitempty"`
	// Withheld is what was taken out of texts; absent for a dataset without texts.
	Withheld *QualityRemoved `json:"withheld,omitempty"`
	Rounding string          `json:"rounding"`
	Audit    DisclosureAudit `json:"audit"`
	Limits   []string        `json:"limits"`
}

// DisclosureTable says how much of a table is secret: of all its periods together,
// the shares estimated from those of the periods, which are rounded; null if none of
// them is told.
type DisclosureTable struct {
	ID          string        `json:"id"`
	Shown       int64         `json:"shown"`
	Secret      int64         `json:"secret"` // rounded
	MaskedFiles *int          `json:"part_masquee_dossiers"`
	MaskedEuros *int          `json:"part_masquee_montant"`
	Periods     []PeriodCount `json:"periods"`
}

// DisclosureAudit is what the audit of the finished tables came to.
type DisclosureAudit struct {
	Outcome string `json:"outcome"`
	Method  string `json:"method"`
	// Attacked is the number of secret figures of the new periods that were attacked,
	// rounded; absent where there is nothing to attack.
	Attacked int64 `json:"attacked,omitempty"`
	// Widths say how far the numbers of files in secret cells of the new periods can be
	// narrowed down by one sum after another.
	Widths []DisclosureWidth `json:"widths,omitempty"`
}

// DisclosureWidth is how wide the intervals of the numbers of files in the secret cells
// of a period are, at most: of the narrowest and of the median one.
type DisclosureWidth struct {
	Period    string `json:"period"`
	Narrowest int64  `json:"narrowest"`
	Median    int64  `json:"median"`
}

// disclosure reports on the protection of the release.
func (r *run) disclosure(ctx context.Context) (Disclosure, error) {
	if r.dataset.Statistical() {
		return r.cellsDisclosure(ctx)
	}
	return r.textsDisclosure(), nil
}

// textsDisclosure reports on the protection of the catalogue.
func (r *run) textsDisclosure() Disclosure {
	withheld := r.withheld.rounded()
	return Disclosure{
		Dataset: r.dataset.ID, DateExtract: r.manifest.DateExtract, Synthetic: r.manifest.Synthetic, Rounding: roundingText,
		Measures: []string{
			"Le nom d'un organisme n'est publié que s'il est une personne morale, ou une personne physique qui a choisi la diffusion pour tous ses établissements ; sans indication, il est retenu, et retiré des textes de l'organisme.",
			"Les adresses électroniques, numéros de téléphone, NIR et IBAN sont retirés des textes libres.",
			"Aucune donnée des dossiers de formation ni des titulaires n'entre dans ce jeu de données.",
		},
		Withheld: &withheld,
		Audit: DisclosureAudit{
			Outcome: "passed",
			Method:  "Relecture des tables finies par un second détecteur, écrit autrement que le premier, et comparaison des noms avec la liste des organismes ; la publication est refusée au premier écart.",
		},
		Limits: []string{
			"Le nom commercial d'un seul mot d'une personne qui s'est opposée à la diffusion n'est retiré des textes que s'il y porte une majuscule.",
			"Le nom d'une personne autre que l'organisme, écrit dans un texte libre sans coordonnées, n'est pas reconnu.",
			"Le SIRET d'un entrepreneur individuel reste publié : il identifie l'offre, et relève du répertoire Sirene.",
		},
	}
}
