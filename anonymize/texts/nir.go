package texts

// A NIR is sex, year, month, département, commune, order and a key of two
// digits: 97 less the remainder by 97 (décret n° 82-103, article 4). It is
// read in any grouping that begins and ends with a group.

// nirShape is how a NIR is grouped on a card.
var nirShape = [...]uint8{1, 2, 2, 2, 3, 3, 2}

var nirWords = set("nir nia nss ss secu securite sociale vitale insee immatriculation")

// nirAt returns the end of the NIR that begins with the group at i, or 0.
func (v *view) nirAt(i int) int {
	if c := v.b[i]; c < '1' || c > '8' || c == '5' || c == '6' {
		return 0
	}
	var n number
	v.readNIR(&n, i)
	if n.len < 13 {
		return 0
	}
	introduced := v.introduced(i, 48, nirWords)
	// Grouped as on the card, it is a NIR whatever its key: one digit mistyped
	// still points to the person.
	if end := n.endOf(15); end > 0 && (introduced || plausibleNIR(&n) && (nirKey(&n) == n.value(13, 15) || n.shaped(nirShape[:]) && n.sep[6] == n.sep[1])) {
		return v.closing(end)
	}
	end := n.endOf(13)
	switch {
	case end == 0 || isWord(v.at(end)):
		return 0
	case introduced && (n.len == 13 || plausibleNIR(&n)):
		return end
	case !plausibleNIR(&n) || v.keyFollows(&n, end):
		return 0
	case n.groups == 1 || n.solid(13):
		return v.solidNIR(&n, end)
	case n.shaped(nirShape[:6]):
		return end
	}
	return 0
}

// solidNIR accepts thirteen digits in a row without a key: definitive, born in
// a real month, and no article number (GTIN-13, 13-digit ISBN).
func (v *view) solidNIR(n *number, end int) int {
	if month := n.value(3, 5); n.digit[0] > '2' || month > 12 || validGTIN(n.digit[:13]) {
		return 0
	}
	return end
}

// closing takes in the bracket that closes after a key in brackets.
func (v *view) closing(end int) int {
	if v.at(end) == ')' && v.at(end-3) == '(' {
		return end + 1
	}
	return end
}

// keyFollows reports whether two digits stand after thirteen, separated like
// the groups before, so that they are the key, which is wrong. A telephone
// number may follow instead.
func (v *view) keyFollows(n *number, end int) bool {
	if n.endOf(15) == 0 || n.sep[n.groups-1] != n.sep[1] && n.groups > 2 {
		return false
	}
	next, _ := v.gap(end)
	return v.phoneAt(next).end == 0
}

// readNIR reads at most fifteen digits from i; "2a" and "2b" may stand for a
// département, and the word "clé" before the key.
func (v *view) readNIR(n *number, i int) {
	for n.len < 15 {
		c := v.at(i)
		corsica := n.len == 6 && (c == 'a' || c == 'b') && n.digit[5] == '2' && n.pos[5] == i-1
		if isDigit(c) || corsica {
			n.push(c, i)
			i++
			continue
		}
		next, sep := v.gap(i)
		if n.len == 13 && !isDigit(v.at(next)) {
			next = v.beforeKey(i)
		}
		if next == i || !isDigit(v.at(next)) {
			break
		}
		n.split(sep, next-i)
		i = next
	}
	n.ends = !isDigit(v.at(i))
}

// beforeKey skips "(", "clé", "|" and the like between a NIR and its key.
func (v *view) beforeKey(i int) int {
	at := v.blanks(i, 2)
	if c := v.at(at); c == '(' || c == '/' || c == '|' || c == '-' || c == ',' || c == '[' {
		at = v.blanks(at+1, 1)
	}
	if v.has(at, "cle") {
		at = v.blanks(at+3, 1)
		if v.at(at) == ':' {
			at = v.blanks(at+1, 1)
		}
	}
	if !isDigit(v.at(at)) || !isDigit(v.at(at+1)) {
		return i
	}
	return at
}

// plausibleNIR reports whether sex, month, département, commune and order exist.
func plausibleNIR(n *number) bool {
	month := n.value(3, 5)
	known := month >= 1 && month <= 12 || month >= 20 && month <= 42 || month >= 50
	return known && n.value(5, 7) != 0 && n.value(7, 10) != 0 && n.value(10, 13) != 0
}

// nirKey returns the key of the first thirteen digits.
func nirKey(n *number) int {
	m := 0
	for _, c := range n.digit[:13] {
		switch c {
		case 'a':
			c = '9' // 2A counts as 19
		case 'b':
			c = '8' // 2B as 18
		}
		m = (m*10 + int(c-'0')) % 97
	}
	if n.digit[6] == 'a' || n.digit[6] == 'b' {
		m = ((m-10_000_000)%97 + 97) % 97
	}
	return 97 - m
}

// validGTIN reports whether thirteen digits end with the check digit of GS1.
func validGTIN(d []byte) bool {
	sum := 0
	for i, c := range d {
		weight := 1 + i%2*2
		sum += int(c-'0') * weight
	}
	return sum%10 == 0
}
