package search

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Parameters are the names of those of an address that says a query; those of the facets
// may have several values.
var Parameters = append([]string{"q", "prix_max", "heures_max", "sort", "page", "per_page"}, Facets...)

// Relevance is the name in addresses of the sort [ByRelevance].
const Relevance = "pertinence"

// PerPage is how many trainings a page has unless something else is said.
const PerPage = 20

// Read reads a query from the parameters of an address. What is left out has its
// default, and the query is complete (see [Query.Check]).
//
// Errors: [ErrQuery].
func Read(values url.Values) (Query, error) {
	q := Query{Text: values.Get("q"), Sort: values.Get("sort"), Page: 1, PerPage: PerPage}
	if len(q.Text) > MaxText {
		q.Text = strings.ToValidUTF8(q.Text[:MaxText], "")
	}
	if q.Sort == Relevance {
		q.Sort = ByRelevance
	}
	for _, facet := range Facets {
		chosen := slices.DeleteFunc(slices.Clone(values[facet]), func(v string) bool { return v == "" })
		if facet == Departement {
			for i := range chosen {
				chosen[i] = strings.ToUpper(chosen[i]) // 2a
			}
		}
		slices.Sort(chosen)
		if chosen = slices.Compact(chosen); len(chosen) > 0 {
			if q.Filters.Any == nil {
				q.Filters.Any = map[string][]string{}
			}
			q.Filters.Any[facet] = chosen
		}
	}
	for name, to := range map[string]**float64{"prix_max": &q.Filters.PriceMax, "heures_max": &q.Filters.HoursMax} {
		if err := readNumber(values, name, to); err != nil {
			return Query{}, err
		}
	}
	for name, to := range map[string]*int{"page": &q.Page, "per_page": &q.PerPage} {
		if text := values.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 {
				return Query{}, fmt.Errorf("%w: %s is no whole number from 1", ErrQuery, name)
			}
			*to = n
		}
	}
	return q, q.Check()
}

func readNumber(values url.Values, name string, to **float64) error {
	text := values.Get(name)
	if text == "" {
		return nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return fmt.Errorf("%w: %s is no number", ErrQuery, name)
	}
	*to = &n
	return nil
}

// Values writes a query as the parameters of an address, without those that are as by
// default: two addresses that ask the same have the same.
func (q Query) Values() url.Values {
	v := url.Values{}
	if q.Text != "" {
		v.Set("q", q.Text)
	}
	for facet, values := range q.Filters.Any {
		v[facet] = slices.Clone(values)
	}
	for name, most := range map[string]*float64{"prix_max": q.Filters.PriceMax, "heures_max": q.Filters.HoursMax} {
		if most != nil {
			v.Set(name, strconv.FormatFloat(*most, 'f', -1, 64))
		}
	}
	if q.Sort != ByRelevance {
		v.Set("sort", q.Sort)
	}
	if q.Page > 1 {
		v.Set("page", strconv.Itoa(q.Page))
	}
	if q.PerPage != PerPage && q.PerPage != 0 {
		v.Set("per_page", strconv.Itoa(q.PerPage))
	}
	return v
}
