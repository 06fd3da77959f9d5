package texts

import "strings"

// An address is found from its at-sign, or from what disguises it: outwards to
// the left for the local part, to the right for the domain. The weaker the
// sign, the more the rest must look like an address.

// strength says how much an at-sign proves by itself.
type strength uint8

const (
	strong strength = iota // "@", "(@)", "%40"
	medium                 // "(at)", "[arobase]", "-at-"
	weak                   // "at", "arobase" as words
)

// atSign is an at-sign or its disguise, from start to end in a view.
type atSign struct {
	start, end int
	strength   strength
}

func (v *view) findEmails() {
	for i := 0; i < len(v.b); i++ {
		if !mayBeAt[v.b[i]] {
			continue
		}
		sign, ok := v.atSignAt(i)
		if !ok {
			continue
		}
		if start, end, ok := v.addressAround(sign); ok {
			start, end = v.mailto(start, end)
			v.take(start, end, Email)
			i = end - 1
		}
	}
}

// mayBeAt tells the bytes that an at-sign or a disguise begins with.
var mayBeAt = [256]bool{'@': true, '%': true, '&': true, '(': true, '[': true, '{': true, '<': true, '-': true, '_': true, 'a': true}

// atSignAt returns the at-sign that begins at i.
func (v *view) atSignAt(i int) (atSign, bool) {
	switch c := v.b[i]; c {
	case '@':
		return atSign{i, i + 1, strong}, true
	case '%':
		return atSign{i, i + 3, strong}, v.has(i, "%40")
	case '&':
		for _, s := range [...]string{"&#64;", "&#064;", "&#x40;", "&commat;"} {
			if v.has(i, s) {
				return atSign{i, i + len(s), strong}, true
			}
		}
	case '(', '[', '{', '<':
		return v.enclosedAt(i)
	case '-', '_':
		if v.has(i+1, "at") && v.at(i+3) == c {
			return atSign{i, i + 4, medium}, true
		}
	case 'a':
		return v.atWord(i)
	}
	return atSign{}, false
}

// enclosedAt reads "(at)", "[arobase]", "{@}", "(chez)", "(a)".
func (v *view) enclosedAt(i int) (atSign, bool) {
	from := v.blanks(i+1, 1)
	for _, w := range [...]string{"arobase", "arobas", "chez", "at", "@", "a"} {
		if !v.has(from, w) {
			continue
		}
		to := v.blanks(from+len(w), 1)
		if c := v.at(to); c != ')' && c != ']' && c != '}' && c != '>' {
			continue
		}
		if w == "@" {
			return atSign{i, to + 1, strong}, true
		}
		return atSign{i, to + 1, medium}, true
	}
	return atSign{}, false
}

// atWord reads "at" and "arobase" standing as words between blanks.
func (v *view) atWord(i int) (atSign, bool) {
	if v.at(i-1) != ' ' {
		return atSign{}, false
	}
	for _, w := range [...]string{"arobase", "arobas", "at"} {
		if v.has(i, w) && v.at(i+len(w)) == ' ' {
			return atSign{i, i + len(w), weak}, true
		}
	}
	return atSign{}, false
}

// addressAround returns the address whose at-sign is given.
func (v *view) addressAround(a atSign) (start, end int, ok bool) {
	if a.strength == strong && isLocal(v.at(a.start-1)) && (isWord(v.at(a.end)) || v.at(a.end) == '-') {
		start = v.localPart(a.start)
		if end = v.plainDomain(a.end); end > 0 && start < a.start {
			return start, end, true
		}
		if end = v.brokenDomain(start, a); end > 0 && start < a.start {
			return start, end, true
		}
		return 0, 0, false
	}
	return v.disguised(a)
}

// localPart returns the beginning of the local part that ends at i.
func (v *view) localPart(i int) int {
	start := i
	for isLocal(v.at(start - 1)) {
		start--
	}
	for start < i && !isWord(v.b[start]) {
		start++
	}
	return start
}

func isLocal(c byte) bool {
	return isWord(c) || c == '.' || c == '_' || c == '-' || c == '+' || c == '\''
}

// plainDomain returns the end of the dotted domain that begins at i, or 0. It
// ends with a label of letters; a sentence glued to the address is left.
func (v *view) plainDomain(i int) int {
	end, last := 0, ""
	for {
		from := i
		for isWord(v.at(i)) || v.at(i) == '-' {
			i++
		}
		if i == from {
			return end
		}
		if last != "" {
			if end > 0 && v.sentenceBegins(from) && topLevel[last] {
				return end
			}
			if n := v.lastLabel(from); n >= 2 {
				end = from + n
			}
		}
		last = string(v.b[from:i])
		if v.at(i) != '.' {
			return end
		}
		i++
	}
}

// lastLabel returns the length of the label of letters at i, without a
// sentence that begins right after a known one: "exempleTél".
func (v *view) lastLabel(i int) int {
	n := v.letters(i)
	for k := 2; k < n; k++ {
		if v.capital(i+k) && !v.capital(i+k-1) && topLevel[string(v.b[i:i+k])] {
			return k
		}
	}
	return n
}

func (v *view) letters(i int) int {
	n := 0
	for isLetter(v.at(i + n)) {
		n++
	}
	return n
}

// sentenceBegins reports whether a capital stands at i, after a small letter
// and a full stop.
func (v *view) sentenceBegins(i int) bool { return v.capital(i) && !v.capital(i-2) }

func (v *view) capital(i int) bool {
	c := v.raw(i)
	return c >= 'A' && c <= 'Z' || c == 0xC3 // a French accented capital, or small letter
}

// brokenDomain returns the end of a domain after an undisguised at-sign where
// the dot is mistyped or the end is missing, or 0.
func (v *view) brokenDomain(start int, a atSign) int {
	first := a.end
	for isWord(v.at(first)) || v.at(first) == '-' {
		first++
	}
	host := string(v.b[a.end:first])
	if end := v.looseDomain(a.end); end > 0 {
		return end
	}
	if v.at(first) == ',' || v.at(first) == ' ' {
		n := v.letters(first + 1)
		tld := string(v.b[first+1 : first+1+n])
		if tld == "fr" || tld == "com" || v.at(first) == ',' && topLevel[tld] {
			return first + 1 + n
		}
	}
	local := strings.Trim(string(v.b[start:a.start]), ".")
	if mailHost[host] || strings.Contains(local, ".") && !placeholder[local] && len(host) >= 3 && !isDigit(host[0]) {
		return first
	}
	return 0
}

// disguised returns the address around an at-sign that stands apart or is
// written as a word.
func (v *view) disguised(a atSign) (start, end int, ok bool) {
	left, right := v.blanksBack(a.start, 2), v.blanks(a.end, 2)
	start = v.localPart(left)
	if start == left || v.at(left-1) == '.' {
		return 0, 0, false
	}
	end = v.looseDomain(right)
	if end == 0 && a.strength == medium && left == a.start && right == a.end {
		end = v.plainDomain(right)
	}
	if end == 0 || !v.convincing(a, start, left, right, end) {
		return 0, 0, false
	}
	return v.localWords(start, end), end, true
}

// convincing reports whether a disguised address looks like one, and not like
// a social handle or English prose.
func (v *view) convincing(a atSign, start, left, right, end int) bool {
	local, domain := string(v.b[start:left]), string(v.b[right:end])
	worded := strings.Contains(domain, "point") || strings.Contains(domain, "dot")
	telling := strings.ContainsAny(local, "._0123456789") || role[local]
	switch {
	case strings.HasPrefix(domain, "www."):
		return false
	case v.b[a.start] == '@' && left < a.start && right == a.end:
		return !beforeHandle[local]
	case v.b[a.start] == '-' && left == a.start:
		return telling
	case a.strength == weak && v.has(a.start, "at"):
		return worded || telling || v.raw(a.start) == 'A'
	}
	return true
}

// localWords takes in "prenom point" before "nom", if the domain too spells
// its dots.
func (v *view) localWords(start, end int) int {
	if !v.wordedDots(start, end) {
		return start
	}
	for range 3 {
		i := v.blanksBack(start, 1)
		w := i
		for isLetter(v.at(w - 1)) {
			w--
		}
		if s := string(v.b[w:i]); s != "point" && s != "dot" || i == start {
			break
		}
		i = v.blanksBack(w, 1)
		from := v.localPart(i)
		if from == i {
			break
		}
		start = from
	}
	return start
}

func (v *view) wordedDots(start, end int) bool {
	s := string(v.b[start:end])
	return strings.Contains(s, " point ") || strings.Contains(s, " dot ")
}

// looseDomain returns the end of a domain whose dots may be spelled or stand
// apart, if its last label is a known one, or 0.
func (v *view) looseDomain(i int) int {
	end := 0
	for label := range 6 {
		from := i
		for isWord(v.at(i)) || v.at(i) == '-' {
			i++
		}
		if i == from {
			break
		}
		if label > 0 && topLevel[string(v.b[from:i])] {
			end = i
		}
		next, apart := v.dot(i)
		if next == 0 || apart && !v.closesDomain(next) {
			break
		}
		i = next
	}
	return end
}

// dot returns the position after the dot at i, spelled or not, and whether
// blanks make it look like a full stop.
func (v *view) dot(i int) (next int, apart bool) {
	if v.at(i) == '.' && isWord(v.at(i+1)) {
		return i + 1, false
	}
	from := v.blanks(i, 2)
	if v.at(from) == '.' {
		return v.blanks(from+1, 2), from == i || v.at(from+1) != ' '
	}
	open := from
	if c := v.at(from); c == '(' || c == '[' || c == '{' {
		open++
	} else if from == i {
		return 0, false
	}
	for _, w := range [...]string{"point", "dot", "."} {
		if !v.has(open, w) {
			continue
		}
		to := open + len(w)
		if c := v.at(to); open > from && (c == ')' || c == ']' || c == '}') || open == from && c == ' ' {
			return v.blanks(to+1, 2), false
		}
	}
	return 0, false
}

// closesDomain reports whether the label at i is a known last one in small letters.
func (v *view) closesDomain(i int) bool {
	n := v.letters(i)
	return n > 0 && !v.capital(i) && topLevel[string(v.b[i:i+n])] && !isWord(v.at(i+n))
}

// mailto widens an address to the mailto: link around it.
func (v *view) mailto(start, end int) (int, int) {
	const scheme = "mailto:"
	if !v.has(start-len(scheme), scheme) {
		return start, end
	}
	if v.at(end) == '?' {
		for c := v.at(end); c != ' ' && c != '\n' && c != '"' && c != '\'' && c != '<' && c != '>' && c != ')'; c = v.at(end) {
			end++
		}
	}
	return start - len(scheme), end
}

// topLevel lists last labels of domains that end a disguised address.
var topLevel = set("fr com net org eu info biz io co be ch lu de es it pt uk us ca nl mc re gp mq gf nc pf yt pm wf " +
	"bzh paris alsace corsica asso gouv edu gov tv me app dev pro academy training school coop education online site " +
	"coach consulting email example test invalid localhost")

// mailHost lists hosts that say e-mail even without their last label.
var mailHost = set("gmail googlemail orange wanadoo free hotmail outlook yahoo laposte sfr icloud live msn protonmail proton bbox numericable neuf club-internet")

// placeholder lists local parts that show how an address is made.
var placeholder = set("prenom.nom nom.prenom")

// role lists local parts that are an office rather than a word of prose.
var role = set("contact contacts info infos formation formations accueil direction secretariat inscription inscriptions rh admin " +
	"administration commercial support hello bonjour pedagogie scolarite handicap referent recrutement mail email courriel")

// beforeHandle lists words that introduce a social handle.
var beforeHandle = set("nous suivez-nous retrouvez-nous instagram insta twitter x facebook fb linkedin tiktok youtube snapchat snap threads " +
	"mastodon bluesky pinterest telegram discord sur compte page chaine reseaux sociaux et")

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}
