package explore

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/internal/odsql"
)

// Version 1 of the API is translated: each request becomes a query of the language of
// version 2.1.

var plainName = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

// name quotes the name of a field for a clause.
//
// Errors: it is not of the form of a name.
func name(parameter, text string) (string, error) {
	if !plainName.MatchString(text) {
		return "", parameterError(fmt.Sprintf("Le paramètre « %s » vaut « %s », qui n'est pas un nom de champ.", parameter, cut(text, 60)))
	}
	return "`" + text + "`", nil
}

// requestV1 reads what the addresses of version 1 have in common.
func (a *API) requestV1(p params, s *odsql.Schema) (odsql.Request, error) {
	r := odsql.Request{Now: a.now()}
	for _, geographic := range []string{"geofilter.distance", "geofilter.polygon"} {
		if p.text(geographic) != "" {
			return r, &odsql.Error{Code: odsql.CodeQuery, Clause: geographic, Message: fmt.Sprintf("Le paramètre « %s » demande un champ géographique, et ce jeu de données n'en a pas.", geographic)}
		}
	}
	var err error
	if r.Lang, r.Zone, err = p.locale(); err != nil {
		return r, err
	}
	for _, parameter := range sortedNames(p) {
		var facet string
		value := &r.Refine
		switch {
		case strings.HasPrefix(parameter, "refine."):
			facet = strings.TrimPrefix(parameter, "refine.")
		case strings.HasPrefix(parameter, "exclude."):
			facet, value = strings.TrimPrefix(parameter, "exclude."), &r.Exclude
		default:
			continue
		}
		for _, v := range p.values[parameter] {
			*value = append(*value, facet+":"+v)
		}
	}
	if r.Select, err = fieldsV1(p); err != nil {
		return r, err
	}
	if q := p.text("q"); q != "" {
		where, err := textQuery(q, s)
		if err != nil {
			return r, err
		}
		r.Where = append(r.Where, where)
	}
	return r, nil
}

// disjunctive is a schema of which the facets that a request says are disjunctive are.
func disjunctive(s *odsql.Schema, p params) *odsql.Schema {
	out := *s
	out.Fields = slices.Clone(s.Fields)
	for i, f := range out.Fields {
		switch p.text("disjunctive." + f.Name) {
		case "true", "1", "on":
			out.Fields[i].Disjunctive = true
		}
	}
	return &out
}

func sortedNames(p params) []string {
	names := make([]string, 0, len(p.values))
	for n := range p.values {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// fieldsV1 reads the list of the fields to show.
func fieldsV1(p params) (string, error) {
	var names []string
	for item := range strings.SplitSeq(p.text("fields"), ",") {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		quoted, err := name("fields", item)
		if err != nil {
			return "", err
		}
		names = append(names, quoted)
	}
	return strings.Join(names, ", "), nil
}

// sortV1 reads the order of the rows. In version 1 a field alone is in descending
// order, and a minus sign before it makes it ascending.
func sortV1(p params) (string, error) {
	var items []string
	for _, value := range p.all("sort") {
		for item := range strings.SplitSeq(value, ",") {
			if item = strings.TrimSpace(item); item == "" {
				continue
			}
			field, ascending := strings.CutPrefix(item, "-")
			quoted, err := name("sort", field)
			if err != nil {
				return "", err
			}
			items = append(items, quoted+direction(ascending))
		}
	}
	return strings.Join(items, ", "), nil
}

func direction(ascending bool) string {
	if ascending {
		return " ASC"
	}
	return " DESC"
}

// term is a piece of a text query: a field with an operator and a value, or a value
// alone, which may be quoted.
var term = regexp.MustCompile(`^(?:([A-Za-z0-9_]+)(:|==|=|>=|<=|>|<))?("(?:[^"\\]|\\.)*"|[\[\]][^\[\]]*[\[\]]|[^\s()"]+)`)

// textQuery translates the query language of version 1: words, "sentences",
// field:word, field=value, field>value, field:[a TO b], with AND, OR, NOT and
// parentheses.
func textQuery(q string, s *odsql.Schema) (string, error) {
	var out []string
	joined := true // nothing stands before that a term would have to be joined to
	for rest := strings.TrimSpace(q); rest != ""; rest = strings.TrimSpace(rest) {
		if rest[0] == '(' || rest[0] == ')' {
			if rest[0] == '(' && !joined {
				out = append(out, "AND")
			}
			joined = rest[0] == '('
			out, rest = append(out, rest[:1]), rest[1:]
			continue
		}
		m := term.FindStringSubmatch(rest)
		if m == nil {
			return "", &odsql.Error{Code: odsql.CodeSyntax, Clause: "q", Message: fmt.Sprintf("Le paramètre « q » n'est pas compris à partir de « %s ».", cut(rest, 40))}
		}
		rest = rest[len(m[0]):]
		if word := m[0]; word == "AND" || word == "OR" || word == "NOT" {
			if word == "NOT" && !joined {
				out = append(out, "AND")
			}
			out, joined = append(out, word), true
			continue
		}
		if !joined {
			out = append(out, "AND")
		}
		clause, err := termClause(m, s)
		if err != nil {
			return "", err
		}
		out, joined = append(out, clause), false
	}
	return strings.Join(out, " "), nil
}

// termClause translates one term.
func termClause(m []string, s *odsql.Schema) (string, error) {
	if strings.HasPrefix(m[0], "#") {
		return "", &odsql.Error{Code: odsql.CodeQuery, Clause: "q", Message: "Les fonctions (#…) du paramètre « q » n'existent plus ; utilisez « where » de la version 2.1."}
	}
	f := fieldNamed(s, m[1])
	if f == nil {
		return odsql.Quote(unquote(m[0])), nil
	}
	value := m[3]
	if first := value[0]; first == '[' || first == ']' {
		low, high, ok := strings.Cut(value[1:len(value)-1], " TO ")
		if !ok {
			return "", &odsql.Error{Code: odsql.CodeSyntax, Clause: "q", Message: fmt.Sprintf("Le paramètre « q » : « %s » n'est pas un intervalle [a TO b].", cut(value, 40))}
		}
		return fmt.Sprintf("`%s` IN %c%s TO %s%c", f.Name, first, literal(f, low), literal(f, high), value[len(value)-1]), nil
	}
	switch operator := m[2]; {
	case operator == ":" && f.Type == odsql.Text:
		return fmt.Sprintf("search(`%s`, %s)", f.Name, odsql.Quote(unquote(value))), nil
	case operator == ":", operator == "==":
		return fmt.Sprintf("`%s` = %s", f.Name, literal(f, unquote(value))), nil
	default:
		return fmt.Sprintf("`%s` %s %s", f.Name, operator, literal(f, unquote(value))), nil
	}
}

var number = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// literal writes a value for comparison with a field.
func literal(f *odsql.Field, text string) string {
	text = strings.TrimSpace(text)
	switch f.Type {
	case odsql.Int, odsql.Decimal, odsql.Double:
		if number.MatchString(text) {
			return text
		}
	case odsql.Date, odsql.Month, odsql.DateTime:
		return "date" + odsql.Quote(text)
	case odsql.Bool:
		if word := strings.ToUpper(text); word == "TRUE" || word == "FALSE" {
			return word
		}
	default:
	}
	return odsql.Quote(text)
}

// unquote takes the quotes off a text that has them.
func unquote(text string) string {
	if len(text) >= 2 && text[0] == '"' && text[len(text)-1] == '"' {
		return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(text[1 : len(text)-1])
	}
	return text
}

// fieldNamed returns the field of a name or an alias; nil if there is none.
func fieldNamed(s *odsql.Schema, name string) *odsql.Field {
	for i, f := range s.Fields {
		if f.Name == name || slices.Contains(f.Aliases, name) {
			return &s.Fields[i]
		}
	}
	return nil
}
