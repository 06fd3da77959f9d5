package odsql

import (
	"slices"
	"strings"
	"time"
)

// Request holds the clauses of a query as the client wrote them. Empty means absent.
type Request struct {
	Select, GroupBy, OrderBy string
	// Where clauses are joined with AND.
	Where []string
	// Refine and Exclude hold facet:value.
	Refine, Exclude []string
	// Lang is the language of names of days and months, one of [Languages]; empty means
	// fr. In Arabic they are English.
	Lang string
	// Zone is the time zone of datetimes and of now(), one with a name that time.LoadLocation
	// knows; nil means UTC.
	Zone *time.Location
	// Now is the instant that now() stands for.
	Now time.Time
	// Record restricts the rows to the one of this record id.
	Record string
	// Among restricts the rows to those whose field has one of some values; nil to none.
	Among *Among
}

// Among is a field, by its own name, and the values it may have. It has no bound on their
// number, which those of a clause have: they come from the program, not from a client.
type Among struct {
	Field  string
	Values []string
}

// Languages are the values of lang.
var Languages = []string{"fr", "en", "nl", "pt", "it", "ar", "de", "es", "ca", "eu", "sv"}

// Compile reads a request and checks it against a schema. The vocabulary may be
// nil: searches then find exact tokens, and beginnings for the last one.
//
// Errors: [*Error], for the client to read.
func Compile(s *Schema, r Request, v Vocabulary) (*Query, error) {
	if r.Lang == "" {
		r.Lang = "fr"
	}
	if !slices.Contains(Languages, r.Lang) {
		return nil, parameter("lang", r.Lang, "« %s » n'est pas une langue servie (%s).", shorten(r.Lang), strings.Join(Languages, ", "))
	}
	if r.Zone == nil {
		r.Zone = time.UTC
	}
	b := &binder{schema: s, words: v, lang: r.Lang, zone: r.Zone, now: r.Now}
	q := &Query{schema: s, zone: r.Zone}
	if err := b.filter(q, r); err != nil {
		return nil, err
	}
	if err := b.groupBy(q, r.GroupBy); err != nil {
		return nil, err
	}
	if err := b.selectList(q, r.Select); err != nil {
		return nil, err
	}
	err := b.orderBy(q, r.OrderBy)
	q.Instant = b.instant
	return q, err
}

// filter reads where, refine, exclude and the record.
func (b *binder) filter(q *Query, r Request) error {
	for _, all := range [][]string{r.Where, r.Refine, r.Exclude} {
		if len(all) > maxClauses {
			return parameter("where", "", "trop de clauses where, refine ou exclude (%d au plus de chaque).", maxClauses)
		}
	}
	for _, src := range r.Where {
		if strings.TrimSpace(src) == "" {
			continue
		}
		if err := b.where(q, src); err != nil {
			return err
		}
	}
	for _, src := range r.Refine {
		if err := b.refine(q, "refine", src); err != nil {
			return err
		}
	}
	for _, src := range r.Exclude {
		if err := b.refine(q, "exclude", src); err != nil {
			return err
		}
	}
	if r.Among != nil {
		q.filters = append(q.filters, r.Among.filter())
	}
	switch {
	case r.Record == "":
	case !recordID.MatchString(r.Record): // no digest is made of every row for what is none
		q.filters = append(q.filters, never)
	default:
		q.filters = append(q.filters, sqlf("(@ = ?)", b.schema.record(), r.Record))
	}
	return nil
}

// filter writes the condition.
func (a *Among) filter() fragment {
	if len(a.Values) == 0 {
		return never
	}
	values := make([]fragment, len(a.Values))
	for i, v := range a.Values {
		values[i] = sqlf("?", v)
	}
	return sqlf("(@ IN (@))", ident(a.Field), list(", ", values...))
}

// where reads one where clause; what AND joins in it are filters of their own, so that
// two clauses and one give the same query.
func (b *binder) where(q *Query, src string) error {
	n, c, err := parseWhere("where", src)
	if err != nil {
		return err
	}
	if err := c.flat(n); err != nil {
		return err
	}
	b.clause = c
	conditions := []*node{n}
	if n.op == opAnd {
		conditions = n.kids
	}
	for _, k := range conditions {
		f, err := b.condition(k)
		if err != nil {
			return err
		}
		q.filters = append(q.filters, f)
	}
	return nil
}

// flat fails when a tree has more levels than the engine reads.
func (c clause) flat(n *node) error {
	if n.height() > 2*maxDepth {
		return c.fail(CodeQuery, n.start, "", "l'expression est trop imbriquée ou trop longue ; ôtez des opérations.")
	}
	return nil
}

// items reads a list of expressions; an empty clause has none.
func (b *binder) items(name, src string) ([]item, error) {
	if strings.TrimSpace(src) == "" {
		return nil, nil
	}
	items, c, err := parseList(name, src)
	if err != nil {
		return nil, err
	}
	b.clause = c
	for _, i := range items {
		if err := c.flat(i.node); err != nil {
			return nil, err
		}
	}
	return items, nil
}
