package web

import (
	"maps"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/internal/search"
)

// filter is a group of values to choose from.
type filter struct {
	Name, Title string
	Shown, More []value
}

// value is one value of a facet.
type value struct {
	Value, Label, Count string
	Chosen              bool
}

// groups are the facets in order, and how many of their values are shown at first.
var groups = []struct {
	facet, title string
	shown        int
	byValue      bool // in the order of the values, else the most frequent first
}{
	{search.Region, "Région", 6, false},
	{search.Departement, "Département", 6, false},
	{search.Distance, "Modalité", 2, false},
	{search.Level, "Niveau de sortie", 8, true},
	{search.Register, "Répertoire", 4, false},
	{search.NSF, "Domaine", 6, false},
	{search.Accreditation, "Habilitation de l'organisme", 4, false},
}

func (v searchView) filters() []filter {
	var all []filter
	for _, g := range groups {
		f := filter{Name: g.facet, Title: g.title}
		values := v.values(g.facet, g.byValue)
		if len(values) == 0 {
			continue
		}
		n := min(max(g.shown, len(v.Query.Filters.Any[g.facet])), len(values))
		if len(values) == n+1 { // one more takes no more room than what announces it
			n++
		}
		f.Shown, f.More = values[:n], values[n:]
		all = append(all, f)
	}
	return all
}

// values are those of a facet, the chosen ones first, whether found or not.
func (v searchView) values(facet string, byValue bool) []value {
	chosen := v.Query.Filters.Any[facet]
	var all []value
	for _, c := range v.Answer.Facets[facet] {
		all = append(all, value{c.Value, label(facet, c.Value, c.Label), number(c.Count), slices.Contains(chosen, c.Value)})
	}
	for _, one := range chosen {
		if !slices.ContainsFunc(all, func(v value) bool { return v.Value == one }) {
			count := "0"
			if v.Problem != nil {
				count = ""
			}
			all = append(all, value{one, label(facet, one, search.Defaults().Label(facet, one)), count, true})
		}
	}
	slices.SortStableFunc(all, func(a, b value) int {
		switch {
		case byValue:
			return strings.Compare(a.Value, b.Value)
		case a.Chosen == b.Chosen:
			return 0
		case a.Chosen:
			return -1
		}
		return 1
	})
	return all
}

// label says a value of a facet as people do.
func label(facet, value, label string) string {
	switch facet {
	case search.Departement:
		if label != value {
			return label + " (" + value + ")"
		}
	case search.Level:
		if rest, ok := strings.CutPrefix(label, "NIVEAU "); ok {
			return "Niveau " + strings.ReplaceAll(rest, "...", "…")
		}
		if search.LevelNumber("NIVEAU "+value) != "" && label == value {
			return "Niveau " + value
		}
	case search.Register:
		switch value {
		case "RNCP":
			return "RNCP, diplômes et titres"
		case "RS":
			return "Répertoire spécifique"
		}
	case search.Accreditation:
		if text, ok := accreditations[value]; ok {
			return text
		}
	}
	return label
}

// accreditations are what the certifier's list says of the provider.
var accreditations = map[string]string{
	"habilité":    "Habilité par le certificateur",
	"non recensé": "Absent de la liste du certificateur",
	"sans objet":  "Le certificateur n'a pas de liste",
}

// chip is a filter in force, and the address of the same without it.
type chip struct{ Label, Without string }

func (v searchView) chips() []chip {
	var all []chip
	for _, g := range groups {
		for _, one := range v.Query.Filters.Any[g.facet] {
			all = append(all, chip{v.chosen(g.facet, one), v.address(v.drop(g.facet, one))})
		}
	}
	if most := v.Query.Filters.PriceMax; most != nil {
		q := v.first()
		q.Filters.PriceMax = nil
		all = append(all, chip{"Jusqu'à " + amount(*most) + hard + "€", v.address(q)})
	}
	if most := v.Query.Filters.HoursMax; most != nil {
		q := v.first()
		q.Filters.HoursMax = nil
		all = append(all, chip{"Jusqu'à " + amount(*most) + hard + "h", v.address(q)})
	}
	return all
}

// chosen is the label of a value that is filtered by.
func (v searchView) chosen(facet, one string) string {
	name := search.Defaults().Label(facet, one)
	for _, c := range v.Answer.Facets[facet] {
		if c.Value == one {
			name = c.Label
		}
	}
	return label(facet, one, name)
}

// drop is the query without one value of a filter.
func (v searchView) drop(facet, value string) search.Query {
	q := v.first()
	q.Filters.Any = maps.Clone(q.Filters.Any)
	q.Filters.Any[facet] = slices.DeleteFunc(slices.Clone(q.Filters.Any[facet]), func(other string) bool { return other == value })
	if len(q.Filters.Any[facet]) == 0 {
		delete(q.Filters.Any, facet)
	}
	return q
}

// PriceMax is what is filled in.
func (v searchView) PriceMax() string { return filled(v.Query.Filters.PriceMax) }

// HoursMax is what is filled in.
func (v searchView) HoursMax() string { return filled(v.Query.Filters.HoursMax) }

func filled(x *float64) string {
	if x == nil {
		return ""
	}
	return strings.NewReplacer(thin, "", ",", ".").Replace(amount(*x))
}
