package odsql

import "strings"

// sum reads terms joined with + and -.
func (p *parser) sum() (*node, error) { return p.chain(opSum, "+", "-", p.product) }

// product reads factors joined with * and /.
func (p *parser) product() (*node, error) { return p.chain(opProduct, "*", "/", p.factor) }

func (p *parser) chain(o op, one, other string, part func() (*node, error)) (*node, error) {
	left, err := part()
	for n := 1; err == nil && (p.peek(0).is(one) || p.peek(0).is(other)); n++ {
		if err := p.tooMany(n, maxChain, "opérations"); err != nil {
			return nil, err
		}
		sign := p.take().text
		var right *node
		if right, err = part(); err == nil {
			left = join(o, sign, left, right)
		}
	}
	return left, err
}

// factor reads one operand.
func (p *parser) factor() (*node, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	t := p.peek(0)
	switch {
	case t.is("+") || t.is("-"):
		return p.signed()
	case t.is("("):
		p.take()
		n, err := p.or()
		if err != nil {
			return nil, err
		}
		return n, p.expect(")")
	case t.kind == wordToken && p.peek(1).is("("):
		return p.call()
	case t.kind == nameToken:
		return leaf(opName, p.take()), nil
	case t.kind == wordToken:
		return p.word()
	}
	return p.literal()
}

// signed reads a number with a sign, or an operand to be negated.
func (p *parser) signed() (*node, error) {
	t := p.take()
	n, err := p.factor()
	if err != nil {
		return nil, err
	}
	if n.op == opNumber && n.text[0] != '-' {
		if t.text == "-" {
			n.text = "-" + n.text
		}
		n.start = t.start
		return n, nil
	}
	if t.text == "+" {
		return n, nil
	}
	return &node{op: opMinus, kids: []*node{n}, start: t.start, end: n.end}, nil
}

// structural are the words that a name must be quoted for.
var structural = map[string]bool{
	"and": true, "or": true, "not": true, "in": true, "is": true, "like": true, "as": true, "asc": true, "desc": true,
	"by": true, "distinct": true, "select": true, "where": true, "group": true, "having": true, "case": true, "between": true, "from": true,
}

// word reads a name, or a literal that begins with a word.
func (p *parser) word() (*node, error) {
	t := p.peek(0)
	word := strings.ToLower(t.text)
	switch {
	case word == "null" || word == "true" || word == "false" || (word == "date" || word == "geom") && p.peek(1).kind == textToken:
		return p.literal()
	case structural[word]:
		return nil, p.stray("un champ, une valeur ou une fonction (un champ de ce nom s'écrit entre accents graves)")
	}
	return leaf(opName, p.take()), nil
}

// literal reads a value.
func (p *parser) literal() (*node, error) {
	t := p.peek(0)
	switch {
	case t.kind == textToken:
		return leaf(opText, p.take()), nil
	case t.kind == numberToken:
		return leaf(opNumber, p.take()), nil
	case (t.is("-") || t.is("+")) && p.peek(1).kind == numberToken:
		return p.signed()
	case t.is("null"):
		return leaf(opNull, p.take()), nil
	case t.is("true") || t.is("false"):
		n := leaf(opBool, p.take())
		n.flag = t.is("true")
		return n, nil
	case (t.is("date") || t.is("geom")) && p.peek(1).kind == textToken:
		p.take()
		n := leaf(opDate, p.take())
		if t.is("geom") {
			n.op = opGeometry
		}
		n.start = t.start
		return n, nil
	}
	return nil, p.stray("un champ, une valeur (nombre, texte entre guillemets, date'…') ou une fonction")
}

// call reads a function and its arguments.
func (p *parser) call() (*node, error) {
	t := p.take()
	if advice := foreign(t, token{}); advice != "" {
		p.at--
		return nil, p.stray("une fonction")
	}
	n := &node{op: opCall, text: strings.ToLower(t.text), start: t.start}
	p.take()
	if n.text == "count" {
		n.flag = p.accept("distinct")
	}
	for !p.accept(")") {
		if len(n.kids) > 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
		}
		kids, err := p.argument(n.text)
		if err != nil {
			return nil, err
		}
		n.kids = append(n.kids, kids...)
		if err := p.tooMany(len(n.kids), maxItems, "arguments"); err != nil {
			return nil, err
		}
	}
	n.end = p.tokens[p.at-1].end
	return n, nil
}

// argument reads one argument of a function. The bounds of range() may stand in
// brackets, which are arguments of their own here.
func (p *parser) argument(function string) ([]*node, error) {
	var kids []*node
	bracket := func() {
		if t := p.peek(0); function == "range" && (t.is("[") || t.is("]")) {
			kids = append(kids, leaf(opBracket, p.take()))
		}
	}
	bracket()
	n, err := p.value(function)
	if err != nil {
		return nil, err
	}
	kids = append(kids, n)
	bracket()
	return kids, nil
}

// value reads an argument: *, a number with a unit, or an expression.
func (p *parser) value(function string) (*node, error) {
	t, after := p.peek(0), p.peek(1)
	switch {
	case t.is("*"):
		return leaf(opStar, p.take()), nil
	case t.kind == numberToken && after.kind == wordToken && measured[function]:
		n := leaf(opNumber, p.take())
		return join(opInterval, p.take().text, n, leaf(opName, after)), nil
	}
	return p.or()
}

// measured are the functions of which an argument may be a number with a unit.
var measured = map[string]bool{"range": true, "within_distance": true, "distance": true}
