package odsql

import "strings"

// parser turns the tokens of one clause into a tree. Its recursion is bounded by
// maxDepth.
type parser struct {
	clause
	tokens []token
	at     int
	depth  int
}

// newParser reads the tokens of a clause.
func newParser(name, src string) (*parser, error) {
	c := clause{name, src}
	tokens, err := scan(c)
	return &parser{clause: c, tokens: tokens}, err
}

// peek returns the token to read next, or one after it.
func (p *parser) peek(after int) token {
	return p.tokens[min(p.at+after, len(p.tokens)-1)]
}

// take reads the next token.
func (p *parser) take() token {
	t := p.peek(0)
	p.at = min(p.at+1, len(p.tokens)-1)
	return t
}

// accept reads the next token if it is this sign or word.
func (p *parser) accept(text string) bool {
	if !p.peek(0).is(text) {
		return false
	}
	p.at++
	return true
}

// expect reads this sign or word, or fails.
func (p *parser) expect(text string) error {
	if p.accept(text) {
		return nil
	}
	return p.stray("« " + strings.ToUpper(text) + " »")
}

// end fails unless the clause ends here.
func (p *parser) end(expected string) error {
	if p.peek(0).kind == endToken {
		return nil
	}
	return p.stray(expected)
}

// raw returns the source of a token.
func (p *parser) raw(t token) string { return p.src[t.start:t.end] }

// stray makes the error of the next token, which is not what is expected here. What
// other languages would have there is told what to be.
func (p *parser) stray(expected string) error {
	t := p.peek(0)
	if advice := foreign(t, p.peek(1)); advice != "" {
		e := p.fail(CodeSyntax, t.start, p.raw(t), "%s", advice)
		e.Expected = expected
		return e
	}
	return p.unexpected(t.start, p.raw(t), expected)
}

// foreign returns what to write instead of a construction that the language lacks.
func foreign(t, after token) string {
	if t.kind != wordToken && t.kind != signToken {
		return ""
	}
	word := strings.ToUpper(t.text)
	switch {
	case word == "NOT" && after.is("in"):
		return "« NOT IN » n'existe pas ; écrivez NOT (champ IN (…))."
	case word == "NOT" && after.is("like"):
		return "« NOT LIKE » n'existe pas ; écrivez NOT (champ LIKE \"…\")."
	}
	return lacking[word]
}

// lacking says what to write instead of words that other languages have.
var lacking = map[string]string{
	"HAVING":     "« HAVING » n'existe pas ; filtrez les lignes avec where, ou triez les groupes avec order_by et lisez-en le début.",
	"CASE":       "« CASE » n'existe pas ; utilisez ifnull(champ, valeur), range() dans group_by, ou plusieurs requêtes.",
	"BETWEEN":    "« BETWEEN » n'existe pas ; écrivez champ IN [a..b].",
	"ILIKE":      "« ILIKE » n'existe pas ; LIKE ne tient déjà pas compte de la casse.",
	"CONTAINS":   "« CONTAINS » n'existe pas ; écrivez champ LIKE \"mot\" ou search(champ, \"mot\").",
	"JOIN":       "une requête ne lit qu'une table ; « JOIN » n'existe pas.",
	"FROM":       "« FROM » n'existe pas ; la table est celle de l'adresse.",
	"SELECT":     "une requête dans une autre n'existe pas ; donnez les expressions seules, sans « SELECT ».",
	"WHERE":      "donnez la condition seule, sans « WHERE ».",
	"DISTINCT":   "« DISTINCT » ne s'emploie que dans count(distinct champ) ; pour les valeurs distinctes d'un champ, donnez-le dans group_by.",
	"LIMIT":      "« LIMIT » n'est pas de la clause : limit est un paramètre.",
	"OFFSET":     "« OFFSET » n'est pas de la clause : offset est un paramètre.",
	"GROUP":      "« GROUP BY » n'est pas de la clause : group_by est un paramètre.",
	"ORDER":      "« ORDER BY » n'est pas de la clause : order_by est un paramètre.",
	"NULLS":      "« NULLS FIRST/LAST » n'existe pas ; les valeurs nulles viennent toujours en dernier.",
	"<>":         "« <> » n'existe pas ; écrivez !=.",
	"==":         "« == » n'existe pas ; écrivez =.",
	"&&":         "« && » n'existe pas ; écrivez AND.",
	"||":         "« || » n'existe pas ; écrivez OR.",
	"STDDEV":     unknownAggregate,
	"STDDEV_POP": unknownAggregate,
	"VARIANCE":   unknownAggregate,
	"VAR_POP":    unknownAggregate,
	"IF":         "« IF » n'existe pas ; utilisez ifnull(champ, valeur), range() dans group_by, ou plusieurs requêtes.",
}

const unknownAggregate = "l'écart type et la variance n'existent pas ; utilisez avg, median, percentile, min et max, ou calculez-les sur l'export."

// enter counts a level of nesting; the caller leaves it by p.depth--.
func (p *parser) enter() error {
	if p.depth++; p.depth > maxDepth {
		t := p.peek(0)
		return p.fail(CodeQuery, t.start, p.raw(t), "l'expression est trop imbriquée (%d niveaux au plus).", maxDepth)
	}
	return nil
}

// tooMany fails when a list is longer than is served.
func (p *parser) tooMany(n, most int, what string) error {
	if n <= most {
		return nil
	}
	return p.fail(CodeQuery, p.peek(0).start, "", "trop de %s (%d au plus).", what, most)
}

// join makes a node over the source of others.
func join(o op, text string, kids ...*node) *node {
	return &node{op: o, text: text, kids: kids, start: kids[0].start, end: kids[len(kids)-1].end}
}

// parseWhere reads a whole where clause.
func parseWhere(name, src string) (*node, clause, error) {
	p, err := newParser(name, src)
	if err != nil {
		return nil, p.clause, err
	}
	n, err := p.or()
	if err == nil {
		err = p.end("AND, OR ou la fin de la clause")
	}
	return n, p.clause, err
}

// or reads conditions joined with OR.
func (p *parser) or() (*node, error) { return p.logic(opOr, "or", p.and) }

// and reads conditions joined with AND.
func (p *parser) and() (*node, error) { return p.logic(opAnd, "and", p.not) }

func (p *parser) logic(o op, word string, part func() (*node, error)) (*node, error) {
	n, err := part()
	if err != nil || !p.peek(0).is(word) {
		return n, err
	}
	all := join(o, "", n)
	for p.accept(word) {
		if n, err = part(); err != nil {
			return nil, err
		}
		all.kids, all.end = append(all.kids, n), n.end
		if err := p.tooMany(len(all.kids), maxItems, "conditions"); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// not reads a condition that NOT may stand before.
func (p *parser) not() (*node, error) {
	t := p.peek(0)
	if !t.is("not") {
		return p.predicate()
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	p.take()
	n, err := p.not()
	if err != nil {
		return nil, err
	}
	return &node{op: opNot, kids: []*node{n}, start: t.start, end: n.end}, nil
}

// predicate reads an expression and what compares it, if anything does.
func (p *parser) predicate() (*node, error) {
	left, err := p.sum()
	if err != nil {
		return nil, err
	}
	t := p.peek(0)
	switch {
	case t.is("=") || t.is(":") || t.is("!=") || t.is(">") || t.is("<") || t.is(">=") || t.is("<="):
		p.take()
		right, err := p.sum()
		if err != nil {
			return nil, err
		}
		return join(opCompare, strings.Replace(t.text, ":", "=", 1), left, right), nil
	case t.is("like"):
		p.take()
		right := p.peek(0)
		if right.kind != textToken {
			return nil, p.stray("un texte entre guillemets")
		}
		p.take()
		return join(opLike, "", left, leaf(opText, right)), nil
	case t.is("in"):
		p.take()
		return p.in(left)
	case t.is("is"):
		p.take()
		return p.is(left)
	}
	if foreign(t, p.peek(1)) != "" {
		return nil, p.stray("une comparaison")
	}
	return left, nil
}

// leaf makes a node of one token.
func leaf(o op, t token) *node { return &node{op: o, text: t.text, start: t.start, end: t.end} }

// in reads what stands after IN: a list, a range or a multivalued field.
func (p *parser) in(left *node) (*node, error) {
	t := p.peek(0)
	switch {
	case t.is("("):
		p.take()
		list := join(opList, "", left)
		for {
			n, err := p.literal()
			if err != nil {
				return nil, err
			}
			list.kids = append(list.kids, n)
			if err := p.tooMany(len(list.kids), maxItems, "valeurs dans la liste"); err != nil {
				return nil, err
			}
			if !p.accept(",") {
				list.end = p.peek(0).end
				return list, p.expect(")")
			}
		}
	case t.is("[") || t.is("]"):
		p.take()
		return p.between(left, t.text)
	case t.kind == nameToken || t.kind == wordToken:
		return join(opMember, "", left, leaf(opName, p.take())), nil
	}
	return nil, p.stray("une liste entre parenthèses, un intervalle [a..b] ou un champ multivalué")
}

// between reads a range after its first bracket.
func (p *parser) between(left *node, open string) (*node, error) {
	low, err := p.literal()
	if err != nil {
		return nil, err
	}
	if !p.accept("..") && !p.accept("to") {
		return nil, p.stray("« .. » ou « TO »")
	}
	high, err := p.literal()
	if err != nil {
		return nil, err
	}
	t := p.peek(0)
	if !t.is("[") && !t.is("]") {
		return nil, p.stray("« ] » ou « [ »")
	}
	p.take()
	n := join(opRange, open+t.text, left, low, high)
	n.end = t.end
	return n, nil
}

// is reads what stands after IS.
func (p *parser) is(left *node) (*node, error) {
	negated := p.accept("not")
	t := p.peek(0)
	n := join(opIsNull, "", left)
	n.flag, n.end = negated, t.end
	switch {
	case t.is("null"):
		p.take()
		return n, nil
	case t.is("true") || t.is("false"):
		p.take()
		n.op = opIsBool
		n.kids = append(n.kids, &node{op: opBool, flag: t.is("true"), start: t.start, end: t.end})
		return n, nil
	}
	return nil, p.stray("NULL, NOT NULL, TRUE ou FALSE")
}
