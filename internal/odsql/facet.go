package odsql

import (
	"slices"
	"strconv"
	"strings"
)

// Limits of facets: how many values of a level are shown by default and at most, and
// how many facets one request may ask for.
const (
	facetLimit = 100
	maxFacet   = 20000
	maxFacets  = 50
)

// Facet is the count of rows by value of one field, under the filters of a query.
type Facet struct {
	// Name is the field's name.
	Name string
	// Limit is how many values of a level are shown at most.
	Limit int
	// Statement reads the rows of the facet, in order, for [Facet.Tree]: parent, name
	// and path VARCHAR, count BIGINT, state VARCHAR, total BIGINT (the number of values
	// of its level, those that are cut off included).
	Statement Statement
}

// facetSpec is what was asked of a facet.
type facetSpec struct {
	field                     *Field
	disjunctive, hierarchical bool
	separator, sort           string
	limit                     int
}

// Facets reads the specifications of facets, each a name or facet(name="x", …), and
// counts under the filters of the query. A disjunctive facet is not restricted by its own
// refinements, and none by its own exclusions. Without any specification they are those of
// the schema.
//
// Errors: [*Error].
func (q *Query) Facets(specs []string) ([]Facet, error) {
	if len(specs) == 0 {
		specs = q.schema.FacetNames()
	}
	if len(specs) > maxFacets {
		return nil, parameter("facet", "", "trop de facettes (%d au plus).", maxFacets)
	}
	read := make([]facetSpec, len(specs))
	disjunctive := map[*Field]bool{}
	for i, src := range specs {
		var err error
		if read[i], err = q.readFacet(src); err != nil {
			return nil, err
		}
		if read[i].disjunctive {
			disjunctive[read[i].field] = true
		}
	}
	all := make([]Facet, len(specs))
	for i, s := range read {
		all[i] = Facet{Name: s.field.Name, Limit: s.limit, Statement: q.statement(q.facet(s, disjunctive))}
	}
	return all, nil
}

// readFacet reads one specification.
func (q *Query) readFacet(src string) (facetSpec, error) {
	p, err := newParser("facet", src)
	if err != nil {
		return facetSpec{}, err
	}
	n, err := p.factor()
	if err == nil {
		err = p.end("la fin de la clause")
	}
	if err != nil {
		return facetSpec{}, err
	}
	b := &binder{schema: q.schema, clause: p.clause}
	s := facetSpec{limit: facetLimit, separator: "/"}
	switch {
	case n.op == opName:
		s.field, err = b.facetField(n.text)
	case n.op == opCall && n.text == "facet":
		for _, k := range n.kids {
			if err := b.facetOption(&s, k); err != nil {
				return s, err
			}
		}
		if s.field == nil {
			err = b.wrong(n, "facet() demande un nom : facet(name=\"champ\").")
		}
	default:
		err = b.unexpected(n.start, b.raw(n), "un nom de facette ou facet(name=\"champ\", …)")
	}
	if err != nil {
		return s, err
	}
	s.disjunctive = s.disjunctive || s.field.Disjunctive
	if s.sort == "" {
		s.sort = "-count"
		if fieldValue(s.field).temporal() {
			s.sort = "alphanum"
		}
	}
	return s, nil
}

// facetField finds a field of which the values may be counted: declared facets, and every
// other field but free texts.
func (b *binder) facetField(name string) (*Field, error) {
	f, ok := b.schema.find(name)
	if !ok {
		return nil, b.fail(CodeQuery, 0, name, "%s", b.schema.unknown(name))
	}
	if f.FreeText && !f.Facet {
		return nil, b.fail(CodeQuery, 0, name, "le champ « %s » est un texte libre, qui n'a pas de facette ; filtrez-le avec where. Facettes : %s.", f.Name, strings.Join(b.schema.FacetNames(), ", "))
	}
	return f, nil
}

// sorts are the orders of values.
var sorts = map[string]string{
	"count": "n ASC, path", "-count": "n DESC, path", "alphanum": "name ASC", "-alphanum": "name DESC",
	"num": "TRY_CAST(name AS DOUBLE) ASC NULLS LAST, name", "-num": "TRY_CAST(name AS DOUBLE) DESC NULLS LAST, name",
}

// facetOption reads one key of facet().
func (b *binder) facetOption(s *facetSpec, n *node) (err error) {
	if n.op != opCompare || n.text != "=" || n.kids[0].op != opName {
		return b.unexpected(n.start, b.raw(n), "une option : name, disjunctive, hierarchical, separator, sort ou limit")
	}
	v := n.kids[1]
	text := v.text
	if v.op != opText {
		text = strings.ReplaceAll(b.raw(v), " ", "")
	}
	switch strings.ToLower(n.kids[0].text) {
	case "name":
		s.field, err = b.facetField(text)
	case "disjunctive", "hierarchical":
		is, bad := strconv.ParseBool(strings.ToLower(text))
		if bad != nil {
			return b.unexpected(v.start, text, "true ou false")
		}
		if strings.EqualFold(n.kids[0].text, "disjunctive") {
			s.disjunctive = is
		} else {
			s.hierarchical = is
		}
	case "separator":
		s.separator = text
	case "sort":
		if s.sort = text; sorts[text] == "" {
			return b.unexpected(v.start, text, "count, -count, alphanum, -alphanum, num ou -num")
		}
	case "limit":
		s.limit, err = strconv.Atoi(text)
		if err != nil || s.limit < 1 || s.limit > maxFacet {
			return b.unexpected(v.start, text, "un nombre de 1 à "+strconv.Itoa(maxFacet))
		}
	default:
		return b.unexpected(n.start, b.raw(n), "une option : name, disjunctive, hierarchical, separator, sort ou limit")
	}
	return err
}

// level is one level of a facet's values, over a row.
type level struct {
	parent, name, path, exists fragment
	several                    bool // a row may have several values
}

// facet writes the statement of a facet. The first level is shown whole; of each deeper
// one, what is below a refined value.
func (q *Query) facet(s facetSpec, disjunctive map[*Field]bool) fragment {
	hierarchy := s.hierarchical && s.field.Type == Text
	kept := func(r refinement) bool { return r.field != s.field || !r.exclude && !s.disjunctive && !hierarchy }
	where := with(q.filters, q.refined(kept, disjunctive)...)
	if hierarchy && !s.disjunctive {
		where = append(where, q.under(s)...)
	}
	where = append(where, sqlf("@ IS NOT NULL", ident(s.field.Name)))
	open, excluded := q.paths(s)
	state := sqlf("CASE WHEN @ THEN 'refined' WHEN @ THEN 'excluded' ELSE 'displayed' END",
		isAmong(fragment{sql: "path"}, open), isAmong(fragment{sql: "path"}, excluded))
	relation, levels := fragment{sql: q.schema.Relation}, q.levels(s, open)
	if len(levels) == 1 && !levels[0].several {
		return sqlf("SELECT '' AS parent, name, name AS path, n, @ AS state, count(*) OVER () AS total FROM (SELECT @ AS name, count(*) AS n FROM @ WHERE @ GROUP BY ALL) ORDER BY "+
			sorts[s.sort]+" LIMIT "+strconv.Itoa(s.limit), state, levels[0].name, relation, allOf(where))
	}
	// The rows are counted by value first: texts are then made for each value only.
	weight := own("c", 0)
	counted := sqlf("(SELECT @, count(*) AS @ FROM @ WHERE @ GROUP BY ALL)", ident(s.field.Name), weight, relation, allOf(where))
	var shown []fragment
	for i, l := range levels {
		conditions := []fragment{l.exists}
		if i > 0 {
			conditions = append(conditions, isAmong(l.parent, open))
		}
		shown = append(shown, sqlf("SELECT "+strconv.Itoa(i)+" AS level, @ AS parent, @ AS name, @ AS path, @ FROM value WHERE @",
			l.parent, l.name, l.path, weight, allOf(conditions)))
	}
	return sqlf("WITH value AS MATERIALIZED @ SELECT parent, name, path, n, @ AS state, total FROM (SELECT *, count(*) OVER (PARTITION BY parent) AS total, row_number() OVER (PARTITION BY parent ORDER BY "+
		sorts[s.sort]+") AS r FROM (SELECT level, parent, name, path, CAST(sum(@) AS BIGINT) AS n FROM (@) GROUP BY ALL)) WHERE r <= "+strconv.Itoa(s.limit)+" ORDER BY level, parent, r",
		counted, state, weight, list(" UNION ALL ", shown...))
}

// isAmong writes that a text is one of some.
func isAmong(f fragment, texts []string) fragment {
	if len(texts) == 0 {
		return never
	}
	all := make([]fragment, len(texts))
	for i, t := range texts {
		all[i] = sqlf("CAST(? AS VARCHAR)", t)
	}
	return sqlf("(@ IN (@))", f, list(", ", all...))
}

// under writes the refinements of a hierarchical text: the value or what is below it.
func (q *Query) under(s facetSpec) []fragment {
	var all []fragment
	for _, r := range q.refinements {
		if r.field == s.field && !r.exclude {
			all = append(all, sqlf("(@ OR starts_with(@, ?))", r.condition, ident(s.field.Name), r.value+s.separator))
		}
	}
	return all
}

// paths returns the refined values of a facet, with those above them, and the excluded
// ones.
func (q *Query) paths(s facetSpec) (open, excluded []string) {
	separator := s.separator
	if !s.hierarchical || s.field.Type != Text {
		separator = "/"
	}
	nested := s.hierarchical && s.field.Type == Text || fieldValue(s.field).temporal()
	for _, r := range q.refinements {
		switch {
		case r.field != s.field:
		case r.exclude:
			excluded = append(excluded, r.path)
		case nested && separator != "":
			parts := strings.Split(r.path, separator)
			for i := range parts[:min(len(parts), maxGroups)] {
				open = append(open, strings.Join(parts[:i+1], separator))
			}
		default:
			open = append(open, r.path)
		}
	}
	slices.Sort(open)
	return slices.Compact(open), excluded
}

// levels returns the levels of a facet that are shown.
func (q *Query) levels(s facetSpec, open []string) []level {
	col := ident(s.field.Name)
	none := fragment{sql: "''"}
	v := fieldValue(s.field)
	switch {
	case v.typ == Month:
		year := sqlf("left(@, 4)", col)
		return []level{
			{parent: none, name: year, path: year, exists: always},
			{parent: year, name: sqlf("right(@, 2)", col), path: sqlf("replace(@, '-', '/')", col), exists: always},
		}
	case v.temporal():
		wall := (&binder{zone: q.zone}).wall(v)
		part := func(format string) fragment { return sqlf("strftime(@, '"+format+"')", wall) }
		return []level{
			{parent: none, name: part("%Y"), path: part("%Y"), exists: always},
			{parent: part("%Y"), name: part("%m"), path: part("%Y/%m"), exists: always},
			{parent: part("%Y/%m"), name: part("%d"), path: part("%Y/%m/%d"), exists: always},
		}
	case s.hierarchical && v.text() && s.separator != "":
		depth := 1
		for _, path := range open {
			depth = max(depth, strings.Count(path, s.separator)+2)
		}
		parts := sqlf("string_split(@, ?)", col, s.separator)
		path := func(i int) fragment {
			return sqlf("array_to_string(list_slice(@, 1, "+strconv.Itoa(i)+"), ?)", parts, s.separator)
		}
		all := []level{{parent: none, name: path(1), path: path(1), exists: always}}
		for i := 2; i <= min(depth, maxGroups); i++ {
			n := strconv.Itoa(i)
			all = append(all, level{parent: path(i - 1), name: sqlf("list_extract(@, "+n+")", parts), path: path(i), exists: sqlf("(len(@) >= "+n+")", parts)})
		}
		return all
	}
	text := sqlf("CAST(@ AS VARCHAR)", col)
	if v.multivalued() {
		text = sqlf("unnest(@)", col)
	}
	return []level{{parent: none, name: text, path: text, exists: always, several: v.multivalued()}}
}
