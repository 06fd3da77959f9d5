package odsql

import (
	"strings"
)

// datePart checks year() and its like.
func (b *binder) datePart(n *node) (value, error) {
	if err := b.arity(n, 1, 1, n.text+"(date)"); err != nil {
		return value{}, err
	}
	v, err := b.dated(n, n.kids[0])
	if err != nil {
		return value{}, err
	}
	return value{typ: Int, sql: sqlf("CAST("+n.text+"(@) AS BIGINT)", b.wall(v))}.combine(v), nil
}

// dated checks an argument that must be a date.
func (b *binder) dated(n, argument *node) (value, error) {
	v, err := b.bind(argument)
	if err != nil {
		return value{}, err
	}
	if v.lit != nil && v.lit.op == opText {
		if p, ok := parsePeriod(v.lit.text); ok {
			v = b.constant(v.lit, p)
		}
	}
	if !v.temporal() {
		return value{}, b.wrong(argument, "%s() ne porte que sur une date, et « %s » est de type %s.", n.text, shorten(b.raw(argument)), v.describe())
	}
	return v, nil
}

// dateFormat checks date_format(date, 'pattern').
func (b *binder) dateFormat(n *node) (value, error) {
	if err := b.arity(n, 2, 2, "date_format(date, 'MM/YYYY')"); err != nil {
		return value{}, err
	}
	v, err := b.dated(n, n.kids[0])
	if err != nil {
		return value{}, err
	}
	pattern := n.kids[1]
	if pattern.op != opText {
		return value{}, b.unexpected(pattern.start, b.raw(pattern), "un format de date entre guillemets")
	}
	parts, err := b.patternParts(pattern, b.wall(v))
	if err != nil {
		return value{}, err
	}
	// A format without any part of the date is null where the date is.
	parts = append(parts, sqlf("CASE WHEN @ IS NOT NULL THEN '' END", v.sql))
	return value{typ: Text, sql: sqlf("(@)", list(" || ", parts...))}.combine(v), nil
}

// patternParts cuts a pattern into pieces of SQL, each a text.
func (b *binder) patternParts(n *node, date fragment) ([]fragment, error) {
	var parts []fragment
	for rest := n.text; rest != ""; {
		if len(parts) > maxChain {
			return nil, b.wrong(n, "le format de date est trop long.")
		}
		if rest[0] == '\'' {
			text, after, closed := quotedText(rest[1:])
			if !closed {
				return nil, b.wrong(n, "un texte libre du format n'est pas fermé par une apostrophe.")
			}
			parts, rest = append(parts, sqlf("CAST(? AS VARCHAR)", text)), after
			continue
		}
		end := strings.IndexFunc(rest, func(r rune) bool { return r != rune(rest[0]) })
		if end < 0 {
			end = len(rest)
		}
		letter := rest[0]
		if letter >= 'a' && letter <= 'z' || letter >= 'A' && letter <= 'Z' {
			f, ok := b.symbol(letter, end, date)
			if !ok {
				return nil, b.wrong(n, "« %s » n'est pas un symbole de format ; les symboles sont yy, yyyy, xx, xxxx, w, ww, e, E, EEEE, D, DDD, M, MM, MMMM, d, dd, H, HH, m, mm, s, ss, et un texte libre se met entre apostrophes.", shorten(rest[:end]))
			}
			parts, rest = append(parts, f), rest[end:]
			continue
		}
		end = strings.IndexFunc(rest, func(r rune) bool { return r == '\'' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' })
		if end < 0 {
			end = len(rest)
		}
		parts, rest = append(parts, sqlf("CAST(? AS VARCHAR)", rest[:end])), rest[end:]
	}
	return parts, nil
}

// quotedText reads free text after its opening apostrophe. A doubled one stands for one,
// and two at once for one alone.
func quotedText(rest string) (text, after string, closed bool) {
	if strings.HasPrefix(rest, "'") {
		return "'", rest[1:], true
	}
	var b strings.Builder
	for i := 0; i < len(rest); i++ {
		if rest[i] != '\'' {
			b.WriteByte(rest[i])
			continue
		}
		if !strings.HasPrefix(rest[i+1:], "'") {
			return b.String(), rest[i+1:], true
		}
		b.WriteByte('\'')
		i++
	}
	return "", "", false
}

// padded are the symbols that are numbers, by strftime's name for them.
var padded = map[byte]string{'D': "%-j", 'M': "%-m", 'd': "%-d", 'H': "%-H", 'm': "%-M", 's': "%-S", 'e': "%u"}

// symbol writes n times a letter of a pattern.
func (b *binder) symbol(letter byte, n int, date fragment) (fragment, bool) {
	switch {
	case n > 6:
		return fragment{}, false
	case (letter == 'y' || letter == 'Y') && n == 2:
		return sqlf("strftime(@, '%y')", date), true
	case (letter == 'y' || letter == 'Y') && n == 4:
		return sqlf("strftime(@, '%Y')", date), true
	case letter == 'x' && n == 4:
		return sqlf("strftime(@, '%G')", date), true
	case letter == 'x' && n == 2:
		return sqlf("right(strftime(@, '%G'), 2)", date), true
	case letter == 'w' && n == 1:
		return sqlf("ltrim(strftime(@, '%V'), '0')", date), true
	case letter == 'w' && n == 2:
		return sqlf("strftime(@, '%V')", date), true
	case letter == 'E' && n <= 3:
		return b.named(daysShort, "isodow", date), true
	case letter == 'E' && n == 4:
		return b.named(daysLong, "isodow", date), true
	case letter == 'M' && n == 4:
		return b.named(monthsLong, "month", date), true
	case letter == 'M' && n == 3:
		return fragment{}, false
	}
	format, ok := padded[letter]
	if !ok || n > 3 || letter == 'e' && n > 1 {
		return fragment{}, false
	}
	text := sqlf("strftime(@, '"+format+"')", date)
	if n > 1 {
		return sqlf("lpad(@, "+string(rune('0'+n))+", '0')", text), true
	}
	return text, true
}

// named writes the name of a day or month in the language of the request.
func (b *binder) named(names map[string][]string, part string, date fragment) fragment {
	in := names[b.lang]
	if in == nil {
		in = names["en"]
	}
	quoted := make([]string, len(in))
	for i, name := range in {
		quoted[i] = "'" + strings.ReplaceAll(name, "'", "''") + "'"
	}
	return sqlf("(["+strings.Join(quoted, ", ")+"])["+part+"(@)]", date)
}
