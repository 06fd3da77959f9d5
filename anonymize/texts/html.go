package texts

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/unicode/norm"
)

// PlainText makes readable plain text of an HTML fragment.
//
// Inputs: fragment, HTML or plain text; "<" and "&" that begin no known tag and no
// entity are text.
//
// Result: text in Unicode NFC, lines ended by LF. Paragraphs, headings, list
// items ("- ") and table rows begin a line; tags, comments, scripts, styles
// and link targets are gone; blanks are collapsed, at most one line in a row is
// empty. PlainText of its own result changes nothing.
//
// Notes: entities are decoded as often as they were encoded, and tags found
// by that are removed like others, so the result holds no tag of HTML: "the tag
// &lt;p&gt;" loses its "<p>". A fragment encoded more than a few times over
// loses its "<" and "&". It is not an HTML sanitiser: escape it in a page.
func PlainText(fragment string) string {
	const passes = 6
	s := fragment
	for range passes {
		next := plainOnce(s)
		if next == s {
			return s
		}
		s = next
	}
	return tidy(strings.NewReplacer("<", "", "&", "").Replace(s))
}

func plainOnce(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return tidy(s)
	}
	marked, blocks := markUp(s)
	if blocks {
		marked = strings.NewReplacer("\r", " ", "\n", " ").Replace(marked)
	}
	return tidy(layOut(marked))
}

// markUp returns s with known tags reduced to their names and all else that
// looks like markup escaped, and whether a tag breaks lines.
func markUp(s string) (string, bool) {
	var b strings.Builder
	b.Grow(len(s) + 16)
	blocks := false
	lastComment := strings.LastIndex(s, "-->")
	for {
		i := strings.IndexAny(s, "<&")
		if i < 0 {
			b.WriteString(s)
			return b.String(), blocks
		}
		b.WriteString(s[:i])
		s, lastComment = s[i:], lastComment-i
		var n int
		switch {
		case s[0] == '&':
			n = writeEntity(&b, s)
		case strings.HasPrefix(s, "<!--") && lastComment >= 4:
			n = 4 + strings.Index(s[4:], "-->") + 3
		default:
			t := readTag(s)
			n = t.length
			blocks = blocks || breaks[t.name]
			t.write(&b)
		}
		s, lastComment = s[n:], lastComment-n
	}
}

// writeEntity writes the entity that s begins with, decoding "&amp;" before it
// as often as it stands there, or an escaped "&". It returns the length read.
func writeEntity(b *strings.Builder, s string) int {
	i := 1
	for again := true; again; {
		again = false
		for _, amp := range [...]string{"amp;", "#38;", "#038;", "#x26;", "#X26;", "AMP;"} {
			if strings.HasPrefix(s[i:], amp) {
				i, again = i+len(amp), true
			}
		}
	}
	b.WriteByte('&')
	end := i
	for end < len(s) && end-i < 33 && (isAlnum(s[end]) || s[end] == '#') {
		end++
	}
	if end == i || end == len(s) || s[end] != ';' {
		b.WriteString("amp;")
	}
	return i
}

func isAlnum(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' }

// tag is a tag of HTML, or with a length of 1 a "<" that begins none.
type tag struct {
	name    atom.Atom
	closing bool
	length  int
}

func (t tag) write(b *strings.Builder) {
	switch {
	case t.length == 1:
		b.WriteString("&lt;")
	case t.name == 0: // a declaration, or a tag of Word
	case t.closing:
		b.WriteString("</" + t.name.String() + ">")
	default:
		b.WriteString("<" + t.name.String() + ">")
	}
}

// readTag reads the tag that s begins with.
func readTag(s string) tag {
	none := tag{length: 1}
	area := s[1:]
	if i := strings.IndexByte(area, '<'); i >= 0 {
		area = area[:i]
	}
	if area == "" || strings.IndexByte(area, '>') < 0 {
		return none
	}
	if area[0] == '!' || area[0] == '?' {
		return tag{length: strings.IndexByte(area, '>') + 2}
	}
	i := 0
	t := tag{closing: area[0] == '/'}
	if t.closing {
		i++
	}
	from := i
	for i < len(area) && (isAlnum(area[i]) || area[i] == ':') {
		i++
	}
	name := strings.ToLower(area[from:i])
	t.name = atom.Lookup([]byte(name))
	if !known[t.name] {
		t.name = 0
		if strings.IndexByte(name, ':') <= 0 {
			return none
		}
	}
	end := tagEnd(area[i:], len(name) == 1)
	if end < 0 {
		return none
	}
	t.length = 1 + i + end
	return t
}

// tagEnd returns the length of attributes up to and with ">", or -1 if s
// does not read as attributes. A strict reading wants them to have values.
func tagEnd(s string, strict bool) int {
	if s[0] != '>' && s[0] != '/' && s[0] != ' ' && (s[0] < '\t' || s[0] > '\r') {
		return -1
	}
	first := strings.IndexByte(s, '>')
	inside := strings.Trim(s[:first], "/ \t\r\n")
	if strict && inside != "" && !strings.Contains(inside, "=") {
		return -1
	}
	quote := byte(0)
	for i := range len(s) {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && i > 0 && (s[i-1] == '=' || s[i-1] == ' '):
			quote = c
		case c == '>':
			return i + 1
		}
	}
	return first + 1 // a quote that never closes
}

// page is plain text in the making.
type page struct {
	bytes.Buffer
	item bool // the line holds only the dash of a list item
}

// fresh begins a line, unless one has just begun.
func (p *page) fresh() {
	if p.item {
		return
	}
	p.Truncate(len(bytes.TrimRight(p.Bytes(), " ")))
	if b := p.Bytes(); len(b) > 0 && b[len(b)-1] != '\n' {
		p.WriteByte('\n')
	}
}

func (p *page) text(s []byte) {
	if p.item && len(bytes.TrimSpace(s)) == 0 {
		return
	}
	p.Write(s)
	p.item = p.item && len(s) == 0
}

func (p *page) open(name atom.Atom) {
	switch {
	case name == atom.Br:
		p.item = false
		p.WriteByte('\n')
	case name == atom.Li:
		p.item = false
		p.fresh()
		p.WriteString("- ")
		p.item = true
	case name == atom.Td || name == atom.Th:
		p.WriteByte(' ')
	case breaks[name]:
		p.fresh()
	}
}

func (p *page) close(name atom.Atom) {
	if name != atom.Br && breaks[name] {
		p.item = p.item && name != atom.Li
		p.fresh()
	}
}

// layOut reads marked-up text and returns its text, laid out in lines.
func layOut(marked string) string {
	var p page
	z := html.NewTokenizer(strings.NewReader(marked))
	z.SetMaxBuf(0)
	hidden := atom.Atom(0)
	for {
		switch z.Next() {
		case html.ErrorToken:
			return p.String()
		case html.TextToken:
			if hidden == 0 {
				p.text(z.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name := tagName(z)
			if hidden == 0 && unread[name] {
				hidden = name
			}
			p.open(name)
		case html.EndTagToken:
			name := tagName(z)
			if name == hidden {
				hidden = 0
			}
			p.close(name)
		default: // comments and the document type say nothing to a reader
		}
	}
}

func tagName(z *html.Tokenizer) atom.Atom {
	name, _ := z.TagName()
	return atom.Lookup(name)
}

// tidy removes control and zero-width characters, collapses blanks and empty
// lines, and composes (NFC).
func tidy(s string) string {
	usual, tidied := look(s)
	if tidied {
		return s
	}
	if !usual {
		s = norm.NFC.String(visible(s))
	}
	b := make([]byte, 0, len(s))
	lines, blank := 0, false // what is due before the next character
	for i := 0; i < len(s); {
		size := blankLength(s[i:])
		switch {
		case s[i] == '\n':
			lines, blank = lines+1, false
			i++
			continue
		case size > 0:
			blank = lines == 0
			i += size
			continue
		case len(b) == 0:
		case lines > 0:
			b = append(b, "\n\n"[:min(lines, 2)]...)
		case blank:
			b = append(b, ' ')
		}
		lines, blank = 0, false
		from := i
		for i < len(s) && s[i] != '\n' && blankLength(s[i:]) == 0 {
			i++
		}
		b = append(b, s[from:i]...)
	}
	return string(b)
}

// blankLength returns the length of the blank that s begins with, else 0.
func blankLength(s string) int {
	switch c := s[0]; {
	case c == ' ' || c == '\t':
		return 1
	case c != 0xC2 && c != 0xE1 && c != 0xE2 && c != 0xE3: // what the other blanks begin with
		return 0
	}
	if r, size := utf8.DecodeRuneInString(s); unicode.Is(unicode.Zs, r) {
		return size
	}
	return 0
}

// look reports whether a text has only the usual characters, which are visible
// and composed, and whether tidy would change nothing; it may miss the latter.
func look(s string) (usual, tidied bool) {
	last := '\n'
	tidied = true
	for _, r := range s {
		switch {
		case r == ' ' || r == '\n':
			tidied = tidied && s != "" && last != ' ' && (last != '\n' || r == '\n')
		case r == '\t' || r == '\u00a0' || r == '\u202f' || r == '\u2009':
			tidied = false
		case r > ' ' && r < 0x7f || r > 0xa0 && r < 0x180 && r != 0xad || r >= 0x2010 && r < 0x2028 || r == '€' || r == '→':
		default:
			return false, false
		}
		last = r
	}
	tidied = tidied && s != "" && last != ' ' && last != '\n' && s[0] != '\n' && !strings.Contains(s, "\n\n\n")
	return true, tidied || s == ""
}

// visible drops what is not seen, and makes line breaks LF and bytes that are
// not UTF-8 U+FFFD.
func visible(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r >= ' ' && r < 0x7f:
			return r
		case r == '\r' || r == '\v' || r == '\f' || r == '\u0085' || r == '\u2028' || r == '\u2029':
			return '\n'
		case unicode.In(r, unicode.Cc, unicode.Cf):
			return -1
		}
		return r
	}, s)
}

func atoms(names string) map[atom.Atom]bool {
	m := map[atom.Atom]bool{}
	for n := range strings.FieldsSeq(names) {
		m[atom.Lookup([]byte(n))] = true
	}
	delete(m, 0)
	return m
}

// Elements by what they do to a text.
var (
	breaks = atoms("address article aside blockquote body br caption center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 " +
		"h5 h6 header hr html li main nav ol p pre section summary table tbody tfoot thead tr ul")
	unread = atoms("script style head iframe object svg template noscript select")
	known  = atoms("a abbr acronym address article aside audio b base basefont bdi bdo big blockquote body br button canvas caption center cite " +
		"code col colgroup dd del details dfn div dl dt em embed fieldset figcaption figure font footer form frame h1 h2 h3 h4 h5 h6 head header hr " +
		"html i iframe img input ins kbd label legend li link main map mark menu meta nav noscript object ol option p param picture pre q s samp " +
		"script section select small source span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead time " +
		"title tr track tt u ul var video wbr")
)
