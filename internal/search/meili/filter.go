package meili

import (
	"strconv"
	"strings"

	"github.com/parvis-opendata/parvis/internal/search"
)

// condition is a filter of Meilisearch; the empty one keeps all.
type condition string

// never keeps nothing. It is not sent: a request with it is not made.
const never condition = "never"

var quoted = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// quote writes a value in a filter.
func quote(value string) string { return `"` + quoted.Replace(value) + `"` }

// in keeps what has one of the values. What is too long to be one is left out.
func in(attribute string, values ...string) condition {
	var list []string
	for _, v := range values {
		if len(v) <= longestCode {
			list = append(list, quote(v))
		}
	}
	if len(list) == 0 {
		return never
	}
	return condition(attribute + " IN [" + strings.Join(list, ", ") + "]")
}

// begins keeps what has a value that begins so.
func begins(attribute, prefix string) condition {
	return condition(attribute + " STARTS WITH " + quote(prefix))
}

// all keeps what every condition keeps.
func all(list ...condition) condition { return joined(list, " AND ", never, "") }

// one keeps what one of the conditions keeps.
func one(list ...condition) condition { return joined(list, " OR ", "", never) }

// joined joins conditions; one that is ruling decides alone, those that are idle do not
// matter.
func joined(list []condition, word string, ruling, idle condition) condition {
	var parts []string
	for _, c := range list {
		switch c {
		case ruling:
			return ruling
		case idle:
		default:
			parts = append(parts, string(c))
		}
	}
	switch len(parts) {
	case 0:
		return idle
	case 1:
		return condition(parts[0])
	}
	return condition("(" + strings.Join(parts, word) + ")")
}

// filters are those that the query names.
func filters(f search.Filters) condition {
	var list []condition
	for _, name := range search.Facets {
		values := f.Any[name]
		if len(values) == 0 {
			continue
		}
		c := in(name, values...)
		if name == search.Level {
			c = one(c, in(level, values...))
		}
		list = append(list, c)
	}
	if f.PriceMax != nil {
		list = append(list, most(price, *f.PriceMax))
	}
	if f.HoursMax != nil {
		list = append(list, most(hours, *f.HoursMax))
	}
	return all(list...)
}

// most keeps what has at most a value.
func most(attribute string, value float64) condition {
	return condition(attribute + " <= " + strconv.FormatFloat(value, 'f', -1, 64))
}
