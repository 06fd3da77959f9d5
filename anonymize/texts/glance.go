package texts

// Classes of bytes that a first glance at a text tells apart.
const (
	plain   = iota
	digit   // 0 to 9
	sure    // '@', and lead bytes of scripts whose digits or signs fold to ASCII
	letterA // may begin "at" or "arobase"
	opening // may begin "(a)" or "[chez]"
	coded   // may begin "#64;" or "%40"
)

var glanceClass = func() (t [256]uint8) {
	for c := '0'; c <= '9'; c++ {
		t[c] = digit
	}
	t['@'], t['a'], t['A'] = sure, letterA, letterA
	t['('], t['['], t['{'] = opening, opening, opening
	t['#'], t['%'], t['&'] = coded, coded, coded
	for c := 0xC4; c <= 0xF4; c++ {
		t[c] = sure
	}
	// Two-byte Latin letters (C4, C5), accents (CC), punctuation (E2) hold no digit.
	t[0xC4], t[0xC5], t[0xCC], t[0xCD], t[0xE2] = plain, plain, plain, plain, plain
	return t
}()

// fewestDigits is the length of the shortest number that is ever removed.
const fewestDigits = 6

// mayHold reports, fast and erring on the side of yes, whether a text can hold
// anything to remove.
func mayHold(s string) bool {
	digits := 0
	for i := range len(s) {
		switch glanceClass[s[i]] {
		case plain:
		case digit:
			if digits++; digits >= fewestDigits {
				return true
			}
		case sure:
			return true
		case letterA:
			if atWordBegins(s, i) {
				return true
			}
		case opening:
			if opensAt(s[i+1:]) {
				return true
			}
		case coded:
			if i+2 < len(s) && (s[i+1] == '4' || s[i+1] == '6' || s[i+1] == 'c') {
				return true
			}
		}
	}
	return false
}

// opensAt reports whether s begins like the inside of "(a)", "(à)", "(chez)".
func opensAt(s string) bool {
	if len(s) < 3 {
		return false
	}
	switch s[0] {
	case 'a', 'A':
		return !isLetter(s[1] | 0x20)
	case 'c', 'C':
		return s[1]|0x20 == 'h'
	case 0xC3:
		return !isLetter(s[2] | 0x20)
	}
	return false
}

// atWordBegins reports whether s[i:], which begins with "a", begins with
// the word "at" or with "arob", at the beginning of a word.
func atWordBegins(s string, i int) bool {
	if i+1 >= len(s) || (i > 0 && isLetter(s[i-1]|0x20)) {
		return false
	}
	switch s[i+1] | 0x20 {
	case 't':
		return i+2 < len(s) && !isLetter(s[i+2]|0x20)
	case 'r':
		return i+3 < len(s) && s[i+2]|0x20 == 'o' && s[i+3]|0x20 == 'b'
	}
	return false
}
