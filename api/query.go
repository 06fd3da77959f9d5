package api

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// query are the parameters of a request.
type query struct {
	values url.Values
	names  []string // sorted
}

func parseQuery(raw string) (query, error) {
	values, err := url.ParseQuery(raw)
	q := query{values: values}
	for name := range values {
		q.names = append(q.names, name)
	}
	slices.Sort(q.names)
	return q, err
}

// refuse returns a [*problem] for the first parameter that is not known, or given
// more than once where several says that it may not be.
func (q query) refuse(known []string, several func(name string) bool) error {
	for _, name := range q.names {
		if !slices.Contains(known, name) {
			return &problem{
				kind:   errParameter,
				detail: fmt.Sprintf("Le paramètre « %s » n'existe pas à cette adresse.", shorten(name)),
				fixes:  fixed(acceptedText(known)),
			}
		}
		if len(q.values[name]) > 1 && !several(name) {
			return &problem{
				kind:   errParameter,
				detail: fmt.Sprintf("Le paramètre « %s » est donné plusieurs fois.", name),
				fixes:  fixed(fmt.Sprintf("Ne donnez « %s » qu'une fois.", name)),
			}
		}
	}
	return nil
}

func acceptedText(known []string) string {
	switch len(known) {
	case 0:
		return "Retirez-le : cette adresse n'accepte aucun paramètre."
	case 1:
		return fmt.Sprintf("Retirez-le ; le seul paramètre accepté est « %s ».", known[0])
	default:
		return "Retirez-le ; les paramètres acceptés sont " + strings.Join(known, ", ") + "."
	}
}

// fixed returns fixes that hold no links.
func fixed(texts ...string) func(links) []string {
	return func(links) []string { return texts }
}
