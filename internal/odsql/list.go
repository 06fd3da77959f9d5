package odsql

import "strings"

// parseList reads the comma-separated expressions of select, group_by or order_by.
func parseList(name, src string) ([]item, clause, error) {
	p, err := newParser(name, src)
	if err != nil {
		return nil, p.clause, err
	}
	var all []item
	for {
		i, err := p.item()
		if err != nil {
			return nil, p.clause, err
		}
		all = append(all, i)
		if err := p.tooMany(len(all), maxItems, "expressions"); err != nil {
			return nil, p.clause, err
		}
		if !p.accept(",") {
			return all, p.clause, p.end("une virgule ou la fin de la clause")
		}
	}
}

// item reads one expression with what may follow it in this clause.
func (p *parser) item() (item, error) {
	i := item{}
	var err error
	switch {
	case p.name == "select" && p.peek(0).is("*"):
		i.node = leaf(opStar, p.take())
		return i, nil
	case p.name == "select" && (p.peek(0).is("include") || p.peek(0).is("exclude")) && p.peek(1).is("("):
		i.node, err = p.pattern()
		return i, err
	}
	if i.node, err = p.or(); err != nil {
		return i, err
	}
	if p.name == "order_by" {
		if p.accept("desc") {
			i.desc = true
		} else if !p.accept("asc") && i.op == opMinus {
			i.node, i.desc = i.kids[0], true
		}
		return i, nil
	}
	if p.accept("as") {
		t := p.peek(0)
		if t.kind != wordToken && t.kind != nameToken || t.text == "" {
			return i, p.stray("un nom")
		}
		p.take()
		i.alias, i.aliasAt = t.text, t.start
	}
	return i, nil
}

// pattern reads include(name*) or exclude(name*).
func (p *parser) pattern() (*node, error) {
	t := p.take()
	n := &node{op: opCall, text: strings.ToLower(t.text), start: t.start}
	p.take()
	name := p.peek(0)
	switch name.kind {
	case wordToken, nameToken:
		p.take()
		n.kids = append(n.kids, leaf(opName, name))
	default:
		if !name.is("*") {
			return nil, p.stray("un nom de champ, qui peut finir par *")
		}
	}
	if p.accept("*") {
		n.flag = true
	}
	n.end = p.peek(0).end
	return n, p.expect(")")
}
