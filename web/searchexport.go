package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/web/ask"
)

// Conditions are those on rows of the catalogue that keep the trainings which filters of
// the search keep: of each of these, some row, and of no other.
//
// Result: exact is false where no condition on single rows does. The places, prices and
// hours of a training vary from row to row, and the search looks at all of them: two such
// filters may be met by different rows.
func Conditions(f search.Filters) (where []string, exact bool) {
	varying := 0
	for _, facet := range search.Facets {
		values := f.Any[facet]
		if len(values) == 0 || facet == search.Distance && len(values) > 1 {
			continue
		}
		if slices.Contains([]string{search.Departement, search.Region, search.Distance}, facet) {
			varying++
		}
		if facet == search.Distance && values[0] != "true" {
			return nil, false
		}
		where = append(where, condition(facet, values))
	}
	for _, most := range []struct {
		x         *float64
		condition string
	}{{f.PriceMax, "frais_ttc_tot_min <= %s"}, {f.HoursMax, "nombre_heures_total_min > 0 and nombre_heures_total_min <= %s"}} {
		if most.x != nil {
			varying++
			where = append(where, fmt.Sprintf(most.condition, strconv.FormatFloat(*most.x, 'f', -1, 64)))
		}
	}
	return where, varying <= 1
}

// condition is that of one facet.
func condition(facet string, values []string) string {
	var ways []string
	for _, v := range values {
		switch facet {
		case search.Departement:
			ways = append(ways, ask.Equals("code_departement", v))
		case search.Region:
			ways = append(ways, ask.Equals("code_region", v))
		case search.Register:
			ways = append(ways, ask.Equals("type_referentiel", v))
		case search.Accreditation:
			ways = append(ways, ask.Equals("habilitation", v))
		case search.NSF:
			ways = append(ways, ask.Equals("code_nsf_1", v), ask.Equals("code_nsf_2", v), ask.Equals("code_nsf_3", v))
		case search.Level:
			ways = append(ways, levelCondition(v))
		case search.Distance:
			ways = append(ways, "nb_session_a_distance > 0")
		}
	}
	return strings.Join(ways, " or ")
}

// levelCondition is that of a level, by its digit or its label.
func levelCondition(v string) string {
	if len(v) == 1 {
		return `startswith(libelle_niveau_sortie_formation, "NIVEAU ` + v + `")`
	}
	return ask.Equals("libelle_niveau_sortie_formation", v)
}

// fileLink is what was found as a file.
type fileLink struct{ Name, Address string }

// Files are what was found as files, whole: of the search up to what it reaches; beyond,
// where nothing but filters is asked for, of the query API. None where neither can be.
func (v searchView) Files() []fileLink {
	if v.Answer.Total == 0 {
		return nil
	}
	if !v.Beyond() {
		q := search.Query{Text: v.Query.Text, Filters: v.Query.Filters}.Values().Encode()
		return []fileLink{{"CSV", v.Root + "recherche/export.csv?" + q}, {"XLSX", v.Root + "recherche/export.xlsx?" + q}}
	}
	where, exact := Conditions(v.Query.Filters)
	if strings.TrimSpace(v.Query.Text) != "" || !exact {
		return nil
	}
	q := ask.Question{Table: catalogueID, Where: where}
	return []fileLink{{"CSV", q.Export(v.Root, "csv")}, {"XLSX", q.Export(v.Root, "xlsx")}}
}

// ByRows reports whether the files have the rows that the filters keep, and not all those
// of the trainings found.
func (v searchView) ByRows() bool { return v.Beyond() && len(v.Chips) > 0 }
