package texts

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Suspect is a place in a text that looks like personal data. It never holds
// the value.
type Suspect struct {
	Kind   Kind
	Offset int // of its first byte in the text
}

// Suspects looks for personal data in a finished text. It shares nothing with
// [Scrub]: plain patterns over a normalised copy, clear cases only.
//
// Inputs: text, of any length.
//
// Result: suspects in the order of the patterns; nil if there is none, which
// is so for every result of Scrub.
//
// Notes: linear in the length of the text, and slower than Scrub.
func Suspects(text string) []Suspect {
	if !mayHide(text) {
		return nil
	}
	n := normalise(text)
	var out []Suspect
	worth := n.worth()
	for _, p := range patterns {
		if !worth[p.kind] {
			continue
		}
		for from := 0; ; {
			m := p.find.FindStringSubmatchIndex(n.text[from:])
			if m == nil {
				break
			}
			start, end := from+m[2], from+m[3]
			from = start + 1
			if (p.kind == Email || !n.inLink(start)) && p.holds(n.text, start, end) {
				out = append(out, Suspect{p.kind, n.offset[start]})
				from = end
			}
		}
	}
	return out
}

// mayHide reports whether a text has an at-sign, or the ten digits that the
// shortest of the patterns needs.
func mayHide(text string) bool {
	digits := 0
	for _, r := range text {
		switch {
		case r == '@' || r == '＠' || r == '﹫':
			return true
		case r >= '0' && r <= '9' || r > unicode.MaxASCII && unicode.IsDigit(r):
			digits++
		}
	}
	return digits >= 10
}

// pattern is one clear case: the first group of find, if holds agrees.
type pattern struct {
	kind  Kind
	find  *regexp.Regexp
	holds func(text string, start, end int) bool
}

var patterns = []pattern{
	{Email, regexp.MustCompile(`([a-z0-9][a-z0-9._+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})`), always},
	{Phone, regexp.MustCompile(`[\s:;(\[](0[1-9][0-9]{8})[\s,;.)\]]`), notBook},
	{Phone, regexp.MustCompile(`[^a-z0-9_](0[1-9](?: [0-9]{2}){4})[^a-z0-9_]`), notList},
	{Phone, regexp.MustCompile(`[^a-z0-9_](0[1-9](?:\.[0-9]{2}){4})[^a-z0-9_]`), notList},
	{Phone, regexp.MustCompile(`[^a-z0-9_](0[1-9](?:-[0-9]{2}){4})[^a-z0-9_]`), notList},
	{Phone, regexp.MustCompile(`(\+33 ?(?:\(0\) ?)?[1-9](?:[ .-]?[0-9]{2}){4})[^a-z0-9_]`), always},
	{NIR, regexp.MustCompile(`[^a-z0-9_]([1-478][ .-]?[0-9]{2}[ .-]?[0-9]{2}[ .-]?[0-9][0-9ab][ .-]?[0-9]{3}[ .-]?[0-9]{3}[ .-]?[0-9]{2})[^a-z0-9_]`), keyHolds},
	{IBAN, regexp.MustCompile(`[^a-z0-9_]((?:fr|mc)[0-9]{2}(?: ?[a-z0-9]{4}){5} ?[a-z0-9]{3}|be[0-9]{2}(?: ?[0-9]{4}){3}|de[0-9]{2}(?: ?[0-9]{4}){4} ?[0-9]{2}|` +
		`ch[0-9]{2}(?: ?[0-9]{4}){4} ?[0-9]|lu[0-9]{2}(?: ?[0-9]{4}){4}|es[0-9]{2}(?: ?[0-9]{4}){5})[^a-z0-9_]`), remainderHolds},
}

// normalised is a text in lower-case ASCII where that is possible, between two
// line breaks, so that no pattern needs to look for its ends.
type normalised struct {
	text   string
	offset []int    // of each byte of text in the source
	links  [][2]int // URLs, whose numbers are no suspects
}

var link = regexp.MustCompile(`(?:https?://|www\.)[^\s<>"]*`)

func normalise(s string) normalised {
	text := append(make([]byte, 0, len(s)+2), '\n')
	offset := make([]int, 1, len(s)+2)
	for i, r := range s {
		from := len(text)
		text = appendPlain(text, r)
		for range len(text) - from {
			offset = append(offset, i)
		}
	}
	n := normalised{text: string(append(text, '\n')), offset: append(offset, len(s))}
	if !strings.Contains(n.text, "http") && !strings.Contains(n.text, "www.") {
		return n
	}
	for _, m := range link.FindAllStringIndex(n.text, -1) {
		n.links = append(n.links, [2]int{m[0], m[1]})
	}
	return n
}

// worth says which kinds are worth a search: an at-sign stands in the text, or
// enough digits with only signs between, or enough within the length of an IBAN.
func (n normalised) worth() (w [4]bool) {
	const phone, nir, iban, reach = 10, 14, 14, 44
	run, near := 0, 0
	for i := range len(n.text) {
		switch c := n.text[i]; {
		case isDigit(c):
			run, near = run+1, near+1
		case c >= 'c' && c <= 'z' || c == '\n':
			run = 0
		case c == '@':
			w[Email] = true
		}
		if i >= reach && isDigit(n.text[i-reach]) {
			near--
		}
		w[Phone] = w[Phone] || run >= phone
		w[NIR] = w[NIR] || run >= nir
		w[IBAN] = w[IBAN] || near >= iban
	}
	return w
}

// appendPlain appends the compatible lower-case form of a character, without accent.
func appendPlain(text []byte, r rune) []byte {
	switch {
	case r >= 'A' && r <= 'Z':
		return append(text, byte(r)+'a'-'A')
	case r >= ' ' && r < 0x7f:
		return append(text, byte(r))
	case r >= '\n' && r <= '\r':
		return append(text, '\n')
	case r == '\t' || unicode.Is(unicode.Zs, r):
		return append(text, ' ')
	case unicode.In(r, unicode.Cc, unicode.Mn, unicode.Me, unicode.Cf):
		return text
	case r == '−' || unicode.Is(unicode.Pd, r):
		return append(text, '-')
	case r == 'ʼ': // by name a letter
		return append(text, '\'')
	}
	var buf [32]byte
	form := norm.NFKD.AppendString(buf[:0], string(r))
	switch first := unicode.ToLower(rune(form[0])); {
	case unicode.IsLetter(r) && form[0] >= utf8.RuneSelf:
		return append(text, 'x') // a letter of another script
	case unicode.IsDigit(r) && form[0] >= utf8.RuneSelf:
		return append(text, '_') // a digit of another script
	case unicode.IsLetter(r) || unicode.IsDigit(r):
		return append(text, byte(first))
	case len(form) == 1 && !isDigit(form[0]):
		return append(text, form[0])
	}
	return append(text, '~')
}

// inLink reports whether i is inside a URL.
func (n normalised) inLink(i int) bool {
	at, _ := slices.BinarySearchFunc(n.links, i, func(l [2]int, i int) int { return l[1] - i - 1 })
	return at < len(n.links) && n.links[at][0] <= i
}

func always(string, int, int) bool { return true }

var book = regexp.MustCompile(`isbn[^0-9]*$`)

func notBook(text string, start, _ int) bool {
	return !book.MatchString(text[max(0, start-16):start])
}

var (
	places = regexp.MustCompile(`d(?:epartements?|epts?|ep|pts?)[^0-9]*$`)
	months = regexp.MustCompile(`^ {0,2}(?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre)`)
	beside = regexp.MustCompile(`(?:[0-9]|[^a-z]o{1,2})[ .,/_-]$`) // a letter O may be a zero
	nextTo = regexp.MustCompile(`^[ .,/_-](?:[0-9]|o{1,2}[^a-z])`)
)

// notList turns away pairs that go on, and départements or days in rising order.
func notList(text string, start, end int) bool {
	before, after := text[max(0, start-32):start], text[end:]
	if beside.MatchString(before) || nextTo.MatchString(after) {
		return false
	}
	rising := true
	for i := start + 3; i < end; i += 3 {
		rising = rising && text[i:i+2] > text[i-3:i-1]
	}
	return !rising || !places.MatchString(before) && !months.MatchString(after)
}

func bare(s string) string { return strings.NewReplacer(" ", "", ".", "", "-", "").Replace(s) }

// keyHolds checks month, place and key of a NIR of fifteen characters.
func keyHolds(text string, start, end int) bool {
	s := bare(text[start:end])
	month := s[3:5]
	if month < "01" || month > "12" && month < "20" || month > "42" && month < "50" {
		return false
	}
	if s[5:7] == "00" || s[7:10] == "000" || s[10:13] == "000" {
		return false
	}
	s = s[:5] + strings.NewReplacer("2a", "19", "2b", "18").Replace(s[5:7]) + s[7:]
	if strings.ContainsAny(s, "ab") {
		return false
	}
	return (remainder(s[:13])+int(s[13]-'0')*10+int(s[14]-'0'))%97 == 0 && s[13:] >= "01" && s[13:] <= "97"
}

// remainderHolds checks an IBAN as ISO 13616 says.
func remainderHolds(text string, start, end int) bool {
	s := bare(text[start:end])
	digits := 0
	var b strings.Builder
	for _, c := range s[4:] + s[:4] {
		if c >= 'a' {
			b.WriteByte(byte('0' + (c-'a'+10)/10))
			b.WriteByte(byte('0' + (c-'a'+10)%10))
			continue
		}
		digits++
		b.WriteRune(c)
	}
	return digits >= 10 && remainder(b.String()) == 1
}

func remainder(digits string) int {
	m := 0
	for _, c := range digits {
		m = (m*10 + int(c-'0')) % 97
	}
	return m
}
