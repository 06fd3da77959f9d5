package texts

// A telephone number is found in one of three ways: by its international
// prefix and the length its country gives it, by the shape of a French number
// (ten digits from 0), or by the words that introduce it.

// phone is a telephone number found in a view; end is 0 if there is none.
type phone struct{ start, end int }

// phoneAt returns the telephone number that begins at i, a digit or "+".
func (v *view) phoneAt(i int) phone {
	if v.at(i) == '+' {
		return v.international(i, v.afterPlus(i))
	}
	var n number
	v.read(&n, i, 15)
	if n.len < fewestDigits {
		return phone{}
	}
	if n.digit[0] == '0' && n.digit[1] == '0' {
		return v.doubleZero(&n, i)
	}
	if end := v.national(&n, i); end > 0 {
		return v.bracketed(i, end)
	}
	if end := v.withoutPlus(&n, i); end > 0 {
		return v.bracketed(i, end)
	}
	if end := v.announced(&n, i); end > 0 {
		return v.bracketed(i, end)
	}
	return phone{}
}

// bracketed takes in the bracket that opens before a number and closes in it.
func (v *view) bracketed(start, end int) phone {
	if v.at(start-1) == '(' {
		for _, c := range v.b[start:end] {
			if c == ')' {
				return phone{start - 1, end}
			}
		}
	}
	return phone{start, end}
}

// afterPlus returns where the digits begin after the plus sign at i.
func (v *view) afterPlus(i int) int {
	i = v.blanks(i+1, 1)
	if v.at(i) == '(' {
		i++
	}
	return i
}

// international reads a country code and a number from the digits at i.
func (v *view) international(start, i int) phone {
	var n number
	v.read(&n, i, 15)
	glued := isWord(v.at(start - 1))
	if n.len < 7 || n.value(0, 2) != 33 && glued || n.thousands() {
		return phone{}
	}
	if end := n.abroad(0); end > 0 {
		return v.bracketed(start, end)
	}
	return phone{}
}

// doubleZero reads a number that begins with the international prefix 00.
func (v *view) doubleZero(n *number, i int) phone {
	if n.digit[2] == '0' || v.attached(i) || v.pairBefore(i) && !v.announces(i) {
		return phone{}
	}
	var long number
	v.read(&long, i, 16)
	if end := long.abroad(2); end > 0 {
		return v.bracketed(i, end)
	}
	return phone{}
}

// abroad returns the end of the number whose country code begins with digit k.
func (n *number) abroad(k int) int {
	for length := 3; length >= 1; length-- {
		if k+length > n.len {
			continue
		}
		l, ok := numberLength[n.value(k, k+length)]
		if !ok || n.digit[k] == '0' {
			continue
		}
		return n.subscriber(k, k+length, l)
	}
	return 0
}

// subscriber returns the end of the national number that begins with digit k:
// the longest that its country allows. A trunk zero may precede it.
func (n *number) subscriber(code, k int, l lengths) int {
	if n.value(code, k) == 1 && !n.northAmerican(k) {
		return 0
	}
	longest := l.most
	if k < n.len && n.digit[k] == '0' && n.value(code, k) != 39 {
		k++
	}
	for size := longest; size >= l.least; size-- {
		if end := n.endOf(k + size); end > 0 {
			return end
		}
	}
	return 0
}

func (n *number) northAmerican(k int) bool {
	return n.len >= k+10 && n.digit[k] >= '2' && n.digit[k+3] >= '2'
}

// thousands reports whether a number is written like an amount: "100 000 000".
func (n *number) thousands() bool {
	for g := 1; g < n.groups; g++ {
		if n.size(g) != 3 {
			return false
		}
	}
	return n.groups > 1 && n.value(n.len-3, n.len) == 0
}

// national returns the end of the French number of ten digits at i, or 0.
func (v *view) national(n *number, i int) int {
	end := n.endOf(10)
	if end == 0 || n.digit[0] != '0' || n.digit[1] == '0' {
		return 0
	}
	tail := n.groupAt(10)
	if tail == 0 {
		tail = n.groups
	}
	if n.pairs(tail) {
		if v.pairsHold(n, i, end, tail) {
			return end
		}
		return 0
	}
	if n.size(0) == 10 {
		if v.attached(i) || v.at(end) == '_' || v.introduced(i, 12, bookWords) {
			return 0
		}
		return end
	}
	if n.listed('/', tail) || n.listed(',', tail) || v.attached(i) {
		return 0
	}
	if n.phoneShape(tail) && (n.size(1) <= 2 || !v.pairBefore(i)) || v.announces(i) && !n.dated(tail) {
		return end
	}
	return 0
}

// pairs reports whether the first groups are five pairs.
func (n *number) pairs(tail int) bool {
	for g := range tail {
		if n.size(g) != 2 {
			return false
		}
	}
	return tail == 5
}

// listed reports whether sep stands between some of the first groups.
func (n *number) listed(sep byte, tail int) bool {
	for g := 1; g < tail; g++ {
		if n.sep[g] == sep {
			return true
		}
	}
	return false
}

// uniform reports whether the first groups are separated in one way.
func (n *number) uniform(tail int) bool {
	for g := 2; g < tail; g++ {
		if n.sep[g] != n.sep[1] || n.width[g] != n.width[1] {
			return false
		}
	}
	return true
}

// pairsHold reports whether five pairs are a telephone number, and not part of
// a list, of dates or of hours.
func (v *view) pairsHold(n *number, i, end, tail int) bool {
	before, after := v.pairBefore(i), v.pairAfter(end)
	if n.uniform(tail) {
		if n.sep[1] == ',' && n.width[1] > 1 {
			return v.announces(i)
		}
		return !n.ascending() || !v.inList(n, i, end)
	}
	signs := n.signs(tail)
	if v.announces(i) && signs <= 1 {
		return true
	}
	return signs <= 1 && !before && !after && !n.listed('/', tail) && !n.listed(',', tail)
}

// signs counts the kinds of separators other than blanks.
func (n *number) signs(tail int) int {
	kinds, last := 0, byte(' ')
	for g := 1; g < tail; g++ {
		if s := n.sep[g]; s != ' ' && s != last {
			kinds, last = kinds+1, s
		}
	}
	return kinds
}

// ascending reports whether five pairs go up, as in a list.
func (n *number) ascending() bool {
	for k := 2; k < 10; k += 2 {
		if n.value(k, k+2) <= n.value(k-2, k) {
			return false
		}
	}
	return true
}

// inList reports whether five pairs that go up belong to a longer list, or to
// a list of départements or of days.
func (v *view) inList(n *number, i, end int) bool {
	width := int(n.width[1])
	if next := end + width; v.sameGap(n, end) && isDigit(v.at(next)) && isDigit(v.at(next+1)) && !isDigit(v.at(next+2)) &&
		v.pair(next) > n.value(8, 10) {
		return true
	}
	if from := i - width; v.sameGap(n, from) && isDigit(v.at(from-1)) && isDigit(v.at(from-2)) && !isDigit(v.at(from-3)) &&
		v.pair(from-2) < n.value(0, 2) {
		return true
	}
	return v.introduced(i, 24, placeWords) || monthWords[v.word(v.blanks(end, 2))]
}

// sameGap reports whether the gap at i is the one between the first groups.
func (v *view) sameGap(n *number, i int) bool {
	from := n.pos[n.first[1]-1] + 1
	return v.has(i, string(v.b[from:from+int(n.width[1])]))
}

func (v *view) pair(i int) int { return int(v.b[i]-'0')*10 + int(v.b[i+1]-'0') }

// pairBefore and pairAfter report whether digits stand next to a number, one
// separator away.
func (v *view) pairBefore(i int) bool { return isSeparator(v.at(i-1)) && isDigit(v.at(i-2)) }
func (v *view) pairAfter(i int) bool  { return isSeparator(v.at(i)) && isDigit(v.at(i+1)) }

// word returns the letters at i.
func (v *view) word(i int) string {
	n := v.letters(i)
	if n == 0 {
		return ""
	}
	return string(v.b[i : i+n])
}

// phoneShape reports whether ten digits are grouped as telephone numbers are,
// other than by pairs.
func (n *number) phoneShape(tail int) bool {
	for _, s := range [...][]uint8{
		{4, 2, 2, 2}, {4, 3, 3}, {4, 6}, {1, 3, 2, 2, 2}, {1, 3, 3, 3}, {1, 1, 2, 2, 2, 2}, {1, 9}, {2, 3, 3, 2}, {2, 2, 3, 3}, {2, 4, 4}, {2, 2, 2, 4}, {2, 8},
	} {
		if len(s) == tail && n.shaped(s) {
			mobile := n.digit[1] == '6' || n.digit[1] == '7'
			return s[0] != 2 || mobile && !n.dated(tail)
		}
	}
	return false
}

// dated reports whether a group reads as a year.
func (n *number) dated(tail int) bool {
	for g := range tail {
		a := int(n.first[g])
		if n.size(g) == 4 && (n.value(a, a+2) == 19 || n.value(a, a+2) == 20) {
			return true
		}
		if n.size(g) == 8 {
			if y := n.value(a, a+4); y >= 1900 && y < 2100 || n.value(a+4, a+8) >= 1900 && n.value(a+4, a+8) < 2100 {
				return true
			}
		}
	}
	return false
}

// withoutPlus returns the end of a number that begins with 33 in the place of
// "+33", if its groups or words say so.
func (v *view) withoutPlus(n *number, i int) int {
	end := n.endOf(11)
	if end == 0 || n.value(0, 2) != 33 || n.digit[2] == '0' {
		return 0
	}
	if n.shaped([]uint8{2, 1, 2, 2, 2, 2}) && !v.pairBefore(i) {
		return end
	}
	if v.announces(i) || v.has(i-6, "wa.me/") || v.has(i-6, "phone=") {
		return end
	}
	return 0
}

// announced returns the end of a number that only words make a telephone
// number: a zero is missing, or it is a short number of the overseas
// territories or of another country.
func (v *view) announced(n *number, i int) int {
	if v.has(i-6, "wa.me/") || v.has(i-6, "phone=") {
		return n.endOf(n.len)
	}
	tail := n.groups
	if n.listed('/', tail) || n.listed(',', tail) || n.dated(tail) || n.thousands() || v.at(i-1) == ',' {
		return 0
	}
	long := n.len >= 8 && n.len <= 13
	short := n.len == 6 && n.shaped([]uint8{2, 2, 2})
	if !long && !short || !v.announces(i) {
		return 0
	}
	return n.endOf(n.len)
}

// attached reports whether the number at i is the end of an identifier, such
// as "siret_0123456789" or "REF-0123456789".
func (v *view) attached(i int) bool {
	switch c := v.at(i - 1); {
	case c == '_':
		return true
	case c == '(' || c == '+':
		return false
	case isLetter(c):
		return !v.announces(i) && !v.gluedWord(i)
	case c == '-' || c == '/' || c == '.' || c == ',' || c == '#':
		return isDigit(v.at(i-2)) || c != '/' && isLetter(v.at(i-2)) && !v.announces(i)
	}
	return false
}

// gluedWord reports whether a word of prose, in small letters, is glued to the
// number at i, as where markup was removed.
func (v *view) gluedWord(i int) bool {
	n := 0
	for isLetter(v.at(i-n-1)) && !v.capital(i-n-1) && n < 3 {
		n++
	}
	return n == 3
}

// announces reports whether words just before i announce a telephone number.
func (v *view) announces(i int) bool {
	j := i
	for range 6 { // words
		for v.isFiller(j - 1) {
			if j--; i-j > 40 {
				return false
			}
		}
		if v.at(j-1) == phoneSign {
			return true
		}
		end := j
		for isLetter(v.at(j-1)) && i-j <= 40 {
			j--
		}
		if phoneWords[string(v.b[j:end])] {
			return true
		}
		if !fillerWords[string(v.b[j:end])] {
			return false
		}
	}
	return false
}

// isFiller reports whether b[i] may stand between "tél" and the number.
func (v *view) isFiller(i int) bool {
	switch v.at(i) {
	case ' ', '.', ':', ';', '(', ')', '*', '/', '-', '\'', '=', '>', otherSign:
		return true
	}
	return false
}

// phoneWords announce a telephone number.
var phoneWords = set("tel tels tele telephone telephones telephonique telephoner telephonez tph telecopie telecopieur fax gsm portable port " +
	"mobile mob whatsapp sms appel appels appeler appelez joindre joignable standard phone callto")

// fillerWords may stand between such a word and the number.
var fillerWords = set("n no nos num numero numeros au le du de la des l direct directe fixe pro professionnel perso personnel secretariat bureau " +
	"accueil nous moi me ou et fr france mme m")

// placeWords introduce a list of départements.
var placeWords = set("departement departements dept depts dep dpt dpts")

// bookWords introduce an ISBN.
var bookWords = set("isbn")

// monthWords follow a list of days.
var monthWords = set("janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre")
