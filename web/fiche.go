package web

import (
	"strings"

	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/web/ask"
)

// ficheCertification is a certification as the pages about it, and about its trainings,
// say it.
type ficheCertification struct {
	Title, Register, Level, Domain string
	// Codes are those that it is known by, with the addresses of its page and, where there is
	// one, of its sheet at France compétences.
	Codes []codeLink
}

type codeLink struct{ Kind, Code, Page, Sheet string }

// registers are the registers in full.
var registers = map[string]string{"RNCP": "Répertoire national des certifications professionnelles", "RS": "Répertoire spécifique"}

// given is a code that the catalogue gives; -1 stands for none.
func given(code string) string {
	if code == "-1" {
		return ""
	}
	return code
}

// codes are those of a row of the catalogue, or of the purchases, the best known first.
func codes(root string, row ask.Row) []codeLink {
	var all []codeLink
	add := func(kind, name, number, sheet string) {
		if number = given(number); number != "" {
			all = append(all, codeLink{name, kind + number, root + "certifications/" + kind + number, sheet})
		}
	}
	rs := row.Text("code_inventaire")
	if rs == "" {
		rs = row.Text("code_rs")
	}
	add("RNCP", "Code RNCP", row.Text("code_rncp"), sheetRNCP(given(row.Text("code_rncp"))))
	add("RS", "Code RS", rs, sheetRS(given(rs)))
	add("CI", "Code Certif Info", row.Text("code_certifinfo"), "")
	return all
}

func sheetRNCP(number string) string {
	return "https://www.francecompetences.fr/recherche/rncp/" + number + "/"
}

func sheetRS(number string) string {
	return "https://www.francecompetences.fr/recherche/rs/" + number + "/"
}

// certificationOf reads the certification of a row.
func certificationOf(root string, row ask.Row) ficheCertification {
	f := ficheCertification{
		Title: row.Text("intitule_certification"), Register: registers[row.Text("type_referentiel")],
		Level: levelInFull(row.Text("libelle_niveau_sortie_formation")), Codes: codes(root, row),
	}
	domains := []string{row.Text("libelle_nsf_1"), row.Text("libelle_nsf_2"), row.Text("libelle_nsf_3")}
	if domains = clean(domains); len(domains) == 0 {
		domains = clean([]string{row.Text("domaine_formation_nsf")})
	}
	f.Domain = strings.Join(domains, " ; ")
	return f
}

// levelInFull is the label of a level as people say it.
func levelInFull(text string) string {
	if text == "" {
		return ""
	}
	return label(search.Level, text, text)
}

// accreditation is what the certifier's list says of a provider.
type accreditation struct {
	// Word is the word of the data: habilité, non recensé, sans objet; empty if nothing is
	// said. Date is that of the list.
	Word, Date string
}

func accreditationOf(row ask.Row) accreditation {
	a := accreditation{Word: row.Text("habilitation")}
	if text := row.Text("date_habilitation"); text != "" {
		a.Date = date(text)
	}
	return a
}

// interval is the span between two columns of a row, in a unit.
func interval(row ask.Row, least, most, unit string) string {
	return span(known(row, least), known(row, most), unit)
}

func known(row ask.Row, column string) *float64 {
	if x, ok := row.Number(column); ok {
		return &x
	}
	return nil
}

// whole is a number of a row; 0 if there is none.
func whole(row ask.Row, column string) int {
	x, _ := row.Number(column)
	return int(x)
}

// first is the first row; nil, which has nothing, if there is none.
func first(rows []ask.Row) ask.Row {
	if len(rows) == 0 {
		return nil
	}
	return rows[0]
}
