// Package letters knows the letters with accents of the Latin alphabet, and what they are
// without them.
package letters

// Plain returns a letter in lower case as it is written without accents; false if it has
// none.
func Plain(r rune) (string, bool) {
	s, ok := unaccented[r]
	return s, ok
}

// plain is, by letter without accent, the letters that fold to it, in lower case.
var plain = map[string]string{
	"a": "àáâãäåāăąǎǟǡǻȁȃȧạảấầẩẫậắằẳẵặ", "ae": "æǽǣ", "b": "ḃḅ", "c": "çćĉċč", "d": "ďđḋḍð", "e": "èéêëēĕėęěȅȇẹẻẽếềểễệ",
	"f": "ḟƒ", "g": "ĝğġģǧǵ", "h": "ĥħḣḥ", "i": "ìíîïĩīĭįıǐȉȋỉị", "j": "ĵǰ", "k": "ķǩḳ", "l": "ĺļľŀłḷ", "m": "ṁṃ", "n": "ñńņňŋǹṅṇ",
	"o": "òóôõöøōŏőơǒǫǿȍȏọỏốồổỗộớờởỡợ", "oe": "œ", "p": "ṕṗ", "r": "ŕŗřȑȓṙṛ", "s": "śŝşšșṡṣſ", "ss": "ß", "t": "ţťŧțṫṭ", "th": "þ",
	"u": "ùúûüũūŭůűųưǔǖǘǚǜȕȗụủứừửữự", "v": "ṽ", "w": "ŵẁẃẅ", "x": "ẋẍ", "y": "ýÿŷỳỵỷỹ", "z": "źżžẑẓ", "fi": "ﬁ", "fl": "ﬂ",
}

// unaccented is plain the other way round.
var unaccented = func() map[rune]string {
	m := map[rune]string{}
	for base, letters := range plain {
		for _, r := range letters {
			m[r] = base
		}
	}
	return m
}()
