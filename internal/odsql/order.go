package odsql

import (
	"strconv"
)

// ordering is one expression by which rows are sorted, nulls last.
type ordering struct {
	sql fragment
	// cast is the SQL type of the expression.
	cast string
	desc bool
}

// orderBy reads the order_by clause, and ends it with the key.
func (b *binder) orderBy(q *Query, src string) error {
	items, err := b.items("order_by", src)
	if err != nil {
		return err
	}
	b.aggregates = q.Grouped || q.Aggregated
	for _, g := range b.groups {
		if _, ok := b.names[g.name]; !ok {
			b.names[g.name] = g.value
		}
	}
	for _, i := range items {
		o, err := b.ordering(q, i)
		if err != nil {
			return err
		}
		q.order = append(q.order, o)
	}
	q.sorted = len(q.order) > 0
	switch {
	case q.Aggregated:
		q.order = nil
	case q.Grouped:
		for _, g := range b.groups {
			q.finish(ordering{sql: g.order, cast: castOf(g.value)})
		}
	default:
		for _, name := range b.schema.Key {
			if f, ok := b.schema.find(name); ok {
				q.finish(ordering{sql: ident(f.Name), cast: castOf(fieldValue(f))})
			}
		}
	}
	return nil
}

// finish adds a part of the key to the order, unless the order has it.
func (q *Query) finish(o ordering) {
	for _, other := range q.order {
		if other.sql.same(o.sql) {
			return
		}
	}
	q.order = append(q.order, o)
}

func (b *binder) ordering(q *Query, i item) (ordering, error) {
	if i.op == opCall && i.text == "random" {
		return b.random(q, i)
	}
	v, err := b.bind(i.node)
	switch {
	case err != nil:
		return ordering{}, err
	case v.null, v.multivalued(), v.typ == GeoPoint, v.typ == GeoShape:
		return ordering{}, b.wrong(i.node, "« %s » ne se trie pas (type %s).", shorten(b.raw(i.node)), v.describe())
	case (q.Grouped || q.Aggregated) && v.loose != nil:
		return ordering{}, b.wrong(i.node, "le champ « %s » n'est ni dans group_by ni dans un agrégat.", v.loose.Name)
	}
	o := ordering{sql: v.sql, cast: castOf(v), desc: i.desc}
	if v.order.sql != "" {
		o.sql = v.order
	}
	return o, nil
}

// random sorts by a hash of the key and the seed.
func (b *binder) random(q *Query, i item) (ordering, error) {
	if len(i.kids) != 1 || i.kids[0].op != opNumber {
		return ordering{}, b.wrong(i.node, "écrivez random(1), avec une graine entière.")
	}
	seed, err := strconv.ParseInt(i.kids[0].text, 10, 64)
	if err != nil {
		return ordering{}, b.wrong(i.node, "la graine de random() est un nombre entier.")
	}
	key := []fragment{sqlf("CAST(? AS BIGINT)", seed)}
	for _, g := range b.groups {
		key = append(key, g.order)
	}
	if !q.Grouped {
		for _, name := range b.schema.Key {
			key = append(key, ident(name))
		}
	}
	return ordering{sql: sqlf("hash(@)", list(", ", key...)), cast: "UBIGINT"}, nil
}

// castOf is the SQL type of what a value is sorted by.
func castOf(v value) string {
	if v.cast != "" {
		return v.cast
	}
	switch v.typ {
	case Int:
		return "BIGINT"
	case Decimal:
		return "DECIMAL(38,2)"
	case Double:
		return "DOUBLE"
	case Date:
		return "DATE"
	case DateTime:
		return "TIMESTAMP"
	case Bool:
		return "BOOLEAN"
	default:
		return "VARCHAR"
	}
}
