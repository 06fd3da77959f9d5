package odsql

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of a request; what is beyond is refused.
const (
	maxClause     = 32 << 10 // bytes of one clause
	maxClauses    = 100      // where, refine or exclude parameters
	maxDepth      = 60       // parentheses and functions within one another
	maxItems      = 600      // parts of a list, or conditions of one AND or OR
	maxChain      = 100      // operations of one sum or product
	maxGroups     = 16       // expressions in group_by
	maxTerms      = 16       // words of one search
	maxConditions = 1000     // conditions of the whole request
)

// kind is the kind of a token.
type kind int

const (
	endToken    kind = iota
	wordToken        // a keyword or a name
	nameToken        // a name in back quotes
	textToken        // a string; its text is unescaped
	numberToken      // digits, with or without a decimal part
	signToken        // an operator or a bracket
)

// token is one word of a clause, at the bytes start to end.
type token struct {
	kind       kind
	text       string
	start, end int
}

// is reports whether the token is this sign or, in any case of letters, this word.
func (t token) is(text string) bool {
	return t.kind == signToken && t.text == text || t.kind == wordToken && strings.EqualFold(t.text, text)
}

// signs are the operators, longer ones first. Those that the language does not have are
// read so that an error can say what to write.
var signs = []string{"!=", "<>", "<=", ">=", "==", "..", "&&", "||", "=", ":", "<", ">", "+", "-", "*", "/", "(", ")", "[", "]", ","}

// scan cuts a clause into tokens; the last one is endToken.
func scan(c clause) ([]token, error) {
	if len(c.src) > maxClause {
		return nil, c.fail(CodeQuery, 0, "", "la clause est trop longue (%d octets, %d au plus).", len(c.src), maxClause)
	}
	if !utf8.ValidString(c.src) {
		return nil, c.fail(CodeSyntax, 0, "", "le texte n'est pas en UTF-8.")
	}
	var all []token
	for at := 0; ; {
		at += len(c.src[at:]) - len(strings.TrimLeftFunc(c.src[at:], unicode.IsSpace))
		if at == len(c.src) {
			return append(all, token{kind: endToken, start: at, end: at}), nil
		}
		t, err := next(c, at)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
		at = t.end
	}
}

// next reads the token at an offset where there is no space.
func next(c clause, at int) (token, error) {
	first, size := utf8.DecodeRuneInString(c.src[at:])
	switch {
	case first == '\'' || first == '"':
		return quoted(c, at, first)
	case first == '`':
		end := strings.IndexByte(c.src[at+1:], '`')
		if end < 0 {
			return token{}, c.fail(CodeSyntax, at, "`", "un nom entre accents graves (`) n'est pas fermé.")
		}
		return token{kind: nameToken, text: c.src[at+1 : at+1+end], start: at, end: at + end + 2}, nil
	case first >= '0' && first <= '9':
		end := number(c.src, at)
		return token{kind: numberToken, text: c.src[at:end], start: at, end: end}, nil
	case first == '_' || unicode.IsLetter(first):
		end := at + size
		for end < len(c.src) {
			r, n := utf8.DecodeRuneInString(c.src[end:])
			if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) {
				break
			}
			end += n
		}
		return token{kind: wordToken, text: c.src[at:end], start: at, end: end}, nil
	}
	for _, s := range signs {
		if strings.HasPrefix(c.src[at:], s) {
			return token{kind: signToken, text: s, start: at, end: at + len(s)}, nil
		}
	}
	if strings.ContainsRune("“”„«»‘’", first) {
		return token{}, c.fail(CodeSyntax, at, string(first), "un texte se met entre guillemets droits : \" ou '.")
	}
	return token{}, c.unexpected(at, string(first), "un nom, une valeur ou un opérateur")
}

// number returns where the number that starts at an offset ends: "1..10" is three tokens.
func number(src string, at int) int {
	digits := func(i int) int {
		for i < len(src) && src[i] >= '0' && src[i] <= '9' {
			i++
		}
		return i
	}
	end := digits(at)
	if end+1 < len(src) && src[end] == '.' && src[end+1] >= '0' && src[end+1] <= '9' {
		end = digits(end + 1)
	}
	return end
}

// quoted reads a string; a backslash takes the character after it as it is.
func quoted(c clause, at int, quote rune) (token, error) {
	var b strings.Builder
	escaped := false
	for i, r := range c.src[at+1:] {
		switch {
		case escaped:
			b.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		case r == quote:
			return token{kind: textToken, text: b.String(), start: at, end: at + 1 + i + 1}, nil
		default:
			b.WriteRune(r)
		}
	}
	return token{}, c.fail(CodeSyntax, at, string(quote), "un texte entre guillemets (%c) n'est pas fermé.", quote)
}
