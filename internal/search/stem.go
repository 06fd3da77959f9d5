package search

import "strings"

// endings are what Stem replaces, longest first among those that could both apply. A
// trade, who does it and its verb come together: boulanger, boulangère, boulangerie;
// plombier, plomberie; coiffeur, coiffeuse; conducteur, conductrice.
var endings = []struct{ from, to string }{
	{"trice", "teur"}, {"teuse", "teur"}, {"euse", "eur"},
	{"ienne", "ien"}, {"onne", "on"}, {"enne", "en"},
	{"iere", "er"}, {"erie", "er"}, {"ere", "er"}, {"ier", "er"},
	{"elle", "el"}, {"ive", "if"}, {"eaux", "eau"}, {"aux", "al"}, {"ale", "al"},
	{"ee", "e"},
}

// shortest is the length below which a word is its own stem.
const shortest = 4

// Stem returns what a folded word has in common with its plural and its feminine. Words
// with a digit are left as they are.
func Stem(word string) string {
	if len(word) < shortest || strings.ContainsAny(word, "0123456789") {
		return word
	}
	switch {
	case strings.HasSuffix(word, "aux"):
	case strings.HasSuffix(word, "ss"):
	case strings.HasSuffix(word, "s"), strings.HasSuffix(word, "x"):
		word = word[:len(word)-1]
	}
	for _, e := range endings {
		if root, ok := strings.CutSuffix(word, e.from); ok && len(root) >= 2 {
			word = root + e.to
			break
		}
	}
	if len(word) > shortest && strings.HasSuffix(word, "e") {
		word = word[:len(word)-1]
	}
	return word
}
