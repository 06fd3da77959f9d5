package odsql

// groupBy reads the group_by clause.
func (b *binder) groupBy(q *Query, src string) error {
	items, err := b.items("group_by", src)
	if err != nil {
		return err
	}
	if len(items) > maxGroups {
		return b.wrong(items[maxGroups].node, "trop d'expressions (%d au plus).", maxGroups)
	}
	var groups []group
	for _, i := range items {
		g, err := b.groupOf(i)
		if err != nil {
			return err
		}
		ref := own("k", len(groups))
		g.sql, g.order, g.loose, g.lit = ref, ref, nil, nil
		if g.shown != nil {
			g.sql = g.shown(ref)
		}
		for _, other := range groups {
			if other.name == g.name && i.alias != "" {
				return b.fail(CodeQuery, i.aliasAt, i.alias, declaredTwice, shorten(i.alias))
			}
			if other.key.same(g.key) && other.name == g.name {
				g.name = ""
			}
		}
		if g.name != "" {
			groups = append(groups, g)
		}
	}
	b.groups, q.groups, q.Grouped = groups, groups, len(groups) > 0
	return nil
}

// groupOf checks one expression of group_by.
func (b *binder) groupOf(i item) (group, error) {
	var g group
	var err error
	if i.op == opCall && i.text == "range" {
		g, err = b.rangeOf(i.node)
	} else {
		g.value, err = b.bind(i.node)
		g.key = g.sql
	}
	if err != nil {
		return group{}, err
	}
	switch {
	case g.null:
		return group{}, b.wrong(i.node, "NULL ne se groupe pas.")
	case g.multivalued(), g.typ == GeoPoint, g.typ == GeoShape:
		return group{}, b.wrong(i.node, "« %s » ne se groupe pas (type %s).", shorten(b.raw(i.node)), g.describe())
	}
	g.name, g.aliased = b.nameOf(i, g.value), i.alias != ""
	return g, nil
}

// nameOf is the key in the answer of an expression: its alias, its field, or its text.
func (b *binder) nameOf(i item, v value) string {
	switch {
	case i.alias != "":
		return i.alias
	case v.field != nil && i.op == opName:
		return v.field.Name
	}
	return b.raw(i.node)
}
