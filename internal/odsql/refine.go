package odsql

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// refinement is one refine or exclude.
type refinement struct {
	field   *Field
	exclude bool
	// value is what the client wrote, without quotes; path the same as facets show it.
	value, path string
	condition   fragment
}

// refine reads facet:value.
func (b *binder) refine(q *Query, name, src string) error {
	b.clause = clause{name, src}
	if len(src) > maxClause || !utf8.ValidString(src) {
		return b.fail(CodeQuery, 0, "", "la clause est trop longue, ou n'est pas en UTF-8.")
	}
	facet, text, ok := strings.Cut(src, ":")
	if !ok {
		return b.unexpected(len(src), "", "« facette:valeur »")
	}
	field := strings.Trim(strings.TrimSpace(facet), "`")
	f, ok := b.schema.find(field)
	if !ok {
		return b.fail(CodeQuery, 0, field, "%s", b.schema.unknown(field))
	}
	var err error
	r := refinement{field: f, exclude: name == "exclude", value: unquote(strings.TrimSpace(text))}
	if r.path, r.condition, err = b.facetValue(f, r.value, len(facet)+1); err != nil {
		return err
	}
	q.refinements = append(q.refinements, r)
	return nil
}

// unquote takes the quotes off a value that stands in them.
func unquote(text string) string {
	if text == "" || text[0] != '"' && text[0] != '\'' {
		return text
	}
	if t, err := quoted(clause{src: text}, 0, rune(text[0])); err == nil && t.end == len(text) {
		return t.text
	}
	return text
}

// facetValue reads the value of a facet; at is where it stands.
func (b *binder) facetValue(f *Field, text string, at int) (path string, condition fragment, err error) {
	v := fieldValue(f)
	switch {
	case f.Multivalued:
		return text, sqlf("list_contains(@, ?)", v.sql, text), nil
	case v.temporal():
		p, ok := parsePeriod(text)
		if !ok || len(text) > len("2006-01-02") {
			return "", never, b.unexpected(at, text, "une année, un mois ou un jour : 2020, 2020/12 ou 2020/12/31")
		}
		return strings.ReplaceAll(text, "-", "/"), b.during("=", v, p), nil
	case f.Type == Int:
		i, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return "", never, b.unexpected(at, text, "un nombre entier")
		}
		return strconv.FormatInt(i, 10), sqlf("(@ = CAST(? AS BIGINT))", v.sql, i), nil
	case v.numeric():
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || x-x != 0 {
			return "", never, b.unexpected(at, text, "un nombre")
		}
		if f.Type == Decimal { // as the values of its facet are written
			text = strconv.FormatFloat(x, 'f', 2, 64)
		}
		return text, sqlf("(@ = CAST(? AS DOUBLE))", v.sql, x), nil
	case f.Type == Bool:
		is, err := strconv.ParseBool(strings.ToLower(text))
		if err != nil {
			return "", never, b.unexpected(at, text, "true ou false")
		}
		return strconv.FormatBool(is), sqlf("(@ = CAST(? AS BOOLEAN))", v.sql, is), nil
	}
	return text, sqlf("(@ = CAST(? AS VARCHAR))", v.sql, text), nil
}

// refined writes the refinements that are kept as conditions. Refinements of one facet
// are joined with AND, of a disjunctive one with OR.
func (q *Query) refined(kept func(r refinement) bool, disjunctive map[*Field]bool) []fragment {
	var all []fragment
	either := map[*Field][]fragment{}
	var order []*Field
	for _, r := range q.refinements {
		switch {
		case !kept(r):
		case r.exclude:
			all = append(all, negate(r.condition))
		case disjunctive[r.field] || r.field.Disjunctive:
			if either[r.field] == nil {
				order = append(order, r.field)
			}
			either[r.field] = append(either[r.field], r.condition)
		default:
			all = append(all, r.condition)
		}
	}
	for _, f := range order {
		all = append(all, anyOf(either[f]))
	}
	return all
}
