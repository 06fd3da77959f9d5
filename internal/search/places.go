package search

import (
	"slices"
	"strconv"
	"strings"
)

// Zone is where a named place is: in one of several départements, or régions.
type Zone struct{ Departements, Regions []string }

// Inhabitants from which a commune goes by its name without article, and is recognised
// when a letter of its name is wrong.
const (
	wellKnown  = 30_000
	recognised = 20_000
)

func (s *Settings) readPlaces() {
	known := map[string]bool{}
	for _, r := range table("communes.csv") {
		name := placeName(r[0])
		s.place(name, r[1], "")
		inhabitants, _ := strconv.Atoi(r[2])
		if inhabitants >= recognised && len(name) >= 5 && !strings.Contains(name, " ") && !known[name] {
			known[name] = true
			s.near = append(s.near, name)
		}
		article, rest, ok := strings.Cut(name, " ")
		if ok && inhabitants >= wellKnown && s.stops[article] {
			s.place(rest, r[1], "")
		}
	}
	for _, r := range table("departements.csv") {
		s.regions[r[0]] = r[2]
		s.labels[Departement][r[0]], s.labels[Region][r[2]] = r[1], r[3]
		s.place(placeName(r[1]), r[0], "")
	}
	for code, name := range s.labels[Region] {
		s.place(placeName(name), "", code)
	}
	for _, r := range table("lieux.csv") {
		s.place(r[0], r[1], r[2])
	}
}

// place adds a name of a département or région.
func (s *Settings) place(name, departement, region string) {
	z := s.places[name]
	if departement != "" && !slices.Contains(z.Departements, departement) {
		z.Departements = append(z.Departements, departement)
	}
	if region != "" && !slices.Contains(z.Regions, region) {
		z.Regions = append(z.Regions, region)
	}
	s.places[name] = z
}

// placeName folds the name of a place: saint and sainte in full.
func placeName(name string) string {
	words := spoken(strings.Fields(Fold(name)))
	for i, w := range words {
		switch w {
		case "st":
			words[i] = "saint"
		case "ste":
			words[i] = "sainte"
		}
	}
	return strings.Join(words, " ")
}

// Around returns the régions of the départements of a zone.
func (s *Settings) Around(z Zone) []string {
	var regions []string
	for _, d := range z.Departements {
		if region := s.regions[d]; !slices.Contains(regions, region) {
			regions = append(regions, region)
		}
	}
	return regions
}

// Postcode returns the département of a post code, empty if it is none.
func (s *Settings) Postcode(word string) []string {
	if len(word) != 5 || !digits(word) {
		return nil
	}
	switch {
	case strings.HasPrefix(word, "20"):
		return []string{"2A", "2B"}
	case s.regions[word[:3]] != "":
		return []string{word[:3]}
	case s.regions[word[:2]] != "":
		return []string{word[:2]}
	}
	return nil
}

// NearPlace returns where a well-known place is whose name is one letter away.
func (s *Settings) NearPlace(word string) (Zone, bool) {
	if len(word) < 5 {
		return Zone{}, false
	}
	for _, name := range s.near {
		if Distant(word, name, 1) <= 1 {
			return s.places[name], true
		}
	}
	return Zone{}, false
}

func digits(word string) bool {
	return word != "" && strings.Trim(word, "0123456789") == ""
}
