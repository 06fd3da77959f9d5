package odsql

import (
	"slices"
	"strings"
)

// output is one column of the answer with the expression that it shows.
type output struct {
	Column
	value
	aliasAt int
	aliased bool
	node    *node
}

// selectList reads the select clause and makes the columns.
func (b *binder) selectList(q *Query, src string) error {
	items, err := b.items("select", src)
	if err != nil {
		return err
	}
	b.aggregates = true
	b.names = map[string]value{}
	for _, g := range b.groups {
		b.names[g.name] = g.value
	}
	all, err := b.outputs(q, items)
	if err != nil {
		return err
	}
	for _, o := range all {
		q.Aggregated = q.Aggregated || !q.Grouped && o.aggregate
	}
	for _, o := range all {
		if (q.Grouped || q.Aggregated) && o.loose != nil {
			return b.wrong(o.node, "le champ « %s » n'est ni dans group_by ni dans un agrégat (count, sum, avg, min, max, median, percentile).", o.loose.Name)
		}
	}
	if q.Grouped {
		all = append(b.keys(all), all...)
	}
	return b.columns(q, all)
}

// outputs lists what is selected, fields that are left out excepted.
func (b *binder) outputs(q *Query, items []item) ([]output, error) {
	var all []output
	var left []item
	for _, i := range items {
		switch {
		case i.op == opStar:
			if !q.Grouped {
				all = append(all, b.fields(i.node, func(string) bool { return true })...)
			}
		case i.op == opCall && i.text == "include":
			matched, err := b.matching(i.node)
			if err != nil {
				return nil, err
			}
			all = append(all, b.fields(i.node, matched)...)
		case i.op == opCall && i.text == "exclude":
			left = append(left, i)
		default:
			v, err := b.bind(i.node)
			if err != nil {
				return nil, err
			}
			if slices.ContainsFunc(b.groups, func(g group) bool { return g.aliased && g.name == i.alias }) {
				return nil, b.fail(CodeQuery, i.aliasAt, i.alias, declaredTwice, shorten(i.alias))
			}
			o := output{value: v, aliased: i.alias != "", aliasAt: i.aliasAt, node: i.node}
			o.Column = Column{Name: b.nameOf(i, v)}
			all = append(all, o)
		}
	}
	if len(items) == len(left) && !q.Grouped {
		all = b.fields(&node{}, func(string) bool { return true })
	}
	for _, i := range left {
		matched, err := b.matching(i.node)
		if err != nil {
			return nil, err
		}
		all = slices.DeleteFunc(all, func(o output) bool { return o.field != nil && !o.aliased && matched(o.field.Name) })
	}
	if len(all) == 0 && !q.Grouped {
		return nil, parameter("select", "", "aucun champ n'est sélectionné.")
	}
	return all, nil
}

const declaredTwice = "l'alias « %s » est déclaré plusieurs fois ; donnez-le une seule fois, dans group_by pour un groupe."

// fields selects the fields whose name is kept.
func (b *binder) fields(n *node, keep func(name string) bool) []output {
	var all []output
	for i := range b.schema.Fields {
		if f := &b.schema.Fields[i]; keep(f.Name) {
			all = append(all, output{value: fieldValue(f), Column: Column{Name: f.Name}, node: n})
		}
	}
	return all
}

// matching reads the pattern of include or exclude.
func (b *binder) matching(n *node) (func(name string) bool, error) {
	if len(n.kids) == 0 {
		return func(string) bool { return true }, nil
	}
	pattern := n.kids[0].text
	if n.flag {
		return func(name string) bool {
			return len(name) >= len(pattern) && strings.EqualFold(name[:len(pattern)], pattern)
		}, nil
	}
	f, ok := b.schema.find(pattern)
	if !ok {
		return nil, b.wrong(n.kids[0], "%s", b.schema.unknown(pattern))
	}
	return func(name string) bool { return name == f.Name }, nil
}

// keys are the groups that select does not name, which come first in the answer.
func (b *binder) keys(selected []output) []output {
	var all []output
	for _, g := range b.groups {
		if !slices.ContainsFunc(selected, func(o output) bool { return o.sql.same(g.sql) }) {
			all = append(all, output{value: g.value, Column: Column{Name: g.name}, node: &node{}})
		}
	}
	return all
}

// columns names and types the columns. A column that is selected twice is shown once.
func (b *binder) columns(q *Query, all []output) error {
	taken := map[string]value{}
	for _, o := range all {
		if other, ok := taken[o.Name]; ok {
			if other.sql.same(o.sql) && !o.aliased {
				continue
			}
			return b.fail(CodeQuery, o.aliasAt, o.Name, declaredTwice, shorten(o.Name))
		}
		taken[o.Name] = o.value
		o.Label, o.Type, o.Multivalued, o.JSON = o.Name, o.typ, o.multivalued(), o.json
		if o.null {
			o.Type = Text
		}
		if o.field != nil && o.Name == o.field.Name {
			o.Field, o.Label = o.field.Name, o.field.Label
			if o.Label == "" {
				o.Label = o.Name
			}
		}
		q.Columns = append(q.Columns, o.Column)
		q.outputs = append(q.outputs, shown(o.value))
	}
	b.names = taken
	return nil
}

// shown writes a value in the SQL type that its column is said to have.
func shown(v value) fragment {
	switch {
	case v.null:
		return fragment{sql: "CAST(NULL AS VARCHAR)"}
	case v.typ == Int:
		return sqlf("CAST(@ AS BIGINT)", v.sql)
	case v.typ == Double:
		return sqlf("CASE WHEN isfinite(@) THEN @ END", v.sql, v.sql)
	}
	return v.sql
}
