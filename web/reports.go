package web

import (
	"slices"
	"strings"
)

// Changes is what differs between a release and the one before, as its report says.
type Changes struct {
	Previous string         `json:"previous,omitempty"`
	Tables   []TableChanges `json:"tables"`
}

// TableChanges are those of a table, in rows.
type TableChanges struct {
	ID      string `json:"id"`
	Added   int64  `json:"added"`
	Removed int64  `json:"removed"`
	Changed int64  `json:"changed"`
	// FieldsAdded and FieldsRemoved are changes of the table itself.
	FieldsAdded   []string `json:"fields_added,omitempty"`
	FieldsRemoved []string `json:"fields_removed,omitempty"`
}

// String says what changed, in all tables together.
func (c Changes) String() string {
	if c.Previous == "" {
		return "première publication"
	}
	var sum TableChanges
	for _, t := range c.Tables {
		sum.Added, sum.Removed, sum.Changed = sum.Added+t.Added, sum.Removed+t.Removed, sum.Changed+t.Changed
		sum.FieldsAdded, sum.FieldsRemoved = append(sum.FieldsAdded, t.FieldsAdded...), append(sum.FieldsRemoved, t.FieldsRemoved...)
	}
	var parts []string
	add := func(n int64, one, several string) {
		if n > 0 {
			parts = append(parts, some(int(n), one, several))
		}
	}
	add(sum.Added, "ligne ajoutée", "lignes ajoutées")
	add(sum.Removed, "ligne retirée", "lignes retirées")
	add(sum.Changed, "ligne modifiée", "lignes modifiées")
	if names := clean(sum.FieldsAdded); len(names) > 0 {
		parts = append(parts, "champs ajoutés : "+strings.Join(names, ", "))
	}
	if names := clean(sum.FieldsRemoved); len(names) > 0 {
		parts = append(parts, "champs retirés : "+strings.Join(names, ", "))
	}
	if len(parts) == 0 {
		return "les mêmes lignes"
	}
	return strings.Join(parts, ", ")
}

// Quality is the report on what was read, as published.
type Quality struct {
	Rounding string         `json:"rounding"`
	Input    []QualityInput `json:"input"`
	Tables   []struct {
		ID        string `json:"id"`
		FillRates []struct {
			Field   string  `json:"field"`
			Percent float64 `json:"percent"`
		} `json:"fill_rates"`
	} `json:"tables"`
}

// QualityInput is what was read of one sort of records.
type QualityInput struct {
	Entity      string `json:"entity"`
	Read        int    `json:"read"`
	Kept        int    `json:"kept"`
	Superseded  int    `json:"superseded"`
	Deleted     int    `json:"deleted"`
	Later       int    `json:"later"`
	Quarantined int    `json:"quarantined"`
	Rules       []struct {
		Title   string `json:"title"`
		Fields  string `json:"fields"`
		Records int    `json:"records"`
	} `json:"rules"`
}

// filled says in how many of the rows a field has a value; empty if that is not known.
func (q *Quality) filled(table, field string) string {
	if q == nil {
		return ""
	}
	for _, t := range q.Tables {
		if t.ID != table {
			continue
		}
		for _, f := range t.FillRates {
			if f.Field == field {
				return decimals(f.Percent) + hard + "%"
			}
		}
	}
	return ""
}

// Quarantined is what was set apart, the most first.
func (q *Quality) Quarantined() []QualityInput {
	all := slices.DeleteFunc(slices.Clone(q.Input), func(i QualityInput) bool { return i.Quarantined == 0 })
	slices.SortStableFunc(all, func(a, b QualityInput) int { return b.Quarantined - a.Quarantined })
	return all
}

// Disclosure is the report on what is secret, as published.
type Disclosure struct {
	Measures []string `json:"measures"`
	Rules    *struct {
		Name        string `json:"name"`
		Description string `json:"description"`
		Persons     struct {
			Threshold int `json:"threshold"`
		} `json:"persons"`
		Amounts struct {
			DominancePercent int `json:"dominance_percent"`
			PPercent         int `json:"p_percent"`
		} `json:"amounts"`
	} `json:"rules"`
	Tables   []DisclosureTable `json:"tables"`
	Withheld *Withheld         `json:"withheld"`
	Rounding string            `json:"rounding"`
	Audit    struct {
		Outcome  string `json:"outcome"`
		Method   string `json:"method"`
		Attacked int    `json:"attacked"`
	} `json:"audit"`
	Limits []string `json:"limits"`
}

// Withheld is what was taken out of texts, or not published.
type Withheld struct {
	ProviderNames  int `json:"provider_names"`
	NamesInTexts   int `json:"names_in_texts"`
	TextsWithheld  int `json:"texts_withheld"`
	EmailAddresses int `json:"email_addresses"`
	PhoneNumbers   int `json:"phone_numbers"`
	NIRs           int `json:"nirs"`
	IBANs          int `json:"ibans"`
}

// withheldKind is a sort of what is not published.
type withheldKind struct {
	Label string
	n     int
}

func (w *Withheld) kinds() []withheldKind {
	return []withheldKind{
		{"Lignes sans le nom de l'organisme, personne physique", w.ProviderNames}, {"Textes retenus", w.TextsWithheld}, {"Noms dans les textes", w.NamesInTexts},
		{"Adresses électroniques", w.EmailAddresses}, {"Numéros de téléphone", w.PhoneNumbers}, {"NIR", w.NIRs}, {"IBAN", w.IBANs},
	}
}

// DisclosureTable says how much of a table is secret.
type DisclosureTable struct {
	ID          string `json:"id"`
	Shown       int    `json:"shown"`
	Secret      int    `json:"secret"`
	MaskedFiles *int   `json:"part_masquee_dossiers"`
	MaskedEuros *int   `json:"part_masquee_montant"`
	Periods     []struct {
		Period      string `json:"period"`
		MaskedFiles *int   `json:"part_masquee_dossiers"`
	} `json:"periods"`
}

// Passed reports whether the attack found nothing.
func (d *Disclosure) Passed() bool { return d.Audit.Outcome == "passed" }

// Files and Euros are shares; a table of which none is told has a dash.
func (t DisclosureTable) Files() string { return share(t.MaskedFiles) }

// Euros is the share of the amount.
func (t DisclosureTable) Euros() string { return share(t.MaskedEuros) }

func share(percent *int) string {
	if percent == nil {
		return "–"
	}
	return number(*percent) + hard + "%"
}

// TableTitle is the title of a table.
func (v datasetView) TableTitle(id string) string {
	for _, t := range v.Tables {
		if t.ID == id {
			return t.Title
		}
	}
	return id
}
