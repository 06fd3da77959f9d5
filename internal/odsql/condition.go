package odsql

// condition checks an expression that is true or false. What it writes may be null
// where the condition is false.
func (b *binder) condition(n *node) (fragment, error) {
	if b.conditions++; b.conditions > maxConditions {
		return never, b.wrong(n, "la requête a trop de conditions (%d au plus).", maxConditions)
	}
	switch n.op {
	case opAnd, opOr:
		all, err := b.conditionsOf(n)
		if n.op == opAnd {
			return allOf(all), err
		}
		return anyOf(all), err
	case opNot:
		f, err := b.condition(n.kids[0])
		return negate(f), err
	case opText:
		return b.fullText(n)
	case opCompare:
		return b.compare(n)
	case opLike:
		return b.like(n)
	case opList:
		return b.among(n)
	case opRange:
		return b.between(n)
	case opMember:
		return b.member(n)
	case opIsNull:
		return b.isNull(n)
	case opIsBool:
		f, err := b.boolean(n.kids[0])
		return sqlf(map[[2]bool]string{
			{false, true}: "(@ IS TRUE)", {false, false}: "(@ IS FALSE)",
			{true, true}: "(@ IS NOT TRUE)", {true, false}: "(@ IS NOT FALSE)",
		}[[2]bool{n.flag, n.kids[1].flag}], f), err
	case opCall:
		if check := predicate(n.text); check != nil {
			return check(b, n)
		}
		return b.boolean(n)
	default:
		return b.boolean(n)
	}
}

// negate writes that a condition is false: a null one is.
func negate(f fragment) fragment {
	switch f.sql {
	case always.sql:
		return never
	case never.sql:
		return always
	}
	return sqlf("(@ IS NOT TRUE)", f)
}

func (b *binder) conditionsOf(n *node) ([]fragment, error) {
	all := make([]fragment, 0, len(n.kids))
	for _, k := range n.kids {
		f, err := b.condition(k)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

// boolean checks a field or literal that is true or false by itself.
func (b *binder) boolean(n *node) (fragment, error) {
	v, err := b.bind(n)
	if err != nil {
		return never, err
	}
	if v.typ != Bool {
		return never, b.wrong(n, "« %s » n'est pas une condition (type %s) ; comparez-le à une valeur.", shorten(b.raw(n)), v.describe())
	}
	return v.sql, nil
}

func (b *binder) isNull(n *node) (fragment, error) {
	v, err := b.bind(n.kids[0])
	if err != nil {
		return never, err
	}
	if n.flag {
		return sqlf("(@ IS NOT NULL)", v.sql), nil
	}
	return sqlf("(@ IS NULL)", v.sql), nil
}

// member writes that a literal is among the values of a multivalued field.
func (b *binder) member(n *node) (fragment, error) {
	left, err := b.bind(n.kids[0])
	if err != nil {
		return never, err
	}
	right, err := b.bind(n.kids[1])
	if err != nil {
		return never, err
	}
	if !right.multivalued() {
		return never, b.wrong(n.kids[1], "« %s » n'est pas un champ multivalué ; écrivez champ = valeur ou champ IN (…).", shorten(n.kids[1].text))
	}
	return b.relate(n, "=", right, left)
}
