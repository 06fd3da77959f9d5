package web

import (
	"cmp"
	"strings"

	"github.com/parvis-opendata/parvis/internal/search"
)

// hit is a training as it is shown.
type hit struct {
	Title, Provider, Certification, Formacode []piece
	Code, CodeAddress, Level                  string
	Price, Hours, Sessions, Places            string
	Distance                                  bool
	Accreditation                             string // what is to be said of it, if anything
	Accredited                                bool
	Siret                                     string
	Page, CertificationPage                   string // their addresses; that of the certification may be empty
}

func (v searchView) hits() []hit {
	var all []hit
	for i := range v.Answer.Hits {
		all = append(all, v.hit(&v.Answer.Hits[i]))
	}
	return all
}

func (v searchView) hit(h *search.Hit) hit {
	shown := hit{
		Title: shownText(h, "intitule_formation", h.Title), Provider: shownText(h, "nom_of", h.Provider),
		Certification: shownText(h, "intitule_certification", h.Certification), Formacode: shownText(h, "libelle_code_formacode_principal", h.Formacode),
		Level: level(h.Level), Price: span(h.PriceMin, h.PriceMax, "€"), Hours: span(h.HoursMin, h.HoursMax, "h"),
		Sessions: sessionCount(int(h.Sessions), int(h.DistanceSessions)), Places: places(h.Places), Distance: h.Distance(),
		Accredited: h.Accreditation == "habilité", Siret: siret(h.Siret),
		Page: v.Root + trainingPath(h.Numero),
	}
	if h.Accreditation != "sans objet" {
		shown.Accreditation = accreditations[h.Accreditation]
	}
	if h.Title == "" {
		shown.Title = shown.Certification
	}
	switch {
	case h.RNCP != "":
		shown.Code, shown.CodeAddress = "RNCP"+h.RNCP, sheetRNCP(h.RNCP)
	case h.RS != "":
		shown.Code, shown.CodeAddress = "RS"+h.RS, sheetRS(h.RS)
	}
	switch code := cmp.Or(shown.Code, h.Certifinfo); {
	case shown.Code != "":
		shown.CertificationPage = v.Root + "certifications/" + code
	case code != "":
		shown.CertificationPage = v.Root + "certifications/CI" + code
	}
	return shown
}

// shownText is a text of a training, marked where words of the query were found.
func shownText(h *search.Hit, field, plain string) []piece {
	if marked, ok := h.Highlight[field]; ok {
		return pieces(marked)
	}
	if plain == "" {
		return nil
	}
	return []piece{{plain, false}}
}

func level(label string) string {
	digit := search.LevelNumber(label)
	if digit == "" {
		return ""
	}
	return "Niveau " + digit
}

// sessionCount says how many sessions there are, and how many of them at a distance.
func sessionCount(all, far int) string {
	text := number(all)
	switch {
	case far == 0:
	case far >= all:
		text += ", à distance"
	default:
		text += ", dont " + number(far) + " à distance"
	}
	return text
}

// shownPlaces is how many départements of a training are named.
const shownPlaces = 3

// places names where a training is given.
func places(all []search.Place) string {
	var names []string
	for _, p := range all {
		names = append(names, p.DepartementName+" ("+p.Departement+")")
	}
	names = clean(names)
	switch n := len(names) - shownPlaces; {
	case len(names) == 0:
		return "à distance ou partout en France"
	case n == 1:
		return strings.Join(names, ", ")
	case n > 1:
		return strings.Join(names[:shownPlaces], ", ") + " et " + number(n) + " autres départements"
	}
	return strings.Join(names, ", ")
}

// siret writes a SIRET in groups.
func siret(code string) string {
	if len(code) != 14 {
		return code
	}
	return code[:3] + thin + code[3:6] + thin + code[6:9] + thin + code[9:]
}
