package hub

import "strings"

// Kind is how the text of a column is understood.
type Kind int

// Kinds of column.
const (
	Text      Kind = iota // any text; blanks at the ends are dropped
	Code                  // text whose zeros count: never a number in a typed file
	Integer               // whole number
	Decimal               // euros or hours, two decimals
	Date                  // day
	Timestamp             // instant; without offset, in the hub's time zone
	Boolean               // true or false
)

// sqlType returns the type in which a column of this kind is kept.
func (k Kind) sqlType() string {
	switch k {
	case Integer:
		return "BIGINT"
	case Decimal:
		return "DECIMAL(14,2)"
	case Date:
		return "DATE"
	case Timestamp:
		return "TIMESTAMPTZ"
	case Boolean:
		return "BOOLEAN"
	default:
		return "VARCHAR"
	}
}

// typed reports whether a value of this kind can be malformed.
func (k Kind) typed() bool { return k > Code }

// Column is one column of an entity. All columns of the contract are required.
type Column struct {
	Name string
	Kind Kind
	// Nominative columns are read by the query that draws the person's number
	// and are not kept.
	Nominative bool
	// Unused columns are checked and not kept: no dataset needs them.
	Unused bool
}

// Entity is one kind of record of the hub, kept in a folder of its own name.
type Entity struct {
	Name    string
	Columns []Column
	// Key lists SQL expressions over the columns; records with equal keys are
	// versions of one record.
	Key []string
	// Working are values that rules and derived columns use, computed once per
	// record from its columns and not kept.
	Working []derived
	// Derived are columns added when the entity is staged, by name and SQL over
	// its columns.
	Derived []derived
	Rules   []Rule
}

type derived struct{ name, sqlType, sql string }

// columns makes columns from lines "name kind" (kind omitted: text), followed by
// the three that every entity has.
func columns(spec string) []Column {
	kinds := map[string]Kind{
		"": Text, "code": Code, "int": Integer, "decimal": Decimal, "date": Date, "bool": Boolean,
	}
	var cols []Column
	for _, item := range strings.Split(spec, ",") {
		words := strings.Fields(item)
		c := Column{Name: words[0]}
		for _, w := range words[1:] {
			switch w {
			case "nominatif":
				c.Nominative = true
			case "inutile":
				c.Unused = true
			default:
				c.Kind = kinds[w]
			}
		}
		cols = append(cols, c)
	}
	return append(cols, Column{Name: "version", Kind: Integer}, Column{Name: "operation"}, Column{Name: "date_maj", Kind: Timestamp})
}

// Entities returns the entities of the contract in the order in which they are
// read: an entity after those it refers to.
func Entities() []Entity {
	return []Entity{
		territoires(), certifications(), organismes(), habilitations(),
		formations(), actions(), sessions(),
		financements(), dossiers(),
	}
}

// EntityNames returns the names of [Entities].
func EntityNames() []string {
	var names []string
	for _, e := range Entities() {
		names = append(names, e.Name)
	}
	return names
}

func territoires() Entity {
	return Entity{
		Name: "territoires",
		Key:  []string{"commune"},
		Columns: columns(`commune code, nom_commune, code_departement code, nom_departement,
			code_region code, nom_region`),
		Rules: []Rule{
			{ID: "commune_malformed", Fields: "commune", Broken: "NOT regexp_full_match(commune, '[0-9][0-9AB][0-9]{3}')",
				Title: "Code commune mal formé", Remedy: "donner le code INSEE à cinq caractères"},
			{ID: "territory_incomplete", Fields: "code_departement, nom_departement, code_region, nom_region",
				Broken: "code_departement IS NULL OR nom_departement IS NULL OR code_region IS NULL OR nom_region IS NULL",
				Title:  "Département ou région absents", Remedy: "compléter le code et le nom du département et de la région"},
		},
	}
}

func certifications() Entity {
	return Entity{
		Name: "certifications",
		// The legal exceptions have no referentiel and no code: their certifinfo
		// code identifies them.
		Key: []string{"coalesce(type_referentiel, '')", "coalesce(code_certification, code_certifinfo)"},
		Columns: columns(`type_referentiel, code_certification code, code_certifinfo code, intitule, libelle_niveau,
			code_nsf_1 code, code_nsf_2 code, code_nsf_3 code, libelle_nsf_1, libelle_nsf_2, libelle_nsf_3,
			code_formacode_1 code, code_formacode_2 code, code_formacode_3 code, code_formacode_4 code, code_formacode_5 code,
			libelle_formacode_1,
			code_rome_1 code, code_rome_2 code, code_rome_3 code, code_rome_4 code, code_rome_5 code,
			active bool, date_fin date`),
		Rules: []Rule{
			referentielRule(),
			{ID: "title_missing", Fields: "intitule", Broken: "intitule IS NULL",
				Title: "Intitulé absent", Remedy: "donner l'intitulé de la certification"},
		},
	}
}

func organismes() Entity {
	return Entity{
		Name: "organismes",
		Key:  []string{"siret"},
		Columns: columns(`siret code, raison_sociale, nom_commercial, personne_physique bool,
			statut_diffusion, qualiopi bool`),
		Rules: []Rule{
			siretRule("siret"),
			{ID: "name_missing", Fields: "raison_sociale, nom_commercial", Broken: "raison_sociale IS NULL AND nom_commercial IS NULL",
				Title: "Nom de l'organisme absent", Remedy: "donner la raison sociale ou le nom commercial"},
			{ID: "diffusion_unknown", Fields: "statut_diffusion", Broken: "statut_diffusion NOT IN ('O', 'P')",
				Title: "Statut de diffusion inconnu", Remedy: "donner O (diffusible) ou P (diffusion partielle)"},
		},
	}
}

func habilitations() Entity {
	return Entity{
		Name:    "habilitations",
		Key:     []string{"type_referentiel", "code_certification", "siret"},
		Columns: columns(`type_referentiel, code_certification code, siret code, date_liste date`),
		Rules:   []Rule{referentielRule(), siretRule("siret"), farFutureRule("date_liste"), certificationRule()},
	}
}

func formations() Entity {
	return Entity{
		Name: "formations",
		Key:  []string{"numero_formation"},
		Columns: columns(`numero_formation code, siret code, intitule_formation, points_forts, objectif_formation,
			contenu_formation, resultats_attendus_formation,
			type_referentiel, code_certification code, code_certifinfo code`),
		Rules: []Rule{
			{ID: "number_malformed", Fields: "numero_formation", Broken: "NOT regexp_full_match(numero_formation, '[^\\s@]{1,100}')",
				Title: "Numéro de formation mal formé", Remedy: "donner le SIRET et le code de la formation, sans blanc"},
			siretRule("siret"), referentielRule(), certificationRule(),
			{ID: "title_missing", Fields: "intitule_formation", Broken: "intitule_formation IS NULL",
				Title: "Intitulé absent", Remedy: "donner l'intitulé de la formation"},
			{ID: "provider_unknown", Fields: "siret", Broken: "siret NOT IN (SELECT siret FROM hub.organismes)",
				Title: "Organisme inconnu de la liste des organismes", Remedy: "compléter la liste des organismes", Reference: true},
		},
	}
}

func actions() Entity {
	return Entity{
		Name:    "actions",
		Key:     []string{"numero_action"},
		Columns: columns(`numero_action code, numero_formation code, commune code, nombre_heures decimal, frais_ttc decimal`),
		Rules: append(amountRules("frais_ttc"),
			durationRule("nombre_heures"),
			communeRule("commune"),
			Rule{ID: "training_unknown", Fields: "numero_formation",
				Broken: "numero_formation IS NULL OR numero_formation NOT IN (SELECT numero_formation FROM hub.formations)",
				Title:  "Formation inconnue", Remedy: "livrer la formation, ou supprimer l'action", Reference: true},
		),
	}
}

func sessions() Entity {
	return Entity{
		Name:    "sessions",
		Key:     []string{"numero_session"},
		Columns: columns(`numero_session code, numero_action code, date_debut date, date_fin date, a_distance bool, etat`),
		Rules: []Rule{
			datesRule("date_debut", "date_fin"),
			farFutureRule("date_debut"),
			{ID: "state_unknown", Fields: "etat", Broken: "etat IS NULL OR etat NOT IN ('active', 'fermee')",
				Title: "État de session inconnu", Remedy: "donner active ou fermee"},
			{ID: "action_unknown", Fields: "numero_action",
				Broken: "numero_action IS NULL OR numero_action NOT IN (SELECT numero_action FROM hub.actions)",
				Title:  "Action inconnue", Remedy: "livrer l'action, ou supprimer la session", Reference: true},
		},
	}
}
