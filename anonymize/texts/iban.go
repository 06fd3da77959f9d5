package texts

import "strings"

// An IBAN is read from its country and key: as many letters and digits as the
// country has, grouped or not, whose remainder by 97 is 1 (ISO 13616).

// ibanLength gives the length of an IBAN by country (SWIFT IBAN registry).
var ibanLength = func() map[string]int {
	const registry = "ad24 ae23 al28 at20 az28 ba20 be16 bg22 bh22 br29 by28 ch21 cr22 cy28 cz24 de22 dk18 do28 ee20 eg29 es24 fi18 fo18 " +
		"fr27 gb22 ge22 gi23 gl18 gr27 gt28 hr21 hu28 ie22 il23 iq23 is26 it27 jo30 kw30 kz20 lb28 lc32 li21 lt20 lu20 lv21 ly25 " +
		"ma28 mc27 md24 me22 mk19 mr27 mt31 mu30 nl18 no15 pk24 pl28 ps29 pt25 qa29 ro24 rs22 sa24 sc31 sd18 se24 si19 sk24 sm27 " +
		"sn28 ci28 bf28 bj28 ml28 ne28 tg28 cm27 ga27 cg27 cf27 td27 gq27 mg27 km27 dj27 dz26 st25 sv28 tl23 tn24 tr26 ua29 va22 vg24 xk20"
	m := map[string]int{}
	for f := range strings.FieldsSeq(registry) {
		m[f[:2]] = int(f[2]-'0')*10 + int(f[3]-'0')
	}
	return m
}()

func (v *view) findIBANs() {
	for i := 0; i+4 < len(v.b); i++ {
		if !isDigit(v.b[i+2]) || !isDigit(v.b[i+3]) || !isASCIILetter(v.b[i]) || !isASCIILetter(v.b[i+1]) {
			continue
		}
		glued := isWord(v.at(i - 1))
		if glued && !v.has(i-4, "iban") || v.inURL(i) {
			continue
		}
		if end := v.iban(i); end > 0 {
			v.take(i, end, IBAN)
			i = end - 1
		}
	}
}

func isASCIILetter(c byte) bool { return c >= 'a' && c <= 'z' }

// iban returns the end of the IBAN that begins at i, or 0.
func (v *view) iban(i int) int {
	length := ibanLength[string(v.b[i:i+2])]
	var code [34]byte
	n, digits, at := 0, 0, i
	for n < length {
		if n > 0 {
			at = v.ibanGap(at)
		}
		c := v.at(at)
		if !isDigit(c) && !isASCIILetter(c) {
			return 0
		}
		if isDigit(c) {
			digits++
		}
		code[n] = c
		n, at = n+1, at+1
	}
	if length == 0 || digits < 10 {
		return 0
	}
	if mod97(code[:n]) == 1 || v.introduced(i, 24, ibanWords) && !isWord(v.at(at)) {
		return at
	}
	return 0
}

// ibanGap skips what separates groups of an IBAN at i.
func (v *view) ibanGap(i int) int {
	i = v.blanks(i, 2)
	if c := v.at(i); (c == '-' || c == '.') && isWord(v.at(i+1)) {
		i++
	}
	return i
}

var ibanWords = set("iban rib")

// mod97 returns the remainder by 97 of an IBAN whose first four characters
// come last and whose letters count from 10.
func mod97(code []byte) int {
	m := 0
	for i := range code {
		c := code[(i+4)%len(code)]
		if isDigit(c) {
			m = (m*10 + int(c-'0')) % 97
		} else {
			m = (m*100 + int(c-'a') + 10) % 97
		}
	}
	return m
}
