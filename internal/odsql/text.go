package odsql

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/parvis-opendata/parvis/internal/letters"
)

// test writes a condition on the folded form of a text.
type test func(folded fragment) fragment

// holds writes a test on a text: on the dictionary of its field if there is one, or the
// column of its folded form.
func holds(v value, t test) fragment {
	text := v.sql
	switch {
	case v.multivalued():
		text = sqlf("array_to_string(@, ' ')", text)
	case v.field != nil && v.field.Dictionary != "":
		f := t(fragment{sql: "folded"})
		if f.sql == never.sql || f.sql == always.sql {
			return f
		}
		return sqlf("(@ IN (SELECT value FROM @ WHERE @))", text, fragment{sql: v.field.Dictionary}, f)
	case v.field != nil && v.field.Folded != "":
		return t(ident(v.field.Folded))
	}
	return t(sqlf(foldSQL, text))
}

// foldSQL folds a text as [Fold] does, with a space before and after. The letters are those
// that are no letter with an accent, but are written as others all the same.
var foldSQL = func() string {
	text := "lower(strip_accents(@))"
	for _, r := range "æœßþđðƒħıŀłŋøſŧﬁﬂ" {
		base, _ := letters.Plain(r)
		text = "replace(" + text + ", '" + string(r) + "', '" + base + "')"
	}
	return `(' ' || regexp_replace(` + text + `, '[^\p{L}\p{N}]+', ' ', 'g') || ' ')`
}()

// phrase tests that a text contains this folded text, from the beginning of a token.
func phrase(text string) test {
	return func(folded fragment) fragment { return sqlf("contains(@, ?)", folded, " "+text) }
}

// oneOf tests that a text contains one of some tokens, or one that begins so. Several are
// looked for with one expression, whose time hardly depends on their number: each text that
// is looked for by itself would be another pass.
func oneOf(tokens []string, beginnings ...string) test {
	all := slices.Clone(beginnings)
	for _, t := range tokens {
		all = append(all, t+" ")
	}
	return func(folded fragment) fragment {
		switch len(all) {
		case 0:
			return never
		case 1:
			return phrase(all[0])(folded)
		}
		quoted := make([]string, len(all))
		for i, t := range all {
			quoted[i] = regexp.QuoteMeta(t)
		}
		return sqlf("regexp_matches(@, ?)", folded, " (?:"+strings.Join(quoted, "|")+")")
	}
}

// every tests that all tests hold.
func every(tests []test) test {
	return func(folded fragment) fragment {
		all := make([]fragment, len(tests))
		for i, t := range tests {
			all[i] = t(folded)
		}
		return allOf(all)
	}
}

// like writes that a text contains all tokens of another.
func (b *binder) like(n *node) (fragment, error) {
	v, err := b.bind(n.kids[0])
	if err != nil {
		return never, err
	}
	if v.typ != Text {
		return never, b.wrong(n.kids[0], "LIKE ne porte que sur du texte, et « %s » est de type %s.", shorten(b.raw(n.kids[0])), v.describe())
	}
	terms, err := b.terms(n.kids[1])
	if err != nil {
		return never, err
	}
	var tests []test
	for _, t := range terms {
		if v.field != nil && !b.has(v.field, t) {
			return never, nil
		}
		tests = append(tests, oneOf([]string{t}))
	}
	return present(v, holds(v, every(tests)), len(terms)), nil
}

// present writes that a text is there, when a search without any word finds all texts.
func present(v value, f fragment, terms int) fragment {
	if terms == 0 {
		return sqlf("(@ IS NOT NULL)", v.sql)
	}
	return f
}

// terms cuts the text of a search into folded words.
func (b *binder) terms(n *node) ([]string, error) {
	terms := Tokens(n.text)
	if len(terms) > maxTerms {
		return nil, b.wrong(n, "la recherche a trop de mots (%d au plus).", maxTerms)
	}
	return terms, nil
}

// has reports whether a token may be in a field.
func (b *binder) has(f *Field, token string) bool {
	if b.words == nil {
		return true
	}
	found, ok := b.words.Match(f.Name, token, 0, false)
	return !ok || len(found) > 0
}

// fullText writes that each token of a text is in some text field.
func (b *binder) fullText(n *node) (fragment, error) {
	terms, err := b.terms(n)
	if err != nil {
		return never, err
	}
	return b.anywhere(b.texts(), terms, func(f *Field, i int) (test, bool) {
		return oneOf([]string{terms[i]}), b.has(f, terms[i])
	}), nil
}

// texts are the text fields of the schema.
func (b *binder) texts() []*Field {
	var all []*Field
	for i := range b.schema.Fields {
		if f := &b.schema.Fields[i]; f.Type == Text {
			all = append(all, f)
		}
	}
	return all
}

// anywhere writes that each term is found in one of some fields. The test of a term
// in a field is left out where it cannot hold.
func (b *binder) anywhere(fields []*Field, terms []string, find func(f *Field, term int) (test, bool)) fragment {
	if len(fields) == 1 {
		var tests []test
		for i := range terms {
			t, ok := find(fields[0], i)
			if !ok {
				return never
			}
			tests = append(tests, t)
		}
		v := fieldValue(fields[0])
		return present(v, holds(v, every(tests)), len(terms))
	}
	all := make([]fragment, len(terms))
	for i := range terms {
		var found []fragment
		for _, f := range fields {
			if t, ok := find(f, i); ok {
				found = append(found, holds(fieldValue(f), t))
			}
		}
		all[i] = anyOf(found)
	}
	return allOf(all)
}

// search writes search(): words with typing errors, the last one perhaps unfinished.
func (b *binder) search(n *node) (fragment, error) {
	fields, text, err := b.searched(n)
	if err != nil {
		return never, err
	}
	terms, err := b.terms(text)
	if err != nil {
		return never, err
	}
	return b.anywhere(fields, terms, func(f *Field, i int) (test, bool) {
		return b.fuzzy(f, terms[i], i == len(terms)-1)
	}), nil
}

// fuzzy tests for the tokens that a term stands for in a field; ok is false if it has
// none.
func (b *binder) fuzzy(f *Field, term string, last bool) (t test, ok bool) {
	var tokens, beginnings []string
	known := false
	if b.words != nil {
		tokens, known = b.words.Match(f.Name, term, tolerance(term), false)
	}
	if !known {
		tokens = []string{term}
	}
	if last && b.begun(f, term) {
		beginnings = []string{term}
		tokens = slices.DeleteFunc(slices.Clone(tokens), func(t string) bool { return strings.HasPrefix(t, term) })
	}
	return oneOf(tokens, beginnings...), len(tokens)+len(beginnings) > 0
}

// tolerance is how many edits a term may be away from a token.
func tolerance(term string) int {
	switch n := utf8.RuneCountInString(term); {
	case n > 5:
		return 2
	case n > 2:
		return 1
	}
	return 0
}

// suggest writes suggest(): the words as they stand, the last one perhaps unfinished.
func (b *binder) suggest(n *node) (fragment, error) {
	fields, text, err := b.searched(n)
	if err != nil {
		return never, err
	}
	terms, err := b.terms(text)
	if err != nil {
		return never, err
	}
	all := make([]fragment, len(fields))
	for i, f := range fields {
		v := fieldValue(f)
		all[i] = never
		if b.follow(f, terms) {
			all[i] = present(v, holds(v, phrase(strings.Join(terms, " "))), len(terms))
		}
	}
	return anyOf(all), nil
}

// follow reports whether a field may have some terms, the last one as a beginning.
func (b *binder) follow(f *Field, terms []string) bool {
	for i, t := range terms {
		if i == len(terms)-1 {
			return b.begun(f, t)
		}
		if !b.has(f, t) {
			return false
		}
	}
	return true
}

// begun reports whether a token of a field may begin so.
func (b *binder) begun(f *Field, beginning string) bool {
	if b.words == nil {
		return true
	}
	found, ok := b.words.Match(f.Name, beginning, 0, true)
	return !ok || len(found) > 0
}

// startsWith writes startswith(): the beginning of the whole text, as it is written.
func (b *binder) startsWith(n *node) (fragment, error) {
	fields, text, err := b.searched(n)
	if err != nil {
		return never, err
	}
	all := make([]fragment, len(fields))
	for i, f := range fields {
		if f.Multivalued {
			all[i] = sqlf("(len(list_filter(@, lambda x: starts_with(x, ?))) > 0)", ident(f.Name), text.text)
			continue
		}
		all[i] = sqlf("starts_with(@, ?)", ident(f.Name), text.text)
	}
	return anyOf(all), nil
}

// searched reads the arguments of a search: fields or *, then a text.
func (b *binder) searched(n *node) ([]*Field, *node, error) {
	if len(n.kids) == 0 || n.kids[len(n.kids)-1].op != opText {
		return nil, nil, b.wrong(n, "écrivez %s(champ, \"texte\") ou %s(*, \"texte\").", n.text, n.text)
	}
	text := n.kids[len(n.kids)-1]
	if len(n.kids) == 1 || len(n.kids) == 2 && n.kids[0].op == opStar {
		return b.texts(), text, nil
	}
	var fields []*Field
	for _, k := range n.kids[:len(n.kids)-1] {
		if k.op != opName {
			return nil, nil, b.unexpected(k.start, b.raw(k), "un champ")
		}
		v, err := b.name(k)
		if err != nil {
			return nil, nil, err
		}
		if v.typ != Text || v.field == nil {
			return nil, nil, b.wrong(k, "%s() ne porte que sur des champs de texte, et « %s » est de type %s.", n.text, shorten(k.text), v.describe())
		}
		fields = append(fields, v.field)
	}
	return fields, text, nil
}
